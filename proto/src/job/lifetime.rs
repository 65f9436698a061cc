//! What a preset that forecasts what customers will be worth asks for.

use serde::{Deserialize, Serialize};

/// How a customer's orders to come, and their value, are forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lifetime {
    /// The model of orders.
    pub model: OrderModel,
    /// The unit of time of its constants, and the pace of discounting.
    pub step: Step,
    /// Days from `as_of` on that the forecast is of.
    pub horizon_days: u32,
    /// Days before `as_of` that are held out, to hold forecasts of them against what came to pass.
    pub holdout_days: u32,
    /// The share of an order's value that is earned.
    pub margin: f64,
    /// By how much money is worth less a year later.
    pub discount_rate: f64,
    /// About so many customers are fitted on; none: all of them.
    pub sample: Option<u64>,
}

/// A model of when customers order and when they are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderModel {
    /// A customer may leave after each repeat order, so that one who never came back is certainly there.
    BgNbd,
    /// A customer may leave after each order, the first one among them.
    MbgNbd,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A twelfth of 365.25 days.
    Month,
}

impl OrderModel {
    /// Gives its name in jobs and models.
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "bg_nbd",
            Self::MbgNbd => "mbg_nbd",
        }
    }
}

impl Step {
    /// Gives its days.
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.4375,
        }
    }
}

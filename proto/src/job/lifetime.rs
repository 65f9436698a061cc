//! What a preset that forecasts what customers will be worth asks for.

use crate::model::{OrderModel, Step};
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

//! What is known of a population's orders to come, in `model.json`: the constants of the models that forecast them.

use serde::{Deserialize, Serialize};

/// What was found for a preset that forecasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownLifetime {
    /// The suffix of the preset, which tells several of them apart.
    pub suffix: String,
    /// The model of orders.
    pub model: OrderModel,
    /// The unit of time of its constants.
    pub step: Step,
    /// What was fitted.
    #[serde(flatten)]
    pub fit: LifetimeFit,
    /// What such forecasts were worth.
    pub calibration: Calibration,
}

/// What models that were fitted on what came before a hold-out window forecast of it, beside what came to pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Days of the window, up to `as_of`.
    pub holdout_days: u32,
    /// What was fitted.
    #[serde(flatten)]
    pub fit: LifetimeFit,
    /// The rows of `calibration.parquet`.
    pub rows: Vec<CalibrationRow>,
}

/// A forecast of some customers, and what came to pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationRow {
    /// The feature of such forecasts.
    pub feature: String,
    /// The tenth of customers, from those of the smallest forecasts on; none: all.
    pub decile: Option<i32>,
    /// Customers of whom there is a forecast.
    pub n: u64,
    /// Customers, in any decile, who had ordered and of whom there is none.
    pub left_out: u64,
    /// The mean forecast.
    pub predicted: Option<f64>,
    /// The mean of what came to pass.
    pub actual: Option<f64>,
    /// The mean distance between the two of a customer.
    pub mae: Option<f64>,
    /// The share of these customers in the distances of all.
    pub error_share: Option<f64>,
    /// Why figures are null.
    pub reason: Option<String>,
}

/// Both models, fitted on the same customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LifetimeFit {
    /// Customers with an order.
    pub customers: u64,
    /// When they order, and when they are gone.
    pub orders: FittedModel,
    /// What an order is worth.
    pub order_value: FittedModel,
}

/// A model that was fitted by maximum likelihood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FittedModel {
    /// Customers that it was fitted on.
    pub customers: u64,
    /// Its constants, in the order of the model's formula; none where they cannot be known.
    pub constants: Vec<FittedConstant>,
    /// The logarithm of the likelihood of those customers.
    pub log_likelihood: Option<f64>,
    /// Times that all customers were looked at.
    pub rounds: u32,
    /// Why there are no constants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is odd about them, each a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// A constant of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedConstant {
    /// Its name in the model's formula.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its standard error, by the observed information; none where that cannot be inverted.
    pub standard_error: Option<f64>,
}

impl FittedModel {
    /// Gives the values of its constants, if they are known and so many.
    pub fn values<const N: usize>(&self) -> Option<[f64; N]> {
        let values: Vec<f64> = self.constants.iter().map(|constant| constant.value).collect();
        values.try_into().ok()
    }
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

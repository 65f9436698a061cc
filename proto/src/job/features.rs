//! What is computed of customers.

use super::Lifetime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is computed a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// Families that the product brings.
    pub presets: Vec<Preset>,
    /// The user's own.
    pub custom: Vec<CustomFeature>,
    /// Queries of the user's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sql: Vec<SqlFeatures>,
    /// Expressions over other features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<DerivedFeature>,
    /// Numbers of the population.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
}

/// One number of the population, for derived features, conditions of segmentations and queries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Names of the sources whose rows it is made of, all of one kind; of customers sources each customer is one row.
    pub sources: Vec<String>,
    /// SQL: an aggregate over the sources' standard and carried names.
    pub expression: String,
}

/// A feature that is an expression over other features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DerivedFeature {
    /// Its name.
    pub name: String,
    /// SQL over features and columns of the customers sources; functions of the population may stand in it.
    pub expression: String,
}

/// A query of the user's own: a row a customer, whose columns are features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SqlFeatures {
    /// Its name, for messages.
    pub name: String,
    /// SQL over the tables of the run.
    pub query: String,
    /// Values of columns for customers of whom the query has no row; null where none stands here.
    pub defaults: BTreeMap<String, DefaultValue>,
}

/// A value that stands where there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DefaultValue {
    /// True or false.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A text, or a date as such.
    Text(String),
}

/// A feature family that the product brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Its name in the registry: `rfm`.
    pub name: String,
    /// Calendar days before `as_of`; none: all history.
    pub window_days: Option<u32>,
    /// Appended to every feature's name.
    pub suffix: String,
    /// Names of sources of the kinds that it looks at, in the order of the job; all of them unless said.
    pub sources: Vec<String>,
    /// How it forecasts; none of families that do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
}

/// A feature of the user's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomFeature {
    /// Its name.
    pub name: String,
    /// Names of transactions sources, in the order of the job; all of them unless said.
    pub sources: Vec<String>,
    /// Calendar days before `as_of`; none: all history.
    pub window_days: Option<u32>,
    /// SQL aggregate over the sources' standard and carried names.
    pub expression: String,
    /// Value where the window has no rows; none: null.
    pub default: Option<f64>,
}

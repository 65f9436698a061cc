//! What the methods that group customers by their place among others have in common.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The space that clusters lie in: whose rows, which columns and their way to the grid; and what the clusters are called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterSpace {
    /// SQL over features that says who is in scope; the rest get `out_of_scope`.
    pub filter: Option<String>,
    /// Features and columns of the customers source.
    pub features: Vec<String>,
    /// Transform of each feature, in the order of `features`; of no meaning for a category.
    pub transforms: Vec<Transform>,
    /// Weight of each feature in the distance, in the order of `features`: 0.01 to 100; none of a method that knows no distance: its
    /// matrix has numbers only, without indicators of what was imputed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
    /// Scaling of all features.
    pub scale: Scale,
    /// Share cut at each end; 0 is none.
    pub winsorise: f64,
    /// Starts of which the best is taken.
    pub restarts: u32,
    /// `segment_name` by key.
    pub names: BTreeMap<String, String>,
}

/// The number of clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterCount {
    /// This many.
    Fixed(u32),
    /// The best in a range, whose smallest segment has at least this share.
    Range {
        /// Smallest.
        min: u32,
        /// Largest.
        max: u32,
        /// Share of the scope that the smallest segment must have.
        min_share: f64,
    },
}

/// A transform before scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// By the data: log1p, asinh or none.
    Auto,
    /// As it is.
    None,
    /// ln(1 + x).
    Log,
    /// asinh(x).
    Asinh,
}

/// Scaling after the transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// By the data: z-score, or median and IQR.
    Auto,
    /// (x − mean) / standard deviation.
    Zscore,
    /// (x − median) / IQR.
    Robust,
    /// As it is.
    None,
}

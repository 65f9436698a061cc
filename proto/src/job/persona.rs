//! What is told of some segments as of one kind of customer.

use serde::{Deserialize, Serialize};

/// Segments that are told of as of one kind of customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Keys of its segments.
    pub segments: Vec<String>,
    /// What it is called; none: as its segments are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What else is to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

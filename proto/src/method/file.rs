//! `model.json`: the models of all segmentations of a run.

use super::SegmentationModel;
use crate::model::Population;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Key of customers that no rule holds for.
pub const OTHER: &str = "other";
/// Key of customers that a segmentation's `where` leaves out.
pub const OUT_OF_SCOPE: &str = "out_of_scope";
/// Key of customers without a purchase.
pub const NO_PURCHASES: &str = "no_purchases";

/// `model.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFile {
    /// 1.
    pub format_version: u32,
    /// Another version may assign otherwise.
    pub algorithm_version: u32,
    /// What derived features know of the population.
    #[serde(default, skip_serializing_if = "Population::is_empty")]
    pub population: Population,
    /// Of segmentations of earlier runs that had clusters and have none in this one: the number of the next cluster that none along the chain of
    /// runs had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub next_keys: BTreeMap<String, u32>,
    /// One a segmentation, in the order of the job; rules may use those above them.
    pub segmentations: Vec<SegmentationModel>,
}

/// What was found so far: all that turns a shard's features into its customers' segments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FittedModels {
    /// What derived features know of the population.
    pub population: Population,
    /// One a segmentation, in the order of the job.
    pub segmentations: Vec<SegmentationModel>,
}

/// A segment: what is joined on, and what people are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentName {
    /// `segment_key`.
    pub key: String,
    /// `segment_name`.
    pub name: String,
}

impl SegmentName {
    /// Gives a segment with its name for people.
    pub fn new(key: &str, name: &str) -> Self {
        Self { key: key.to_owned(), name: name.to_owned() }
    }

    /// Gives a segment that is called by its key.
    pub fn reserved(key: &str) -> Self {
        Self::new(key, key)
    }
}

/// Gives the key of customers outside the scope of clusters, which a filter limits or not.
pub fn rest_key(filtered: bool) -> &'static str {
    if filtered { OUT_OF_SCOPE } else { NO_PURCHASES }
}

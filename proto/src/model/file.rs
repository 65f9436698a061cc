//! `model.json`: the models of all segmentations of a run.

use super::{KmeansModel, RfmGroup, RfmModel, RulesModel};
use serde::{Deserialize, Serialize};

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
    /// One a segmentation, in the order of the job; rules may use those above them.
    pub segmentations: Vec<SegmentationModel>,
}

/// The model of one segmentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum SegmentationModel {
    /// Scores.
    Rfm(RfmModel),
    /// Clusters.
    Kmeans(KmeansModel),
    /// Rules.
    Rules(RulesModel),
}

/// A segment: what is joined on, and what people are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentName {
    /// `segment_key`.
    pub key: String,
    /// `segment_name`.
    pub name: String,
}

impl SegmentationModel {
    /// Gives the name of the segmentation.
    pub fn segmentation(&self) -> &str {
        match self {
            Self::Rfm(model) => &model.segmentation,
            Self::Kmeans(model) => &model.segmentation,
            Self::Rules(model) => &model.segmentation,
        }
    }

    /// Gives all segments, empty ones too, ordered by key: a segment's position is its id.
    pub fn segments(&self) -> Vec<SegmentName> {
        let reserved = |key: &str| SegmentName { key: key.to_owned(), name: key.to_owned() };
        let mut segments: Vec<SegmentName> = match self {
            Self::Rfm(_) => RfmGroup::ALL.iter().map(|group| reserved(group.key())).collect(),
            Self::Kmeans(model) => {
                let rest = if model.filter.is_some() { OUT_OF_SCOPE } else { NO_PURCHASES };
                let clusters = model.clusters.iter();
                let named =
                    clusters.map(|cluster| SegmentName { key: cluster.key.clone(), name: cluster.name.clone() });
                named.chain([reserved(rest)]).collect()
            }
            Self::Rules(model) => {
                let rules = model.rules.iter();
                let named = rules.map(|rule| SegmentName { key: rule.key.clone(), name: rule.name.clone() });
                named.chain([reserved(OTHER)]).collect()
            }
        };
        segments.sort();
        segments
    }
}

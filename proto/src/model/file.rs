//! `model.json`: the models of all segmentations of a run.

use super::{BisectingModel, FeatureModel, KmeansModel, MixtureModel, Population, RfmGroup, RfmModel, RulesModel};
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
    /// What derived features know of the population.
    #[serde(default, skip_serializing_if = "Population::is_empty")]
    pub population: Population,
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

/// The model of one segmentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum SegmentationModel {
    /// Scores.
    Rfm(RfmModel),
    /// Clusters.
    Kmeans(KmeansModel),
    /// Nested clusters.
    Bisecting(BisectingModel),
    /// Gaussians that overlap.
    Mixture(MixtureModel),
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

/// Gives the key of customers outside the scope of clusters, which a filter limits or not.
pub fn rest_key(filtered: bool) -> &'static str {
    if filtered { OUT_OF_SCOPE } else { NO_PURCHASES }
}

impl SegmentationModel {
    /// Gives the name of the segmentation.
    pub fn segmentation(&self) -> &str {
        match self {
            Self::Rfm(model) => &model.segmentation,
            Self::Kmeans(model) => &model.segmentation,
            Self::Bisecting(model) => &model.segmentation,
            Self::Mixture(model) => &model.segmentation,
            Self::Rules(model) => &model.segmentation,
        }
    }

    /// Gives all segments, empty ones too, ordered by key: a segment's position is its id.
    pub fn segments(&self) -> Vec<SegmentName> {
        let named = |key: &str, name: &str| SegmentName { key: key.to_owned(), name: name.to_owned() };
        let reserved = |key: &str| named(key, key);
        let mut segments: Vec<SegmentName> = match self {
            Self::Rfm(_) => RfmGroup::ALL.iter().map(|group| reserved(group.key())).collect(),
            Self::Kmeans(model) => {
                let named = model.clusters.iter().map(|cluster| named(&cluster.key, &cluster.name));
                named.chain([reserved(rest_key(model.filter.is_some()))]).collect()
            }
            Self::Bisecting(model) => {
                let named = model.leaves.iter().map(|leaf| named(&leaf.key, &leaf.name));
                named.chain([reserved(rest_key(model.filter.is_some()))]).collect()
            }
            Self::Mixture(model) => {
                let named = model.components.iter().map(|component| named(&component.key, &component.name));
                named.chain([reserved(rest_key(model.filter.is_some()))]).collect()
            }
            Self::Rules(model) => {
                let named = model.rules.iter().map(|rule| named(&rule.key, &rule.name));
                named.chain([reserved(OTHER)]).collect()
            }
        };
        segments.sort();
        segments
    }

    /// Gives the name of the method.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Rfm(_) => "rfm",
            Self::Kmeans(_) => "kmeans",
            Self::Bisecting(_) => "bisecting",
            Self::Mixture(_) => "mixture",
            Self::Rules(_) => "rules",
        }
    }

    /// Gives the SQL that says who is in the scope of clusters; none where nothing does.
    pub fn filter(&self) -> Option<&str> {
        match self {
            Self::Rfm(_) | Self::Rules(_) => None,
            Self::Kmeans(model) => model.filter.as_deref(),
            Self::Bisecting(model) => model.filter.as_deref(),
            Self::Mixture(model) => model.filter.as_deref(),
        }
    }

    /// Gives the features of clusters, and how many customers were in scope when they were fitted; none off clusters.
    pub fn fitted(&self) -> Option<(&[FeatureModel], u64)> {
        match self {
            Self::Rfm(_) | Self::Rules(_) => None,
            Self::Kmeans(model) => {
                Some((&model.features, model.clusters.iter().map(|cluster| cluster.customers).sum()))
            }
            Self::Mixture(model) => {
                Some((&model.features, model.components.iter().map(|component| component.customers).sum()))
            }
            Self::Bisecting(model) => Some((&model.features, model.leaves.iter().map(|leaf| leaf.customers).sum())),
        }
    }
}

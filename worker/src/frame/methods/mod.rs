//! What the model of each method says of a shard's customers. A new method is a file here and a line in [`assigner`].

mod bisecting;
mod clusters;
mod kmeans;
mod mixture;
mod rfm;
mod rules;
mod tiers;

use super::Labels;
use crate::spec::RunSpec;
use arrow::array::RecordBatch;
use segmenter_proto::{
    Result,
    methods::{SegmentName, SegmentationModel},
};

/// A shard's customers, as far as the segmentations above have come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Customers<'a> {
    /// The run.
    pub(super) spec: &'a RunSpec,
    /// The id, features, and what the segmentations above added.
    pub(super) table: &'a RecordBatch,
    /// Position of the segmentation in the job.
    pub(super) at: usize,
}

/// Divides customers by a model.
pub(super) trait Assign {
    /// Gives the segment of each customer, a position in `segments`: those of the model, ordered by key.
    ///
    /// # Errors
    /// When a condition fails on a value: Data; else Bug.
    fn assign(&self, customers: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels>;
}

/// Gives what divides customers by a model.
pub(super) fn assigner(model: &SegmentationModel) -> &dyn Assign {
    match model {
        SegmentationModel::Rfm(model) => model,
        SegmentationModel::Kmeans(model) => model,
        SegmentationModel::Bisecting(model) => model,
        SegmentationModel::Mixture(model) => model,
        SegmentationModel::Rules(model) => model,
        SegmentationModel::Tiers(model) => model,
    }
}

//! The leaf of each customer in the scope of nested clusters.

use super::{
    Assign, Customers,
    clusters::{InScope, labels, matrix_in_scope},
};
use crate::{frame::Labels, results::Membership, segmentation::bisecting::assign_leaves};
use segmenter_proto::{
    Result,
    methods::{BisectingModel, SegmentName, rest_key},
};

impl Assign for BisectingModel {
    /// Gives the leaf of each customer in scope.
    fn assign(&self, customers: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let InScope { inside, matrix, noted } = matrix_in_scope(customers, &self.features)?;
        let keys: Vec<&str> = self.leaves.iter().map(|leaf| leaf.key.as_str()).collect();
        let assigned = assign_leaves(self, &matrix)?.into_iter().map(|found| {
            let leaf = found.cluster as usize;
            let membership = Membership {
                distance: Some(found.distance),
                margin: Some(found.margin),
                outlier_score: self.leaves[leaf].outlier_score(found.distance),
                ..Membership::default()
            };
            (leaf, membership)
        });
        Ok(Labels { noted, ..labels(segments, &keys, rest_key(self.filter.is_some()), inside, assigned) })
    }
}

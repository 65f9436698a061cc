//! The nearest centroid of each customer in the scope of clusters.

use super::{
    Assign, Customers,
    clusters::{InScope, labels, matrix_in_scope},
};
use crate::{frame::Labels, results::Membership, segmentation::kmeans::assign_rows};
use segmenter_proto::{
    Result,
    methods::{KmeansModel, SegmentName, rest_key},
};

impl Assign for KmeansModel {
    /// Gives the nearest cluster of each customer in scope.
    fn assign(&self, customers: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let InScope { inside, matrix, noted } = matrix_in_scope(customers, &self.features)?;
        let keys: Vec<&str> = self.clusters.iter().map(|cluster| cluster.key.as_str()).collect();
        let assigned = assign_rows(self, &matrix)?.into_iter().map(|found| {
            let membership = Membership {
                distance: Some(found.distance),
                margin: Some(found.margin),
                outlier_score: self.outlier_score(found.cluster as usize, found.distance),
                ..Membership::default()
            };
            (found.cluster as usize, membership)
        });
        Ok(Labels { noted, ..labels(segments, &keys, rest_key(self.filter.is_some()), inside, assigned) })
    }
}

//! The most probable component of each customer in the scope of a mixture.

use super::{
    Assign, Customers,
    clusters::{InScope, labels, matrix_in_scope},
};
use crate::{frame::Labels, results::Membership, segmentation::mixture::assign_components};
use segmenter_proto::{
    Result,
    methods::{MixtureModel, SegmentName, rest_key},
};

impl Assign for MixtureModel {
    /// Gives the most probable component of each customer in scope.
    fn assign(&self, customers: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let InScope { inside, matrix, noted } = matrix_in_scope(customers, &self.features)?;
        let keys: Vec<&str> = self.components.iter().map(|component| component.key.as_str()).collect();
        let position = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
        let positions: Vec<u32> = keys.iter().map(|key| position(key)).collect();
        let assigned = assign_components(self, &matrix)?.into_iter().map(|found| {
            let membership = Membership {
                distance: Some(found.distance),
                margin: Some(found.margin()),
                outlier_score: Some(found.outlier_score),
                probability: Some(found.probability),
                second: found.second.map(|(second, probability)| (positions[second], probability)),
            };
            (found.component, membership)
        });
        let assigned: Vec<(usize, Membership)> = assigned.collect();
        Ok(Labels { noted, ..labels(segments, &keys, rest_key(self.filter.is_some()), inside, assigned) })
    }
}

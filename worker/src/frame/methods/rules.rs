//! Boolean rules: the first that holds decides.

use super::{Assign, Customers};
use crate::frame::{Labels, predicate::predicate};
use arrow::array::Array;
use segmenter_proto::{
    Result,
    methods::{OTHER, RulesModel, SegmentName},
};

impl Assign for RulesModel {
    /// Gives each customer the first rule that is true; null is false, nobody's are `other`.
    fn assign(&self, Customers { spec, table, .. }: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let id_of = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
        let mut of: Vec<Option<u32>> = vec![None; table.num_rows()];
        for rule in &self.rules {
            let id = id_of(&rule.key);
            let what = format!("segmentation {}: rule {}", self.segmentation, rule.key);
            let holds = predicate(spec, table, &rule.when, &what)?;
            for (row, segment) in of.iter_mut().enumerate().filter(|(_, segment)| segment.is_none()) {
                if holds.is_valid(row) && holds.value(row) {
                    *segment = Some(id);
                }
            }
        }
        let other = id_of(OTHER);
        Ok(Labels::plain(segments, of.into_iter().map(|segment| segment.unwrap_or(other)).collect()))
    }
}

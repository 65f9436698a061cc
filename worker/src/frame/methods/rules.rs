//! Boolean rules: the first that holds decides, or all count.

use super::{Assign, Customers};
use crate::frame::{Labels, predicate::predicate};
use arrow::{
    array::{Array, BooleanArray},
    buffer::BooleanBuffer,
};
use segmenter_proto::{
    Result,
    methods::{Model, OTHER, RulesModel, SegmentName},
};

impl Assign for RulesModel {
    /// Gives each customer the first rule that is true; null is false, nobody's are `other`. Where all rules count, it says of each segment
    /// who is in it as well.
    fn assign(&self, Customers { spec, table, .. }: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let id_of = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default();
        let customers = table.num_rows();
        let mut of: Vec<Option<u32>> = vec![None; customers];
        let mut holds = vec![0; segments.len()];
        let mut members = self.overlapping().then(|| vec![BooleanBuffer::new_unset(customers); segments.len()]);
        let mut found = |id: usize, who: BooleanBuffer| {
            holds[id] = who.count_set_bits() as u64;
            if let Some(members) = &mut members {
                members[id] = who;
            }
        };
        for rule in &self.rules {
            let id = id_of(&rule.key);
            let what = format!("segmentation {}: rule {}", self.segmentation, rule.key);
            let who = who_is_true(&predicate(spec, table, &rule.when, &what)?);
            for row in who.set_indices() {
                of[row].get_or_insert(id as u32);
            }
            found(id, who);
        }
        let other = id_of(OTHER);
        found(other, of.iter().map(Option::is_none).collect());
        let of = of.into_iter().map(|segment| segment.unwrap_or(other as u32)).collect();
        Ok(Labels { holds, members, ..Labels::plain(segments, of) })
    }
}

/// Gives whom a condition is true of, not null.
fn who_is_true(truths: &BooleanArray) -> BooleanBuffer {
    match truths.nulls() {
        None => truths.values().clone(),
        Some(valid) => truths.values() & valid.inner(),
    }
}

//! The tier of each customer who has a value.

use super::{Assign, Customers};
use crate::{
    frame::{Labels, in_scope, numbers},
    notes::{Note, Noted},
};
use arrow::array::Array;
use segmenter_proto::{
    Result,
    methods::{OUT_OF_SCOPE, SegmentName, TiersModel, VALUE},
};

impl Assign for TiersModel {
    /// Gives the first tier that holds; who has no value, or is out of scope, is in none.
    fn assign(&self, Customers { spec, table, at }: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let id_of = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
        let tiers: Vec<u32> = self.tiers.iter().map(|tier| id_of(&tier.key)).collect();
        let inside = in_scope(spec, table, at)?;
        let (values, failed) = numbers(spec, table, &self.by, &format!("segmentation {}: {VALUE}", self.segmentation))?;
        let tier = |(row, inside): (usize, &bool)| match *inside && values.is_valid(row) {
            true => tiers[self.tier_of(values.value(row))],
            false => id_of(OUT_OF_SCOPE),
        };
        let of = inside.iter().enumerate().map(tier).collect();
        let checked = inside.iter().filter(|inside| **inside).count() as u64;
        let failed = failed.into_iter().filter(|row| inside[*row]).count() as u64;
        // A row that fails is null as well.
        let null = (0..values.len()).filter(|row| inside[*row] && values.is_null(*row)).count() as u64 - failed;
        let noted = [(Note::ValueNull, null), (Note::ValueFailed, failed)].map(|(note, count)| Noted {
            note,
            column: None,
            count,
            checked,
            first: None,
        });
        Ok(Labels { noted: noted.into(), ..Labels::plain(segments, of) })
    }
}

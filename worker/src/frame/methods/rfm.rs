//! Scores of recency, frequency and monetary, and the groups made of them.

use super::{Assign, Customers};
use crate::{
    frame::{Labels, column},
    segmentation::transform::feature_values,
};
use arrow::array::{ArrayRef, Int8Array};
use segmenter_proto::{
    Result,
    methods::{RfmGroup, RfmModel, SegmentName},
};
use std::sync::Arc;

impl Assign for RfmModel {
    /// Gives the groups, and the r, f and m scores, null without a purchase.
    fn assign(&self, Customers { table, .. }: Customers<'_>, segments: Vec<SegmentName>) -> Result<Labels> {
        let values = |feature: &str| feature_values(feature, column(table, feature)?);
        let recency = values(&self.recency.feature)?;
        let frequency = values(&self.frequency.feature)?;
        let monetary = values(&self.monetary.feature)?;
        let id_of = RfmGroup::ALL
            .map(|group| segments.iter().position(|segment| segment.key == group.key()).unwrap_or_default() as u32);
        let mut scores: [Vec<Option<i8>>; 3] = Default::default();
        let mut of = Vec::with_capacity(table.num_rows());
        for ((recency, frequency), monetary) in recency.iter().zip(&frequency).zip(&monetary) {
            let (scored, group) = match (recency, frequency, monetary) {
                (Some(recency), Some(frequency), Some(monetary)) if frequency > 0.0 => {
                    let (r, f, m) = self.scores(recency, frequency, monetary);
                    ([r, f, m].map(|score| i8::try_from(score).ok()), self.group(r, f))
                }
                _ => ([None; 3], RfmGroup::NoPurchases),
            };
            for (scores, score) in scores.iter_mut().zip(scored) {
                scores.push(score);
            }
            of.push(id_of[RfmGroup::ALL.iter().position(|known| *known == group).unwrap_or_default()]);
        }
        let scores = scores.map(|scores| Arc::new(Int8Array::from(scores)) as ArrayRef);
        Ok(Labels { scores: scores.to_vec(), ..Labels::plain(segments, of) })
    }
}

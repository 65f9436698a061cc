//! How many customers are in each segment, and in both of two that overlap.

use segmenter_proto::{
    methods::{FittedModels, OTHER, SegmentationModel},
    v1::{AssignDone, SegmentCounts},
};
use segmenter_worker::results::{OverlapRow, SegmentRow};

/// Gives the customers in each segment: who is assigned to it, or where segments overlap, everybody who is in it.
pub fn sizes<'a>(model: &SegmentationModel, counts: &'a SegmentCounts) -> &'a [u64] {
    match model.model().overlapping() {
        true => &counts.holds,
        false => &counts.customers,
    }
}

/// Gives the rows of `segments.parquet`.
pub fn segment_rows(models: &FittedModels, assigned: &AssignDone) -> Vec<SegmentRow> {
    let mut rows = Vec::new();
    for (model, counts) in models.segmentations.iter().zip(&assigned.segmentations) {
        // Everybody is assigned once.
        let all: u64 = counts.customers.iter().sum();
        for ((segment_id, segment), &customers) in (0..).zip(model.segments()).zip(sizes(model, counts)) {
            let (parent, path) = model.model().nesting(&segment.key);
            rows.push(SegmentRow {
                segmentation: model.segmentation().to_owned(),
                segment_id,
                segment_key: segment.key,
                segment_name: segment.name,
                customers: customers as i64,
                share: if all == 0 { 0.0 } else { customers as f64 / all as f64 },
                parent,
                path,
            });
        }
    }
    rows
}

/// Gives the rows of `overlaps.parquet`: every pair of rules where all count, those without a customer in both too.
pub fn overlaps(models: &FittedModels, assigned: &AssignDone) -> Vec<OverlapRow> {
    let mut rows = Vec::new();
    for (model, counts) in models.segmentations.iter().zip(&assigned.segmentations) {
        let segments = model.segments();
        let sized: Vec<(&str, u64)> =
            segments.iter().map(|segment| segment.key.as_str()).zip(counts.holds.iter().copied()).collect();
        let pairs =
            sized.iter().enumerate().flat_map(|(at, one)| sized.iter().skip(at + 1).map(move |other| (one, other)));
        for ((one, other), &both) in
            pairs.zip(&counts.both).filter(|((one, other), _)| one.0 != OTHER && other.0 != OTHER)
        {
            let share = |of: u64| (of > 0).then(|| both as f64 / of as f64);
            rows.push(OverlapRow {
                segmentation: model.segmentation().to_owned(),
                segment_key: one.0.to_owned(),
                other_segment_key: other.0.to_owned(),
                customers: both as i64,
                share: share(one.1),
                other_share: share(other.1),
                jaccard: share(one.1 + other.1 - both),
            });
        }
    }
    rows
}

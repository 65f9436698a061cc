//! Rows to record batches.

use super::{
    rows::{
        CalibratedRow, EffectivenessRow, Membership, OUTLIER_SCORE, OverlapRow, ProfileRow, QualityRow, QuarantineRow,
        SegmentRow, SelectionRow,
    },
    schemas,
};
use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
        StringArray,
    },
    datatypes::{Date32Type, SchemaRef},
};
use chrono::NaiveDate;
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// How a segment is written beside its customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedSegment {
    /// Position within the segmentation.
    pub segment_id: i32,
    /// The stable key.
    pub segment_key: String,
    /// What a person reads.
    pub segment_name: String,
}

/// Gives rows of `assignments/<segmentation>/`.
///
/// `labels` has, a customer, a position in `segments`; `memberships` one a customer, none where the method tells nothing.
/// All have the length of `customer_ids` (utf8, no nulls), whose column is named `id`.
///
/// # Errors
/// A bug where lengths differ or a label is not in `segments`.
pub fn assignments_batch(
    id: &str,
    customer_ids: ArrayRef,
    labels: &[u32],
    segments: &[AssignedSegment],
    memberships: Option<&[Membership]>,
) -> Result<RecordBatch> {
    let named = |label: u32| {
        segments
            .get(label as usize)
            .ok_or_else(|| Error::bug(format!("label {label} of {} segments in an assignment", segments.len())))
    };
    let assigned = labels.iter().map(|label| named(*label)).collect::<Result<Vec<_>>>()?;
    let none;
    let memberships = match memberships {
        Some(memberships) => memberships,
        None => {
            none = vec![Membership::default(); labels.len()];
            &none
        }
    };
    let second = |of: &Membership| of.second.map(|(label, _)| named(label).map(|segment| &segment.segment_key));
    let second = memberships.iter().map(|of| second(of).transpose()).collect::<Result<Vec<_>>>()?;
    let float = |value: fn(&Membership) -> Option<f32>| -> ArrayRef {
        Arc::new(memberships.iter().map(value).collect::<Float32Array>())
    };
    let is_outlier: BooleanArray =
        memberships.iter().map(|of| of.outlier_score.map(|score| score > OUTLIER_SCORE)).collect();
    batch(
        schemas::assignments_schema(id),
        vec![
            customer_ids,
            Arc::new(Int32Array::from_iter_values(assigned.iter().map(|segment| segment.segment_id))),
            text(assigned.iter().map(|segment| &segment.segment_key)),
            text(assigned.iter().map(|segment| &segment.segment_name)),
            float(|of| of.distance),
            float(|of| of.margin),
            float(|of| of.outlier_score),
            Arc::new(is_outlier),
            float(|of| of.probability),
            maybe_text(second.into_iter()),
            float(|of| of.second.map(|(_, probability)| probability)),
        ],
    )
}

/// Gives rows of `membership/<segmentation>/`: `labels` has, a row, a position in `segments`, and as many values as `customer_ids`
/// (utf8, no nulls).
///
/// # Errors
/// A bug where lengths differ or a label is not in `segments`.
pub fn membership_batch(
    id: &str,
    customer_ids: ArrayRef,
    labels: &[u32],
    segments: &[AssignedSegment],
) -> Result<RecordBatch> {
    let named = |label: &u32| {
        segments
            .get(*label as usize)
            .ok_or_else(|| Error::bug(format!("label {label} of {} segments in a membership", segments.len())))
    };
    let segments = labels.iter().map(named).collect::<Result<Vec<_>>>()?;
    batch(
        schemas::membership_schema(id),
        vec![
            customer_ids,
            Arc::new(Int32Array::from_iter_values(segments.iter().map(|segment| segment.segment_id))),
            text(segments.iter().map(|segment| &segment.segment_key)),
            text(segments.iter().map(|segment| &segment.segment_name)),
        ],
    )
}

/// Gives the rows of `overlaps.parquet`, in the order given.
pub fn overlaps_batch(rows: &[OverlapRow]) -> Result<RecordBatch> {
    batch(
        schemas::overlaps_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.segment_key)),
            text(rows.iter().map(|row| &row.other_segment_key)),
            whole(rows.iter().map(|row| row.customers)),
            number(rows.iter().map(|row| row.share)),
            number(rows.iter().map(|row| row.other_share)),
            number(rows.iter().map(|row| row.jaccard)),
        ],
    )
}

/// Gives the rows of `segments.parquet`, in the order given.
pub fn segments_batch(rows: &[SegmentRow]) -> Result<RecordBatch> {
    batch(
        schemas::segments_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.segment_id))),
            text(rows.iter().map(|row| &row.segment_key)),
            text(rows.iter().map(|row| &row.segment_name)),
            whole(rows.iter().map(|row| row.customers)),
            number(rows.iter().map(|row| Some(row.share))),
            maybe_text(rows.iter().map(|row| row.parent.as_ref())),
            maybe_text(rows.iter().map(|row| row.path.as_ref())),
        ],
    )
}

/// Gives the rows of `profiles.parquet`, in the order given.
pub fn profiles_batch(rows: &[ProfileRow]) -> Result<RecordBatch> {
    batch(
        schemas::profiles_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.segment_key)),
            text(rows.iter().map(|row| &row.feature)),
            maybe_text(rows.iter().map(|row| row.level.as_ref())),
            whole(rows.iter().map(|row| row.n)),
            whole(rows.iter().map(|row| row.nulls)),
            number(rows.iter().map(|row| row.mean)),
            number(rows.iter().map(|row| row.std)),
            number(rows.iter().map(|row| row.p25)),
            number(rows.iter().map(|row| row.p50)),
            number(rows.iter().map(|row| row.p75)),
            number(rows.iter().map(|row| row.population_mean)),
            number(rows.iter().map(|row| row.z_score)),
            number(rows.iter().map(|row| row.eta_squared)),
        ],
    )
}

/// Gives the rows of `effectiveness.parquet`, in the order given.
pub fn effectiveness_batch(rows: &[EffectivenessRow]) -> Result<RecordBatch> {
    batch(
        schemas::effectiveness_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.segment_key)),
            text(rows.iter().map(|row| &row.metric)),
            text(rows.iter().map(|row| &row.basis)),
            date(rows.iter().map(|row| row.window_start)),
            date(rows.iter().map(|row| Some(row.window_end))),
            text(rows.iter().map(|row| &row.unit)),
            maybe_text(rows.iter().map(|row| row.currency.as_ref())),
            number(rows.iter().map(|row| row.value)),
            whole(rows.iter().map(|row| row.n)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            number(rows.iter().map(|row| row.rest_value)),
            number(rows.iter().map(|row| row.population_value)),
            number(rows.iter().map(|row| row.index)),
            number(rows.iter().map(|row| row.lift)),
            number(rows.iter().map(|row| row.p_value)),
            number(rows.iter().map(|row| row.q_value)),
            maybe_whole(rows.iter().map(|row| row.tests)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}

/// Gives the rows of `selection.parquet`, in the order given.
pub fn selection_batch(rows: &[SelectionRow]) -> Result<RecordBatch> {
    batch(
        schemas::selection_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.k))),
            text(rows.iter().map(|row| &row.metric)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            number(rows.iter().map(|row| row.value)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            whole(rows.iter().map(|row| row.n)),
            text(rows.iter().map(|row| &row.scope)),
            Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(row.chosen)))),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}

/// Gives the rows of `calibration.parquet`, in the order given.
pub fn calibration_batch(rows: &[CalibratedRow]) -> Result<RecordBatch> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    batch(
        schemas::calibration_schema(),
        vec![
            text(rows.iter().map(|row| &row.found.feature)),
            Arc::new(rows.iter().map(|row| row.found.decile).collect::<Int32Array>()),
            date(rows.iter().map(|row| Some(row.window_start))),
            date(rows.iter().map(|row| Some(row.window_end))),
            text(rows.iter().map(|row| &row.unit)),
            maybe_text(rows.iter().map(|row| row.currency.as_ref())),
            whole(rows.iter().map(|row| count(row.found.n))),
            whole(rows.iter().map(|row| count(row.found.left_out))),
            number(rows.iter().map(|row| row.found.predicted)),
            number(rows.iter().map(|row| row.found.actual)),
            number(rows.iter().map(|row| row.found.mae)),
            number(rows.iter().map(|row| row.found.error_share)),
            maybe_text(rows.iter().map(|row| row.found.reason.as_ref())),
        ],
    )
}

/// Gives the rows of `quality.parquet`, in the order given.
pub fn quality_batch(rows: &[QualityRow]) -> Result<RecordBatch> {
    batch(
        schemas::quality_schema(),
        vec![
            text(rows.iter().map(|row| &row.source)),
            text(rows.iter().map(|row| &row.check_name)),
            maybe_text(rows.iter().map(|row| row.column_name.as_ref())),
            whole(rows.iter().map(|row| row.rows_checked)),
            whole(rows.iter().map(|row| row.rows_failed)),
            number(rows.iter().map(|row| row.failed_share)),
            text(rows.iter().map(|row| row.action.as_str())),
            number(rows.iter().map(|row| row.value)),
            number(rows.iter().map(|row| row.limit)),
        ],
    )
}

/// Gives the rows of `quarantine/`, in the order given.
pub fn quarantine_batch(rows: &[QuarantineRow]) -> Result<RecordBatch> {
    batch(
        schemas::quarantine_schema(),
        vec![
            text(rows.iter().map(|row| &row.source)),
            text(rows.iter().map(|row| &row.file)),
            whole(rows.iter().map(|row| row.row_number)),
            maybe_text(rows.iter().map(|row| row.column_name.as_ref())),
            text(rows.iter().map(|row| &row.reason_code)),
            text(rows.iter().map(|row| &row.reason)),
            maybe_text(rows.iter().map(|row| row.raw.as_ref())),
        ],
    )
}

pub(super) fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(schema, columns)
        .map_err(|cause| Error::bug("rows of an output table do not fit its schema").caused_by(cause))
}

pub(super) fn text<T: AsRef<str>>(values: impl Iterator<Item = T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

pub(super) fn maybe_text<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

pub(super) fn whole(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

pub(super) fn maybe_whole(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

pub(super) fn number(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

pub(super) fn maybe_truth(values: impl Iterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.collect::<BooleanArray>())
}

pub(super) fn date(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    Arc::new(values.map(|value| value.map(Date32Type::from_naive_date)).collect::<Date32Array>())
}

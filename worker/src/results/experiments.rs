//! `experiments.parquet`: arms beside the control, over everybody and by segment.

use super::{
    batches::{batch, date, maybe_text, maybe_whole, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use chrono::NaiveDate;
use segmenter_proto::Result;

/// One row of `experiments.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExperimentRow {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the segmentation; none: everybody.
    pub segmentation: Option<String>,
    /// Key of the segment; none: everybody.
    pub segment_key: Option<String>,
    /// Name of the metric.
    pub metric: String,
    /// The arm.
    pub arm: String,
    /// The arm that it is compared with.
    pub control: String,
    /// `outcome`.
    pub basis: String,
    /// First day of the experiment.
    pub window_start: NaiveDate,
    /// The day before which it ends.
    pub window_end: NaiveDate,
    /// As in `effectiveness.parquet`.
    pub unit: String,
    /// ISO 4217 code, where the unit holds money.
    pub currency: Option<String>,
    /// `effect`, `difference` or `difference among buyers`.
    pub word: String,
    /// Customers who were assigned to the arm.
    pub assigned: i64,
    /// Those of whom the metric says something.
    pub n: i64,
    /// The arm's value.
    pub value: Option<f64>,
    /// Customers who were assigned to the control.
    pub control_assigned: i64,
    /// Those of whom the metric says something.
    pub control_n: i64,
    /// The control's value.
    pub control_value: Option<f64>,
    /// `value` − `control_value`.
    pub difference: Option<f64>,
    /// Lower end of its interval.
    pub ci_low: Option<f64>,
    /// Upper end of it.
    pub ci_high: Option<f64>,
    /// Level of all intervals.
    pub ci_level: Option<f64>,
    /// `value` / `control_value` − 1.
    pub relative: Option<f64>,
    /// Lower end of its interval.
    pub relative_low: Option<f64>,
    /// Upper end of it.
    pub relative_high: Option<f64>,
    /// The difference less what was different before.
    pub adjusted_difference: Option<f64>,
    /// Lower end of its interval.
    pub adjusted_low: Option<f64>,
    /// Upper end of it.
    pub adjusted_high: Option<f64>,
    /// The variance of the adjusted difference over that of the plain one.
    pub variance_ratio: Option<f64>,
    /// The smallest difference that would have been found four times of five.
    pub smallest_difference: Option<f64>,
    /// Two-sided.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg over all p-values of the experiment.
    pub q_value: Option<f64>,
    /// How many p-values these are.
    pub tests: Option<i64>,
    /// Cochran's Q of the segmentation, the same in all its segments.
    pub heterogeneity: Option<f64>,
    /// Its degrees of freedom.
    pub heterogeneity_df: Option<i64>,
    /// Its p-value.
    pub heterogeneity_p: Option<f64>,
    /// Of the sizes of the arms against their shares, the same in all rows.
    pub sample_ratio_p: Option<f64>,
    /// Customers in several arms, who are left out.
    pub in_two_arms: i64,
    /// Customers in an arm that is not planned, who are left out.
    pub in_other_arm: i64,
    /// Customers who were assigned when the experiment was over, who are left out.
    pub too_late: i64,
    /// The row in words.
    pub sentence: String,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `experiments.parquet`: one row an experiment, segment, metric and arm.
pub fn experiments_schema() -> SchemaRef {
    table(vec![
        required("experiment", DataType::Utf8),
        optional("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("metric", DataType::Utf8),
        required("arm", DataType::Utf8),
        required("control", DataType::Utf8),
        required("basis", DataType::Utf8),
        required("window_start", DataType::Date32),
        required("window_end", DataType::Date32),
        required("unit", DataType::Utf8),
        optional("currency", DataType::Utf8),
        required("word", DataType::Utf8),
        required("assigned", DataType::Int64),
        required("n", DataType::Int64),
        optional("value", DataType::Float64),
        required("control_assigned", DataType::Int64),
        required("control_n", DataType::Int64),
        optional("control_value", DataType::Float64),
        optional("difference", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("relative", DataType::Float64),
        optional("relative_low", DataType::Float64),
        optional("relative_high", DataType::Float64),
        optional("adjusted_difference", DataType::Float64),
        optional("adjusted_low", DataType::Float64),
        optional("adjusted_high", DataType::Float64),
        optional("variance_ratio", DataType::Float64),
        optional("smallest_difference", DataType::Float64),
        optional("p_value", DataType::Float64),
        optional("q_value", DataType::Float64),
        optional("tests", DataType::Int64),
        optional("heterogeneity", DataType::Float64),
        optional("heterogeneity_df", DataType::Int64),
        optional("heterogeneity_p", DataType::Float64),
        optional("sample_ratio_p", DataType::Float64),
        required("in_two_arms", DataType::Int64),
        required("in_other_arm", DataType::Int64),
        required("too_late", DataType::Int64),
        required("sentence", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `experiments.parquet`, in the order given.
pub fn experiments_batch(rows: &[ExperimentRow]) -> Result<RecordBatch> {
    batch(
        experiments_schema(),
        vec![
            text(rows.iter().map(|row| &row.experiment)),
            maybe_text(rows.iter().map(|row| row.segmentation.as_ref())),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.metric)),
            text(rows.iter().map(|row| &row.arm)),
            text(rows.iter().map(|row| &row.control)),
            text(rows.iter().map(|row| &row.basis)),
            date(rows.iter().map(|row| Some(row.window_start))),
            date(rows.iter().map(|row| Some(row.window_end))),
            text(rows.iter().map(|row| &row.unit)),
            maybe_text(rows.iter().map(|row| row.currency.as_ref())),
            text(rows.iter().map(|row| &row.word)),
            whole(rows.iter().map(|row| row.assigned)),
            whole(rows.iter().map(|row| row.n)),
            number(rows.iter().map(|row| row.value)),
            whole(rows.iter().map(|row| row.control_assigned)),
            whole(rows.iter().map(|row| row.control_n)),
            number(rows.iter().map(|row| row.control_value)),
            number(rows.iter().map(|row| row.difference)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            number(rows.iter().map(|row| row.relative)),
            number(rows.iter().map(|row| row.relative_low)),
            number(rows.iter().map(|row| row.relative_high)),
            number(rows.iter().map(|row| row.adjusted_difference)),
            number(rows.iter().map(|row| row.adjusted_low)),
            number(rows.iter().map(|row| row.adjusted_high)),
            number(rows.iter().map(|row| row.variance_ratio)),
            number(rows.iter().map(|row| row.smallest_difference)),
            number(rows.iter().map(|row| row.p_value)),
            number(rows.iter().map(|row| row.q_value)),
            maybe_whole(rows.iter().map(|row| row.tests)),
            number(rows.iter().map(|row| row.heterogeneity)),
            maybe_whole(rows.iter().map(|row| row.heterogeneity_df)),
            number(rows.iter().map(|row| row.heterogeneity_p)),
            number(rows.iter().map(|row| row.sample_ratio_p)),
            whole(rows.iter().map(|row| row.in_two_arms)),
            whole(rows.iter().map(|row| row.in_other_arm)),
            whole(rows.iter().map(|row| row.too_late)),
            text(rows.iter().map(|row| &row.sentence)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}

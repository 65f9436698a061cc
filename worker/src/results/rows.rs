//! The rows of the small output tables, as the coordinator makes them and the report reads them.

use chrono::NaiveDate;
use segmenter_proto::models::CalibrationRow;
use serde::{Deserialize, Serialize};

/// One row of `segments.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Position within the segmentation, ordered by key.
    pub segment_id: i32,
    /// The stable key.
    pub segment_key: String,
    /// What a person reads.
    pub segment_name: String,
    /// Customers in it, 0 for an empty one.
    pub customers: i64,
    /// `customers` over all customers of the population; 0 where that is empty.
    pub share: f64,
    /// Path of the group that it was cut from; none where segments are not nested.
    pub parent: Option<String>,
    /// Its place in the nesting, from the group of all downwards: `1.2.1`.
    pub path: Option<String>,
}

/// One row of `overlaps.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverlapRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of a segment.
    pub segment_key: String,
    /// Key of another, which comes later.
    pub other_segment_key: String,
    /// Customers in both.
    pub customers: i64,
    /// `customers` over those of the segment; none where that is empty.
    pub share: Option<f64>,
    /// `customers` over those of the other; none where that is empty.
    pub other_share: Option<f64>,
    /// `customers` over those in one or both; none where both are empty.
    pub jaccard: Option<f64>,
}

/// Where a customer lies among the segments; what a method does not tell is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Membership {
    /// Euclidean distance to the centroid or mean of its segment, in scaled space.
    pub distance: Option<f32>,
    /// How clear the segment is, 0 to 1: (d2 − d1) / d2 with the distance d2 to the second nearest centroid, of nested clusters the
    /// smallest on the way down; of probabilities, the first less the second.
    pub margin: Option<f32>,
    /// Distance over the root mean squared distance of the segment's customers when it was fitted; of a mixture, the Mahalanobis distance
    /// over the root of the number of features.
    pub outlier_score: Option<f32>,
    /// Of its segment, where the method has probabilities.
    pub probability: Option<f32>,
    /// The second most probable segment (by position) and its probability.
    pub second: Option<(u32, f32)>,
}

/// A customer with a larger outlier score is flagged: three times as far from the centroid as is usual in the segment.
pub const OUTLIER_SCORE: f32 = 3.0;

/// One row of `profiles.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment.
    pub segment_key: String,
    /// Name of the feature.
    pub feature: String,
    /// The category's level; none for numbers.
    pub level: Option<String>,
    /// Customers of the segment with a value.
    pub n: i64,
    /// Customers of the segment without one.
    pub nulls: i64,
    /// Mean in original units; of a level: its share.
    pub mean: Option<f64>,
    /// Standard deviation (n − 1); of a level: of its 0/1 indicator.
    pub std: Option<f64>,
    /// First quartile, nearest rank.
    pub p25: Option<f64>,
    /// Median, nearest rank.
    pub p50: Option<f64>,
    /// Third quartile, nearest rank.
    pub p75: Option<f64>,
    /// Mean over all customers of the segmentation.
    pub population_mean: Option<f64>,
    /// (mean − population mean) / population standard deviation.
    pub z_score: Option<f64>,
    /// Share of the feature's variance that the segmentation explains, the same in all its segments.
    pub eta_squared: Option<f64>,
}

/// One row of `effectiveness.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectivenessRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment.
    pub segment_key: String,
    /// Name of the metric in the registry.
    pub metric: String,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// First day of the window; none: all history.
    pub window_start: Option<NaiveDate>,
    /// The day before which the window ends.
    pub window_end: NaiveDate,
    /// `customers`, `orders`, `currency`, `currency_per_customer`, `currency_per_order` or `share`.
    pub unit: String,
    /// ISO 4217 code, where the unit holds money.
    pub currency: Option<String>,
    /// The segment's value.
    pub value: Option<f64>,
    /// What the value is a total of or is divided by: customers, orders, or the customers who could.
    pub n: i64,
    /// Lower end of the interval.
    pub ci_low: Option<f64>,
    /// Upper end of the interval.
    pub ci_high: Option<f64>,
    /// Level of the interval.
    pub ci_level: Option<f64>,
    /// The value over all other customers in scope.
    pub rest_value: Option<f64>,
    /// The value over all customers in scope.
    pub population_value: Option<f64>,
    /// `value` / `population_value`.
    pub index: Option<f64>,
    /// `value` / `rest_value`.
    pub lift: Option<f64>,
    /// Two-sided, segment against the rest.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg over all p-values of the segmentation and basis.
    pub q_value: Option<f64>,
    /// How many p-values these are.
    pub tests: Option<i64>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// One row of `calibration.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibratedRow {
    /// First day of the hold-out window.
    pub window_start: NaiveDate,
    /// The day before which it ends: `as_of`.
    pub window_end: NaiveDate,
    /// `orders_per_customer` or `currency_per_customer`.
    pub unit: String,
    /// ISO 4217 code, where the unit holds money.
    pub currency: Option<String>,
    /// What was forecast, and what came to pass.
    pub found: CalibrationRow,
}

/// One row of `selection.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// The number of clusters.
    pub k: i32,
    /// Name of the metric.
    pub metric: String,
    /// Of one cluster: its key in the model, where `k` was chosen, else its number from 1 as text; none: of all clusters.
    pub segment_key: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// Lower end of the interval at 95 %.
    pub ci_low: Option<f64>,
    /// Upper end of the interval at 95 %.
    pub ci_high: Option<f64>,
    /// Customers that it was measured on.
    pub n: i64,
    /// `sample`, or `all` customers in scope.
    pub scope: String,
    /// Whether the segments are of this number.
    pub chosen: bool,
    /// Why the value is null.
    pub reason: Option<String>,
}

/// What a check did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityAction {
    /// Nothing: within its limits, or without any.
    Ok,
    /// The run went on and said so.
    Warn,
    /// The run stopped.
    Stop,
}

impl QualityAction {
    /// Gives the word of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Stop => "stop",
        }
    }
}

/// One row of `quality.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QualityRow {
    /// Name of the source; of the segmentation, for imputed features.
    pub source: String,
    /// Name of the check.
    pub check_name: String,
    /// The column or feature, where the check has one.
    pub column_name: Option<String>,
    /// Rows looked at.
    pub rows_checked: i64,
    /// Rows that failed.
    pub rows_failed: i64,
    /// `rows_failed` / `rows_checked`; none without rows, and for checks that are no shares.
    pub failed_share: Option<f64>,
    /// What the check did.
    pub action: QualityAction,
    /// What limits are compared with.
    pub value: Option<f64>,
    /// The limit that decided; none without one. Where there are several and none was missed, the first.
    pub limit: Option<f64>,
}

/// One row of `quarantine/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineRow {
    /// Name of the source.
    pub source: String,
    /// The object it stands in.
    pub file: String,
    /// Position in the file, 1-based, without a header.
    pub row_number: i64,
    /// The column at fault.
    pub column_name: Option<String>,
    /// A word for programs.
    pub reason_code: String,
    /// A sentence for people.
    pub reason: String,
    /// The row as it stood, only with `quarantine = "full"`.
    pub raw: Option<String>,
}

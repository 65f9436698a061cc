//! Rows to evaluate expressions on.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::util::display::array_value_to_string;
use chrono::NaiveDate;

use crate::{
    expression::{ExpressionError, Scalar, Settings},
    sql::tests::of_rows::{self, Grouped},
};

pub(super) fn warsaw() -> Settings {
    Settings::new("Europe/Warsaw").unwrap().with_as_of(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap())
}

pub(super) fn micros(text: &str) -> i64 {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_micros()
}

/// Four rows: everything set, other values, everything null, and awkward values.
pub(super) fn orders() -> RecordBatch {
    let times = [Some("2011-03-26 23:30"), Some("2011-03-27 00:30"), None, Some("2010-12-31 23:30")];
    let time = TimestampMicrosecondArray::from(times.map(|time| time.map(micros)).to_vec()).with_timezone("UTC");
    let amounts = Decimal128Array::from(vec![Some(100_500), Some(-2_500), None, Some(1)]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("city", Arc::new(StringArray::from(vec![Some("Warsaw"), Some("kraków"), None, Some("")]))),
        ("quantity", Arc::new(Int32Array::from(vec![Some(3), Some(-7), None, Some(i32::MAX)]))),
        ("big", Arc::new(Int64Array::from(vec![Some(3), Some(i64::MIN), None, Some(i64::MAX)]))),
        ("weight", Arc::new(Float64Array::from(vec![Some(1.5), Some(0.0), None, Some(f64::NAN)]))),
        ("amount", Arc::new(amounts.with_precision_and_scale(18, 4).unwrap())),
        ("paid", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]))),
        ("time", Arc::new(time)),
        ("born", Arc::new(Date32Array::from(vec![Some(0), Some(365), None, Some(-1)]))),
        ("total", Arc::new(StringArray::from(vec![Some("12.50"), Some("x"), None, Some("7")]))),
        ("Total Flights", Arc::new(Int64Array::from(vec![Some(1), Some(2), None, Some(4)]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

pub(super) fn parse(sql: &str) -> Result<Scalar, ExpressionError> {
    Scalar::parse(sql, &orders().schema(), &warsaw())
}

pub(super) fn refusal(sql: &str) -> ExpressionError {
    match parse(sql) {
        Ok(parsed) => panic!("`{sql}` was accepted as {}", parsed.data_type()),
        Err(error) => error,
    }
}

/// Each row's value as text, `null` for null.
pub(super) fn shown(values: &dyn Array) -> Vec<String> {
    let show = |row| if values.is_null(row) { "null".into() } else { array_value_to_string(values, row).unwrap() };
    (0..values.len()).map(show).collect()
}

pub(super) fn evaluated(sql: &str) -> Vec<String> {
    let parsed = parse(sql).unwrap_or_else(|error| panic!("{sql}: {error} ({:?})", error.hint));
    let values = parsed.evaluate(&orders()).unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(values.data_type(), parsed.data_type(), "{sql}");
    shown(&values)
}

/// The value on the first row.
pub(super) fn first(sql: &str) -> String {
    evaluated(sql).swap_remove(0)
}

pub(super) fn grouped(sql: &str, rows: &RecordBatch, groups: &[u32], count: usize) -> Grouped {
    let result = of_rows::grouped(sql, rows, groups, count, None);
    let result = result.unwrap_or_else(|error| panic!("{sql}: {error} ({:?})", error.hint));
    assert_eq!(result.values.len(), count);
    result
}

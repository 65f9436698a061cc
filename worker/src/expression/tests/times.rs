//! Dates and points in time, in the job's timezone.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, TimestampMillisecondArray};
use arrow::datatypes::{DataType, TimeUnit};

use super::tables::{evaluated, first, micros, orders, parse, shown, warsaw};
use crate::expression::{Scalar, Settings};

#[test]
fn days_begin_at_local_midnight() {
    // 23:30 UTC on the 26th is 00:30 on the 27th in Warsaw.
    assert_eq!(evaluated("cast(time as date)"), ["2011-03-27", "2011-03-27", "null", "2011-01-01"]);
    assert_eq!(evaluated("time >= date '2011-03-27'"), ["true", "true", "null", "false"]);
    assert_eq!(evaluated("time >= timestamp '2011-03-27 00:30:00'"), ["true", "true", "null", "false"]);
    assert_eq!(evaluated("time > '2011-03-27 00:30:00'"), ["false", "true", "null", "false"]);
    assert_eq!(evaluated("time = timestamp '2011-03-26 23:30:00Z'"), ["true", "false", "null", "false"]);
    assert_eq!(evaluated("date_part('year', time)"), ["2011", "2011", "null", "2011"]);
    assert_eq!(evaluated("extract(hour from time)"), ["0", "1", "null", "0"]);
    assert_eq!(evaluated("extract(dow from time)"), ["0", "0", "null", "6"]);
}

#[test]
fn truncation_knows_the_change_of_clocks() {
    assert_eq!(
        parse("date_trunc('day', time)").unwrap().data_type(),
        &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
    );
    assert_eq!(
        evaluated("date_trunc('day', time)"),
        ["2011-03-26T23:00:00Z", "2011-03-26T23:00:00Z", "null", "2010-12-31T23:00:00Z"]
    );
    assert_eq!(first("date_trunc('month', time)"), "2011-02-28T23:00:00Z");
    assert_eq!(first("date_trunc('week', time)"), "2011-03-20T23:00:00Z");
    assert_eq!(first("date_trunc('hour', time)"), "2011-03-26T23:00:00Z");
    assert_eq!(first("date_trunc('quarter', born + interval '100 days')"), "1970-04-01");
    assert_eq!(evaluated("date_part('month', time)"), ["3", "3", "null", "1"]);
    // The day has 23 hours.
    assert_eq!(first("date_trunc('day', time) + interval '1 day'"), "2011-03-27T22:00:00Z");
    assert_eq!(first("date_trunc('day', time) + interval '24 hours'"), "2011-03-27T23:00:00Z");
    assert_eq!(first("cast(timestamp '2011-03-27 02:30:00' as text)"), "2011-03-27T03:30:00+02:00");
    assert_eq!(first("timestamp '2011-10-30 02:30:00'"), "2011-10-30T00:30:00Z");
}

#[test]
fn dates_are_counted_in_days() {
    assert_eq!(evaluated("born"), ["1970-01-01", "1971-01-01", "null", "1969-12-31"]);
    assert_eq!(evaluated("date '1970-01-10' - born"), ["9", "-356", "null", "10"]);
    assert_eq!(first("born + interval '1 month'"), "1970-02-01");
    assert_eq!(first("cast(time as date) - born"), "15060");
    assert_eq!(evaluated("born between '1970-01-01' and '1970-12-31'"), ["true", "false", "null", "false"]);
    assert_eq!(first("date_part('day', time - timestamp '2011-03-25 00:30:00')"), "2");
    assert_eq!(evaluated("time > born"), ["true", "true", "null", "true"]);
    assert_eq!(first("coalesce(time, born)"), "2011-03-26T23:30:00Z");
}

#[test]
fn text_becomes_time_in_the_jobs_timezone() {
    assert_eq!(first("cast('2011-07-01 12:00:00' as timestamp)"), "2011-07-01T10:00:00Z");
    assert_eq!(first("cast('2011-07-01T12:00:00+05:00' as timestamp)"), "2011-07-01T07:00:00Z");
    assert_eq!(first("cast('2011-07-01 12:00' as timestamp)"), "2011-07-01T10:00:00Z");
    assert_eq!(first("cast('2011-07-01' as timestamp)"), "2011-06-30T22:00:00Z");
    assert_eq!(first("cast('2011-07-01' as date)"), "2011-07-01");
}

#[test]
fn columns_without_a_zone_are_local() {
    let local = TimestampMillisecondArray::from(vec![micros("2011-07-01 12:00") / 1_000]);
    let rows = RecordBatch::try_from_iter(vec![("t", Arc::new(local) as ArrayRef)]).unwrap();
    let parsed = Scalar::parse("t", &rows.schema(), &warsaw()).unwrap();
    assert_eq!(shown(&parsed.evaluate(&rows).unwrap()), ["2011-07-01T10:00:00Z"]);
    let utc = Scalar::parse("t", &rows.schema(), &Settings::new("UTC").unwrap()).unwrap();
    assert_eq!(shown(&utc.evaluate(&rows).unwrap()), ["2011-07-01T12:00:00Z"]);
    assert_eq!(orders().num_rows(), 4);
}

//! Rows that cannot be evaluated.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use segmenter_proto::Fault;

use super::tables::{orders, parse, shown, warsaw};
use crate::expression::{RowErrorKind, Scalar};

fn with_errors(sql: &str) -> (Vec<String>, Vec<(usize, RowErrorKind, String)>) {
    let (values, errors) = parse(sql).unwrap().evaluate_rows(&orders()).unwrap();
    (shown(&values), errors.into_iter().map(|error| (error.row, error.kind, error.reason)).collect())
}

#[test]
fn a_failing_cast_is_an_error_of_its_row() {
    let (values, errors) = with_errors("cast(total as decimal(18,2)) * 2");
    assert_eq!(values, ["25.00", "null", "null", "14.00"]);
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].0, errors[0].1), (1, RowErrorKind::Value("not_a_decimal")));
    assert_eq!(with_errors("cast(total as int)").1[0].1, RowErrorKind::Conversion);
    assert_eq!(parse("cast(total as int)").unwrap().evaluate(&orders()).unwrap_err().fault, Fault::Data);
    assert_eq!(with_errors("try_cast(total as decimal(18,2))").0, ["12.50", "null", "null", "7.00"]);
    assert!(with_errors("try_cast(total as decimal(18,2))").1.is_empty());
    assert!(with_errors("try_cast(total as timestamp)").1.is_empty());
    assert_eq!(with_errors("cast(total as timestamp)").1.len(), 3);
}

#[test]
fn reasons_hold_no_value_of_the_row() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["Jan O'Neil 48"]));
    let rows = RecordBatch::try_from_iter(vec![("name", texts)]).unwrap();
    for target in ["int", "double", "decimal(9,2)", "date", "timestamp", "boolean"] {
        let cast = Scalar::parse(&format!("cast(name as {target})"), &rows.schema(), &warsaw()).unwrap();
        let (_, errors) = cast.evaluate_rows(&rows).unwrap();
        assert_eq!(errors.len(), 1, "{target}");
        let reason = &errors[0].reason;
        assert!(!reason.contains("Jan") && !reason.contains("Neil") && !reason.contains("48"), "{target}: {reason}");
    }
}

#[test]
fn overflow_is_null_and_counted_never_wrapped() {
    for (sql, expected, bad) in [
        ("big + 1", ["4", "-9223372036854775807", "null", "null"], vec![3]),
        ("big - 1", ["2", "null", "null", "9223372036854775806"], vec![1]),
        ("big * 2", ["6", "null", "null", "null"], vec![1, 3]),
        ("-big", ["-3", "null", "null", "-9223372036854775807"], vec![1]),
        ("abs(big)", ["3", "null", "null", "9223372036854775807"], vec![1]),
        ("exp(quantity)", ["20.085536923187668", "0.0009118819655545162", "null", "null"], vec![3]),
        ("big * 1e300", ["", "", "", ""], vec![]),
    ] {
        if bad.is_empty() {
            assert!(parse(sql).is_err());
            continue;
        }
        let (values, errors) = with_errors(sql);
        assert_eq!(values, expected, "{sql}");
        assert_eq!(errors.iter().map(|error| error.0).collect::<Vec<_>>(), bad, "{sql}");
        assert!(errors.iter().all(|error| error.1 == RowErrorKind::Overflow), "{sql}: {errors:?}");
    }
    let (values, errors) = with_errors("9223372036854775807 + 1");
    assert_eq!((values[0].as_str(), errors.len()), ("null", 4));
    let (values, errors) = with_errors("cast(big as decimal(38,0)) * 99999999999999999999.0");
    assert_eq!(values, ["299999999999999999997.0", "null", "null", "null"]);
    assert_eq!(errors.len(), 2);
}

#[test]
fn a_row_is_judged_alone_whatever_stands_beside_it() {
    let texts = |values: Vec<Option<&str>>| -> RecordBatch {
        let column: ArrayRef = Arc::new(StringArray::from(values));
        RecordBatch::try_from_iter_with_nullable(vec![("x", column, true)]).unwrap()
    };
    let guarded = "case when x like '_' then cast(x as int) else 0 end + 1";
    let rows = texts(vec![Some("1"), Some("long"), Some("?"), None, Some("2"), Some("?")]);
    let parsed = Scalar::parse(guarded, &rows.schema(), &warsaw()).unwrap();
    let (values, errors) = parsed.evaluate_rows(&rows).unwrap();
    assert_eq!(shown(&values), ["2", "1", "null", "1", "3", "null"]);
    assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), [2, 5]);
    for row in 0..rows.num_rows() {
        let (alone, errors_alone) = parsed.evaluate_rows(&rows.slice(row, 1)).unwrap();
        assert_eq!(shown(&alone)[0], shown(&values)[row]);
        assert_eq!(errors_alone.len(), usize::from(errors.iter().any(|error| error.row == row)));
    }
}

#[test]
fn many_bad_rows_are_all_found() {
    let texts: StringArray =
        (0..10_000).map(|i| Some(if i % 3 == 0 { "bad".to_owned() } else { i.to_string() })).collect();
    let rows = RecordBatch::try_from_iter(vec![("x", Arc::new(texts) as ArrayRef)]).unwrap();
    let (values, errors) =
        Scalar::parse("cast(x as int)", &rows.schema(), &warsaw()).unwrap().evaluate_rows(&rows).unwrap();
    assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), (0..10_000).step_by(3).collect::<Vec<_>>());
    assert_eq!((values.null_count(), shown(&values)[4].as_str()), (errors.len(), "4"));
}

#[test]
fn no_rows_are_no_error() {
    let none = orders().slice(0, 0);
    assert_eq!(parse("cast(total as int) + quantity").unwrap().evaluate(&none).unwrap().len(), 0);
}

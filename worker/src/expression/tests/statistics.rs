//! Quantiles, modes, skewness, correlation and entropy: values by hand, and formulas written anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::Float64Type;
use proptest::prelude::*;
use statrs::statistics::Statistics;

use super::tables::{grouped, orders, shown, warsaw};
use crate::expression::{Aggregate, Position};

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn of(sql: &str, rows: &RecordBatch) -> String {
    shown(&grouped(sql, rows, &vec![0; rows.num_rows()], 1).values).swap_remove(0)
}

/// The one number of all rows.
fn number(sql: &str, rows: &RecordBatch) -> Option<f64> {
    let values = grouped(sql, rows, &vec![0; rows.num_rows()], 1).values;
    values.is_valid(0).then(|| values.as_primitive::<Float64Type>().value(0))
}

#[test]
fn a_quantile_lies_between_two_values_in_proportion() {
    let decimals = |values: Vec<i128>, scale: i8| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap())
    };
    let most = 10_i128.pow(38) - 1;
    let rows = table(vec![
        ("i", Arc::new(Int64Array::from(vec![Some(4), Some(1), None, Some(3), Some(2)]))),
        ("f", floats(&[0.0, 8.0, 2.0, 6.0, 4.0])),
        ("d", decimals(vec![30, -20, 10, 40, 0], 2)),
        ("e", decimals(vec![1, 2, -2, 3, 3], 4)),
        ("l", decimals(vec![most, most, most, most - 2, most - 2], 4)),
    ]);
    for (sql, value) in [
        ("quantile(i, 0)", "1.0"),
        ("quantile(i, 0.25)", "1.75"),
        ("quantile(i, 0.9)", "3.7"),
        ("quantile(i, 1)", "4.0"),
        ("quantile(i, 1.000)", "4.0"),
        ("quantile(f, 0.1)", "0.8"),
        ("quantile(f, 0.25)", "2.0"),
        ("quantile(f, 0.5)", "4.0"),
        ("quantile(f, 1e-1)", "0.8"),
        // −0.20, 0.00, 0.10, 0.30, 0.40
        ("quantile(d, 0.75)", "0.3000"),
        ("quantile(d, 0.333)", "0.0332"),
        ("quantile(d, 0.0001)", "-0.1999"),
        // 0.00015 and −0.00005: half away from zero.
        ("quantile(e, 0.375)", "0.0002"),
        ("quantile(e, 0.125)", "-0.0001"),
        // Sums of two such values leave 128 bits, and the value between does not.
        ("quantile(l, 0.4)", "9999999999999999999999999999999999.9998"),
        ("median(l)", "9999999999999999999999999999999999.9999"),
    ] {
        assert_eq!(of(sql, &rows), value, "{sql}");
    }
    assert_eq!(of("quantile(i, 0.9) filter (where i > 7)", &rows), "null");
}

#[test]
fn a_share_is_a_number_from_0_to_1_that_is_written_out() {
    let refused = |sql: &str| Aggregate::parse(sql, &orders().schema(), &warsaw()).unwrap_err();
    for (sql, column) in [
        ("quantile(amount, 1.5)", 18),
        ("quantile(amount, 2)", 18),
        ("quantile(amount, -0.1)", 18),
        ("1 + quantile(amount, quantity)", 22),
        ("quantile(amount, 0.1 + 0.2)", 18),
        ("quantile(amount, 'half')", 18),
        ("quantile(amount, null)", 18),
        ("quantile(amount, 0.1234567890123456789)", 18),
    ] {
        let error = refused(sql);
        assert!(error.message.starts_with("quantile expects a number from 0 to 1 here"), "{sql}: {error}");
        let close = |position: Position| position.line == 1 && position.column.abs_diff(column) <= 1;
        assert!(error.position.is_some_and(close), "{sql}: {:?}", error.position);
        assert!(error.hint.is_some_and(|hint| hint.contains("quantile(amount, 0.9)")));
    }
    for sql in ["quantile(amount)", "quantile(amount, 0.1, 0.2)", "corr(amount)", "corr(*)", "quantile(*)"] {
        assert!(refused(sql).message.ends_with("takes two arguments"), "{sql}");
    }
    for sql in ["mode(amount, city)", "median(amount, 0.5)", "entropy(*)", "count(city, paid)"] {
        assert!(refused(sql).message.ends_with("takes one argument"), "{sql}");
    }
    for sql in ["mode(null)", "entropy(null)"] {
        assert!(refused(sql).message.ends_with("of null is always null"), "{sql}");
    }
    assert!(refused("corr(amount, city)").message.contains("corr expects a number"));
    assert!(refused("mode(distinct city)").message.contains("is not allowed"));
}

#[test]
fn the_most_frequent_value_is_the_smallest_of_several() {
    let rows = table(vec![
        (
            "s",
            Arc::new(StringArray::from(vec![Some("b"), Some("a"), Some("b"), Some("a"), Some("c"), None, None, None])),
        ),
        ("i", Arc::new(Int64Array::from(vec![7, -1, 7, 3, 3, 3, 0, 0]))),
        ("b", Arc::new(BooleanArray::from(vec![true, true, false, true, false, true, false, false]))),
        ("f", floats(&[0.0, -0.0, 2.0, 1.0, 3.0, 4.0, 5.0, 2.5])),
    ]);
    for (sql, value) in [
        ("mode(s)", "a"),
        ("mode(i)", "3"),
        ("mode(b)", "false"),
        ("mode(f)", "0.0"),
        ("mode(s) filter (where i = 7)", "b"),
        ("mode(s) filter (where i = 0)", "null"),
        ("mode(i) filter (where i <> 3)", "0"),
    ] {
        assert_eq!(of(sql, &rows), value, "{sql}");
    }
    assert_eq!(shown(&grouped("mode(time)", &orders(), &[0, 0, 0, 0], 1).values), ["2010-12-31T23:30:00Z"]);
}

#[test]
fn skewness_is_that_of_a_sample() {
    let of = |values: &[f64]| number("skewness(f)", &table(vec![("f", floats(values))]));
    assert_eq!(of(&[1.0, 2.0, 3.0]), Some(0.0));
    for (values, expected) in [
        (vec![1.0, 2.0, 10.0], 1.65231674033299),
        (vec![2.0, 8.0, 0.0, 4.0, 1.0, 9.0, 9.0, 0.0], 0.3305821804079746),
        (vec![1.0, 1.0, 1.0, 5.0], 2.0),
        // Neither the unit nor the place shows.
        (vec![1e200, 2e200, 10e200], 1.65231674033299),
        (vec![1e-200, 2e-200, 10e-200], 1.65231674033299),
        (vec![1e9 + 1.0, 1e9 + 2.0, 1e9 + 10.0], 1.65231674033299),
    ] {
        let found = of(&values).unwrap();
        assert!((found - expected).abs() < 1e-14, "{values:?}: {found}");
    }
    assert_eq!([of(&[1.0, 2.0]), of(&[0.1; 10]), of(&[])], [None; 3]);
    let lost = grouped("skewness(f)", &table(vec![("f", floats(&[1e300, 1.0, 2.0]))]), &[0, 0, 0], 1);
    assert_eq!((lost.values.null_count(), lost.lost), (1, 1));
}

#[test]
fn correlation_is_of_rows_that_have_both() {
    let rows = |x: &[f64], y: &[f64]| table(vec![("x", floats(x)), ("y", floats(y))]);
    let of = |x: &[f64], y: &[f64]| number("corr(x, y)", &rows(x, y));
    assert_eq!(of(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), Some(1.0));
    assert_eq!(of(&[0.1, 0.2, 0.7, 1e-3], &[-0.1, -0.2, -0.7, -1e-3]), Some(-1.0));
    assert_eq!(of(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]), Some(0.5));
    assert_eq!(of(&[1e200, 2e200, 3e200], &[1e-200, 3e-200, 2e-200]).map(|r| (r * 1e12).round()), Some(5e11));
    assert_eq!(of(&[1.0, 2.0, 3.0, f64::NAN], &[1.0, 3.0, 2.0, 9.0]), Some(0.5), "what is no number is null");
    let found = of(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 5.0]).unwrap();
    assert!((found - 0.8315218406202999).abs() < 1e-14, "{found}");
    assert_eq!([of(&[], &[]), of(&[1.0], &[1.0]), of(&[0.1; 10], &[3.0; 10])], [None; 3]);
    assert_eq!(of(&[1.0, 2.0], &[0.3, 0.3]), None);
    assert_eq!(number("corr(x, 2 * x) filter (where y > 1)", &rows(&[1.0, 2.0, 5.0], &[1.0, 2.0, 3.0])), Some(1.0));
    let lost = grouped("corr(x, y)", &rows(&[1e300, 1.0], &[1.0, 2.0]), &[0, 0], 1);
    assert_eq!((lost.values.null_count(), lost.lost), (1, 1));
}

#[test]
fn entropy_is_in_bits() {
    let of = |texts: &[&str]| number("entropy(s)", &table(vec![("s", Arc::new(StringArray::from(texts.to_vec())))]));
    assert_eq!(of(&["a", "a", "b", "b"]), Some(1.0));
    assert_eq!(of(&["a", "b", "c", "d"]), Some(2.0));
    assert_eq!(of(&["a", "a", "a"]), Some(0.0));
    assert_eq!(of(&[]), None);
    assert!((of(&["a", "b", "a", "a"]).unwrap() - 0.8112781244591328).abs() < 1e-15);
}

/// Values that repeat, and some of very different sizes.
fn values() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let value = || prop_oneof![(-5_i32..5).prop_map(f64::from), -1e3_f64..1e3];
    proptest::collection::vec((value(), value()), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn half_of_the_values_lie_below_the_median(rows in values(), far in any::<i64>()) {
        let numbers: Int64Array = rows.iter().map(|row| Some(row.0 as i64)).chain([Some(far)]).collect();
        let decimals: Decimal128Array = numbers.iter().map(|x| x.map(i128::from)).collect();
        let wide: Float64Array = rows.iter().map(|row| Some(row.0 * row.1.exp2())).chain([Some(0.1)]).collect();
        let rows = table(vec![
            ("i", Arc::new(numbers)),
            ("f", Arc::new(wide)),
            ("d", Arc::new(decimals.with_precision_and_scale(38, 5).unwrap())),
        ]);
        for column in ["i", "f", "d"] {
            let [one, other] = [format!("median({column})"), format!("quantile({column}, 0.5)")]
                .map(|sql| grouped(&sql, &rows, &vec![0; rows.num_rows()], 1).values.to_data());
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn formulas_written_anew_give_the_same(rows in values(), share in 0_u32..=100) {
        let (x, y): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        let rows = table(vec![("x", floats(&x)), ("y", floats(&y))]);
        let n = x.len() as f64;
        let close = |found: Option<f64>, expected: f64| match found {
            Some(found) => (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
            None => !expected.is_finite(),
        };

        // R: h = (n − 1) p + 1.
        let mut sorted = x.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (n - 1.0) * f64::from(share) / 100.0;
        let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
        let expected = below + (above - below) * place.fract();
        let found = number(&format!("quantile(x, {})", f64::from(share) / 100.0), &rows);
        prop_assert!(close(found, expected), "{:?} {}", found, expected);

        let expected = x.iter().covariance(y.iter()) / (x.iter().std_dev() * y.iter().std_dev());
        let found = number("corr(x, y)", &rows);
        prop_assert!(close(found, expected), "{:?} {}", found, expected);

        let (mean, deviation) = (x.iter().mean(), x.iter().std_dev());
        let cubes: f64 = x.iter().map(|x| ((x - mean) / deviation).powi(3)).sum();
        let expected = if n < 3.0 { f64::NAN } else { n / ((n - 1.0) * (n - 2.0)) * cubes };
        let found = number("skewness(x)", &rows);
        prop_assert!(close(found, expected), "{:?} {}", found, expected);

        let mut counts = BTreeMap::new();
        x.iter().for_each(|x| *counts.entry((x + 0.0).to_bits()).or_insert(0.0) += 1.0);
        let expected: f64 = -counts.values().map(|count: &f64| count / n * (count / n).log2()).sum::<f64>();
        let found = number("entropy(x)", &rows);
        prop_assert!(close(found, expected), "{:?} {}", found, expected);

        let most = counts.values().copied().fold(0.0, f64::max);
        let expected = sorted.iter().find(|x| counts[&(*x + 0.0).to_bits()] == most).map(|x| x + 0.0);
        prop_assert_eq!(number("mode(x)", &rows), expected);
    }
}

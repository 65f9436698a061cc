//! Aggregates a group: exact, in any order of rows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow::compute::take;
use proptest::prelude::*;

use super::tables::{grouped, orders, shown, warsaw};
use crate::{expression::Aggregate, sql::tests::of_rows};

fn values(sql: &str, rows: &RecordBatch, groups: &[u32], count: usize) -> Vec<String> {
    shown(&grouped(sql, rows, groups, count).values)
}

/// All rows in one group, and a second one without rows.
fn of_all(sql: &str) -> Vec<String> {
    values(sql, &orders(), &[0, 0, 0, 0], 2)
}

fn column(name: &str, values: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(vec![(name, values, true)]).unwrap()
}

fn decimals(values: Vec<Option<i128>>, precision: u8, scale: i8) -> RecordBatch {
    column("x", Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap()))
}

#[test]
fn groups_without_rows_count_nothing_and_are_null() {
    for (sql, full) in [
        ("count(*)", "4"),
        ("count(city)", "3"),
        ("count(distinct paid)", "2"),
        ("count(*) filter (where amount > 0)", "2"),
    ] {
        assert_eq!(of_all(sql), [full, "0"], "{sql}");
    }
    for (sql, full) in [
        ("sum(quantity)", "2147483643"),
        ("sum(amount)", "9.8001"),
        ("sum(weight)", "1.5"),
        ("avg(weight)", "0.75"),
        ("avg(amount)", "3.2667"),
        ("median(amount)", "0.0001"),
        ("median(quantity)", "3.0"),
        ("median(weight)", "0.75"),
        ("min(city)", ""),
        ("max(city)", "kraków"),
        ("min(time)", "2010-12-31T23:30:00Z"),
        ("max(amount)", "10.0500"),
        ("min(paid)", "false"),
        ("bool_and(paid)", "false"),
        ("bool_or(paid)", "true"),
        ("stddev_pop(weight)", "0.75"),
        ("var_samp(weight)", "1.125"),
    ] {
        assert_eq!(of_all(sql), [full, "null"], "{sql}");
    }
}

#[test]
fn expressions_stand_around_aggregates() {
    assert_eq!(of_all("sum(amount) / nullif(count(distinct city), 0)"), ["3.2667", "null"]);
    assert_eq!(of_all("avg(case when city = 'Warsaw' then 1 else 0 end)"), ["0.25", "null"]);
    assert_eq!(of_all("coalesce(sum(quantity), 0) + count(*)"), ["2147483647", "0"]);
    assert_eq!(of_all("cast(max(time) as date) - cast(min(time) as date)"), ["85", "null"]);
    assert_eq!(of_all("case when count(*) > 0 then 'some' else 'none' end"), ["some", "none"]);
    assert_eq!(of_all("sum(amount) filter (where paid and city = 'Warsaw')"), ["10.0500", "null"]);
    let parsed = Aggregate::parse("sum(amount) filter (where paid) - sum(amount)", &orders().schema(), &warsaw());
    assert_eq!(parsed.unwrap().columns(), ["amount", "paid"]);
}

#[test]
fn rows_left_out_belong_to_no_group() {
    let keep = BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]);
    let result = of_rows::grouped("count(*)", &orders(), &[0, 0, 1, 1], 2, Some(&keep)).unwrap();
    assert_eq!(shown(&result.values), ["1", "1"]);
}

#[test]
fn decimals_are_rounded_half_away_from_zero_at_scale_4() {
    let rows = decimals(vec![Some(1), Some(2), Some(-1), Some(-2)], 9, 4);
    assert_eq!(values("avg(x)", &rows, &[0, 0, 1, 1], 2), ["0.0002", "-0.0002"]);
    assert_eq!(values("median(x)", &rows, &[0, 0, 1, 1], 2), ["0.0002", "-0.0002"]);
    let rows = decimals(vec![Some(1), Some(0), Some(0)], 9, 0);
    assert_eq!(values("avg(x)", &rows, &[0, 0, 0], 1), ["0.3333"]);
    let rows = decimals(vec![Some(150), Some(49)], 9, 6);
    assert_eq!(values("avg(x)", &rows, &[0, 1], 2), ["0.0002", "0.0000"]);
}

#[test]
fn what_is_too_large_is_null_and_counted() {
    let rows = column("x", Arc::new(Int64Array::from(vec![i64::MAX, 1, 5])));
    let sums = grouped("coalesce(sum(x), 0)", &rows, &[0, 0, 1], 2);
    assert_eq!((shown(&sums.values), sums.lost), (vec!["null".to_owned(), "5".to_owned()], 1));
    assert_eq!(values("avg(x)", &rows, &[0, 0, 1], 2)[1], "5.0");
    // Within reach again: only the result counts.
    let rows = column("x", Arc::new(Int64Array::from(vec![i64::MAX, 1, -1])));
    assert_eq!(values("sum(x)", &rows, &[0, 0, 0], 1), ["9223372036854775807"]);

    let limit = 10_i128.pow(38) - 1;
    let rows = decimals(vec![Some(limit), Some(limit), Some(limit), Some(-limit), Some(-limit), Some(7)], 38, 0);
    let sums = grouped("sum(x)", &rows, &[0, 0, 1, 1, 2, 2], 3);
    assert_eq!(shown(&sums.values)[1..], ["0".to_owned(), (7 - limit).to_string()]);
    assert_eq!(sums.lost, 1);

    let rows = column("x", Arc::new(Float64Array::from(vec![1e300, 1e300, 1.0])));
    let sums = grouped("sum(x * x)", &rows, &[0, 1, 1], 2);
    assert_eq!((sums.values.null_count(), sums.lost), (2, 2));
}

#[test]
fn a_row_that_cannot_be_computed_loses_its_group() {
    let rows = orders();
    let result = grouped("sum(cast(total as decimal(9,2)))", &rows, &[0, 1, 1, 2], 3);
    assert_eq!((shown(&result.values), result.lost), (["12.50", "null", "7.00"].map(str::to_owned).to_vec(), 1));
    let guarded = grouped("sum(cast(total as decimal(9,2))) filter (where total <> 'x')", &rows, &[0, 1, 1, 2], 3);
    assert_eq!((guarded.lost, shown(&guarded.values)[1].as_str()), (0, "null"));
}

#[test]
fn filters_tell_on_how_many_rows_they_are_null() {
    let counts = |sql: &str, keep: Option<&BooleanArray>| {
        let found = of_rows::grouped(sql, &orders(), &[0, 0, 1, 1], 2, keep).unwrap();
        (found.filtered.null, found.filtered.asked, found.lost)
    };
    assert_eq!(counts("sum(amount) filter (where paid)", None), (1, 4, 0));
    assert_eq!(counts("sum(amount)", None), (0, 0, 0));
    // A row that fails takes its group's value with it, and is not null.
    assert_eq!(counts("count(*) filter (where cast(total as decimal(9,2)) > 8)", None), (1, 4, 1));
    let keep = BooleanArray::from(vec![true, true, false, true]);
    assert_eq!(
        counts("sum(amount) filter (where paid)", Some(&keep)),
        (0, 3, 0),
        "who belongs to no group is not asked"
    );
}

#[test]
fn different_values_are_counted_by_value() {
    let rows = column("x", Arc::new(Float64Array::from(vec![0.0, -0.0, 1.5, 1.5])));
    assert_eq!(values("count(distinct x)", &rows, &[0, 0, 0, 1], 2), ["2", "1"]);
    let rows = column("x", Arc::new(StringArray::from(vec!["a", "b", "a", "a"])));
    assert_eq!(values("count(distinct x)", &rows, &[0, 0, 0, 1], 2), ["2", "1"]);
    let rows = decimals(vec![Some(-1), Some(-1), None, Some(1)], 9, 2);
    assert_eq!(values("count(distinct x)", &rows, &[0, 0, 0, 0], 1), ["2"]);
}

const ALL: [&str; 21] = [
    "count(*)",
    "count(distinct f)",
    "count(distinct s) filter (where f > 0)",
    "sum(f)",
    "avg(f)",
    "median(f)",
    "stddev(f)",
    "min(f)",
    "sum(d)",
    "avg(d)",
    "median(d)",
    "max(s)",
    "quantile(f, 0.9)",
    "quantile(d, 0.123)",
    "mode(f)",
    "mode(s)",
    "skewness(f)",
    "corr(f, d)",
    "corr(d, f) filter (where s <> 'a')",
    "entropy(s)",
    "entropy(d)",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_order_of_rows_gives_the_same_bits(
        rows in proptest::collection::vec((0_u32..4, -1e3_f64..1e3, -40_i32..40, -1_000_000_i128..1_000_000, "[ab]{0,2}"), 1..80),
        seed in any::<u64>(),
    ) {
        let floats: Float64Array = rows.iter().map(|row| Some(row.1 * 2_f64.powi(row.2))).collect();
        let decimals: Decimal128Array = rows.iter().map(|row| (row.3 % 7 != 0).then_some(row.3)).collect();
        let texts: StringArray = rows.iter().map(|row| Some(row.4.as_str())).collect();
        let groups: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let batch = RecordBatch::try_from_iter_with_nullable(vec![
            ("f", Arc::new(floats) as ArrayRef, true),
            ("d", Arc::new(decimals.with_precision_and_scale(18, 5).unwrap()) as ArrayRef, true),
            ("s", Arc::new(texts) as ArrayRef, true),
        ]).unwrap();

        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|row| segmenter_proto::draw(seed, "order", &row.to_string()));
        let shuffled: Vec<ArrayRef> = batch
            .columns()
            .iter()
            .map(|column| take(column, &UInt32Array::from(order.clone()), None).unwrap())
            .collect();
        let shuffled = RecordBatch::try_new(batch.schema(), shuffled).unwrap();
        let moved: Vec<u32> = order.iter().map(|row| groups[*row as usize]).collect();
        for sql in ALL {
            let (one, other) = (grouped(sql, &batch, &groups, 5), grouped(sql, &shuffled, &moved, 5));
            prop_assert_eq!(one.values.to_data(), other.values.to_data(), "{}", sql);
        }
    }
}

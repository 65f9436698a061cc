//! Aggregates to try: written as in a job file, over rows as the engine sees them.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::{nullif, take};
use datafusion_common::ScalarValue;
use datafusion_expr::function::AccumulatorArgs;
use datafusion_expr::{Expr, GroupsAccumulator};
use datafusion_physical_expr::PhysicalExpr;
use proptest::prelude::*;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::sync::Arc;

use crate::expression::{Kernel, Place, Settings, Translator, compile, seen, value};
use crate::sql::aggregates::{Exact, exact};
use crate::sql::tests::plain::plain;

/// Aggregates of every kind and type of argument.
pub(super) const ALL: &[&str] = &[
    "count(*)",
    "count(*) filter (where b)",
    "count(f)",
    "count(distinct f)",
    "count(distinct s) filter (where f > 0)",
    "count(distinct d)",
    "count(distinct t)",
    "sum(i)",
    "sum(w)",
    "sum(f)",
    "sum(f) filter (where b)",
    "sum(d)",
    "sum(l)",
    "avg(i)",
    "avg(w)",
    "avg(f)",
    "avg(d)",
    "avg(l)",
    "median(i)",
    "median(w)",
    "median(f)",
    "median(d)",
    "median(l) filter (where not b)",
    "stddev(f)",
    "var_pop(i)",
    "quantile(i, 0.9)",
    "quantile(f, 0.125)",
    "quantile(d, 0.333)",
    "quantile(l, 0.75) filter (where b)",
    "mode(f)",
    "mode(s)",
    "mode(t)",
    "mode(b)",
    "skewness(f)",
    "skewness(i) filter (where b)",
    "corr(f, i)",
    "corr(i, w) filter (where not b)",
    "entropy(s)",
    "entropy(d)",
    "min(f)",
    "max(f)",
    "min(i)",
    "max(w)",
    "max(d)",
    "min(s)",
    "max(s) filter (where b)",
    "min(t)",
    "max(day)",
    "min(b)",
    "max(b)",
    "bool_and(b)",
    "bool_or(b)",
];

/// One row: group, and what its columns are made of.
pub(super) type Row = (u32, Option<(f64, i32)>, Option<i64>, Option<i128>, Option<String>, Option<bool>);

pub(super) fn row() -> impl Strategy<Value = Row> {
    (
        0_u32..GROUPS as u32,
        proptest::option::weighted(0.8, (-1e3_f64..1e3, -60_i32..60)),
        proptest::option::weighted(0.8, prop_oneof![-9_i64..9, Just(i64::MAX), Just(i64::MIN)]),
        proptest::option::weighted(0.8, prop_oneof![-9_i128..9, Just(10_i128.pow(38) - 1), Just(1 - 10_i128.pow(38))]),
        proptest::option::weighted(0.8, "[ab]{0,2}"),
        proptest::option::weighted(0.8, any::<bool>()),
    )
}

/// The last group has no row.
pub(super) const GROUPS: usize = 6;

/// Makes a batch; the column `g` is the group.
pub(super) fn table(rows: &[Row]) -> RecordBatch {
    let floats = rows.iter().map(|row| row.1.map(|(x, e)| if e == 59 { 1e300 } else { x * 2_f64.powi(e) }));
    let decimals = |scale: i8, most: i128| -> ArrayRef {
        let values = rows.iter().map(|row| row.3.map(|x| if x.abs() > most { x % most } else { x }));
        Arc::new(values.collect::<Decimal128Array>().with_precision_and_scale(38, scale).unwrap())
    };
    let numbers = || rows.iter().map(|row| row.2);
    let times = numbers().map(|x| x.map(|x| x % 1_000)).collect::<TimestampMicrosecondArray>();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("g", Arc::new(rows.iter().map(|row| Some(row.0)).collect::<UInt32Array>())),
        ("f", Arc::new(floats.collect::<Float64Array>())),
        ("i", Arc::new(numbers().map(|x| x.map(|x| (x % 1_000) as i32)).collect::<Int32Array>())),
        ("w", Arc::new(numbers().collect::<Int64Array>())),
        ("d", decimals(5, 999_983)),
        ("l", decimals(2, i128::MAX)),
        ("s", Arc::new(rows.iter().map(|row| row.4.as_deref()).collect::<StringArray>())),
        ("b", Arc::new(rows.iter().map(|row| row.5).collect::<BooleanArray>())),
        ("t", Arc::new(times.with_timezone("Europe/Warsaw"))),
        ("day", Arc::new(numbers().map(|x| x.map(|x| (x % 1_000) as i32)).collect::<Date32Array>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

pub(super) fn groups(rows: &RecordBatch) -> Vec<usize> {
    rows.column(0).as_primitive::<arrow::datatypes::UInt32Type>().values().iter().map(|group| *group as usize).collect()
}

pub(super) fn chosen(rows: &RecordBatch, places: &[u32]) -> RecordBatch {
    let places = UInt32Array::from(places.to_vec());
    let columns = rows.columns().iter().map(|column| take(column, &places, None).unwrap()).collect();
    RecordBatch::try_new(rows.schema(), columns).unwrap()
}

/// An aggregate with its compiled arguments and filter.
pub(super) struct Call {
    pub(super) kernel: Kernel,
    pub(super) exact: Exact,
    pub(super) arguments: Vec<Arc<dyn PhysicalExpr>>,
    pub(super) filter: Option<Arc<dyn PhysicalExpr>>,
}

fn warsaw() -> Settings {
    Settings::new("Europe/Warsaw").unwrap()
}

pub(super) fn call(sql: &str, rows: &RecordBatch) -> Call {
    let syntax = Parser::new(&GenericDialect {}).try_with_sql(sql).unwrap().parse_expr().unwrap();
    let schema = seen(&rows.schema(), warsaw().zone());
    let mut translator =
        Translator { schema: &schema, settings: warsaw(), place: Place::Groups(Vec::new()), names: None };
    translator.translate(&syntax).unwrap();
    let Place::Groups(mut calls) = translator.place else { panic!("{sql}") };
    let call = calls.pop().unwrap();
    let compiled = |expr: Expr| compile(expr, &schema).unwrap();
    let mut arguments: Vec<_> = call.arguments.into_iter().map(compiled).collect();
    let types: Vec<_> = arguments.iter().map(|argument| argument.data_type(&schema).unwrap()).collect();
    if arguments.is_empty() {
        arguments.push(compiled(Expr::Literal(ScalarValue::Boolean(Some(true)), None)));
    }
    let exact = exact(call.kernel, &types, &call.data_type).unwrap();
    Call { kernel: call.kernel, exact, arguments, filter: call.filter.map(compiled) }
}

impl Call {
    pub(super) fn accumulator(&self) -> Box<dyn GroupsAccumulator> {
        let return_type = self.exact.function.return_type(&[]).unwrap();
        let arguments = AccumulatorArgs {
            return_field: Arc::new(arrow::datatypes::Field::new("result", return_type, true)),
            schema: &arrow::datatypes::Schema::empty(),
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: "result",
            is_distinct: false,
            exprs: &[],
            expr_fields: &[],
        };
        self.exact.function.create_groups_accumulator(arguments).unwrap()
    }

    /// The columns of the arguments, and the filter.
    pub(super) fn columns(&self, rows: &RecordBatch) -> (Vec<ArrayRef>, Option<BooleanArray>) {
        let columns = self.arguments.iter().map(|argument| value(argument.as_ref(), rows).unwrap()).collect();
        let filter = self.filter.as_ref().map(|filter| value(filter.as_ref(), rows).unwrap().as_boolean().clone());
        (columns, filter)
    }

    pub(super) fn update(&self, accumulator: &mut dyn GroupsAccumulator, rows: &RecordBatch, first: usize) {
        let (columns, filter) = self.columns(rows);
        let groups: Vec<usize> = groups(rows).into_iter().map(|group| group - first).collect();
        accumulator.update_batch(&columns, &groups, filter.as_ref(), GROUPS - first).unwrap();
    }
}

/// The values of a result, and how many are lost.
pub(super) fn opened(call: &Call, result: &ArrayRef) -> (ArrayRef, u64) {
    assert_eq!(result.data_type(), &call.exact.function.return_type(&[]).unwrap());
    if !call.exact.can_be_lost {
        return (Arc::clone(result), 0);
    }
    let (values, lost) = (result.as_struct().column(0), result.as_struct().column(1).as_boolean());
    let without = nullif(values, lost).unwrap();
    assert_eq!(without.null_count(), values.null_count(), "what is lost is null");
    (Arc::clone(values), lost.true_count() as u64)
}

/// Says that values and losses are those of the plain way.
pub(super) fn assert_as_plain(sql: &str, rows: &RecordBatch, call: &Call, result: &ArrayRef) {
    let (arguments, filter) = call.columns(rows);
    let groups = groups(rows);
    let counts = |row: &usize| {
        filter.as_ref().is_none_or(|filter| filter.is_valid(*row) && filter.value(*row))
            && arguments.iter().all(|argument| argument.is_valid(*row))
    };
    let of_group = |group: usize| (0..rows.num_rows()).filter(|row| groups[*row] == group).filter(counts).collect();
    let own: Vec<Vec<usize>> = (0..GROUPS).map(of_group).collect();
    let (expected, expected_lost) = plain(call.kernel, &arguments, &own);
    let (values, lost) = opened(call, result);
    assert_eq!(values.data_type(), expected.data_type(), "{sql}");
    assert_eq!(values.to_data(), expected.to_data(), "{sql}");
    assert_eq!(lost, expected_lost, "{sql}");
}

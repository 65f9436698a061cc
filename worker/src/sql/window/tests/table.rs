//! A table of cells, as the oracle sees it, and as batches.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
    UInt32Type,
};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    /// Whole numbers, decimals without their point, days, microseconds.
    Whole(i128),
    Float(f64),
    Truth(bool),
    Text(String),
    /// A value, and whether it is lost.
    Answer(Box<Cell>, bool),
}

pub(super) type Row = Vec<Cell>;

pub(super) const CUSTOMER: usize = 0;
pub(super) const KIND: usize = 1;
pub(super) const WHOLE: usize = 2;
pub(super) const PRICE: usize = 3;
pub(super) const WEIGHT: usize = 4;
pub(super) const DAY: usize = 5;
pub(super) const TIME: usize = 6;
pub(super) const NOTE: usize = 7;
pub(super) const KEEP: usize = 8;
pub(super) const LARGE: usize = 9;
pub(super) const DEEP: usize = 10;
pub(super) const FACTOR: usize = 11;

/// The columns above, in that order.
pub(super) fn types() -> Vec<DataType> {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Warsaw".into()));
    vec![
        DataType::UInt32,
        DataType::Utf8,
        DataType::Int64,
        DataType::Decimal128(10, 2),
        DataType::Float64,
        DataType::Date32,
        time,
        DataType::Utf8,
        DataType::Boolean,
        DataType::Int64,
        DataType::Decimal128(38, 0),
        DataType::Float64,
    ]
}

pub(super) fn batch(rows: &[Row]) -> RecordBatch {
    let types = types();
    let columns = types
        .iter()
        .enumerate()
        .map(|(column, data_type)| array(&rows.iter().map(|row| row[column].clone()).collect::<Vec<_>>(), data_type));
    let fields = types.iter().enumerate().map(|(i, data_type)| Field::new(format!("c{i}"), data_type.clone(), true));
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    RecordBatch::try_new_with_options(schema, columns.collect(), &options).unwrap()
}

/// A column of cells.
pub(super) fn array(cells: &[Cell], data_type: &DataType) -> ArrayRef {
    let whole = || cells.iter().map(|cell| if let Cell::Whole(n) = cell { Some(*n) } else { None });
    match data_type {
        DataType::UInt32 => Arc::new(whole().map(|n| n.map(|n| n as u32)).collect::<UInt32Array>()),
        DataType::Int64 => Arc::new(whole().map(|n| n.map(|n| n as i64)).collect::<Int64Array>()),
        DataType::Date32 => Arc::new(whole().map(|n| n.map(|n| n as i32)).collect::<Date32Array>()),
        DataType::Timestamp(_, zone) => {
            let times = whole().map(|n| n.map(|n| n as i64)).collect::<TimestampMicrosecondArray>();
            Arc::new(times.with_timezone_opt(zone.clone()))
        }
        DataType::Decimal128(precision, scale) => {
            let values = whole().collect::<Decimal128Array>();
            Arc::new(values.with_precision_and_scale(*precision, *scale).unwrap())
        }
        DataType::Float64 => {
            let floats = cells.iter().map(|cell| if let Cell::Float(x) = cell { Some(*x) } else { None });
            Arc::new(floats.collect::<Float64Array>())
        }
        DataType::Boolean => {
            let truths = cells.iter().map(|cell| if let Cell::Truth(x) = cell { Some(*x) } else { None });
            Arc::new(truths.collect::<BooleanArray>())
        }
        DataType::Utf8 => {
            let texts = cells.iter().map(|cell| if let Cell::Text(x) = cell { Some(x.as_str()) } else { None });
            Arc::new(texts.collect::<StringArray>())
        }
        other => panic!("no cells of {other}"),
    }
}

/// The cell at a row of a column.
pub(super) fn cell(column: &ArrayRef, row: usize) -> Cell {
    if column.is_null(row) {
        return Cell::Null;
    }
    match column.data_type() {
        DataType::UInt32 => Cell::Whole(column.as_primitive::<UInt32Type>().value(row).into()),
        DataType::Int64 => Cell::Whole(column.as_primitive::<Int64Type>().value(row).into()),
        DataType::Date32 => Cell::Whole(column.as_primitive::<Date32Type>().value(row).into()),
        DataType::Timestamp(..) => Cell::Whole(column.as_primitive::<TimestampMicrosecondType>().value(row).into()),
        DataType::Decimal128(..) => Cell::Whole(column.as_primitive::<Decimal128Type>().value(row)),
        DataType::Float64 => Cell::Float(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Truth(column.as_boolean().value(row)),
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Struct(_) => {
            let answer = column.as_struct();
            Cell::Answer(Box::new(cell(answer.column(0), row)), answer.column(1).as_boolean().value(row))
        }
        other => panic!("no cells of {other}"),
    }
}

/// The rows of a batch, in an order that does not depend on theirs. Floats are equal only if all their bits are.
pub(super) fn set(rows: &RecordBatch) -> Vec<String> {
    let cells = |row: usize| rows.columns().iter().map(|column| cell(column, row)).collect::<Row>();
    sorted((0..rows.num_rows()).map(cells))
}

pub(super) fn sorted(rows: impl Iterator<Item = Row>) -> Vec<String> {
    let mut rows: Vec<String> = rows.map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

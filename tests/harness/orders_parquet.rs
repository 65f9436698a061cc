//! Orders, and anything else, as Parquet.

use super::Order;
use arrow::array::{
    ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Writes named columns as one Parquet file with row groups of 1,000 rows, small enough that tests have several.
pub fn write_columns(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1_000)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Writes orders as one Parquet file: times as instants in UTC, `gross` as decimal(18,2).
pub fn write_orders_parquet(path: &Path, orders: &[Order]) {
    let text = |value: fn(&Order) -> Option<&str>| Arc::new(orders.iter().map(value).collect::<StringArray>());
    let times = TimestampMicrosecondArray::from_iter_values(orders.iter().map(|order| order.ordered_at));
    let amounts = Decimal128Array::from_iter_values(orders.iter().map(|order| i128::from(order.cents)));
    write_columns(
        path,
        vec![
            ("client_no", text(|order| order.client_no.as_deref())),
            ("order_no", text(|order| Some(&order.order_no))),
            ("line_no", Arc::new(Int64Array::from_iter_values(orders.iter().map(|order| order.line_no)))),
            ("ordered_at", Arc::new(times.with_timezone("UTC"))),
            ("gross", Arc::new(amounts.with_precision_and_scale(18, 2).unwrap())),
            ("channel", text(|order| Some(order.channel))),
            ("sku", text(|order| Some(&order.sku))),
            ("weight", Arc::new(Float64Array::from_iter_values(orders.iter().map(|order| order.weight)))),
        ],
    );
}

#[test]
fn parquet_holds_the_orders() {
    let workspace = super::Workspace::new();
    let path = workspace.path("orders.parquet");
    write_orders_parquet(&path, &[Order::new("", "O1", "2025-12-31 23:59:59", "-1.50")]);
    let table = super::Table::parquet(&std::fs::read(&path).unwrap().into());
    let row = table.only(&[("order_no", "O1")]);
    assert_eq!(row["client_no"], None);
    assert_eq!(row["gross"].as_deref(), Some("-1.50"));
    assert_eq!(row["ordered_at"].as_deref(), Some("2025-12-31T23:59:59Z"));
}

//! The rows of `orders/`.

use super::calendar::Calendar;
use super::product::Catalogue;
use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// Where an order is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Web,
    Store,
    App,
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Paid,
    Cancelled,
}

/// What a dirty line lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoilt {
    No,
    Time,
    Price,
}

/// A line of an order; money in cents.
#[derive(Debug, Clone)]
pub(super) struct OrderLine {
    pub(super) order_no: i64,
    /// 0: none.
    pub(super) refund_of: i64,
    /// 0: a guest.
    pub(super) client: i64,
    /// Since 1970-01-01 00:00 UTC.
    pub(super) seconds: i64,
    pub(super) line_no: i32,
    pub(super) quantity: i32,
    pub(super) price: i32,
    pub(super) discount: i32,
    pub(super) product: u16,
    /// Discount in percent; 0: none.
    pub(super) percent: u8,
    pub(super) channel: Channel,
    pub(super) status: Status,
    pub(super) gift: bool,
    pub(super) spoilt: Spoilt,
}

/// The type of money in every table.
pub(super) const MONEY: DataType = DataType::Decimal128(18, 2);

/// The columns of `orders/`.
pub(super) fn schema() -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![
        Field::new("order_no", DataType::Int64, false),
        Field::new("line_no", DataType::Int32, false),
        Field::new("client_no", DataType::Int64, true),
        Field::new("ordered_at", time, true),
        Field::new("sku", DataType::Utf8, false),
        Field::new("category", DataType::Utf8, false),
        Field::new("quantity", DataType::Int32, false),
        Field::new("unit_price", MONEY, true),
        Field::new("discount", MONEY, false),
        Field::new("currency", DataType::Utf8, false),
        Field::new("channel", DataType::Utf8, false),
        Field::new("gift_wrap", DataType::Boolean, false),
        Field::new("status", DataType::Utf8, false),
        Field::new("refund_of", DataType::Int64, true),
    ]))
}

/// Sorts the lines of a block by time, as shops write them; the line itself decides ties, and equal lines are alike.
pub(super) fn sort(lines: &mut [OrderLine]) {
    lines.sort_unstable_by_key(|line| (line.seconds, line.order_no, line.line_no));
}

/// Makes a batch of lines, in their order.
///
/// # Errors
/// A bug, where a column does not fit [`schema`].
pub(super) fn batch(lines: &[OrderLine], catalogue: &Catalogue) -> Result<RecordBatch> {
    let present = |value: i64| (value != 0).then_some(value);
    let time = |line: &OrderLine| (line.spoilt != Spoilt::Time).then_some(line.seconds * 1_000_000);
    let price = |line: &OrderLine| (line.spoilt != Spoilt::Price).then_some(i128::from(line.price));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(lines.iter().map(|line| line.order_no))),
        Arc::new(Int32Array::from_iter_values(lines.iter().map(|line| line.line_no))),
        Arc::new(Int64Array::from_iter(lines.iter().map(|line| present(line.client)))),
        Arc::new(TimestampMicrosecondArray::from_iter(lines.iter().map(time)).with_timezone("UTC")),
        Arc::new(StringArray::from_iter_values(lines.iter().map(|line| catalogue.sku(line.product)))),
        Arc::new(StringArray::from_iter_values(lines.iter().map(|line| catalogue.category(line.product)))),
        Arc::new(Int32Array::from_iter_values(lines.iter().map(|line| line.quantity))),
        Arc::new(Decimal128Array::from_iter(lines.iter().map(price)).with_data_type(MONEY)),
        Arc::new(
            Decimal128Array::from_iter_values(lines.iter().map(|line| i128::from(line.discount))).with_data_type(MONEY),
        ),
        Arc::new(StringArray::from_iter_values(lines.iter().map(|_| "EUR"))),
        Arc::new(StringArray::from_iter_values(lines.iter().map(|line| line.channel.text()))),
        Arc::new(BooleanArray::from_iter(lines.iter().map(|line| Some(line.gift)))),
        Arc::new(StringArray::from_iter_values(lines.iter().map(|line| line.status.text()))),
        Arc::new(Int64Array::from_iter(lines.iter().map(|line| present(line.refund_of)))),
    ];
    RecordBatch::try_new(schema(), columns)
        .map_err(|cause| Error::bug("orders do not fit their schema").caused_by(cause))
}

/// The lines of some customers by the file that they go to, and their receipts.
#[derive(Debug)]
pub(super) struct Drawn<'a> {
    calendar: &'a Calendar,
    pub(super) files: Vec<Vec<OrderLine>>,
    pub(super) receipts: Vec<super::tills::Receipt>,
}

impl<'a> Drawn<'a> {
    /// Starts empty, with room for `files` files.
    pub(super) fn new(calendar: &'a Calendar, files: u32) -> Self {
        Self { calendar, files: vec![Vec::new(); files as usize], receipts: Vec::new() }
    }
}

impl super::line::Rows for Drawn<'_> {
    fn order(&mut self, day: i64, line: OrderLine) {
        let file = self.calendar.slice(day, self.files.len() as u32);
        self.files[file].push(line);
    }

    fn receipt(&mut self, receipt: super::tills::Receipt) {
        self.receipts.push(receipt);
    }
}

impl Channel {
    fn text(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Store => "store",
            Self::App => "app",
        }
    }
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
        }
    }
}

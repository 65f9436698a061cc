//! The rows of `customers/` and of the truth.

use super::calendar::Calendar;
use super::customer::{Customer, client_number};
use super::mover::Moves;
use super::world::COUNTRIES;
use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// The columns of `customers/`.
pub(super) fn customers_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("client_no", DataType::Utf8, false),
        Field::new("birth_date", DataType::Date32, true),
        Field::new("sex", DataType::Utf8, true),
        Field::new("country", DataType::Utf8, false),
        Field::new("city", DataType::Utf8, true),
        Field::new("signed_up", DataType::Date32, false),
        Field::new("employee_flag", DataType::Utf8, false),
    ]))
}

/// The columns of the truth.
pub(super) fn truth_schema(some_move: bool) -> SchemaRef {
    let field = |name: &str| Field::new(name, DataType::Utf8, false);
    let mut fields = vec![field("customer_id"), field("planted_group")];
    if some_move {
        fields.push(field("planted_group_after"));
    }
    Arc::new(Schema::new(fields))
}

/// Makes the rows of customers, in their order.
///
/// # Errors
/// A bug, where a column does not fit its schema.
pub(super) fn customers(customers: &[Customer], calendar: &Calendar) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> = vec![
        client_numbers(customers),
        Arc::new(Date32Array::from_iter(customers.iter().map(|customer| customer.birth_date))),
        Arc::new(StringArray::from_iter(customers.iter().map(|customer| customer.sex))),
        Arc::new(StringArray::from_iter_values(customers.iter().map(|customer| COUNTRIES[customer.country].code))),
        Arc::new(StringArray::from_iter(customers.iter().map(|customer| customer.city))),
        Arc::new(Date32Array::from_iter_values(
            customers.iter().map(|customer| calendar.date(customer.sign_up).to_epoch_days()),
        )),
        Arc::new(StringArray::from_iter_values(
            customers.iter().map(|customer| if customer.staff { "Y" } else { "N" }),
        )),
    ];
    made(RecordBatch::try_new(customers_schema(), columns))
}

/// Makes the rows of truth, in the customers' order; where some move, with the group afterwards, which of others is the same.
///
/// # Errors
/// A bug, where a column does not fit its schema.
pub(super) fn truth(customers: &[Customer], seed: u64, moves: Option<Moves>) -> Result<RecordBatch> {
    let groups = StringArray::from_iter_values(customers.iter().map(|customer| customer.group.name));
    let mut columns: Vec<ArrayRef> = vec![client_numbers(customers), Arc::new(groups)];
    if let Some(moves) = moves {
        let after = |customer: &Customer| moves.group_after(seed, customer).unwrap_or(customer.group).name;
        columns.push(Arc::new(StringArray::from_iter_values(customers.iter().map(after))));
    }
    made(RecordBatch::try_new(truth_schema(moves.is_some()), columns))
}

fn client_numbers(customers: &[Customer]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(customers.iter().map(|customer| client_number(customer.number).to_string())))
}

fn made(batch: arrow::error::Result<RecordBatch>) -> Result<RecordBatch> {
    batch.map_err(|cause| Error::bug("customers do not fit their schema").caused_by(cause))
}

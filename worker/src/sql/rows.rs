//! A query over a shard whose answer has any number of rows of a customer.

use super::{Query, Room, tables::ShardTables};
use arrow::{
    array::{ArrayRef, AsArray, UInt32Array},
    datatypes::UInt32Type,
};
use segmenter_proto::{Error, Result};

/// Some rows of an answer: whose each is, by the customers' numbers, and the columns of the query.
#[derive(Debug)]
pub(crate) struct AnsweredRows {
    pub(crate) customers: UInt32Array,
    pub(crate) columns: Vec<ArrayRef>,
}

impl Query {
    /// Gives the rows of the answer to `take`, all rows of some customers at a time: as many customers as have `rows` rows in the tables, so
    /// that what is made of them is bounded too. Gives how many customers are lost to the query, of whom there is no row.
    ///
    /// # Errors
    /// Not even one customer fits into memory, or scratch is full (Resources); those of `take`.
    pub(crate) fn each_row(
        &self,
        tables: &ShardTables<'_>,
        room: Room<'_>,
        rows: usize,
        mut take: impl FnMut(Vec<AnsweredRows>) -> Result<()>,
    ) -> Result<u64> {
        let mut lost = 0;
        self.each_part(tables, room, &tables.parts_of(rows), |_, found, not_found| {
            lost += not_found.take().len() as u64;
            let column = |batch: &arrow::array::RecordBatch, id: &str| {
                batch.column_by_name(id).cloned().ok_or_else(|| Error::bug("a query lost a column"))
            };
            let answered = found.iter().map(|batch| {
                let customers = column(batch, &self.customer.id)?;
                let customers = customers.as_primitive_opt::<UInt32Type>().cloned();
                let customers = customers.ok_or_else(|| Error::bug("a query lost its customers"))?;
                let columns = self.values.iter().map(|(_, value)| column(batch, &value.id));
                Ok(AnsweredRows { customers, columns: columns.collect::<Result<_>>()? })
            });
            take(answered.collect::<Result<_>>()?)
        })?;
        Ok(lost)
    }
}

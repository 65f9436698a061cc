//! The rows of a shard as the tables of its queries.

use super::{
    catalogue::{Rows, SOURCE},
    failure::through_engine,
};
use crate::{
    expression::{Settings, prepare},
    features::Attribute,
    shard::{Shard, SourceRows},
    spec::RunSpec,
};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringArray, UInt32Array,
        new_null_array,
    },
    compute::{and, cast, filter_record_batch},
    datatypes::{Schema, SchemaRef, TimestampMicrosecondType},
};
use datafusion_common::{Result, internal_err};
use segmenter_proto::Error;
use std::{ops::Range, sync::Arc};

/// Rows of a batch: what fits a cache, and the engine's own default.
pub(super) const BATCH: usize = 8192;

/// The tables of a shard.
#[derive(Debug)]
pub(crate) struct ShardTables<'a> {
    spec: &'a RunSpec,
    shard: &'a Shard,
    ids: Arc<StringArray>,
    /// The customers of each source's rows, in the order of the shard's sources.
    numbers: Vec<UInt32Array>,
    settings: Settings,
}

impl<'a> ShardTables<'a> {
    /// Looks at a shard.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn new(spec: &'a RunSpec, shard: &'a Shard) -> segmenter_proto::Result<Self> {
        let numbers = shard.sources.iter().map(|rows| UInt32Array::from(rows.ordinals.clone())).collect();
        let settings = Settings::new(&spec.job.timezone)?;
        Ok(Self { spec, shard, ids: Arc::new(shard.customers.clone()), numbers, settings })
    }

    /// Gives the ids of the customers by their numbers.
    pub(super) fn ids(&self) -> &Arc<StringArray> {
        &self.ids
    }

    /// Gives the rows of some customers, of a table the columns `names` as `schema` has them.
    pub(super) fn scan(
        &self,
        rows: &Rows,
        names: &[&str],
        schema: &SchemaRef,
        customers: &Range<u32>,
    ) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        match rows {
            Rows::Customers => {
                let columns = names.iter().map(|name| self.attribute(name)).collect::<Result<Vec<_>>>()?;
                let whole = batch(schema, columns, self.ids.len())?;
                let (from, to) = (customers.start as usize, customers.end as usize);
                cut(&whole.slice(from, to - from), &mut batches);
            }
            Rows::Opened(_) => return internal_err!("a shard has no opened tables"),
            Rows::Of { sources, start } => {
                for (of_source, numbers) in self.shard.sources.iter().zip(&self.numbers) {
                    if sources.contains(&of_source.source)
                        && let Some(found) = &of_source.rows
                    {
                        let whole = self.of_source(of_source, found, numbers, names, schema)?;
                        let whole = self.of_customers(whole, numbers, customers, times_from(found, *start))?;
                        cut(&whole, &mut batches);
                    }
                }
            }
        }
        Ok(batches)
    }

    fn attribute(&self, name: &str) -> Result<ArrayRef> {
        if name == "customer_id" {
            return Ok(Arc::new(UInt32Array::from_iter_values(0..self.ids.len() as u32)));
        }
        let missing = || Error::bug(format!("there is no attribute {name}"));
        let found = Attribute::find(self.spec, name).and_then(|found| found.ok_or_else(missing));
        let values = found.and_then(|found| found.compute(self.shard)).map_err(through_engine)?;
        Ok(prepare(&values, self.settings.zone())?)
    }

    fn of_source(
        &self,
        of_source: &SourceRows,
        found: &RecordBatch,
        numbers: &UInt32Array,
        names: &[&str],
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let columns = names.iter().zip(schema.fields()).map(|(name, field)| -> Result<ArrayRef> {
            if *name == "customer_id" {
                return Ok(Arc::new(numbers.clone()));
            }
            Ok(match found.column_by_name(name) {
                Some(column) => {
                    let seen = prepare(column, self.settings.zone())?;
                    if seen.data_type() == field.data_type() { seen } else { cast(&seen, field.data_type())? }
                }
                None if *name == SOURCE => {
                    let name = &self.spec.sources[of_source.source].source.name;
                    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(name, found.num_rows())))
                }
                None => new_null_array(field.data_type(), found.num_rows()),
            })
        });
        batch(schema, columns.collect::<Result<_>>()?, found.num_rows())
    }

    fn of_customers(
        &self,
        rows: RecordBatch,
        numbers: &UInt32Array,
        customers: &Range<u32>,
        in_time: Option<BooleanArray>,
    ) -> Result<RecordBatch> {
        let is_whole = customers.start == 0 && customers.end as usize == self.ids.len();
        let is_of =
            || -> BooleanArray { numbers.values().iter().map(|number| Some(customers.contains(number))).collect() };
        Ok(match (is_whole, in_time) {
            (true, None) => rows,
            (true, Some(in_time)) => filter_record_batch(&rows, &in_time)?,
            (false, None) => filter_record_batch(&rows, &is_of())?,
            (false, Some(in_time)) => filter_record_batch(&rows, &and(&is_of(), &in_time)?)?,
        })
    }
}

/// Says which rows are at or after a time; none where all are.
fn times_from(rows: &RecordBatch, start: Option<i64>) -> Option<BooleanArray> {
    let times = rows.column_by_name("time")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    start.map(|start| times.values().iter().map(|time| Some(*time >= start)).collect())
}

fn batch(schema: &Arc<Schema>, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

fn cut(rows: &RecordBatch, batches: &mut Vec<RecordBatch>) {
    let starts = (0..rows.num_rows()).step_by(BATCH);
    batches.extend(starts.map(|start| rows.slice(start, BATCH.min(rows.num_rows() - start))));
}

//! A query over a shard: one row a customer.

use super::{
    binder::{Binder, Bound},
    catalogue::Catalogue,
    constants::Constants,
    lower::{Lowering, PartOfShard},
    operators::{FilterCounts, Lost},
    references::References,
    relation::{Column, Node, Relation},
    tables::{BATCH, ShardTables},
};
use crate::{
    expression::{ExpressionError, Operand, check_result, finish, result_type, type_name},
    spec::RunSpec,
    storage::private_folder,
};
use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array},
    compute::{concat, take},
    datatypes::{DataType, Field, UInt32Type},
};
use datafusion_common::{DataFusionError, config::SpillCompression};
use datafusion_execution::{
    TaskContext,
    config::SessionConfig,
    disk_manager::{DiskManagerBuilder, DiskManagerMode},
    memory_pool::FairSpillPool,
    runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
};
use datafusion_physical_plan::execution_plan::collect;
use segmenter_proto::{Error, Result};
use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    path::Path,
    sync::Arc,
};

/// A query that gives values of customers.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(super) relation: Relation,
    pub(super) customer: Column,
    pub(super) values: Vec<(String, Column)>,
    /// Whether it is counted on how many rows filters of aggregates are null.
    pub(super) counts_filters: bool,
}

/// What a query gives of a shard.
#[derive(Debug)]
pub(crate) struct Answer {
    /// An array a column of the query, of a value a customer.
    pub(crate) columns: Vec<ArrayRef>,
    /// Whether the query has a row of the customer, or would have one if it could be computed.
    pub(crate) has_row: Vec<bool>,
    /// Customers whose values are null since something of them could not be computed.
    pub(crate) lost: u64,
    /// Customers with more than one row.
    pub(crate) several: u64,
    /// What filters of aggregates were asked, where that is counted.
    pub(crate) filtered: FilterCounts,
}

/// What a query may use beside the shard's rows.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// Bytes of memory.
    pub memory: usize,
    /// Where what memory has no room for goes; need not be there yet.
    pub scratch: &'a Path,
    /// Reference tables; what they take as they are is not of `memory`.
    pub references: &'a References,
    /// What is known of constants of the population.
    pub constants: &'a Constants,
}

/// What an operator of the engine sets aside to merge what it spilled: a tenth of its own default, which supposes a large pool.
const SORT_RESERVATION: usize = 1 << 20;
/// Rows that are sorted at once: the engine's own default.
const SORTED_IN_PLACE: usize = 1 << 20;

impl Query {
    /// Binds a query over the tables of a run.
    ///
    /// # Errors
    /// It is no query, names what there is not, does not look at one customer at a time, or does not give a row a customer
    /// with named values.
    pub(crate) fn bind(sql: &str, catalogue: &Catalogue) -> Result<Self, ExpressionError> {
        Self::bound(sql, catalogue).map_err(|ExpressionError { message, hint, position }| {
            let told = |text: String| catalogue.unit.told(&text).into_owned();
            ExpressionError { message: told(message), hint: hint.map(told), position }
        })
    }

    fn bound(sql: &str, catalogue: &Catalogue) -> Result<Self, ExpressionError> {
        let Bound { relation, columns } = Binder::new(catalogue).bind(sql)?;
        if relation.free.is_some() {
            return Err(ExpressionError::new(
                "the query looks at reference tables alone, and its rows belong to nobody",
            )
            .with_hint("join it to rows of customers: from transactions t join … on …"));
        }
        let (mut customer, id) = (None, catalogue.unit.key());
        let mut values: Vec<(String, Column)> = Vec::new();
        for (at, (name, column)) in columns.into_iter().enumerate() {
            if name.is_empty() {
                return Err(ExpressionError::new(format!("column {} of the query has no name", at + 1))
                    .with_hint("give it one: … as name"));
            }
            if name == id {
                if !relation.owners.contains(&column.id) || customer.is_some() {
                    return Err(ExpressionError::new(
                        "the column customer_id of the query is not the customer of its row",
                    )
                    .with_hint("select the customer_id of a table by which the rows are grouped or joined, once"));
                }
                customer = Some(column);
                continue;
            }
            if values.iter().any(|(known, _)| *known == name) {
                return Err(ExpressionError::new(format!("two columns of the query are named `{name}`")));
            }
            let operand = column.operand();
            check_result(&Operand::new(operand.expr, operand.data_type.clone()))
                .map_err(|error| ExpressionError { message: format!("column `{name}`: {}", error.message), ..error })?;
            if matches!(column.data_type, DataType::Null) {
                return Err(ExpressionError::new(format!("column `{name}` of the query is always null"))
                    .with_hint("give it a type, such as cast(null as int), or leave it out"));
            }
            values.push((name, column));
        }
        let Some(customer) = customer else {
            return Err(
                ExpressionError::new("the query does not say whose its rows are").with_hint("select customer_id too")
            );
        };
        Ok(Self { relation, customer, values, counts_filters: false })
    }

    /// Gives the reference tables that the query looks at, by the positions of their sources.
    pub(crate) fn references(&self) -> BTreeSet<usize> {
        self.relation.references()
    }

    /// Gives names and types of the values.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let fields = self.values.iter();
        fields.map(|(name, column)| Field::new(name, result_type(&column.data_type), true)).collect()
    }

    /// Answers the query over a shard. One that does not fit into memory is answered in parts: of the customers with half of the rows, and so on.
    ///
    /// # Errors
    /// Not even one customer fits into memory, or scratch is full (Resources).
    pub(crate) fn answer(&self, tables: &ShardTables<'_>, room: Room<'_>) -> Result<Answer> {
        let customers = tables.ids().len() as u32;
        let mut rows = Vec::new();
        let mut lost = BTreeSet::new();
        let mut filtered = FilterCounts::default();
        let filters = filters_of(&self.relation);
        self.each_part(tables, room, std::slice::from_ref(&(0..customers)), |_, found, not_found| {
            rows.extend(found);
            lost.extend(not_found.take());
            let of_part = not_found.filters(&filters);
            filtered.asked += of_part.asked;
            filtered.null += of_part.null;
            Ok(())
        })?;
        Ok(Answer { filtered, ..self.assembled(&rows, &lost, customers as usize)? })
    }

    /// Gives the rows of some customers after the other to `take`, in the order of the parts, with who is lost to the query. A part that does
    /// not fit into memory is divided.
    ///
    /// # Errors
    /// Not even one customer fits into memory, or scratch is full (Resources); those of `take`.
    pub(super) fn each_part(
        &self,
        tables: &ShardTables<'_>,
        room: Room<'_>,
        parts: &[Range<u32>],
        mut take: impl FnMut(&Range<u32>, Vec<RecordBatch>, &Lost) -> Result<()>,
    ) -> Result<()> {
        let mut left: Vec<Range<u32>> = parts.iter().rev().filter(|part| !part.is_empty()).cloned().collect();
        if left.is_empty() {
            return Ok(());
        }
        private_folder(room.scratch)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|error| Error::resources("no thread for a query").caused_by(error))?;
        while let Some(part) = left.pop() {
            match self.part(tables, &part, room, &runtime) {
                Ok((found, not_found)) => take(&part, found, &not_found)?,
                Err(error) if is_too_large(&error) && part.len() > 1 => {
                    left.extend(tables.divided(&part).into_iter().rev());
                }
                Err(error) => {
                    tracing::debug!(customers = part.len(), memory = room.memory, %error, "a query ends");
                    return Err(explained(error, room, !self.references().is_empty()));
                }
            }
        }
        Ok(())
    }

    fn part(
        &self,
        tables: &ShardTables<'_>,
        customers: &Range<u32>,
        room: Room<'_>,
        runtime: &tokio::runtime::Runtime,
    ) -> Result<(Vec<RecordBatch>, Arc<Lost>), DataFusionError> {
        let lost = Arc::new(Lost::default());
        let leaves = PartOfShard { tables, references: room.references, customers: customers.clone() };
        let lowering =
            Lowering { leaves: &leaves, lost: &lost, constants: room.constants, counts_filters: self.counts_filters };
        let mut needed: BTreeSet<String> = self.values.iter().map(|(_, column)| column.id.clone()).collect();
        needed.insert(self.customer.id.clone());
        let plan = lowering.lower(&self.relation, &needed)?;
        let rows = runtime.block_on(collect(plan, Arc::new(context(room, SORTED_IN_PLACE)?)))?;
        Ok((rows, lost))
    }

    /// Puts the rows in the order of the customers.
    fn assembled(&self, rows: &[RecordBatch], lost: &BTreeSet<u32>, customers: usize) -> Result<Answer> {
        let bug =
            |error: arrow::error::ArrowError| Error::bug("the rows of a query cannot be put in order").caused_by(error);
        let mut row_of: Vec<Option<u32>> = vec![None; customers];
        let mut several = BTreeSet::new();
        let mut row = 0_u32;
        for batch in rows {
            let numbers = batch
                .column_by_name(&self.customer.id)
                .and_then(|numbers| numbers.as_primitive_opt::<UInt32Type>())
                .ok_or_else(|| Error::bug("a query lost its customers"))?;
            for &number in numbers.values() {
                match row_of.get_mut(number as usize) {
                    Some(Some(_)) => {
                        several.insert(number);
                    }
                    Some(free) => *free = Some(row),
                    None => return Err(Error::bug("a query gives a customer that is not in the shard")),
                }
                row += 1;
            }
        }
        let mut has_row: Vec<bool> = row_of.iter().map(Option::is_some).collect();
        for &number in lost {
            if let (Some(row), Some(has_row)) = (row_of.get_mut(number as usize), has_row.get_mut(number as usize)) {
                // Who has no row only because one failed in `where` is not known to have none.
                (*row, *has_row) = (None, true);
            }
        }
        let places = UInt32Array::from(row_of);
        let columns = self.values.iter().map(|(_, column)| {
            let parts = rows.iter().map(|batch| {
                batch.column_by_name(&column.id).ok_or_else(|| Error::bug("a query lost a column")).map(AsRef::as_ref)
            });
            let parts: Vec<&dyn Array> = parts.collect::<Result<_>>()?;
            let wanted = result_type(&column.data_type);
            if parts.is_empty() {
                return Ok(arrow::array::new_null_array(&wanted, customers));
            }
            let values = take(&concat(&parts).map_err(bug)?, &places, None).map_err(bug)?;
            let values = finish(&values).map_err(bug)?;
            match *values.data_type() == wanted {
                true => Ok(values),
                false => Err(Error::bug(format!(
                    "a query gives {}, and {} was expected",
                    type_name(values.data_type()),
                    type_name(&wanted)
                ))),
            }
        });
        let columns = columns.collect::<Result<_>>()?;
        let (lost, several) = (lost.len() as u64, several.len() as u64);
        Ok(Answer { columns, has_row, lost, several, filtered: FilterCounts::default() })
    }
}

/// Gives the columns that filter the rows of the outermost aggregates.
fn filters_of(relation: &Relation) -> Vec<String> {
    match &relation.node {
        Node::Aggregate { calls, .. } => {
            calls.iter().filter_map(|call| call.filter.as_ref()).map(|filter| filter.id.clone()).collect()
        }
        Node::Extend { input, .. } => filters_of(input),
        _ => Vec::new(),
    }
}

/// Says what is wrong with a query over the tables of a run and the constants of its population.
///
/// # Errors
/// Bug only; what is wrong with the query stands within.
pub fn check_query(spec: &RunSpec, constants: &[Field], query: &str) -> Result<Result<(), ExpressionError>> {
    Ok(Query::bind(query, &Catalogue::of(spec)?.with_constants(constants)).map(|_| ()))
}

/// Gives what operators run in; rows of up to `in_place` bytes are sorted at once, more are sorted batch by batch and merged.
pub(super) fn context(room: Room<'_>, in_place: usize) -> Result<TaskContext, DataFusionError> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![room.scratch.to_owned()]));
    let runtime: Arc<RuntimeEnv> = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(room.memory)))
        .with_disk_manager_builder(disk)
        .build_arc()?;
    let mut config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(BATCH)
        .with_sort_spill_reservation_bytes(SORT_RESERVATION);
    config.options_mut().execution.sort_in_place_threshold_bytes = in_place;
    config.options_mut().execution.spill_compression = SpillCompression::Lz4Frame;
    let (scalar, higher) = (HashMap::new(), HashMap::new());
    let (aggregate, window) = (HashMap::new(), HashMap::new());
    Ok(TaskContext::new(None, "query".to_owned(), config, scalar, higher, aggregate, window, runtime))
}

pub(super) fn is_too_large(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
}

/// Says what an error of the engine means to a user.
fn explained(error: DataFusionError, room: Room<'_>, joins_references: bool) -> Error {
    let megabytes = room.memory.div_ceil(1 << 20);
    if is_too_large(&error) {
        let and = if joins_references { " and the reference tables that they join" } else { "" };
        return Error::resources(format!("the rows of one customer{and} do not fit into {megabytes} MB of memory"))
            .with_hint("give more --memory");
    }
    of_engine(error, room)
}

/// Says what an error of the engine means to a user, apart from one of memory.
pub(super) fn of_engine(error: DataFusionError, room: Room<'_>) -> Error {
    match error.find_root() {
        DataFusionError::External(cause) if cause.downcast_ref::<Error>().is_some() => match error {
            DataFusionError::External(cause) => match cause.downcast::<Error>() {
                Ok(own) => *own,
                Err(other) => Error::bug("a query failed").caused_by(other),
            },
            other => Error::bug("a query failed").caused_by(other),
        },
        DataFusionError::IoError(cause) => {
            Error::dependency(format!("scratch folder {} failed: {cause}", room.scratch.display()))
                .with_hint("give --scratch a folder that can be written to, on a disk with room")
        }
        _ => Error::bug(format!("a query failed: {}", error.strip_backtrace())),
    }
}

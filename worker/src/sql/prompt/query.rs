//! A query at a prompt, and its answer as it comes.

use super::{rows::Readers, tables::PromptTables};
use crate::{
    expression::{ExpressionError, Operand, check_result, finish},
    partition::LeftOut,
    sql::{
        answer::{Room, context, is_too_large, of_engine},
        binder::{Binder, Bound},
        lower::Lowering,
        operators::Lost,
        relation::{Column, Relation},
    },
    storage::{Storage, private_folder},
};
use arrow::{
    array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
};
use datafusion_common::DataFusionError;
use futures::StreamExt;
use segmenter_proto::{Error, Result};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::Handle;

/// A query over tables that are open.
#[derive(Debug)]
pub struct PromptQuery {
    tables: Arc<PromptTables>,
    relation: Relation,
    columns: Vec<Column>,
    schema: SchemaRef,
}

/// What an answer is computed with.
#[derive(Debug, Clone)]
pub struct Answering<'a> {
    /// Where tables are.
    pub storage: Storage,
    /// Runs the store's requests.
    pub runtime: Handle,
    /// Memory of the operators, and where what it has no room for goes.
    pub room: Room<'a>,
}

/// How often it is asked whether the answer is still wanted.
const LOOK: Duration = Duration::from_millis(100);

impl PromptQuery {
    /// Binds a query over tables.
    ///
    /// # Errors
    /// Bug only; what is wrong with the query stands within.
    pub fn bind(sql: &str, tables: PromptTables) -> Result<std::result::Result<Self, ExpressionError>> {
        let catalogue = tables.catalogue()?;
        let bound = Binder::new(&catalogue).bind(sql);
        Ok(bound.and_then(|bound| Self::of(bound, tables)))
    }

    fn of(Bound { relation, columns }: Bound, tables: PromptTables) -> std::result::Result<Self, ExpressionError> {
        let mut fields: Vec<Field> = Vec::with_capacity(columns.len());
        for (name, column) in &columns {
            let Operand { expr, data_type, .. } = column.operand();
            check_result(&Operand::new(expr, data_type))
                .map_err(|error| ExpressionError { message: format!("column `{name}`: {}", error.message), ..error })?;
            if column.data_type == DataType::Null {
                return Err(ExpressionError::new(format!("column `{name}` of the query is always null"))
                    .with_hint("give it a type, such as cast(null as int), or leave it out"));
            }
            let name = free_name(name, &fields);
            fields.push(Field::new(name, column.data_type.clone(), true));
        }
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        Ok(Self { tables: Arc::new(tables), relation, columns, schema: Arc::new(Schema::new(fields)) })
    }

    /// Gives the columns of the answer, each with a name of its own; times are in the job's zone.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Computes the answer and hands it on batch by batch; `take` says whether more is wanted. Gives what was left out of the sources.
    ///
    /// # Errors
    /// A value cannot be computed, or a file is damaged (Data); memory or scratch is too small (Resources); the store fails or `is_stopped`
    /// (Dependency); what `take` fails with.
    pub fn answer(
        &self,
        with: &Answering<'_>,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(&RecordBatch) -> Result<bool>,
    ) -> Result<Vec<LeftOut>> {
        private_folder(with.room.scratch)?;
        let left_out = Arc::new(Mutex::new(Vec::new()));
        let readers = Readers {
            tables: Arc::clone(&self.tables),
            storage: with.storage.clone(),
            runtime: with.runtime.clone(),
            left_out: Arc::clone(&left_out),
            nobody: Arc::new(StringArray::new_null(0)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| Error::resources("no thread for the query").caused_by(error))?;
        runtime.block_on(self.stream(&readers, with.room, is_stopped, take))?;
        // Readers have ended by themselves or find that nobody takes their rows.
        drop(runtime);
        let mut left_out = std::mem::take(&mut *left_out.lock().unwrap_or_else(PoisonError::into_inner));
        left_out.sort_by(|a, b| (&a.source, a.fates.read).cmp(&(&b.source, b.fates.read)));
        Ok(left_out)
    }

    async fn stream(
        &self,
        readers: &Readers,
        room: Room<'_>,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(&RecordBatch) -> Result<bool>,
    ) -> Result<()> {
        let failed = |error| explained(error, room);
        let lost = Arc::new(Lost::default());
        let needed: BTreeSet<String> = self.columns.iter().map(|column| column.id.clone()).collect();
        let plan = Lowering { leaves: readers, lost: &lost, constants: room.constants, counts_filters: false }
            .lower(&self.relation, &needed)
            .map_err(failed)?;
        // Rows are sorted by all columns, and merging copies the keys, which can take several times the rows: so what is in memory is
        // sorted at once, whatever it is.
        let context = Arc::new(context(room, room.memory).map_err(failed)?);
        let mut rows = plan.execute(0, context).map_err(failed)?;
        loop {
            let batch = tokio::select! {
                batch = rows.next() => batch,
                () = tokio::time::sleep(LOOK) => match is_stopped() {
                    true => return Err(Error::dependency("stopped before the answer was whole")),
                    false => continue,
                },
            };
            let Some(batch) = batch.transpose().map_err(failed)? else { return Ok(()) };
            if !take(&self.shown(&batch)?)? {
                return Ok(());
            }
        }
    }

    /// Gives the columns of the answer out of a batch of the plan.
    fn shown(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let unfit = |error: ArrowError| Error::bug("the rows of a query do not fit its columns").caused_by(error);
        let columns = self.columns.iter().map(|column| -> Result<ArrayRef> {
            let values = rows.column_by_name(&column.id).ok_or_else(|| Error::bug("a query lost a column"))?;
            match values.data_type() {
                DataType::Timestamp(..) => Ok(Arc::clone(values)),
                _ => finish(values).map_err(unfit),
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(unfit)
    }
}

/// Gives a name that no field has yet: a second `id` is `id_2`.
fn free_name(name: &str, fields: &[Field]) -> String {
    let is_free = |name: &str| fields.iter().all(|field| field.name() != name);
    let numbered = || (2..).map(|number| format!("{name}_{number}")).find(|name| is_free(name));
    if is_free(name) { name.to_owned() } else { numbered().unwrap_or_default() }
}

/// Says what an error of the engine means to a user.
fn explained(error: DataFusionError, room: Room<'_>) -> Error {
    if !is_too_large(&error) {
        return of_engine(error, room);
    }
    let megabytes = room.memory.div_ceil(1 << 20);
    Error::resources(format!("the query does not fit into {megabytes} MB of memory"))
        .with_hint("give more --memory; a join holds its right side, a window its largest partition: write the smaller table there, with the columns and rows that are needed")
}

//! The readers of tables: Parquet of a run, and sources as the partition cleans them.

use super::{
    super::{
        catalogue::Rows,
        failure::through_engine,
        lower::{Leaves, Plan},
        tables::BATCH,
    },
    leaf::{Read, Streamed},
    tables::{PromptRows, PromptTables},
};
use crate::{
    expression::{Settings, prepare},
    partition::{CleanedSource, LeftOut},
    reading::{Piece, ReadSpec, read},
    storage::Storage,
};
use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray},
    compute::cast,
    datatypes::SchemaRef,
};
use datafusion_common::Result as EngineResult;
use segmenter_proto::{Error, Result, jobs::CsvOptions};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::runtime::Handle;

/// What readers work with.
#[derive(Debug)]
pub(super) struct Readers {
    pub(super) tables: Arc<PromptTables>,
    pub(super) storage: Storage,
    pub(super) runtime: Handle,
    /// What was left out of each source that was read.
    pub(super) left_out: Arc<Mutex<Vec<LeftOut>>>,
    /// Nobody: rows of a prompt have their ids as text.
    pub(super) nobody: Arc<StringArray>,
}

impl Leaves for Readers {
    fn leaf(&self, rows: &Rows, names: &[&str], schema: &SchemaRef) -> EngineResult<Plan> {
        let table = match rows {
            Rows::Opened(at) => *at,
            _ => return Err(through_engine(Error::bug("a prompt has no shards"))),
        };
        let reader = Reader {
            tables: Arc::clone(&self.tables),
            table,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            schema: Arc::clone(schema),
            storage: self.storage.clone(),
            runtime: self.runtime.clone(),
            left_out: Arc::clone(&self.left_out),
        };
        Ok(Arc::new(Streamed::new(Arc::clone(schema), Arc::new(reader))))
    }

    fn ids(&self) -> &Arc<StringArray> {
        &self.nobody
    }
}

/// Reads some columns of a table.
#[derive(Debug)]
struct Reader {
    tables: Arc<PromptTables>,
    table: usize,
    names: Vec<String>,
    /// The columns as the plan has them.
    schema: SchemaRef,
    storage: Storage,
    runtime: Handle,
    left_out: Arc<Mutex<Vec<LeftOut>>>,
}

impl Read for Reader {
    fn read(&self, take: &mut dyn FnMut(RecordBatch) -> bool) -> Result<()> {
        let table = self.tables.tables.get(self.table).ok_or_else(|| Error::bug("a table got lost"))?;
        match &table.rows {
            PromptRows::Files { files, schema } => {
                let pieces = files.iter().map(|file| Piece {
                    file: file.clone(),
                    row_groups: None,
                    first_row: 1,
                    rows: None,
                    bytes: file.size,
                });
                self.files(pieces, schema, take)
            }
            PromptRows::Source { number, pieces } => self.source(*number, pieces, take),
            PromptRows::Unopened => Err(Error::bug(format!("table {} was not opened", table.name))),
        }
    }
}

impl Reader {
    fn files(
        &self,
        pieces: impl Iterator<Item = Piece>,
        agreed: &SchemaRef,
        take: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<()> {
        let settings = Settings::of(&self.tables.spec.job)?;
        let spec = ReadSpec {
            columns: self.names.clone(),
            csv: CsvOptions::default(),
            types: BTreeMap::new(),
            timezone: settings.zone(),
            agreed: Arc::clone(agreed),
            raw: false,
        };
        for piece in pieces {
            for rows in read(&self.storage, &self.runtime, &piece, &spec, BATCH)? {
                let rows = rows?;
                if let Some(error) = rows.errors.first() {
                    let what = format!("{}: column {}: {}", piece.file.uri, error.column, error.reason);
                    return Err(Error::data(what).with_hint("`segmenter verify JOB` tells whether the run is whole"));
                }
                if !take(self.as_planned(&rows.batch, settings)?) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn source(&self, number: usize, pieces: &[Piece], take: &mut dyn FnMut(RecordBatch) -> bool) -> Result<()> {
        let settings = Settings::of(&self.tables.spec.job)?;
        let mut source = CleanedSource::open(&self.tables.spec, number, &self.names)?;
        let read = source.read((&self.storage, &self.runtime), pieces, BATCH, &mut |rows| {
            Ok(take(self.as_planned(&rows, settings)?))
        });
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).push(source.left_out());
        read
    }

    /// Gives the columns as the plan has them.
    fn as_planned(&self, rows: &RecordBatch, settings: Settings) -> Result<RecordBatch> {
        let columns = self.names.iter().zip(self.schema.fields()).map(|(name, field)| -> Result<ArrayRef> {
            let lost = || Error::bug(format!("column {name} of a table got lost"));
            let seen = prepare(rows.column_by_name(name).ok_or_else(lost)?, settings.zone()).map_err(unfit)?;
            if seen.data_type() == field.data_type() { Ok(seen) } else { cast(&seen, field.data_type()).map_err(unfit) }
        });
        let columns = columns.collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(unfit)
    }
}

fn unfit(error: arrow::error::ArrowError) -> Error {
    Error::bug("rows of a table do not fit the plan").caused_by(error)
}

//! What queries at a prompt may name.

use super::super::catalogue::{Catalogue, Rows, Table};
use crate::{
    expression::{Settings, seen},
    reading::{Piece, PinnedFile},
    spec::RunSpec,
};
use arrow::datatypes::SchemaRef;
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// The tables of a prompt.
#[derive(Debug, Clone)]
pub struct PromptTables {
    /// The run, with its sources that have been opened: of each `wanted` has what the run evaluates, and `kept` all names.
    pub spec: RunSpec,
    /// By name, in the order in which they are told.
    pub tables: Vec<PromptTable>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct PromptTable {
    /// As queries name it, with its dots.
    pub name: String,
    /// Where its rows are.
    pub rows: PromptRows,
}

/// Where the rows of a table are.
#[derive(Debug, Clone)]
pub enum PromptRows {
    /// In Parquet files, one behind the other.
    Files {
        /// The files; what differs from file to file and stands in none is a part of its path.
        files: Vec<PinnedFile>,
        /// The columns that all of them have, in their order.
        schema: SchemaRef,
    },
    /// In a source.
    Source {
        /// Its position in the run's specification.
        number: usize,
        /// The pieces of its files.
        pieces: Vec<Piece>,
    },
    /// Not known, since no query asks for it.
    Unopened,
}

impl PromptTables {
    /// Gives the columns of a table with the types that queries see; none where it is not opened.
    ///
    /// # Errors
    /// Bug only.
    pub fn columns(&self, table: &PromptTable) -> Result<Option<SchemaRef>> {
        let zone = Settings::of(&self.spec.job)?.zone();
        Ok(match &table.rows {
            PromptRows::Files { schema, .. } => Some(seen(schema, zone)),
            PromptRows::Source { number, .. } => {
                let source = self.spec.sources.get(*number);
                let source = source.ok_or_else(|| Error::bug(format!("there is no source {number}")))?;
                Some(seen(source.schema()?.as_ref(), zone))
            }
            PromptRows::Unopened => None,
        })
    }

    pub(super) fn catalogue(&self) -> Result<Catalogue> {
        let tables = self.tables.iter().enumerate().map(|(at, table)| {
            let columns = self.columns(table)?;
            let fields = columns.iter().flat_map(|columns| columns.fields());
            Ok(Table {
                name: table.name.clone(),
                rows: Rows::Opened(at),
                columns: fields.map(|field| Arc::unwrap_or_clone(Arc::clone(field))).collect(),
                one_source: None,
                disagreeing: Vec::new(),
            })
        });
        Ok(Catalogue {
            tables: tables.collect::<Result<_>>()?,
            settings: Settings::of(&self.spec.job)?,
            as_of: self.spec.job.as_of,
            constants: Vec::new(),
            unit: self.spec.job.unit,
            is_local: false,
        })
    }
}

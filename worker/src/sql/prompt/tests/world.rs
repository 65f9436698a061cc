//! A run's folder with two tables in several files, and queries over them.

use super::super::{Answering, PromptQuery, PromptRows, PromptTable, PromptTables, RunFile, open_files};
use crate::{
    expression::ExpressionError,
    results::write_table,
    sql::{Constants, References, Room, tests::world::World},
    storage::Storage,
};
use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray},
    util::display::{ArrayFormatter, FormatOptions},
};
use segmenter_proto::{Error, Result};
use std::sync::Arc;
use tempfile::TempDir;

pub(super) const PLENTY: usize = 64 << 20;

/// Weights whose sum depends on the order in which floats are added.
const WEIGHTS: [f64; 6] = [1e16, 1.0, -1e16, 0.1, 0.2, 0.3];

pub(super) struct Folder {
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
    tables: PromptTables,
}

impl Folder {
    /// Writes `features` (customer_id, city, visits, weight) and `assignments` of two segmentations (segmentation, customer_id, segment),
    /// two rows a file.
    pub(super) fn new() -> Self {
        Self::of(&WEIGHTS)
    }

    /// The same with other weights, a row each.
    pub(super) fn of(weights: &[f64]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cities = [Some("Łódź"), None, Some("Brno"), Some("Łódź"), Some("Brno"), Some("Aš")];
        let id = |row: usize| format!("c{row:05}");
        let features = |rows: std::ops::Range<usize>| {
            let ids: StringArray = rows.clone().map(|row| Some(id(row))).collect();
            let city: StringArray = rows.clone().map(|row| cities[row % cities.len()]).collect();
            let visits: Int64Array = rows.clone().map(|row| Some(row as i64 % 4)).collect();
            let weight: Float64Array = rows.map(|row| Some(weights[row])).collect();
            table([("customer_id", of(ids)), ("city", of(city)), ("visits", of(visits)), ("weight", of(weight))])
        };
        let assignments = |rows: std::ops::Range<usize>, by: usize| {
            let ids: StringArray = rows.clone().map(|row| Some(id(row))).collect();
            let segment: StringArray = rows.map(|row| Some(if row % by == 0 { "big" } else { "small" })).collect();
            table([("customer_id", of(ids)), ("segment", of(segment))])
        };
        let (all, step) = (weights.len(), (weights.len() / 3).max(1));
        let mut files = Vec::new();
        for start in (0..all).step_by(step) {
            let rows = start..(start + step).min(all);
            files.push(("features", None, features(rows.clone())));
            files.push(("assignments", Some("value"), assignments(rows.clone(), 2)));
            files.push(("assignments", Some("loyalty"), assignments(rows, 3)));
        }
        let tables = ["features", "assignments", "profiles"].map(|name| {
            let of_table = files.iter().filter(|(table, ..)| *table == name);
            let mut found = Vec::new();
            for (number, (_, of, rows)) in of_table.enumerate() {
                let path = folder.path().join(name).join(format!("part-{number:05}.parquet"));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, write_table(rows).unwrap().tail).unwrap();
                found.push(of.map(|of| ("segmentation".to_owned(), of.to_owned())));
            }
            let rows = runtime.block_on(async {
                let storage = Storage::with_environment([]);
                let opened = storage.open(&folder.path().to_string_lossy()).unwrap();
                let mut objects = opened.list(name).await.unwrap();
                objects.sort_by(|a, b| a.key.cmp(&b.key));
                let files = objects.into_iter().zip(found).map(|(object, constant)| RunFile { object, constant });
                match files.collect::<Vec<_>>().as_slice() {
                    [] => PromptRows::Unopened,
                    files => open_files(&storage, &opened, files).await.unwrap(),
                }
            });
            PromptTable { name: name.to_owned(), rows }
        });
        let spec = World::new().spec;
        Self { runtime, folder, tables: PromptTables { spec, tables: tables.into() } }
    }

    fn bind(&self, sql: &str) -> std::result::Result<PromptQuery, ExpressionError> {
        PromptQuery::bind(sql, self.tables.clone()).unwrap()
    }

    /// Answers a query with so much memory: rows by ` | `, values by blanks, null as `-`.
    pub(super) fn answer(&self, sql: &str, memory: usize) -> Result<String> {
        let query = self.bind(sql).map_err(Error::from)?;
        let scratch = self.folder.path().join("scratch");
        let (references, constants) = (References::default(), Constants::default());
        let with = Answering {
            storage: Storage::with_environment([]),
            runtime: self.runtime.handle().clone(),
            room: Room { memory, scratch: &scratch, references: &references, constants: &constants },
        };
        let mut rows: Vec<String> = Vec::new();
        let left_out = query.answer(&with, &|| false, &mut |batch| {
            rows.extend(shown(batch));
            Ok(true)
        })?;
        assert!(left_out.is_empty());
        Ok(rows.join(" | "))
    }

    #[track_caller]
    pub(super) fn line(&self, sql: &str) -> String {
        self.answer(sql, PLENTY).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    pub(super) fn names(&self, sql: &str) -> Vec<String> {
        let query = self.bind(sql).unwrap();
        query.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Gives what is said of a query that is refused.
    pub(super) fn refusal(&self, sql: &str) -> String {
        match self.bind(sql) {
            Ok(_) => panic!("{sql} is not refused"),
            Err(ExpressionError { message, hint, position }) => {
                let place = position.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
                format!("{place} {message}{}", hint.map_or(String::new(), |hint| format!(" ({hint})")))
            }
        }
    }
}

fn of(column: impl arrow::array::Array + 'static) -> ArrayRef {
    Arc::new(column)
}

fn table<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn shown(rows: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let columns = rows.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap());
    let columns: Vec<ArrayFormatter<'_>> = columns.collect();
    let row = |at: usize| columns.iter().map(|column| column.value(at).to_string()).collect::<Vec<_>>().join(" ");
    (0..rows.num_rows()).map(row).collect()
}

//! Files for tests, in a local folder and in memory.

use super::super::facts::{FileFacts, inspect};
use super::super::inputs::{InputOptions, list_inputs};
use super::super::pieces::{Piece, pieces};
use super::super::pinned::{Compression, PinnedFile, by_name};
use super::super::rows::{BrokenRow, CellError, Rows};
use super::super::spec::ReadSpec;
use super::read;
use crate::storage::Storage;
use ::parquet::arrow::ArrowWriter;
use ::parquet::file::properties::WriterProperties;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use chrono::{DateTime, NaiveDate};
use flate2::write::GzEncoder;
use object_store::memory::InMemory;
use segmenter_proto::Result;
use segmenter_proto::jobs::{CsvOptions, FileFormat, TextType};
use std::io::Write;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A pinned file that is nowhere.
pub(crate) fn pinned(name: &str) -> PinnedFile {
    let (format, compression) = by_name(name);
    PinnedFile {
        uri: name.to_owned(),
        store: "s3://nowhere".to_owned(),
        key: name.to_owned(),
        size: 0,
        etag: None,
        version: None,
        sha256: None,
        last_modified: DateTime::UNIX_EPOCH,
        format: format.unwrap_or(FileFormat::Csv),
        compression: if format == Some(FileFormat::Parquet) { Compression::None } else { compression },
        partition_values: Vec::new(),
    }
}

/// A local folder and a bucket in memory with the same files.
pub(crate) struct Lake {
    pub(crate) storage: Storage,
    pub(crate) roots: [String; 2],
    pub(crate) runtime: Runtime,
    _directory: TempDir,
}

impl Lake {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::with_environment([]);
        storage.mount("s3://lake", Arc::new(InMemory::new()));
        let roots = [directory.path().to_str().unwrap().to_owned(), "s3://lake/in".to_owned()];
        let lake = Self { storage, roots, runtime: Runtime::new().unwrap(), _directory: directory };
        for (name, content) in files {
            lake.write(name, content);
        }
        lake
    }

    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        for root in &self.roots {
            let folder = self.storage.open(root).unwrap();
            self.runtime.block_on(folder.put(name, content.to_vec())).unwrap();
        }
    }

    pub(crate) fn pin(&self, root: &str) -> Vec<PinnedFile> {
        let options = InputOptions { format: None, partitions: None, as_of: NaiveDate::MIN, complete: false };
        self.runtime.block_on(list_inputs(&self.storage, root, &options)).unwrap().files
    }

    pub(crate) fn inspect(&self, file: &PinnedFile, csv: &CsvOptions) -> Result<FileFacts> {
        self.inspect_for(file, csv, &[])
    }

    pub(crate) fn inspect_for(&self, file: &PinnedFile, csv: &CsvOptions, needed: &[String]) -> Result<FileFacts> {
        self.runtime.block_on(inspect(&self.storage, file, csv, needed))
    }

    pub(crate) fn read(&self, piece: &Piece, spec: &ReadSpec, batch_rows: usize) -> Result<Vec<Rows>> {
        read(&self.storage, self.runtime.handle(), piece, spec, batch_rows)?.collect()
    }

    /// Reads all files, in both stores, which must agree; gives the rows as text.
    pub(crate) fn all(&self, spec: &ReadSpec, batch_rows: usize) -> Result<Read> {
        let [local, memory] = &self.roots;
        let (local, memory) = (self.all_of(local, spec, batch_rows), self.all_of(memory, spec, batch_rows));
        match (&local, &memory) {
            (Ok(a), Ok(b)) => assert_eq!(a, b),
            (a, b) => assert_eq!(a.is_err(), b.is_err()),
        }
        local
    }

    pub(crate) fn all_of(&self, root: &str, spec: &ReadSpec, batch_rows: usize) -> Result<Read> {
        let mut read = Read::default();
        for file in self.pin(root) {
            let facts = self.inspect(&file, &spec.csv)?;
            for piece in pieces(&file, &facts) {
                for rows in self.read(&piece, spec, batch_rows)? {
                    assert!(rows.batch.num_rows() <= batch_rows);
                    assert_eq!(rows.batch.schema_ref(), &spec.schema(&facts.schema));
                    for row in 0..rows.batch.num_rows() {
                        let cell = |column: &ArrayRef| match column.is_null(row) {
                            true => "∅".to_owned(),
                            false => array_value_to_string(column, row).unwrap(),
                        };
                        read.rows.push(rows.batch.columns().iter().map(cell).collect::<Vec<_>>().join("|"));
                        read.row_numbers.push(rows.row_numbers.get(row));
                        read.raw.extend(rows.raw(row));
                    }
                    let error = |error: &CellError| {
                        format!(
                            "{} {} {}: {}",
                            rows.row_numbers.get(error.row),
                            error.column,
                            error.reason_code,
                            error.reason
                        )
                    };
                    read.errors.extend(rows.errors.iter().map(error));
                    read.broken.extend(rows.broken);
                }
            }
        }
        Ok(read)
    }
}

/// What was read, rows as text.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) rows: Vec<String>,
    pub(crate) row_numbers: Vec<u64>,
    pub(crate) errors: Vec<String>,
    pub(crate) broken: Vec<BrokenRow>,
    pub(crate) raw: Vec<String>,
}

pub(crate) fn spec(columns: &[&str], types: &[(&str, TextType)]) -> ReadSpec {
    ReadSpec {
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        csv: CsvOptions::default(),
        types: types.iter().map(|(name, declared)| ((*name).to_owned(), declared.clone())).collect(),
        timezone: chrono_tz::Europe::Warsaw,
        agreed: Arc::new(Schema::empty()),
        raw: false,
    }
}

pub(crate) fn parquet_file(batch: &RecordBatch, group: usize) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

//! Parquet files, written with bounded memory and the same bytes on every machine.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use segmenter_proto::{Error, Result};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows a row group: a few megabytes in memory while it is written.
const ROW_GROUP: usize = 128 * 1024;

/// Names the file that cannot be written.
pub(super) fn cannot_write(path: &Path, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::dependency(format!("cannot write {}: {cause}", path.display()))
        .with_hint("is the folder writable, and the disk large enough?")
        .caused_by(cause)
}

/// A Parquet file that is being written.
#[derive(Debug)]
pub(super) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
    /// Rows written.
    pub(super) rows: u64,
}

impl ParquetFile {
    /// Creates a file that must not exist.
    ///
    /// # Errors
    /// A dependency error, naming the file.
    pub(super) fn create(path: PathBuf, schema: SchemaRef) -> Result<Self> {
        let file = File::create_new(&path).map_err(|cause| cannot_write(&path, cause))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_created_by("segmenter synth".to_owned())
            .build();
        // Without the Arrow schema inside, so that it is read as any other program's file is.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(file, schema, options).map_err(|cause| cannot_write(&path, cause))?;
        Ok(Self { path, writer, rows: 0 })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// A dependency error, naming the file.
    pub(super) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|cause| cannot_write(&self.path, cause))
    }

    /// Closes the file and gives its rows and bytes.
    ///
    /// # Errors
    /// A dependency error, naming the file.
    pub(super) fn close(mut self) -> Result<(u64, u64)> {
        self.writer.finish().map_err(|cause| cannot_write(&self.path, cause))?;
        let facts = self.writer.inner().metadata().map_err(|cause| cannot_write(&self.path, cause))?;
        Ok((self.rows, facts.len()))
    }
}

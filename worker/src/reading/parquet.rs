//! Reads Parquet: local files as fast as the decoder, objects by ranges of the needed columns.

use super::agreement::missing_column;
use super::object::PinnedObject;
use super::parquet_types::with_whole_times;
use super::pieces::Piece;
use super::pinned::PinnedFile;
use super::rows::{RawRows, RowNumbers, Rows};
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderBuilder, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use ::parquet::arrow::async_reader::{ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder};
use ::parquet::errors::ParquetError;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use futures::StreamExt;
use segmenter_proto::{Error, Result};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Reads the needed columns of some row groups, batch by batch.
pub(super) struct ParquetReader {
    decoder: Decoder,
    /// Where each needed column stands in the decoder's batches, which keep the file's order.
    places: Vec<usize>,
    next_row: u64,
    raw: bool,
    object: PinnedObject,
}

enum Decoder {
    File(ParquetRecordBatchReader),
    Object(Box<ParquetRecordBatchStream<PinnedObject>>, Handle),
}

/// Reads types from Parquet's own schema alone, so that a column has one type whoever wrote the file: text is Utf8,
/// never a dictionary, large or a view.
pub(super) fn reader_options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

impl ParquetReader {
    /// Opens a piece and finds its needed columns `names`.
    ///
    /// # Errors
    ///
    /// The data's fault where the file is broken, changed or lacks a column.
    pub(super) fn new(
        object: PinnedObject,
        piece: &Piece,
        names: &[String],
        raw: bool,
        limit: usize,
        handle: &Handle,
    ) -> Result<Self> {
        let broken = |error| parquet_failure(&piece.file, error);
        let (decoder, places) = match handle.block_on(object.open_file())? {
            Some(file) => {
                let metadata = ArrowReaderMetadata::load(&file, reader_options());
                let metadata = metadata.and_then(with_whole_times).map_err(broken)?;
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
                let (builder, places) = project(builder, piece, names, limit)?;
                (Decoder::File(builder.build().map_err(broken)?), places)
            }
            None => {
                let mut input = object.clone();
                let metadata = handle.block_on(ArrowReaderMetadata::load_async(&mut input, reader_options()));
                let metadata = metadata.and_then(with_whole_times).map_err(broken)?;
                let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(input, metadata);
                let (builder, places) = project(builder, piece, names, limit)?;
                (Decoder::Object(Box::new(builder.build().map_err(broken)?), handle.clone()), places)
            }
        };
        Ok(Self { decoder, places, next_row: piece.first_row, raw, object })
    }

    /// Gives the next batch; none at the end of the piece.
    pub(super) fn next_rows(&mut self) -> Result<Option<Rows>> {
        let file = &self.object.file;
        let batch = match &mut self.decoder {
            Decoder::File(reader) => reader.next().transpose().map_err(|error| match error {
                ArrowError::ParquetError(text) => parquet_failure(file, ParquetError::General(text)),
                error => file.broken("truncated or not Parquet").caused_by(error),
            })?,
            Decoder::Object(stream, handle) => {
                handle.block_on(stream.next()).transpose().map_err(|error| parquet_failure(file, error))?
            }
        };
        let Some(batch) = batch else { return Ok(None) };
        let batch = self.arranged(&batch).map_err(|error| Error::bug("a column got lost").caused_by(error))?;
        let row_numbers = RowNumbers::From(self.next_row);
        self.next_row += batch.num_rows() as u64;
        let raw = if self.raw { RawRows::Cells } else { RawRows::None };
        Ok(Some(Rows { batch, row_numbers, errors: Vec::new(), not_text: Vec::new(), broken: Vec::new(), raw }))
    }

    /// Puts the columns into the asked order, all nullable, so that every file of a source gives one schema.
    fn arranged(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let fields = self.places.iter().map(|place| {
            let field = batch.schema_ref().field(*place);
            Field::new(field.name(), field.data_type().clone(), true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let arrays = self.places.iter().map(|place| Arc::clone(batch.column(*place))).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema, arrays, &options)
    }
}

/// Asks for the needed columns and row groups, and tells where each column will stand.
fn project<T>(
    builder: ArrowReaderBuilder<T>,
    piece: &Piece,
    names: &[String],
    limit: usize,
) -> Result<(ArrowReaderBuilder<T>, Vec<usize>)> {
    let fields = builder.schema().fields();
    let in_file = names
        .iter()
        .map(|name| {
            let place = fields.iter().position(|field| field.name() == name);
            place.ok_or_else(|| missing_column(&piece.file, name, fields.iter().map(|field| field.name().as_str())))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut in_order = in_file.clone();
    in_order.sort_unstable();
    let places = in_file.iter().map(|place| in_order.partition_point(|other| other < place)).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), in_file);
    let builder = builder.with_projection(mask).with_batch_size(limit.max(1));
    let builder = match &piece.row_groups {
        None => builder,
        Some(groups) if groups.end <= builder.metadata().num_row_groups() => {
            builder.with_row_groups(groups.clone().collect())
        }
        Some(_) => return Err(piece.file.broken("it has fewer row groups than when it was planned")),
    };
    Ok((builder, places))
}

/// Gives the error of a Parquet file: what our own reads said, or that the file is broken.
pub(super) fn parquet_failure(file: &PinnedFile, error: ParquetError) -> Error {
    match error {
        ParquetError::External(error) => match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(error) => file.broken("truncated or not Parquet").caused_by(error),
        },
        ParquetError::NYI(text) => file.broken(format!("it uses what this reader of Parquet lacks: {text}")),
        ParquetError::General(text) if text.contains("Disabled feature") => file
            .broken(format!("it is compressed in a way that is not supported: {text}"))
            .with_hint("rewrite it with zstd, snappy, lz4 or gzip"),
        error => file
            .broken("truncated or not Parquet")
            .with_hint("write the file again; an upload may have been cut off")
            .caused_by(error),
    }
}

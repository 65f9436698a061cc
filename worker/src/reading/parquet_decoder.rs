//! Decodes some columns of a piece of Parquet, from a file of this machine or by ranges of an object.

use super::object::PinnedObject;
use super::parquet::parquet_failure;
use super::pieces::Piece;
use super::pinned::PinnedFile;
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderBuilder, ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::arrow::async_reader::{ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder};
use ::parquet::errors::ParquetError;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use futures::StreamExt;
use segmenter_proto::Result;
use tokio::runtime::Handle;

/// A decoder of batches, with the runtime that does an object's requests.
pub(super) enum Decoder {
    File(ParquetRecordBatchReader),
    Object(Box<ParquetRecordBatchStream<PinnedObject>>, Handle),
}

impl Decoder {
    /// Opens the columns of plain values at `leaves` of a piece, in batches of at most `limit` rows.
    ///
    /// # Errors
    ///
    /// The data's fault where the file is broken or changed.
    pub(super) fn open(
        object: &PinnedObject,
        metadata: ArrowReaderMetadata,
        piece: &Piece,
        leaves: Vec<usize>,
        limit: usize,
        handle: &Handle,
    ) -> Result<Self> {
        let broken = |error| parquet_failure(&piece.file, error);
        let mask = ProjectionMask::leaves(metadata.parquet_schema(), leaves);
        match handle.block_on(object.open_file())? {
            Some(file) => {
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
                Ok(Self::File(project(builder, piece, mask, limit)?.build().map_err(broken)?))
            }
            None => {
                let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(object.clone(), metadata);
                let stream = project(builder, piece, mask, limit)?.build().map_err(broken)?;
                Ok(Self::Object(Box::new(stream), handle.clone()))
            }
        }
    }

    /// Gives the next batch; none at the end of the piece.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub(super) fn next(&mut self, file: &PinnedFile) -> Result<Option<RecordBatch>> {
        match self {
            Self::File(reader) => reader.next().transpose().map_err(|error| match error {
                ArrowError::ParquetError(text) => parquet_failure(file, ParquetError::General(text)),
                error => file.broken("truncated or not Parquet").caused_by(error),
            }),
            Self::Object(stream, handle) => {
                handle.block_on(stream.next()).transpose().map_err(|error| parquet_failure(file, error))
            }
        }
    }
}

/// Asks for the needed columns and row groups.
fn project<T>(
    builder: ArrowReaderBuilder<T>,
    piece: &Piece,
    mask: ProjectionMask,
    limit: usize,
) -> Result<ArrowReaderBuilder<T>> {
    let builder = builder.with_projection(mask).with_batch_size(limit.max(1));
    match &piece.row_groups {
        None => Ok(builder),
        Some(groups) if groups.end <= builder.metadata().num_row_groups() => {
            Ok(builder.with_row_groups(groups.clone().collect()))
        }
        Some(_) => Err(piece.file.broken("it has fewer row groups than when it was planned")),
    }
}

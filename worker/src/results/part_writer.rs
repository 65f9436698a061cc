//! A Parquet file whose bytes depend on its rows and nothing else.
//!
//! - Properties are fixed; the writer's version, a clock or a host stand nowhere in the file.
//! - Batches are re-cut to [`WRITE_BATCH_ROWS`] from the start of each row group: page and dictionary decisions are
//!   taken a batch at a time, so the same rows cut differently would else give other bytes.
//! - Zero has no sign: −0.0 is written as 0.0, so every double of every table passes here.
//! - Memory is one row group, encoded, and one batch; what is finished can be taken away by [`PartWriter::take_chunk`].

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::concat_batches,
    datatypes::{DataType, Float32Type, Float64Type, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use bytes::Bytes;
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties, WriterVersion},
    schema::types::ColumnPath,
};
use segmenter_proto::{Error, Result, jobs::Unit};
use sha2::{Digest, Sha256};
use std::{fmt, io, mem, sync::Arc};

/// Rows of every batch but the last that reaches the encoder.
pub const WRITE_BATCH_ROWS: usize = 8192;
/// Rows of every row group but the last: a whole number of batches, so each starts with one.
const ROW_GROUP_ROWS: usize = 16 * WRITE_BATCH_ROWS;
const PAGE_BYTES: usize = 1 << 20;
const PAGE_ROWS: usize = 20_000;
const DICTIONARY_BYTES: usize = 1 << 20;
const CREATED_BY: &str = "segmenter";

/// A finished file, apart from the chunks taken before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedPart {
    /// The bytes after the last chunk that was taken: all of them where none was.
    pub tail: Bytes,
    /// Rows of the whole file.
    pub rows: u64,
    /// Bytes of the whole file.
    pub bytes: u64,
    /// SHA-256 of the whole file, lower-case hex.
    pub sha256: String,
}

/// Writes one Parquet file into memory, or in chunks that the caller takes away.
pub struct PartWriter {
    schema: SchemaRef,
    writer: ArrowWriter<HashedSink>,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    rows: u64,
}

impl fmt::Debug for PartWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PartWriter").field("schema", &self.schema).field("rows", &self.rows).finish()
    }
}

impl PartWriter {
    /// Starts a file with the columns of `schema`.
    ///
    /// # Errors
    /// A bug where Parquet has no such type.
    pub fn new(schema: SchemaRef) -> Result<Self> {
        Self::with_row_groups(schema, ROW_GROUP_ROWS)
    }

    /// Starts a file with so many rows in every row group but the last; a divisor or a multiple of [`WRITE_BATCH_ROWS`].
    ///
    /// # Errors
    /// As of [`Self::new`].
    pub(super) fn with_row_groups(schema: SchemaRef, rows: usize) -> Result<Self> {
        // Without the Arrow schema: its encoding is the library's, and the Parquet types say all that is needed.
        let options =
            ArrowWriterOptions::new().with_properties(properties(&schema, rows)?).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(HashedSink::default(), schema.clone(), options).map_err(encoding)?;
        Ok(Self { schema, writer, pending: Vec::new(), pending_rows: 0, rows: 0 })
    }

    /// Appends rows; however they are cut into batches, the file is the same.
    ///
    /// # Errors
    /// A bug where the batch does not have the file's columns and types, or a null stands where none may.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = batch.columns().iter().map(without_negative_zero).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|cause| Error::bug("a batch does not fit the schema of its output file").caused_by(cause))?;
        let mut start = 0;
        while start < batch.num_rows() {
            let taken = (batch.num_rows() - start).min(WRITE_BATCH_ROWS - self.pending_rows);
            self.pending.push(batch.slice(start, taken));
            self.pending_rows += taken;
            start += taken;
            if self.pending_rows == WRITE_BATCH_ROWS {
                self.encode_pending()?;
            }
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Takes the bytes that are finished since the last call; none where there are none yet.
    pub fn take_chunk(&mut self) -> Option<Bytes> {
        let chunk = mem::take(&mut self.writer.inner_mut().unread);
        (!chunk.is_empty()).then(|| chunk.into())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// A bug where encoding fails.
    pub fn finish(mut self) -> Result<FinishedPart> {
        self.encode_pending()?;
        let sink = self.writer.into_inner().map_err(encoding)?;
        Ok(FinishedPart {
            tail: sink.unread.into(),
            rows: self.rows,
            bytes: sink.bytes,
            sha256: hex(&sink.digest.finalize()),
        })
    }

    fn encode_pending(&mut self) -> Result<()> {
        let pending = mem::take(&mut self.pending);
        self.pending_rows = 0;
        match pending.as_slice() {
            [] => Ok(()),
            [whole] => self.writer.write(whole).map_err(encoding),
            parts => {
                let whole = concat_batches(&self.schema, parts)
                    .map_err(|cause| Error::bug("batches of one file do not join").caused_by(cause))?;
                self.writer.write(&whole).map_err(encoding)
            }
        }
    }
}

/// Gives the file of a table that fits one batch.
///
/// # Errors
/// A bug where encoding fails.
pub fn write_table(batch: &RecordBatch) -> Result<FinishedPart> {
    let mut writer = PartWriter::new(batch.schema())?;
    writer.write(batch)?;
    writer.finish()
}

/// Every property that decides a byte, said here so that a new default of the library changes none.
fn properties(schema: &Schema, row_group_rows: usize) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(1).map_err(encoding)?;
    let id = [Unit::Customer, Unit::Account].map(Unit::key).into_iter();
    let mut id = id.filter(|id| schema.fields().first().is_some_and(|field| field.name() == id));
    Ok(WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(row_group_rows))
        .set_max_row_group_bytes(None)
        .set_write_batch_size(1024)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_enabled(true)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        // Every id occurs once: a dictionary would be built and thrown away.
        .set_column_dictionary_enabled(ColumnPath::from(id.next().unwrap_or(Unit::Customer.key())), false)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64))
        .set_bloom_filter_enabled(false)
        .build())
}

/// Takes the sign off zeros of floats: 0 and −0 are equal, and would show as two values.
fn without_negative_zero(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            let negative = values.values().iter().any(|value| *value == 0.0 && value.is_sign_negative());
            if negative { Arc::new(values.unary::<_, Float64Type>(|value| value + 0.0)) } else { Arc::clone(column) }
        }
        DataType::Float32 => {
            let values = column.as_primitive::<Float32Type>();
            let negative = values.values().iter().any(|value| *value == 0.0 && value.is_sign_negative());
            if negative { Arc::new(values.unary::<_, Float32Type>(|value| value + 0.0)) } else { Arc::clone(column) }
        }
        _ => Arc::clone(column),
    }
}

fn encoding(cause: parquet::errors::ParquetError) -> Error {
    Error::bug("an output file could not be encoded").caused_by(cause)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Collects bytes and their digest.
#[derive(Default)]
struct HashedSink {
    unread: Vec<u8>,
    digest: Sha256,
    bytes: u64,
}

impl io::Write for HashedSink {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.unread.extend_from_slice(buffer);
        self.digest.update(buffer);
        self.bytes += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, Decimal128Array, Float32Array, Float64Array, Int32Array, StringArray};
    use arrow::datatypes::{Field, Schema};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use proptest::prelude::*;

    fn table(rows: usize) -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![
            Field::new("customer_id", DataType::Utf8, false),
            Field::new("orders", DataType::Int32, true),
            Field::new("monetary", DataType::Decimal128(28, 4), false),
            Field::new("share", DataType::Float64, true),
            Field::new("city", DataType::Utf8, true),
            Field::new("flag", DataType::Boolean, true),
        ]));
        let pick = |row: usize| row.wrapping_mul(2_654_435_761) % 1009;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("c{row:09}")))),
            Arc::new((0..rows).map(|row| (pick(row) % 7 != 0).then_some(pick(row) as i32)).collect::<Int32Array>()),
            Arc::new(
                Decimal128Array::from_iter_values((0..rows).map(|row| pick(row) as i128 * 12_345))
                    .with_precision_and_scale(28, 4)
                    .unwrap(),
            ),
            Arc::new((0..rows).map(|row| (row % 5 != 0).then_some(row as f64 / 3.0)).collect::<Float64Array>()),
            Arc::new(
                (0..rows).map(|row| (row % 11 != 0).then(|| format!("city {}", pick(row)))).collect::<StringArray>(),
            ),
            Arc::new((0..rows).map(|row| (row % 13 != 0).then_some(row % 2 == 0)).collect::<BooleanArray>()),
        ];
        RecordBatch::try_new(schema, columns).unwrap()
    }

    fn written(batches: &[RecordBatch]) -> FinishedPart {
        let mut writer = PartWriter::new(batches[0].schema()).unwrap();
        for batch in batches {
            writer.write(batch).unwrap();
        }
        writer.finish().unwrap()
    }

    fn cut(table: &RecordBatch, lengths: &[usize]) -> Vec<RecordBatch> {
        let mut parts = Vec::new();
        let mut start = 0;
        for length in lengths.iter().cycle() {
            if start == table.num_rows() {
                return parts;
            }
            let length = (*length).min(table.num_rows() - start);
            parts.push(table.slice(start, length));
            start += length;
        }
        parts
    }

    #[test]
    fn zero_has_no_sign() {
        let rows = RecordBatch::try_from_iter([
            ("wide", Arc::new(Float64Array::from(vec![Some(-0.0), None, Some(-1.0)])) as ArrayRef),
            ("narrow", Arc::new(Float32Array::from(vec![0.0, -0.0, 2.0]))),
        ])
        .unwrap();
        let read = ParquetRecordBatchReaderBuilder::try_new(write_table(&rows).unwrap().tail).unwrap().build().unwrap();
        let read: Vec<RecordBatch> = read.collect::<Result<_, _>>().unwrap();
        let bits = |value: Option<f64>| value.map(f64::to_bits);
        let wide: Vec<_> = read[0].column(0).as_primitive::<Float64Type>().iter().map(bits).collect();
        assert_eq!(wide, [bits(Some(0.0)), None, bits(Some(-1.0))]);
        assert_eq!(read[0].column(1).as_primitive::<Float32Type>().value(1).to_bits(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn bytes_do_not_depend_on_how_batches_are_cut(
            rows in 1_usize..40_000,
            lengths in proptest::collection::vec(1_usize..20_000, 1..8),
        ) {
            let table = table(rows);
            prop_assert_eq!(written(&cut(&table, &lengths)), written(std::slice::from_ref(&table)));
        }
    }

    #[test]
    fn row_groups_are_cut_at_a_whole_number_of_batches_and_the_rows_come_back() {
        let table = table(ROW_GROUP_ROWS + 77);
        let part = written(&cut(&table, &[50_001, 3]));
        assert_eq!(part, written(std::slice::from_ref(&table)));
        let reader = ParquetRecordBatchReaderBuilder::try_new(part.tail).unwrap();
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(groups, [ROW_GROUP_ROWS as i64, 77]);
        let metadata = reader.metadata().file_metadata();
        assert_eq!((metadata.created_by(), metadata.key_value_metadata()), (Some("segmenter"), None));
        let read: Vec<_> = reader.with_batch_size(1 << 20).build().unwrap().map(|batch| batch.unwrap()).collect();
        let read = concat_batches(&read[0].schema(), &read).unwrap();
        assert_eq!(read.schema().fields(), table.schema().fields());
        assert_eq!(read.columns(), table.columns());
    }

    #[test]
    fn chunks_taken_on_the_way_and_the_tail_are_the_whole_file() {
        let table = table(2 * ROW_GROUP_ROWS);
        let whole = written(std::slice::from_ref(&table));
        let mut writer = PartWriter::new(table.schema()).unwrap();
        let mut bytes = Vec::new();
        let mut chunks = 0;
        for batch in cut(&table, &[10_000]) {
            writer.write(&batch).unwrap();
            if let Some(chunk) = writer.take_chunk() {
                bytes.extend_from_slice(&chunk);
                chunks += 1;
            }
        }
        let part = writer.finish().unwrap();
        bytes.extend_from_slice(&part.tail);
        assert!(chunks > 1, "nothing was taken before the end");
        assert_eq!(bytes, whole.tail);
        assert_eq!((part.rows, part.bytes, &part.sha256), (whole.rows, bytes.len() as u64, &whole.sha256));
        assert_eq!(part.sha256, hex(&Sha256::digest(&bytes)));
    }

    #[test]
    fn a_file_without_rows_is_a_file() {
        let part = written(&[table(0)]);
        assert_eq!(part.rows, 0);
        let reader = ParquetRecordBatchReaderBuilder::try_new(part.tail).unwrap();
        assert_eq!(reader.schema().fields().len(), 6);
        assert_eq!(reader.build().unwrap().count(), 0);
    }

    #[test]
    fn a_null_where_none_may_be_is_refused() {
        let table = table(3);
        let mut columns = table.columns().to_vec();
        columns[0] = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]));
        let fields: Vec<_> = table.schema().fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
        let loose = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        let refused = PartWriter::new(table.schema()).unwrap().write(&loose).unwrap_err();
        assert_eq!(refused.fault, segmenter_proto::Fault::Bug);
    }
}

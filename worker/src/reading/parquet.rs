//! Reads Parquet: local files as fast as the decoder, objects by ranges of the needed columns.

use super::agreement::read_as;
use super::cells::CellColumn;
use super::content::other_than_text;
use super::converted::{Misfit, converted, natural_type};
use super::header::places_of;
use super::nested::{NamedColumn, at_path, named_columns, named_fields};
use super::object::PinnedObject;
use super::parquet_decoder::Decoder;
use super::parquet_types::{int96_columns, with_int96_as, with_whole_times, without_wrapped};
use super::pieces::Piece;
use super::pinned::{Compression, PinnedFile};
use super::rows::{CellError, RawRows, RowNumbers, Rows};
use super::spec::ReadSpec;
use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use ::parquet::basic::{LogicalType, Type as PhysicalType};
use ::parquet::errors::ParquetError;
use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use segmenter_proto::jobs::TextType;
use segmenter_proto::{Error, Result};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Reads the needed columns of some row groups, batch by batch.
pub(super) struct ParquetReader {
    decoder: Decoder,
    /// The columns of INT96 once more, in seconds, which hold what microseconds do not; none where there are none.
    seconds: Option<Decoder>,
    columns: Vec<Column>,
    schema: SchemaRef,
    next_row: u64,
    raw: bool,
    object: PinnedObject,
}

/// A needed column.
struct Column {
    name: Arc<str>,
    /// Where the whole column stands in the decoder's batches, which keep the file's order; none where the file lacks it.
    place: Option<usize>,
    /// The fields that lead to it within that.
    path: Vec<String>,
    /// Where it stands in those of the seconds; none where it is not INT96.
    in_seconds: Option<usize>,
    /// Its own type, with bytes as text.
    natural: DataType,
    /// The type as which it is read.
    read_as: DataType,
    uuid: bool,
    /// Parses text of a declared type.
    cells: Option<CellColumn>,
}

/// Reads types from Parquet's own schema alone, so that a column has one type whoever wrote the file: text is Utf8,
/// never a dictionary, large or a view.
pub(super) fn reader_options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

/// Reads the footer.
///
/// # Errors
///
/// The data's fault where the file is broken, changed or not Parquet.
pub(super) async fn read_metadata(object: &PinnedObject) -> Result<ArrowReaderMetadata> {
    match ArrowReaderMetadata::load_async(&mut object.clone(), reader_options()).await.and_then(with_whole_times) {
        Ok(metadata) => Ok(metadata),
        Err(error) => Err(not_parquet(object, parquet_failure(&object.file, error)).await),
    }
}

/// Gives the columns of a file by their names, fields of structs among them, with bytes as the text that they mostly are.
pub(super) fn own_fields(metadata: &ArrowReaderMetadata) -> Vec<Field> {
    named_fields(metadata.schema())
}

impl ParquetReader {
    /// Opens a piece and finds its needed columns `names`; one that the file lacks is null.
    ///
    /// # Errors
    ///
    /// The data's fault where the file is broken or changed.
    pub(super) fn new(
        object: PinnedObject,
        piece: &Piece,
        names: &[String],
        spec: &ReadSpec,
        limit: usize,
        handle: &Handle,
    ) -> Result<Self> {
        let metadata = handle.block_on(read_metadata(&object))?;
        let Needed { columns, leaves, int96 } = needed(&metadata, names, spec, &piece.file)?;
        let seconds = match int96.is_empty() {
            true => None,
            false => {
                let metadata =
                    with_int96_as(&metadata, TimeUnit::Second).map_err(|error| parquet_failure(&piece.file, error))?;
                Some(Decoder::open(&object, metadata, piece, int96, limit, handle)?)
            }
        };
        let decoder = Decoder::open(&object, metadata, piece, leaves, limit, handle)?;
        let fields = columns.iter().map(|column| Field::new(&*column.name, column.read_as.clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Self { decoder, seconds, columns, schema, next_row: piece.first_row, raw: spec.raw, object })
    }

    /// Gives the next batch; none at the end of the piece.
    pub(super) fn next_rows(&mut self) -> Result<Option<Rows>> {
        let file = &self.object.file;
        let Some(batch) = self.decoder.next(file)? else { return Ok(None) };
        let seconds = match &mut self.seconds {
            None => None,
            Some(decoder) => {
                let seconds = decoder.next(file)?.filter(|seconds| seconds.num_rows() == batch.num_rows());
                Some(seconds.ok_or_else(|| Error::bug("the same rows of Parquet came in other batches"))?)
            }
        };
        let mut errors = Vec::new();
        let batch = self
            .arranged(&batch, seconds.as_ref(), &mut errors)
            .map_err(|error| Error::bug("a column could not be read as its type").caused_by(error))?;
        let row_numbers = RowNumbers::From(self.next_row);
        self.next_row += batch.num_rows() as u64;
        let raw = if self.raw { RawRows::Cells } else { RawRows::None };
        Ok(Some(Rows { batch, row_numbers, errors, not_text: Vec::new(), broken: Vec::new(), raw }))
    }

    /// Puts the columns into the asked order and types, all nullable, so that every file of a source gives one schema.
    fn arranged(
        &mut self,
        batch: &RecordBatch,
        seconds: Option<&RecordBatch>,
        errors: &mut Vec<CellError>,
    ) -> Result<RecordBatch, ArrowError> {
        let rows = batch.num_rows();
        let raw = self.raw;
        let columns = self.columns.iter_mut();
        let arrays = columns.map(|column| column.take(batch, seconds, raw, errors)).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
    }
}

impl Column {
    /// Gives the column's values in the type as which it is read.
    fn take(
        &mut self,
        batch: &RecordBatch,
        seconds: Option<&RecordBatch>,
        raw: bool,
        errors: &mut Vec<CellError>,
    ) -> Result<ArrayRef, ArrowError> {
        let Some(place) = self.place else { return Ok(new_null_array(&self.read_as, batch.num_rows())) };
        let mut stored = at_path(batch.column(place), &self.path)?;
        if let (Some(place), Some(seconds)) = (self.in_seconds, seconds) {
            let (times, misfits) = without_wrapped(&stored, seconds.column(place))?;
            self.note(misfits, errors);
            stored = times;
        }
        let (values, misfits) = converted(&stored, &self.natural, self.uuid)?;
        self.note(misfits, errors);
        let values = match &mut self.cells {
            Some(cells) => {
                let text = values.as_string::<i32>();
                for row in 0..text.len() {
                    let text = text.is_valid(row).then(|| text.value(row));
                    if let Err(fault) = cells.push(text) {
                        errors.push(cells.error(row, fault, text.filter(|_| raw)));
                    }
                }
                cells.finish()
            }
            None => values,
        };
        let (values, misfits) = converted(&values, &self.read_as, false)?;
        self.note(misfits, errors);
        Ok(values)
    }

    fn note(&self, misfits: Vec<Misfit>, errors: &mut Vec<CellError>) {
        errors.extend(misfits.into_iter().map(|(row, reason_code, reason)| CellError {
            row,
            column: Arc::clone(&self.name),
            reason_code,
            reason,
        }));
    }
}

/// The needed columns, with what of the file is decoded.
struct Needed {
    columns: Vec<Column>,
    /// Columns of plain values, rising.
    leaves: Vec<usize>,
    /// Those of them that are INT96.
    int96: Vec<usize>,
}

/// Finds the needed columns and tells where each will stand among those that are decoded.
fn needed(metadata: &ArrowReaderMetadata, names: &[String], spec: &ReadSpec, file: &PinnedFile) -> Result<Needed> {
    let named = named_columns(metadata.schema());
    let stored = metadata.parquet_schema();
    if named.last().map_or(0, |last| last.leaves.end) != stored.num_columns() {
        return Err(file.broken("its columns are nested in a way that this reader lacks"));
    }
    let in_file = places_of(named.iter().map(|column| column.name.as_str()), names, file)?;
    let decoded = || in_file.iter().flatten().map(|at| &named[*at]);
    let rising = |mut places: Vec<usize>| {
        places.sort_unstable();
        places.dedup();
        places
    };
    let roots = rising(decoded().map(|column| column.root).collect());
    let leaves = rising(decoded().flat_map(|column| column.leaves.clone()).collect());
    let whole_int96 = int96_columns(metadata);
    let int96_roots = rising(roots.iter().filter(|root| whole_int96.binary_search(root).is_ok()).copied().collect());
    let int96 = decoded().filter(|column| int96_roots.binary_search(&column.root).is_ok());
    let int96 = rising(int96.flat_map(|column| column.leaves.clone()).collect());
    if let Some(column) = decoded().find(|column| {
        let mut within = column.leaves.clone().filter(|_| !column.path.is_empty());
        within.any(|leaf| stored.column(leaf).physical_type() == PhysicalType::INT96)
    }) {
        let name = &column.name;
        return Err(
            file.broken(format!("{name} is a time as INT96 within a struct, which only TIMESTAMP can be there"))
        );
    }
    let agreed = spec.agreed_types();
    let columns = names.iter().zip(&in_file).map(|(name, at)| {
        let column = at.map(|at| &named[at]);
        let natural = column.map_or(DataType::Null, |column| natural_type(&column.stored));
        let own = Field::new(name, natural.clone(), true);
        let of_itself = read_as(&own, &spec.types);
        let read_as = agreed.get(name.as_str()).map_or_else(
            || match column {
                Some(_) => of_itself.clone(),
                None => super::spec::data_type(spec.text_type(name)),
            },
            |agreed| (*agreed).clone(),
        );
        let declared = spec.types.get(name).filter(|declared| **declared != TextType::Text);
        let declared = declared.filter(|_| natural == DataType::Utf8);
        // Typed files write numbers with a point.
        let cells = declared.map(|declared| CellColumn::new(name, declared, None, spec.timezone)).transpose()?;
        let logical = |column: &NamedColumn| stored.column(column.leaves.start).logical_type_ref().cloned();
        Ok(Column {
            name: Arc::from(name.as_str()),
            place: column.and_then(|column| roots.binary_search(&column.root).ok()),
            path: column.map(|column| column.path.clone()).unwrap_or_default(),
            in_seconds: column.and_then(|column| int96_roots.binary_search(&column.root).ok()),
            uuid: column.and_then(logical) == Some(LogicalType::Uuid),
            natural,
            read_as,
            cells,
        })
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Needed { columns, leaves, int96 })
}

/// Says what a file is that is not Parquet, where its first bytes tell; else `error`.
async fn not_parquet(object: &PinnedObject, error: Error) -> Error {
    let file = &object.file;
    if error.fault != segmenter_proto::Fault::Data {
        return error;
    }
    let Ok(head) = object.read_range(0..file.size.min(1024)).await else { return error };
    let compressed = super::compression::compression_of(&head) != Compression::None;
    match other_than_text(&head) {
        _ if head.is_empty() => file.broken("it is empty").with_hint("write the file again, or leave it out"),
        _ if head.starts_with(b"PAR1") => error,
        Some((what, _)) => {
            file.broken(format!("it is {what}, not Parquet")).with_hint("write it as Parquet, CSV or NDJSON")
        }
        None if compressed => file
            .broken("it is compressed as a whole, and Parquet is compressed inside")
            .with_hint("uncompress the file"),
        None if std::str::from_utf8(&head).is_ok_and(|text| !text.contains('\0')) => {
            let format = if head.trim_ascii_start().starts_with(b"{") { "ndjson" } else { "csv" };
            file.broken("it is text, not Parquet").with_hint(format!("set format = \"{format}\" in the source"))
        }
        None => error,
    }
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

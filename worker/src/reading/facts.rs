//! What a file says of itself: its columns, and of Parquet its rows, without reading the data.

use super::csv_record::Record;
use super::glance::{BeginningOfFile, beginning};
use super::header::{dialect, read_header};
use super::json_object::for_each_value;
use super::layout::{Beginning, Lines, check_layout, check_lines};
use super::ndjson::without_marks;
use super::object::PinnedObject;
use super::parquet::{own_fields, read_metadata};
use super::pinned::PinnedFile;
use super::spec::IN_PATH;
use super::window::{Window, next_line};
use crate::storage::Storage;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use hashbrown::HashSet;
use segmenter_proto::Result;
use segmenter_proto::jobs::{CsvOptions, FileFormat};
use std::io::Cursor;
use std::sync::Arc;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Rows; none of text, which does not tell.
    pub rows: Option<u64>,
    /// Lines of text, by those of its beginning; of compressed text by how much of it they took.
    pub estimated_rows: u64,
    /// Bytes as stored.
    pub bytes: u64,
    /// The file's own columns, all Utf8 of text, and after them the `k=v` parts of its path that are no columns.
    pub schema: SchemaRef,
    /// Of Parquet, in their order.
    pub row_groups: Vec<RowGroupFacts>,
}

impl FileFacts {
    /// Adds keys of NDJSON that come late in the file.
    #[must_use]
    pub fn with_keys(&self, keys: &[String]) -> Self {
        let own = self.schema.fields().iter().cloned();
        let late = keys.iter().map(|key| Arc::new(Field::new(key, DataType::Utf8, true)));
        let schema = Arc::new(Schema::new(own.chain(late).collect::<Vec<_>>()));
        Self { schema, ..self.clone() }
    }
}

/// The size of a row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowGroupFacts {
    /// Rows.
    pub rows: u64,
    /// Bytes as stored, of all columns.
    pub bytes: u64,
}

/// Lines of NDJSON in which keys are looked for.
const GLANCE_LINES: usize = 1000;

/// Reads what a file says of itself: the footer of Parquet, the header of CSV, the keys of the first lines of NDJSON.
///
/// `needed` are the columns that the job uses, by which a header that stands elsewhere is found.
///
/// # Errors
///
/// The data's fault where the file is broken, changed or not laid out as the job says; a dependency's where it cannot be
/// read.
pub async fn inspect(storage: &Storage, file: &PinnedFile, csv: &CsvOptions, needed: &[String]) -> Result<FileFacts> {
    inspect_object(&PinnedObject::open(storage, file)?, csv, needed).await
}

/// Does the work of [`inspect`].
pub(super) async fn inspect_object(object: &PinnedObject, csv: &CsvOptions, needed: &[String]) -> Result<FileFacts> {
    let file = &*Arc::clone(&object.file);
    let (rows, estimated_rows, fields, row_groups) = match file.format {
        FileFormat::Parquet => {
            let metadata = read_metadata(object).await?;
            let groups = metadata.metadata().row_groups().iter().map(|group| RowGroupFacts {
                rows: u64::try_from(group.num_rows()).unwrap_or_default(),
                bytes: u64::try_from(group.compressed_size()).unwrap_or_default(),
            });
            let groups: Vec<_> = groups.collect();
            let rows = groups.iter().map(|group| group.rows).sum();
            (Some(rows), rows, own_fields(&metadata), groups)
        }
        FileFormat::Csv | FileFormat::Ndjson => {
            let beginning = beginning(object).await?;
            let estimate = beginning.lines_of_file(file.size);
            let names = text_columns(object, beginning, csv, needed)?;
            let fields = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
            (None, estimate, fields, Vec::new())
        }
    };
    let schema = with_path_columns(file, fields);
    Ok(FileFacts { rows, estimated_rows, bytes: file.size, schema, row_groups })
}

fn with_path_columns(file: &PinnedFile, mut fields: Vec<Field>) -> SchemaRef {
    for (name, _) in &file.partition_values {
        if !fields.iter().any(|field| field.name() == name) {
            let mark = [(IN_PATH.to_owned(), String::new())].into();
            fields.push(Field::new(name, DataType::Utf8, true).with_metadata(mark));
        }
    }
    Arc::new(Schema::new(fields))
}

/// Finds the columns in the first bytes of a text file.
fn text_columns(
    object: &PinnedObject,
    beginning: BeginningOfFile,
    csv: &CsvOptions,
    needed: &[String],
) -> Result<Vec<String>> {
    let file = &object.file;
    let mut window = Window::over(Box::new(Cursor::new(beginning.bytes)), Arc::clone(file), &csv.encoding)?;
    while window.more()? {}
    if file.format == FileFormat::Ndjson {
        return first_keys(window, beginning.whole, &csv.encoding);
    }
    let text = window.data().to_vec();
    let dialect = dialect(csv, file)?;
    let header = read_header(&mut window, &mut Record::default(), dialect, csv)?;
    check_layout(Beginning { text: &text, whole: beginning.whole, dialect, options: csv, file }, &header, needed)?;
    Ok(header.names)
}

/// Gives the keys of the first lines, in the order in which they first come.
fn first_keys(mut window: Window, whole: bool, encoding: &str) -> Result<Vec<String>> {
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    let mut seen = Lines::default();
    for _ in 0..GLANCE_LINES {
        let Some((length, next)) = next_line(&mut window)? else { break };
        let cut = next == length && !whole;
        let line = without_marks(&window.data()[..length]);
        if !line.is_empty() {
            seen.array |= seen.lines == 0 && line[0] == b'[';
            seen.lines += usize::from(!cut);
            seen.misfits += usize::from(!cut && std::str::from_utf8(line).is_err());
        }
        if let (false, Ok(line)) = (cut || line.is_empty(), std::str::from_utf8(line)) {
            let parsed = for_each_value(line, |key, _| {
                if !known.contains(key) {
                    known.insert(key.to_owned());
                    names.push(key.to_owned());
                }
            });
            // A broken line is the reader's to report, unless all are.
            seen.objects += usize::from(parsed.is_ok());
            let bare = line.trim_end().strip_suffix(',');
            seen.with_comma += usize::from(bare.is_some_and(|bare| for_each_value(bare, |_, _| {}).is_ok()));
        }
        window.consume(next);
    }
    check_lines(&seen, window.file(), encoding)?;
    Ok(names)
}

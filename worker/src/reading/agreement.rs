//! The files of one source agree on what is needed of them.

use super::facts::FileFacts;
use super::header::named_twice;
use super::pinned::PinnedFile;
use super::spec::data_type;
use super::widening::common_type;
use crate::expression::type_name;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use hashbrown::{HashMap, HashSet};
use segmenter_proto::jobs::{FileFormat, TextType};
use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the files of a source have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The columns of all files, by name, in the order in which they first come, with the types as which they are read.
    pub schema: SchemaRef,
    /// Needed columns that some files lack, where they are null; in the order of the schema.
    pub lacking: Vec<LackingColumn>,
}

/// A needed column that some files of a source lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingColumn {
    /// The files' own name.
    pub name: String,
    /// How many files lack it.
    pub files: usize,
    /// The first of them.
    pub first: String,
}

/// Finds the type as which each column of a source is read. Text is what `types` declare it to be; a column that has
/// different types in different files is read as one that holds the values of all.
///
/// A column that some files lack is null there; every line of NDJSON may lack keys, so there it is not told.
///
/// # Errors
///
/// The data's fault, naming file and column, where no type holds what the files have in a `needed` column, or where two
/// columns of one file have that name.
pub fn agreement(
    files: &[(PinnedFile, FileFacts)],
    needed: &[String],
    types: &BTreeMap<String, TextType>,
) -> Result<Agreement> {
    let needed: HashSet<&str> = needed.iter().map(String::as_str).collect();
    let mut columns: Vec<Column> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (number, (file, facts)) in files.iter().enumerate() {
        for field in facts.schema.fields() {
            let name = field.name().as_str();
            let read_as = read_as(field, types);
            let Some(known) = places.get(name).map(|place| &mut columns[*place]) else {
                places.insert(name, columns.len());
                columns.push(Column { name, read_as, first: file, files: 1, last: number });
                continue;
            };
            let wanted = needed.contains(name);
            if known.last == number {
                // The same name twice in one file.
                if wanted {
                    let (first, second) = twice(name, &facts.schema);
                    return Err(named_twice(file, name, first, second));
                }
                continue;
            }
            match common_type(&known.read_as, &read_as) {
                Some(common) => known.read_as = common,
                None if wanted => return Err(conflict(known, file, &read_as)),
                None => {}
            }
            (known.files, known.last) = (known.files + 1, number);
        }
    }
    let loose = files.first().is_some_and(|(file, _)| file.format == FileFormat::Ndjson);
    let lacking = columns
        .iter()
        .filter(|column| !loose && column.files < files.len() && needed.contains(column.name))
        .filter_map(|column| {
            let lacks = |facts: &FileFacts| facts.schema.field_with_name(column.name).is_err();
            let (first, _) = files.iter().find(|(_, facts)| lacks(facts))?;
            let (name, files) = (column.name.to_owned(), files.len() - column.files);
            Some(LackingColumn { name, files, first: first.uri.clone() })
        })
        .collect();
    let fields = columns.iter().map(|column| Field::new(column.name, column.read_as.clone(), true));
    Ok(Agreement { schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())), lacking })
}

/// A column of some files.
struct Column<'a> {
    name: &'a str,
    read_as: DataType,
    first: &'a PinnedFile,
    files: usize,
    last: usize,
}

/// Gives the type as which a field of a file is read: of text, the declared one.
pub(super) fn read_as(field: &Field, types: &BTreeMap<String, TextType>) -> DataType {
    match (field.data_type(), types.get(field.name())) {
        (DataType::Utf8, Some(declared)) => data_type(declared),
        (own, _) => own.clone(),
    }
}

/// The places of a name in a schema where it comes twice.
fn twice(name: &str, schema: &Schema) -> (usize, usize) {
    let mut places = schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name);
    let mut place = || places.next().map_or(0, |(place, _)| place);
    (place(), place())
}

fn conflict(column: &Column, file: &PinnedFile, found: &DataType) -> Error {
    Error::data(format!(
        "column {} is {} in {} and {} in {}",
        column.name,
        in_words(&column.read_as),
        column.first.uri,
        in_words(found),
        file.uri
    ))
    .with_hint("rewrite the files with one type, or read them as two sources")
}

fn in_words(kind: &DataType) -> String {
    match kind {
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone".to_owned(),
        other => type_name(other),
    }
}

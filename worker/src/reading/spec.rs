//! What is asked of a reader.

use super::pinned::PinnedFile;
use crate::values::parse_timezone;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use chrono_tz::Tz;
use segmenter_proto::Result;
use segmenter_proto::jobs::{CsvOptions, FileFormat, Source, TextType};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked of a reader: which columns, and how text becomes values.
#[derive(Debug, Clone)]
pub struct ReadSpec {
    /// The file's own columns that are needed, each once; the others are not decoded.
    pub columns: Vec<String>,
    /// How CSV is written.
    pub csv: CsvOptions,
    /// Types of text columns (CSV, NDJSON, `k=v` path parts) by the file's own name; others are text.
    pub types: BTreeMap<String, TextType>,
    /// Where times without a zone are local.
    pub timezone: Tz,
    /// Whether rows are wanted as they stand in the file, for `quarantine = "full"`: personal data.
    pub raw: bool,
}

impl ReadSpec {
    /// Asks for `columns` of a source's files; `timezone` is the job's.
    ///
    /// # Errors
    ///
    /// The job's fault where the time zone is unknown.
    pub fn of(source: &Source, columns: Vec<String>, timezone: &str, raw: bool) -> Result<Self> {
        let timezone = parse_timezone(timezone)?;
        Ok(Self { columns, csv: source.csv.clone(), types: source.types.clone(), timezone, raw })
    }

    /// Gives the declared type of a text column.
    pub(super) fn text_type(&self, column: &str) -> &TextType {
        self.types.get(column).unwrap_or(&TextType::Text)
    }

    /// Gives the schema of the batches that a reader of `file`, whose own schema is `own`, gives for this spec.
    ///
    /// # Errors
    ///
    /// The data's fault where a needed column is missing.
    pub fn schema(&self, file: &PinnedFile, own: &Schema) -> Result<SchemaRef> {
        let in_path = |name: &str| file.partition_values.iter().any(|(known, _)| known == name);
        let fields = self.columns.iter().map(|name| match own.field_with_name(name) {
            Ok(field) if file.format == FileFormat::Parquet && !(in_path(name) && is_marked(field)) => {
                Ok(Field::new(name, field.data_type().clone(), true))
            }
            Err(_) if file.format != FileFormat::Ndjson && !in_path(name) => Err(super::agreement::missing_column(
                file,
                name,
                own.fields().iter().map(|field| field.name().as_str()),
            )),
            _ => Ok(Field::new(name, data_type(self.text_type(name)), true)),
        });
        Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>>>()?)))
    }
}

/// Marks a field of [`super::FileFacts`] that comes from the path.
pub(super) const IN_PATH: &str = "segmenter.in_path";

/// Says whether a field of [`super::FileFacts`] comes from the path.
pub(super) fn is_marked(field: &Field) -> bool {
    field.metadata().contains_key(IN_PATH)
}

/// Gives the arrow type of a declared type; times are instants.
pub(super) fn data_type(declared: &TextType) -> DataType {
    match declared {
        TextType::Text => DataType::Utf8,
        TextType::Bool => DataType::Boolean,
        TextType::Int => DataType::Int64,
        TextType::Double => DataType::Float64,
        TextType::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
        TextType::Date(_) => DataType::Date32,
        TextType::Timestamp(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

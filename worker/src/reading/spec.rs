//! What is asked of a reader.

use super::agreement::read_as;
use crate::values::parse_timezone;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use chrono_tz::Tz;
use hashbrown::HashMap;
use segmenter_proto::Result;
use segmenter_proto::jobs::{CsvOptions, Source, TextType};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked of a reader: which columns, and how text becomes values.
#[derive(Debug, Clone)]
pub struct ReadSpec {
    /// The file's own columns that are needed, each once; the others are not decoded.
    pub columns: Vec<String>,
    /// How CSV is written.
    pub csv: CsvOptions,
    /// Types of text columns (CSV, NDJSON, text in Parquet, `k=v` path parts) by the file's own name; others are text.
    pub types: BTreeMap<String, TextType>,
    /// Where times without a zone are local.
    pub timezone: Tz,
    /// The types as which the source's files agreed to read their columns; one that is not in it is read as each file has
    /// it.
    pub agreed: SchemaRef,
    /// Whether rows are wanted as they stand in the file, for `quarantine = "full"`: personal data.
    pub raw: bool,
}

impl ReadSpec {
    /// Asks for `columns` of a source's files, which agreed on the types of `agreed`; `timezone` is the job's.
    ///
    /// # Errors
    ///
    /// The job's fault where the time zone is unknown.
    pub fn of(source: &Source, columns: Vec<String>, agreed: SchemaRef, timezone: &str, raw: bool) -> Result<Self> {
        let timezone = parse_timezone(timezone)?;
        Ok(Self { columns, csv: source.csv.clone(), types: source.types.clone(), timezone, agreed, raw })
    }

    /// Gives the declared type of a text column.
    pub(super) fn text_type(&self, column: &str) -> &TextType {
        self.types.get(column).unwrap_or(&TextType::Text)
    }

    /// Gives the types that the files of the source agreed on, by column.
    pub(super) fn agreed_types(&self) -> HashMap<&str, &DataType> {
        self.agreed.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect()
    }

    /// Gives the schema of the batches that a reader gives for this spec, of a file whose own schema is `own`.
    pub fn schema(&self, own: &Schema) -> SchemaRef {
        let agreed = self.agreed_types();
        let own: HashMap<&str, &Field> =
            own.fields().iter().map(|field| (field.name().as_str(), field.as_ref())).collect();
        let fields = self.columns.iter().map(|name| {
            let kind = match (agreed.get(name.as_str()), own.get(name.as_str())) {
                (Some(agreed), _) => (*agreed).clone(),
                (None, Some(field)) => read_as(field, &self.types),
                (None, None) => data_type(self.text_type(name)),
            };
            Field::new(name, kind, true)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
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

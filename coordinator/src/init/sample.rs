//! A look at a source: its columns and some of their values.

use super::sniff::{fields, lines_from_header, sniff_csv, whole_lines};
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use segmenter_proto::jobs::{CsvOptions, FileFormat};
use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;

/// A column and some of its values.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledColumn {
    /// As the file writes it; `column_1`, … without a header.
    pub name: String,
    /// The file's type; none where every value is text (CSV, NDJSON).
    pub data_type: Option<DataType>,
    /// Values as text, in the order of the file, without nulls and empty ones.
    pub samples: Vec<String>,
}

/// A look at a source.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledSource {
    /// What the job file will say: a file, a folder or a glob.
    pub uri: String,
    /// The files' format.
    pub format: FileFormat,
    /// How CSV is written, and the encoding of NDJSON.
    pub csv: CsvOptions,
    /// Whether the encoding can hardly be another.
    pub encoding_is_certain: bool,
    /// Names that several columns have, so that a job can use none of them.
    pub repeated: Vec<String>,
    /// The columns, in the order of the file.
    pub columns: Vec<SampledColumn>,
}

/// Takes columns and samples from the beginning of a CSV file, however it is written.
///
/// Some lines of the end may follow it, for the last times in the file; lines that are cut off do not matter much.
pub fn sample_csv(text: &str) -> (CsvOptions, Vec<SampledColumn>) {
    let options = sniff_csv(text);
    let mut lines = lines_from_header(text, &options).map(|line| fields(line, options.delimiter)).peekable();
    let names: Vec<String> = if options.header {
        named(lines.next().unwrap_or_default())
    } else {
        (1..=lines.peek().map_or(0, Vec::len)).map(|position| format!("column_{position}")).collect()
    };
    let column = |name| SampledColumn { name, data_type: None, samples: Vec::new() };
    let mut columns: Vec<SampledColumn> = names.into_iter().map(column).collect();
    for line in lines {
        for (column, value) in columns.iter_mut().zip(line) {
            if !value.is_empty() {
                column.samples.push(value);
            }
        }
    }
    (options, columns)
}

/// Gives columns without a name the one that they are read by.
fn named(header: Vec<String>) -> Vec<String> {
    let names = header.into_iter().enumerate();
    names.map(|(at, name)| if name.is_empty() { format!("column_{}", at + 1) } else { name }).collect()
}

/// Leaves out columns whose name comes twice, which no job can use, and gives those names.
pub(super) fn without_repeated(columns: Vec<SampledColumn>) -> (Vec<SampledColumn>, Vec<String>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for column in &columns {
        *counts.entry(column.name.clone()).or_default() += 1;
    }
    let once = columns.into_iter().filter(|column| counts.get(&column.name) == Some(&1)).collect();
    (once, counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect())
}

/// Takes columns and samples from the beginning of an NDJSON file; lines that are not objects are left out.
///
/// Columns come in the order in which they are first seen; nested values count as their JSON text.
pub fn sample_ndjson(text: &str) -> Vec<SampledColumn> {
    let mut columns: Vec<SampledColumn> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for line in whole_lines(text) {
        let Ok(object) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) else { continue };
        for (name, value) in object {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                columns.push(SampledColumn { name, data_type: None, samples: Vec::new() });
                columns.len() - 1
            });
            let text = match value {
                serde_json::Value::Null => continue,
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            if !text.is_empty() {
                columns[place].samples.push(text);
            }
        }
    }
    columns
}

/// Takes columns and samples from some rows of a typed file.
///
/// # Errors
/// A data error, naming a column whose values cannot be shown.
pub fn sample_batch(batch: &RecordBatch) -> Result<Vec<SampledColumn>> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let sampled = schema.fields().iter().zip(batch.columns()).map(|(field, values)| {
        let unreadable = |cause| Error::data(format!("column {} cannot be shown", field.name())).caused_by(cause);
        let formatter = ArrayFormatter::try_new(values.as_ref(), &options).map_err(unreadable)?;
        let present = (0..values.len()).filter(|row| values.is_valid(*row));
        let texts = present.map(|row| formatter.value(row).try_to_string().map_err(unreadable));
        let samples = texts.filter(|text| !matches!(text, Ok(text) if text.is_empty())).collect::<Result<_>>()?;
        Ok(SampledColumn { name: field.name().clone(), data_type: Some(field.data_type().clone()), samples })
    });
    sampled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use std::sync::Arc;

    #[test]
    fn csv_columns_have_their_values() {
        let (options, columns) = sample_csv("id;total\n7;1,5\n8;\n9;2,25\n");
        assert_eq!((options.delimiter, options.decimal), (';', ','));
        assert_eq!(columns[1].name, "total");
        assert_eq!(columns[1].samples, ["1,5", "2,25"]);
        assert_eq!(sample_csv("1,20240101\n2,20240102\n").1[1].name, "column_2");
    }

    #[test]
    fn ndjson_columns_come_as_first_seen() {
        let columns = sample_ndjson("{\"b\":1.50,\"a\":null}\nbroken\n{\"a\":\"x\",\"c\":{\"d\":1}}\n");
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        assert_eq!(columns[1].samples, ["x"]);
        assert_eq!(columns[2].samples, ["{\"d\":1}"]);
    }

    #[test]
    fn typed_columns_keep_their_type() {
        let batch = RecordBatch::try_from_iter([
            ("n", Arc::new(Int64Array::from(vec![Some(1), None])) as arrow::array::ArrayRef),
            ("t", Arc::new(StringArray::from(vec!["", "x"]))),
        ])
        .unwrap();
        let columns = sample_batch(&batch).unwrap();
        assert_eq!(columns[0].data_type, Some(DataType::Int64));
        assert_eq!(
            (columns[0].samples.as_slice(), columns[1].samples.as_slice()),
            (&["1".to_owned()][..], &["x".to_owned()][..])
        );
    }
}

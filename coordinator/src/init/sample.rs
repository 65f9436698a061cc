//! A look at a source: its columns and some of their values.

use super::sniff::{fields, lines_from_header, padded, sniff_csv, whole_lines};
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use segmenter_proto::jobs::{CsvOptions, FileFormat};
use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;

/// A column and some of its values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampledColumn {
    /// As the file writes it; `column_1`, … without a header.
    pub(super) name: String,
    /// The file's type; none where every value is text (CSV, NDJSON).
    pub(super) data_type: Option<DataType>,
    /// How it is cut out of the line that stands for a row, where the file has no columns of its own, or looked up in a list of keys and
    /// values.
    pub(super) cut: Option<String>,
    /// Values as text, in the order of the file, without nulls and empty ones.
    pub(super) samples: Vec<String>,
    /// The row of each value among those that were looked at.
    pub(super) rows: Vec<usize>,
}

impl SampledColumn {
    /// Makes a column that is filled later.
    pub(super) fn new(name: String, data_type: Option<DataType>) -> Self {
        Self { name, data_type, cut: None, samples: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: usize, value: String) {
        // Blanks alone are no value, as for the readers.
        if !value.trim().is_empty() {
            self.samples.push(value);
            self.rows.push(row);
        }
    }

    /// Gives the value of each row by its number.
    pub(super) fn by_row(&self, rows: usize) -> Vec<Option<&str>> {
        let mut values = vec![None; rows];
        for (row, value) in self.rows.iter().zip(&self.samples) {
            if let Some(place) = values.get_mut(*row) {
                *place = Some(value.as_str());
            }
        }
        values
    }
}

/// A look at a table.
#[derive(Debug, Clone)]
pub(super) struct SampledSource {
    /// What the job file will say: a file, a folder or a glob.
    pub(super) uri: String,
    /// The files' format.
    pub(super) format: FileFormat,
    /// How CSV is written, and the encoding of NDJSON.
    pub(super) csv: CsvOptions,
    /// Whether the encoding can hardly be another.
    pub(super) encoding_is_certain: bool,
    /// Names that several columns have, so that a job can use none of them.
    pub(super) repeated: Vec<String>,
    /// The columns, in the order of the file.
    pub(super) columns: Vec<SampledColumn>,
    /// How many rows were looked at.
    pub(super) rows: usize,
    /// Whether those are all.
    pub(super) whole: bool,
    /// Bytes of all files.
    pub(super) bytes: u64,
    /// The `k=v` parts of the path of the first text file.
    pub(super) path: Vec<(String, String)>,
    /// What was looked at, as a file of the same columns can be made of it.
    pub(super) kept: Kept,
}

impl SampledSource {
    /// What it is called in a message: its file, or its folder and a pattern.
    pub(super) fn name(&self) -> &str {
        name_of(&self.uri)
    }
}

/// The last part of an address, with the folder of a pattern.
pub(super) fn name_of(uri: &str) -> &str {
    let bare = uri.trim_end_matches('/');
    let last = bare.rsplit('/').next().unwrap_or_default();
    let above =
        bare.strip_suffix(last).unwrap_or_default().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let with_folder = last.len() + 1 + above.len();
    match last.starts_with('*') && !above.is_empty() {
        true => bare.get(bare.len() - with_folder..).unwrap_or(last),
        false => last,
    }
}

/// The rows that were looked at.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Lines, with what stands before them.
    Text(String),
    /// Rows.
    Rows(RecordBatch),
}

/// What was seen of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampledText {
    pub(super) csv: CsvOptions,
    pub(super) columns: Vec<SampledColumn>,
    pub(super) rows: usize,
}

/// Takes columns and samples from the beginning of a CSV file, however it is written.
///
/// Some lines of the end may follow it, for the last times in the file; lines that are cut off do not matter much.
pub(super) fn sample_csv(text: &str) -> SampledText {
    if let Some(names) = padded(text) {
        return sample_padded(text, names);
    }
    let csv = sniff_csv(text);
    let mut lines = lines_from_header(text, &csv).map(|line| fields(line, csv.delimiter)).peekable();
    let names: Vec<String> = if csv.header {
        named(lines.next().unwrap_or_default())
    } else {
        (1..=lines.peek().map_or(0, Vec::len)).map(|position| format!("column_{position}")).collect()
    };
    let mut columns: Vec<SampledColumn> = names.into_iter().map(|name| SampledColumn::new(name, None)).collect();
    let mut rows = 0;
    for line in lines {
        for (column, value) in columns.iter_mut().zip(line) {
            column.push(rows, value);
        }
        rows += 1;
    }
    SampledText { csv, columns, rows }
}

/// Takes columns that stand at places which blanks fill up: the job reads a line as one column, and cuts it.
fn sample_padded(text: &str, names: Option<Vec<String>>) -> SampledText {
    let header = names.is_some();
    let csv = CsvOptions { delimiter: '|', header: false, skip_rows: u32::from(header), ..CsvOptions::default() };
    let mut lines = whole_lines(text).map(str::split_whitespace).peekable();
    let names = names.unwrap_or_else(|| {
        (1..=lines.peek().cloned().map_or(0, Iterator::count)).map(|position| format!("column_{position}")).collect()
    });
    let cut = |at: usize| format!("split_part(trim(regexp_replace(column_1, ' +', ' ', 'g')), ' ', {})", at + 1);
    let columns = names.into_iter().enumerate();
    let mut columns: Vec<SampledColumn> =
        columns.map(|(at, name)| SampledColumn { cut: Some(cut(at)), ..SampledColumn::new(name, None) }).collect();
    let mut rows = 0;
    for line in lines.skip(usize::from(header)) {
        for (column, value) in columns.iter_mut().zip(line) {
            column.push(rows, value.to_owned());
        }
        rows += 1;
    }
    SampledText { csv, columns, rows }
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
pub(super) fn sample_ndjson(text: &str) -> SampledText {
    let mut columns: Vec<SampledColumn> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = 0;
    for line in whole_lines(text) {
        let Ok(object) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) else { continue };
        for (name, value) in object {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                columns.push(SampledColumn::new(name, None));
                columns.len() - 1
            });
            let text = match value {
                serde_json::Value::Null => continue,
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            columns[place].push(rows, text);
        }
        rows += 1;
    }
    SampledText { csv: CsvOptions::default(), columns, rows }
}

/// Takes columns and samples from some rows of a typed file.
///
/// # Errors
/// A data error, naming a column whose values cannot be shown.
pub(super) fn sample_batch(batch: &RecordBatch) -> Result<Vec<SampledColumn>> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let sampled = schema.fields().iter().zip(batch.columns()).map(|(field, values)| {
        let unreadable = |cause| Error::data(format!("column {} cannot be shown", field.name())).caused_by(cause);
        let formatter = ArrayFormatter::try_new(values.as_ref(), &options).map_err(unreadable)?;
        let mut column = SampledColumn::new(field.name().clone(), Some(field.data_type().clone()));
        for row in (0..values.len()).filter(|row| values.is_valid(*row)) {
            column.push(row, formatter.value(row).try_to_string().map_err(unreadable)?);
        }
        Ok(column)
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
        let SampledText { csv, columns, rows } = sample_csv("id;total\n7;1,5\n8;\n9;2,25\n");
        assert_eq!((csv.delimiter, csv.decimal, rows), (';', ',', 3));
        assert_eq!(columns[1].name, "total");
        assert_eq!(columns[1].samples, ["1,5", "2,25"]);
        assert_eq!(columns[1].by_row(rows), [Some("1,5"), None, Some("2,25")]);
        assert_eq!(sample_csv("1,20240101\n2,20240102\n").columns[1].name, "column_2");
    }

    #[test]
    fn columns_that_blanks_fill_up_are_cut_out_of_the_line() {
        let text = " id  day dollars\n 00001 19970101   11.77\n 00002 19970112   12.00\n 00002 19970112   77.00\n";
        let SampledText { csv, columns, rows } = sample_csv(text);
        assert_eq!((csv.header, csv.skip_rows, rows), (false, 1, 3));
        assert_eq!(columns[2].samples, ["11.77", "12.00", "77.00"]);
        assert!(columns[2].cut.as_ref().is_some_and(|cut| cut.ends_with(", 3)")), "{columns:?}");
        let bare = sample_csv(" 00001 19970101   11.77\n 00002 19970112   12.00\n");
        assert_eq!((bare.csv.skip_rows, bare.columns[1].name.as_str(), bare.rows), (0, "column_2", 2));
    }

    #[test]
    fn ndjson_columns_come_as_first_seen() {
        let SampledText { columns, .. } =
            sample_ndjson("{\"b\":1.50,\"a\":null}\nbroken\n{\"a\":\"x\",\"c\":{\"d\":1}}\n");
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

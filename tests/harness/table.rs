//! A Parquet table as rows of text, which is enough to compare, to look up and to hash.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;

/// Rows of nullable text; a float is written with the fewest digits that give the same bits back.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Columns in the file's order.
    pub schema: SchemaRef,
    /// Values in the order of `schema`.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Table {
    /// Reads one Parquet file.
    pub fn parquet(bytes: &Bytes) -> Self {
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap();
        let schema = reader.schema().clone();
        let batches = reader.build().unwrap().map(Result::unwrap);
        Self { rows: batches.flat_map(|batch| texts(&batch)).collect(), schema }
    }

    /// Appends the rows of another part of the same table.
    pub fn append(&mut self, part: Self) {
        assert_eq!(self.schema.fields(), part.schema.fields(), "parts of one table differ in their schema");
        self.rows.extend(part.rows);
    }

    /// Gives the position of a column.
    #[track_caller]
    pub fn position(&self, column: &str) -> usize {
        self.schema.index_of(column).unwrap_or_else(|_| panic!("no column {column} in {:?}", self.schema.fields()))
    }

    /// Gives the name of the id, which is the first column of the tables that have one.
    pub fn id(&self) -> &str {
        self.schema.field(0).name()
    }

    /// Gives a column, in the order of the rows.
    pub fn column(&self, column: &str) -> Vec<Option<&str>> {
        let at = self.position(column);
        self.rows.iter().map(|row| row[at].as_deref()).collect()
    }

    /// Gives a column of a number type; null is NaN.
    pub fn numbers(&self, column: &str) -> Vec<f64> {
        self.column(column).into_iter().map(|value| value.map_or(f64::NAN, |text| text.parse().unwrap())).collect()
    }

    /// Gives `value` by `key`, asserting that no key comes twice.
    #[track_caller]
    pub fn lookup(&self, key: &str, value: &str) -> BTreeMap<String, Option<String>> {
        let (key, value) = (self.position(key), self.position(value));
        let mut found = BTreeMap::new();
        for row in &self.rows {
            let id = row[key].clone().unwrap();
            assert!(found.insert(id.clone(), row[value].clone()).is_none(), "{id} comes twice");
        }
        found
    }

    /// Gives the one row where each of these columns has this value, as values by column.
    #[track_caller]
    pub fn only(&self, wanted: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
        let at: Vec<_> = wanted.iter().map(|(column, value)| (self.position(column), *value)).collect();
        let mut rows = self.rows.iter().filter(|row| at.iter().all(|(at, value)| row[*at].as_deref() == Some(*value)));
        let row = rows.next().unwrap_or_else(|| panic!("no row with {wanted:?}"));
        assert!(rows.next().is_none(), "several rows with {wanted:?}");
        self.schema.fields().iter().map(|field| field.name().clone()).zip(row.iter().cloned()).collect()
    }

    /// Gives how many rows have each value of a column.
    pub fn counts(&self, column: &str) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for value in self.column(column) {
            *counts.entry(value.unwrap_or("null").to_owned()).or_default() += 1;
        }
        counts
    }

    /// Gives the columns as `name type`, with `!` where they are never null, in the words of the contract.
    pub fn described(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields
            .map(|field| {
                format!("{} {}{}", field.name(), field.data_type(), if field.is_nullable() { "" } else { "!" })
            })
            .collect()
    }
}

fn texts(batch: &RecordBatch) -> Vec<Vec<Option<String>>> {
    let options = FormatOptions::new();
    let columns: Vec<_> =
        batch.columns().iter().map(|array| (array, ArrayFormatter::try_new(array, &options).unwrap())).collect();
    let value = |row: usize, (array, format): &(&arrow::array::ArrayRef, ArrayFormatter<'_>)| {
        (!array.is_null(row)).then(|| format.value(row).to_string())
    };
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| value(row, column)).collect()).collect()
}

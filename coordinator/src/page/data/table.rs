//! Tables as they were written, read by the names of their columns: an earlier version may lack some.

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    compute::filter_record_batch,
    datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type},
};
use bytes::Bytes;
use chrono::{Days, NaiveDate};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use segmenter_proto::{Error, Result};

/// The rows of a table.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    batches: Vec<RecordBatch>,
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    batch: &'a RecordBatch,
    at: usize,
}

impl Rows {
    /// Reads a whole file; of a table that may be long only the rows without a value of `unless`.
    ///
    /// # Errors
    /// It is no Parquet file: Data.
    pub fn read(path: &str, file: Bytes, unless: Option<&str>) -> Result<Self> {
        let broken = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::data(format!("{path} cannot be read as it was written")).caused_by(error)
        };
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
        let mut batches = Vec::new();
        for batch in reader.map_err(|error| broken(error.into()))? {
            let batch = batch.map_err(|error| broken(error.into()))?;
            let kept = match unless.and_then(|name| batch.column_by_name(name)) {
                Some(column) => {
                    let is_null = (0..batch.num_rows()).map(|row| Some(column.is_null(row))).collect();
                    filter_record_batch(&batch, &is_null).map_err(|error| broken(error.into()))?
                }
                None => batch,
            };
            batches.push(kept);
        }
        Ok(Self { batches })
    }

    /// Gives the rows of a batch.
    #[cfg(test)]
    pub fn of(batch: RecordBatch) -> Self {
        Self { batches: vec![batch] }
    }

    /// Gives the rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| Row { batch, at }))
    }
}

impl<'a> Row<'a> {
    fn column(self, name: &str, of: &DataType) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(name).filter(|column| column.data_type() == of && column.is_valid(self.at))
    }

    /// Gives a text.
    pub fn text(self, name: &str) -> Option<&'a str> {
        Some(self.column(name, &DataType::Utf8)?.as_string::<i32>().value(self.at))
    }

    /// Gives a text that every row has.
    pub fn name(self, name: &str) -> &'a str {
        self.text(name).unwrap_or_default()
    }

    /// Says whether a text is this one.
    pub fn is(self, name: &str, value: &str) -> bool {
        self.text(name) == Some(value)
    }

    /// Gives a number that is finite.
    pub fn number(self, name: &str) -> Option<f64> {
        let value = self.column(name, &DataType::Float64)?.as_primitive::<Float64Type>().value(self.at);
        Some(value).filter(|value| value.is_finite())
    }

    /// Gives a whole number.
    pub fn whole(self, name: &str) -> Option<i64> {
        match self.column(name, &DataType::Int64) {
            Some(column) => Some(column.as_primitive::<Int64Type>().value(self.at)),
            None => Some(self.column(name, &DataType::Int32)?.as_primitive::<Int32Type>().value(self.at).into()),
        }
    }

    /// Gives a day.
    pub fn day(self, name: &str) -> Option<NaiveDate> {
        let days = self.column(name, &DataType::Date32)?.as_primitive::<Date32Type>().value(self.at);
        let (epoch, by) = (NaiveDate::default(), Days::new(days.unsigned_abs().into()));
        if days < 0 { epoch.checked_sub_days(by) } else { epoch.checked_add_days(by) }
    }

    /// Says whether something holds.
    pub fn flag(self, name: &str) -> bool {
        self.column(name, &DataType::Boolean).is_some_and(|column| column.as_boolean().value(self.at))
    }
}

//! The types that columns of Parquet are read as, where they are others than the decoder's own.

use super::parquet::reader_options;
use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use ::parquet::basic::Type as PhysicalType;
use ::parquet::errors::ParquetError;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use std::sync::Arc;

/// Reads INT96 as microseconds: the decoder's nanoseconds hold the years 1677 to 2262 only, and others would wrap around
/// to wrong ones.
pub(super) fn with_whole_times(loaded: ArrowReaderMetadata) -> Result<ArrowReaderMetadata, ParquetError> {
    let columns = loaded.parquet_schema().root_schema().get_fields();
    let is_int96 = |place: usize| {
        columns.get(place).is_some_and(|of| of.is_primitive() && of.get_physical_type() == PhysicalType::INT96)
    };
    if !(0..columns.len()).any(is_int96) {
        return Ok(loaded);
    }
    let fields = loaded.schema().fields().iter().enumerate().map(|(place, field)| match is_int96(place) {
        true => Arc::new(Field::clone(field).with_data_type(DataType::Timestamp(TimeUnit::Microsecond, None))),
        false => Arc::clone(field),
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    ArrowReaderMetadata::try_new(Arc::clone(loaded.metadata()), reader_options().with_schema(schema))
}

#[cfg(test)]
mod tests {
    use crate::reading::reader::samples::{Lake, spec};
    use ::parquet::data_type::{Int96, Int96Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use std::sync::Arc;

    /// A file with a column `t` of INT96: Julian days, and no time of day.
    fn int96(days: &[u32]) -> Vec<u8> {
        let schema = Arc::new(parse_message_type("message m { required int96 t; }").unwrap());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let values: Vec<Int96> = days
            .iter()
            .map(|day| {
                let mut value = Int96::new();
                value.set_data(0, 0, *day);
                value
            })
            .collect();
        column.typed::<Int96Type>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn int96_holds_all_years() {
        // 1970-01-01, 9999-12-31, 1000-01-01, 0001-01-01.
        let lake = Lake::new(&[("a.parquet", &int96(&[2_440_588, 5_373_484, 2_086_303, 1_721_426]))]);
        let read = lake.all(&spec(&["t"], &[]), 10).unwrap();
        assert_eq!(
            read.rows,
            ["1970-01-01T00:00:00", "9999-12-31T00:00:00", "1000-01-01T00:00:00", "0001-01-01T00:00:00"]
        );
    }
}

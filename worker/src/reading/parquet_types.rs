//! The types that columns of Parquet are read as, where they are others than the decoder's own.

use super::converted::Misfit;
use super::parquet::reader_options;
use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use ::parquet::basic::{LogicalType, Type as PhysicalType};
use ::parquet::errors::ParquetError;
use ::parquet::schema::types::Type;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit, TimestampMicrosecondType, TimestampSecondType};
use arrow::error::ArrowError;
use std::sync::Arc;

/// Gives the places of the file's columns of INT96, rising.
pub(super) fn int96_columns(loaded: &ArrowReaderMetadata) -> Vec<usize> {
    let columns = loaded.parquet_schema().root_schema().get_fields().iter().enumerate();
    let is_int96 = |of: &Type| of.is_primitive() && of.get_physical_type() == PhysicalType::INT96;
    // A column of nulls alone may be marked as of no type.
    let has_values = |of: &Type| of.get_basic_info().logical_type_ref() != Some(&LogicalType::Unknown);
    columns.filter(|(_, of)| is_int96(of) && has_values(of)).map(|(place, _)| place).collect()
}

/// Reads INT96 as microseconds: the decoder's nanoseconds hold the years 1677 to 2262 only, and others would wrap around
/// to wrong ones.
pub(super) fn with_whole_times(loaded: ArrowReaderMetadata) -> Result<ArrowReaderMetadata, ParquetError> {
    match int96_columns(&loaded).is_empty() {
        true => Ok(loaded),
        false => with_int96_as(&loaded, TimeUnit::Microsecond),
    }
}

/// Reads INT96 in a unit.
pub(super) fn with_int96_as(loaded: &ArrowReaderMetadata, unit: TimeUnit) -> Result<ArrowReaderMetadata, ParquetError> {
    let int96 = int96_columns(loaded);
    let fields =
        loaded.schema().fields().iter().enumerate().map(|(place, field)| match int96.binary_search(&place).is_ok() {
            true => Arc::new(Field::clone(field).with_data_type(DataType::Timestamp(unit, None))),
            false => Arc::clone(field),
        });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    ArrowReaderMetadata::try_new(Arc::clone(loaded.metadata()), reader_options().with_schema(schema))
}

/// Makes times of INT96 null that microseconds cannot hold, and lists them. The decoder wraps them around, some to a year that may
/// well be; seconds hold every day that INT96 has.
pub(super) fn without_wrapped(micros: &ArrayRef, seconds: &ArrayRef) -> Result<(ArrayRef, Vec<Misfit>), ArrowError> {
    let times = micros.as_primitive::<TimestampMicrosecondType>().values();
    let whole = seconds.as_primitive::<TimestampSecondType>().values();
    // One second is what rounding of times before midnight may differ by.
    let wraps = |(micros, seconds): (&i64, &i64)| micros.div_euclid(1_000_000).abs_diff(*seconds) > 1;
    if !times.iter().zip(whole).any(wraps) {
        return Ok((Arc::clone(micros), Vec::new()));
    }
    let wrapped: BooleanArray = times.iter().zip(whole).map(|pair| Some(wraps(pair))).collect();
    let rows = (0..wrapped.len()).filter(|&row| micros.is_valid(row) && wrapped.value(row));
    let reason = || "a time beyond the years 1 to 9999".to_owned();
    let misfits = rows.map(|row| (row, "out_of_range", reason())).collect();
    Ok((nullif(micros, &wrapped)?, misfits))
}

#[cfg(test)]
mod tests {
    use crate::reading::reader::samples::{Lake, spec};
    use ::parquet::data_type::{Int96, Int96Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use std::sync::Arc;

    /// A file with a column `t` of INT96: Julian days, and nanoseconds of the day.
    fn int96(times: &[(u32, u64)]) -> Vec<u8> {
        let schema = Arc::new(parse_message_type("message m { required int96 t; }").unwrap());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let values: Vec<Int96> = times
            .iter()
            .map(|(day, nanos)| {
                let mut value = Int96::new();
                value.set_data(*nanos as u32, (*nanos >> 32) as u32, *day);
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
        let days = [2_440_588, 5_373_484, 2_086_303, 1_721_426].map(|day| (day, 0));
        let lake = Lake::new(&[("a.parquet", &int96(&days))]);
        let read = lake.all(&spec(&["t"], &[]), 10).unwrap();
        assert_eq!(
            read.rows,
            ["1970-01-01T00:00:00", "9999-12-31T00:00:00", "1000-01-01T00:00:00", "0001-01-01T00:00:00"]
        );
        assert_eq!(read.errors, [""; 0]);
    }

    /// Days whose microseconds pass 64 bits once or more, and come out near 2019 and 1970.
    #[test]
    fn int96_beyond_microseconds_is_out_of_range_and_not_another_year() {
        const EPOCH: i64 = 2_440_588;
        const DAY: i64 = 86_400_000_000;
        let turns = |turns: i128| ((turns << 64) / i128::from(DAY)) as i64;
        let far = [turns(1) + 18_000, turns(-1) + 18_000, turns(3), i64::from(i32::MAX) - EPOCH, i64::from(i32::MIN)];
        for day in &far[..3] {
            let year = 1970 + day.wrapping_mul(DAY) / DAY / 365;
            assert!((1..=9999).contains(&year), "{day} wraps to the year {year}: only its seconds tell");
        }
        let evening = 86_399_999_999_999;
        let mut times: Vec<(u32, u64)> = far.iter().map(|day| ((day + EPOCH) as i32 as u32, 0)).collect();
        times.insert(1, (EPOCH as u32, evening));
        times.push((EPOCH as u32 - 1, evening));
        let lake = Lake::new(&[("a.parquet", &int96(&times))]);
        for batch_rows in [1, 2, 10] {
            let read = lake.all(&spec(&["t"], &[]), batch_rows).unwrap();
            let (late, before) = ("1970-01-01T23:59:59.999999", "1969-12-31T23:59:59.999999");
            assert_eq!(read.rows, ["∅", late, "∅", "∅", "∅", "∅", before]);
            let expected =
                [1, 3, 4, 5, 6].map(|row| format!("{row} t out_of_range: a time beyond the years 1 to 9999"));
            assert_eq!(read.errors, expected);
        }
    }
}

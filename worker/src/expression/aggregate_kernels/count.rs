//! Rows, values and different values of a group.

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use segmenter_proto::{Error, Result};
use xxhash_rust::xxh3::xxh3_128;

use super::Groups;

/// Counts the rows for which `counts` holds.
pub(crate) fn count(groups: &Groups, counts: impl Fn(usize) -> bool) -> Int64Array {
    groups.iter().map(|rows| Some(rows.iter().filter(|row| counts(**row as usize)).count() as i64)).collect()
}

/// Counts different values among the rows for which `counts` holds; `values` are null nowhere there.
///
/// Texts are compared by a hash of 128 bits, all others by value. A group's values are sorted by themselves, so memory is
/// that of the largest group.
pub(crate) fn count_distinct(groups: &Groups, values: &ArrayRef, counts: impl Fn(usize) -> bool) -> Result<Int64Array> {
    let key = keys(values)?;
    let mut seen: Vec<u128> = Vec::new();
    Ok(groups
        .iter()
        .map(|rows| {
            seen.clear();
            seen.extend(rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).map(&key));
            seen.sort_unstable();
            seen.dedup();
            Some(seen.len() as i64)
        })
        .collect())
}

/// A number for a row.
pub(crate) type Key<'a> = Box<dyn Fn(usize) -> u128 + 'a>;

/// Gives a function that maps rows with equal values, and only those, to equal numbers.
pub(crate) fn keys(values: &ArrayRef) -> Result<Key<'_>> {
    fn native<'a, T: ArrowPrimitiveType>(values: &'a ArrayRef, key: fn(T::Native) -> u128) -> Key<'a> {
        let values = values.as_primitive::<T>();
        Box::new(move |row| key(values.value(row)))
    }
    Ok(match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            Box::new(move |row| xxh3_128(texts.value(row).as_bytes()))
        }
        DataType::Boolean => {
            let truths = values.as_boolean();
            Box::new(move |row| u128::from(truths.value(row)))
        }
        DataType::Int8 => native::<Int8Type>(values, |x| x as u128),
        DataType::Int16 => native::<Int16Type>(values, |x| x as u128),
        DataType::Int32 => native::<Int32Type>(values, |x| x as u128),
        DataType::Int64 => native::<Int64Type>(values, |x| x as u128),
        DataType::UInt8 => native::<UInt8Type>(values, u128::from),
        DataType::UInt16 => native::<UInt16Type>(values, u128::from),
        DataType::UInt32 => native::<UInt32Type>(values, u128::from),
        DataType::UInt64 => native::<UInt64Type>(values, u128::from),
        // + 0.0: both zeros are one value.
        DataType::Float32 => native::<Float32Type>(values, |x| u128::from((x + 0.0).to_bits())),
        DataType::Float64 => native::<Float64Type>(values, |x| u128::from((x + 0.0).to_bits())),
        DataType::Decimal128(..) => native::<Decimal128Type>(values, |x| x as u128),
        DataType::Date32 => native::<Date32Type>(values, |x| x as u128),
        DataType::Timestamp(TimeUnit::Microsecond, _) => native::<TimestampMicrosecondType>(values, |x| x as u128),
        DataType::Null => Box::new(|_| 0),
        other => return Err(Error::bug(format!("different values of {other} cannot be counted"))),
    })
}

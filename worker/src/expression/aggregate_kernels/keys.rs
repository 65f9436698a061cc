//! Equal values as equal numbers.

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use segmenter_proto::{Error, Result};
use xxhash_rust::xxh3::xxh3_128;

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
            Box::new(move |row| text_key(texts.value(row)))
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

/// Gives a number for a text: its bytes and their count, or the hash of a long one, which has another mark in its highest byte.
pub(crate) fn text_key(text: &str) -> u128 {
    const LENGTH: u32 = 120;
    let bytes = text.as_bytes();
    let length = (bytes.len() as u128) << LENGTH;
    match bytes.len() {
        8..=15 => match (bytes.first_chunk(), bytes.last_chunk()) {
            // Those of the last eight that the first eight do not have.
            (Some(first), Some(last)) => {
                let rest = u64::from_le_bytes(*last).checked_shr(8 * (16 - bytes.len() as u32)).unwrap_or_default();
                u128::from(u64::from_le_bytes(*first)) | u128::from(rest) << 64 | length
            }
            _ => length,
        },
        0..=7 => bytes.iter().rev().fold(0, |key, byte| key << 8 | u128::from(*byte)) | length,
        _ => xxh3_128(bytes) | u128::from(u8::MAX) << LENGTH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn texts_of_any_length_have_keys_of_their_own() {
        let texts: BTreeSet<String> = (0..40_usize)
            .flat_map(|length| {
                let of = move |odd: usize, letter: char| -> String {
                    (0..length).map(|at| if at == odd { letter } else { 'a' }).collect()
                };
                (0..length.max(1)).flat_map(move |odd| ['a', 'b', '\0'].map(|letter| of(odd, letter)))
            })
            .collect();
        let keys: BTreeSet<u128> = texts.iter().map(|text| text_key(text)).collect();
        assert_eq!(keys.len(), texts.len());
        assert_ne!(text_key("a"), text_key("a\0"));
    }
}

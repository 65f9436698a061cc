//! The type that holds every value of two types, so that files of one source need not be of one mind.

use arrow::datatypes::{DataType, TimeUnit};

/// Most digits of a decimal.
const MOST_DIGITS: u8 = 38;

/// Gives the type as which a column is read that has type `a` in one file and `b` in another; none where no type holds the
/// values of both.
///
/// Null goes with every type. Integers and text meet in text, integers and floats in 64-bit floats, and decimals in one with the digits of both, up
/// to 38: a value that does not fit is found when it is read. Points in time of different units meet in microseconds, to
/// which all times are brought anyway; a date is the beginning of its day.
pub(super) fn common_type(a: &DataType, b: &DataType) -> Option<DataType> {
    use DataType::*;
    if a == b {
        return Some(a.clone());
    }
    match (a, b) {
        (Null, other) | (other, Null) => Some(other.clone()),
        (Float16 | Float32 | Float64, Float16 | Float32 | Float64) => Some(Float64),
        (Float16 | Float32 | Float64, other) | (other, Float16 | Float32 | Float64) if other.is_integer() => {
            Some(Float64)
        }
        (UInt64, other) | (other, UInt64) if other.is_signed_integer() => Some(Decimal128(20, 0)),
        (a, b) if a.is_integer() && b.is_integer() => Some(wider_integer(a, b)),
        (Decimal128(p, s), Decimal128(q, t)) => Some(wider_decimal((*p, *s), (*q, *t))),
        (Decimal128(p, s), other) | (other, Decimal128(p, s)) if other.is_integer() => {
            Some(wider_decimal((*p, *s), (integer_digits(other), 0)))
        }
        // The digits of an integer say all of it.
        (Utf8, other) | (other, Utf8) if other.is_integer() => Some(Utf8),
        (Timestamp(_, a), Timestamp(_, b)) if a.is_some() == b.is_some() => {
            Some(Timestamp(TimeUnit::Microsecond, a.clone()))
        }
        (Date32, Timestamp(_, None)) | (Timestamp(_, None), Date32) => Some(Timestamp(TimeUnit::Microsecond, None)),
        _ => None,
    }
}

/// The smaller of the integers that holds both; of unsigned ones, no signed one is smaller than its own width.
fn wider_integer(a: &DataType, b: &DataType) -> DataType {
    use DataType::*;
    match (a.is_signed_integer(), b.is_signed_integer()) {
        (true, true) | (false, false) => match a.primitive_width() >= b.primitive_width() {
            true => a.clone(),
            false => b.clone(),
        },
        _ => Int64,
    }
}

fn integer_digits(integer: &DataType) -> u8 {
    match integer.primitive_width() {
        Some(1) => 3,
        Some(2) => 5,
        Some(4) => 10,
        _ => 20,
    }
}

fn wider_decimal((p, s): (u8, i8), (q, t): (u8, i8)) -> DataType {
    let scale = s.max(t);
    let whole = (i16::from(p) - i16::from(s)).max(i16::from(q) - i16::from(t));
    let precision = u8::try_from(whole + i16::from(scale)).unwrap_or(MOST_DIGITS).min(MOST_DIGITS);
    DataType::Decimal128(precision.max(scale.unsigned_abs()), scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::*;

    #[test]
    fn the_common_type_holds_both() {
        let local = |unit| Timestamp(unit, None);
        let instant = |unit| Timestamp(unit, Some("UTC".into()));
        use TimeUnit::*;
        for (a, b, common) in [
            (Null, Utf8, Some(Utf8)),
            (Null, Decimal128(9, 2), Some(Decimal128(9, 2))),
            (Int32, Int64, Some(Int64)),
            (UInt8, UInt32, Some(UInt32)),
            (UInt32, Int32, Some(Int64)),
            (UInt64, Int8, Some(Decimal128(20, 0))),
            (Float32, Float64, Some(Float64)),
            (Int64, Float64, Some(Float64)),
            (Decimal128(9, 2), Decimal128(18, 4), Some(Decimal128(18, 4))),
            (Decimal128(18, 0), Decimal128(18, 4), Some(Decimal128(22, 4))),
            (Decimal128(38, 0), Decimal128(18, 4), Some(Decimal128(38, 4))),
            (Int32, Decimal128(9, 2), Some(Decimal128(12, 2))),
            (Int64, Decimal128(18, 2), Some(Decimal128(22, 2))),
            (local(Nanosecond), local(Millisecond), Some(local(Microsecond))),
            (Date32, local(Millisecond), Some(local(Microsecond))),
            (instant(Millisecond), instant(Microsecond), Some(instant(Microsecond))),
            (instant(Microsecond), local(Microsecond), None),
            (Date32, instant(Microsecond), None),
            (Utf8, Int64, Some(Utf8)),
            (Utf8, Float64, None),
            (Float64, Decimal128(18, 2), None),
            (Boolean, Int32, None),
        ] {
            assert_eq!(common_type(&a, &b), common, "{a} and {b}");
            assert_eq!(common_type(&b, &a), common, "{b} and {a}");
        }
    }
}

//! What a constant is made of: totals over customers, which merge in any order.

use crate::expression::aggregate_kernels;
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256},
};
use segmenter_proto::{
    Error, ExactSum, Result,
    v1::{self, ConstantTotals, constant_total},
};
use std::sync::Arc;

/// How the values of customers become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Sum,
    Least,
    Greatest,
}

/// A total so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Total {
    /// Nobody has a value.
    None,
    /// A whole number, a decimal without its point, a date, a time or a truth. 256 bits, which no sum of customers fills.
    Whole(i256),
    /// A sum of floats.
    Real(Box<ExactSum>),
    /// One of the floats.
    Extreme(f64),
}

impl Total {
    /// Gives the total of a column of values, one a customer.
    pub(super) fn of(values: &ArrayRef, fold: Fold) -> Result<Self> {
        let mut total = Self::None;
        match values.data_type() {
            DataType::Float64 | DataType::Float32 => {
                let numbers = cast(values, &DataType::Float64).map_err(unfit)?;
                let numbers = numbers.as_primitive::<Float64Type>();
                if fold == Fold::Sum && numbers.null_count() < numbers.len() {
                    let mut sum = ExactSum::default();
                    if !numbers.iter().flatten().all(|number| sum.add(number)) {
                        return Err(Error::bug("a customer's part of a constant is not finite"));
                    }
                    return Ok(Self::Real(Box::new(sum)));
                }
                for number in numbers.iter().flatten().filter(|_| fold != Fold::Sum) {
                    total.merge(Self::Extreme(number), fold)?;
                }
            }
            kind if matches!(kind, DataType::Decimal128(..)) || kind.is_integer() => {
                let numbers = match kind {
                    DataType::Decimal128(..) => Arc::clone(values),
                    // Of 64 bits without a sign too.
                    _ => cast(values, &DataType::Decimal128(20, 0)).map_err(unfit)?,
                };
                for number in numbers.as_primitive::<Decimal128Type>().iter().flatten() {
                    total.merge(Self::Whole(i256::from_i128(number)), fold)?;
                }
            }
            _ => {
                let numbers = cast(values, &DataType::Int64).map_err(unfit)?;
                for number in numbers.as_primitive::<Int64Type>().iter().flatten() {
                    total.merge(Self::Whole(i256::from_i128(number.into())), fold)?;
                }
            }
        }
        Ok(total)
    }

    fn merge(&mut self, other: Self, fold: Fold) -> Result<()> {
        match (&mut *self, other, fold) {
            (_, Self::None, _) => {}
            (own @ Self::None, other, _) => *own = other,
            (Self::Whole(own), Self::Whole(other), Fold::Sum) => *own = own.wrapping_add(other),
            (Self::Whole(own), Self::Whole(other), Fold::Least) => *own = (*own).min(other),
            (Self::Whole(own), Self::Whole(other), Fold::Greatest) => *own = (*own).max(other),
            (Self::Real(own), Self::Real(other), Fold::Sum) => own.merge(&other),
            (Self::Extreme(own), Self::Extreme(other), Fold::Least) => *own = own.min(other),
            (Self::Extreme(own), Self::Extreme(other), Fold::Greatest) => *own = own.max(other),
            _ => return Err(Error::bug("totals of a constant are of different kinds")),
        }
        Ok(())
    }

    pub(super) fn to_message(&self) -> v1::ConstantTotal {
        let total = match self {
            Self::None => None,
            Self::Whole(number) => Some(constant_total::Total::Whole(number.to_le_bytes().to_vec())),
            Self::Real(sum) => Some(constant_total::Total::Sum(sum.to_message())),
            Self::Extreme(number) => Some(constant_total::Total::Extreme(*number)),
        };
        v1::ConstantTotal { total }
    }

    pub(super) fn from_message(message: &v1::ConstantTotal) -> Result<Self> {
        Ok(match &message.total {
            None => Self::None,
            Some(constant_total::Total::Whole(bytes)) => {
                let bytes: [u8; 32] = bytes
                    .as_slice()
                    .try_into()
                    .map_err(|error| Error::bug("a total of a constant has another length").caused_by(error))?;
                Self::Whole(i256::from_le_bytes(bytes))
            }
            Some(constant_total::Total::Sum(sum)) => Self::Real(Box::new(ExactSum::from_message(sum)?)),
            Some(constant_total::Total::Extreme(number)) => Self::Extreme(*number),
        })
    }

    /// Gives a whole total as what sums and averages are computed of.
    pub(super) fn of_rows(&self, count: u64) -> aggregate_kernels::Total {
        match self {
            Self::Whole(sum) => match sum.to_i128() {
                Some(sum) => aggregate_kernels::Total::Is { sum, count },
                None => aggregate_kernels::Total::Lost,
            },
            _ => aggregate_kernels::Total::Empty,
        }
    }

    /// Gives the smallest or the largest value in its type.
    pub(super) fn extreme(&self, data_type: &DataType) -> Result<ArrayRef> {
        let whole = match self {
            Self::Extreme(number) => {
                let number: ArrayRef = Arc::new(Float64Array::from(vec![*number]));
                return cast(&number, data_type).map_err(unfit);
            }
            Self::Whole(number) => number.to_i128(),
            Self::None => None,
            Self::Real(_) => return Err(Error::bug("a sum is no smallest or largest value")),
        };
        let narrow = whole.and_then(|whole| i64::try_from(whole).ok());
        match data_type {
            DataType::Decimal128(precision, scale) => {
                let value = arrow::array::Decimal128Array::from(vec![whole]);
                Ok(Arc::new(value.with_precision_and_scale(*precision, *scale).map_err(unfit)?))
            }
            whole_numbers if whole_numbers.is_integer() => {
                let value = arrow::array::Decimal128Array::from(vec![whole]);
                cast(&value.with_precision_and_scale(20, 0).map_err(unfit)?, whole_numbers).map_err(unfit)
            }
            DataType::Boolean => Ok(Arc::new(BooleanArray::from(vec![narrow.map(|narrow| narrow != 0)]))),
            // A date is a number of days in 32 bits.
            DataType::Date32 => {
                let days = cast(&Int64Array::from(vec![narrow]), &DataType::Int32).map_err(unfit)?;
                cast(&days, data_type).map_err(unfit)
            }
            other => cast(&Int64Array::from(vec![narrow]), other).map_err(unfit),
        }
    }
}

fn unfit(error: arrow::error::ArrowError) -> Error {
    Error::bug("a total of a constant has no such type").caused_by(error)
}

/// Adds the totals of one shard to those of others; `folds` has a list a constant.
pub(super) fn merge(folds: &[&[Fold]], totals: &mut Vec<ConstantTotals>, other: &[ConstantTotals]) -> Result<()> {
    if totals.is_empty() {
        totals.extend_from_slice(other);
        return Ok(());
    }
    if folds.len() != totals.len() || folds.len() != other.len() {
        return Err(Error::bug("a shard answered other constants than were asked for"));
    }
    for ((folds, own), other) in folds.iter().zip(totals).zip(other) {
        if folds.len() != own.totals.len() || folds.len() != other.totals.len() {
            return Err(Error::bug("a shard answered other totals of a constant than were asked for"));
        }
        own.left_out += other.left_out;
        for ((fold, own), other) in folds.iter().copied().zip(&mut own.totals).zip(&other.totals) {
            let mut total = Total::from_message(own)?;
            total.merge(Total::from_message(other)?, fold)?;
            *own = total.to_message();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::UInt64Array;

    #[test]
    fn whole_numbers_without_a_sign_keep_all_their_bits() {
        let values: ArrayRef = Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(7)]));
        let largest = Total::of(&values, Fold::Greatest).unwrap().extreme(&DataType::UInt64).unwrap();
        assert_eq!(largest.as_ref(), &UInt64Array::from(vec![u64::MAX]) as &dyn Array);
        let least = Total::of(&values, Fold::Least).unwrap().extreme(&DataType::UInt64).unwrap();
        assert_eq!(least.as_ref(), &UInt64Array::from(vec![7]) as &dyn Array);
    }
}

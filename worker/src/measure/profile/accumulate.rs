//! One column of one shard into its statistic.

use super::{
    levels::LevelCounts,
    moments::{Moments, added},
};
use arrow::array::{ArrayAccessor, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use hashbrown::HashMap;
use segmenter_proto::{ExactSum, Result};

/// Adds floats.
pub(super) fn add_floats<T>(values: &PrimitiveArray<T>, labels: &[u32], by_segment: &mut [Moments]) -> Result<()>
where
    T: ArrowPrimitiveType,
    T::Native: Into<f64>,
{
    for (label, value) in labels.iter().zip(values) {
        by_segment[*label as usize].add(value.map(Into::into))?;
    }
    Ok(())
}

/// Adds integers, or the unscaled integers of decimals: in machine integers, which enter the exact sums once a shard.
pub(super) fn add_integers<T>(values: &PrimitiveArray<T>, labels: &[u32], by_segment: &mut [Moments]) -> Result<()>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128>,
{
    let mut partial = vec![IntegerSums::default(); by_segment.len()];
    for (label, value) in labels.iter().zip(values) {
        let segment = *label as usize;
        match value {
            None => by_segment[segment].nulls += 1,
            Some(value) => {
                by_segment[segment].n += 1;
                partial[segment].add(value.into(), &mut by_segment[segment])?;
            }
        }
    }
    partial.into_iter().zip(by_segment).try_for_each(|(mut sums, moments)| sums.settle(moments))
}

/// Adds the levels of a text column.
pub(super) fn add_text<'a>(
    values: impl ArrayAccessor<Item = &'a str>,
    labels: &[u32],
    counts: &mut LevelCounts,
) -> Result<()> {
    let mut codes = HashMap::new();
    let mut bytes = 0;
    let mut coded = Vec::with_capacity(labels.len());
    for row in 0..labels.len() {
        if values.is_null(row) {
            coded.push(None);
            continue;
        }
        let value = values.value(row);
        let next = codes.len() as u32;
        let code = *codes.entry(value).or_insert_with(|| {
            bytes += value.len();
            next
        });
        if LevelCounts::too_many(codes.len(), bytes) {
            // No more levels are told apart, but who has a value is still counted.
            counts.forget_levels();
            let present = (0..labels.len()).map(|row| (!values.is_null(row)).then_some(0));
            return counts.add_coded(labels, present, Vec::new);
        }
        coded.push(Some(code));
    }
    let names = || {
        let mut names: Vec<(&str, u32)> = codes.into_iter().collect();
        names.sort_unstable_by_key(|(_, code)| *code);
        names.into_iter().map(|(name, _)| name).collect()
    };
    counts.add_coded(labels, coded.into_iter(), names)
}

/// Adds the levels `false` and `true`.
pub(super) fn add_booleans(values: &BooleanArray, labels: &[u32], counts: &mut LevelCounts) -> Result<()> {
    counts.add_coded(labels, values.iter().map(|value| value.map(u32::from)), || vec!["false", "true"])
}

/// Sums of integers and their squares that have not reached the exact sums yet.
#[derive(Debug, Clone, Copy, Default)]
struct IntegerSums {
    sum: i128,
    squares: u128,
}

impl IntegerSums {
    fn add(&mut self, value: i128, moments: &mut Moments) -> Result<()> {
        let magnitude = value.unsigned_abs();
        let Some(square) = magnitude.checked_mul(magnitude) else {
            // Beyond 2⁶⁴ the square is that of the nearest double.
            add_signed(&mut moments.sum, value)?;
            return added(moments.squares.add_square(value as f64));
        };
        if let (Some(sum), Some(squares)) = (self.sum.checked_add(value), self.squares.checked_add(square)) {
            *self = Self { sum, squares };
            return Ok(());
        }
        self.settle(moments)?;
        *self = Self { sum: value, squares: square };
        Ok(())
    }

    fn settle(&mut self, moments: &mut Moments) -> Result<()> {
        add_signed(&mut moments.sum, self.sum)?;
        add_unsigned(&mut moments.squares, self.squares, 1.0)?;
        *self = Self::default();
        Ok(())
    }
}

fn add_signed(sum: &mut ExactSum, value: i128) -> Result<()> {
    add_unsigned(sum, value.unsigned_abs(), if value < 0 { -1.0 } else { 1.0 })
}

/// Adds sign · value, in pieces of 32 bits, each exact as f64.
fn add_unsigned(sum: &mut ExactSum, value: u128, sign: f64) -> Result<()> {
    const PIECE: f64 = 4_294_967_296.0;
    let mut weight = sign;
    let mut left = value;
    while left > 0 {
        added(sum.add((left & 0xffff_ffff) as f64 * weight))?;
        left >>= 32;
        weight *= PIECE;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Decimal128Array, Float64Array, Int64Array, StringArray};

    #[test]
    fn integers_and_the_same_floats_give_equal_moments() {
        let values: Vec<Option<i64>> =
            (0..1000).map(|row| (row % 9 != 0).then_some((row * row * 7919) - 40_000)).collect();
        let labels: Vec<u32> = (0..1000).map(|row| (row * 31 % 7 % 3) as u32).collect();
        let (mut whole, mut float) = (vec![Moments::default(); 3], vec![Moments::default(); 3]);
        add_integers(&values.iter().copied().collect::<Int64Array>(), &labels, &mut whole).unwrap();
        let floats: Float64Array = values.iter().map(|value| value.map(|value| value as f64)).collect();
        add_floats(&floats, &labels, &mut float).unwrap();
        assert_eq!(whole, float);
        assert!(whole.iter().all(|moments| moments.nulls > 30));
    }

    #[test]
    fn integers_beyond_64_bits_are_summed_exactly() {
        let large = 10_i128.pow(27);
        let values = Decimal128Array::from(vec![large, large, large, -large, 3, -large, -large]);
        let mut moments = [Moments::default()];
        add_integers(&values, &[0; 7], &mut moments).unwrap();
        assert_eq!(moments[0].sum.value(), 3.0);
        let squares = 6.0 * 1e54;
        assert!((moments[0].squares.value() / squares - 1.0).abs() < 1e-15);
    }

    #[test]
    fn sums_of_squares_beyond_128_bits_settle_on_the_way() {
        let value = i64::MAX;
        let mut moments = [Moments::default()];
        add_integers(&Int64Array::from(vec![value; 20]), &[0; 20], &mut moments).unwrap();
        assert_eq!(moments[0].central_squares(), Some(0.0));
        assert_eq!(moments[0].mean(), Some(value as f64));
    }

    #[test]
    fn too_many_levels_in_one_shard_keep_the_counts() {
        let names: StringArray = (0..10_001).map(|row| (row != 7).then(|| format!("id{row}"))).collect();
        let labels: Vec<u32> = (0..10_001).map(|row| row % 2).collect();
        let mut counts = LevelCounts::new(2);
        add_text(&names, &labels, &mut counts).unwrap();
        assert!(counts.by_count(false).is_some(), "10,000 levels are told");
        let mut more = LevelCounts::new(2);
        add_text(&StringArray::from(vec!["new"]), &[1], &mut more).unwrap();
        counts.merge(&more).unwrap();
        assert!(counts.by_count(false).is_none());
        assert_eq!((counts.n, counts.nulls), (vec![5001, 5000], vec![0, 1]));
    }
}

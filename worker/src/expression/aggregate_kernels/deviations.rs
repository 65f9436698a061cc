//! Differences from the mean, for what does not depend on the unit of a value.

use crate::expression::float_sum::FloatSum;

/// Says whether two values differ.
pub(super) fn has_spread(values: &[f64]) -> bool {
    values.iter().any(|value| *value != values[0])
}

/// Gives the exact sum of terms, rounded once; none if one is too large.
pub(super) fn total(terms: impl Iterator<Item = f64>, sum: &mut FloatSum) -> Option<f64> {
    sum.clear();
    terms.for_each(|term| sum.add(term));
    sum.value()
}

/// Makes values that differ their differences from the mean, times a power of two that brings the largest near 1, so
/// that no power of them leaves the range of f64. Gives what rounding left over, as a mean; none if their sum is lost.
///
/// Every step is free of the order of values.
pub(super) fn center(values: &mut [f64], sum: &mut FloatSum) -> Option<f64> {
    let count = values.len() as f64;
    let mean = total(values.iter().copied(), sum)? / count;
    let largest = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
    let scale = inverse_power_of_two(largest);
    values.iter_mut().for_each(|value| *value = (*value - mean) * scale);
    // The mean was rounded, by more than the differences are where these are small beside it.
    let left = total(values.iter().copied(), sum)? / count;
    values.iter_mut().for_each(|value| *value -= left);
    Some(total(values.iter().copied(), sum)? / count)
}

/// Gives the power of two that makes a finite number, zero aside, one from 1 to 2; for the smallest ones the largest such
/// power.
fn inverse_power_of_two(number: f64) -> f64 {
    let exponent = (number.to_bits() >> 52 & 0x7FF).clamp(1, 2045);
    f64::from_bits((2046 - exponent) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_lie_near_one() {
        for (number, power) in [(1.0, 1.0), (3.5, 0.5), (0.3, 4.0), (2_f64.powi(900), 2_f64.powi(-900))] {
            assert_eq!(inverse_power_of_two(number), power, "{number}");
        }
        assert!(inverse_power_of_two(f64::MAX) > 0.0);
        assert!(inverse_power_of_two(5e-324).is_finite());
        let mut values = [1e200, 2e200, 6e200];
        let left = center(&mut values, &mut FloatSum::default()).unwrap();
        assert!(left.abs() < 1e-15 && (values[2] / values[0] + 1.5).abs() < 1e-12, "{values:?}");
    }
}

//! Exact moments of a column in two rounds: first count, range and sum, then powers of the distance from the mean.
//!
//! Each term is one f64 that depends on its row and the mean alone; the terms are summed exactly. So the result has the
//! same bits for any order and any tree of merges.

use crate::{Error, ExactSum, Result, v1};

/// What a first look at one column (of one group) gives: counts, range and exact sum.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Values that are neither null nor refused.
    pub count: u64,
    /// Nulls.
    pub nulls: u64,
    /// NaN and infinite values: refused, in no other figure.
    pub not_finite: u64,
    /// Smallest value; −0 counts as 0.
    pub min: Option<f64>,
    /// Largest value; −0 counts as 0.
    pub max: Option<f64>,
    /// Exact sum of the values.
    pub sum: ExactSum,
}

impl Summary {
    /// Adds one value or null.
    pub fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else {
            self.nulls += 1;
            return;
        };
        if !self.sum.add(value) {
            self.not_finite += 1;
            return;
        }
        self.count += 1;
        self.widen(value + 0.0, value + 0.0);
    }

    /// Adds all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.nulls += other.nulls;
        self.not_finite += other.not_finite;
        self.sum.merge(&other.sum);
        if let (Some(min), Some(max)) = (other.min, other.max) {
            self.widen(min, max);
        }
    }

    /// Gives the mean, within the range; `None` of no values.
    pub fn mean(&self) -> Option<f64> {
        let (min, max) = (self.min?, self.max?);
        // A rounded sum divided by the count may leave the range by a bit: a constant column's mean is the constant.
        Some(self.sum.mean(self.count)?.clamp(min, max))
    }

    /// Says whether all values are equal (also of none).
    pub fn is_constant(&self) -> bool {
        self.min == self.max
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::Summary {
        v1::Summary {
            count: self.count,
            nulls: self.nulls,
            not_finite: self.not_finite,
            min: self.min,
            max: self.max,
            sum: Some(self.sum.to_message()),
        }
    }

    /// Reads the message; fails on a sum that does not exist.
    pub fn from_message(message: &v1::Summary) -> Result<Self> {
        Ok(Self {
            count: message.count,
            nulls: message.nulls,
            not_finite: message.not_finite,
            min: message.min,
            max: message.max,
            sum: sum_of(message.sum.as_ref())?,
        })
    }

    fn widen(&mut self, min: f64, max: f64) {
        self.min = Some(self.min.map_or(min, |known| known.min(min)));
        self.max = Some(self.max.map_or(max, |known| known.max(max)));
    }
}

/// Exact sums of (x − c)², (x − c)³ and (x − c)⁴ around a given centre c, usually the mean of a [`Summary`].
#[derive(Debug, Clone, PartialEq)]
pub struct CentralSums {
    /// The centre c.
    pub centre: f64,
    /// Values added.
    pub count: u64,
    /// Σ(x − c)².
    pub squares: ExactSum,
    /// Σ(x − c)³.
    pub cubes: ExactSum,
    /// Σ(x − c)⁴.
    pub fourths: ExactSum,
}

impl CentralSums {
    /// Starts with no values.
    pub fn new(centre: f64) -> Self {
        let zero = ExactSum::default;
        Self { centre, count: 0, squares: zero(), cubes: zero(), fourths: zero() }
    }

    /// Adds one value; what is null, not finite, or so far out that its fourth power exceeds f64 is passed over.
    pub fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        let distance = value - self.centre;
        let square = distance * distance;
        // The fourth power is the first to overflow: asked first, so that no value enters one sum and not the others.
        if !self.fourths.add(square * square) {
            return;
        }
        let in_range = self.squares.add(square) && self.cubes.add(square * distance);
        debug_assert!(in_range, "the fourth power is in range, so the lower ones are");
        self.count += 1;
    }

    /// Adds all that `other` has seen; fails if it was taken around another centre.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.centre.to_bits() != other.centre.to_bits() {
            return Err(Error::bug("central sums around different centres cannot be merged"));
        }
        self.count += other.count;
        self.squares.merge(&other.squares);
        self.cubes.merge(&other.cubes);
        self.fourths.merge(&other.fourths);
        Ok(())
    }

    /// Gives the sample variance Σ(x − c)² / (n − 1); `None` of fewer than two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares.value() / (self.count - 1) as f64)
    }

    /// Gives the sample standard deviation (n − 1).
    pub fn standard_deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Gives the skewness g1 = m3 / m2^1.5, where m are means of powers (divisor n); `None` of a constant or no values.
    pub fn skewness(&self) -> Option<f64> {
        let (m2, n) = (self.second_moment()?, self.count as f64);
        let skewness = self.cubes.value() / n / (m2 * m2.sqrt());
        skewness.is_finite().then_some(skewness)
    }

    /// Gives the kurtosis m4 / m2², 3 for a normal distribution; `None` of a constant or no values.
    pub fn kurtosis(&self) -> Option<f64> {
        let (m2, n) = (self.second_moment()?, self.count as f64);
        let kurtosis = self.fourths.value() / n / (m2 * m2);
        kurtosis.is_finite().then_some(kurtosis)
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::CentralSums {
        v1::CentralSums {
            centre: self.centre,
            count: self.count,
            squares: Some(self.squares.to_message()),
            cubes: Some(self.cubes.to_message()),
            fourths: Some(self.fourths.to_message()),
        }
    }

    /// Reads the message; fails on sums that do not exist.
    pub fn from_message(message: &v1::CentralSums) -> Result<Self> {
        Ok(Self {
            centre: message.centre,
            count: message.count,
            squares: sum_of(message.squares.as_ref())?,
            cubes: sum_of(message.cubes.as_ref())?,
            fourths: sum_of(message.fourths.as_ref())?,
        })
    }

    fn second_moment(&self) -> Option<f64> {
        let m2 = self.squares.value() / self.count as f64;
        (self.count > 0 && m2 > 0.0).then_some(m2)
    }
}

fn sum_of(message: Option<&v1::ExactSum>) -> Result<ExactSum> {
    message.map_or_else(|| Ok(ExactSum::default()), ExactSum::from_message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(values: &[Option<f64>]) -> (Summary, CentralSums) {
        let mut summary = Summary::default();
        values.iter().for_each(|value| summary.add(*value));
        let mut central = CentralSums::new(summary.mean().unwrap_or(0.0));
        values.iter().for_each(|value| central.add(*value));
        (summary, central)
    }

    #[test]
    fn published_figures_come_out() {
        // scipy.stats.skew and kurtosis(fisher=False) of 2, 8, 0, 4, 1, 9, 9, 0.
        let values = [2.0, 8.0, 0.0, 4.0, 1.0, 9.0, 9.0, 0.0].map(Some);
        let (summary, central) = both(&values);
        assert_eq!(summary.mean(), Some(4.125));
        assert!((central.skewness().unwrap() - 0.265_055_412_269_857_3).abs() < 1e-9);
        assert!((central.variance().unwrap() - 15.839_285_714_285_714).abs() < 1e-12);
        let m4 = values.iter().flatten().map(|x| (x - 4.125f64).powi(4)).sum::<f64>() / 8.0;
        assert!((central.kurtosis().unwrap() - m4 / (15.839_285_714_285_714f64 * 7.0 / 8.0).powi(2)).abs() < 1e-12);
    }

    #[test]
    fn nulls_and_what_is_not_finite_are_counted_apart() {
        let (summary, central) = both(&[Some(1.0), None, Some(f64::NAN), Some(3.0), Some(f64::INFINITY), Some(-0.0)]);
        assert_eq!((summary.count, summary.nulls, summary.not_finite), (3, 1, 2));
        assert_eq!((summary.min.map(f64::to_bits), summary.max, central.count), (Some(0), Some(3.0), 3));
    }

    #[test]
    fn a_constant_has_its_own_mean_and_no_variance() {
        let (summary, central) = both(&[Some(0.1); 3]);
        assert!(summary.is_constant());
        assert_eq!((summary.mean(), central.variance()), (Some(0.1), Some(0.0)));
        assert_eq!((central.skewness(), central.kurtosis()), (None, None));
        assert_eq!(both(&[]).0.mean(), None);
    }

    proptest! {
        #[test]
        fn order_and_tree_do_not_matter(
            values in prop::collection::vec(prop::option::weighted(0.9, -1e6..1e6f64), 1..50),
            cut in 0usize..50,
        ) {
            let cut = cut % values.len();
            let (whole, central) = both(&values);
            let (mut left, right) = (both(&values[cut..]).0, both(&values[..cut]).0);
            left.merge(&Summary::from_message(&right.to_message()).unwrap());
            prop_assert_eq!(&left, &whole);
            let mut merged = CentralSums::new(central.centre);
            for part in [&values[cut..], &values[..cut]] {
                let mut sums = CentralSums::new(central.centre);
                part.iter().for_each(|value| sums.add(*value));
                merged.merge(&CentralSums::from_message(&sums.to_message()).unwrap()).unwrap();
            }
            prop_assert_eq!(merged, central);
        }
    }
}

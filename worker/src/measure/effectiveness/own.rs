//! Exact sums of metrics of the user's own.

use super::metric::{Cell, Why};
use crate::measure::{groups::Groups, inference::Estimate};
use arrow::array::{Array, Float64Array};
use segmenter_proto::{Error, ExactSum, Result, v1};

/// What a metric's query gives of each customer of a shard; null where it is not known.
#[derive(Debug, Clone, Copy)]
pub struct OwnValues<'a> {
    /// The value.
    pub value: &'a Float64Array,
    /// What it is divided by, of a ratio.
    pub per: Option<&'a Float64Array>,
}

/// Exact sums over the customers of one segment, mergeable in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnTotals {
    /// Customers with a value, and with what it is divided by.
    pub known: u64,
    /// Those of them whose value is above 0.
    pub positive: u64,
    /// Customers of whom it is not known.
    pub unknown: u64,
    value: ExactSum,
    value_squared: ExactSum,
    per: ExactSum,
    per_squared: ExactSum,
    value_per: ExactSum,
}

impl OwnTotals {
    /// Adds the customer at `row`.
    ///
    /// # Errors
    /// Bug only: a value that is too large is not known.
    pub(in crate::measure) fn add(&mut self, values: &OwnValues<'_>, row: usize) -> Result<()> {
        let known = |column: &Float64Array| column.is_valid(row).then(|| column.value(row));
        let usable = |number: &f64| number.abs() < LARGEST;
        let value = known(values.value).filter(usable);
        let per = values.per.map(|per| known(per).filter(usable));
        let (Some(value), false) = (value, per == Some(None)) else {
            self.unknown += 1;
            return Ok(());
        };
        self.known += 1;
        self.positive += u64::from(value > 0.0);
        let mut fits = self.value.add(value) && self.value_squared.add_square(value);
        if let Some(per) = per.flatten() {
            fits =
                fits && self.per.add(per) && self.per_squared.add_square(per) && self.value_per.add_product(value, per);
        }
        match fits {
            true => Ok(()),
            false => Err(Error::bug("a metric's value is below the largest and does not fit")),
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.known += other.known;
        self.positive += other.positive;
        self.unknown += other.unknown;
        self.value.merge(&other.value);
        self.value_squared.merge(&other.value_squared);
        self.per.merge(&other.per);
        self.per_squared.merge(&other.per_squared);
        self.value_per.merge(&other.value_per);
    }

    /// Gives what is left without `part`, which must be a part of it.
    pub(super) fn without(&self, part: &Self) -> Self {
        let mut rest = self.clone();
        rest.known -= part.known;
        rest.positive -= part.positive;
        rest.unknown -= part.unknown;
        rest.value.take_away(&part.value);
        rest.value_squared.take_away(&part.value_squared);
        rest.per.take_away(&part.per);
        rest.per_squared.take_away(&part.per_squared);
        rest.value_per.take_away(&part.value_per);
        rest
    }

    /// Gives the sum of the values.
    pub(super) fn total(&self) -> f64 {
        self.value.value()
    }

    /// Gives the mean over the customers of whom it is known.
    pub(super) fn mean(&self) -> Cell {
        match self.known {
            0 => Err(NOBODY),
            known => Ok(self.value.value() / known as f64),
        }
    }

    /// Gives the mean with its squared standard error s²/n.
    pub(super) fn mean_estimate(&self) -> Cell<Estimate> {
        let value = self.mean()?;
        if self.known < 2 {
            return Err(FEW);
        }
        let n = self.known as f64;
        let squares = self.above_rounding(self.deviations(value, n)?);
        Ok(Estimate { value, variance: squares / (n * (n - 1.0)), df: n - 1.0 })
    }

    /// Gives Σ value / Σ per.
    pub(super) fn ratio(&self) -> Cell {
        match (self.known, self.per.value()) {
            (0, _) => Err(NOBODY),
            (_, per) if per <= 0.0 => Err(Why::Own("what it is divided by is not above 0")),
            (_, per) => Ok(self.value.value() / per),
        }
    }

    /// Gives the ratio with its squared standard error by the delta method (Cochran 1977, Sampling Techniques, 6.4): with z = value − ratio · per,
    /// whose mean is 0, it is n·s²(z) / (Σ per)².
    pub(super) fn ratio_estimate(&self) -> Cell<Estimate> {
        let value = self.ratio()?;
        if self.known < 2 {
            return Err(FEW);
        }
        let n = self.known as f64;
        let mut squares = self.value_squared.clone();
        let fits = add_times(&mut squares, &self.value_per, -2.0 * value)
            && add_times_square(&mut squares, &self.per_squared, value);
        if !fits {
            return Err(super::metric::TOO_LARGE);
        }
        let per = self.per.value();
        let variance = self.above_rounding(squares.value()) * (n / (n - 1.0)) / (per * per);
        Ok(Estimate { value, variance, df: n - 1.0 })
    }

    /// Gives [`Self::mean`], with the reason in words.
    pub(in crate::measure) fn mean_of(&self) -> Result<f64, &'static str> {
        self.mean().map_err(Why::words)
    }

    /// Gives [`Self::mean_estimate`], with the reason in words.
    pub(in crate::measure) fn mean_error(&self) -> Result<Estimate, &'static str> {
        self.mean_estimate().map_err(Why::words)
    }

    /// Gives [`Self::ratio`], with the reason in words.
    pub(in crate::measure) fn ratio_of(&self) -> Result<f64, &'static str> {
        self.ratio().map_err(Why::words)
    }

    /// Gives [`Self::ratio_estimate`], with the reason in words.
    pub(in crate::measure) fn ratio_error(&self) -> Result<Estimate, &'static str> {
        self.ratio_estimate().map_err(Why::words)
    }

    /// Gives means and sums of squares and products about them of the value and of what stands beside it; none of nobody.
    pub(in crate::measure) fn paired_moments(&self) -> Option<PairedMoments> {
        let n = self.known as f64;
        if self.known == 0 {
            return None;
        }
        let (mean, before) = (self.value.value() / n, self.per.value() / n);
        // Σ(a − ā)(b − b̄) = Σab − b̄Σa − āΣb + n·āb̄.
        let about = |products: &ExactSum, (a, mean_a): (&ExactSum, f64), (b, mean_b): (&ExactSum, f64)| {
            let mut sum = products.clone();
            let product = mean_a * mean_b;
            let fits = add_times(&mut sum, a, -mean_b)
                && add_times(&mut sum, b, -mean_a)
                && sum.add_product(n, product)
                && sum.add_product(n, libm::fma(mean_a, mean_b, -product));
            fits.then(|| sum.value())
        };
        let above = |squares: f64, of: &ExactSum| {
            let rounding = of.value() * ROUNDING * ROUNDING;
            if squares > rounding { squares } else { 0.0 }
        };
        let (value, per) = ((&self.value, mean), (&self.per, before));
        Some(PairedMoments {
            n,
            mean,
            before,
            spread: above(about(&self.value_squared, value, value)?, &self.value_squared),
            spread_before: above(about(&self.per_squared, per, per)?, &self.per_squared),
            together: about(&self.value_per, value, per)?,
        })
    }

    /// Gives Σ(x − m)² = Σx² − 2mΣx + n·m².
    fn deviations(&self, mean: f64, n: f64) -> Cell {
        let mut squares = self.value_squared.clone();
        let mut count = ExactSum::default();
        let fits = count.add(n)
            && add_times(&mut squares, &self.value, -2.0 * mean)
            && add_times_square(&mut squares, &count, mean);
        if fits { Ok(squares.value()) } else { Err(super::metric::TOO_LARGE) }
    }

    /// Gives squares of deviations from a rounded mean or ratio, and 0 where they are no more than its rounding. Values that are all the same
    /// have no variance then, and are not tested as if they had a very small one.
    fn above_rounding(&self, squares: f64) -> f64 {
        let rounding = self.value_squared.value() * ROUNDING * ROUNDING;
        if squares > rounding { squares } else { 0.0 }
    }

    /// Gives the message that travels.
    pub(in crate::measure) fn to_message(&self) -> v1::OwnTotals {
        v1::OwnTotals {
            known: self.known,
            positive: self.positive,
            unknown: self.unknown,
            value: Some(self.value.to_message()),
            value_squared: Some(self.value_squared.to_message()),
            per: Some(self.per.to_message()),
            per_squared: Some(self.per_squared.to_message()),
            value_per: Some(self.value_per.to_message()),
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub(in crate::measure) fn from_message(message: &v1::OwnTotals) -> Result<Self> {
        let sum =
            |sum: &Option<v1::ExactSum>| sum.as_ref().map_or_else(|| Ok(ExactSum::default()), ExactSum::from_message);
        Ok(Self {
            known: message.known,
            positive: message.positive,
            unknown: message.unknown,
            value: sum(&message.value)?,
            value_squared: sum(&message.value_squared)?,
            per: sum(&message.per)?,
            per_squared: sum(&message.per_squared)?,
            value_per: sum(&message.value_per)?,
        })
    }
}

/// Means of a value and of what stands beside it, and sums of squares and products about them.
#[derive(Debug, Clone, Copy)]
pub(in crate::measure) struct PairedMoments {
    /// Customers of whom both are known.
    pub n: f64,
    pub mean: f64,
    pub before: f64,
    pub spread: f64,
    pub spread_before: f64,
    pub together: f64,
}

/// What is larger has no square among doubles, and so no variance.
const LARGEST: f64 = 1e150;

/// Relative to a value: a mean and a ratio are rounded twice each, to half an ε, and the values themselves may have been rounded before.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

const NOBODY: Why = Why::Own("no customers of whom it is known");
const FEW: Why = Why::Own("fewer than two customers of whom it is known");

/// Adds factor · sum, the sum as two doubles, which hold it to 106 bits.
fn add_times(to: &mut ExactSum, sum: &ExactSum, factor: f64) -> bool {
    let high = sum.value();
    let mut low = sum.clone();
    low.add(-high) && to.add_product(factor, high) && to.add_product(factor, low.value())
}

/// Adds factor² · sum.
fn add_times_square(to: &mut ExactSum, sum: &ExactSum, factor: f64) -> bool {
    let square = factor * factor;
    add_times(to, sum, square) && add_times(to, sum, libm::fma(factor, factor, -square))
}

/// Sums of one metric, a group.
pub(super) fn of_shard(groups: &Groups<'_>, values: &OwnValues<'_>) -> Result<Vec<OwnTotals>> {
    let customers = values.value.len();
    groups.check(customers, "a metric")?;
    groups.check(values.per.map_or(customers, Array::len), "what a metric is divided by")?;
    let mut by_segment = vec![OwnTotals::default(); groups.count()];
    groups.each(customers, |group, customer| by_segment[group].add(values, customer))?;
    Ok(by_segment)
}

/// Gives the message of one metric.
pub(super) fn to_message(by_segment: &[OwnTotals]) -> v1::OwnStatistic {
    v1::OwnStatistic { by_segment: by_segment.iter().map(OwnTotals::to_message).collect() }
}

/// Reads the message of one metric.
pub(super) fn from_message(message: &v1::OwnStatistic) -> Result<Vec<OwnTotals>> {
    message.by_segment.iter().map(OwnTotals::from_message).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn totals(values: &[(f64, f64)]) -> OwnTotals {
        let value = Float64Array::from_iter_values(values.iter().map(|(value, _)| *value));
        let per = Float64Array::from_iter_values(values.iter().map(|(_, per)| *per));
        let labels = vec![0; values.len()];
        let groups = Groups::apart(&labels, 1).unwrap();
        of_shard(&groups, &OwnValues { value: &value, per: Some(&per) }).unwrap().remove(0)
    }

    #[test]
    fn means_and_ratios_are_those_of_hand_arithmetic() {
        let totals = totals(&[(10.0, 1.0), (30.0, 2.0), (65.0, 3.0), (0.0, 0.0)]);
        let mean = totals.mean_estimate().unwrap();
        // 105/4 = 26.25; deviations −16.25, 3.75, 38.75, −26.25: squares 2468.75; /3 /4.
        assert_eq!((mean.value, mean.df, totals.positive), (26.25, 3.0, 3));
        assert!((mean.variance - 2468.75 / 12.0).abs() < 1e-12, "{mean:?}");
        let ratio = totals.ratio_estimate().unwrap();
        // 105/6 = 17.5; z = −7.5, −5, 12.5, 0: squares 237.5; 4·(237.5/3)/36.
        assert_eq!(ratio.value, 17.5);
        assert!((ratio.variance - 4.0 * 237.5 / 3.0 / 36.0).abs() < 1e-12, "{ratio:?}");
    }

    #[test]
    fn far_from_zero_the_variance_keeps_its_digits() {
        let values: Vec<(f64, f64)> = (0..100).map(|number| (1e12 + f64::from(number % 2), 1.0)).collect();
        let mean = totals(&values).mean_estimate().unwrap();
        // Half are 1 above the others: Σ(x − m)² = 100/4.
        assert!((mean.variance / (25.0 / (100.0 * 99.0)) - 1.0).abs() < 1e-9, "{mean:?}");
    }

    #[test]
    fn values_that_are_all_the_same_have_no_variance() {
        for same in [0.1, 0.3, 1e-9, 123_456.789, -0.7] {
            for customers in [2, 3, 7, 1000] {
                // A ratio is as constant where value and divisor grow together.
                let grown = |number: usize| (same * (number + 1) as f64, (number + 1) as f64);
                let mean = totals(&vec![(same, 1.0); customers]).mean_estimate().unwrap();
                let ratio = totals(&(0..customers).map(grown).collect::<Vec<_>>()).ratio_estimate().unwrap();
                assert_eq!((mean.variance, ratio.variance), (0.0, 0.0), "{customers} of {same}");
            }
        }
    }

    #[test]
    fn who_is_not_known_is_counted_apart_and_nobody_has_no_mean() {
        let value = Float64Array::from(vec![Some(1.0), None, Some(0.0)]);
        let found = of_shard(&Groups::apart(&[0, 0, 0], 2).unwrap(), &OwnValues { value: &value, per: None }).unwrap();
        assert_eq!((found[0].known, found[0].positive, found[0].unknown), (2, 1, 1));
        assert_eq!(found[1].mean(), Err(NOBODY));
        assert!(found[1].ratio().is_err() && found[0].ratio().is_err(), "nothing to divide by");
        let wrong = Float64Array::from(vec![1e200]);
        let found = of_shard(&Groups::apart(&[0], 1).unwrap(), &OwnValues { value: &wrong, per: None }).unwrap();
        assert_eq!((found[0].known, found[0].unknown), (0, 1));
    }

    proptest! {
        #[test]
        fn any_order_and_any_cut_give_the_same_sums(values in proptest::collection::vec((-1e9..1e9_f64, 0.0..1e3_f64), 0..40), cut in 0_usize..40) {
            let cut = cut.min(values.len());
            let mut merged = totals(&values[cut..]);
            merged.merge(&totals(&values[..cut]));
            prop_assert_eq!(&merged, &totals(&values));
            prop_assert_eq!(&OwnTotals::from_message(&merged.to_message()).unwrap(), &merged);
        }

        #[test]
        fn the_rest_is_everybody_else(values in proptest::collection::vec((-1e9..1e9_f64, 0.0..1e3_f64), 0..40), cut in 0_usize..40) {
            let cut = cut.min(values.len());
            let rest = totals(&values).without(&totals(&values[..cut]));
            prop_assert_eq!(&rest, &totals(&values[cut..]));
        }
    }
}

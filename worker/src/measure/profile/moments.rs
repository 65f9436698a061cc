//! Count, mean and variance from exact power sums.

use segmenter_proto::{Error, ExactSum, Result};

/// Counts, sum and sum of squares of one number over one segment, exact and mergeable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    /// Customers with a value.
    pub n: u64,
    /// Customers without one.
    pub nulls: u64,
    /// Exact sum of the values.
    pub sum: ExactSum,
    /// Exact sum of their squares.
    pub squares: ExactSum,
}

impl Moments {
    /// Adds one value, or a null.
    ///
    /// # Errors
    /// The data's fault where the value is not finite or its square is beyond f64.
    pub fn add(&mut self, value: Option<f64>) -> Result<()> {
        let Some(value) = value else {
            self.nulls += 1;
            return Ok(());
        };
        self.n += 1;
        added(self.sum.add(value) && self.squares.add_square(value))
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.nulls += other.nulls;
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// Gives the mean; none without values.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum.value() / self.n as f64)
    }

    /// Gives Σ(x − mean)², without the cancellation of Σx² − (Σx)²/n; none without values.
    ///
    /// It is Σ(x − m)² − (Σ(x − m))²/n for the rounded mean m. The first is Σx² − 2mΣx + n·m², term by term into one
    /// exact sum, Σx itself as two f64 whose sum is exact to 106 bits; the second is tiny.
    pub fn central_squares(&self) -> Option<f64> {
        let mean = self.mean()?;
        // Exact below 2⁵³ customers.
        let n = self.n as f64;
        let high = self.sum.value();
        let mut low = self.sum.clone();
        let mut off = self.sum.clone();
        if !low.add(-high) || !off.add_product(-n, mean) {
            return None;
        }
        let off = off.value();
        let (square, square_error) = (mean * mean, libm::fma(mean, mean, -(mean * mean)));
        let terms = [(-2.0 * mean, high), (-2.0 * mean, low.value()), (n, square), (n, square_error), (-off, off / n)];
        let mut total = self.squares.clone();
        terms.into_iter().all(|(left, right)| total.add_product(left, right)).then(|| total.value().max(0.0))
    }

    /// Gives the standard deviation with divisor n − 1; none of fewer than two values.
    pub fn standard_deviation(&self) -> Option<f64> {
        if self.n < 2 {
            return None;
        }
        Some((self.central_squares()? / (self.n - 1) as f64).sqrt())
    }
}

/// Turns the refusal of an exact sum into an error; the caller names the feature.
pub(super) fn added(fits: bool) -> Result<()> {
    if fits {
        return Ok(());
    }
    Err(Error::data("a value is not finite, or its square is beyond the range of a double"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        for value in values {
            moments.add(Some(*value)).unwrap();
        }
        moments
    }

    #[test]
    fn a_tiny_spread_on_a_huge_mean_keeps_its_digits() {
        // Variance 30 whatever is added to 4, 7, 13, 16; Σx² − (Σx)²/n in doubles gives nonsense from 1e9 on.
        for shift in [0.0, 1e9, 1e12, 1e15] {
            let moments = of(&[shift + 4.0, shift + 7.0, shift + 13.0, shift + 16.0]);
            assert_eq!(moments.central_squares(), Some(90.0), "{shift}");
            assert_eq!(moments.standard_deviation(), Some(30.0_f64.sqrt()));
        }
    }

    #[test]
    fn few_values_have_no_spread() {
        assert_eq!(of(&[]).mean(), None);
        assert_eq!((of(&[3.0]).mean(), of(&[3.0]).standard_deviation()), (Some(3.0), None));
        assert!(Moments::default().add(Some(f64::NAN)).is_err());
        assert!(Moments::default().add(Some(1e200)).is_err());
    }

    proptest! {
        #[test]
        fn order_and_cut_change_no_bit(values in proptest::collection::vec(-1e12..1e12_f64, 2..60), cut in 0_usize..60) {
            let cut = cut.min(values.len());
            let whole = of(&values);
            let (head, tail) = values.split_at(cut);
            let mut merged = of(&tail.iter().rev().copied().collect::<Vec<_>>());
            merged.merge(&of(head));
            prop_assert_eq!(merged.mean(), whole.mean());
            prop_assert_eq!(merged.standard_deviation(), whole.standard_deviation());
            prop_assert_eq!(merged, whole);
        }
    }
}

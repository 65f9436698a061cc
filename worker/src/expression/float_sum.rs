//! The exact sum of floats.

/// Values from here on are refused, so that no order of up to 2⁶³ of them can leave the range of f64 on the way: 2⁹⁶⁰.
const LIMIT: f64 = f64::from_bits((1023 + 960) << 52);

/// The exact sum of finite f64 in any order: the running sum is kept as parts that do not overlap (Shewchuk, "Adaptive
/// precision floating-point arithmetic", 1997), and rounded once at the end as Python's `math.fsum` does.
///
/// Between values of like size it holds two or three parts, so it is small; the parts depend on the order, the rounded
/// value does not.
#[derive(Debug, Clone, Default)]
pub(super) struct FloatSum {
    /// Rising in magnitude.
    parts: Vec<f64>,
    is_lost: bool,
}

impl FloatSum {
    /// Forgets everything, keeping the memory.
    pub(super) fn clear(&mut self) {
        self.parts.clear();
        self.is_lost = false;
    }

    /// Adds a value; one that is not finite, or beyond 2⁹⁶⁰, makes the result none.
    pub(super) fn add(&mut self, value: f64) {
        if value.is_nan() || value.abs() >= LIMIT {
            self.is_lost = true;
            return;
        }
        let mut x = value;
        let mut kept = 0;
        for i in 0..self.parts.len() {
            let mut y = self.parts[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.parts.truncate(kept);
        self.parts.push(x);
    }

    /// Gives the sum rounded to the nearest f64, ties to even; none if it was lost.
    pub(super) fn value(&self) -> Option<f64> {
        if self.is_lost {
            return None;
        }
        let mut parts = self.parts.iter().rev().copied();
        let Some(mut high) = parts.next() else { return Some(0.0) };
        let mut low = 0.0;
        for part in parts.by_ref() {
            let sum = high + part;
            low = part - (sum - high);
            high = sum;
            if low != 0.0 {
                break;
            }
        }
        // Half-way cases: what comes below decides.
        if let Some(next) = parts.next()
            && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
        {
            let doubled = low * 2.0;
            let sum = high + doubled;
            if doubled == sum - high {
                high = sum;
            }
        }
        // −0.0 would depend on how the zero came about.
        Some(high + 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: impl IntoIterator<Item = f64>) -> Option<f64> {
        let mut sum = FloatSum::default();
        values.into_iter().for_each(|value| sum.add(value));
        sum.value()
    }

    #[test]
    fn sums_are_rounded_once() {
        assert_eq!(sum([0.1; 10]), Some(1.0));
        assert_eq!(sum([1e100, 1.0, -1e100]), Some(1.0));
        assert_eq!(sum([1e16, 1.0, 1e-16]), Some(10_000_000_000_000_002.0));
        assert_eq!(sum([]).map(f64::to_bits), Some(0));
        assert_eq!(sum([-0.0]).map(f64::to_bits), Some(0));
    }

    #[test]
    fn what_is_not_finite_is_lost() {
        assert_eq!(sum([1.0, f64::NAN]), None);
        assert_eq!(sum([f64::INFINITY]), None);
        assert_eq!(sum([f64::MAX, -f64::MAX]), None);
        assert!(sum([1e288, 1e288]).is_some());
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same_bits(
            values in proptest::collection::vec((-1e3_f64..1e3, -60_i32..60), 0..60),
            turn in 0_usize..60,
        ) {
            let values: Vec<f64> = values.into_iter().map(|(x, e)| x * 2_f64.powi(e)).collect();
            let mut other = values.clone();
            other.reverse();
            let turn = if other.is_empty() { 0 } else { turn % other.len() };
            other.rotate_left(turn);
            prop_assert_eq!(sum(values).map(f64::to_bits), sum(other).map(f64::to_bits));
        }
    }
}

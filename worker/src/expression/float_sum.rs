//! The exact sum of floats.

/// Values from here on are refused, so that no order of up to 2⁶³ of them can leave the range of f64 on the way: 2⁹⁶⁰.
const LIMIT: f64 = f64::from_bits((1023 + 960) << 52);

/// How many parts stand in the sum itself.
const FEW: usize = 2;

/// The exact sum of finite f64 in any order: the running sum is kept as parts that do not overlap (Shewchuk, "Adaptive
/// precision floating-point arithmetic", 1997), and rounded once at the end as Python's `math.fsum` does.
///
/// Between values of like size it holds two or three parts, so it is small; the parts depend on the order, the rounded
/// value does not. The first two stand in place: there may be a sum for each of many groups.
#[derive(Debug, Clone, Default)]
pub(crate) struct FloatSum {
    /// The parts, rising in magnitude, while they are few.
    few: [f64; FEW],
    few_count: u8,
    is_lost: bool,
    /// All of the parts, from when they were more.
    many: Vec<f64>,
}

impl FloatSum {
    /// Forgets everything, keeping the memory.
    pub(crate) fn clear(&mut self) {
        self.few_count = 0;
        self.many.clear();
        self.is_lost = false;
    }

    /// Adds a value; one that is not finite, or beyond 2⁹⁶⁰, makes the result none.
    pub(crate) fn add(&mut self, value: f64) {
        if value.is_nan() || value.abs() >= LIMIT {
            self.is_lost = true;
        } else {
            self.add_part(value);
        }
    }

    /// Adds another sum: its parts, and whether it was lost. The parts of a sum may lie beyond what a value may be.
    pub(crate) fn merge(&mut self, parts: &[f64], is_lost: bool) {
        self.is_lost |= is_lost;
        parts.iter().for_each(|part| self.add_part(*part));
    }

    /// Gives the parts of the sum: not rounded, and not the same in every order of values.
    pub(crate) fn parts(&self) -> &[f64] {
        if self.many.is_empty() { &self.few[..usize::from(self.few_count)] } else { &self.many }
    }

    /// Says whether one of the values made the result none.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Gives the bytes that it holds beside itself.
    pub(crate) fn held_bytes(&self) -> usize {
        self.many.capacity() * size_of::<f64>()
    }

    fn add_part(&mut self, value: f64) {
        let mut x = value;
        let mut kept = 0;
        if !self.many.is_empty() {
            for i in 0..self.many.len() {
                let (high, low) = two_sum(x, self.many[i]);
                if low != 0.0 {
                    self.many[kept] = low;
                    kept += 1;
                }
                x = high;
            }
            self.many.truncate(kept);
            self.many.push(x);
            return;
        }
        let mut parts = [0.0; FEW + 1];
        for part in &self.few[..usize::from(self.few_count)] {
            let (high, low) = two_sum(x, *part);
            if low != 0.0 {
                parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        parts[kept] = x;
        if kept < FEW {
            self.few.copy_from_slice(&parts[..FEW]);
            self.few_count = kept as u8 + 1;
        } else {
            self.few_count = 0;
            self.many.extend(parts);
        }
    }

    /// Gives the sum rounded to the nearest f64, ties to even; none if it was lost.
    pub(crate) fn value(&self) -> Option<f64> {
        if self.is_lost {
            return None;
        }
        let mut parts = self.parts().iter().rev().copied();
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

/// Gives a sum rounded, and what the rounding left over.
fn two_sum(x: f64, y: f64) -> (f64, f64) {
    let (larger, smaller) = if x.abs() < y.abs() { (y, x) } else { (x, y) };
    let high = larger + smaller;
    (high, smaller - (high - larger))
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
        // A part beyond the limit of values.
        let mut large = FloatSum::default();
        (0..100).for_each(|_| large.add(1e288));
        let mut merged = FloatSum::default();
        merged.merge(large.parts(), large.is_lost());
        assert_eq!(merged.value(), large.value());
        assert!(large.value().is_some());
        merged.merge(&[], true);
        assert_eq!(merged.value(), None);
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
            let mut merged = FloatSum::default();
            for piece in other.chunks(7) {
                let mut part = FloatSum::default();
                piece.iter().for_each(|value| part.add(*value));
                merged.merge(part.parts(), part.is_lost());
            }
            let whole = sum(values).map(f64::to_bits);
            prop_assert_eq!(whole, sum(other).map(f64::to_bits));
            prop_assert_eq!(whole, merged.value().map(f64::to_bits));
        }
    }
}

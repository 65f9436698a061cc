//! An exact, mergeable sum of f64: the only sum of floats across customers that there is.
//!
//! Every finite f64 is an integer multiple of 2⁻¹⁰⁷⁴, so a wide enough integer holds any sum of them without rounding.
//! The integer is kept in 67 signed 64-bit limbs whose weights lie 32 bits apart: an addition touches two neighbours,
//! and carries are settled once in a thousand additions (Neal 2015, "Fast exact summation using small and large
//! superaccumulators"). Invariants:
//! - between settlements no limb exceeds 2⁶²: at most [`SETTLE_AFTER`] parts below 2⁵² + 2³² each;
//! - settled, every limb but the last lies in 0..2³² and the last one holds the sign, so equal sums have equal limbs.

use crate::{Error, Result, v1};

/// Limb 66 has the weight 2¹⁰³⁸, signed: far beyond the sum of 2⁶⁴ largest f64.
const LIMBS: usize = 67;
const LAST: usize = LIMBS - 1;
const LIMB_MASK: i64 = 0xffff_ffff;
const SETTLE_AFTER: u32 = 1000;
const MANTISSA_BITS: u32 = 53;
const MANTISSA_MASK: u64 = (1 << 52) - 1;
/// The exponent field of infinities and NaN.
const NOT_FINITE: u64 = 0x7ff;
/// Position, in bits above 2⁻¹⁰⁷⁴, of 2⁰.
const UNIT_POSITION: i64 = 1074;
/// A product whose highest bit may stand at or above this position is refused.
const PRODUCT_LIMIT: i64 = UNIT_POSITION + 1024;

/// The exact sum of any number of finite f64, rounded once, at the end.
///
/// The sum does not depend on the order of additions and merges.
#[derive(Clone)]
pub struct ExactSum {
    limbs: [i64; LIMBS],
    unsettled: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { limbs: [0; LIMBS], unsettled: 0 }
    }
}

impl std::fmt::Debug for ExactSum {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("ExactSum").field(&self.value()).finish()
    }
}

impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.settled() == other.settled()
    }
}

impl Eq for ExactSum {}

impl ExactSum {
    /// Adds one value; gives false, and adds nothing, if it is NaN or infinite.
    #[inline]
    #[must_use = "false says that the value is not finite and was not added"]
    pub fn add(&mut self, value: f64) -> bool {
        let bits = value.to_bits();
        if (bits >> 52) & NOT_FINITE == NOT_FINITE {
            return false;
        }
        let (mantissa, position) = parts(bits);
        self.add_part(mantissa, position as usize, (bits as i64) >> 63);
        true
    }

    /// Adds the exact product of two values; gives false, and adds nothing, if one of them is NaN or infinite or the
    /// product may exceed the range of f64. What lies below 2⁻¹⁰⁷⁴ is cut off, product by product.
    #[must_use = "false says that the product is out of range and was not added"]
    pub fn add_product(&mut self, left: f64, right: f64) -> bool {
        if !left.is_finite() || !right.is_finite() {
            return false;
        }
        let (left_mantissa, left_position) = parts(left.to_bits());
        let (right_mantissa, right_position) = parts(right.to_bits());
        let mut product = u128::from(left_mantissa) * u128::from(right_mantissa);
        let mut position = left_position + right_position - UNIT_POSITION;
        if product == 0 {
            return true;
        }
        if position + i64::from(u128::BITS - product.leading_zeros()) > PRODUCT_LIMIT {
            return false;
        }
        if position < 0 {
            product = u32::try_from(-position).ok().and_then(|shift| product.checked_shr(shift)).unwrap_or(0);
            position = 0;
        }
        let sign = ((left.to_bits() ^ right.to_bits()) as i64) >> 63;
        // Two halves of 53 bits: each is a part like any mantissa.
        let half_mask = (1u128 << MANTISSA_BITS) - 1;
        let (low, high) = ((product & half_mask) as u64, (product >> MANTISSA_BITS) as u64);
        self.add_part(low, position as usize, sign);
        if high > 0 {
            self.add_part(high, position as usize + MANTISSA_BITS as usize, sign);
        }
        true
    }

    /// Adds the exact square of a value; refuses like [`Self::add_product`].
    #[must_use = "false says that the square is out of range and was not added"]
    pub fn add_square(&mut self, value: f64) -> bool {
        self.add_product(value, value)
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        if self.unsettled + other.unsettled >= SETTLE_AFTER {
            self.settle();
        }
        // Both sides are below 2⁶² a limb here, whether just settled or not.
        for (limb, more) in self.limbs.iter_mut().zip(&other.limbs) {
            *limb += more;
        }
        self.unsettled += other.unsettled + 1;
        if self.unsettled >= SETTLE_AFTER {
            self.settle();
        }
    }

    /// Takes away what was merged or added before.
    pub fn take_away(&mut self, part: &Self) {
        self.settle();
        // Settled limbs are below 2³², all but the last, which is far from its end.
        for (limb, less) in self.limbs.iter_mut().zip(part.settled()) {
            *limb -= less;
        }
        self.settle();
    }

    /// Gives the sum rounded once to the nearest f64, ties to even; infinite only if the sum itself exceeds the range.
    pub fn value(&self) -> f64 {
        let (limbs, negative) = self.magnitude();
        let magnitude = f64::from_bits(round(&limbs));
        if negative { -magnitude } else { magnitude }
    }

    /// Gives the sum divided by a count, or `None` of nothing: the mean.
    pub fn mean(&self, count: u64) -> Option<f64> {
        (count > 0).then(|| self.value() / count as f64)
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::ExactSum {
        // Magnitude and sign: the complement of a small negative sum would fill every limb.
        let (limbs, negative) = self.magnitude();
        let (Some(lowest), Some(highest)) =
            (limbs.iter().position(|limb| *limb != 0), limbs.iter().rposition(|limb| *limb != 0))
        else {
            return v1::ExactSum::default();
        };
        let limbs = limbs[lowest..=highest].iter().map(|limb| if negative { -limb } else { *limb }).collect();
        v1::ExactSum { lowest: lowest as u32, limbs }
    }

    /// Reads the message; fails on limbs that no sum has.
    pub fn from_message(message: &v1::ExactSum) -> Result<Self> {
        let mut sum = Self::default();
        let lowest = message.lowest as usize;
        let fits = lowest.checked_add(message.limbs.len()).is_some_and(|end| end <= LIMBS);
        let carried = message.limbs.iter().all(|limb| limb.unsigned_abs() <= LIMB_MASK as u64);
        if !fits || !carried {
            return Err(Error::bug("an exact sum with limbs out of range was received"));
        }
        sum.limbs[lowest..lowest + message.limbs.len()].copy_from_slice(&message.limbs);
        sum.settle();
        Ok(sum)
    }

    /// Adds mantissa · 2^(position − 1074), negated if `sign` is −1 (0: not).
    #[inline]
    fn add_part(&mut self, mantissa: u64, position: usize, sign: i64) {
        let (limb, shift) = (position >> 5, position & 31);
        let low = ((mantissa << shift) as i64) & LIMB_MASK;
        let high = (mantissa >> (32 - shift)) as i64;
        self.limbs[limb] += (low ^ sign) - sign;
        self.limbs[limb + 1] += (high ^ sign) - sign;
        self.unsettled += 1;
        if self.unsettled >= SETTLE_AFTER {
            self.settle();
        }
    }

    fn settle(&mut self) {
        settle(&mut self.limbs);
        self.unsettled = 0;
    }

    /// Gives settled limbs that are not negative, and whether the sum is.
    fn magnitude(&self) -> ([i64; LIMBS], bool) {
        let mut limbs = self.settled();
        let negative = limbs[LAST] < 0;
        if negative {
            limbs.iter_mut().for_each(|limb| *limb = -*limb);
            settle(&mut limbs);
        }
        (limbs, negative)
    }

    fn settled(&self) -> [i64; LIMBS] {
        let mut limbs = self.limbs;
        settle(&mut limbs);
        limbs
    }
}

/// Gives mantissa and position, so that |value| = mantissa · 2^(position − 1074), of a finite f64.
#[inline]
fn parts(bits: u64) -> (u64, i64) {
    let exponent = (bits >> 52) & NOT_FINITE;
    let mantissa = bits & MANTISSA_MASK;
    if exponent == 0 { (mantissa, 0) } else { (mantissa | (1 << 52), exponent as i64 - 1) }
}

/// Carries, so that every limb but the last lies in 0..2³².
fn settle(limbs: &mut [i64; LIMBS]) {
    let mut carry = 0i64;
    for limb in &mut limbs[..LAST] {
        let total = *limb + carry;
        carry = total >> 32;
        *limb = total & LIMB_MASK;
    }
    limbs[LAST] += carry;
}

/// Gives the bits of the f64 nearest to settled limbs that are not negative.
fn round(limbs: &[i64; LIMBS]) -> u64 {
    let Some(highest) = limbs.iter().rposition(|limb| *limb != 0) else { return 0 };
    let length = 32 * highest as u32 + (64 - limbs[highest].leading_zeros());
    if length <= MANTISSA_BITS {
        // The integer is the bit pattern: below 2⁵² a subnormal, above it the first normal binade.
        return (limbs[0] | (limbs[1] << 32)) as u64;
    }
    let dropped = length - MANTISSA_BITS;
    if dropped >= 2046 {
        return f64::INFINITY.to_bits();
    }
    let bit = |position: u32| (limbs[(position >> 5) as usize] >> (position & 31)) & 1 == 1;
    let mut mantissa = 0u64;
    for position in (dropped..length).rev() {
        // The last limb may be wider than 32 bits, but then the sum is infinite.
        mantissa = (mantissa << 1) | u64::from(bit(position));
    }
    let half = dropped - 1;
    let (limb, within) = ((half >> 5) as usize, half & 31);
    let below = limbs[..limb].iter().any(|limb| *limb != 0) || limbs[limb] & ((1i64 << within) - 1) != 0;
    let up = bit(half) && (below || mantissa & 1 == 1);
    // A mantissa that rounds up to 2⁵³ carries into the exponent, the largest of them into infinity.
    ((u64::from(dropped) << 52) + mantissa + u64::from(up)).min(f64::INFINITY.to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        for value in values {
            assert!(sum.add(*value));
        }
        sum
    }

    /// Shewchuk's exact sum, rounded as Python's `math.fsum` does: another algorithm for the same number.
    fn fsum(values: &[f64]) -> f64 {
        let mut partials: Vec<f64> = vec![];
        for &value in values {
            let mut x = value;
            let mut kept = vec![];
            for &partial in &partials {
                let (large, small) = if x.abs() < partial.abs() { (partial, x) } else { (x, partial) };
                let high = large + small;
                let low = small - (high - large);
                if low != 0.0 {
                    kept.push(low);
                }
                x = high;
            }
            kept.push(x);
            partials = kept;
        }
        let mut high = partials.pop().unwrap_or(0.0);
        let mut low = 0.0;
        while let Some(partial) = partials.pop() {
            let x = high;
            high = x + partial;
            low = partial - (high - x);
            if low != 0.0 {
                break;
            }
        }
        if let Some(next) = partials.last()
            && ((low < 0.0 && *next < 0.0) || (low > 0.0 && *next > 0.0))
        {
            let doubled = low * 2.0;
            let candidate = high + doubled;
            if doubled == candidate - high {
                high = candidate;
            }
        }
        high
    }

    /// Finite values over a range whose sums cannot overflow.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (any::<i32>(), -300i32..300).prop_map(|(mantissa, exponent)| f64::from(mantissa) * 2f64.powi(exponent)),
            any::<f64>().prop_map(|value| if value.is_finite() { value / 1e30 } else { 1.0 }),
            -1000.0..1000.0f64,
            Just(f64::MIN_POSITIVE / 4.0),
            Just(-5e-324),
        ]
    }

    #[test]
    fn the_textbook_cases_come_out_right() {
        assert_eq!(sum(&[1e100, 1.0, -1e100]).value(), 1.0);
        assert_eq!(sum(&[0.1; 10]).value(), 1.0);
        assert_eq!(sum(&[1.0, 2f64.powi(-53)]).value(), 1.0);
        assert_eq!(sum(&[1.0, 2f64.powi(-53), 5e-324]).value(), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[1.0 + f64::EPSILON, 2f64.powi(-53)]).value(), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(sum(&[f64::MAX, f64::MAX]).value(), f64::INFINITY);
        assert_eq!(sum(&[-f64::MAX, -f64::MAX]).value(), f64::NEG_INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]).value(), f64::MAX);
        assert_eq!(sum(&[5e-324, 5e-324]).value(), 1e-323);
        assert_eq!(sum(&[]).value(), 0.0);
    }

    #[test]
    fn what_is_not_finite_is_refused_and_changes_nothing() {
        let mut sum = sum(&[2.5]);
        assert!(!sum.add(f64::NAN) && !sum.add(f64::INFINITY) && !sum.add(f64::NEG_INFINITY));
        assert!(!sum.add_square(1e200) && !sum.add_square(f64::NAN) && !sum.add_product(1.0, f64::INFINITY));
        assert_eq!(sum.value(), 2.5);
    }

    #[test]
    fn many_additions_settle_their_carries() {
        let mut sum = ExactSum::default();
        for _ in 0..1_000_000 {
            assert!(sum.add(f64::from_bits(0x3fff_ffff_ffff_ffff)) && sum.add(-1.0));
        }
        let each = f64::from_bits(0x3fff_ffff_ffff_ffff) - 1.0;
        assert_eq!(sum.value(), each * 1e6);
    }

    #[test]
    fn limbs_that_no_sum_has_are_refused() {
        assert!(ExactSum::from_message(&v1::ExactSum { lowest: 66, limbs: vec![1, 1] }).is_err());
        assert!(ExactSum::from_message(&v1::ExactSum { lowest: 0, limbs: vec![i64::MIN] }).is_err());
    }

    proptest! {
        #[test]
        fn what_is_taken_away_was_never_there(values in proptest::collection::vec(any::<f64>().prop_filter("finite", |value| value.is_finite()), 0..40), cut in 0_usize..40) {
            let cut = cut.min(values.len());
            let sum = |values: &[f64]| {
                let mut sum = ExactSum::default();
                assert!(values.iter().all(|value| sum.add(*value)));
                sum
            };
            let mut left = sum(&values);
            left.take_away(&sum(&values[cut..]));
            prop_assert_eq!(left, sum(&values[..cut]));
        }

        #[test]
        fn equals_another_exact_algorithm(values in prop::collection::vec(value(), 0..60)) {
            prop_assert_eq!(sum(&values).value(), fsum(&values));
        }

        #[test]
        fn does_not_depend_on_order_or_tree(values in prop::collection::vec(value(), 1..60), cut in 0usize..60) {
            let cut = cut % values.len();
            let mut reversed = values.clone();
            reversed.reverse();
            let mut merged = sum(&values[cut..]);
            merged.merge(&ExactSum::from_message(&sum(&values[..cut]).to_message()).unwrap());
            prop_assert_eq!(&merged, &sum(&values));
            prop_assert_eq!(merged.to_message(), sum(&reversed).to_message());
        }

        #[test]
        fn squares_equal_the_two_product(values in prop::collection::vec(-1e9..1e9f64, 0..30)) {
            let mut squares = ExactSum::default();
            let mut terms = vec![];
            for value in values {
                prop_assert!(squares.add_square(value));
                let high = value * value;
                terms.extend([high, value.mul_add(value, -high)]);
            }
            prop_assert_eq!(squares.value(), fsum(&terms));
        }

        #[test]
        fn what_is_added_can_be_taken_away(values in prop::collection::vec(value(), 0..40)) {
            let mut total = sum(&values);
            for value in &values {
                prop_assert!(total.add(-value) && total.add_product(*value, 1.0) && total.add_product(-1.0, *value));
            }
            prop_assert_eq!(total.value(), 0.0);
        }
    }
}

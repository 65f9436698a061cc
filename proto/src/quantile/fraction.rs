//! Shares as exact fractions, so that ceil(p·n) is not at the mercy of a float product.

use crate::{Error, Result};

/// An exact share between 0 and 1: 0.07 of 100 values is 7 values, although 0.07 × 100 in f64 is more than 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

impl Fraction {
    /// The half.
    pub const HALF: Self = Self { numerator: 1, denominator: 2 };
    /// The first quarter.
    pub const QUARTER: Self = Self { numerator: 1, denominator: 4 };
    /// Three quarters.
    pub const THREE_QUARTERS: Self = Self { numerator: 3, denominator: 4 };

    /// Makes numerator / denominator; fails outside of 0..=1.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self> {
        if denominator == 0 || numerator > denominator {
            return Err(Error::bug(format!("{numerator}/{denominator} is not a share between 0 and 1")));
        }
        Ok(Self { numerator, denominator })
    }

    /// Makes the share as a person writes it: the shortest decimal that reads back as `share`. Digits after the 18th
    /// are cut off; fails outside of 0..=1.
    pub fn from_share(share: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::bug(format!("{share} is not a share between 0 and 1")));
        }
        let text = format!("{share}");
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let (mut numerator, mut denominator) = (u64::from(whole == "1"), 1u64);
        for digit in decimals.bytes().take(18) {
            numerator = numerator * 10 + u64::from(digit - b'0');
            denominator *= 10;
        }
        Ok(Self { numerator, denominator })
    }

    /// Gives 1 − the share.
    #[must_use]
    pub fn complement(self) -> Self {
        Self { numerator: self.denominator - self.numerator, denominator: self.denominator }
    }

    /// Gives the position, from 1, of the nearest rank among `count` values: ceil(p·n), at least 1.
    pub fn position(self, count: u64) -> u64 {
        let product = u128::from(self.numerator) * u128::from(count);
        (product.div_ceil(u128::from(self.denominator)) as u64).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_written_share() {
        let position = |share, count| Fraction::from_share(share).unwrap().position(count);
        assert!((0.07f64 * 100.0).ceil() > 7.0);
        assert_eq!(position(0.07, 100), 7);
        assert_eq!((position(0.005, 1000), position(0.005, 1001), position(0.995, 1000)), (5, 6, 995));
        assert_eq!((position(0.0, 9), position(1.0, 9), position(1e-300, 9), position(1e-9, 9)), (1, 9, 1, 1));
        assert_eq!(Fraction::from_share(0.005).unwrap().complement().position(1000), 995);
        for bins in 2..=10 {
            for bin in 1..bins {
                assert_eq!(Fraction::new(bin, bins).unwrap().position(bins * 7), bin * 7);
            }
        }
        assert_eq!(Fraction::HALF.position(u64::MAX), u64::MAX / 2 + 1);
    }

    #[test]
    fn what_is_no_share_is_refused() {
        assert!(Fraction::new(3, 2).is_err() && Fraction::new(0, 0).is_err());
        assert!(Fraction::from_share(1.5).is_err() && Fraction::from_share(f64::NAN).is_err());
    }
}

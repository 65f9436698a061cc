//! 256-bit integers: exact products of sums of money.

use arrow::datatypes::i256;
use segmenter_proto::{Error, Result, v1};

/// Money is counted in units of 10⁻⁴.
const MONEY_UNITS: f64 = 1e4;

/// Gives an amount in currency from one in units of 10⁻⁴.
pub(in crate::measure) fn in_currency(units: f64) -> f64 {
    units / MONEY_UNITS
}

/// Gives a · b, which always fits.
pub(in crate::measure) fn product(a: i128, b: i128) -> i256 {
    match a.checked_mul(b) {
        Some(product) => i256::from_i128(product),
        None => i256::from_i128(a).wrapping_mul(i256::from_i128(b)),
    }
}

/// Gives the nearest double, ties to even.
pub(in crate::measure) fn to_f64(value: i256) -> f64 {
    let (low, high) = value.wrapping_abs().to_parts();
    let high = high as u128;
    let magnitude = if high == 0 {
        low as f64
    } else {
        // The top 128 bits, the rest as one sticky bit far below the rounding position.
        let shift = 128 - high.leading_zeros();
        let top = if shift == 128 { high } else { (high << (128 - shift)) | (low >> shift) };
        let cut_off = if shift == 128 { low != 0 } else { low << (128 - shift) != 0 };
        libm::ldexp((top | u128::from(cut_off)) as f64, shift as i32)
    };
    if value.is_negative() { -magnitude } else { magnitude }
}

/// Gives n · Σxy − Σx · Σy exactly, as a double; none where it needs more than 256 bits.
pub(in crate::measure) fn centred(n: i256, sum_xy: i256, sum_x: i256, sum_y: i256) -> Option<f64> {
    n.checked_mul(sum_xy)?.checked_sub(sum_x.checked_mul(sum_y)?).map(to_f64)
}

/// Gives the message that travels.
pub(in crate::measure) fn to_message(value: i256) -> v1::Wide {
    v1::Wide { little_endian: value.to_le_bytes().to_vec() }
}

/// Reads the message; a missing one is 0.
pub(in crate::measure) fn from_message(message: &Option<v1::Wide>) -> Result<i256> {
    let Some(message) = message else { return Ok(i256::ZERO) };
    let bytes: [u8; 32] = message
        .little_endian
        .as_slice()
        .try_into()
        .map_err(|_| Error::bug(format!("a wide integer of {} bytes, not 32", message.little_endian.len())))?;
    Ok(i256::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn doubles_are_rounded_to_even_at_any_width() {
        let shifted = |value: i128, times: i128| i256::from_i128(value).wrapping_mul(i256::from_i128(times));
        for (value, times) in [(3, 1 << 100), (-7, 1 << 126), (i128::MAX, 1 << 100), ((1 << 53) + 1, 1 << 90)] {
            assert_eq!(to_f64(shifted(value, times)), value as f64 * times as f64);
        }
        // Just above a tie: the bit that decides lies 180 bits below.
        let tie = shifted((1 << 54) + 2, i128::MAX / 2 + 1).wrapping_add(i256::ONE);
        assert_eq!(to_f64(tie), ((1_i128 << 54) + 4) as f64 * 2_f64.powi(126));
        assert_eq!(to_f64(i256::MIN), -(2_f64.powi(255)));
    }

    proptest! {
        #[test]
        fn doubles_of_narrow_values_are_those_of_the_language(value in any::<i128>()) {
            prop_assert_eq!(to_f64(i256::from_i128(value)), value as f64);
            prop_assert_eq!(from_message(&Some(to_message(i256::from_i128(value)))).unwrap(), i256::from_i128(value));
        }

        #[test]
        fn wide_and_narrow_products_agree(a in any::<i128>(), b in -5_i128..5) {
            let mut sum = i256::ZERO;
            for _ in 0..b.unsigned_abs() {
                sum = sum.wrapping_add(i256::from_i128(a));
            }
            prop_assert_eq!(product(a, b), if b < 0 { sum.wrapping_neg() } else { sum });
        }
    }
}

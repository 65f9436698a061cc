//! Keys of floats: integers in the same order.

/// Gives the key of a float: keys rise as values do, and −0 has the key of 0. NaN must be refused before.
#[inline]
pub fn key_of_f64(value: f64) -> i128 {
    // −0 + 0 is 0. The bits of positive floats rise with the value, those of negative ones fall.
    let bits = (value + 0.0).to_bits() as i64;
    i128::from(if bits < 0 { bits ^ i64::MAX } else { bits })
}

/// Gives the float of a key made by [`key_of_f64`].
pub fn f64_of_key(key: i128) -> f64 {
    let bits = key as i64;
    f64::from_bits((if bits < 0 { bits ^ i64::MAX } else { bits }) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_keep_order_and_value(left in any::<f64>(), right in any::<f64>()) {
            prop_assume!(!left.is_nan() && !right.is_nan());
            prop_assert_eq!(key_of_f64(left).cmp(&key_of_f64(right)), left.partial_cmp(&right).unwrap());
            prop_assert_eq!(f64_of_key(key_of_f64(left)), left);
        }
    }

    #[test]
    fn zero_has_one_key() {
        assert_eq!(key_of_f64(-0.0), key_of_f64(0.0));
        assert!(key_of_f64(f64::NEG_INFINITY) < key_of_f64(-1.0) && key_of_f64(-5e-324) < 0);
    }
}

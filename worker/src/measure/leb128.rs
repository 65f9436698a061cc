//! Whole numbers in groups of seven bits, the lowest first (LEB128): small ones take a byte.

/// Appends a number.
pub(super) fn put(packed: &mut Vec<u8>, number: impl Into<u128>) {
    let mut left = number.into();
    while left >= 0x80 {
        packed.push(left as u8 | 0x80);
        left >>= 7;
    }
    packed.push(left as u8);
}

/// Takes the number that stands first; none where it has no end or is too large.
pub(super) fn take<T: TryFrom<u128>>(rest: &mut &[u8]) -> Option<T> {
    let (mut number, mut shift) = (0_u128, 0);
    loop {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u128::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return T::try_from(number).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_is_taken(numbers in proptest::collection::vec(0..=u128::MAX >> 2, 0..20)) {
            let mut packed = Vec::new();
            numbers.iter().for_each(|number| put(&mut packed, *number));
            let mut rest = packed.as_slice();
            let taken: Vec<u128> = numbers.iter().map(|_| take(&mut rest).unwrap()).collect();
            prop_assert_eq!(taken, numbers);
            prop_assert!(rest.is_empty());
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for bytes in [&[][..], &[0x80], &[0xff; 40]] {
            assert_eq!(take::<u128>(&mut &*bytes), None, "{bytes:?}");
        }
        let mut packed = Vec::new();
        put(&mut packed, 1_u64 << 40);
        assert_eq!((take::<u32>(&mut packed.as_slice()), take::<u64>(&mut packed.as_slice())), (None, Some(1 << 40)));
    }
}

//! Days between the orders of a customer, in as few bytes as can be: most gaps take one or two.

use super::cohorts::OrderDays;
use crate::measure::leb128;
use segmenter_proto::{Error, Result};

/// Gives the gaps between the days on which a customer bought, and last the days from the last of them to `as_of` (days since 1970), each as
/// LEB128; nothing of who never bought. `days` rise.
///
/// # Errors
/// Bug only: days that do not rise to before `as_of`.
pub fn packed_gaps(days: &[OrderDays], as_of: i32) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let bought = days.iter().filter(|of| of.bought).map(|of| of.day);
    let mut before: Option<i32> = None;
    for day in bought.chain([as_of]) {
        if let Some(before) = before {
            let gap = i64::from(day) - i64::from(before);
            let gap = u32::try_from(gap).map_err(|_| Error::bug("days of orders do not rise"))?;
            leb128::put(&mut packed, gap);
        }
        before = Some(day);
    }
    Ok(packed)
}

/// Gives the gaps that [`packed_gaps`] packed; the last is that to `as_of`.
///
/// # Errors
/// Bug only: other bytes.
pub fn unpacked_gaps(packed: &[u8]) -> Result<Vec<u32>> {
    let mut rest = packed;
    let mut gaps = Vec::with_capacity(packed.len());
    while !rest.is_empty() {
        gaps.push(leb128::take(&mut rest).ok_or_else(|| Error::bug("a gap between orders cannot be unpacked"))?);
    }
    Ok(gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(days in proptest::collection::btree_set(-700_000..2_900_000_i32, 0..30), more in 1..900_000_i32) {
            let as_of = days.last().map_or(0, |last| last + more);
            let all: Vec<OrderDays> = days.iter().map(|day| OrderDays { day: *day, bought: true, net: 0 }).collect();
            let gaps = unpacked_gaps(&packed_gaps(&all, as_of).unwrap()).unwrap();
            let bounds: Vec<i32> = days.iter().copied().chain([as_of]).collect();
            let expected: Vec<u32> = bounds.windows(2).map(|pair| (pair[1] - pair[0]) as u32).collect();
            prop_assert_eq!(gaps, if days.is_empty() { Vec::new() } else { expected });
        }
    }

    #[test]
    fn days_without_a_purchase_are_no_orders() {
        let of = |day, bought| OrderDays { day, bought, net: 1 };
        let packed =
            packed_gaps(&[of(1, false), of(10, true), of(12, false), of(310, true), of(400, false)], 500).unwrap();
        assert_eq!(unpacked_gaps(&packed).unwrap(), [300, 190]);
        assert_eq!(packed.len(), 4);
        assert!(packed_gaps(&[of(1, false)], 500).unwrap().is_empty());
        assert!(unpacked_gaps(&[0x80]).is_err() && unpacked_gaps(&[0xff; 9]).is_err());
    }
}

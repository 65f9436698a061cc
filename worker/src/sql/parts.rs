//! How the customers of a shard are divided where a query over all of them does not fit into memory.

use std::ops::Range;

/// Divides some customers, at least two, by their rows: into those who have half of them and the others. One who has as many alone becomes a
/// part: who has millions of rows is found at once, and not by halving the others away, which reads all rows anew each time. `weights` has a
/// number a customer, each above 0.
pub(super) fn divided(customers: &Range<u32>, weights: &[u64]) -> Vec<Range<u32>> {
    let total: u64 = weights.iter().sum();
    let mut before = 0;
    let middle = weights.iter().position(|weight| {
        before += weight;
        2 * before >= total
    });
    let middle = middle.unwrap_or_default();
    let at = customers.start + middle as u32;
    let is_heavy = weights.get(middle).is_some_and(|weight| 2 * weight >= total);
    let parts = match is_heavy {
        true => vec![customers.start..at, at..at + 1, at + 1..customers.end],
        false => {
            let end = (at + 1).min(customers.end - 1);
            vec![customers.start..end, end..customers.end]
        }
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::divided;
    use proptest::prelude::*;

    #[test]
    fn one_with_half_of_the_rows_is_a_part() {
        assert_eq!(divided(&(10..14), &[1, 1, 9, 1]), [10..12, 12..13, 13..14]);
        assert_eq!(divided(&(0..3), &[9, 1, 1]), [0..1, 1..3]);
        assert_eq!(divided(&(0..2), &[1, 1]), [0..1, 1..2]);
        assert_eq!(divided(&(0..4), &[1, 1, 1, 1]), [0..2, 2..4]);
        // The last of them takes nobody's place.
        assert_eq!(divided(&(0..3), &[2, 2, 3]), [0..2, 2..3]);
    }

    proptest! {
        /// Nobody is lost or twice there, and every step makes parts smaller.
        #[test]
        fn parts_are_all_customers_once(start in 0_u32..100, weights in prop::collection::vec(1_u64..1000, 2..200)) {
            let customers = start..start + weights.len() as u32;
            let parts = divided(&customers, &weights);
            prop_assert!(parts.len() >= 2);
            prop_assert_eq!(parts[0].start, customers.start);
            prop_assert_eq!(parts.last().unwrap().end, customers.end);
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].start);
            }
            let total: u64 = weights.iter().sum();
            for part in parts {
                let rows: u64 = part.clone().map(|number| weights[(number - start) as usize]).sum();
                prop_assert!(part.len() == 1 || rows < total);
            }
        }
    }
}

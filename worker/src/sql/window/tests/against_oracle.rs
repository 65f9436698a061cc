//! Every function and frame is as the standard says, however the rows come.

use proptest::prelude::*;

use super::oracle::expected;
use super::plans::{plan, rows};
use super::run;
use super::table::{Row, batch, set, sorted};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn functions_are_as_the_standard_says(rows in rows(24), plan in plan(), batch_size in 1_usize..30) {
        let found = set(&run(&[batch(&rows)], &plan, batch_size));
        prop_assert_eq!(found, sorted(expected(&rows, &plan).into_iter()));
    }

    #[test]
    fn neither_order_nor_batches_of_rows_matter(
        (rows, other) in rows(24).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        plan in plan(),
        cut in 1_usize..9,
    ) {
        let pieces: Vec<_> = other.chunks(cut).map(|rows: &[Row]| batch(rows)).collect();
        let (whole, cut) = (run(&[batch(&rows)], &plan, 8192), run(&pieces, &plan, cut));
        // Not only the set: rows come out in an order of their own.
        prop_assert_eq!(whole, cut);
    }
}

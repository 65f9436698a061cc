//! Which cluster of now is which of then: the one-to-one matching of greatest overlap.

/// Gives for each row the column that it is matched with, so that the sum of what they have in common is greatest; pairs of which `may` is not true
/// are no match. `both` has a row an earlier cluster and a number a cluster of now.
///
/// The Hungarian method (Kuhn 1955, with potentials as by Jonker and Volgenant): cubic in the number of clusters, which is at most some hundreds.
pub(super) fn greatest_overlap(both: &[Vec<u64>], may: impl Fn(usize, usize) -> bool) -> Vec<Option<usize>> {
    let (rows, columns) = (both.len(), both.first().map_or(0, Vec::len));
    let size = rows.max(columns);
    // What is not a match costs as nothing in common does.
    let gain = |row: usize, column: usize| match both.get(row).and_then(|own| own.get(column)) {
        Some(customers) if may(row, column) => i128::from(*customers),
        _ => 0,
    };
    // From 1; 0 stands for none.
    let (mut row_potential, mut column_potential) = (vec![0_i128; size + 1], vec![0_i128; size + 1]);
    let mut row_of = vec![0_usize; size + 1];
    for row in 1..=size {
        let mut from = vec![0_usize; size + 1];
        let mut least = vec![i128::MAX; size + 1];
        let mut seen = vec![false; size + 1];
        row_of[0] = row;
        let mut column = 0;
        loop {
            seen[column] = true;
            let (at, mut delta, mut next) = (row_of[column], i128::MAX, 0);
            for other in 1..=size {
                if seen[other] {
                    continue;
                }
                let reduced = -gain(at - 1, other - 1) - row_potential[at] - column_potential[other];
                if reduced < least[other] {
                    least[other] = reduced;
                    from[other] = column;
                }
                if least[other] < delta {
                    delta = least[other];
                    next = other;
                }
            }
            for other in 0..=size {
                if seen[other] {
                    row_potential[row_of[other]] += delta;
                    column_potential[other] -= delta;
                } else if other > 0 {
                    least[other] -= delta;
                }
            }
            column = next;
            if row_of[column] == 0 {
                break;
            }
        }
        while column != 0 {
            row_of[column] = row_of[from[column]];
            column = from[column];
        }
    }
    let mut matched = vec![None; rows];
    for (column, row) in row_of.iter().enumerate().skip(1) {
        if *row > 0 && gain(row - 1, column - 1) > 0 {
            matched[row - 1] = Some(column - 1);
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The greatest sum by trying all.
    fn best(both: &[Vec<u64>], row: usize, taken: &mut Vec<usize>) -> u64 {
        let Some(own) = both.get(row) else { return 0 };
        let mut greatest = best(both, row + 1, taken);
        for (column, customers) in own.iter().enumerate() {
            if !taken.contains(&column) {
                taken.push(column);
                greatest = greatest.max(customers + best(both, row + 1, taken));
                taken.pop();
            }
        }
        greatest
    }

    proptest! {
        #[test]
        fn no_other_matching_has_more_in_common(rows in 1_usize..5, columns in 1_usize..6, cells in proptest::collection::vec(0_u64..9, 30)) {
            let both: Vec<Vec<u64>> = (0..rows).map(|row| cells[row * columns..(row + 1) * columns].to_vec()).collect();
            let matched = greatest_overlap(&both, |_, _| true);
            let mut columns: Vec<usize> = matched.iter().flatten().copied().collect();
            let sum: u64 = matched.iter().enumerate().filter_map(|(row, column)| Some(both[row][(*column)?])).sum();
            prop_assert_eq!(sum, best(&both, 0, &mut Vec::new()));
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), matched.iter().flatten().count());
        }
    }

    #[test]
    fn what_may_not_match_does_not() {
        let both = vec![vec![90, 80], vec![85, 1]];
        assert_eq!(greatest_overlap(&both, |_, _| true), [Some(1), Some(0)]);
        assert_eq!(greatest_overlap(&both, |row, column| (row, column) != (0, 1)), [Some(0), Some(1)]);
        assert_eq!(greatest_overlap(&[vec![0, 0]], |_, _| true), [None]);
        assert_eq!(greatest_overlap(&[], |_, _| true), Vec::<Option<usize>>::new());
    }
}

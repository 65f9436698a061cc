//! Starting centroids: greedy k-means++ (Arthur and Vassilvitskii 2007) with exact integer weights.

use segmenter_proto::draw;

use crate::segmentation::kmeans::{
    kernel::Points,
    rows::{
        centroids::Centroids,
        matrix::{LANES, Matrix},
    },
};

/// Candidates a step; the one that leaves the smallest inertia is taken.
const CANDIDATES: u32 = 4;

/// Gives up to `count` starting centroids, fewer if fewer rows differ; `None` of no rows.
///
/// The first k of them are a start for k, so one series serves a whole range. All chance comes from `seed` and `purpose`.
pub(in crate::segmentation::kmeans) fn plus_plus(
    matrix: &Matrix,
    count: usize,
    seed: u64,
    purpose: &str,
) -> Option<Centroids> {
    let first = |chance: u64| Some(scaled_draw(chance, matrix.rows() as u128) as usize);
    series(matrix, first, |_| 1, count, (seed, purpose))
}

/// The same of rows that each stand for as many as they weigh: those that weigh nothing are never taken.
pub(in crate::segmentation::kmeans) fn plus_plus_weighted(
    matrix: &Matrix,
    weights: &[u64],
    count: usize,
    seed: u64,
    purpose: &str,
) -> Option<Centroids> {
    let total: u128 = weights.iter().copied().map(u128::from).sum();
    let first = |chance: u64| {
        let target = scaled_draw(chance, total);
        let mut running = 0;
        weights.iter().position(|weight| {
            running += u128::from(*weight);
            running > target
        })
    };
    series(matrix, first, |row| weights[row], count, (seed, purpose))
}

fn series(
    matrix: &Matrix,
    first: impl Fn(u64) -> Option<usize>,
    weight: impl Fn(usize) -> u64,
    count: usize,
    (seed, purpose): (u64, &str),
) -> Option<Centroids> {
    let chance = |step: usize, candidate: u32| draw(seed, &format!("{purpose}/{step}/{candidate}"), "");
    if matrix.rows() == 0 || count == 0 {
        return None;
    }
    let first = matrix.place(first(chance(0, 0))?);
    let mut potential = Potential::from(matrix, &first, &weight);
    let mut units = first;
    for step in 1..count {
        if potential.total == 0 {
            break;
        }
        let candidates = (0..CANDIDATES).map(|candidate| {
            let target = scaled_draw(chance(step, candidate), potential.total);
            let row = matrix.place(potential.find(target, &weight));
            let left = potential.with(matrix, &row, &weight);
            (left, row)
        });
        // The first of equals: `min_by_key` says so.
        let Some((left, row)) = candidates.min_by_key(|(left, _)| left.total) else { break };
        potential = left;
        units.extend(row);
    }
    Centroids::new(matrix.dimensions(), units).ok()
}

/// Squared distances to the nearest centroid so far.
#[derive(Debug)]
struct Potential {
    by_row: Vec<u64>,
    /// Their sum, each as often as its row weighs.
    total: u128,
}

impl Potential {
    fn from(matrix: &Matrix, point: &[i32], weight: &impl Fn(usize) -> u64) -> Self {
        Self { by_row: vec![u64::MAX; matrix.rows()], total: 0 }.with(matrix, point, weight)
    }

    /// What is left after one more centroid.
    fn with(&self, matrix: &Matrix, point: &[i32], weight: &impl Fn(usize) -> u64) -> Self {
        let mut by_row = self.by_row.clone();
        let mut total = 0;
        let points = Points::new(matrix.layout(), point);
        for tile in 0..matrix.tiles() {
            let distances = points.distances(matrix, tile, 0);
            let start = tile * LANES;
            let rows = by_row[start..start + matrix.rows_of_tile(tile)].iter_mut();
            for (row, (known, distance)) in (start..).zip(rows.zip(distances)) {
                *known = (*known).min(distance);
                total += u128::from(*known) * u128::from(weight(row));
            }
        }
        Self { by_row, total }
    }

    /// The row in which the running sum first exceeds `target`, which is below the total.
    fn find(&self, target: u128, weight: &impl Fn(usize) -> u64) -> usize {
        let mut running = 0;
        let rows = self.by_row.iter().enumerate();
        rows.map(|(row, distance)| u128::from(*distance) * u128::from(weight(row)))
            .position(|part| {
                running += part;
                running > target
            })
            .unwrap_or(0)
    }
}

/// Gives floor(draw · total / 2⁶⁴): uniform below `total`, which is below 2¹²⁰.
pub(in crate::segmentation::kmeans) fn scaled_draw(draw: u64, total: u128) -> u128 {
    let (high, low) = (total >> 64, total & u128::from(u64::MAX));
    u128::from(draw) * high + ((u128::from(draw) * low) >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::rows::layout::Layout;

    #[test]
    fn far_groups_each_get_a_centroid() {
        let rows: Vec<_> = (0..300).map(|i| vec![(i % 3) << 20, i]).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(2), rows.iter().map(Vec::as_slice));
        for seed in 0..20 {
            let start = plus_plus(&matrix, 3, seed, "start").unwrap();
            let mut groups: Vec<_> = start.iter().map(|c| c[0] >> 20).collect();
            groups.sort_unstable();
            assert_eq!(groups, [0, 1, 2]);
        }
    }

    #[test]
    fn a_shorter_series_is_the_beginning_of_a_longer_one() {
        let rows: Vec<_> = (0..100).map(|i| vec![i * i, 7 * i]).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(2), rows.iter().map(Vec::as_slice));
        let long = plus_plus(&matrix, 8, 1, "start").unwrap();
        assert_eq!(plus_plus(&matrix, 3, 1, "start").unwrap(), long.first(3));
        assert_ne!(plus_plus(&matrix, 8, 2, "start").unwrap(), long);
    }

    #[test]
    fn centroids_never_coincide() {
        let rows: Vec<_> = (0..50).map(|i| vec![i % 2]).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(1), rows.iter().map(Vec::as_slice));
        assert_eq!(plus_plus(&matrix, 5, 3, "start").unwrap().count(), 2);
        assert!(plus_plus(&Matrix::zeros(0, Layout::of_numbers(1)), 5, 3, "start").is_none());
    }

    #[test]
    fn weights_are_respected() {
        let rows: Vec<_> = (0..100).map(|i| vec![i]).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(1), rows.iter().map(Vec::as_slice));
        let start = |weights: &[u64], seed| plus_plus_weighted(&matrix, weights, 2, seed, "start").unwrap();
        let only = |row: usize| (0..100).map(|other| u64::from(other == row) * 5).collect::<Vec<_>>();
        assert_eq!(start(&only(42), 1), Centroids::new(1, vec![42]).unwrap());
        let mut two = only(42);
        two[7] = 1;
        for seed in 0..20 {
            let mut found: Vec<i32> = start(&two, seed).iter().map(|c| c[0]).collect();
            found.sort_unstable();
            assert_eq!(found, [7, 42]);
        }
        // Even weights are none.
        assert_eq!(start(&[3; 100], 9), plus_plus(&matrix, 2, 9, "start").unwrap());
        assert!(plus_plus_weighted(&matrix, &[0; 100], 2, 1, "start").is_none());
    }

    #[test]
    fn draws_are_scaled_without_loss() {
        assert_eq!(scaled_draw(u64::MAX, 10), 9);
        assert_eq!(scaled_draw(1 << 63, 1 << 100), 1 << 99);
        assert_eq!(scaled_draw(0, u128::MAX >> 8), 0);
    }
}

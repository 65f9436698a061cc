//! Starting centroids: greedy k-means++ (Arthur and Vassilvitskii 2007) with exact integer weights.

use segmenter_proto::draw;

use super::{
    centroids::Centroids,
    kernel::Points,
    matrix::{LANES, Matrix},
};

/// Candidates a step; the one that leaves the smallest inertia is taken.
const CANDIDATES: u32 = 4;

/// Gives up to `count` starting centroids, fewer if fewer rows differ; `None` of no rows.
///
/// The first k of them are a start for k, so one series serves a whole range. All chance comes from `seed` and `purpose`.
pub(super) fn plus_plus(matrix: &Matrix, count: usize, seed: u64, purpose: &str) -> Option<Centroids> {
    let chance = |step: usize, candidate: u32| draw(seed, &format!("{purpose}/{step}/{candidate}"), "");
    let rows = matrix.rows();
    if rows == 0 || count == 0 {
        return None;
    }
    let first = matrix.place(scaled_draw(chance(0, 0), rows as u128) as usize);
    let mut weights = Weights::from(matrix, &first);
    let mut units = first;
    for step in 1..count {
        if weights.total == 0 {
            break;
        }
        let candidates = (0..CANDIDATES).map(|candidate| {
            let row = matrix.place(weights.find(scaled_draw(chance(step, candidate), weights.total)));
            let left = weights.with(matrix, &row);
            (left, row)
        });
        // The first of equals: `min_by_key` says so.
        let Some((left, row)) = candidates.min_by_key(|(left, _)| left.total) else { break };
        weights = left;
        units.extend(row);
    }
    Centroids::new(matrix.dimensions(), units).ok()
}

/// Squared distances to the nearest centroid so far.
#[derive(Debug)]
struct Weights {
    by_row: Vec<u64>,
    total: u128,
}

impl Weights {
    fn from(matrix: &Matrix, point: &[i32]) -> Self {
        Self { by_row: vec![u64::MAX; matrix.rows()], total: 0 }.with(matrix, point)
    }

    /// The weights after one more centroid.
    fn with(&self, matrix: &Matrix, point: &[i32]) -> Self {
        let mut by_row = self.by_row.clone();
        let mut total = 0;
        let points = Points::new(matrix.layout(), point);
        for tile in 0..matrix.tiles() {
            let distances = points.distances(matrix, tile, 0);
            let start = tile * LANES;
            for (weight, distance) in by_row[start..start + matrix.rows_of_tile(tile)].iter_mut().zip(distances) {
                *weight = (*weight).min(distance);
                total += u128::from(*weight);
            }
        }
        Self { by_row, total }
    }

    /// The row in which the running sum of weights first exceeds `target`, which is below the total.
    fn find(&self, target: u128) -> usize {
        let mut running = 0;
        self.by_row
            .iter()
            .position(|weight| {
                running += u128::from(*weight);
                running > target
            })
            .unwrap_or(0)
    }
}

/// Gives floor(draw · total / 2⁶⁴): uniform below `total`, which is below 2¹²⁰.
pub(super) fn scaled_draw(draw: u64, total: u128) -> u128 {
    let (high, low) = (total >> 64, total & u128::from(u64::MAX));
    u128::from(draw) * high + ((u128::from(draw) * low) >> 64)
}

#[cfg(test)]
mod tests {
    use super::{super::layout::Layout, *};

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
    fn draws_are_scaled_without_loss() {
        assert_eq!(scaled_draw(u64::MAX, 10), 9);
        assert_eq!(scaled_draw(1 << 63, 1 << 100), 1 << 99);
        assert_eq!(scaled_draw(0, u128::MAX >> 8), 0);
    }
}

//! A shard's rows with the candidates nearest to them.

use segmenter_proto::{draw, v1};

use super::candidates::Line;
use crate::segmentation::kmeans::{
    kernel::{Instructions, NearestTwo, Points},
    rows::{
        centroids::Centroids,
        matrix::{LANES, Matrix},
        stored::Ids,
    },
};

/// The nearest candidate of every row, kept up as candidates are added: a round compares with the new ones only.
#[derive(Debug, Default)]
pub(in crate::segmentation::kmeans) struct NearestCandidates {
    /// Those that rows were compared with.
    known: Option<Centroids>,
    distances: Vec<u64>,
    labels: Vec<u16>,
}

impl NearestCandidates {
    /// Gives the bytes that so many rows take.
    pub(in crate::segmentation::kmeans) fn bytes(rows: usize) -> usize {
        rows * (size_of::<u64>() + size_of::<u16>())
    }

    /// Gives the sum of squared distances to the nearest candidate, the rows nearest to each (the lowest on ties), and the first
    /// `size` rows in line to become candidates, by a draw for `purpose`.
    pub(in crate::segmentation::kmeans) fn answer(
        &mut self,
        matrix: &Matrix,
        ids: &Ids,
        candidates: &Centroids,
        size: usize,
        (seed, purpose): (u64, &str),
    ) -> v1::Oversample {
        self.compare(matrix, candidates);
        let mut counts = vec![0; candidates.count()];
        let mut cost = 0u128;
        let mut line = Line::new(size);
        for (row, (distance, label)) in self.distances.iter().zip(&self.labels).enumerate() {
            counts[usize::from(*label)] += 1;
            cost += u128::from(*distance);
            if size == 0 || *distance == 0 {
                continue;
            }
            let draw = draw(seed, purpose, ids.get(row));
            if line.takes(draw, *distance) {
                let customer_id = ids.get(row).to_owned();
                line.push(v1::CandidateRow {
                    draw,
                    squared_distance: *distance,
                    customer_id,
                    units: matrix.place(row),
                });
            }
        }
        v1::Oversample { cost: Some((cost as i128).into()), counts, rows: line.into_rows() }
    }

    /// Compares every row with the candidates that are new.
    fn compare(&mut self, matrix: &Matrix, candidates: &Centroids) {
        let known = self.known.as_ref().map_or(0, Centroids::count);
        let goes_on = self.distances.len() == matrix.rows()
            && known <= candidates.count()
            && self.known.as_ref().is_some_and(|known| known.iter().zip(candidates.iter()).all(|(l, r)| l == r));
        let first = if goes_on { known } else { 0 };
        if first == 0 {
            self.distances = vec![u64::MAX; matrix.rows()];
            self.labels = vec![0; matrix.rows()];
        }
        self.known = Some(candidates.clone());
        let Some(new) = candidates.from(first) else { return };
        let (points, by) = (Points::of(matrix.layout(), &new), Instructions::best());
        for tile in 0..matrix.tiles() {
            let nearest = NearestTwo::among(&points, matrix, tile, by);
            let start = tile * LANES;
            for lane in 0..matrix.rows_of_tile(tile) {
                if nearest.first[lane] < self.distances[start + lane] {
                    self.distances[start + lane] = nearest.first[lane];
                    self.labels[start + lane] = first as u16 + nearest.labels[lane];
                }
            }
        }
    }
}

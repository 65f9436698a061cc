//! One shard's rows with their labels: answers the requests of a fit.

use arrow::array::{Array, StringArray};
use segmenter_proto::{Error, Result, v1};

use super::{
    centroids::Centroids,
    kernel::Kernel,
    matrix::{LANES, Matrix},
    round::{FarRow, RoundStatistics},
};

/// The label of a row that has none yet.
const UNKNOWN: u16 = u16::MAX;
/// Rows whose sums stay exact in f64: 2²³ · 2²⁰ is far below 2⁵³.
const ROWS_IN_F64: usize = 1 << 20;

/// The rows of one shard, and what it remembers between rounds to save work; a new one gives the same answers.
#[derive(Debug)]
pub struct KmeansShard {
    matrix: Matrix,
    ids: StringArray,
    labeller: Labeller,
}

impl KmeansShard {
    /// Takes the rows of the customers `ids`, rising; fails if their numbers differ.
    pub fn new(matrix: Matrix, ids: StringArray) -> Result<Self> {
        if ids.len() != matrix.rows() {
            return Err(Error::bug(format!("{} customers for a matrix of {} rows", ids.len(), matrix.rows())));
        }
        Ok(Self { labeller: Labeller::new(&matrix), matrix, ids })
    }

    /// Gives the rows.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// Gives the customers of the rows.
    pub fn ids(&self) -> &StringArray {
        &self.ids
    }

    /// Gives the shard's answer; fails on a request for other dimensions.
    pub fn answer(&mut self, request: &v1::KmeansRequest) -> Result<v1::KmeansAnswer> {
        let centroids = request.centroids.as_ref().ok_or_else(|| Error::bug("a k-means request without centroids"))?;
        let centroids = Centroids::from_message(centroids)?;
        if centroids.dimensions() != self.matrix.dimensions() {
            return Err(Error::bug("a k-means request does not fit the shard's matrix"));
        }
        let id = |row: usize| self.ids.value(row).to_owned();
        match request.step() {
            v1::KmeansStep::Round => {
                let round = self.labeller.round(&self.matrix, &centroids, id);
                Ok(v1::KmeansAnswer { round: Some(round.to_message()), farthest: vec![] })
            }
            v1::KmeansStep::Farthest => {
                let rows = farthest(&self.matrix, &centroids, request.rows as usize, id);
                Ok(v1::KmeansAnswer { round: None, farthest: rows.into_iter().map(FarRow::into_message).collect() })
            }
            v1::KmeansStep::Unspecified => Err(Error::bug("a k-means request without a step")),
        }
    }
}

/// Labels of all rows with the sums that belong to them: only rows that move are added and subtracted, without drift,
/// since sums are integers.
#[derive(Debug)]
pub(super) struct Labeller {
    labels: Vec<u16>,
    sums: Vec<i64>,
    counts: Vec<u64>,
    /// Σ|x|².
    squares: u128,
}

impl Labeller {
    pub(super) fn new(matrix: &Matrix) -> Self {
        Self { labels: vec![UNKNOWN; matrix.rows()], sums: vec![], counts: vec![], squares: matrix.squares() }
    }

    /// Labels every row by the nearest centroid, lowest on ties; `id` names the rows, which are sorted by it.
    pub(super) fn round(
        &mut self,
        matrix: &Matrix,
        centroids: &Centroids,
        id: impl Fn(usize) -> String,
    ) -> RoundStatistics {
        let (excess, changed) = self.relabel(matrix, centroids);
        RoundStatistics {
            sums: self.sums.clone(),
            counts: self.counts.clone(),
            smallest_ids: self.first_rows().into_iter().map(|row| row.map(&id).unwrap_or_default()).collect(),
            // The scores and |x|² add up to squared distances, so this is not negative.
            inertia: self.squares.saturating_add_signed(excess),
            squares: self.squares,
            changed,
        }
    }

    /// Gives the labels of the last round.
    pub(super) fn into_labels(self) -> Vec<u16> {
        self.labels
    }

    /// Gives inertia − Σ|x|², and the number of rows that moved.
    fn relabel(&mut self, matrix: &Matrix, centroids: &Centroids) -> (i128, u64) {
        let (k, d) = (centroids.count(), matrix.dimensions());
        if self.counts.len() != k {
            self.labels.fill(UNKNOWN);
            (self.sums, self.counts) = (vec![0; k * d], vec![0; k]);
        }
        let mut kernel = Kernel::new(centroids);
        let mut moves = vec![0.0f64; k * d];
        let mut changed = 0;
        for tile in 0..matrix.tiles() {
            let labels = kernel.nearest(matrix, tile);
            let start = tile * LANES;
            let end = start + matrix.rows_of_tile(tile);
            let known = &mut self.labels[start..end];
            if *known != labels[..end - start] {
                for (lane, known) in known.iter_mut().enumerate().filter(|(lane, known)| **known != labels[*lane]) {
                    changed += 1;
                    let to = usize::from(labels[lane]);
                    self.counts[to] += 1;
                    for (sum, values) in moves[to * d..][..d].iter_mut().zip(kernel.values()) {
                        *sum += values[lane];
                    }
                    if *known != UNKNOWN {
                        let from = usize::from(*known);
                        self.counts[from] -= 1;
                        for (sum, values) in moves[from * d..][..d].iter_mut().zip(kernel.values()) {
                            *sum -= values[lane];
                        }
                    }
                    *known = labels[lane];
                }
            }
            if end.is_multiple_of(ROWS_IN_F64) || tile + 1 == matrix.tiles() {
                for (sum, moved) in self.sums.iter_mut().zip(&mut moves) {
                    *sum += std::mem::take(moved) as i64;
                }
            }
        }
        (kernel.excess(), changed)
    }

    /// The first row of every cluster.
    fn first_rows(&self) -> Vec<Option<usize>> {
        let mut rows = vec![None; self.counts.len()];
        let mut missing = self.counts.iter().filter(|count| **count > 0).count();
        for (row, label) in self.labels.iter().enumerate() {
            if missing == 0 {
                break;
            }
            let first = &mut rows[usize::from(*label)];
            if first.is_none() {
                *first = Some(row);
                missing -= 1;
            }
        }
        rows
    }
}

/// Gives the rows farthest from their nearest centroid: by falling distance, then by customer id; each place once, and
/// none that lies on its centroid.
pub(super) fn farthest(
    matrix: &Matrix,
    centroids: &Centroids,
    count: usize,
    id: impl Fn(usize) -> String,
) -> Vec<FarRow> {
    let mut kernel = Kernel::new(centroids);
    let mut order: Vec<(u64, usize)> = Vec::with_capacity(matrix.rows());
    for tile in 0..matrix.tiles() {
        let nearest = kernel.nearest_two(matrix, tile);
        order.extend((0..matrix.rows_of_tile(tile)).map(|lane| (nearest.first[lane], tile * LANES + lane)));
    }
    // Rows are sorted by customer id.
    order.sort_unstable_by_key(|(distance, row)| (std::cmp::Reverse(*distance), *row));
    let mut rows: Vec<FarRow> = vec![];
    for (squared_distance, row) in order {
        if rows.len() == count || squared_distance == 0 {
            break;
        }
        let units = matrix.row(row);
        if !rows.iter().any(|known| known.units == units) {
            rows.push(FarRow { squared_distance, customer_id: id(row), units });
        }
    }
    rows
}

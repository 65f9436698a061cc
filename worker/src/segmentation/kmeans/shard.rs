//! One shard's rows with their labels: answers the requests of a fit.

use segmenter_proto::{Error, Result, v1};

use super::{
    centroids::Centroids,
    kernel::{Instructions, Labelling, NearestTwo, Points},
    matrix::{LANES, Matrix},
    round::{FarRow, RoundStatistics},
    separation::Separation,
    stored::Ids,
};

/// The rows of one shard, and what it remembers between rounds to save work; a new one gives the same answers.
#[derive(Debug)]
pub struct KmeansShard {
    matrix: Matrix,
    ids: Ids,
    /// Boxed: what holds a shard also holds much smaller things.
    labeller: Box<Labeller>,
}

impl KmeansShard {
    /// Takes the rows of the customers `ids`, rising; fails if their numbers differ.
    pub fn new(matrix: Matrix, ids: impl Into<Ids>) -> Result<Self> {
        let ids = ids.into();
        if ids.len() != matrix.rows() {
            return Err(Error::bug(format!("{} customers for a matrix of {} rows", ids.len(), matrix.rows())));
        }
        Ok(Self { labeller: Box::new(Labeller::new(&matrix)), matrix, ids })
    }

    /// Gives the bytes of memory that a shard of so many rows takes beside its matrix and its customers.
    pub fn bytes(rows: usize) -> usize {
        Labelling::bytes(rows)
    }

    /// Gives the rows.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// Gives the customers of the rows.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Gives the shard's answer; fails on a request for other dimensions.
    pub fn answer(&mut self, request: &v1::KmeansRequest) -> Result<v1::KmeansAnswer> {
        let centroids = request.centroids.as_ref().ok_or_else(|| Error::bug("a k-means request without centroids"))?;
        let centroids = Centroids::from_message(centroids)?;
        if centroids.dimensions() != self.matrix.dimensions() {
            return Err(Error::bug("a k-means request does not fit the shard's matrix"));
        }
        let id = |row: usize| self.ids.get(row).to_owned();
        match request.step() {
            v1::KmeansStep::Round => {
                let round = self.labeller.round(&self.matrix, &centroids, id);
                Ok(v1::KmeansAnswer { round: Some(round.to_message()), ..Default::default() })
            }
            v1::KmeansStep::Farthest => {
                let rows = farthest(&self.matrix, &centroids, request.rows as usize, id);
                let farthest = rows.into_iter().map(FarRow::into_message).collect();
                Ok(v1::KmeansAnswer { farthest, ..Default::default() })
            }
            v1::KmeansStep::Separation => {
                let separation = Separation::of(&self.matrix, &centroids).to_message();
                Ok(v1::KmeansAnswer { separation: Some(separation), ..Default::default() })
            }
            v1::KmeansStep::Unspecified => Err(Error::bug("a k-means request without a step")),
        }
    }
}

/// Labels of all rows, and what a round says of them.
#[derive(Debug)]
pub(super) struct Labeller {
    labelling: Labelling,
    /// Σ|x|².
    squares: u128,
}

impl Labeller {
    pub(super) fn new(matrix: &Matrix) -> Self {
        Self { labelling: Labelling::new(matrix), squares: matrix.squares() }
    }

    /// Labels every row by the nearest centroid, lowest on ties; `id` names the rows, which are sorted by it.
    pub(super) fn round(
        &mut self,
        matrix: &Matrix,
        centroids: &Centroids,
        id: impl Fn(usize) -> String,
    ) -> RoundStatistics {
        let passed = self.labelling.relabel(matrix, centroids, Instructions::best());
        tracing::trace!(passed.changed, passed.tiles, passed.unproven, "a pass over {} rows", matrix.rows());
        RoundStatistics {
            sums: self.labelling.sums().to_vec(),
            counts: self.labelling.counts().to_vec(),
            smallest_ids: self.first_rows().into_iter().map(|row| row.map(&id).unwrap_or_default()).collect(),
            inertia: self.labelling.inertia(self.squares, centroids),
            squares: self.squares,
            changed: passed.changed,
        }
    }

    /// Gives the labels of the last round.
    pub(super) fn into_labels(self) -> Vec<u16> {
        self.labelling.labels().to_vec()
    }

    /// The first row of every cluster.
    fn first_rows(&self) -> Vec<Option<usize>> {
        let mut rows = vec![None; self.labelling.counts().len()];
        let mut missing = self.labelling.counts().iter().filter(|count| **count > 0).count();
        for (row, label) in self.labelling.labels().iter().enumerate() {
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
    let (points, by) = (Points::of(matrix.layout(), centroids), Instructions::best());
    let mut order: Vec<(u64, usize)> = Vec::with_capacity(matrix.rows());
    for tile in 0..matrix.tiles() {
        let nearest = NearestTwo::among(&points, matrix, tile, by);
        order.extend((0..matrix.rows_of_tile(tile)).map(|lane| (nearest.first[lane], tile * LANES + lane)));
    }
    // Rows are sorted by customer id.
    order.sort_unstable_by_key(|(distance, row)| (std::cmp::Reverse(*distance), *row));
    let mut rows: Vec<FarRow> = vec![];
    for (squared_distance, row) in order {
        if rows.len() == count || squared_distance == 0 {
            break;
        }
        let units = matrix.place(row);
        if !rows.iter().any(|known| known.units == units) {
            rows.push(FarRow { squared_distance, customer_id: id(row), units });
        }
    }
    rows
}

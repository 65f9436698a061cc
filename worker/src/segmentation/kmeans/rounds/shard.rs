//! One shard's rows with their labels: answers the requests of a fit.

use std::collections::BTreeMap;

use segmenter_proto::{Error, Result, v1};

use crate::segmentation::kmeans::{
    kernel::{Instructions, Labelling, NearestTwo, Passed, Points, Spread},
    rounds::{
        round::{FarRow, RoundStatistics},
        seeding::NearestCandidates,
        separation::Separation,
    },
    rows::{
        centroids::Centroids,
        matrix::{LANES, Matrix},
        stored::Ids,
    },
};

/// Runs that go over the rows together: the start of the sample and that of all rows.
pub(in crate::segmentation::kmeans) const MOST_RUNS: usize = 2;

/// The rows of one shard, and what it remembers between rounds to save work; a new one gives the same answers.
#[derive(Debug)]
pub struct KmeansShard {
    matrix: Matrix,
    ids: Ids,
    /// By the number of the run.
    labellers: BTreeMap<u32, Labeller>,
    /// While candidates for a start are drawn: before the first round.
    candidates: NearestCandidates,
    /// Whether rows that lie in a file were compared with what was written there.
    looked_at: bool,
    /// Whether what spares work is kept until the next request.
    remembers: bool,
}

impl KmeansShard {
    /// Takes the rows of the customers `ids`, rising; fails if their numbers differ.
    pub fn new(matrix: Matrix, ids: impl Into<Ids>) -> Result<Self> {
        let ids = ids.into();
        if ids.len() != matrix.rows() {
            return Err(Error::bug(format!("{} customers for a matrix of {} rows", ids.len(), matrix.rows())));
        }
        let (labellers, candidates) = (BTreeMap::new(), NearestCandidates::default());
        Ok(Self { matrix, ids, labellers, candidates, looked_at: false, remembers: true })
    }

    /// Gives the bytes of memory that a shard of so many rows takes beside its matrix and its customers.
    pub fn bytes(rows: usize) -> usize {
        (MOST_RUNS * Labelling::bytes(rows)).max(NearestCandidates::bytes(rows))
    }

    /// Keeps nothing between requests beside the rows: an answer is the same, and every row is looked at for it.
    #[must_use]
    pub fn forgetful(self) -> Self {
        Self { remembers: false, ..self }
    }

    /// Gives the bytes of memory that an answer takes which are not kept.
    pub fn bytes_of_answer(&self) -> usize {
        if self.remembers { 0 } else { Self::bytes(self.matrix.rows()) }
    }

    /// Lets go of the memory of rows that lie in a file: between rounds they are looked at by nobody.
    pub fn let_pages_go(&self) {
        self.matrix.let_pages_go();
        self.ids.let_pages_go();
    }

    /// Says whether rows that lie in a file are what was written there.
    ///
    /// That takes about as long as reading all of it, half a pass or more: too much for every pass. A disk that gives back something else mostly goes on doing so,
    /// so it is enough to look before the first pass, when rows can still be made again, and after the last, when nothing may come of them that was
    /// not in them.
    pub fn is_whole(&self) -> bool {
        self.matrix.is_whole() && self.ids.is_whole()
    }

    /// Says so once, before the first pass.
    pub fn is_whole_at_first(&mut self) -> bool {
        std::mem::replace(&mut self.looked_at, true) || self.is_whole()
    }

    /// Gives the rows.
    pub fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    /// Gives the customers of the rows.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Gives the shard's answer by up to so many threads, the same by any; fails on a request for other dimensions.
    pub fn answer(&mut self, request: &v1::KmeansRequest, threads: usize) -> Result<v1::KmeansAnswer> {
        let mut answer = v1::KmeansAnswer::default();
        let centroids = || self.centroids(request.centroids.as_ref());
        match request.step() {
            v1::KmeansStep::Round => answer.rounds = self.rounds(&request.runs, Spread::Threads(threads))?,
            v1::KmeansStep::Farthest => {
                let id = |row: usize| self.ids.get(row).to_owned();
                let rows = farthest(&self.matrix, &centroids()?, request.rows as usize, id);
                answer.farthest = rows.into_iter().map(FarRow::into_message).collect();
            }
            v1::KmeansStep::Separation => {
                answer.separation = Some(Separation::of(&self.matrix, &centroids()?).to_message());
            }
            v1::KmeansStep::Oversample => {
                let (candidates, chance) = (centroids()?, (request.seed, request.purpose.as_str()));
                // Their memory is that of the labels.
                self.labellers.clear();
                let rows = request.rows as usize;
                answer.oversample = Some(self.candidates.answer(&self.matrix, &self.ids, &candidates, rows, chance));
            }
            v1::KmeansStep::Unspecified => return Err(Error::bug("a k-means request without a step")),
        }
        if !self.remembers {
            self.labellers.clear();
            self.candidates = NearestCandidates::default();
        }
        Ok(answer)
    }

    /// Labels by each run's centroids, all in one scan.
    fn rounds(&mut self, runs: &[v1::KmeansRun], spread: Spread) -> Result<Vec<v1::RoundStatistics>> {
        let in_order = runs.windows(2).all(|pair| pair[0].number < pair[1].number);
        if runs.is_empty() || runs.len() > MOST_RUNS || !in_order {
            return Err(Error::bug(format!("a k-means round of {} runs, expected 1 to {MOST_RUNS}", runs.len())));
        }
        self.candidates = NearestCandidates::default();
        self.labellers.retain(|number, _| (*number as usize) < MOST_RUNS);
        let mut centroids = BTreeMap::new();
        for run in runs {
            centroids.insert(run.number, self.centroids(run.centroids.as_ref())?);
            self.labellers.entry(run.number).or_insert_with(|| Labeller::new(&self.matrix));
        }
        let labellers = self.labellers.iter_mut();
        let mut asked: Vec<_> =
            labellers.filter_map(|(number, labeller)| Some((labeller, centroids.get(number)?))).collect();
        let ids = &self.ids;
        let rounds = Labeller::rounds(&mut asked, &self.matrix, spread, |row| ids.get(row).to_owned());
        Ok(rounds.iter().map(RoundStatistics::to_message).collect())
    }

    fn centroids(&self, message: Option<&v1::Centroids>) -> Result<Centroids> {
        let message = message.ok_or_else(|| Error::bug("a k-means request without centroids"))?;
        let centroids = Centroids::from_message(message)?;
        if centroids.dimensions() != self.matrix.dimensions() {
            return Err(Error::bug("a k-means request does not fit the shard's matrix"));
        }
        Ok(centroids)
    }
}

/// Labels of all rows, and what a round says of them.
#[derive(Debug)]
pub(in crate::segmentation::kmeans) struct Labeller {
    labelling: Labelling,
    /// Σ|x|².
    squares: u128,
}

impl Labeller {
    pub(in crate::segmentation::kmeans) fn new(matrix: &Matrix) -> Self {
        Self { labelling: Labelling::new(matrix), squares: matrix.squares() }
    }

    /// Labels every row by the nearest centroid, lowest on ties; `id` names the rows, which are sorted by it.
    pub(in crate::segmentation::kmeans) fn round(
        &mut self,
        matrix: &Matrix,
        centroids: &Centroids,
        spread: Spread,
        id: impl Fn(usize) -> String,
    ) -> RoundStatistics {
        let passed = self.labelling.relabel(matrix, centroids, spread, Instructions::best());
        self.statistics(matrix, centroids, passed, id)
    }

    /// The same for several labellers of one matrix, which is read once for all.
    pub(in crate::segmentation::kmeans) fn rounds(
        runs: &mut [(&mut Self, &Centroids)],
        matrix: &Matrix,
        spread: Spread,
        id: impl Fn(usize) -> String,
    ) -> Vec<RoundStatistics> {
        let mut labellings: Vec<_> =
            runs.iter_mut().map(|(labeller, centroids)| (&mut labeller.labelling, *centroids)).collect();
        let passed = Labelling::relabel_all(&mut labellings, matrix, spread, Instructions::best());
        let each = runs.iter().zip(passed);
        each.map(|((labeller, centroids), passed)| labeller.statistics(matrix, centroids, passed, &id)).collect()
    }

    /// What there is to say after a pass by these centroids.
    fn statistics(
        &self,
        matrix: &Matrix,
        centroids: &Centroids,
        passed: Passed,
        id: impl Fn(usize) -> String,
    ) -> RoundStatistics {
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
    pub(in crate::segmentation::kmeans) fn into_labels(self) -> Vec<u16> {
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
pub(in crate::segmentation::kmeans) fn farthest(
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

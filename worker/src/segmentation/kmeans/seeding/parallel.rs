//! The coordinator's side of k-means‖.

use segmenter_proto::{Error, Result, v1};

use super::{
    super::{centroids::Centroids, sample::sample_size},
    candidates::is_drawn,
    weighted::WeightedPoints,
};

/// Rounds that draw candidates.
const ROUNDS: u32 = 5;
/// Candidates that a round is expected to draw, a cluster.
const OVERSAMPLING: usize = 2;
/// Rows that shards answer beyond what is expected of all: more are drawn less than once in a million rounds.
const SPARE: usize = 64;
/// Rows of an answer at most, so that a label can name all candidates.
const MOST_ROWS: usize = 10_000;

/// Finds a start over all rows.
///
/// ```text
/// while let Some(request) = seeding.next_request() {
///     seeding.absorb(merged_answers_of_all_shards(request))?;
/// }
/// seeding.finish(restarts)
/// ```
#[derive(Debug)]
pub struct ParallelSeeding {
    k: usize,
    seed: u64,
    purpose: String,
    candidates: Vec<Vec<i32>>,
    /// Rows nearest to each candidate, once all are drawn.
    weights: Option<Vec<u64>>,
    round: u32,
}

impl ParallelSeeding {
    /// Starts with the place of one row, drawn evenly.
    pub fn new(k: usize, seed: u64, segmentation: &str, first: Vec<i32>) -> Self {
        let purpose = format!("parallel/{segmentation}");
        Self { k, seed, purpose, candidates: vec![first], weights: None, round: 0 }
    }

    /// Gives the next request to all shards, or `None` when all is known.
    ///
    /// # Errors
    /// When a candidate is off the grid: Bug.
    pub fn next_request(&self) -> Result<Option<v1::KmeansRequest>> {
        if self.weights.is_some() {
            return Ok(None);
        }
        let dimensions = self.candidates.first().map_or(0, Vec::len);
        let candidates = Centroids::new(dimensions, self.candidates.concat())?;
        // A last round only counts.
        let rows = if self.round < ROUNDS { self.rows(dimensions) } else { 0 };
        Ok(Some(v1::KmeansRequest {
            step: v1::KmeansStep::Oversample.into(),
            centroids: Some(candidates.to_message()),
            rows: rows as u32,
            seed: self.seed,
            purpose: format!("{}/{}", self.purpose, self.round),
            ..Default::default()
        }))
    }

    /// Takes the merged answers of all shards to the last [`Self::next_request`].
    ///
    /// # Errors
    /// On an answer to something else: Bug.
    pub fn absorb(&mut self, answer: v1::KmeansAnswer) -> Result<()> {
        let answer = answer.oversample.filter(|answer| answer.counts.len() == self.candidates.len());
        let answer = answer.ok_or_else(|| Error::bug("an answer to a request for candidates does not fit it"))?;
        let cost = u128::try_from(answer.cost.map_or(0, i128::from))
            .map_err(|_| Error::bug("a sum of squared distances below 0 was received"))?;
        if self.round == ROUNDS || cost == 0 {
            self.weights = Some(answer.counts);
            return Ok(());
        }
        self.round += 1;
        for row in answer.rows {
            if is_drawn(&row, (OVERSAMPLING * self.k) as u64, cost) && !self.candidates.contains(&row.units) {
                self.candidates.push(row.units);
            }
        }
        Ok(())
    }

    /// Gives the start: the best of so many weighted k-means of the candidates; `None` where too few of them differ.
    ///
    /// # Errors
    /// Before the last answer: Bug.
    pub fn finish(self, restarts: u32) -> Result<Option<Centroids>> {
        let weights = self.weights.ok_or_else(|| Error::bug("candidates were weighed before all were drawn"))?;
        let points = WeightedPoints::new(&self.candidates, weights);
        let best = points.clustered(self.k, restarts, self.seed, &format!("{}/start", self.purpose))?;
        Ok(best.map(|result| result.centroids))
    }

    /// Rows that shards answer.
    fn rows(&self, dimensions: usize) -> usize {
        (2 * OVERSAMPLING * self.k + SPARE).min(sample_size(dimensions)).min(MOST_ROWS)
    }
}

#[cfg(test)]
#[path = "parallel_tests.rs"]
mod tests;

//! The coordinator's side of k-means‖.

use segmenter_proto::{Error, Result, Rounds, v1};

use super::{candidates::is_drawn, weighted::WeightedPoints};
use crate::segmentation::kmeans::rows::{centroids::Centroids, sample::sample_size};

/// Rounds that draw candidates.
const ROUNDS: u32 = 5;
/// Candidates that a round is expected to draw, a cluster.
const OVERSAMPLING: usize = 2;
/// Rows that shards answer beyond what is expected of all: more are drawn less than once in a million rounds.
const SPARE: usize = 64;
/// Rows of an answer at most, so that a label can name all candidates.
const MOST_ROWS: usize = 10_000;

/// Finds a start over all rows: the best of so many weighted k-means of candidates that are drawn in rounds; none where too few of them
/// differ.
#[derive(Debug)]
pub struct ParallelSeeding {
    k: usize,
    seed: u64,
    purpose: String,
    candidates: Vec<Vec<i32>>,
    /// The same, as they are sent.
    asked: Centroids,
    /// Weighted k-means of the candidates, of which the best is the start.
    restarts: u32,
    /// Rows nearest to each candidate, once all are drawn.
    weights: Option<Vec<u64>>,
    round: u32,
}

impl ParallelSeeding {
    /// Starts with the place of one row, drawn evenly.
    ///
    /// # Errors
    /// When the place is off the grid: Bug.
    pub fn new(k: usize, seed: u64, segmentation: &str, first: Vec<i32>, restarts: u32) -> Result<Self> {
        let purpose = format!("parallel/{segmentation}");
        let asked = Centroids::new(first.len(), first.clone())?;
        Ok(Self { k, seed, purpose, candidates: vec![first], asked, restarts, weights: None, round: 0 })
    }

    /// Rows that shards answer.
    fn rows(&self, dimensions: usize) -> usize {
        (2 * OVERSAMPLING * self.k + SPARE).min(sample_size(dimensions)).min(MOST_ROWS)
    }
}

impl Rounds for ParallelSeeding {
    type Request = v1::KmeansRequest;
    type Answer = v1::KmeansAnswer;
    type Output = Option<Centroids>;

    fn next_request(&self) -> Option<v1::KmeansRequest> {
        if self.weights.is_some() {
            return None;
        }
        // A last round only counts.
        let rows = if self.round < ROUNDS { self.rows(self.asked.dimensions()) } else { 0 };
        Some(v1::KmeansRequest {
            step: v1::KmeansStep::Oversample.into(),
            centroids: Some(self.asked.to_message()),
            rows: rows as u32,
            seed: self.seed,
            purpose: format!("{}/{}", self.purpose, self.round),
            ..Default::default()
        })
    }

    fn absorb(&mut self, answer: v1::KmeansAnswer) -> Result<()> {
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
        self.asked = Centroids::new(self.asked.dimensions(), self.candidates.concat())?;
        Ok(())
    }

    fn finish(self) -> Result<Option<Centroids>> {
        let weights = self.weights.ok_or_else(|| Error::bug("candidates were weighed before all were drawn"))?;
        let points = WeightedPoints::new(&self.candidates, weights);
        let best = points.clustered(self.k, self.restarts, self.seed, &format!("{}/start", self.purpose))?;
        Ok(best.map(|result| result.centroids))
    }
}

#[cfg(test)]
#[path = "parallel_tests.rs"]
mod tests;

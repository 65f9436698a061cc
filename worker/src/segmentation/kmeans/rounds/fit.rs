//! The coordinator's side of Lloyd's iterations.
//!
//! ```text
//!             ┌──────────── means moved ────────────┐
//!             ▼                                     │
//!  Start ──► Round ── a cluster is empty ──► Fill ──┘
//!             │
//!             └── nothing moves, inertia does not fall, or the cap ──► Done
//! ```
//!
//! Whether to stop follows from merged statistics alone, never from what a worker remembers: a worker that starts anew
//! changes nothing.

use segmenter_proto::{Error, Result, Rounds, Watched, v1};
use serde::{Deserialize, Serialize};

use crate::segmentation::kmeans::{
    rounds::round::{FarRow, RoundStatistics},
    rows::centroids::Centroids,
};

/// Why the iterations ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// No centroid moves, so no label changes.
    Converged,
    /// The last move of centroids did not lower the inertia (means are rounded to the grid).
    InertiaNoLongerFalls,
    /// The largest number of iterations was reached.
    Cap,
}

/// What a fit ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmeansResult {
    /// The centroids.
    pub centroids: Centroids,
    /// The statistics of the labelling by these centroids.
    pub statistics: RoundStatistics,
    /// Labellings of all rows.
    pub iterations: u32,
    /// Why it ended.
    pub stop: Stop,
}

/// Lloyd's iterations from given centroids.
#[derive(Debug)]
pub struct KmeansFit {
    cap: u32,
    iterations: u32,
    centroids: Centroids,
    last: Option<(Centroids, RoundStatistics)>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Round,
    /// The means of `statistics`, with clusters that have no rows.
    Fill {
        means: Centroids,
        empty: Vec<usize>,
        statistics: RoundStatistics,
    },
    Done(KmeansResult),
}

/// What the fit asks next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::segmentation::kmeans) enum Ask {
    Round(Centroids),
    Farthest(Centroids, usize),
}

impl KmeansFit {
    /// Starts; `cap` is the largest number of iterations, at least 1.
    pub fn new(start: Centroids, cap: u32) -> Self {
        Self { cap: cap.max(1), iterations: 0, centroids: start, last: None, phase: Phase::Round }
    }

    /// Gives the iterations so far.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    pub(in crate::segmentation::kmeans) fn ask(&self) -> Option<Ask> {
        match &self.phase {
            Phase::Round => Some(Ask::Round(self.centroids.clone())),
            Phase::Fill { means, empty, .. } => {
                let kept = (0..means.count()).filter(|cluster| !empty.contains(cluster));
                let units: Vec<i32> = kept.flat_map(|cluster| means.get(cluster).to_vec()).collect();
                let centroids = Centroids::new(means.dimensions(), units).ok()?;
                Some(Ask::Farthest(centroids, empty.len()))
            }
            Phase::Done(_) => None,
        }
    }

    pub(in crate::segmentation::kmeans) fn absorb_round(&mut self, statistics: RoundStatistics) -> Result<()> {
        if statistics.counts.len() != self.centroids.count()
            || statistics.sums.len() != self.centroids.count() * self.centroids.dimensions()
        {
            return Err(Error::bug("statistics of a k-means round do not fit its centroids"));
        }
        if statistics.rows() == 0 {
            return Err(Error::bug("a k-means fit over no rows"));
        }
        self.iterations += 1;
        if let Some((centroids, last)) = self.last.take_if(|(_, last)| statistics.inertia >= last.inertia) {
            self.end(centroids, last, Stop::InertiaNoLongerFalls);
            return Ok(());
        }
        let means = means(&self.centroids, &statistics);
        let empty: Vec<usize> = (0..means.count()).filter(|cluster| statistics.counts[*cluster] == 0).collect();
        if empty.is_empty() || self.iterations >= self.cap {
            self.move_to(means, statistics);
        } else {
            self.phase = Phase::Fill { means, empty, statistics };
        }
        Ok(())
    }

    /// Empty clusters get the farthest rows; where there are too few different ones, they stay where they are.
    pub(in crate::segmentation::kmeans) fn absorb_farthest(&mut self, mut rows: Vec<FarRow>) -> Result<()> {
        let Phase::Fill { mut means, empty, statistics } = std::mem::replace(&mut self.phase, Phase::Round) else {
            return Err(Error::bug("far rows came without being asked for"));
        };
        rows.sort_by(|l, r| {
            (r.squared_distance, &l.customer_id, &l.units).cmp(&(l.squared_distance, &r.customer_id, &r.units))
        });
        let mut places: Vec<Vec<i32>> = vec![];
        for row in rows {
            if !places.contains(&row.units) && row.units.len() == means.dimensions() {
                places.push(row.units);
            }
        }
        for (cluster, place) in empty.iter().zip(&places) {
            means.set(*cluster, place);
        }
        self.move_to(means, statistics);
        Ok(())
    }

    fn move_to(&mut self, means: Centroids, statistics: RoundStatistics) {
        let current = std::mem::replace(&mut self.centroids, means);
        if self.centroids == current {
            self.end(current, statistics, Stop::Converged);
        } else if self.iterations >= self.cap {
            self.end(current, statistics, Stop::Cap);
        } else {
            self.last = Some((current, statistics));
            self.phase = Phase::Round;
        }
    }

    fn end(&mut self, centroids: Centroids, statistics: RoundStatistics, stop: Stop) {
        self.phase = Phase::Done(KmeansResult { centroids, statistics, iterations: self.iterations, stop });
    }
}

impl Rounds for KmeansFit {
    type Request = v1::KmeansRequest;
    type Answer = v1::KmeansAnswer;
    type Output = KmeansResult;

    fn next_request(&self) -> Option<v1::KmeansRequest> {
        Some(match self.ask()? {
            Ask::Round(centroids) => round_request([(0, centroids)]),
            Ask::Farthest(centroids, rows) => farthest_request(&centroids, rows),
        })
    }

    fn absorb(&mut self, mut answer: v1::KmeansAnswer) -> Result<()> {
        match (&self.phase, answer.rounds.pop()) {
            (Phase::Round, Some(round)) => self.absorb_round(RoundStatistics::from_message(&round)?),
            (Phase::Fill { .. }, None) => {
                self.absorb_farthest(answer.farthest.into_iter().map(FarRow::from_message).collect())
            }
            _ => Err(Error::bug("a k-means answer does not fit its request")),
        }
    }

    fn watched(&self) -> Option<Watched> {
        let statistics = match &self.phase {
            Phase::Round => self.last.as_ref().map(|(_, last)| last),
            Phase::Fill { statistics, .. } => Some(statistics),
            Phase::Done(result) => Some(&result.statistics),
        };
        statistics.map(|statistics| Watched { name: "inertia", value: statistics.inertia_scaled() })
    }

    fn finish(self) -> Result<KmeansResult> {
        match self.phase {
            Phase::Done(result) => Ok(result),
            _ => Err(Error::bug("a k-means fit was ended before its last round")),
        }
    }
}

/// Asks for a round of several runs, by number.
pub(in crate::segmentation::kmeans) fn round_request(
    runs: impl IntoIterator<Item = (u32, Centroids)>,
) -> v1::KmeansRequest {
    let run = |(number, centroids): (u32, Centroids)| v1::KmeansRun { number, centroids: Some(centroids.to_message()) };
    let runs = runs.into_iter().map(run).collect();
    v1::KmeansRequest { step: v1::KmeansStep::Round.into(), runs, ..Default::default() }
}

/// Asks for the rows farthest from their centroids.
pub(in crate::segmentation::kmeans) fn farthest_request(centroids: &Centroids, rows: usize) -> v1::KmeansRequest {
    let centroids = Some(centroids.to_message());
    v1::KmeansRequest { step: v1::KmeansStep::Farthest.into(), centroids, rows: rows as u32, ..Default::default() }
}

/// Gives sum / count a cluster, rounded to the grid half away from zero; empty clusters stay.
fn means(current: &Centroids, statistics: &RoundStatistics) -> Centroids {
    let mut means = current.clone();
    let dimensions = current.dimensions();
    for (cluster, count) in statistics.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let sums = &statistics.sums[cluster * dimensions..][..dimensions];
        let units: Vec<i32> = sums.iter().map(|sum| rounded_quotient(*sum, *count)).collect();
        means.set(cluster, &units);
    }
    means
}

/// Gives sum / count, rounded to the grid half away from zero, of a sum of grid values; `count` is not 0.
pub(in crate::segmentation) fn rounded_quotient(sum: i64, count: u64) -> i32 {
    let (twice, count) = (2 * u128::from(sum.unsigned_abs()), u128::from(count));
    // A mean of grid values is within the grid.
    let magnitude = ((twice + count) / (2 * count)) as i32;
    if sum < 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;

//! Bootstrap stability of clusters: the mean Jaccard similarity with the clusters of resamples (Hennig 2007).

use rayon::prelude::*;
use segmenter_proto::{ExactSum, Result, draw};

use super::{
    matrix::Matrix,
    part::{PART_ROWS, Part, rows_of},
    start::scaled_draw,
};

/// Resamples.
const RESAMPLES: u32 = 20;

/// Draws the same resamples for every number of clusters.
#[derive(Debug)]
pub(super) struct Resamples {
    seed: u64,
    purpose: String,
    rows: usize,
    /// Rows of the sample, one list a resample.
    drawn: Vec<Vec<usize>>,
}

/// A resample, ready to be clustered.
#[derive(Debug)]
pub(super) struct Resample<'a> {
    rows: &'a [usize],
    part: Part,
}

impl Resamples {
    /// Draws; `ids` are the sample's customers in order.
    pub(super) fn new(seed: u64, segmentation: &str, ids: &[&str]) -> Self {
        let rows = ids.len().min(PART_ROWS);
        let purpose = format!("bootstrap/{segmentation}");
        let one = |resample: u32| {
            let purpose = format!("{purpose}/{resample}");
            // A customer's place in the resample goes to a customer drawn for it.
            let drawn = |id: &&str| scaled_draw(draw(seed, &purpose, id), rows as u128) as usize;
            ids[..rows].iter().map(drawn).collect()
        };
        Self { seed, drawn: (0..RESAMPLES).map(one).collect(), purpose, rows }
    }

    /// Gathers every resample and its starts for up to `most` clusters.
    pub(super) fn gather(&self, sample: &Matrix, most: usize) -> Vec<Resample<'_>> {
        self.drawn
            .par_iter()
            .enumerate()
            .map(|(number, rows)| {
                let drawn = rows_of(sample, rows.iter().copied());
                let part = Part::new(drawn, most, self.seed, &format!("{}/{number}", self.purpose));
                Resample { rows, part }
            })
            .collect()
    }

    /// Gives the mean similarity of every cluster of `labels` (of the sample); `None`: in no resample.
    pub(super) fn jaccard(&self, resamples: &[Resample<'_>], labels: &[u16], k: usize) -> Result<Vec<Option<f64>>> {
        let similarities: Vec<Vec<Option<f64>>> =
            resamples.par_iter().map(|resample| resample.similarities(self.rows, labels, k)).collect::<Result<_>>()?;
        let mean = |cluster: usize| {
            let (mut sum, mut count) = (ExactSum::default(), 0);
            for similarity in similarities.iter().filter_map(|of_resample| of_resample[cluster]) {
                count += u64::from(sum.add(similarity));
            }
            sum.mean(count)
        };
        Ok((0..k).map(mean).collect())
    }
}

impl Resample<'_> {
    /// Clusters the resample anew and compares over the customers that were drawn, each once.
    fn similarities(&self, rows: usize, labels: &[u16], k: usize) -> Result<Vec<Option<f64>>> {
        let Some((_, found)) = self.part.clustered(k)? else { return Ok(vec![None; k]) };
        let mut seen = vec![false; rows];
        let mut both = vec![0u64; k * k];
        let (mut of_original, mut of_resample) = (vec![0u64; k], vec![0u64; k]);
        for (row, found) in self.rows.iter().zip(found) {
            if std::mem::replace(&mut seen[*row], true) {
                continue;
            }
            let (original, found) = (usize::from(labels[*row]), usize::from(found));
            both[original * k + found] += 1;
            of_original[original] += 1;
            of_resample[found] += 1;
        }
        let similarity = |original: usize| {
            let with = |found: usize| {
                let common = both[original * k + found];
                common as f64 / (of_original[original] + of_resample[found] - common) as f64
            };
            (of_original[original] > 0).then(|| (0..k).map(with).fold(0.0, f64::max))
        };
        Ok((0..k).map(similarity).collect())
    }
}

//! Bootstrap stability of clusters: the mean Jaccard similarity with the clusters of resamples (Hennig 2007).

use rayon::prelude::*;
use segmenter_proto::{ExactSum, Result, draw};

use crate::segmentation::kmeans::{
    rounds::seeding::start::scaled_draw,
    rows::matrix::Matrix,
    sample::part::{Part, rows_of},
};

/// Resamples.
const RESAMPLES: u32 = 20;
/// Mean Jaccard similarity below which clusters are unstable (Hennig 2007).
pub const STABLE: f64 = 0.6;

/// A division of rows: the label of each, below the number of clusters.
#[derive(Debug, Clone, Copy)]
pub(in crate::segmentation) struct Division<'a> {
    /// A label a row.
    pub labels: &'a [u16],
    /// Clusters, empty ones too.
    pub clusters: usize,
}

/// Customers drawn with repetition, several times: the same ones for every division that is compared on them.
#[derive(Debug)]
pub(in crate::segmentation) struct Resamples {
    seed: u64,
    purpose: String,
    /// Rows that are drawn from.
    rows: usize,
    /// Rows of the sample, one list a resample.
    drawn: Vec<Vec<usize>>,
}

/// One of the resamples.
#[derive(Debug)]
pub(in crate::segmentation) struct Resample<'a> {
    /// Rows that are drawn from.
    rows: usize,
    /// The rows drawn.
    drawn: &'a [usize],
    /// The rows drawn as a matrix.
    pub matrix: Matrix,
    /// Names its chance.
    pub purpose: String,
}

impl Resamples {
    /// Draws from the customers `ids`, the first ones of a sample, in its order.
    pub(in crate::segmentation) fn new(seed: u64, segmentation: &str, ids: &[&str]) -> Self {
        let rows = ids.len();
        let purpose = format!("bootstrap/{segmentation}");
        let one = |resample: u32| {
            let purpose = format!("{purpose}/{resample}");
            // A customer's place in the resample goes to a customer drawn for it.
            let drawn = |id: &&str| scaled_draw(draw(seed, &purpose, id), rows as u128) as usize;
            ids.iter().map(drawn).collect()
        };
        Self { seed, drawn: (0..RESAMPLES).map(one).collect(), purpose, rows }
    }

    /// Gives the mean similarity of every cluster of every division of the sample with those that k-means finds in the resamples;
    /// `None`: in no resample.
    pub(in crate::segmentation::kmeans) fn jaccard(
        &self,
        sample: &Matrix,
        divisions: &[Division<'_>],
    ) -> Result<Vec<Vec<Option<f64>>>> {
        let most = divisions.iter().map(|division| division.clusters).max().unwrap_or(0);
        self.means(sample, |resample| {
            let part = Part::new(resample.matrix.clone(), most, self.seed, &resample.purpose);
            let similarities = |division: &Division<'_>| {
                let Some((_, found)) = part.clustered(division.clusters)? else {
                    return Ok(vec![None; division.clusters]);
                };
                Ok(resample.similarities(*division, Division { labels: &found, clusters: division.clusters }))
            };
            divisions.iter().map(similarities).collect()
        })
    }

    /// Gives the means over all resamples of what `similarities` gives of each: of every division, a value a cluster.
    pub(in crate::segmentation) fn means(
        &self,
        sample: &Matrix,
        similarities: impl Fn(&Resample<'_>) -> Result<Vec<Vec<Option<f64>>>> + Sync,
    ) -> Result<Vec<Vec<Option<f64>>>> {
        // A resample is gathered by the thread that clusters it, so that only a few take memory at a time.
        let of_resamples: Vec<Vec<Vec<Option<f64>>>> = self
            .drawn
            .par_iter()
            .enumerate()
            .map(|(number, drawn)| {
                let matrix = rows_of(sample, drawn.iter().copied());
                let purpose = format!("{}/{number}", self.purpose);
                similarities(&Resample { rows: self.rows, drawn, matrix, purpose })
            })
            .collect::<Result<_>>()?;
        let Some(shape) = of_resamples.first() else { return Ok(vec![]) };
        let mean = |division: usize, cluster: usize| {
            let (mut sum, mut count) = (ExactSum::default(), 0);
            for similarity in of_resamples.iter().filter_map(|of_resample| of_resample[division][cluster]) {
                count += u64::from(sum.add(similarity));
            }
            sum.mean(count)
        };
        let of_division = |(division, clusters): (usize, &Vec<Option<f64>>)| {
            (0..clusters.len()).map(|cluster| mean(division, cluster)).collect()
        };
        Ok(shape.iter().enumerate().map(of_division).collect())
    }
}

impl Resample<'_> {
    /// Compares a division of the sample with one of the resample over the customers that were drawn, each once: gives the largest
    /// similarity of every cluster, `None` of one without a customer among them.
    pub(in crate::segmentation) fn similarities(
        &self,
        original: Division<'_>,
        found: Division<'_>,
    ) -> Vec<Option<f64>> {
        let mut seen = vec![false; self.rows];
        let mut both = vec![0u64; original.clusters * found.clusters];
        let (mut of_original, mut of_found) = (vec![0u64; original.clusters], vec![0u64; found.clusters]);
        for (row, label) in self.drawn.iter().zip(found.labels) {
            if std::mem::replace(&mut seen[*row], true) {
                continue;
            }
            let (own, other) = (usize::from(original.labels[*row]), usize::from(*label));
            both[own * found.clusters + other] += 1;
            of_original[own] += 1;
            of_found[other] += 1;
        }
        let similarity = |own: usize| {
            let with = |other: usize| {
                let common = both[own * found.clusters + other];
                common as f64 / (of_original[own] + of_found[other] - common) as f64
            };
            (of_original[own] > 0).then(|| (0..found.clusters).map(with).fold(0.0, f64::max))
        };
        (0..original.clusters).map(similarity).collect()
    }
}

/// Gives the mean over clusters; one that no resample has met has shown no stability.
pub(in crate::segmentation) fn mean_stability(by_cluster: &[Option<f64>]) -> f64 {
    let sum: f64 = by_cluster.iter().map(|jaccard| jaccard.unwrap_or(0.0)).sum();
    sum / by_cluster.len().max(1) as f64
}

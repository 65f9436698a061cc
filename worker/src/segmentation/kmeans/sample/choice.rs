//! Start and number of clusters, found on the sample.

use rayon::prelude::*;
use segmenter_proto::{Error, Result, methods::ClusterCount};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::segmentation::kmeans::{
    kernel::Spread,
    rounds::{fit::KmeansResult, seeding::start::plus_plus},
    rows::{centroids::Centroids, layout::Layout, matrix::Matrix, sample::SampleRow},
    sample::{
        decision::{Decision, decide},
        evidence::{ClusterCountEvidence, evidence},
        gap::{Gap, gaps, number_by_gap},
        lloyd::{labels_of, lloyd_by},
        part::stability_rows,
        stability::{Division, Resamples, mean_stability},
    },
};

/// Iterations of a start on the sample; the fit over all rows goes on from there.
const CAP: u32 = 50;

/// What is to be chosen.
#[derive(Debug, Clone)]
pub struct ChoiceRequest<'a> {
    /// The segmentation's name.
    pub segmentation: &'a str,
    /// The job's seed.
    pub seed: u64,
    /// The number of clusters, or its range.
    pub k: ClusterCount,
    /// Starts a number of clusters.
    pub restarts: u32,
    /// The columns of the sample.
    pub layout: Layout,
}

/// What was chosen, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The number of clusters.
    pub k: u32,
    /// Customers of the sample.
    pub sample_rows: u64,
    /// Why this number: a sentence with the figures.
    pub reason: String,
    /// A sentence that begins with "no useful groups" and says why; none: there are some.
    pub no_useful_groups: Option<String>,
    /// The gap statistic of one cluster and of every number that was tried, rising.
    pub gaps: Vec<Gap>,
    /// The number of clusters that the gap statistic alone would take.
    pub gap_k: Option<u32>,
    /// The evidence for every number that was tried, rising.
    pub evidence: Vec<ClusterCountEvidence>,
    /// Where the fit over all rows starts: centroids in grid units.
    pub start: Vec<Vec<i32>>,
}

impl Choice {
    /// Gives the start as centroids.
    pub fn centroids(&self) -> Result<Centroids> {
        Centroids::new(self.start.first().map_or(0, Vec::len), self.start.concat())
    }
}

/// A number of clusters with its best start.
struct Candidate {
    result: KmeansResult,
    labels: Vec<u16>,
    evidence: ClusterCountEvidence,
}

/// Finds start and number of clusters on the sample, in the current rayon pool; the result does not depend on threads.
///
/// `sample` is in order of hash, as [`sample_rows`](crate::segmentation::kmeans::sample_rows) gives it. Fails if it is empty or holds fewer
/// different rows than the (smallest) number of clusters.
pub fn choose(request: &ChoiceRequest<'_>, sample: &[SampleRow]) -> Result<Choice> {
    let (fewest, most, min_share) = match request.k {
        ClusterCount::Fixed(k) => (k, k, None),
        ClusterCount::Range { min, max, min_share } => (min, max, Some(min_share)),
    };
    let name = request.segmentation;
    if sample.is_empty() {
        return Err(Error::data(format!("segmentation `{name}` has no customer in its scope"))
            .with_hint("widen its `where`, or see in run.json why rows were left out"));
    }
    let matrix = Matrix::from_rows(request.layout.clone(), sample.iter().map(|row| row.cells.as_slice()));
    let starts: Vec<Centroids> = (0..request.restarts.max(1))
        .into_par_iter()
        .filter_map(|restart| plus_plus(&matrix, most as usize, request.seed, &format!("start/{name}/{restart}")))
        .collect();
    // Starts end early where all rows are taken, so all are of one length.
    let different = starts.iter().map(Centroids::count).min().unwrap_or(0) as u32;
    if different < fewest || fewest == 0 {
        return Err(Error::data(format!(
            "segmentation `{name}` asks for {fewest} clusters, but its scope holds only {different} different customers"
        ))
        .with_hint("lower `k`, widen `where`, or use features that differ"));
    }
    let counts: Vec<u32> = (fewest..=most.min(different)).collect();
    let mut candidates = fits(&matrix, &starts, &counts)?;
    let ids: Vec<&str> = sample.iter().map(|row| row.customer_id.as_str()).collect();
    measure_stability(request, &matrix, &ids, &mut candidates)?;
    let evidence: Vec<_> = candidates.iter().map(|candidate| candidate.evidence.clone()).collect();
    let mut with_one = counts;
    if with_one.first() != Some(&1) {
        with_one.insert(0, 1);
    }
    let gaps = gaps(&matrix, &ids, &with_one, request.seed, name)?;
    let Decision { index, reason, no_useful_groups } = decide(&evidence, min_share, &gaps);
    let centroids = &candidates[index].result.centroids;
    Ok(Choice {
        k: evidence[index].k,
        sample_rows: sample.len() as u64,
        reason,
        no_useful_groups,
        gap_k: number_by_gap(&gaps),
        gaps,
        start: centroids.iter().map(<[i32]>::to_vec).collect(),
        evidence,
    })
}

/// Measures how stable every candidate is, those of small clusters on more rows: a number of clusters is so judged alike in every
/// range that it is in.
fn measure_stability(
    request: &ChoiceRequest<'_>,
    sample: &Matrix,
    ids: &[&str],
    candidates: &mut [Candidate],
) -> Result<()> {
    let rows_of = |of: &Candidate| stability_rows(of.evidence.smallest_share, ids.len());
    let sizes: BTreeSet<usize> = candidates.iter().map(rows_of).collect();
    for rows in sizes {
        let of_size: Vec<&mut Candidate> = candidates.iter_mut().filter(|of| rows_of(of) == rows).collect();
        let divisions: Vec<Division<'_>> =
            of_size.iter().map(|of| Division { labels: &of.labels, clusters: of.evidence.k as usize }).collect();
        let found = Resamples::new(request.seed, request.segmentation, &ids[..rows]).jaccard(sample, &divisions)?;
        for (candidate, by_cluster) in of_size.into_iter().zip(found) {
            candidate.evidence.jaccard = Some(mean_stability(&by_cluster));
            candidate.evidence.jaccard_by_cluster = by_cluster;
            candidate.evidence.jaccard_rows = rows as u64;
        }
    }
    Ok(())
}

/// The stability of clusters that were given.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// The mean Jaccard similarity with the clusters of resamples, a cluster; `None` of one that none has met.
    pub by_cluster: Vec<Option<f64>>,
    /// Customers of the sample that it was measured on.
    pub rows: u64,
}

/// Gives the stability of each of given clusters, as [`choose`] measures it, with the clusters of the same resamples.
pub fn stability_of(request: &ChoiceRequest<'_>, sample: &[SampleRow], centroids: &Centroids) -> Result<Stability> {
    let matrix = Matrix::from_rows(request.layout.clone(), sample.iter().map(|row| row.cells.as_slice()));
    let ids: Vec<&str> = sample.iter().map(|row| row.customer_id.as_str()).collect();
    let labels = labels_of(&matrix, centroids);
    let mut customers = vec![0_u64; centroids.count()];
    labels.iter().for_each(|label| customers[usize::from(*label)] += 1);
    let smallest = customers.into_iter().min().unwrap_or(0);
    let rows = stability_rows(smallest as f64 / labels.len().max(1) as f64, ids.len());
    let division = Division { labels: &labels, clusters: centroids.count() };
    let found = Resamples::new(request.seed, request.segmentation, &ids[..rows]).jaccard(&matrix, &[division])?;
    Ok(Stability { by_cluster: found.into_iter().next().unwrap_or_default(), rows: rows as u64 })
}

/// Runs every number of clusters from every start and keeps the best of each number: the smallest inertia, ties to the
/// earliest start.
fn fits(matrix: &Matrix, starts: &[Centroids], counts: &[u32]) -> Result<Vec<Candidate>> {
    let runs: Vec<(u32, usize)> = counts.iter().flat_map(|k| (0..starts.len()).map(|start| (*k, start))).collect();
    // Fewer fits than threads: the others help in each. The pool's threads hold nothing that another waits for.
    let spread = if runs.len() < rayon::current_num_threads() { Spread::Rayon } else { Spread::Here };
    let results: Vec<KmeansResult> = runs
        .par_iter()
        .map(|(k, start)| lloyd_by(matrix, starts[*start].first(*k as usize), CAP, spread).map(|(result, _)| result))
        .collect::<Result<_>>()?;
    results
        .into_par_iter()
        .chunks(starts.len())
        .map(|of_count| {
            let best = of_count.into_iter().enumerate().min_by_key(|(_, result)| result.statistics.inertia);
            let (restart, result) = best.ok_or_else(|| Error::bug("a k-means without a start"))?;
            let labels = labels_of(matrix, &result.centroids);
            let evidence = evidence(matrix, &labels, &result, restart as u32);
            Ok(Candidate { result, labels, evidence })
        })
        .collect()
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;

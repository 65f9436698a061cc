//! Start and number of components, found on the sample.

use rayon::prelude::*;
use segmenter_proto::{Error, Result, Rounds as _, methods::ClusterCount, pure_math::ln};
use serde::{Deserialize, Serialize};

use super::{
    super::kmeans::{Layout, Matrix, SampleRow, TILE, best_start, visit_nearest},
    components::{Component, components_of},
    fit::{MixtureFit, MixtureResult, MixtureStop},
    statistics::MixtureStatistics,
};

/// Rows of the sample that numbers of components are compared on.
const ROWS: usize = 20_000;
/// Rows that one thread goes through at a time.
const CHUNK: usize = 128 * TILE;
/// Rise of the mean log-likelihood a row at which a candidate ends, and its rounds at most.
const TOLERANCE: f64 = 1e-5;
const CAP: u32 = 100;
/// Rounds after which the starts of a candidate are compared.
const FIRST_ROUNDS: u32 = 10;

/// What is to be chosen.
#[derive(Debug, Clone)]
pub struct MixtureRequest<'a> {
    /// The segmentation's name.
    pub segmentation: &'a str,
    /// The job's seed.
    pub seed: u64,
    /// The number of components, or its range.
    pub k: ClusterCount,
    /// Starts a number of components.
    pub restarts: u32,
    /// The columns of the sample: numbers.
    pub layout: Layout,
}

/// What speaks for and against one number of components; figures of a part of the sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixtureEvidence {
    /// The number of components asked for.
    pub k: u32,
    /// Σ ln(density).
    pub log_likelihood: f64,
    /// p·ln(n) − 2·`log_likelihood` (Schwarz 1978) with the p numbers that the mixture has; smaller is better.
    pub bic: f64,
    /// Weights, means and variances of features that differ.
    pub parameters: u64,
    /// The smallest weight.
    pub smallest_weight: f64,
    /// Components that died on the way.
    pub dropped: usize,
    /// Its rounds.
    pub rounds: u32,
    /// Why they ended.
    pub stop: MixtureStop,
}

/// What was chosen, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureChoice {
    /// The number of components that was chosen; some may have died since.
    pub k: u32,
    /// Where the fit over all rows starts.
    pub start: Vec<Component>,
    /// Rows that numbers of components were compared on.
    pub rows: u64,
    /// Why this number.
    pub reason: String,
    /// Why no number of components gives useful groups; none: one does.
    pub no_useful_groups: Option<String>,
    /// The evidence for every number that was tried, rising; 1 is always among them.
    pub evidence: Vec<MixtureEvidence>,
}

struct Candidate {
    evidence: MixtureEvidence,
    result: MixtureResult,
}

/// Finds start and number of components on the sample, in the current rayon pool; the result does not depend on threads.
///
/// Each number starts from the best k-means of that number, and from each column cut into as many equal parts: nearest centroids cut
/// across groups that are long, which a column may tell apart. After a few rounds the most likely start goes on, and the best number by
/// the Bayesian information criterion is taken.
///
/// # Errors
/// Where the scope is empty, or holds fewer different rows than the (smallest) number: Data.
pub fn choose_mixture(request: &MixtureRequest<'_>, sample: &[SampleRow]) -> Result<MixtureChoice> {
    let name = request.segmentation;
    let (fewest, most, min_share) = match request.k {
        ClusterCount::Fixed(k) => (k, k, 0.0),
        ClusterCount::Range { min, max, min_share } => (min, max, min_share),
    };
    if sample.is_empty() {
        return Err(Error::data(format!("segmentation `{name}` has no customer in its scope"))
            .with_hint("widen its `where`, or see in run.json why rows were left out"));
    }
    // By rising hash, so the first rows are a sample as well.
    let sample = &sample[..sample.len().min(ROWS)];
    let matrix = Matrix::from_rows(request.layout.clone(), sample.iter().map(|row| row.cells.as_slice()));
    let differing = (0..matrix.dimensions())
        .filter(|column| sample.iter().any(|row| row.cells[*column] != sample[0].cells[*column]))
        .count() as u64;
    let numbers: Vec<u32> = std::iter::once(1).chain(fewest.max(2)..=most).collect();
    let candidates: Vec<Option<Candidate>> =
        numbers.par_iter().map(|k| candidate(request, &matrix, *k, differing)).collect::<Result<_>>()?;
    let mut candidates: Vec<Candidate> = candidates.into_iter().flatten().collect();
    let evidence: Vec<MixtureEvidence> = candidates.iter().map(|candidate| candidate.evidence.clone()).collect();
    let wanted = |e: &MixtureEvidence, least: f64| e.k >= fewest && e.smallest_weight >= least;
    // The first of equals, so the smaller number.
    let best = |least: f64| {
        let of = evidence.iter().enumerate().filter(|(_, e)| wanted(e, least));
        of.min_by(|(_, l), (_, r)| l.bic.total_cmp(&r.bic)).map(|(index, _)| index)
    };
    let (index, reason) = match (request.k, best(min_share), best(0.0)) {
        (ClusterCount::Fixed(_), Some(index), _) => (index, "as the job says".to_owned()),
        (_, Some(index), _) => (index, format!("smallest BIC among those with no weight below {min_share}")),
        (_, None, Some(index)) => (index, "smallest BIC of all".to_owned()),
        (_, None, None) => {
            return Err(Error::data(format!(
                "segmentation `{name}` asks for {fewest} components, but its scope holds fewer different customers"
            ))
            .with_hint("lower `k`, widen `where`, or use features that differ"));
        }
    };
    let (one, chosen) = (evidence.iter().find(|e| e.k == 1), &evidence[index]);
    let no_useful_groups = match one {
        Some(one) if one.bic <= chosen.bic && chosen.k > 1 => Some(format!(
            "no useful groups: one component describes the customers better (BIC {:.1}) than {} (BIC {:.1})",
            one.bic, chosen.k, chosen.bic
        )),
        _ if chosen.smallest_weight < min_share => {
            Some(format!("no useful groups: every number of components has one with a weight below {min_share}"))
        }
        _ => None,
    };
    let k = chosen.k;
    let start = candidates.swap_remove(index).result.components;
    Ok(MixtureChoice { k, start, rows: matrix.rows() as u64, reason, no_useful_groups, evidence })
}

/// Fits one number of components; none where fewer rows differ.
fn candidate(request: &MixtureRequest<'_>, matrix: &Matrix, k: u32, differing: u64) -> Result<Option<Candidate>> {
    let purpose = format!("start/{}/mixture", request.segmentation);
    let Some(start) = best_start(matrix, k as usize, request.restarts, request.seed, &purpose)? else {
        return Ok(None);
    };
    let mut nearest = vec![0; matrix.rows()];
    visit_nearest(matrix, &start, |_| true, |row, near| nearest[row] = near.cluster);
    let cuts = (0..matrix.dimensions()).filter_map(|column| equal_parts(matrix, column, k as usize));
    let starts: Vec<Vec<usize>> = std::iter::once(nearest).chain(cuts).collect();
    let first: Vec<MixtureResult> = starts
        .par_iter()
        .map(|groups| {
            let (start, _) = components_of(&MixtureStatistics::of_groups(matrix, k as usize, groups));
            maximise(matrix, start, FIRST_ROUNDS)
        })
        .collect::<Result<_>>()?;
    // The last of equals, so the order is turned: the earliest.
    let best = first.into_iter().rev().max_by_key(|result| result.statistics.log_likelihood);
    let best = best.ok_or_else(|| Error::bug("a mixture without a start"))?;
    let mut result = maximise(matrix, best.components, CAP)?;
    result.rounds += best.rounds;
    result.dropped += best.dropped;
    let (rows, count) = (matrix.rows() as f64, result.components.len() as u64);
    let log_likelihood = result.statistics.mean_log_likelihood() * rows;
    let parameters = count - 1 + 2 * count * differing;
    let evidence = MixtureEvidence {
        k,
        log_likelihood,
        bic: parameters as f64 * ln(rows) - 2.0 * log_likelihood,
        parameters,
        smallest_weight: result.components.iter().map(|component| component.weight).fold(1.0, f64::min),
        dropped: result.dropped,
        rounds: result.rounds,
        stop: result.stop,
    };
    Ok(Some(Candidate { evidence, result }))
}

/// Fits in memory.
fn maximise(matrix: &Matrix, start: Vec<Component>, cap: u32) -> Result<MixtureResult> {
    let mut fit = MixtureFit::new(start, TOLERANCE, cap);
    while !fit.is_done() {
        let statistics = pass(matrix, fit.components())?;
        fit.absorb_statistics(statistics)?;
    }
    fit.finish()
}

/// Gives a group a row: the rows by rising value of a column, in `parts` of about equal size where equal values stay together; none
/// where that leaves a part empty.
fn equal_parts(matrix: &Matrix, column: usize, parts: usize) -> Option<Vec<usize>> {
    let values: Vec<i32> = (0..matrix.rows()).map(|row| matrix.cells(row)[column]).collect();
    let mut sorted = values.clone();
    sorted.sort_unstable();
    let cuts: Vec<i32> = (1..parts).map(|part| sorted[part * sorted.len() / parts]).collect();
    let groups: Vec<usize> = values.iter().map(|value| cuts.iter().filter(|cut| *cut <= value).count()).collect();
    (0..parts).all(|part| groups.contains(&part)).then_some(groups)
}

/// Goes through all rows by all threads; sums are integers, so chunks change nothing.
fn pass(matrix: &Matrix, components: &[Component]) -> Result<MixtureStatistics> {
    let starts: Vec<usize> = (0..matrix.rows()).step_by(CHUNK).collect();
    let name = |row: usize| format!("{row:012}");
    let chunk =
        |start: &usize| MixtureStatistics::of(matrix, *start..(start + CHUNK).min(matrix.rows()), components, name);
    let parts: Vec<MixtureStatistics> = starts.par_iter().map(chunk).collect();
    let mut parts = parts.into_iter();
    let mut total = parts.next().ok_or_else(|| Error::bug("a mixture over no rows"))?;
    parts.try_for_each(|part| total.merge(&part))?;
    Ok(total)
}

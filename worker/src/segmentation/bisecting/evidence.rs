//! Whether nested clusters are groups: how stable they are under resampling, and whether the gap statistic sees any.

use arrow::array::StringArray;
use segmenter_proto::{Error, Result, Rounds as _, v1};
use serde::{Deserialize, Serialize};

use super::{
    super::kmeans::{
        Division, Gap, KmeansShard, Matrix, Resample, Resamples, STABLE, SampleRow, gaps, mean_stability,
        one_is_enough, stability_rows,
    },
    fit::{BisectingFit, BisectingRequest},
    shard::{LeafRows, Nodes, answer_leaf},
    tree::Tree,
};

/// Starts a split of a resample.
const STARTS: u32 = 2;
/// Numbers of clusters that the gap is computed of, at most.
const GAPS: u32 = 10;

/// What speaks for and against a tree of clusters; figures of the sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BisectingEvidence {
    /// Customers of the sample that stability was measured on.
    pub jaccard_rows: u64,
    /// Of the tree after each split, so of 2, 3, … groups: the mean over its groups of the mean Jaccard similarity with the groups
    /// of resamples.
    pub jaccard_by_groups: Vec<f64>,
    /// Of the leaves, in the order of [`Tree::leaves`]; none: no resample has a customer of it.
    pub jaccard_by_leaf: Vec<Option<f64>>,
    /// The gap statistic of one cluster and some more, rising.
    pub gaps: Vec<Gap>,
    /// A sentence that begins with "no useful groups" and says why; none: there are some.
    pub no_useful_groups: Option<String>,
}

impl BisectingEvidence {
    /// Gives the mean stability of the leaves; none of a tree without a split.
    pub fn jaccard(&self) -> Option<f64> {
        self.jaccard_by_groups.last().copied()
    }
}

/// Measures a tree on the sample that it was grown with, in the current rayon pool; the result does not depend on threads.
///
/// A tree is grown anew over each resample and both are compared after every split: groups can be stable though the parts that
/// they were split into are not.
///
/// # Errors
/// Bug only.
pub fn bisecting_evidence(request: &BisectingRequest, tree: &Tree, sample: &[SampleRow]) -> Result<BisectingEvidence> {
    let matrix = Matrix::from_rows(request.layout.clone(), sample.iter().map(|row| row.cells.as_slice()));
    let ids: Vec<&str> = sample.iter().map(|row| row.customer_id.as_str()).collect();
    let all = tree.nodes()[0].rows.max(1) as f64;
    let smallest = tree.leaves().into_iter().map(|leaf| tree.nodes()[leaf].rows).min().unwrap_or(0);
    let rows = stability_rows(smallest as f64 / all, ids.len());
    let splits = tree.to_message();
    let original = divisions(&splits, &matrix)?;
    let compared = |resample: &Resample<'_>| compare(request, resample, &original);
    let means = Resamples::new(request.seed, &request.segmentation, &ids[..rows]).means(&matrix, compared)?;
    // A node that was split is no group any more.
    let groups = |(after, of_nodes): (usize, Vec<Option<f64>>)| -> Vec<Option<f64>> {
        let split = |node: usize| splits[..=after].iter().any(|split| split.node as usize == node);
        of_nodes.into_iter().enumerate().filter(|(node, _)| !split(*node)).map(|(_, jaccard)| jaccard).collect()
    };
    let by_groups: Vec<Vec<Option<f64>>> = means.into_iter().enumerate().map(groups).collect();
    let jaccard_by_groups: Vec<f64> = by_groups.iter().map(|of| mean_stability(of)).collect();
    let counts: Vec<u32> = (1..=(splits.len() as u32 + 1).min(GAPS)).collect();
    let gaps = gaps(&matrix, &ids, &counts, request.seed, &request.segmentation)?;
    let no_useful_groups = doubt(&jaccard_by_groups, &gaps);
    let jaccard_by_leaf = by_groups.into_iter().next_back().unwrap_or_else(|| vec![None]);
    Ok(BisectingEvidence { jaccard_rows: rows as u64, jaccard_by_groups, jaccard_by_leaf, gaps, no_useful_groups })
}

/// Says why a tree has no useful groups, if it has none.
fn doubt(jaccard_by_groups: &[f64], gaps: &[Gap]) -> Option<String> {
    let groups = jaccard_by_groups.len() + 1;
    let best = (2..).zip(jaccard_by_groups).reduce(|best, of| if of.1 > best.1 { of } else { best });
    let unstable = best.filter(|(_, jaccard)| **jaccard < STABLE).map(|(at, jaccard)| {
        format!(
            "no number of groups up to {groups} has a mean bootstrap Jaccard of at least {STABLE} (best {jaccard:.3} at {at})"
        )
    });
    let doubts: Vec<String> = unstable.into_iter().chain(one_is_enough(gaps, groups as u32)).collect();
    (!doubts.is_empty()).then(|| {
        format!("no useful groups: {}; the {groups} groups that were found are written all the same", doubts.join("; "))
    })
}

/// Gives the node of every row after each split.
fn divisions(splits: &[v1::Split], matrix: &Matrix) -> Result<Vec<Vec<u16>>> {
    let mut nodes = Nodes::default();
    (1..=splits.len())
        .map(|count| {
            nodes.descend(&splits[..count], matrix)?;
            Ok(nodes.of_rows().to_vec())
        })
        .collect()
}

/// Grows a tree over a resample, and compares what it is after each split with `original`; of fewer splits, its leaves.
fn compare(
    request: &BisectingRequest,
    resample: &Resample<'_>,
    original: &[Vec<u16>],
) -> Result<Vec<Vec<Option<f64>>>> {
    let request = BisectingRequest { segmentation: resample.purpose.clone(), restarts: STARTS, ..request.clone() };
    let found = divisions(&grow(request, &resample.matrix)?.to_message(), &resample.matrix)?;
    let nobody_split = vec![0; resample.matrix.rows()];
    let compared = |(after, own): (usize, &Vec<u16>)| {
        let nodes = |splits: usize| 2 * splits + 1;
        let splits = found.len().min(after + 1);
        let labels = if splits == 0 { &nobody_split } else { &found[splits - 1] };
        resample.similarities(
            Division { labels: own, clusters: nodes(after + 1) },
            Division { labels, clusters: nodes(splits) },
        )
    };
    Ok(original.iter().enumerate().map(compared).collect())
}

/// Grows a tree over rows in memory, which have no names: a row's number stands for its customer.
fn grow(request: BisectingRequest, matrix: &Matrix) -> Result<Tree> {
    let ids = || StringArray::from_iter_values((0..matrix.rows()).map(|row| format!("{row:012}")));
    let mut all = KmeansShard::new(matrix.clone(), ids())?;
    let mut leaf: Option<LeafRows> = None;
    let mut fit = BisectingFit::over(request, matrix.clone())?;
    while let Some(request) = fit.next_request() {
        let answer = if request.splits.is_empty() {
            answer_leaf(&mut all, &request)?
        } else {
            if !leaf.as_ref().is_some_and(|leaf| leaf.fits(&request)) {
                let mut nodes = leaf.take().map(|mut leaf| leaf.take_nodes()).unwrap_or_default();
                nodes.descend(&request.splits, matrix)?;
                leaf = Some(LeafRows::gather(nodes, request.leaf, &all)?);
            }
            let rows = leaf.as_mut().ok_or_else(|| Error::bug("a leaf without rows"))?;
            rows.answer(&request)?
        };
        fit.absorb(answer)?;
    }
    fit.finish()
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;

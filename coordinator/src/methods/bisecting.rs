//! Nested clusters: the group of the largest inertia is split in two, again and again.

use super::{
    Fit, FitOutcome, Scope,
    features::{Named, described, standings},
    fit::{figures, unexpected},
    lasting::{LastingKeys, lasting_keys},
    matrix::{Packed, doubtful, pack, rounds_since},
    naming::name_clusters,
    refit::RawKept,
    space::{DEFAULT_MIN_SHARE, RawScale, RawSpace, RawTransform, RawWeight},
    stability::unstable,
};
use crate::checks::{Findings, Ordered};
use schemars::JsonSchema;
use segmenter_proto::{
    Result,
    methods::{BisectingMethod, BisectingModel, ClusterSpace, LeafModel, LeafStop, SegmentationModel},
    models::GRID,
    v1::{FitEvidence, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::{
    bisecting::{
        BisectingEvidence, BisectingFit, BisectingRequest, Node, SplitDone, Tree, bisecting_evidence, model_of,
    },
    kmeans::SampleRow,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Nested clusters by bisecting k-means: the most spread group is split in two, again and again.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Bisecting", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawBisecting {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Features, and columns of the customers source.
    #[schemars(required, length(min = 1))]
    pub(crate) features: Option<Vec<String>>,
    /// The number of groups at most. Default: 8.
    #[schemars(range(min = 2, max = 256))]
    pub(crate) k: Option<u32>,
    /// Share of the customers in scope that every group must have. Default: 0.02.
    #[schemars(range(min = 0, max = 0.5))]
    pub(crate) min_share: Option<f64>,
    /// Transform of numbers by feature; `default` is for all the others. Default: "auto".
    pub(crate) transform: Option<Ordered<RawTransform>>,
    /// Weight in the distance by feature, 0.01 to 100; `default` is for all the others. Default: 1. Only their ratios matter.
    pub(crate) weights: Option<Ordered<RawWeight>>,
    /// Scaling of all numbers. Default: "auto".
    pub(crate) scale: Option<RawScale>,
    /// Share of numbers cut at each end; 0 is none. Default: 0.005.
    #[schemars(range(min = 0, max = 0.25))]
    pub(crate) winsorise: Option<f64>,
    /// Starts of each split, of which the best is taken. Default: 10.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) restarts: Option<u32>,
    /// segment_name by key (c01, c02 and so on, in a first run by falling size).
    pub(crate) names: Option<Ordered<String>>,
    /// What the model of the run before is: "fresh" fits anew, "frozen" takes the model as it is. Where there is none, it is fitted anew. Default: "fresh".
    pub(crate) refit: Option<RawKept>,
}

const DEFAULT_LEAVES: u32 = 8;

impl RawBisecting {
    /// Checks it.
    pub(super) fn check(self, path: &str, scope: &Scope, findings: &mut Findings) -> Option<BisectingMethod> {
        let (k, min_share) = (self.k.unwrap_or(DEFAULT_LEAVES), self.min_share.unwrap_or(DEFAULT_MIN_SHARE));
        let space = RawSpace {
            filter: self.filter,
            features: self.features,
            transform: self.transform,
            weights: Some(self.weights),
            scale: self.scale,
            winsorise: self.winsorise,
            restarts: self.restarts,
            names: self.names,
        };
        Some(BisectingMethod { space: space.check(path, scope, findings)?, k, min_share })
    }
}

/// Finds the tree.
pub(super) async fn fit(fit: &Fit<'_>, method: &BisectingMethod) -> Result<FitOutcome> {
    let name = fit.name;
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let before = fit.shards.traffic();
    let sample_rows = sample.len();
    let request = BisectingRequest {
        segmentation: name.to_owned(),
        seed: fit.seed,
        k: method.k,
        min_share: method.min_share,
        restarts: method.space.restarts,
        layout,
    };
    let (tree, rounds) = grow(fit, &request, &method.space.features, &sample, &task).await?;
    let rounds = rounds_since(fit, before, rounds);
    let (tree, speaks) = measured(fit, request, tree, sample).await?;
    let no_useful_groups = if tree.splits().is_empty() {
        let why = tree.nodes()[0].stop.unwrap_or(LeafStop::OnePlace).reason();
        Some(format!("no useful groups: all customers are one, since {why}"))
    } else {
        speaks.no_useful_groups.clone()
    };
    let mut model = model_of(name, features, &tree);
    model.filter = method.space.filter.clone();
    let lasting = lasting_keys(fit, &SegmentationModel::Bisecting(model.clone())).await?;
    model.give_keys(&lasting.of, lasting.next.max(model.next_key));
    let names = self::name(fit, &method.space, &mut model, &lasting);
    let statistics = tree.statistics();
    let leaves = leaves(&tree, &model, &speaks);
    let stability =
        leaves.iter().map(|leaf| (leaf["segment_key"].as_str().unwrap_or_default(), leaf["jaccard"].as_f64()));
    let mut warnings: Vec<String> = no_useful_groups.iter().cloned().collect();
    warnings.extend(unstable(&stability.collect::<Vec<_>>()));
    warnings.extend(doubtful(&model.features));
    let described = json!({
        "method": "bisecting",
        "k": model.leaves.len(),
        "most_leaves": method.k,
        "min_share": method.min_share,
        "smallest_rows": tree.smallest(),
        "sample_rows": sample_rows,
        "rows": counted.rows,
        "rounds": rounds,
        "splits": splits(&tree),
        "leaves": leaves,
        "no_useful_groups": no_useful_groups,
        "jaccard": speaks.jaccard(),
        "jaccard_by_groups": speaks.jaccard_by_groups,
        "jaccard_rows": speaks.jaccard_rows,
        "gaps": speaks.gaps,
        "inertia": statistics.inertia_scaled(),
        "explained": statistics.explained(),
        "calinski_harabasz": statistics.calinski_harabasz(),
        // Exact, in squared grid units of 2⁻²⁰; as text, since JSON numbers do not hold it.
        "inertia_exact_units": statistics.inertia.to_string(),
        "features": described(&model.features)?,
        // What the table at the end calls them, wherever it is read: without the values of customers.
        "names": names,
        "keys": lasting.described,
    });
    let figures = figures([
        ("explained", Some(statistics.explained())),
        ("calinski_harabasz", statistics.calinski_harabasz()),
        ("jaccard", speaks.jaccard()),
    ]);
    let evidence = FitEvidence { described: described.to_string(), figures, selection: Vec::new() };
    Ok(FitOutcome { model: SegmentationModel::Bisecting(model), evidence, warnings })
}

/// Names the leaves of a model; gives the suggestions, for run.json.
pub(super) fn name(fit: &Fit<'_>, space: &ClusterSpace, model: &mut BisectingModel, lasting: &LastingKeys) -> Value {
    let places = model.leaves.iter().map(|leaf| Named {
        units: &leaf.centroid_units,
        scaled: &leaf.centroid_scaled,
        customers: leaf.customers,
    });
    let standings = standings(&model.features, places, fit.min_cell);
    let clusters = model.leaves.iter_mut().map(|leaf| (leaf.key.as_str(), &mut leaf.name));
    name_clusters(fit, space, clusters, &standings, lasting)
}

/// Gives the tree, and how many rounds over all shards it took.
async fn grow(
    fit: &Fit<'_>,
    request: &BisectingRequest,
    columns: &[String],
    sample: &[SampleRow],
    matrix: &PackTask,
) -> Result<(Tree, u64)> {
    let ask = async |request| match fit.round(columns, Some(matrix), fit_task::Round::Bisecting(request)).await? {
        fit_answer::Round::Bisecting(answer) => Ok(answer),
        _ => Err(unexpected()),
    };
    fit.drive(BisectingFit::new(request.clone(), sample)?, ask).await
}

/// Measures the tree; gives it back.
async fn measured(
    fit: &Fit<'_>,
    request: BisectingRequest,
    tree: Tree,
    sample: Vec<SampleRow>,
) -> Result<(Tree, BisectingEvidence)> {
    let measure = move || bisecting_evidence(&request, &tree, &sample).map(|evidence| (tree, evidence));
    fit.compute(measure).await
}

/// The splits in the order in which they were made.
fn splits(tree: &Tree) -> Vec<Value> {
    let split = |(position, split): (usize, &SplitDone)| {
        let mut sides = tree.sides(position);
        sides.sort_by(|left, right| left.path.cmp(&right.path));
        let after: u128 = sides.iter().map(|side| side.inertia).sum();
        let before = &tree.nodes()[split.node];
        json!({
            "path": before.path,
            "customers": before.rows,
            "inertia_before": scaled(before.inertia),
            "inertia_after": scaled(after),
            "sides": sides.map(|side| json!({ "path": side.path, "customers": side.rows })),
            "iterations": split.iterations,
            "stopped": split.stop,
        })
    };
    tree.splits().iter().enumerate().map(split).collect()
}

/// The leaves by key, and why each is not split further.
fn leaves(tree: &Tree, model: &BisectingModel, speaks: &BisectingEvidence) -> Vec<Value> {
    let of_path = |path: &str| tree.nodes().iter().find(|node| node.path == path);
    let stability: BTreeMap<&str, Option<f64>> = std::iter::zip(tree.leaves(), &speaks.jaccard_by_leaf)
        .map(|(leaf, jaccard)| (tree.nodes()[leaf].path.as_str(), *jaccard))
        .collect();
    let leaf = |leaf: &LeafModel| {
        let node = of_path(&leaf.path);
        json!({
            "segment_key": leaf.key,
            "path": leaf.path,
            "parent": leaf.parent,
            "customers": leaf.customers,
            "jaccard": stability.get(leaf.path.as_str()).copied().flatten(),
            "inertia": node.map(|node: &Node| scaled(node.inertia)),
            "stopped": leaf.stopped,
            "why": leaf.stopped.reason(),
            "refused_side": node.and_then(|node| node.refused_side),
        })
    };
    model.leaves.iter().map(leaf).collect()
}

fn scaled(inertia: u128) -> f64 {
    inertia as f64 / (GRID * GRID)
}

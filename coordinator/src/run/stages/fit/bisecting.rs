//! Nested clusters: the group of the largest inertia is split in two, again and again.

use super::{
    super::rounds::unexpected,
    Fit, FitOutcome,
    features::{described, standings},
    matrix::{Packed, doubtful, pack, rounds_since},
};
use crate::report::suggest_names;
use segmenter_proto::{
    Error, Result,
    jobs::BisectingMethod,
    models::{BisectingModel, GRID, LeafModel, LeafStop, SegmentationModel},
    v1::{BisectingAnswer, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::{
    bisecting::{BisectingFit, BisectingRequest, Node, SplitDone, Tree, model_of},
    kmeans::{Layout, SampleRow},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Finds the tree.
pub async fn fit(fit: &Fit<'_>, name: &str, method: &BisectingMethod) -> Result<FitOutcome> {
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let before = fit.rounds.traffic();
    let sample_rows = sample.len();
    let (tree, rounds) = grow(fit, name, method, layout, sample, &task).await?;
    let rounds = rounds_since(fit, before, rounds);
    let mut warnings: Vec<String> = doubtful(&features).collect();
    if tree.splits().is_empty() {
        let why = tree.nodes()[0].stop.unwrap_or(LeafStop::OnePlace).reason();
        warnings.push(format!("no useful groups: all customers are one, since {why}"));
    }
    let mut model = model_of(name, features, &tree);
    model.filter = method.filter.clone();
    let places = model.leaves.iter().map(|leaf| (&*leaf.centroid_units, &*leaf.centroid_scaled));
    let suggested = suggest_names(&standings(&model.features, places));
    let mut told = BTreeMap::new();
    for (leaf, suggested) in model.leaves.iter_mut().zip(suggested) {
        match method.names.get(&leaf.key) {
            Some(name) => leaf.name.clone_from(name),
            None => {
                leaf.name = suggested.name;
                told.insert(leaf.key.clone(), suggested.told);
            }
        }
    }
    let statistics = tree.statistics();
    let evidence = json!({
        "method": "bisecting",
        "k": model.leaves.len(),
        "most_leaves": method.k,
        "min_share": method.min_share,
        "smallest_rows": tree.smallest(),
        "sample_rows": sample_rows,
        "rows": counted.rows,
        "rounds": rounds,
        "splits": splits(&tree),
        "leaves": leaves(&tree, &model),
        "inertia": statistics.inertia_scaled(),
        "explained": statistics.explained(),
        "calinski_harabasz": statistics.calinski_harabasz(),
        // Exact, in squared grid units of 2⁻²⁰; as text, since JSON numbers do not hold it.
        "inertia_exact_units": statistics.inertia.to_string(),
        "features": described(&model.features)?,
        // What the table at the end calls them, wherever it is read: without the values of customers.
        "names": told,
    });
    Ok(FitOutcome { model: SegmentationModel::Bisecting(model), evidence, warnings })
}

/// Gives the tree, and how many rounds over all shards it took.
async fn grow(
    fit: &Fit<'_>,
    name: &str,
    method: &BisectingMethod,
    layout: Layout,
    sample: Vec<SampleRow>,
    matrix: &PackTask,
) -> Result<(Tree, u64)> {
    let request = BisectingRequest {
        segmentation: name.to_owned(),
        seed: fit.job.seed,
        k: method.k,
        min_share: method.min_share,
        restarts: method.restarts,
        layout,
    };
    let mut tree = BisectingFit::new(request, &sample)?;
    drop(sample);
    let mut rounds = 0;
    while let Some(request) = tree.next_request() {
        match fit.round(&method.features, Some(matrix), fit_task::Round::Bisecting(request)).await? {
            fit_answer::Round::Bisecting(answer) => tree = absorbed(fit, tree, answer).await?,
            _ => return Err(unexpected("fit")),
        }
        rounds += 1;
    }
    Ok((tree.finish()?, rounds))
}

/// Takes an answer on threads of their own: the start of a split can take a second, and the runtime must stay free.
async fn absorbed(fit: &Fit<'_>, mut tree: BisectingFit, answer: BisectingAnswer) -> Result<BisectingFit> {
    let compute = fit.rounds.compute().clone();
    let absorbed = tokio::task::spawn_blocking(move || {
        compute.install(move || {
            tree.absorb(answer)?;
            Ok(tree)
        })
    });
    absorbed.await.map_err(|error| Error::bug("a split of clusters panicked").caused_by(error))?
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
fn leaves(tree: &Tree, model: &BisectingModel) -> Vec<Value> {
    let of_path = |path: &str| tree.nodes().iter().find(|node| node.path == path);
    let leaf = |leaf: &LeafModel| {
        let node = of_path(&leaf.path);
        json!({
            "segment_key": leaf.key,
            "path": leaf.path,
            "parent": leaf.parent,
            "customers": leaf.customers,
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

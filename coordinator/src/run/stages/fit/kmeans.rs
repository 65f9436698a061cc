//! Clusters: features by rounds of statistics, start and number of clusters on a sample, then Lloyd over all rows.

use super::{
    super::rounds::unexpected,
    Fit, FitOutcome,
    features::{described, standings},
    matrix::{Packed, constants, pack, rounds_since},
};
use crate::report::suggest_names;
use segmenter_proto::{
    Error, Result,
    jobs::KmeansMethod,
    models::{KmeansModel, SegmentationModel},
    v1::{KmeansAnswer, KmeansRequest, KmeansStep, MatrixStatistics, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::kmeans::{
    Centroids, Choice, ChoiceRequest, ClusterSpread, KmeansFit, KmeansResult, Layout, SampleRow, Separation, choose,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Labellings of all rows at most.
const MOST_ITERATIONS: u32 = 100;

/// Finds the clusters.
pub async fn fit(fit: &Fit<'_>, name: &str, method: &KmeansMethod) -> Result<FitOutcome> {
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let choice = choose_start(fit, name, method, layout, sample).await?;
    let before = fit.rounds.traffic();
    let (result, rounds) = lloyd(fit, &method.features, &task, &choice).await?;
    let separation = separation(fit, &method.features, &task, &result.centroids).await?;
    let rounds = rounds_since(fit, before, rounds);
    let mut warnings: Vec<String> = choice.no_useful_groups.iter().cloned().collect();
    warnings.extend(constants(&features));
    let centroids: Vec<Vec<i32>> = result.centroids.iter().map(<[i32]>::to_vec).collect();
    let statistics = &result.statistics;
    let spread: Vec<f64> = separation.clusters().iter().map(ClusterSpread::rms_distance).collect();
    let mut model = KmeansModel::new(name, features, &centroids, &statistics.counts, &statistics.smallest_ids)
        .with_rms_distances(&spread);
    model.filter = method.filter.clone();
    let places = model.clusters.iter().map(|cluster| (&*cluster.centroid_units, &*cluster.centroid_scaled));
    let suggested = suggest_names(&standings(&model.features, places));
    let mut told = BTreeMap::new();
    for (cluster, suggested) in model.clusters.iter_mut().zip(suggested) {
        match method.names.get(&cluster.key) {
            Some(name) => cluster.name.clone_from(name),
            None => {
                cluster.name = suggested.name;
                told.insert(cluster.key.clone(), suggested.told);
            }
        }
    }
    let mut evidence = evidence(&choice, &result, &separation, &model, &counted, rounds)?;
    // What the table at the end calls them, wherever it is read: without the values of customers.
    evidence["names"] = json!(told);
    Ok(FitOutcome { model: SegmentationModel::Kmeans(model), evidence, warnings })
}

/// Finds start and number of clusters on threads of their own: it is work of seconds, and the runtime must stay free.
async fn choose_start(
    fit: &Fit<'_>,
    name: &str,
    method: &KmeansMethod,
    layout: Layout,
    sample: Vec<SampleRow>,
) -> Result<Choice> {
    let (name, seed, k, restarts) = (name.to_owned(), fit.job.seed, method.k, method.restarts);
    let compute = fit.rounds.compute().clone();
    let chosen = tokio::task::spawn_blocking(move || {
        let request = ChoiceRequest { segmentation: &name, seed, k, restarts, layout };
        compute.install(|| choose(&request, &sample))
    });
    chosen.await.map_err(|error| Error::bug("the choice of clusters panicked").caused_by(error))?
}

/// Gives the clusters, and how many rounds over all shards they took.
async fn lloyd(fit: &Fit<'_>, columns: &[String], matrix: &PackTask, choice: &Choice) -> Result<(KmeansResult, u64)> {
    let mut iterations = KmeansFit::new(choice.centroids()?, MOST_ITERATIONS);
    let mut rounds = 0;
    while let Some(request) = iterations.next_request() {
        match fit.round(columns, Some(matrix), fit_task::Round::Kmeans(request)).await? {
            fit_answer::Round::Kmeans(answer) => iterations.absorb(answer)?,
            _ => return Err(unexpected("fit")),
        }
        rounds += 1;
    }
    Ok((iterations.finish()?, rounds))
}

/// Goes over all rows once more for what the iterations did not need to know.
async fn separation(fit: &Fit<'_>, columns: &[String], matrix: &PackTask, centroids: &Centroids) -> Result<Separation> {
    let request = KmeansRequest {
        step: KmeansStep::Separation.into(),
        centroids: Some(centroids.to_message()),
        ..KmeansRequest::default()
    };
    match fit.round(columns, Some(matrix), fit_task::Round::Kmeans(request)).await? {
        fit_answer::Round::Kmeans(KmeansAnswer { separation: Some(found), .. }) => Separation::from_message(&found),
        _ => Err(unexpected("fit")),
    }
}

fn evidence(
    choice: &Choice,
    result: &KmeansResult,
    separation: &Separation,
    model: &KmeansModel,
    counted: &MatrixStatistics,
    rounds: Value,
) -> Result<Value> {
    let jaccard = choice.evidence.iter().find(|evidence| evidence.k == choice.k).map(|of| &of.jaccard_by_cluster);
    let segments: Vec<Value> = std::iter::zip(&model.clusters, model.clusters.iter().map(|of| of.tie_rank as usize))
        .map(|(cluster, rank)| {
            json!({
                "key": cluster.key,
                "customers": cluster.customers,
                "jaccard": jaccard.and_then(|of| of.get(rank).copied().flatten()),
                "simplified_silhouette": separation.clusters().get(rank).and_then(ClusterSpread::silhouette),
                "rms_distance": cluster.rms_distance,
            })
        })
        .collect();
    Ok(json!({
        "method": "kmeans",
        "k": choice.k,
        "why_k": choice.reason,
        "no_useful_groups": choice.no_useful_groups,
        "sample_rows": choice.sample_rows,
        "candidates": choice.evidence,
        "gaps": choice.gaps,
        "gap_k": choice.gap_k,
        "segments": segments,
        "rows": counted.rows,
        "iterations": result.iterations,
        "rounds": rounds,
        "stopped": result.stop,
        "inertia": result.statistics.inertia_scaled(),
        "explained": result.statistics.explained(),
        "calinski_harabasz": result.statistics.calinski_harabasz(),
        "davies_bouldin": separation.davies_bouldin(&result.centroids),
        "simplified_silhouette": separation.simplified_silhouette(),
        "smallest_share": separation.smallest_share(),
        // Exact, in squared grid units of 2⁻²⁰; as text, since JSON numbers do not hold it.
        "inertia_exact_units": result.statistics.inertia.to_string(),
        "features": described(&model.features)?,
    }))
}

//! Clusters: features by rounds of statistics, start and number of clusters on a sample, then Lloyd over all rows.

use super::{
    super::rounds::unexpected,
    Fit, FitOutcome,
    features::{described, standings},
    matrix::{Packed, doubtful, pack, rounds_since},
    stability::unstable,
    starts::Rows,
};
use crate::report::suggest_names;
use segmenter_proto::{
    Error, Result,
    jobs::KmeansMethod,
    models::{ClusterModel, KmeansModel, SegmentationModel},
    v1::{KmeansRequest, KmeansStep, MatrixStatistics},
};
use segmenter_worker::segmentation::kmeans::{
    Centroids, Choice, ClusterSpread, KmeansResult, RaceResult, Separation, Stability,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a fit over all rows can start.
const STARTS: [&str; 2] = ["sample", "kmeans_parallel"];

/// Finds the clusters.
pub async fn fit(fit: &Fit<'_>, name: &str, method: &KmeansMethod) -> Result<FitOutcome> {
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let rows = Rows { fit, name, columns: &method.features, matrix: &task, layout: &layout, restarts: method.restarts };
    let (choice, sample) = rows.choose(method.k, sample).await?;
    let before = fit.rounds.traffic();
    let (race, rounds_made) = rows.iterate(&choice, &sample, counted.rows).await?;
    let result = race.results.get(race.winner).ok_or_else(|| Error::bug("a k-means race without a winner"))?;
    let separation = separation(&rows, &result.centroids).await?;
    // Clusters from another start than the choice's are others than those whose stability was measured.
    let measured = choice.evidence.iter().find(|of| of.k == choice.k).filter(|_| race.winner == 0);
    let stability = match measured {
        Some(of) => Stability { by_cluster: of.jaccard_by_cluster.clone(), rows: of.jaccard_rows },
        None => rows.stability(sample, result.centroids.clone()).await?,
    };
    let rounds = rounds_since(fit, before, rounds_made);
    let doubts: Vec<String> = doubtful(&features).collect();
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
    let mut warnings: Vec<String> = choice.no_useful_groups.iter().cloned().collect();
    let of_cluster = |cluster: &ClusterModel| stability.by_cluster.get(cluster.tie_rank as usize).copied().flatten();
    let by_key: Vec<(&str, Option<f64>)> =
        model.clusters.iter().map(|cluster| (cluster.key.as_str(), of_cluster(cluster))).collect();
    warnings.extend(unstable(&by_key));
    warnings.extend(doubts);
    let found = Found { choice: &choice, race: &race, result, separation: &separation, stability: &stability };
    let mut evidence = evidence(&found, &model, &counted, rounds)?;
    // What the table at the end calls them, wherever it is read: without the values of customers.
    evidence["names"] = json!(told);
    Ok(FitOutcome { model: SegmentationModel::Kmeans(model), evidence, warnings })
}

/// Goes over all rows once more for what the iterations did not need to know.
async fn separation(rows: &Rows<'_>, centroids: &Centroids) -> Result<Separation> {
    let (step, centroids) = (KmeansStep::Separation.into(), Some(centroids.to_message()));
    let answer = rows.ask(KmeansRequest { step, centroids, ..KmeansRequest::default() }).await?;
    Separation::from_message(&answer.separation.ok_or_else(|| unexpected("fit"))?)
}

/// What the evidence tells of.
struct Found<'a> {
    choice: &'a Choice,
    race: &'a RaceResult,
    result: &'a KmeansResult,
    separation: &'a Separation,
    /// Of the clusters, in the fit's order.
    stability: &'a Stability,
}

fn evidence(found: &Found<'_>, model: &KmeansModel, counted: &MatrixStatistics, rounds: Value) -> Result<Value> {
    let Found { choice, race, result, separation, stability } = found;
    let segments: Vec<Value> = std::iter::zip(&model.clusters, model.clusters.iter().map(|of| of.tie_rank as usize))
        .map(|(cluster, rank)| {
            json!({
                "key": cluster.key,
                "customers": cluster.customers,
                "jaccard": stability.by_cluster.get(rank).copied().flatten(),
                "simplified_silhouette": separation.clusters().get(rank).and_then(ClusterSpread::silhouette),
                "rms_distance": cluster.rms_distance,
            })
        })
        .collect();
    let starts: Vec<Value> = std::iter::zip(STARTS, &race.results)
        .map(|(from, result)| {
            let inertia = result.statistics.inertia_scaled();
            json!({ "from": from, "inertia": inertia, "iterations": result.iterations, "stopped": result.stop })
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
        "jaccard_rows": stability.rows,
        "rows": counted.rows,
        "start": STARTS.get(race.winner),
        "starts": starts,
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

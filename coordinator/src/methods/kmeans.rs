//! Clusters: how the job says them; features by rounds of statistics, start and number of clusters on a sample, then Lloyd over all rows.

use super::{
    Fit, FitOutcome, Scope,
    features::{Named, described, standings},
    fit::{figures, unexpected},
    is_of,
    lasting::{LastingKeys, lasting_keys},
    matrix::{Packed, doubtful, pack, rounds_since},
    naming::name_clusters,
    refit::RawRefit,
    selection::{OfSegment, OfSegments, of_choice},
    space::{RawClusterCount, RawScale, RawSpace, RawTransform, RawWeight, cluster_count},
    stability::unstable,
    starts::Rows,
    warm::{centroids, warm},
};
use crate::checks::{Findings, Ordered};
use schemars::JsonSchema;
use segmenter_proto::{
    Error, Result,
    methods::{ClusterCount, ClusterModel, ClusterSpace, KmeansMethod, KmeansModel, SegmentationModel},
    v1::{FitEvidence, KmeansRequest, KmeansStep, MatrixStatistics},
};
use segmenter_worker::segmentation::kmeans::{
    Centroids, Choice, ClusterSpread, KmeansResult, RaceResult, Separation, Stability,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where a fit over all rows can start.
const STARTS: [&str; 2] = ["sample", "kmeans_parallel"];

/// Clusters by k-means.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Kmeans", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawKmeans {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Features, and columns of the customers source: numbers, text, true and false.
    #[schemars(required, length(min = 1))]
    pub(crate) features: Option<Vec<String>>,
    /// The number of clusters, or a range to choose it from.
    #[schemars(required)]
    pub(crate) k: Option<RawClusterCount>,
    /// Transform of numbers by feature; `default` is for all the others. Default: "auto".
    pub(crate) transform: Option<Ordered<RawTransform>>,
    /// Weight in the distance by feature, 0.01 to 100; `default` is for all the others. Default: 1. Only their ratios matter.
    pub(crate) weights: Option<Ordered<RawWeight>>,
    /// Scaling of all numbers. Default: "auto".
    pub(crate) scale: Option<RawScale>,
    /// Share of numbers cut at each end; 0 is none. Default: 0.005.
    #[schemars(range(min = 0, max = 0.25))]
    pub(crate) winsorise: Option<f64>,
    /// Starts of which the best is taken. Default: 10.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) restarts: Option<u32>,
    /// segment_name by key (c01, c02 and so on, in a first run by falling size).
    pub(crate) names: Option<Ordered<String>>,
    /// What the model of the run before is: "fresh" fits anew, "warm" starts from it, "frozen" takes the model as it is. Where there is none, it is fitted anew. Default: "fresh".
    pub(crate) refit: Option<RawRefit>,
}

impl RawKmeans {
    /// Checks it.
    pub(super) fn check(self, path: &str, scope: &Scope, findings: &mut Findings) -> Option<KmeansMethod> {
        let k = self.k.and_then(|k| cluster_count(k, path, findings));
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
        let space = space.check(path, scope, findings)?;
        Some(KmeansMethod { space, k: k? })
    }
}

/// Finds the clusters.
pub(super) async fn fit(fit: &Fit<'_>, method: &KmeansMethod) -> Result<FitOutcome> {
    let name = fit.name;
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let rows = Rows {
        fit,
        name,
        columns: &method.space.features,
        matrix: &task,
        layout: &layout,
        restarts: method.space.restarts,
    };
    let (earlier, anew) = warm(fit, method.k, |model| is_of(model, fit.method));
    let from = match earlier {
        Some(SegmentationModel::Kmeans(earlier)) => Some(centroids(earlier, &features)),
        _ => None,
    };
    let k = from.as_ref().map_or(method.k, |from| ClusterCount::Fixed(from.len() as u32));
    let (choice, sample) = rows.choose(k, sample).await?;
    let before = fit.shards.traffic();
    let (race, rounds_made) = match &from {
        None => rows.iterate(&choice, &sample, counted.rows).await?,
        Some(from) => rows.go_on(from).await?,
    };
    let result = race.results.get(race.winner).ok_or_else(|| Error::bug("a k-means race without a winner"))?;
    let separation = separation(&rows, &result.centroids).await?;
    // Clusters from another start than the choice's are others than those whose stability was measured.
    let is_choice = race.winner == 0 && from.is_none();
    let measured = choice.evidence.iter().find(|of| of.k == choice.k).filter(|_| is_choice);
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
    model.filter = method.space.filter.clone();
    let lasting = lasting_keys(fit, &SegmentationModel::Kmeans(model.clone())).await?;
    model.give_keys(&lasting.of, lasting.next.max(model.next_key));
    let names = self::name(fit, &method.space, &mut model, &lasting);
    let mut warnings: Vec<String> = anew.into_iter().chain(choice.no_useful_groups.iter().cloned()).collect();
    let of_cluster = |cluster: &ClusterModel| stability.by_cluster.get(cluster.tie_rank as usize).copied().flatten();
    let by_key: Vec<(&str, Option<f64>)> =
        model.clusters.iter().map(|cluster| (cluster.key.as_str(), of_cluster(cluster))).collect();
    warnings.extend(unstable(&by_key));
    warnings.extend(doubts);
    let starts: &[&str] = if from.is_some() { &["previous"] } else { &STARTS };
    let found = Found { choice: &choice, starts, race: &race, result, separation: &separation, stability: &stability };
    let segments = found.segments(&model, &counted);
    let mut described = found.described(&model, &segments, rounds)?;
    described["names"] = names;
    described["keys"] = lasting.described;
    let sampled = choice.evidence.iter().find(|of| of.k == choice.k);
    let figures = figures([
        ("explained", Some(segments.explained)),
        ("calinski_harabasz", segments.calinski_harabasz.or_else(|| sampled?.calinski_harabasz)),
        ("davies_bouldin", segments.davies_bouldin.or_else(|| sampled?.davies_bouldin)),
        ("jaccard", sampled.and_then(|of| of.jaccard)),
        ("simplified_silhouette", segments.simplified_silhouette.or_else(|| sampled?.simplified_silhouette)),
    ]);
    let selection = of_choice(&choice, &segments);
    let evidence = FitEvidence { described: described.to_string(), figures, selection };
    Ok(FitOutcome { model: SegmentationModel::Kmeans(model), evidence, warnings })
}

/// Names the clusters of a model; gives the suggestions, for run.json.
pub(super) fn name(fit: &Fit<'_>, space: &ClusterSpace, model: &mut KmeansModel, lasting: &LastingKeys) -> Value {
    let places = model.clusters.iter().map(|cluster| Named {
        units: &cluster.centroid_units,
        scaled: &cluster.centroid_scaled,
        customers: cluster.customers,
    });
    let standings = standings(&model.features, places, fit.min_cell);
    let clusters = model.clusters.iter_mut().map(|cluster| (cluster.key.as_str(), &mut cluster.name));
    name_clusters(fit, space, clusters, &standings, lasting)
}

/// Goes over all rows once more for what the iterations did not need to know.
async fn separation(rows: &Rows<'_>, centroids: &Centroids) -> Result<Separation> {
    let (step, centroids) = (KmeansStep::Separation.into(), Some(centroids.to_message()));
    let answer = rows.ask(KmeansRequest { step, centroids, ..KmeansRequest::default() }).await?;
    Separation::from_message(&answer.separation.ok_or_else(unexpected)?)
}

/// What the evidence tells of.
struct Found<'a> {
    choice: &'a Choice,
    /// What the starts of the race are called.
    starts: &'a [&'a str],
    race: &'a RaceResult,
    result: &'a KmeansResult,
    separation: &'a Separation,
    /// Of the clusters, in the fit's order.
    stability: &'a Stability,
}

impl Found<'_> {
    /// Gives what is known of the segments as they are written.
    fn segments(&self, model: &KmeansModel, counted: &MatrixStatistics) -> OfSegments {
        let segment = |cluster: &ClusterModel| {
            let rank = cluster.tie_rank as usize;
            OfSegment {
                key: cluster.key.clone(),
                customers: cluster.customers,
                jaccard: self.stability.by_cluster.get(rank).copied().flatten(),
                simplified_silhouette: self.separation.clusters().get(rank).and_then(ClusterSpread::silhouette),
            }
        };
        let statistics = &self.result.statistics;
        OfSegments {
            segments: model.clusters.iter().map(segment).collect(),
            jaccard_rows: self.stability.rows,
            rows: counted.rows,
            inertia: statistics.inertia_scaled(),
            explained: statistics.explained(),
            calinski_harabasz: statistics.calinski_harabasz(),
            davies_bouldin: self.separation.davies_bouldin(&self.result.centroids),
            simplified_silhouette: self.separation.simplified_silhouette(),
            smallest_share: self.separation.smallest_share(),
        }
    }

    /// Describes the fit for run.json.
    fn described(&self, model: &KmeansModel, of: &OfSegments, rounds: Value) -> Result<Value> {
        let Found { choice, starts: from, race, result, .. } = self;
        let segments = model.clusters.iter().zip(&of.segments).map(|(cluster, of)| {
            json!({
                "key": of.key,
                "customers": of.customers,
                "jaccard": of.jaccard,
                "simplified_silhouette": of.simplified_silhouette,
                "rms_distance": cluster.rms_distance,
            })
        });
        let starts = std::iter::zip(*from, &race.results).map(|(from, result)| {
            let inertia = result.statistics.inertia_scaled();
            json!({ "from": from, "inertia": inertia, "iterations": result.iterations, "stopped": result.stop })
        });
        Ok(json!({
            "method": "kmeans",
            "k": choice.k,
            "why_k": choice.reason,
            "no_useful_groups": choice.no_useful_groups,
            "sample_rows": choice.sample_rows,
            "candidates": choice.evidence,
            "gaps": choice.gaps,
            "gap_k": choice.gap_k,
            "segments": segments.collect::<Vec<_>>(),
            "jaccard_rows": of.jaccard_rows,
            "rows": of.rows,
            "start": from.get(race.winner),
            "starts": starts.collect::<Vec<_>>(),
            "iterations": result.iterations,
            "rounds": rounds,
            "stopped": result.stop,
            "inertia": of.inertia,
            "explained": of.explained,
            "calinski_harabasz": of.calinski_harabasz,
            "davies_bouldin": of.davies_bouldin,
            "simplified_silhouette": of.simplified_silhouette,
            "smallest_share": of.smallest_share,
            // Exact, in squared grid units of 2⁻²⁰; as text, since JSON numbers do not hold it.
            "inertia_exact_units": result.statistics.inertia.to_string(),
            "features": described(&model.features)?,
        }))
    }
}

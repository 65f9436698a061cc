//! Clusters: transforms by rounds of statistics, start and number of clusters on a sample, then Lloyd over all rows.

use super::{super::rounds::unexpected, Fit, FitOutcome};
use crate::report::{Standing, suggest_names};
use segmenter_proto::{
    Error, Result,
    jobs::KmeansMethod,
    models::{AppliedScale, FeatureTransform, KmeansModel, SegmentationModel},
    v1::{KmeansAnswer, KmeansRequest, MatrixStatistics, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::{
    kmeans::{
        Choice, ChoiceRequest, KmeansFit, KmeansResult, SampleHeap, SampleRow, choose, merge_kmeans_answers,
        merge_matrix_statistics, sample_size,
    },
    transform::{FeatureRequest, TransformSolver},
};

/// Labellings of all rows at most.
const MOST_ITERATIONS: u32 = 100;

/// Finds the clusters.
pub async fn fit(fit: &Fit<'_>, name: &str, method: &KmeansMethod) -> Result<FitOutcome> {
    let transforms = transforms(fit, method).await?;
    let (features, sample, counted) = pack(fit, name, transforms, &method.features).await?;
    let choice = choose_start(fit, name, method, sample).await?;
    let result = lloyd(fit, &method.features, &choice).await?;
    let mut warnings: Vec<String> = choice.no_useful_groups.iter().cloned().collect();
    for feature in features.iter().filter(|feature| feature.scaling == AppliedScale::Constant) {
        warnings.push(format!("feature {} has one value only and does not tell customers apart", feature.name));
    }
    let evidence = evidence(&choice, &result, &features, &counted);
    let centroids: Vec<Vec<i32>> = result.centroids.iter().map(<[i32]>::to_vec).collect();
    let statistics = &result.statistics;
    let mut model = KmeansModel::new(name, features, &centroids, &statistics.counts, &statistics.smallest_ids);
    model.filter = method.filter.clone();
    let suggested = suggest_names(&standings(&model));
    for (cluster, suggested) in model.clusters.iter_mut().zip(suggested) {
        cluster.name = method.names.get(&cluster.key).cloned().unwrap_or(suggested);
    }
    Ok(FitOutcome { model: SegmentationModel::Kmeans(model), evidence, warnings })
}

/// Where each cluster stands: scaled values are distances from the centre of all in units of their spread.
fn standings(model: &KmeansModel) -> Vec<Vec<Standing>> {
    let standing =
        |(feature, scaled): (&FeatureTransform, &f64)| Standing { feature: feature.name.clone(), z_score: *scaled };
    let clusters = model.clusters.iter();
    clusters.map(|cluster| model.features.iter().zip(&cluster.centroid_scaled).map(standing).collect()).collect()
}

async fn transforms(fit: &Fit<'_>, method: &KmeansMethod) -> Result<Vec<FeatureTransform>> {
    let requests = method.features.iter().zip(&method.transforms);
    let requests = requests.map(|(name, transform)| FeatureRequest { name: name.clone(), transform: *transform });
    let mut solver = TransformSolver::new(requests.collect(), method.scale, method.winsorise)?;
    while let Some(request) = solver.next_request() {
        solver.absorb(&fit.statistics(&method.features, request).await?)?;
    }
    solver.finish()
}

/// Builds the matrices and draws the sample.
async fn pack(
    fit: &Fit<'_>,
    name: &str,
    mut features: Vec<FeatureTransform>,
    columns: &[String],
) -> Result<(Vec<FeatureTransform>, Vec<SampleRow>, MatrixStatistics)> {
    let size = sample_size(features.len());
    let transforms = serde_json::to_string(&features)
        .map_err(|error| Error::bug("transforms could not be written").caused_by(error))?;
    let mut sample = SampleHeap::new(fit.job.seed, name, size);
    let mut total: Option<MatrixStatistics> = None;
    let round = fit_task::Round::Pack(PackTask { features: transforms, sample: size as u32 });
    fit.round(columns, round, |answer| {
        let fit_answer::Round::Pack(answer) = answer else { return Err(unexpected("fit")) };
        sample.merge(answer.sample.unwrap_or_default());
        let counted = answer.statistics.unwrap_or_default();
        match &mut total {
            None => total = Some(counted),
            Some(total) => merge_matrix_statistics(total, &counted)?,
        }
        Ok(())
    })
    .await?;
    let counted = total.unwrap_or_default();
    for (feature, clipped) in features.iter_mut().zip(&counted.clipped) {
        feature.clipped_share = if counted.rows == 0 { 0.0 } else { *clipped as f64 / counted.rows as f64 };
    }
    let sample = sample.into_rows(features.len())?;
    Ok((features, sample, counted))
}

/// Finds start and number of clusters on threads of their own: it is work of seconds, and the runtime must stay free.
async fn choose_start(fit: &Fit<'_>, name: &str, method: &KmeansMethod, sample: Vec<SampleRow>) -> Result<Choice> {
    let (name, seed, k, restarts) = (name.to_owned(), fit.job.seed, method.k, method.restarts);
    let compute = fit.rounds.compute().clone();
    let chosen = tokio::task::spawn_blocking(move || {
        let request = ChoiceRequest { segmentation: &name, seed, k, restarts };
        compute.install(|| choose(&request, &sample))
    });
    chosen.await.map_err(|error| Error::bug("the choice of clusters panicked").caused_by(error))?
}

async fn lloyd(fit: &Fit<'_>, columns: &[String], choice: &Choice) -> Result<KmeansResult> {
    let mut iterations = KmeansFit::new(choice.centroids()?, MOST_ITERATIONS);
    while let Some(request) = iterations.next_request() {
        iterations.absorb(kmeans_round(fit, columns, request).await?)?;
    }
    iterations.finish()
}

async fn kmeans_round(fit: &Fit<'_>, columns: &[String], request: KmeansRequest) -> Result<KmeansAnswer> {
    let mut total: Option<KmeansAnswer> = None;
    fit.round(columns, fit_task::Round::Kmeans(request), |answer| {
        let fit_answer::Round::Kmeans(answer) = answer else { return Err(unexpected("fit")) };
        match &mut total {
            None => total = Some(answer),
            Some(total) => merge_kmeans_answers(total, answer)?,
        }
        Ok(())
    })
    .await?;
    total.ok_or_else(|| Error::bug("a round over no shards"))
}

fn evidence(
    choice: &Choice,
    result: &KmeansResult,
    features: &[FeatureTransform],
    counted: &MatrixStatistics,
) -> serde_json::Value {
    serde_json::json!({
        "method": "kmeans",
        "k": choice.k,
        "why_k": choice.reason,
        "no_useful_groups": choice.no_useful_groups,
        "sample_rows": choice.sample_rows,
        "candidates": choice.evidence,
        "rows": counted.rows,
        "iterations": result.iterations,
        "stopped": result.stop,
        "inertia": result.statistics.inertia_scaled(),
        "explained": result.statistics.explained(),
        "calinski_harabasz": result.statistics.calinski_harabasz(),
        // Exact, in squared grid units of 2⁻²⁰; as text, since JSON numbers do not hold it.
        "inertia_exact_units": result.statistics.inertia.to_string(),
        "features": features,
    })
}

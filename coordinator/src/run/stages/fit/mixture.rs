//! A mixture of Gaussians: start and number of components on a sample, then expectation maximisation over all rows.

use super::{
    super::rounds::unexpected,
    Fit, FitOutcome,
    features::{described, standings},
    matrix::{Packed, doubtful, pack, rounds_since},
};
use crate::report::suggest_names;
use segmenter_proto::{
    Error, Result,
    jobs::{ClusterCount, MixtureMethod},
    models::{ComponentModel, FeatureModel, GRID, MixtureModel, SegmentationModel},
    v1::{PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::{
    kmeans::{Layout, SampleRow},
    mixture::{
        MixtureChoice, MixtureFit, MixtureRequest, MixtureResult, MixtureStop, SMALLEST_VARIANCE, choose_mixture,
    },
};
use serde_json::json;

/// Passes over all rows at most.
const MOST_ROUNDS: u32 = 50;
/// A smaller rise of the mean log-likelihood a row ends the fit.
const TOLERANCE: f64 = 1e-6;

/// Finds the components.
pub async fn fit(fit: &Fit<'_>, name: &str, method: &MixtureMethod) -> Result<FitOutcome> {
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let choice = choose(fit, name, method, layout, sample).await?;
    let before = fit.rounds.traffic();
    let result = maximise(fit, &method.features, &task, &choice).await?;
    let rounds = rounds_since(fit, before, result.rounds.into());
    let mut warnings: Vec<String> = choice.no_useful_groups.iter().cloned().collect();
    warnings.extend(doubtful(&features));
    let dropped = (choice.k as usize).saturating_sub(result.components.len());
    if dropped > 0 {
        warnings.push(format!("{dropped} of {} components had less than one customer and were dropped", choice.k));
    }
    let narrow = result.components.iter().filter(|own| own.variances.iter().any(|of| *of <= SMALLEST_VARIANCE)).count();
    if narrow > 0 {
        warnings.push(format!(
            "{narrow} of {} components have next to no spread in a feature: they are customers of one value, such as one whole number or \
             what stands for null; another method, or the feature left out, may serve better",
            result.components.len()
        ));
    }
    if let ClusterCount::Range { min, max, .. } = method.k
        && choice.k == max
        && max > min
    {
        warnings
            .push(format!("the largest number of components that was tried, {max}, is the best: more may be better"));
    }
    if result.stop == MixtureStop::Cap {
        warnings.push(format!("the likelihood was still rising after {MOST_ROUNDS} rounds"));
    }
    let mut model = model_of(name, features, &result);
    model.filter = method.filter.clone();
    let units: Vec<Vec<i32>> = model
        .components
        .iter()
        .map(|own| own.mean_scaled.iter().map(|mean| (mean * GRID).round() as i32).collect())
        .collect();
    let places = units.iter().zip(&model.components).map(|(units, own)| (&**units, &*own.mean_scaled));
    let suggested = suggest_names(&standings(&model.features, places));
    for (component, suggested) in model.components.iter_mut().zip(suggested) {
        component.name = method.names.get(&component.key).cloned().unwrap_or(suggested.name);
    }
    let evidence = json!({
        "method": "mixture",
        "k": model.components.len(),
        "why_k": choice.reason,
        "no_useful_groups": choice.no_useful_groups,
        "compared_on_rows": choice.rows,
        "numbers_of_components": choice.evidence,
        "rows": counted.rows,
        "rounds": rounds,
        "stopped": result.stop,
        "chosen": choice.k,
        "dropped": dropped,
        "mean_log_likelihood": result.statistics.mean_log_likelihood(),
        // Exact, in units of 2⁻³²; as text, since JSON numbers do not hold it.
        "log_likelihood_exact_units": result.statistics.log_likelihood.to_string(),
        "features": described(&model.features)?,
    });
    Ok(FitOutcome { model: SegmentationModel::Mixture(model), evidence, warnings })
}

/// Finds start and number of components on threads of their own: it is work of seconds, and the runtime must stay free.
async fn choose(
    fit: &Fit<'_>,
    name: &str,
    method: &MixtureMethod,
    layout: Layout,
    sample: Vec<SampleRow>,
) -> Result<MixtureChoice> {
    let (name, seed, k, restarts) = (name.to_owned(), fit.job.seed, method.k, method.restarts);
    let compute = fit.rounds.compute().clone();
    let chosen = tokio::task::spawn_blocking(move || {
        let request = MixtureRequest { segmentation: &name, seed, k, restarts, layout };
        compute.install(|| choose_mixture(&request, &sample))
    });
    chosen.await.map_err(|error| Error::bug("the choice of components panicked").caused_by(error))?
}

async fn maximise(
    fit: &Fit<'_>,
    columns: &[String],
    matrix: &PackTask,
    choice: &MixtureChoice,
) -> Result<MixtureResult> {
    let mut rounds = MixtureFit::new(choice.start.clone(), TOLERANCE, MOST_ROUNDS);
    while let Some(request) = rounds.next_request() {
        match fit.round(columns, Some(matrix), fit_task::Round::Mixture(request)).await? {
            fit_answer::Round::Mixture(answer) => rounds.absorb(&answer)?,
            _ => return Err(unexpected("fit")),
        }
    }
    rounds.finish()
}

fn model_of(name: &str, features: Vec<FeatureModel>, result: &MixtureResult) -> MixtureModel {
    let components = result.components.iter().zip(&result.statistics.counts);
    let components = components.map(|(component, customers)| {
        let original = features.iter().zip(&component.means).map(|(feature, mean)| match feature {
            FeatureModel::Number(number) => number.original(*mean),
            FeatureModel::Category(_) => *mean,
        });
        ComponentModel {
            key: String::new(),
            name: String::new(),
            customers: *customers,
            tie_rank: 0,
            weight: component.weight,
            mean_scaled: component.means.clone(),
            variance_scaled: component.variances.clone(),
            mean_original: original.collect(),
        }
    });
    let components = MixtureModel::key_components(components.collect(), &result.statistics.smallest_ids);
    MixtureModel { segmentation: name.to_owned(), filter: None, features, components }
}

//! A mixture of Gaussians: start and number of components on a sample, then expectation maximisation over all rows.

use super::{
    Fit, FitOutcome, Scope,
    features::{Named, described, standings},
    fit::{figures, unexpected},
    is_of,
    lasting::{LastingKeys, lasting_keys},
    matrix::{Packed, doubtful, pack, rounds_since},
    naming::name_clusters,
    refit::RawRefit,
    selection::of_components,
    space::{RawClusterCount, RawScale, RawSpace, RawTransform, cluster_count},
    warm::{components, warm},
};
use crate::checks::{Findings, Ordered};
use schemars::JsonSchema;
use segmenter_proto::{
    Result,
    methods::{ClusterCount, ClusterSpace, ComponentModel, MixtureMethod, MixtureModel, SegmentationModel},
    models::{FeatureModel, GRID},
    v1::{FitEvidence, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::{
    kmeans::{Layout, SampleRow},
    mixture::{
        MixtureChoice, MixtureFit, MixtureRequest, MixtureResult, MixtureStop, SMALLEST_VARIANCE, choose_mixture,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Passes over all rows at most.
const MOST_ROUNDS: u32 = 50;
/// A smaller rise of the mean log-likelihood a row ends the fit.
const TOLERANCE: f64 = 1e-6;

/// Groups that overlap, with probabilities: a mixture of Gaussians with diagonal covariances.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Mixture", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawMixture {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Features, and columns of the customers source: numbers.
    #[schemars(required, length(min = 1))]
    pub(crate) features: Option<Vec<String>>,
    /// The number of groups, or a range to choose it from by BIC.
    #[schemars(required)]
    pub(crate) k: Option<RawClusterCount>,
    /// Transform by feature; `default` is for all the others. Default: "auto".
    pub(crate) transform: Option<Ordered<RawTransform>>,
    /// Scaling of all features. Default: "auto".
    pub(crate) scale: Option<RawScale>,
    /// Share cut at each end; 0 is none. Default: 0.005.
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

impl RawMixture {
    /// Checks it.
    pub(super) fn check(self, path: &str, scope: &Scope, findings: &mut Findings) -> Option<MixtureMethod> {
        let k = self.k.and_then(|k| cluster_count(k, path, findings));
        let space = RawSpace {
            filter: self.filter,
            features: self.features,
            transform: self.transform,
            weights: None,
            scale: self.scale,
            winsorise: self.winsorise,
            restarts: self.restarts,
            names: self.names,
        };
        let space = space.check(path, scope, findings)?;
        Some(MixtureMethod { space, k: k? })
    }
}

/// Finds the components.
pub(super) async fn fit(fit: &Fit<'_>, method: &MixtureMethod) -> Result<FitOutcome> {
    let name = fit.name;
    let Packed { features, layout, sample, counted, task } = pack(fit).await?;
    let (earlier, anew) = warm(fit, method.k, |model| is_of(model, fit.method));
    let from = match earlier {
        Some(SegmentationModel::Mixture(earlier)) => Some(components(earlier, &features)),
        _ => None,
    };
    let k = from.as_ref().map_or(method.k, |from| ClusterCount::Fixed(from.len() as u32));
    let mut choice = choose(fit, method, k, layout, sample).await?;
    if let Some(from) = from {
        choice.start = from;
    }
    let before = fit.shards.traffic();
    let result = maximise(fit, &method.space.features, &task, &choice).await?;
    let rounds = rounds_since(fit, before, result.rounds.into());
    let mut warnings: Vec<String> = anew.into_iter().chain(choice.no_useful_groups.iter().cloned()).collect();
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
    model.filter = method.space.filter.clone();
    let lasting = lasting_keys(fit, &SegmentationModel::Mixture(model.clone())).await?;
    model.give_keys(&lasting.of, lasting.next.max(model.next_key));
    let names = self::name(fit, &method.space, &mut model, &lasting);
    let described = json!({
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
        "names": names,
        "keys": lasting.described,
    });
    let figures = figures([("mean_log_likelihood", Some(result.statistics.mean_log_likelihood()))]);
    let selection = of_components(&choice);
    let evidence = FitEvidence { described: described.to_string(), figures, selection };
    Ok(FitOutcome { model: SegmentationModel::Mixture(model), evidence, warnings })
}

/// Names the components of a model; gives the suggestions, for run.json.
pub(super) fn name(fit: &Fit<'_>, space: &ClusterSpace, model: &mut MixtureModel, lasting: &LastingKeys) -> Value {
    let units: Vec<Vec<i32>> = model
        .components
        .iter()
        .map(|own| own.mean_scaled.iter().map(|mean| (mean * GRID).round() as i32).collect())
        .collect();
    let places = units.iter().zip(&model.components).map(|(units, own)| Named {
        units,
        scaled: &own.mean_scaled,
        customers: own.customers,
    });
    let standings = standings(&model.features, places, fit.min_cell);
    let clusters = model.components.iter_mut().map(|component| (component.key.as_str(), &mut component.name));
    name_clusters(fit, space, clusters, &standings, lasting)
}

/// Finds start and number of components on the sample.
async fn choose(
    fit: &Fit<'_>,
    method: &MixtureMethod,
    k: ClusterCount,
    layout: Layout,
    sample: Vec<SampleRow>,
) -> Result<MixtureChoice> {
    let (name, seed, restarts) = (fit.name.to_owned(), fit.seed, method.space.restarts);
    let choose = move || choose_mixture(&MixtureRequest { segmentation: &name, seed, k, restarts, layout }, &sample);
    fit.compute(choose).await
}

async fn maximise(
    fit: &Fit<'_>,
    columns: &[String],
    matrix: &PackTask,
    choice: &MixtureChoice,
) -> Result<MixtureResult> {
    let rounds = MixtureFit::new(choice.start.clone(), TOLERANCE, MOST_ROUNDS);
    let ask = async |request| match fit.round(columns, Some(matrix), fit_task::Round::Mixture(request)).await? {
        fit_answer::Round::Mixture(answer) => Ok(answer),
        _ => Err(unexpected()),
    };
    Ok(fit.drive(rounds, ask).await?.0)
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
    let next_key = components.len() as u32 + 1;
    MixtureModel { segmentation: name.to_owned(), filter: None, features, components, next_key }
}

//! The ways to divide customers: how the job file says each, and how its model is found in rounds over the shards.
//!
//! A method is a file here and a line in each of the lists below. What the job and `model.json` have of it stands in
//! `proto/src/method/`, what a shard does with its model in `worker/src/frame/methods/`.

mod bisecting;
mod features;
mod fit;
mod frozen;
mod kmeans;
mod lasting;
mod matching;
mod matrix;
mod mixture;
mod naming;
mod refit;
mod rfm;
mod rules;
mod scope;
mod selection;
mod space;
mod stability;
mod starts;
mod tiers;
mod warm;

pub use fit::{AskShards, Fit, FitOutcome};
pub(crate) use rules::Uses;
pub(crate) use scope::Scope;

use crate::checks::Findings;
use schemars::JsonSchema;
use segmenter_proto::{
    Result,
    jobs::Refit,
    methods::{Method, SegmentationModel},
};
use serde::Deserialize;

/// One way to divide customers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case")]
#[schemars(rename = "Segmentation")]
pub(crate) enum RawSegmentation {
    /// Scores by quantiles of recency, frequency and monetary, and the named groups of them.
    Rfm(rfm::RawRfm),
    /// Clusters.
    Kmeans(kmeans::RawKmeans),
    /// Nested clusters.
    Bisecting(bisecting::RawBisecting),
    /// Groups that overlap, with probabilities.
    Mixture(mixture::RawMixture),
    /// Boolean rules; the first that holds decides, or all count.
    Rules(rules::RawRules),
    /// One number, cut from the top.
    Tiers(tiers::RawTiers),
}

impl RawSegmentation {
    /// Gives the name of the segmentation.
    pub(crate) fn name(&self) -> &Option<String> {
        match self {
            Self::Rfm(raw) => &raw.name,
            Self::Kmeans(raw) => &raw.name,
            Self::Bisecting(raw) => &raw.name,
            Self::Mixture(raw) => &raw.name,
            Self::Rules(raw) => &raw.name,
            Self::Tiers(raw) => &raw.name,
        }
    }

    /// Gives what the model of the run before is to it; rules have none.
    pub(crate) fn refit(&self) -> Refit {
        let refit = match self {
            Self::Rfm(raw) => raw.refit.map(Refit::from),
            Self::Kmeans(raw) => raw.refit.map(Refit::from),
            Self::Bisecting(raw) => raw.refit.map(Refit::from),
            Self::Mixture(raw) => raw.refit.map(Refit::from),
            Self::Rules(_) => None,
            Self::Tiers(raw) => raw.refit.map(Refit::from),
        };
        refit.unwrap_or_default()
    }

    /// Checks it by meaning; none where something is wrong, which is among the findings then.
    pub(crate) fn check(self, path: &str, scope: &mut Scope, findings: &mut Findings) -> Option<Method> {
        match self {
            Self::Rfm(raw) => raw.check(path, scope, findings).map(Method::Rfm),
            Self::Kmeans(raw) => raw.check(path, scope, findings).map(Method::Kmeans),
            Self::Bisecting(raw) => raw.check(path, scope, findings).map(Method::Bisecting),
            Self::Mixture(raw) => raw.check(path, scope, findings).map(Method::Mixture),
            Self::Rules(raw) => raw.check(path, findings).map(Method::Rules),
            Self::Tiers(raw) => raw.check(path, findings).map(Method::Tiers),
        }
    }
}

/// Finds the model of a segmentation, or takes that of the run before where the job says so.
///
/// # Errors
/// The model of the run before is none of what the job asks for: Job. /// When there is nobody to fit: Data; else see the workers' stage.
pub async fn fit(fit: &Fit<'_>) -> Result<FitOutcome> {
    if let (Refit::Frozen, Some(earlier)) = (fit.refit, fit.earlier) {
        return frozen::frozen(fit, earlier);
    }
    let mut found = match fit.method {
        Method::Rfm(method) => rfm::fit(fit, method).await,
        Method::Kmeans(method) => kmeans::fit(fit, method).await,
        Method::Bisecting(method) => bisecting::fit(fit, method).await,
        Method::Mixture(method) => mixture::fit(fit, method).await,
        Method::Rules(method) => Ok(rules::fit(fit.name, method)),
        Method::Tiers(method) => tiers::fit(fit, method).await,
    }?;
    if fit.refit == Refit::Frozen {
        found.warnings.insert(0, "it is fitted anew, since there is no run before that had it".to_owned());
    }
    Ok(found)
}

/// Says whether a model is one of what a job asks for now, so that customers can be scored by it.
pub fn is_of(model: &SegmentationModel, method: &Method) -> bool {
    match (method, model) {
        (Method::Rfm(method), SegmentationModel::Rfm(model)) => rfm::is_of(model, method),
        (Method::Rules(method), SegmentationModel::Rules(model)) => rules::is_of(model, method),
        (Method::Tiers(method), SegmentationModel::Tiers(model)) => tiers::is_of(model, method),
        (Method::Kmeans(method), SegmentationModel::Kmeans(model)) => space::is_of(model, &method.space),
        (Method::Bisecting(method), SegmentationModel::Bisecting(model)) => space::is_of(model, &method.space),
        (Method::Mixture(method), SegmentationModel::Mixture(model)) => space::is_of(model, &method.space),
        _ => false,
    }
}

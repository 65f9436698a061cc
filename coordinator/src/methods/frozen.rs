//! A segmentation whose model is that of the run before: nothing is fitted.

use super::{
    Fit, FitOutcome, bisecting, is_of, kmeans,
    lasting::LastingKeys,
    mixture,
    warm::{allows, are_alike},
};
use segmenter_proto::{
    Error, Result,
    methods::{Method, SegmentationModel},
    v1::FitEvidence,
};
use serde_json::{Value, json};

/// Takes the model of the run before as it is; its clusters are named anew where the job says so.
///
/// # Errors
/// The model is none of what the job asks for: Job.
pub(super) fn frozen(fit: &Fit<'_>, earlier: &SegmentationModel) -> Result<FitOutcome> {
    let unfit = |how: &str| {
        Error::job(format!("segmentation {}: the model of the run before cannot be kept, since {how}", fit.name))
            .with_hint("refit = \"fresh\" fits it anew; or name with `previous` of [output] a run whose model it is")
    };
    if !is_of(earlier, fit.method) {
        return Err(unfit("it divides by another method, other features or another `where` than the job"));
    }
    if !are_alike(fit, earlier) {
        return Err(unfit("features that were numbers are text now, or the other way round"));
    }
    let mut model = earlier.clone();
    let mut names = Value::Null;
    match (&mut model, fit.method) {
        (SegmentationModel::Kmeans(model), Method::Kmeans(method)) => {
            if !allows(method.k, model.clusters.len()) {
                return Err(unfit(&format!("it has {} clusters, which `k` does not allow", model.clusters.len())));
            }
            names = kmeans::name(fit, &method.space, model, &names_of(earlier));
        }
        (SegmentationModel::Bisecting(model), Method::Bisecting(method)) => {
            names = bisecting::name(fit, &method.space, model, &names_of(earlier));
        }
        (SegmentationModel::Mixture(model), Method::Mixture(method)) => {
            names = mixture::name(fit, &method.space, model, &names_of(earlier));
        }
        _ => {}
    }
    let mut described = json!({ "method": model.method(), "refit": "frozen" });
    if !names.is_null() {
        described["names"] = names;
    }
    let evidence = FitEvidence { described: described.to_string(), ..FitEvidence::default() };
    Ok(FitOutcome { model, evidence, warnings: Vec::new() })
}

/// Gives what the clusters of a model are called.
fn names_of(model: &SegmentationModel) -> LastingKeys {
    let names = model.segments().into_iter().map(|segment| (segment.key, segment.name));
    LastingKeys { names: names.collect(), ..LastingKeys::default() }
}

//! Tiers: how the job says them, and their cuts, by hand or exact quantiles over the customers who have a value.

use super::{Fit, FitOutcome, fit::described, refit::RawKept};
use crate::checks::Findings;
use schemars::JsonSchema;
use segmenter_proto::{
    Error, Result,
    methods::{SegmentationModel, TierBound, TierCuts, TiersMethod, TiersModel, VALUE},
    statistics::{Fraction, QuantileTarget, Summary, f64_of_key, key_of_f64},
};
use serde::Deserialize;

/// Customers in the order of one number, cut from the top.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tiers", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawTiers {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// A feature, or SQL over features: the number that decides, the most first. Customers for whom it is null get the key out_of_scope.
    #[schemars(required, length(min = 1))]
    pub(crate) by: Option<String>,
    /// Shares of the customers, from the top, rising: [0.05, 0.2] is the best 5 %, those up to 20 %, and the others. Customers of equal values stay together, in the lower tier. This or `cuts`.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) shares: Option<Vec<f64>>,
    /// Values, rising: [100, 1000] is those from 1000 on, those from 100 on, and the others. This or `shares`.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) cuts: Option<Vec<f64>>,
    /// segment_name of each tier, from the top; one more than there are cuts. Default: what the tier is, such as "top 5 %".
    #[schemars(length(min = 2, max = 21))]
    pub(crate) names: Option<Vec<String>>,
    /// What the model of the run before is: "fresh" fits anew, "frozen" takes the model as it is. Where there is none, it is fitted anew. Default: "fresh".
    pub(crate) refit: Option<RawKept>,
}

impl RawTiers {
    /// Checks it.
    pub(super) fn check(self, path: &str, findings: &mut Findings) -> Option<TiersMethod> {
        let cuts = match (self.shares, self.cuts) {
            (Some(shares), None) => {
                let between = shares.iter().all(|share| *share > 0.0 && *share < 1.0);
                if !between {
                    findings
                        .wrong(&format!("{path}.shares"), "a share is not between 0 and 1")
                        .expect("shares above 0 and below 1, such as [0.05, 0.2]; the last tier has the others");
                }
                check_rise(&shares, "shares", path, findings);
                TierCuts::Shares(shares)
            }
            (None, Some(cuts)) => {
                check_rise(&cuts, "cuts", path, findings);
                TierCuts::Values(cuts)
            }
            (None, None) => {
                findings
                    .wrong(path, "missing key `shares` or `cuts`")
                    .expect("where tiers end, such as shares = [0.05, 0.2]");
                return None;
            }
            (Some(_), Some(_)) => {
                findings.wrong_key(&format!("{path}.cuts"), "both `shares` and `cuts` are there").expect("one of them");
                return None;
            }
        };
        let names = self.names.unwrap_or_else(|| names_of(&cuts));
        if names.len() != cuts.tiers() {
            findings
                .wrong(&format!("{path}.names"), format!("{} names for {} tiers", names.len(), cuts.tiers()))
                .expect("a name of each tier from the top, the last one of all the others");
            return None;
        }
        if let Some(at) = names.iter().position(|name| name.trim().is_empty()) {
            findings.wrong(&format!("{path}.names[{at}]"), "the name of a tier is empty").expect("a name for people");
        }
        Some(TiersMethod { filter: self.filter, by: self.by?, cuts, names })
    }
}

fn check_rise(cuts: &[f64], key: &str, path: &str, findings: &mut Findings) {
    if !cuts.windows(2).all(|pair| pair[0] < pair[1]) {
        findings
            .wrong(&format!("{path}.{key}"), format!("`{key}` do not rise"))
            .expect("each above the one before; the highest tier comes first in `names`");
    }
}

/// Says what each tier is, from the top, as far as the job tells: no value of a customer.
fn names_of(cuts: &TierCuts) -> Vec<String> {
    match cuts {
        TierCuts::Shares(shares) => {
            let percent = |share: f64| format!("{} %", (share * 1e9).round() / 1e7);
            let ends = shares.windows(2).map(|pair| format!("{} to {}", percent(pair[0]), percent(pair[1])));
            let top = shares.first().map(|share| format!("top {}", percent(*share)));
            let rest = shares.last().map(|share| format!("the other {}", percent(1.0 - share)));
            top.into_iter().chain(ends).chain(rest).collect()
        }
        TierCuts::Values(values) => {
            let ends = values.windows(2).rev().map(|pair| format!("{} to {}", pair[0], pair[1]));
            let top = values.last().map(|value| format!("{value} and more"));
            let rest = values.first().map(|value| format!("below {value}"));
            top.into_iter().chain(ends).chain(rest).collect()
        }
    }
}

/// Finds where tiers end: values by hand as they are, of shares the value of the nearest rank, below which the tier does not reach.
pub(super) async fn fit(fit: &Fit<'_>, method: &TiersMethod) -> Result<FitOutcome> {
    let columns = std::slice::from_ref(&method.by);
    let summaries = fit.summaries(columns).await?;
    let Some(&Summary { count, min: Some(min), max: Some(max), .. }) = summaries.first() else {
        return Err(Error::data(format!("segmentation {}: no customer in scope has a value of `{VALUE}`", fit.name))
            .with_hint("look at the feature in `features/` of a run without this segmentation"));
    };
    let bounds = match &method.cuts {
        TierCuts::Values(values) => {
            values.iter().rev().map(|value| TierBound { value: *value, included: true }).collect()
        }
        TierCuts::Shares(shares) => {
            let shares: Vec<Fraction> =
                shares.iter().map(|share| Ok(Fraction::from_share(*share)?.complement())).collect::<Result<_>>()?;
            let target =
                QuantileTarget { column: 0, group: 0, count, min: key_of_f64(min), max: key_of_f64(max), shares };
            let keys = fit.quantiles(columns, vec![target]).await?.into_iter().flatten();
            let bound = |key: Option<i128>| {
                let value = key.map(f64_of_key).ok_or_else(|| Error::bug("a quantile of a tier is missing"))?;
                Ok(TierBound { value, included: false })
            };
            keys.map(bound).collect::<Result<Vec<_>>>()?
        }
    };
    let ends: Vec<f64> = bounds.iter().map(|bound| bound.value).collect();
    let evidence = described(serde_json::json!({ "method": "tiers", "customers_with_value": count, "from": ends }));
    let model = SegmentationModel::Tiers(TiersModel::new(fit.name, method, bounds));
    Ok(FitOutcome { model, evidence, warnings: Vec::new() })
}

/// Says whether a model has tiers of the same customers, by the same number, cut by the same values where the job says them.
pub(super) fn is_of(model: &TiersModel, method: &TiersMethod) -> bool {
    let same_cuts = match &method.cuts {
        TierCuts::Shares(_) => model.tiers.iter().filter_map(|tier| tier.from).all(|from| !from.included),
        TierCuts::Values(values) => {
            let from = model.tiers.iter().filter_map(|tier| tier.from);
            from.eq(values.iter().rev().map(|value| TierBound { value: *value, included: true }))
        }
    };
    same_cuts && (&model.filter, &model.by, model.tiers.len()) == (&method.filter, &method.by, method.cuts.tiers())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_called_by_what_they_are() {
        assert_eq!(names_of(&TierCuts::Shares(vec![0.07, 0.125])), ["top 7 %", "7 % to 12.5 %", "the other 87.5 %"]);
        assert_eq!(
            names_of(&TierCuts::Values(vec![-1.5, 0.0, 1e3])),
            ["1000 and more", "0 to 1000", "-1.5 to 0", "below -1.5"]
        );
    }
}

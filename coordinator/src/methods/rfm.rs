//! Scores of recency, frequency and monetary: how the job says them, and their cuts, exact quantiles over the customers with a purchase.

use super::{Fit, FitOutcome, Scope, fit::described, refit::RawKept};
use crate::checks::Findings;
use schemars::JsonSchema;
use segmenter_proto::{
    Error, Result,
    methods::{Bins, RfmMethod, RfmModel, SegmentationModel},
};
use segmenter_worker::segmentation::rfm::{cut_target, cuts};
use serde::Deserialize;

/// Scores by quantiles of recency, frequency and monetary, and the named groups of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rfm", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawRfm {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// How the values are cut into scores. Default: 5 quantiles each.
    pub(crate) bins: Option<RawBins>,
    /// What the model of the run before is: "fresh" fits anew, "frozen" takes the model as it is. Where there is none, it is fitted anew. Default: "fresh".
    pub(crate) refit: Option<RawKept>,
}

/// How the values are cut into scores: cuts by hand, or a number of quantiles.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Bins")]
pub(crate) struct RawBins {
    /// Bins of recency_days. Default: 5.
    pub(crate) recency_days: Option<RawBinCount>,
    /// Bins of frequency. Default: 5.
    pub(crate) frequency: Option<RawBinCount>,
    /// Bins of monetary. Default: 5.
    pub(crate) monetary: Option<RawBinCount>,
}

/// Cuts by hand, or a number of quantiles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "BinCount")]
pub(crate) enum RawBinCount {
    /// This many quantiles.
    Quantiles(#[schemars(range(min = 2, max = 10))] u32),
    /// Cuts by hand, rising.
    Cuts(#[schemars(length(min = 1, max = 9))] Vec<f64>),
}

const DEFAULT_BINS: u32 = 5;

impl RawRfm {
    /// Checks it, and adds its scores to the names that those below may use.
    pub(super) fn check(self, path: &str, scope: &mut Scope, findings: &mut Findings) -> Option<RfmMethod> {
        let method = format!("{path}.method");
        if scope.scored {
            findings
                .wrong(&method, "a second segmentation of method rfm is not available yet")
                .expect("one of method rfm: its scores r_score, f_score and m_score stand in `features`");
        }
        scope.scored = true;
        scope.features.extend(["r_score", "f_score", "m_score"].map(str::to_owned));
        let bins = |raw: &Option<RawBinCount>, key: &str, findings: &mut Findings| match raw {
            None => Bins::Quantiles(DEFAULT_BINS),
            Some(RawBinCount::Quantiles(count)) => Bins::Quantiles(*count),
            Some(RawBinCount::Cuts(cuts)) => {
                if !cuts.windows(2).all(|pair| pair[0] < pair[1]) {
                    let message = format!("the cuts of `{key}` do not rise");
                    findings.wrong(&format!("{path}.bins.{key}"), message).expect("each cut above the one before");
                }
                Bins::Cuts(cuts.clone())
            }
        };
        let raw = self.bins.as_ref();
        let recency_bins = bins(raw.map_or(&None, |bins| &bins.recency_days), "recency_days", findings);
        let frequency_bins = bins(raw.map_or(&None, |bins| &bins.frequency), "frequency", findings);
        let monetary_bins = bins(raw.map_or(&None, |bins| &bins.monetary), "monetary", findings);
        let Some(suffix) = &scope.rfm_suffix else {
            if scope.incomplete {
                return None;
            }
            findings
                .wrong(&method, "the method rfm needs a preset `rfm`")
                .expect("the features of a preset `rfm`")
                .help("add presets = [{ name = \"rfm\" }] to [features], and a source of kind transactions");
            return None;
        };
        let name = |base: &str| format!("{base}{suffix}");
        Some(RfmMethod {
            recency: name("recency_days"),
            frequency: name("frequency"),
            monetary: name("monetary"),
            recency_bins,
            frequency_bins,
            monetary_bins,
        })
    }
}

/// Finds the cuts: those by hand as they are, or the quantiles i/bins.
pub(super) async fn fit(fit: &Fit<'_>, method: &RfmMethod) -> Result<FitOutcome> {
    let columns = [method.recency.clone(), method.frequency.clone(), method.monetary.clone()];
    let bins = [&method.recency_bins, &method.frequency_bins, &method.monetary_bins];
    let summaries = fit.summaries(&columns).await?;
    let targets = (0..).zip(bins).zip(&summaries).map(|((column, bins), summary)| cut_target(column, bins, summary));
    let found = fit.quantiles(&columns, targets.collect::<Result<_>>()?).await?;
    let mut found = columns.iter().zip(bins).zip(&found).map(|((feature, bins), found)| cuts(feature, bins, found));
    let mut next = || found.next().unwrap_or_else(|| Err(Error::bug("cuts of a feature are missing")));
    let model = RfmModel { segmentation: fit.name.to_owned(), recency: next()?, frequency: next()?, monetary: next()? };
    let customers = summaries.first().map_or(0, |summary| summary.count);
    Ok(FitOutcome {
        model: SegmentationModel::Rfm(model),
        evidence: described(serde_json::json!({ "method": "rfm", "customers_with_purchase": customers })),
        warnings: Vec::new(),
    })
}

/// Says whether a model scores what the method does.
pub(super) fn is_of(model: &RfmModel, method: &RfmMethod) -> bool {
    [&method.recency, &method.frequency, &method.monetary]
        == [&model.recency.feature, &model.frequency.feature, &model.monetary.feature]
}

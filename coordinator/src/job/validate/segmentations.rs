use super::bisecting::bisecting;
use super::features::FeatureNames;
use super::kmeans::kmeans;
use super::mixture::mixture;
use super::names::{Unique, check_name};
use super::rules::{Uses, rules};
use super::sources::Sources;
use crate::job::findings::Findings;
use crate::job::raw::{RawBinCount, RawRfm, RawSegmentation};
use segmenter_proto::jobs::{Bins, Method, RfmMethod, Segmentation};

const DEFAULT_BINS: u32 = 5;

/// The names that a segmentation may use: features, columns of the customers source, and what stands above.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) features: Vec<String>,
    pub(super) columns: Vec<String>,
    pub(super) sources: &'a Sources,
    pub(super) constants: Vec<String>,
    /// Not every name is known: see [`FeatureNames`].
    pub(super) incomplete: bool,
    rfm_suffix: Option<String>,
    scored: bool,
}

impl<'a> Scope<'a> {
    pub(super) fn new(features: FeatureNames, sources: &'a Sources) -> Self {
        let columns = sources.customers().map_or_else(Vec::new, |source| source.columns.clone());
        let columns = columns.into_iter().filter(|column| column != "customer_id").collect();
        let incomplete = features.incomplete || !sources.kinds_known();
        Self {
            features: features.all,
            constants: features.constants,
            columns,
            sources,
            incomplete,
            rfm_suffix: features.rfm_suffix,
            scored: false,
        }
    }

    /// Says whether a name is a feature, a column or a constant.
    pub(super) fn has(&self, name: &str) -> bool {
        self.features.iter().chain(&self.columns).chain(&self.constants).any(|known| known == name)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.features.iter().chain(&self.columns).map(String::as_str).collect()
    }
}

/// Checks all segmentations, in the order of the file.
pub(super) fn segmentations(
    raw: Vec<Option<RawSegmentation>>,
    mut scope: Scope<'_>,
    findings: &mut Findings,
) -> Vec<Option<Segmentation>> {
    check_ambiguous(&scope, findings);
    let names: Vec<Option<String>> = raw.iter().map(|one| name_of(one.as_ref()?).clone()).collect();
    let uses = Uses::new(&raw, &names);
    let mut unique = Unique::default();
    let mut checked = Vec::new();
    for (index, segmentation) in raw.into_iter().enumerate() {
        let path = format!("segmentation[{index}]");
        if let Some(name) = &names[index] {
            check_segmentation_name(name, &format!("{path}.name"), &mut unique, &scope, findings);
        }
        let method = match segmentation {
            None => None,
            Some(RawSegmentation::Rfm(raw)) => rfm(&raw, &path, &mut scope, findings).map(Method::Rfm),
            Some(RawSegmentation::Kmeans(raw)) => kmeans(raw, &path, &scope, findings).map(Method::Kmeans),
            Some(RawSegmentation::Bisecting(raw)) => bisecting(raw, &path, &scope, findings).map(Method::Bisecting),
            Some(RawSegmentation::Mixture(raw)) => mixture(raw, &path, &scope, findings).map(Method::Mixture),
            Some(RawSegmentation::Rules(raw)) => {
                uses.check(index, &path, &scope, findings);
                rules(raw, &path, findings).map(Method::Rules)
            }
        };
        checked.push(names[index].clone().zip(method).map(|(name, method)| Segmentation { name, method }));
    }
    checked
}

fn name_of(raw: &RawSegmentation) -> &Option<String> {
    match raw {
        RawSegmentation::Rfm(raw) => &raw.name,
        RawSegmentation::Kmeans(raw) => &raw.name,
        RawSegmentation::Bisecting(raw) => &raw.name,
        RawSegmentation::Mixture(raw) => &raw.name,
        RawSegmentation::Rules(raw) => &raw.name,
    }
}

fn check_segmentation_name(name: &str, path: &str, unique: &mut Unique, scope: &Scope<'_>, findings: &mut Findings) {
    check_name(name, "segmentation", path, findings);
    unique.take(name, "segmentation", path, findings);
    if scope.has(name) {
        findings
            .wrong(
                path,
                format!("`{name}` is also the name of a feature, a constant or a column of the customers source"),
            )
            .expect("a name that rules cannot confuse");
    }
}

/// A name that is both a feature and a column of the customers source could mean either.
fn check_ambiguous(scope: &Scope<'_>, findings: &mut Findings) {
    let Some(customers) = scope.sources.customers() else { return };
    for column in scope.columns.iter().filter(|column| scope.features.contains(column)) {
        findings
            .wrong_key(
                &format!("{}.columns.{column}", customers.path),
                format!("`{column}` is also the name of a feature"),
            )
            .expect("a name that rules cannot confuse")
            .help("rename the column, or the feature (presets have a `suffix`)");
    }
}

fn rfm(raw: &RawRfm, path: &str, scope: &mut Scope<'_>, findings: &mut Findings) -> Option<RfmMethod> {
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
    let raw = raw.bins.as_ref();
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

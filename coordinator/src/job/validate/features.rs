use super::job::ReadBeside;
use super::sources::Sources;
use super::text::window_days;
use crate::checks::Findings;
use crate::checks::did_you_mean;
use crate::checks::{Unique, check_name, is_name_letter};
use crate::job::raw::{RawCustomFeature, RawDerivedFeature, RawFeatures, RawPreset, RawPresetEntry};
use segmenter_proto::jobs::{CustomFeature, DerivedFeature, Features, Preset};
use segmenter_worker::families::{families, family};

/// The family that a job without `presets` has.
const RFM: &str = "rfm";

/// The names of features as later parts of the file may use them.
#[derive(Debug, Default)]
pub(super) struct FeatureNames {
    pub(super) all: Vec<String>,
    /// Names of constants of the population, which are no features.
    pub(super) constants: Vec<String>,
    /// Something is so wrong that not every name is known: nothing is said about unknown features then.
    pub(super) incomplete: bool,
    /// Suffix of the first preset rfm, if there is one.
    pub(super) rfm_suffix: Option<String>,
}

/// Checks the features; without `presets` the family rfm stands over all history of all transactions sources.
pub(super) fn features(
    raw: RawFeatures,
    sources: &Sources,
    read: ReadBeside<'_>,
    findings: &mut Findings,
) -> (Option<Features>, FeatureNames) {
    let (unique, queries) = (Unique::default(), Unique::default());
    let mut checker = Checker { sources, unique, queries, names: FeatureNames::default(), findings };
    let written = checker.findings.places.value("features.presets").is_some();
    let presets: Option<Vec<Preset>> = match raw.presets {
        Some(presets) => collect(presets, "features.presets", |raw, path| checker.preset(raw, path)),
        None if written => {
            checker.names.incomplete = true;
            None
        }
        None => Some(checker.default_presets()),
    };
    let custom = collect(raw.custom.unwrap_or_default(), "features.custom", |raw, path| checker.custom(raw, path));
    let sql = collect(raw.sql.unwrap_or_default(), "features.sql", |raw, path| checker.sql(raw, path, read));
    let derived = collect(raw.derived.unwrap_or_default(), "features.derived", |raw, path| checker.derived(raw, path));
    let constants =
        collect(raw.constant.unwrap_or_default(), "features.constant", |raw, path| checker.constant(raw, path));
    let mut names = checker.names;
    let all = presets.zip(custom).zip(sql).zip(derived);
    names.incomplete |= all.is_none();
    let features = all.zip(constants).map(|((((presets, custom), sql), derived), constants)| Features {
        presets,
        custom,
        sql,
        derived,
        constants,
    });
    (features, names)
}

/// Checks every table of a list; none if one of them is wrong.
fn collect<R, T>(raw: Vec<Option<R>>, path: &str, mut check: impl FnMut(R, &str) -> Option<T>) -> Option<Vec<T>> {
    let all: Vec<Option<T>> =
        raw.into_iter().enumerate().map(|(index, raw)| check(raw?, &format!("{path}[{index}]"))).collect();
    all.into_iter().collect()
}

pub(super) struct Checker<'a> {
    pub(super) sources: &'a Sources,
    pub(super) unique: Unique,
    /// Names of queries.
    pub(super) queries: Unique,
    pub(super) names: FeatureNames,
    pub(super) findings: &'a mut Findings,
}

impl Checker<'_> {
    fn default_presets(&mut self) -> Vec<Preset> {
        let sources: Vec<String> = self.sources.transactions().map(|source| source.name.clone()).collect();
        if sources.is_empty() {
            self.names.incomplete |= !self.sources.kinds_known();
            return Vec::new();
        }
        self.add(RFM, "", "features");
        vec![Preset { name: RFM.to_owned(), window_days: None, suffix: String::new(), sources, lifetime: None }]
    }

    fn preset(&mut self, raw: RawPresetEntry, path: &str) -> Option<Preset> {
        let raw = RawPreset::from(raw);
        let name = raw.name.as_deref();
        let presets: Vec<&str> = families().iter().map(|family| family.name).collect();
        let known = name.is_some_and(|name| presets.contains(&name));
        if let Some(name) = name
            && !known
        {
            self.findings
                .wrong(&format!("{path}.name"), format!("there is no preset `{name}`"))
                .expect("the name of a preset")
                .help(format!("`segmenter features` lists them: {}", presets.join(", ")))
                .help_if(did_you_mean(name, &presets));
        }
        let suffix = raw.suffix.clone().unwrap_or_default();
        if !suffix.chars().all(is_name_letter) {
            self.findings
                .wrong(&format!("{path}.suffix"), format!("\"{suffix}\" cannot end a feature's name"))
                .expect("small letters, digits and `_`");
        }
        let window = self.window(raw.window.as_deref(), path);
        let lifetime = name.filter(|_| known).and_then(|name| self.lifetime(name, &raw, path));
        let mut sources = Vec::new();
        if let Some(name) = name.filter(|_| known) {
            self.add(name, &suffix, path);
            sources = self.sources_of(name, raw.sources.as_deref(), window.is_some(), path);
        }
        Some(Preset { name: raw.name.filter(|_| known)?, window_days: window, suffix, sources, lifetime })
    }

    /// Takes the names of a family's features.
    fn add(&mut self, preset: &str, suffix: &str, path: &str) {
        for (index, feature) in family(preset).into_iter().flat_map(|family| family.feature_names()).enumerate() {
            let name = format!("{feature}{suffix}");
            if index == 0 && self.names.all.contains(&name) {
                self.findings
                    .wrong(path, format!("two presets give features of the same names, such as `{name}`"))
                    .expect("a `suffix` of its own");
                return;
            }
            self.unique.take(&name, "feature", path, self.findings);
            self.names.all.push(name);
        }
        if preset == RFM {
            self.names.rfm_suffix.get_or_insert_with(|| suffix.to_owned());
        }
    }

    fn custom(&mut self, raw: RawCustomFeature, path: &str) -> Option<CustomFeature> {
        if let Some(name) = &raw.name {
            self.custom_name(name, &format!("{path}.name"));
        }
        let window = self.window(raw.window.as_deref(), path);
        let sources = self.listed(raw.sources.as_deref(), path);
        Some(CustomFeature {
            name: raw.name?,
            sources,
            window_days: window,
            expression: raw.expression?,
            default: raw.default,
        })
    }

    fn derived(&mut self, raw: RawDerivedFeature, path: &str) -> Option<DerivedFeature> {
        if let Some(name) = &raw.name {
            self.custom_name(name, &format!("{path}.name"));
        }
        Some(DerivedFeature { name: raw.name?, expression: raw.expression? })
    }

    pub(super) fn custom_name(&mut self, name: &str, path: &str) {
        self.own_name(name, "feature", path);
        self.unique.take(name, "feature", path, self.findings);
        self.names.all.push(name.to_owned());
    }

    /// Checks a name that stands beside those of features; `what` says whose it is.
    pub(super) fn own_name(&mut self, name: &str, what: &str, path: &str) {
        if name == "default" {
            self.findings
                .wrong(path, format!("a {what} cannot be named `default`"))
                .expect("another name: `default` in `transform` means all the others");
        } else if name == self.sources.unit.key() {
            self.findings
                .wrong(path, format!("a {what} cannot be named `{name}`"))
                .expect("another name than the id's");
        } else if ["r_score", "f_score", "m_score"].contains(&name) {
            self.findings
                .wrong(path, format!("a {what} cannot be named `{name}`"))
                .expect("another name: the method rfm writes a score of this name");
        } else {
            check_name(name, what, path, self.findings);
        }
    }

    fn window(&mut self, text: Option<&str>, path: &str) -> Option<u32> {
        let text = text?;
        let days = window_days(text);
        if days.is_none() {
            self.findings
                .wrong(&format!("{path}.window"), format!("`window` is \"{text}\""))
                .expect("days such as \"365d\"");
        }
        days
    }

    fn listed(&mut self, listed: Option<&[String]>, path: &str) -> Vec<String> {
        let key = format!("{path}.sources");
        let wrong_already = listed.is_none() && self.findings.places.value(&key).is_some();
        if wrong_already { Vec::new() } else { self.sources.listed(listed, &key, self.findings) }
    }
}

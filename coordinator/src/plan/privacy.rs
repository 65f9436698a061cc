//! Personal and sensitive names: features, segmentations and what is made of them do not use them as they are.
//!
//! A name is found by its text, so that more is refused than need be and nothing passes: an alias of the same name is taken for the column.

use super::offline::{at, derived_path, in_query, queries};
use crate::checks::JobError;
use crate::job::JobFile;
use segmenter_proto::{
    Error,
    jobs::{Job, Preset, Source, SourceKind},
    methods::{Condition, VALUE},
};
use segmenter_worker::{
    expression::{Exposed, ExposedByQuery, ExpressionError, Position, exposed, exposed_by_query, query_names},
    families::{Family, family},
};
use std::collections::BTreeSet;

/// Gives what uses a personal or sensitive name as it is, each at its place.
pub(super) fn check_privacy(file: &JobFile) -> Vec<JobError> {
    let job = &file.job;
    let features = &job.features;
    let attributes = Attributes::of(job);
    let mut errors = Vec::new();
    for (number, segmentation) in job.segmentations.iter().enumerate() {
        let (path, spec) = (format!("segmentation[{number}]"), segmentation.method.spec());
        for (at, name) in spec.space().into_iter().flat_map(|space| space.features.iter().enumerate()) {
            if let Some(refused) = attributes.refused(name) {
                let mut error = file.error_at(&format!("{path}.features[{at}]"), None, refused.message());
                error.help(refused.hint(true));
                errors.push(error);
            }
        }
        let conditions = spec.conditions();
        let conditions = conditions.iter().map(|of: &Condition<'_>| (of.path(), of.sql()));
        for (key, sql) in conditions.chain(spec.value().map(|value| (VALUE.to_owned(), value))) {
            let (path, shown) = (format!("{path}.{key}"), names(sql));
            errors.extend(of_expression(file, &path, &shown, |name| attributes.refused(name)));
        }
    }
    for (number, feature) in features.derived.iter().enumerate() {
        let (path, shown) = (derived_path(number), names(&feature.expression));
        errors.extend(of_expression(file, &path, &shown, |name| attributes.refused(name)));
    }
    let of_sources = |listed: &[String]| -> Vec<&Source> {
        job.sources.iter().filter(|source| listed.contains(&source.name)).collect()
    };
    for (number, feature) in features.custom.iter().enumerate() {
        let (path, sources) = (format!("features.custom[{number}].expression"), of_sources(&feature.sources));
        let shown = names(&feature.expression);
        errors.extend(of_expression(file, &path, &shown, |name| refused(job, &sources, name)));
    }
    for (number, constant) in features.constants.iter().enumerate() {
        let (path, sources) = (format!("features.constant[{number}].expression"), of_sources(&constant.sources));
        let shown = names(&constant.expression);
        errors.extend(of_expression(file, &path, &shown, |name| refused(job, &sources, name)));
    }
    for (path, query) in queries(job) {
        // What is no query has another error.
        let Ok(shown) = exposed_by_query(query) else { continue };
        errors.extend(of_query(job, &shown).into_iter().map(|error| in_query(file, &path, error)));
    }
    for (number, affinity) in job.affinities.iter().enumerate() {
        let sources: Vec<&Source> = job.sources.iter().filter(|source| has_items(source)).collect();
        if let Some(refused) = refused(job, &sources, &affinity.of) {
            let mut error = file.error_at(&format!("affinity[{number}].of"), None, refused.message());
            error.help(refused.hint(true));
            errors.push(error);
        }
    }
    // Columns and keys of exports are where such names may be told, since somebody wrote them there; who is handed over says nothing of them.
    for (number, export) in job.exports.iter().enumerate() {
        let shown = export.filter.as_deref().map(names).unwrap_or_default();
        let path = format!("export[{number}].where");
        errors.extend(of_expression(file, &path, &shown, |name| attributes.refused(name)));
    }
    for (number, preset) in features.presets.iter().enumerate() {
        let found = family(&preset.name).and_then(|family| of_preset(job, preset, family, &attributes));
        errors.extend(found.map(|error| at(file, &format!("features.presets[{number}]"), error)));
    }
    errors
}

/// Says whether rows of a source may name items that go together.
fn has_items(source: &Source) -> bool {
    matches!(source.kind, SourceKind::Transactions | SourceKind::Wishes)
}

/// Gives the names that an expression shows. What is no expression has another error.
fn names(sql: &str) -> Vec<Exposed> {
    exposed(sql).unwrap_or_default()
}

/// A name that may not be used as it is.
struct Refused<'a> {
    source: &'a Source,
    name: &'a str,
    why: &'static str,
}

impl Refused<'_> {
    fn error(&self, position: Option<Position>) -> ExpressionError {
        ExpressionError { message: self.message(), hint: Some(self.hint(false)), position }
    }

    fn message(&self) -> String {
        format!("`{}` of source {} is {}, and is not used as it is", self.name, self.source.name, self.why)
    }

    /// Says what to do, where a name of a feature is needed or an expression can stand.
    fn hint(&self, is_feature: bool) -> String {
        let blunted = match self.name {
            "birth_date" => Some("age_band(birth_date)"),
            "postal_code" => Some("region_of(postal_code)"),
            _ => None,
        };
        let pass = format!("where its use is lawful and meant, let it pass: [privacy] allow = [\"{}\"]", self.name);
        match (blunted, is_feature) {
            (Some(blunted), true) => format!("make a derived feature of {blunted}; {pass}"),
            (Some(blunted), false) => format!("use {blunted} in its place; {pass}"),
            (None, _) => pass,
        }
    }
}

/// The columns of customers as segmentations and derived features name them.
struct Attributes<'a> {
    job: &'a Job,
    customers: Vec<&'a Source>,
    /// Names of features, which come before columns.
    features: BTreeSet<String>,
}

impl<'a> Attributes<'a> {
    fn of(job: &'a Job) -> Self {
        let customers = job.sources.iter().filter(|source| source.is_of_population()).collect();
        let mut features = BTreeSet::new();
        for preset in &job.features.presets {
            let names = family(&preset.name).into_iter().flat_map(Family::feature_names);
            features.extend(names.map(|name| format!("{name}{}", preset.suffix)));
        }
        features.extend(job.features.custom.iter().map(|feature| feature.name.clone()));
        features.extend(job.features.derived.iter().map(|feature| feature.name.clone()));
        for query in &job.features.sql {
            // The columns of a `*` are those of a table, which are looked at there.
            features.extend(query_names(&query.query).ok().and_then(|names| names.outputs).into_iter().flatten());
        }
        Self { job, customers, features }
    }

    fn refused<'n>(&'n self, name: &'n str) -> Option<Refused<'n>> {
        match self.features.contains(name) {
            true => None,
            false => refused(self.job, &self.customers, name),
        }
    }
}

fn refused<'n>(job: &Job, sources: &[&'n Source], name: &'n str) -> Option<Refused<'n>> {
    let of_source = |source: &&'n Source| {
        let why = job.protects(source, name)?.told();
        Some(Refused { source, name, why })
    };
    sources.iter().find_map(of_source)
}

fn of_expression<'n>(
    file: &JobFile,
    path: &str,
    shown: &'n [Exposed],
    refused: impl Fn(&'n str) -> Option<Refused<'n>>,
) -> Vec<JobError> {
    let found = shown.iter().filter_map(|Exposed { name, position }| Some(refused(name)?.error(*position)));
    found.map(|error| at(file, path, error.into())).collect()
}

fn of_query(job: &Job, shown: &ExposedByQuery) -> Vec<ExpressionError> {
    let is_read = |source: &&Source| shown.tables.contains(&source.name) || shown.tables.contains(source.kind.name());
    let sources: Vec<&Source> = job.sources.iter().filter(is_read).collect();
    let named = shown.names.iter();
    let named = named.filter_map(|Exposed { name, position }| Some(refused(job, &sources, name)?.error(*position)));
    let mut errors: Vec<ExpressionError> = named.collect();
    let every = sources.iter().flat_map(|source| source.columns.iter().map(|column| (*source, column.name.as_str())));
    let every = every.filter(|_| shown.every_column);
    errors.extend(every.filter_map(|(source, name)| refused(job, &[source], name)).take(1).map(
        |Refused { source, name, why }| ExpressionError {
            message: format!("`*` takes all columns, and `{name}` of source {} is {why}", source.name),
            hint: Some("name the columns that are needed".to_owned()),
            position: None,
        },
    ));
    errors
}

/// Looks at what a preset's own query and formulas show, but for what its head says that it blunts.
fn of_preset(job: &Job, preset: &Preset, family: &Family, attributes: &Attributes<'_>) -> Option<Error> {
    let shown = exposed_by_query(&family.query(preset.window_days, job.unit)).ok()?;
    let is_read = |source: &&Source| shown.tables.contains(source.kind.name()) && preset.sources.contains(&source.name);
    let sources: Vec<&Source> = job.sources.iter().filter(is_read).collect();
    let of_formulas = family.derived.iter().flat_map(|derived| names(derived.formula));
    let of_formulas: Vec<Exposed> = of_formulas.collect();
    let shown = shown.names.iter().filter(|shown| !family.blunts.contains(&shown.name.as_str()));
    let of_query = shown.into_iter().find_map(|shown| refused(job, &sources, &shown.name));
    let refused = of_query.or_else(|| of_formulas.iter().find_map(|shown| attributes.refused(&shown.name)))?;
    let Refused { source, name, why } = refused;
    let message = format!("the preset {} uses `{name}` of source {}, which is {why}", preset.name, source.name);
    Some(
        Error::job(message)
            .with_hint(format!("where its use is lawful and meant, let it pass: [privacy] allow = [\"{name}\"]")),
    )
}

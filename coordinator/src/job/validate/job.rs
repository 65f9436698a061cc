use super::affinity::affinities;
use super::benefits::benefits;
use super::cache::cache;
use super::csv::csv;
use super::effectiveness::{check_partitions, effectiveness};
use super::export::exports;
use super::features::features;
use super::fx::fx;
use super::identity::{carry_own_ids, identity};
use super::messages::contacts;
use super::personas::personas;
use super::privacy::privacy;
use super::quality::{Known, quality};
use super::recommendations::recommendations;
use super::report::report;
use super::segmentations::{scope_of, segmentations};
use super::source::sources;
use super::sources::Sources;
use super::text::date;
use super::uri::check_uri;
use crate::checks::Findings;
use crate::checks::nearest;
use crate::job::raw::{RawJob, RawOutput, RawPopulation, RawQuarantine, RawUnit};
use chrono::NaiveDate;
use chrono_tz::Tz;
use segmenter_proto::jobs::{
    CsvOptions, ExcludeList, FileFormat, Job, Output, Population, Previous, QuarantineDetail, Unit,
};

/// Reads a text file by its path beside the job file; the reason where that fails.
pub(crate) type ReadBeside<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// What a job file means depends on this beside its text.
pub(crate) struct Given<'a> {
    /// The date that the command line asks for, before the file's.
    pub(crate) as_of: Option<NaiveDate>,
    /// Gives the date in a time zone now.
    pub(crate) today: &'a dyn Fn(Tz) -> NaiveDate,
    /// Reads files that the job names.
    pub(crate) read: ReadBeside<'a>,
}

/// Checks a file as written and gives its job; none if anything is wrong, here or before.
pub(crate) fn validate(raw: RawJob, given: &Given<'_>, findings: &mut Findings) -> Option<Job> {
    if let Some(name) = &raw.name {
        check_job_name(name, findings);
    }
    let timezone = timezone(raw.timezone.as_deref(), findings);
    let as_of = as_of(raw.as_of.as_deref(), timezone, given, findings);
    if let Some(currency) = &raw.currency {
        check_currency("currency", currency, findings);
    }
    let output = raw.output.and_then(|raw| output(raw, findings));
    let unit = match raw.unit {
        None | Some(RawUnit::Customer) => Unit::Customer,
        Some(RawUnit::Account) => Unit::Account,
    };
    let raw_sources = raw.source.unwrap_or_default();
    let known = Sources::new(&raw_sources, unit, findings);
    let has_fx = raw.fx.is_some();
    let fx = raw.fx.and_then(|raw_fx| fx(raw_fx, raw.currency.as_deref(), &known, findings));
    if raw.currency.is_none() && !has_fx && findings.places.value("currency").is_none() && known.have_column("amount") {
        findings
            .wrong("currency", "missing key `currency` in the job file")
            .expect("`currency`: text in quotes")
            .help("ISO 4217 code of every amount, such as \"PLN\"");
    }
    let population = population(raw.population.unwrap_or_default(), &known, findings);
    let mut sources = sources(raw_sources, unit, findings);
    let identity = identity(raw.identity, &known, findings);
    if identity.is_some() {
        carry_own_ids(&mut sources);
    }
    let privacy = privacy(raw.privacy.unwrap_or_default(), &sources, findings);
    let (features, names) = features(raw.features.unwrap_or_default(), &known, given.read, findings);
    let scope = scope_of(names, &known);
    let raw_segmentations = raw.segmentation.unwrap_or_default();
    let names = raw_segmentations.iter().flatten().filter_map(|one| one.name().clone());
    let names: Vec<String> = names.collect();
    let segmentations = segmentations(raw_segmentations, scope, &known, findings);
    let raw_affinities = raw.affinity.unwrap_or_default();
    let of_affinities: Vec<String> = raw_affinities.iter().flatten().filter_map(|one| one.name.clone()).collect();
    let affinities = affinities(raw_affinities, &names, &known, findings);
    let recommendations =
        raw.recommendations.map(|raw| recommendations(raw, (&of_affinities, &affinities), &known, findings));
    let has_list = population.as_ref().is_none_or(|population| population.exclude_list.is_some());
    let gated = Known { sources: &known, has_list, features: features.as_ref(), segmentations: &segmentations };
    let quality = quality(raw.quality.unwrap_or_default(), &gated, findings);
    let effectiveness = effectiveness(raw.effectiveness.unwrap_or_default(), &known, given.read, findings);
    if let Some(effectiveness) = &effectiveness {
        check_partitions(effectiveness, &sources, findings);
    }
    let contacts = contacts(raw.contacts, &known, findings);
    let personas = personas(raw.persona.unwrap_or_default(), &segmentations, findings);
    let benefits = raw.benefits.map(|raw| benefits(raw, &known, &segmentations, findings));
    let exports = exports(raw.export.unwrap_or_default(), &segmentations, &known, findings);
    let cache = cache(raw.cache, identity.is_some(), findings);
    if !findings.is_empty() {
        return None;
    }
    Some(Job {
        name: raw.name?,
        unit,
        as_of: as_of?,
        timezone: timezone.name().to_owned(),
        currency: raw.currency.or_else(|| fx.as_ref().map(|fx| fx.base.clone())),
        fx,
        seed: raw.seed.unwrap_or_default(),
        output: output?,
        identity,
        population: population?,
        sources: sources.into_iter().collect::<Option<_>>()?,
        quality: quality?,
        privacy,
        features: features?,
        segmentations: segmentations.into_iter().collect::<Option<_>>()?,
        effectiveness: effectiveness?,
        contacts: contacts?,
        affinities: affinities.into_iter().collect::<Option<_>>()?,
        recommendations: match recommendations {
            None => None,
            Some(recommendations) => Some(recommendations?),
        },
        personas: personas?,
        benefits: benefits.map_or(Some(None), |checked| checked.map(Some))?,
        exports: exports?,
        report: report(raw.report.unwrap_or_default()),
        cache,
    })
}

fn check_job_name(name: &str, findings: &mut Findings) {
    if !name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-') {
        findings
            .wrong("name", format!("\"{name}\" cannot be the name of a job"))
            .expect("small letters, digits and `-`");
    }
}

fn timezone(name: Option<&str>, findings: &mut Findings) -> Tz {
    let Some(name) = name else { return Tz::UTC };
    name.parse().unwrap_or_else(|_| {
        let near = nearest(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        findings
            .wrong("timezone", format!("there is no time zone \"{name}\""))
            .expect("an IANA name such as \"Europe/Warsaw\"")
            .help_if(near.map(|near| format!("did you mean \"{near}\"?")));
        Tz::UTC
    })
}

fn as_of(text: Option<&str>, timezone: Tz, given: &Given<'_>, findings: &mut Findings) -> Option<NaiveDate> {
    let written = match text {
        None | Some("today") => None,
        Some(text) => {
            let date = date(text);
            if date.is_none() {
                findings
                    .wrong("as_of", format!("\"{text}\" is not a date"))
                    .expect("a date such as 2026-11-21, or \"today\"");
                return None;
            }
            date
        }
    };
    Some(given.as_of.or(written).unwrap_or_else(|| (given.today)(timezone)))
}

pub(super) fn check_currency(path: &str, currency: &str, findings: &mut Findings) {
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let upper = currency.to_uppercase();
        let near = upper.len() == 3 && upper.bytes().all(|letter| letter.is_ascii_uppercase());
        findings
            .wrong(path, format!("\"{currency}\" is not a currency's code"))
            .expect("an ISO 4217 code such as \"PLN\"")
            .help_if(near.then(|| format!("write \"{upper}\"")));
    }
}

fn output(raw: RawOutput, findings: &mut Findings) -> Option<Output> {
    if let Some(uri) = &raw.uri {
        check_uri(uri, "output.uri", findings);
        if uri.contains(['*', '?']) {
            findings.wrong("output.uri", "`output.uri` holds a glob").expect("one folder");
        }
    }
    let previous = match raw.previous.as_deref() {
        None | Some("latest") => Previous::Latest,
        Some("none") => Previous::None,
        Some(run) => {
            if !is_run_id(run) {
                let near = nearest(run, ["latest", "none"]);
                findings
                    .wrong("output.previous", format!("\"{run}\" is not a run's id"))
                    .expect("\"latest\", \"none\", or an id such as 2026-11-20-0123456789ab")
                    .help_if(near.map(|near| format!("did you mean \"{near}\"?")));
            }
            Previous::Run(run.to_owned())
        }
    };
    let quarantine = match raw.quarantine {
        Some(RawQuarantine::Keys) | None => QuarantineDetail::Keys,
        Some(RawQuarantine::Full) => QuarantineDetail::Full,
        Some(RawQuarantine::Counts) => QuarantineDetail::Counts,
    };
    Some(Output { uri: raw.uri?, quarantine, previous })
}

/// Says whether a text is `<as_of>-<12 hex>`.
pub(super) fn is_run_id(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(day, hash)| {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        date(day).is_some() && hash.len() == 12 && hash.bytes().all(hexadecimal)
    })
}

fn population(raw: RawPopulation, sources: &Sources, findings: &mut Findings) -> Option<Population> {
    let from = raw.from.filter(|from| from != "all");
    if let Some(name) = &from
        && let Some(source) = sources.find(name, "population.from", findings)
        && let Some(kind) = source.kind.filter(|kind| *kind != sources.unit.kind())
    {
        findings
            .wrong("population.from", format!("source `{name}` is of kind {}", kind.name()))
            .expect(format!("a source of kind {}, or \"all\"", sources.unit.many()));
    }
    if raw.exclude.is_some() && from.is_none() && findings.places.value("population.from").is_none() {
        findings
            .wrong("population.exclude", "`exclude` stands without a source")
            .expect("`from`: the source whose names it uses")
            .help(format!("add `from` with the name of the {} source", sources.unit.many()));
    }
    let exclude_list = match raw.exclude_list {
        None => None,
        Some(list) => {
            if let Some(uri) = &list.uri {
                check_uri(uri, "population.exclude_list.uri", findings);
            }
            let csv = list
                .csv
                .as_ref()
                .map_or_else(|| Some(CsvOptions::default()), |raw| csv(raw, "population.exclude_list.csv", findings));
            let unit = sources.unit;
            let written = [(Unit::Customer, list.customer_id), (Unit::Account, list.account_id)];
            let (own, others): (Vec<_>, Vec<_>) = written.into_iter().partition(|(of, _)| *of == unit);
            for (of, _) in others.iter().filter(|(_, expression)| expression.is_some()) {
                findings
                    .wrong_key(
                        &format!("population.exclude_list.{}", of.key()),
                        format!("`{}` is no id of {}, which the job segments", of.key(), unit.many()),
                    )
                    .expect(format!("`{}`", unit.key()));
            }
            let id = own.into_iter().find_map(|(_, expression)| expression);
            let path = format!("population.exclude_list.{}", unit.key());
            if id.is_none() && findings.places.value(&path).is_none() {
                findings
                    .wrong(&path, format!("missing key `{}` in `population.exclude_list`", unit.key()))
                    .expect(format!("`{}`: text in quotes", unit.key()))
                    .help("SQL over the files' own columns that gives the id");
            }
            Some(ExcludeList { uri: list.uri?, format: list.format.map(FileFormat::from), id: id?, csv: csv? })
        }
    };
    Some(Population { from, exclude: raw.exclude, exclude_list })
}

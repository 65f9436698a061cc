use super::sources::Sources;
use super::text::date;
use crate::checks::{Findings, Unique, check_name, did_you_mean};
use crate::job::raw::{RawArms, RawArmsTable, RawExperiment};
use chrono::NaiveDate;
use segmenter_proto::jobs::{Experiment, MetricKind, OwnMetric, SourceKind};
use segmenter_worker::measure::EXPERIMENT_METRICS;
use std::collections::BTreeMap;

/// Metrics that are compared where the job does not say.
const DEFAULT_METRICS: [&str; 2] = ["revenue_per_customer", "conversion"];

/// Planned shares may be rounded by so much.
const ROUNDING: f64 = 1e-6;

/// Checks an experiment as far as it does not depend on `as_of`, which an evaluation takes from the run.
pub(super) fn experiment(
    raw: RawExperiment,
    path: &str,
    (unique, metrics, sources): (&mut Unique, &[OwnMetric], &Sources),
    findings: &mut Findings,
) -> Option<Experiment> {
    if let Some(name) = &raw.name {
        let path = format!("{path}.name");
        check_name(name, "experiment", &path, findings);
        unique.take(name, "experiments", &path, findings);
    }
    let start = day(raw.start.as_deref(), &format!("{path}.start"), findings);
    let end = day(raw.end.as_deref(), &format!("{path}.end"), findings);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        findings
            .wrong(&format!("{path}.end"), format!("it ends before {end}, and starts on {start}"))
            .expect("a day after `start`");
    }
    let arms = shares(raw.shares, raw.control.as_deref(), path, findings);
    let names = raw.metrics.unwrap_or_else(|| DEFAULT_METRICS.map(str::to_owned).to_vec());
    check_metrics(&names, metrics, path, sources, findings);
    let arms_query = arms_query(raw.arms?, end?, path, sources, findings)?;
    Some(Experiment {
        name: raw.name?,
        arms_query,
        control: raw.control?,
        arms: arms?,
        randomised: raw.randomised.unwrap_or_default(),
        start: start?,
        end: end?,
        metrics: names,
    })
}

fn day(text: Option<&str>, path: &str, findings: &mut Findings) -> Option<NaiveDate> {
    let found = date(text?);
    if found.is_none() {
        findings.wrong(path, format!("\"{}\" is not a date", text?)).expect("a date such as \"2026-03-01\"");
    }
    found
}

fn shares(
    shares: Option<BTreeMap<String, f64>>,
    control: Option<&str>,
    path: &str,
    findings: &mut Findings,
) -> Option<Vec<(String, f64)>> {
    let shares = shares?;
    let at = format!("{path}.shares");
    if shares.len() < 2 {
        findings
            .wrong(&at, "there are fewer than two arms")
            .expect("at least two, such as { holdout = 0.1, mail = 0.9 }");
    }
    let sum: f64 = shares.values().sum();
    if shares.values().any(|share| *share <= 0.0) || (sum - 1.0).abs() > ROUNDING {
        findings
            .wrong(&at, format!("the shares add up to {}", (sum * 1e6).round() / 1e6))
            .expect("shares above 0 that add up to 1, such as { holdout = 0.1, mail = 0.9 }");
    }
    if let Some(control) = control.filter(|control| !shares.contains_key(*control)) {
        let names: Vec<&str> = shares.keys().map(String::as_str).collect();
        findings
            .wrong(&format!("{path}.control"), format!("`shares` has no arm `{control}`"))
            .expect("one of the arms of `shares`")
            .help_if(did_you_mean(control, &names));
    }
    Some(shares.into_iter().collect())
}

fn check_metrics(names: &[String], own: &[OwnMetric], path: &str, sources: &Sources, findings: &mut Findings) {
    let has_purchases = sources.may_have(SourceKind::Transactions);
    let usable: Vec<&str> = EXPERIMENT_METRICS
        .into_iter()
        .chain(own.iter().filter(|metric| metric.kind != MetricKind::Total).map(|metric| metric.name.as_str()))
        .collect();
    for (at, name) in names.iter().enumerate() {
        let path = format!("{path}.metrics[{at}]");
        if names[..at].contains(name) {
            findings.wrong(&path, format!("metric `{name}` is there twice")).expect("each metric once");
        } else if own.iter().any(|metric| metric.name == *name && metric.kind == MetricKind::Total) {
            findings
                .wrong(&path, format!("metric `{name}` is a total, which grows with the arm"))
                .expect("a rate, mean or ratio");
        } else if !usable.contains(&name.as_str()) {
            findings
                .wrong(&path, format!("there is no metric `{name}`"))
                .expect(usable.join(", "))
                .help_if(did_you_mean(name, &usable));
        } else if !has_purchases && EXPERIMENT_METRICS.contains(&name.as_str()) {
            findings
                .wrong(
                    &path,
                    format!("metric `{name}` is about purchases, and the job has no source of kind transactions"),
                )
                .expect("`metrics` with a metric of one's own");
        }
    }
}

/// Gives the SQL that says who is in which arm.
fn arms_query(raw: RawArms, end: NaiveDate, path: &str, sources: &Sources, findings: &mut Findings) -> Option<String> {
    let (table, at) = match raw {
        RawArms::Column(column) => {
            (RawArmsTable { arm: Some(column), ..RawArmsTable::default() }, format!("{path}.arms"))
        }
        RawArms::Table(table) => (table, format!("{path}.arms.arm")),
    };
    let arm = table.arm?;
    let from = match &table.source {
        None => {
            if !sources.may_have(sources.unit.kind()) {
                findings
                    .wrong(&at, format!("the job has no source of kind {}", sources.unit.many()))
                    .expect("the name of a source too: arms = { source = \"…\", arm = \"…\" }");
                return None;
            }
            sources.unit.kind().name().to_owned()
        }
        Some(name) => {
            let source_path = format!("{path}.arms.source");
            let source = sources.find(name, &source_path, findings)?;
            if source.kind.is_some_and(|kind| kind.owner().is_none()) {
                findings
                    .wrong(&source_path, format!("the rows of source {name} are nobody's"))
                    .expect(format!("a source with {}", sources.unit.key()));
                return None;
            }
            for (key, column) in [("arm", Some(&arm)), ("assigned_at", table.assigned_at.as_ref())] {
                let Some(column) = column.filter(|column| !source.columns.contains(column)) else { continue };
                let known: Vec<&str> = source.columns.iter().map(String::as_str).collect();
                findings
                    .wrong(&format!("{path}.arms.{key}"), format!("source {name} has no column `{column}`"))
                    .expect("a name of its [source.columns]")
                    .help_if(did_you_mean(column, &known));
            }
            name.clone()
        }
    };
    let id = sources.unit.key();
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let in_time = match &table.assigned_at {
        Some(column) => format!("coalesce(cast({} as date) < cast('{end}' as date), true)", quoted(column)),
        None => "true".to_owned(),
    };
    Some(format!(
        "select {id}, min(arm) filter (where in_time) as arm, count(distinct arm) filter (where in_time) as arms, count(*) as assignments \
         from (select {id}, cast({} as text) as arm, {in_time} as in_time from {}) where arm is not null group by {id}",
        quoted(&arm),
        quoted(&from)
    ))
}

use super::experiment::experiment;
use super::job::ReadBeside;
use super::messages::attribution;
use super::sources::Sources;
use super::sql::query;
use super::standard_metrics::standard_metrics;
use super::text::window_days;
use crate::checks::{Findings, Unique, check_name};
use crate::job::raw::{RawEffectiveness, RawMetric, RawMetricKind};
use segmenter_proto::jobs::{
    Confidence, Effectiveness, Experiment, MetricKind, MetricUnit, OwnMetric, PartitionRange, Source, SourceKind,
};
use segmenter_proto::kinds::{Holds, StandardColumn};
use segmenter_worker::{
    expression::{QueryNames, query_names},
    measure::METRICS,
};

const OUTCOME: &str = "effectiveness.outcome";

/// Checks what is to be measured of the segments.
pub(super) fn effectiveness(
    raw: RawEffectiveness,
    sources: &Sources,
    read: ReadBeside<'_>,
    findings: &mut Findings,
) -> Option<Effectiveness> {
    let raw_metrics = raw.metric.unwrap_or_default();
    let outcome_days = raw.outcome.as_deref().and_then(window_days);
    match &raw.outcome {
        Some(outcome) if outcome_days.is_none() => {
            findings.wrong(OUTCOME, format!("\"{outcome}\" is not a window")).expect("days such as \"90d\"");
        }
        None if !raw_metrics.is_empty() && findings.places.value(OUTCOME).is_none() => {
            findings
                .wrong("effectiveness", "there is a metric and no window to measure it in")
                .expect("`outcome`: days such as \"90d\"")
                .help("add outcome = \"90d\": the rows of so many days from as_of on");
        }
        _ => {}
    }
    let has_rows = [SourceKind::Transactions, SourceKind::Messages, SourceKind::Feedback]
        .into_iter()
        .any(|kind| sources.may_have(kind));
    if raw.outcome.is_some() && raw_metrics.is_empty() && !has_rows {
        findings
            .wrong(
                OUTCOME,
                "the job has no source of kind transactions, messages or feedback, and no metric of its own",
            )
            .expect("rows with what customers did from as_of on, or a [[effectiveness.metric]]")
            .help("add a source of kind transactions, or leave `outcome` out");
    }
    let confidence = raw.confidence.map_or(Some(Confidence::default()), Confidence::of);
    if confidence.is_none() {
        findings
            .wrong("effectiveness.confidence", "it has more than four digits behind the point")
            .expect("a level from 0.5 to 0.9999, such as 0.95");
    }
    let attribution = attribution(raw.attribution, sources, findings);
    let mut unique = Unique::default();
    let metrics: Vec<Option<OwnMetric>> = raw_metrics
        .into_iter()
        .enumerate()
        .map(|(at, raw)| metric(raw?, &format!("effectiveness.metric[{at}]"), &mut unique, (sources, read), findings))
        .collect();
    let raw_experiments = raw.experiment.unwrap_or_default();
    if raw.outcome.is_none() && !raw_experiments.is_empty() && findings.places.value(OUTCOME).is_none() {
        findings
            .wrong("effectiveness", "there is an experiment and no window to measure it in")
            .expect("`outcome`: days such as \"90d\"")
            .help("add outcome = \"90d\": the experiment lies within so many days from as_of on");
    }
    let mut known: Vec<OwnMetric> = metrics.iter().flatten().cloned().collect();
    let is_judged = raw.outcome.is_some() || findings.places.value(OUTCOME).is_some();
    let standard = if is_judged { standard_metrics(sources, &known) } else { Vec::new() };
    known.splice(..0, standard.iter().cloned());
    let mut unique = Unique::default();
    let experiments: Vec<Option<Experiment>> = raw_experiments
        .into_iter()
        .enumerate()
        .map(|(at, raw)| {
            experiment(raw?, &format!("effectiveness.experiment[{at}]"), (&mut unique, &known, sources), findings)
        })
        .collect();
    Some(Effectiveness {
        outcome_days,
        confidence: confidence?,
        attribution: attribution?,
        metrics: standard.into_iter().map(Some).chain(metrics).collect::<Option<_>>()?,
        experiments: experiments.into_iter().collect::<Option<_>>()?,
    })
}

/// Checks that files of the outcome window are read: what `partitions` leaves out would count as nothing done.
pub(super) fn check_partitions(effectiveness: &Effectiveness, sources: &[Option<Source>], findings: &mut Findings) {
    let Some(days) = effectiveness.outcome_days else { return };
    for (at, source) in sources.iter().enumerate() {
        let Some(source) = source.as_ref().filter(|source| source.has_times()) else { continue };
        let ends_early = match source.partitions.as_ref().map(|partitions| &partitions.take) {
            None | Some(PartitionRange::Days(_, None)) => false,
            Some(PartitionRange::Days(_, Some(to))) => *to < i64::from(days) - 1,
            Some(PartitionRange::Last) => true,
        };
        if ends_early {
            findings
                .wrong(&format!("source[{at}].partitions"), "it leaves out rows of the outcome window")
                .expect(format!("days up to \"+{}d\" and later", days - 1))
                .help("leave `to` out, or `outcome`");
        }
    }
}

/// Refuses what rows of the outcome window do not have: what came to be known only in it, such as whether a deal was won.
fn check_known(names: &QueryNames, sources: &Sources, path: &str, findings: &mut Findings) {
    let is_read = |kind: SourceKind| {
        let of_kind = sources.of_kind(kind.name());
        names.tables.contains(kind.name()) || of_kind.iter().any(|source| names.tables.contains(source))
    };
    let standard = SourceKind::ALL.into_iter().filter(|kind| is_read(*kind)).flat_map(|kind| kind.kind().columns);
    let is_later = |column: &&StandardColumn| column.holds == Holds::KnownTime || column.hangs_on.is_some();
    let mut named =
        standard.filter(is_later).filter(|column| names.every_column || names.columns.contains(column.name));
    if let Some(column) = named.next() {
        let written = if findings.places.value(&format!("{path}.query")).is_some() { "query" } else { "file" };
        findings
            .wrong(
                &format!("{path}.{written}"),
                format!("`{}` is what was known at as_of, also of rows of the outcome window", column.name),
            )
            .expect("a metric of what rows say from the beginning")
            .help("to measure what became of them, run the job at the end of the window");
    }
}

fn metric(
    raw: RawMetric,
    path: &str,
    unique: &mut Unique,
    (sources, read): (&Sources, ReadBeside<'_>),
    findings: &mut Findings,
) -> Option<OwnMetric> {
    if let Some(name) = &raw.name {
        let path = format!("{path}.name");
        check_name(name, "metric", &path, findings);
        unique.take(name, "metrics", &path, findings);
        if METRICS.contains(&name.as_str()) {
            findings.wrong(&path, format!("there is a metric `{name}` already")).expect("a name that is not built in");
        }
    }
    let kind = match raw.kind? {
        RawMetricKind::Rate => MetricKind::Rate,
        RawMetricKind::Mean => MetricKind::Mean,
        RawMetricKind::Ratio => MetricKind::Ratio,
        RawMetricKind::Total => MetricKind::Total,
    };
    let query = query(raw.query, raw.file, path, read, findings)?;
    let names = query_names(&query).ok();
    if let Some(names) = &names {
        check_known(names, sources, path, findings);
    }
    if let Some(given) = names.and_then(|names| names.outputs) {
        let beside: Vec<&str> = given.iter().map(String::as_str).filter(|name| *name != sources.unit.key()).collect();
        if beside != kind.columns() {
            let written = if findings.places.value(&format!("{path}.query")).is_some() { "query" } else { "file" };
            findings
                .wrong(&format!("{path}.{written}"), format!("the query gives {}", given.join(", ")))
                .expect(format!("{}, {}", sources.unit.key(), kind.columns().join(", ")))
                .help(format!(
                    "name the columns in the outermost select: select {}, \u{2026} as value",
                    sources.unit.key()
                ));
        }
    }
    Some(OwnMetric { name: raw.name?, kind, query, unit: MetricUnit::Value })
}

//! A run as spans and as metrics.

use super::{
    messages::{
        Gauge, Metric, Metrics, Number, Point, Resource, ResourceMetrics, ResourceSpans, Scope, ScopeMetrics,
        ScopeSpans, Span, Status, Traces, number, text,
    },
    settings::TelemetrySettings,
};
use crate::{
    course::{Known, TimedStage},
    protocol::Nonce,
};
use chrono::{DateTime, TimeDelta, Utc};
use segmenter_proto::{Error, Result};

/// Kind of all spans: internal.
const INTERNAL: i32 = 1;
const OK: i32 = 1;
const ERROR: i32 = 2;

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Of the program.
    pub exit_code: u8,
    /// What went wrong.
    pub error: Option<String>,
    /// When.
    pub until: DateTime<Utc>,
}

/// Makes the trace: a span of the run, and within it one a stage that this program did.
pub(super) fn traces(settings: &TelemetrySettings, known: &Known, outcome: &Outcome) -> Result<Traces> {
    let (trace, above) = match &settings.parent {
        Some(parent) => (parent.trace.clone(), parent.span.clone()),
        None => (Nonce::random()?.bytes().to_vec(), Vec::new()),
    };
    let span_id = || Ok::<_, Error>(Nonce::random()?.bytes()[..8].to_vec());
    let own = span_id()?;
    let mut spans = vec![Span {
        trace_id: trace.clone(),
        span_id: own.clone(),
        parent_span_id: above,
        name: "segmenter run".to_owned(),
        kind: INTERNAL,
        start_time_unix_nano: nanos(known.since),
        end_time_unix_nano: nanos(outcome.until),
        attributes: [of_run(known), vec![number("segmenter.exit_code", outcome.exit_code.into())]].concat(),
        status: Some(status(outcome)),
    }];
    for stage in &known.stages {
        let TimedStage { until, timing } = stage;
        spans.push(Span {
            trace_id: trace.clone(),
            span_id: span_id()?,
            parent_span_id: own.clone(),
            name: timing.stage.clone(),
            kind: INTERNAL,
            start_time_unix_nano: nanos(began(stage)),
            end_time_unix_nano: nanos(*until),
            attributes: vec![
                number("segmenter.rows", timing.rows),
                number("segmenter.bytes", timing.bytes),
                number("segmenter.workers", timing.workers),
                number("segmenter.retries", timing.retries),
                number("segmenter.copies", timing.copies),
            ],
            status: Some(Status { message: String::new(), code: OK }),
        });
    }
    let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans }];
    Ok(Traces { resource_spans: vec![ResourceSpans { resource: Some(resource(settings)), scope_spans }] })
}

/// Makes the metrics: gauges, since a run is over when they are told, and each is a process of its own.
pub(super) fn metrics(settings: &TelemetrySettings, known: &Known, outcome: &Outcome) -> Metrics {
    let of_run = of_run(known);
    let point = |value, more| Point {
        start_time_unix_nano: nanos(known.since),
        time_unix_nano: nanos(outcome.until),
        value: Some(value),
        attributes: [of_run.clone(), more].concat(),
    };
    let seconds = seconds_of(outcome.until - known.since);
    let of_stages = |value: &dyn Fn(&TimedStage) -> Number| -> Vec<Point> {
        let point = |stage: &TimedStage| point(value(stage), vec![text("segmenter.stage", &stage.timing.stage)]);
        known.stages.iter().map(point).collect()
    };
    let int = |count: u64| Number::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let of_rows = known.rows.iter().flat_map(|(source, fates)| {
        // By the names of `run.json`; the rows that were read are the sum of the others.
        let fates = serde_json::to_value(fates).ok().and_then(|fates| fates.as_object().cloned()).unwrap_or_default();
        let met = fates.into_iter().filter_map(|(fate, rows)| Some((fate, rows.as_u64().filter(|rows| *rows > 0)?)));
        met.filter(|(fate, _)| fate != "read")
            .map(move |(fate, rows)| (int(rows), vec![text("segmenter.source", source), text("segmenter.fate", fate)]))
    });
    let of_rows = of_rows.map(|(value, attributes)| point(value, attributes)).collect();
    let all = [
        ("run.exit_code", "1", "Exit code of the run", vec![point(int(outcome.exit_code.into()), Vec::new())]),
        ("run.duration", "s", "Wall time of the run", vec![point(Number::Double(seconds), Vec::new())]),
        ("stage.duration", "s", "Wall time of a stage", of_stages(&|own| Number::Double(own.timing.seconds))),
        ("stage.rows", "{row}", "Rows that a stage went through", of_stages(&|own| int(own.timing.rows))),
        ("stage.bytes", "By", "What a stage read or wrote", of_stages(&|own| int(own.timing.bytes))),
        ("stage.retries", "{attempt}", "Attempts after one that failed", of_stages(&|own| int(own.timing.retries))),
        ("rows", "{row}", "Rows of the sources, by what became of them", of_rows),
    ];
    let metrics = all.into_iter().filter(|(.., points)| !points.is_empty());
    let metrics = metrics.map(|(name, unit, description, data_points)| Metric {
        name: format!("segmenter.{name}"),
        description: description.to_owned(),
        unit: unit.to_owned(),
        gauge: Some(Gauge { data_points }),
    });
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope()), metrics: metrics.collect() }];
    Metrics { resource_metrics: vec![ResourceMetrics { resource: Some(resource(settings)), scope_metrics }] }
}

fn of_run(known: &Known) -> Vec<super::messages::KeyValue> {
    let job = known.job.as_ref();
    let told = [
        ("segmenter.job", job.map(|job| job.name.clone())),
        ("segmenter.as_of", job.map(|job| job.as_of.to_string())),
        ("segmenter.run", known.run.clone()),
    ];
    told.into_iter().filter_map(|(key, value)| Some(text(key, value?))).collect()
}

fn status(outcome: &Outcome) -> Status {
    match &outcome.error {
        None => Status { message: String::new(), code: OK },
        Some(message) => Status { message: message.clone(), code: ERROR },
    }
}

fn resource(settings: &TelemetrySettings) -> Resource {
    Resource { attributes: settings.resource.iter().map(|(key, value)| text(key, value)).collect() }
}

fn scope() -> Scope {
    Scope { name: "segmenter".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

fn began(stage: &TimedStage) -> DateTime<Utc> {
    stage.until - TimeDelta::microseconds((stage.timing.seconds * 1e6) as i64)
}

fn seconds_of(time: TimeDelta) -> f64 {
    time.num_microseconds().unwrap_or_default() as f64 / 1e6
}

fn nanos(time: DateTime<Utc>) -> u64 {
    time.timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or_default()
}

//! Events of OpenLineage: a run starts, and ends in one of three ways.

use super::{
    facets::{self, PRODUCER},
    names::DatasetName,
    run_id::uuid_of,
    settings::LineageSettings,
    written::Written,
};
use crate::course::{Known, KnownJob};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::path::Path;

/// The schema of an event.
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It is committed, and wrote this.
    Committed(Written),
    /// It failed, with this message.
    Failed(String),
    /// It was told to stop, or another coordinator took it over.
    Stopped(String),
}

impl Ended {
    fn event_type(&self) -> &'static str {
        match self {
            Self::Committed(_) => "COMPLETE",
            Self::Failed(_) => "FAIL",
            Self::Stopped(_) => "ABORT",
        }
    }

    fn message(&self) -> Option<&str> {
        match self {
            Self::Committed(_) => None,
            Self::Failed(message) | Self::Stopped(message) => Some(message),
        }
    }
}

/// Makes the id by which lineage knows a run: of the run, of how often it was taken on and since when, for one that was deleted may be begun anew; of a run that came to no id, of its
/// time.
pub(super) fn run_id(known: &Known) -> String {
    let generation = known.begun.as_ref().map_or(0, |begun| begun.generation);
    let since = known.since.timestamp_micros();
    match (&known.folder, generation) {
        (Some(folder), 1..) => uuid_of(&format!("{folder} {generation} {since}")),
        _ => uuid_of(&format!("{:?} {since} {}", known.job, std::process::id())),
    }
}

/// Makes the event of a start, or of an end.
pub(super) fn event(
    settings: &LineageSettings,
    (job, known): (&KnownJob, &Known),
    ended: Option<&Ended>,
    time: DateTime<Utc>,
    current: &Path,
) -> Value {
    let inputs: Vec<Value> = known
        .inputs
        .iter()
        .map(|input| facets::input(DatasetName::of(&input.uri, current), input, &known.quality))
        .collect();
    let outputs = match (ended, &known.run) {
        (Some(Ended::Committed(written)), Some(run)) => {
            facets::outputs(&DatasetName::of(&job.output, current).below(&job.name), run, written)
        }
        _ => Vec::new(),
    };
    json!({
        "eventType": ended.map_or("START", Ended::event_type),
        "eventTime": time.to_rfc3339_opts(SecondsFormat::Micros, true),
        "run": {
            "runId": run_id(known),
            "facets": facets::of_run(job, settings.parent.as_ref(), ended.and_then(Ended::message)),
        },
        "job": { "namespace": settings.namespace, "name": job.name, "facets": facets::of_job() },
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
    })
}

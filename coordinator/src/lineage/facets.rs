//! Facets: what OpenLineage knows of runs, jobs and data sets beside their names.

use super::{
    names::DatasetName,
    settings::Parent,
    written::{Written, table},
};
use crate::course::{KnownInput, KnownJob};
use chrono::DateTime;
use segmenter_worker::{
    results::{QualityAction, QualityRow},
    spec::midnight,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Who tells of it.
pub(super) const PRODUCER: &str = concat!("urn:segmenter:", env!("CARGO_PKG_VERSION"));
/// Where the schemas of OpenLineage are.
const SPEC: &str = "https://openlineage.io/spec/facets";
/// Letters of a message that are told.
const LONGEST: usize = 4000;

/// Makes a facet by the name and version of its schema.
fn facet(schema: &str, version: &str, mut own: Value) -> Value {
    own["_producer"] = PRODUCER.into();
    own["_schemaURL"] = format!("{SPEC}/{version}/{schema}.json#/$defs/{schema}").into();
    own
}

/// Gives what is known of a run: who started it, for which day, by what, and why it failed.
pub(super) fn of_run(job: &KnownJob, parent: Option<&Parent>, error: Option<&str>) -> Value {
    let engine = json!({
        "name": "segmenter",
        "version": env!("CARGO_PKG_VERSION"),
        "openlineageAdapterVersion": env!("CARGO_PKG_VERSION"),
    });
    let mut facets = Map::new();
    facets.insert("processing_engine".to_owned(), facet("ProcessingEngineRunFacet", "1-1-1", engine));
    let start = midnight(job.as_of, &job.timezone).ok().and_then(DateTime::from_timestamp_micros);
    if let Some(start) = start {
        let time = json!({ "nominalStartTime": start.to_rfc3339() });
        facets.insert("nominalTime".to_owned(), facet("NominalTimeRunFacet", "1-0-1", time));
    }
    if let Some(Parent { namespace, name, run_id }) = parent {
        let parent = json!({ "run": { "runId": run_id }, "job": { "namespace": namespace, "name": name } });
        facets.insert("parent".to_owned(), facet("ParentRunFacet", "1-0-1", parent));
    }
    if let Some(message) = error {
        let message: String = message.chars().take(LONGEST).collect();
        let error = json!({ "message": message, "programmingLanguage": "RUST" });
        facets.insert("errorMessage".to_owned(), facet("ErrorMessageRunFacet", "1-0-1", error));
    }
    Value::Object(facets)
}

/// Gives what is known of a job.
pub(super) fn of_job() -> Value {
    let kind = json!({ "processingType": "BATCH", "integration": "SEGMENTER", "jobType": "JOB" });
    json!({ "jobType": facet("JobTypeJobFacet", "2-0-3", kind) })
}

/// Gives a source: its columns, the version that is pinned, and what was checked of it.
pub(super) fn input(name: DatasetName, input: &KnownInput, quality: &[QualityRow]) -> Value {
    let mut own = json!({
        "namespace": name.namespace,
        "name": name.name,
        "facets": {
            "version": facet("DatasetVersionDatasetFacet", "1-0-1", json!({ "datasetVersion": input.version })),
        },
    });
    add_columns(&mut own, &input.columns);
    let checked = quality.iter().filter(|row| row.source == input.name && row.limit.is_some());
    let assertions: Vec<Value> = checked.map(assertion).collect();
    if !assertions.is_empty() {
        let checked = json!({ "assertions": assertions });
        own["inputFacets"] =
            json!({ "dataQualityAssertions": facet("DataQualityAssertionsDatasetFacet", "1-0-1", checked) });
    }
    own
}

/// Adds the columns of a data set, where they are known.
fn add_columns(dataset: &mut Value, columns: &[(String, String)]) {
    let fields: Vec<Value> = columns.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
    if !fields.is_empty() {
        dataset["facets"]["schema"] = facet("SchemaDatasetFacet", "1-1-1", json!({ "fields": fields }));
    }
}

/// A limit of the job, and whether it was kept.
fn assertion(row: &QualityRow) -> Value {
    let mut own = json!({ "assertion": row.check_name, "success": row.action == QualityAction::Ok });
    if let Some(column) = &row.column_name {
        own["column"] = column.as_str().into();
    }
    own
}

/// Gives the tables that a run wrote. Their names are the same from run to run, and the run is their version.
pub(super) fn outputs(job: &DatasetName, run: &str, written: &Written) -> Vec<Value> {
    let mut tables: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for file in written.files.iter().filter(|file| file.path.ends_with(".parquet")) {
        let (rows, bytes) = tables.entry(table(&file.path)).or_default();
        *rows += file.rows.unwrap_or_default();
        *bytes += file.bytes;
    }
    let version = || facet("DatasetVersionDatasetFacet", "1-0-1", json!({ "datasetVersion": run }));
    let told = tables.into_iter().map(|(table, (rows, bytes))| {
        let DatasetName { namespace, name } = job.below(table);
        let size = json!({ "rowCount": rows, "size": bytes });
        let mut own = json!({
            "namespace": namespace,
            "name": name,
            "facets": { "version": version() },
            "outputFacets": { "outputStatistics": facet("OutputStatisticsOutputDatasetFacet", "1-0-2", size) },
        });
        add_columns(&mut own, written.columns.get(table).map_or(&[], Vec::as_slice));
        own
    });
    told.collect()
}

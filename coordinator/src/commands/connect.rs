//! What commands ask of the modules that know.

use super::{context::Context, plan_summary::PlanSummary};
use crate::{
    init::{InitSummary, write_from},
    job::JobFile,
    plan::{Prepared, prepare, summarise},
    run::stages,
};
use segmenter_proto::Result;
use segmenter_worker::storage::Storage;
use serde::Serialize;
use std::path::Path;

pub use crate::run::stages::RunOutcome;

/// What `run` is asked for beside the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Number of shards; none: by the rows of the inputs.
    pub shards: Option<u32>,
    /// Run again although the same work is committed.
    pub new_run: bool,
}

/// What `validate` found in the sources.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidationSummary {
    /// Sources in the order of the job, a line each: what was looked at.
    pub sources: Vec<String>,
    /// What does not stop a run and should be known.
    pub warnings: Vec<String>,
}

/// Runs the job, embedded in this process.
pub(super) fn run(context: &Context, file: &JobFile, options: RunOptions) -> Result<RunOutcome> {
    let storage = Storage::from_environment();
    let resources = &context.resources;
    let options = stages::RunOptions {
        file,
        storage: &storage,
        shards: options.shards,
        new_run: options.new_run,
        threads: resources.threads,
        memory: resources.memory,
        scratch: &resources.scratch,
        runtime: context.runtime.clone(),
        reporter: &context.progress,
        cancellation: &context.cancellation,
    };
    context.runtime.block_on(stages::run(&options))
}

fn prepared(context: &Context, file: &JobFile, storage: &Storage, shards: Option<u32>) -> Result<Prepared> {
    context.runtime.block_on(prepare(file, storage, shards))
}

/// Reads listings and footers, writes nothing.
pub(super) fn plan(context: &Context, file: &JobFile, options: RunOptions) -> Result<PlanSummary> {
    let storage = Storage::from_environment();
    let prepared = prepared(context, file, &storage, options.shards)?;
    context.runtime.block_on(summarise(&file.job, &prepared, &storage, &context.resources))
}

/// Checks that every source has files, every name in an expression exists, and every expression has a fitting type.
pub(super) fn check_sources(context: &Context, file: &JobFile) -> Result<ValidationSummary> {
    let storage = Storage::from_environment();
    let prepared = prepared(context, file, &storage, None)?;
    let sources = prepared.inputs.iter().map(|inputs| {
        let rows = inputs.rows().map_or_else(String::new, |rows| format!(", {rows} rows"));
        format!("{}: {} files{rows}, {} bytes", inputs.source.name, inputs.files.len(), inputs.bytes())
    });
    Ok(ValidationSummary { sources: sources.collect(), warnings: Vec::new() })
}

/// Checks what can be checked of expressions without looking at a source.
pub(super) fn check_offline(file: &JobFile) -> Result<()> {
    let errors = crate::plan::check_expressions(file);
    if errors.is_empty() { Ok(()) } else { Err(file.errors(errors).into()) }
}

/// Writes a job file that describes the files at `uri`.
pub(super) fn init_from(context: &Context, dir: &Path, uri: &str) -> Result<InitSummary> {
    write_from(dir, uri, &Storage::from_environment(), &context.runtime)
}

/// Gives the allowed functions as text for a person.
pub(super) fn functions() -> Result<String> {
    let functions = segmenter_worker::expression::functions();
    let width = functions.iter().map(|function| function.signature.len()).max().unwrap_or_default();
    let mut text = String::new();
    for function in functions {
        text.push_str(&format!("{:<10} {:<width$}  {}\n", function.category, function.signature, function.description));
    }
    Ok(text)
}

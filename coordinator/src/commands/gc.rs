//! `segmenter gc`: deletes old runs, and what was left of runs that are none.

use super::{
    context::Context,
    job_file,
    request::{GcRequest, JobRequest},
    runs, stdout,
};
use crate::{
    cache::{Sweep, find_unused, sweep},
    inventory::{Keep, Plan, Retention, delete, find_runs, is_as_found, plan},
    progress::bytes_for_people,
    protocol::repair_latest,
};
use chrono::{TimeDelta, Utc};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Previous},
};
use segmenter_worker::{
    program::json_line,
    storage::{Folder, Storage},
};
use serde_json::{Value, json};

/// Lists what would be deleted and what stays, and deletes it where that is asked for.
pub(super) fn gc(context: &Context, request: &JobRequest, asked: &GcRequest) -> Result<()> {
    let file = job_file::read(request)?;
    let folder = Storage::from_environment().open(&file.job.output.uri)?;
    let mut plan = context.runtime.block_on(decide(&folder, &file.job, asked))?;
    let unused = context.runtime.block_on(find_unused(&folder, &file.job, Utc::now()))?;
    if asked.yes {
        context.runtime.block_on(carry_out(context, &folder, &file.job, &mut plan))?;
        context.runtime.block_on(sweep(&folder, &unused))?;
    }
    stdout::print(&if request.json {
        for_programs(&file.job.name, &plan, &unused, asked.yes)
    } else {
        for_people(&plan, &unused, asked.yes)
    })
}

async fn decide(folder: &Folder, job: &Job, asked: &GcRequest) -> Result<Plan> {
    let younger_than = asked
        .older_than
        .map(TimeDelta::from_std)
        .transpose()
        .map_err(|error| Error::job("--older-than is longer than time is counted").caused_by(error))?;
    let pinned = match &job.output.previous {
        Previous::Run(run) => Some(run.clone()),
        Previous::Latest | Previous::None => None,
    };
    // The hint may name an older run: it must not name one that goes.
    if asked.yes {
        repair_latest(folder, &job.name).await?;
    }
    let runs = find_runs(folder, &job.name).await?;
    Ok(plan(&runs, &Retention { keep: asked.keep, younger_than, pinned }, Utc::now()))
}

async fn carry_out(context: &Context, folder: &Folder, job: &Job, plan: &mut Plan) -> Result<()> {
    let progress = context.progress.stage("gc", plan.delete.len() as u64);
    for run in std::mem::take(&mut plan.delete) {
        context.cancellation.check()?;
        // The deletions before may have taken long, and somebody may have gone on with it.
        if is_as_found(folder, &job.name, &run).await? {
            delete(folder, &job.name, &run).await?;
            progress.add(1, 0, run.bytes);
            plan.delete.push(run);
        } else {
            progress.add(1, 0, 0);
            plan.keep.push(Keep { run: run.run, why: "it changed since it was looked at: ask again".to_owned() });
        }
    }
    progress.finish(&Default::default());
    Ok(())
}

fn for_programs(job: &str, plan: &Plan, cache: &Sweep, deleted: bool) -> String {
    let keep: Vec<Value> = plan.keep.iter().map(|keep| json!({ "run": keep.run, "why": keep.why })).collect();
    json_line(&json!({
        "format_version": 1,
        "job": job,
        "deleted": deleted,
        "delete": plan.delete.iter().map(runs::for_programs).collect::<Vec<_>>(),
        "keep": keep,
        "cache": {
            "delete": { "files": cache.delete.len(), "bytes": cache.deleted_bytes },
            "keep": { "files": cache.kept, "bytes": cache.kept_bytes },
        },
    }))
}

fn for_people(plan: &Plan, cache: &Sweep, deleted: bool) -> String {
    let going = plan.delete.iter().map(|run| {
        let evaluations = match run.evaluations.len() {
            0 => String::new(),
            1 => ", with an evaluation of it".to_owned(),
            more => format!(", with {more} evaluations of it"),
        };
        let word = if deleted { "deleted" } else { "delete " };
        let size = bytes_for_people(run.bytes);
        format!("{word}  {}  {}, {size} in {} files{evaluations}", run.run, run.state.word(), run.files)
    });
    let staying = plan.keep.iter().map(|keep| format!("keep     {}  {}", keep.run, keep.why));
    let bytes = bytes_for_people(plan.delete.iter().map(|run| run.bytes).sum());
    let sum = match (plan.delete.len(), deleted) {
        (0, _) => "nothing is to be deleted".to_owned(),
        (runs, true) => format!("deleted: {runs} of {}, {bytes}", runs + plan.keep.len()),
        (runs, false) => {
            format!("would be deleted: {runs} of {}, {bytes}; --yes deletes them", runs + plan.keep.len())
        }
    };
    staying.chain(going).chain([sum]).chain(of_cache(cache, deleted)).collect::<Vec<_>>().join("\n")
}

/// Gives a line on the cache, of a job that has one.
fn of_cache(cache: &Sweep, deleted: bool) -> Option<String> {
    let (gone, kept) = (bytes_for_people(cache.deleted_bytes), bytes_for_people(cache.kept_bytes));
    match (cache.delete.len(), deleted) {
        (0, _) if cache.kept == 0 => None,
        (0, _) => Some(format!("of the cache nothing is to be deleted: {} files, {kept}", cache.kept)),
        (files, true) => Some(format!("deleted of the cache: {files} files, {gone}; {} stay, {kept}", cache.kept)),
        (files, false) => {
            Some(format!("would be deleted of the cache: {files} files, {gone}; {} would stay, {kept}", cache.kept))
        }
    }
}

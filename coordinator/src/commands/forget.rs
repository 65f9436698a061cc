//! `segmenter forget`: takes customers out of all that a job has written.

use super::{
    context::Context,
    excluded::must_be_excluded,
    forget_answer::{Answer, for_people, for_programs},
    job_file,
    person::read_ids,
    request::{ForgetRequest, JobRequest, Whom},
    stdout,
};
use crate::{
    exports::{delete_list, lying},
    forget::{Asked, Forgetter, read_begun},
    progress::grouped,
};
use segmenter_proto::{Error, Result, object_keys::exports_of};
use segmenter_worker::{program::json_line, storage::Storage};
use serde_json::json;
use std::num::NonZeroUsize;

/// Files that are looked at at the same time.
const AT_ONCE: usize = 8;

/// Lists what is held of the customers of a file, and takes it out where that is asked for.
pub(super) fn forget(context: &Context, request: &JobRequest, asked: &ForgetRequest) -> Result<()> {
    let file = job_file::read(request)?;
    let output = Storage::from_environment().open(&file.job.output.uri)?;
    let forgetter = Forgetter {
        output: &output,
        runtime: &context.runtime,
        job: &file.job.name,
        threads: NonZeroUsize::new(context.resources.threads.min(AT_ONCE)).unwrap_or(NonZeroUsize::MIN),
        cancellation: &context.cancellation,
        progress: &context.progress,
    };
    let ids = match &asked.whom {
        Whom::Imported => return imported(&forgetter, request.json, asked.yes),
        Whom::Ids(path) => read_ids(path)?,
    };
    let begun = context.runtime.block_on(read_begun(&output, &file.job.name))?;
    let mut answer = Answer { was_begun: begun.is_some(), done: asked.yes, ..Answer::default() };
    match begun {
        Some(begun) if asked.yes => {
            let text =
                format!("a forgetting of {} ids was cut off: it is ended first", grouped(begun.ids.len() as u64));
            context.progress.report("begun", &text, [("ids", begun.ids.len().into())]);
            answer.take(forgetter.carry_out(begun)?);
        }
        _ => {}
    }
    let found = forgetter.find(Asked { ids: &ids, half_done: answer.was_begun && !asked.yes })?;
    must_be_excluded(context, &file, &found.to_be_excluded)?;
    if asked.yes && !found.begun.is_nothing() {
        answer.take(forgetter.carry_out(found.begun.clone())?);
    }
    answer.removals = context
        .runtime
        .block_on(lying(&output, &file.job.name))?
        .removals
        .into_iter()
        .map(|(export, folder)| output.uri_of(&format!("{}/{folder}", exports_of(&file.job.name, &export))))
        .collect();
    stdout::print(&match request.json {
        true => for_programs(&forgetter, &file.job, &found, &answer),
        false => for_people(&forgetter, &file.job, &found, &answer),
    })
}

/// Deletes the removals of before, which hold the keys of those who were forgotten.
fn imported(forgetter: &Forgetter<'_>, json: bool, yes: bool) -> Result<()> {
    let Forgetter { output, runtime, job, .. } = *forgetter;
    let removals = runtime.block_on(lying(output, job))?.removals;
    if runtime.block_on(read_begun(output, job))?.is_some() {
        return Err(Error::data("a forgetting was cut off, and its removals may not be written whole")
            .with_hint("`segmenter forget JOB --ids FILE --yes` ends it first"));
    }
    let mut folders = Vec::new();
    for (export, folder) in removals {
        folders.push(output.uri_of(&format!("{}/{folder}", exports_of(job, &export))));
        if yes {
            runtime.block_on(delete_list(output, job, &export, &folder))?;
        }
    }
    if json {
        return stdout::print(&json_line(
            &json!({ "format_version": 1, "job": job, "deleted": yes, "delete": folders }),
        ));
    }
    let word = if yes { "deleted" } else { "delete " };
    let sum = match (folders.len(), yes) {
        (0, _) => "there are no removals".to_owned(),
        (1, true) => "deleted: a folder of removals".to_owned(),
        (removals, true) => format!("deleted: {removals} folders of removals"),
        (1, false) => "would be deleted: a folder of removals; --yes deletes it".to_owned(),
        (removals, false) => format!("would be deleted: {removals} folders of removals; --yes deletes them"),
    };
    let lines = folders.iter().map(|folder| format!("{word}  {folder}")).chain([sum]);
    stdout::print(&lines.collect::<Vec<_>>().join("\n"))
}

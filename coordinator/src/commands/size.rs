//! `segmenter size`: how many customers the segments of a job would have, before anything is written.

use super::{context::Context, job_file, request::JobRequest, size_answer::SizeAnswer, stdout};
use crate::{
    course::Course,
    job::JobFile,
    metrics::RunMetrics,
    prompt::{channels, reach_feature, reach_query},
    run::{self, RunOptions, keep_sizable, tell_rows},
};
use segmenter_proto::{
    Error, Result,
    jobs::{DefaultValue, Previous, QuarantineDetail, SqlFeatures},
};
use segmenter_worker::{
    metrics::Metrics,
    program::DataBudget,
    sql::{Constants, References, Room, prompt::Answering},
    storage::{Storage, private_folder},
};
use std::{collections::BTreeMap, path::Path};

/// Of the memory for data: what readers may hold undecoded while channels are looked for, and what operators may.
const LOOKING: u64 = 8;

/// Prints sizes, overlaps, and whom each channel reaches, of the segmentations that need no fit; all that is written lies in scratch, and is
/// deleted at the end.
pub(super) fn size(context: &Context, request: &JobRequest, shards: Option<u32>) -> Result<()> {
    let file = job_file::read(request)?;
    let scratch = context.resources.scratch.join(format!("segmenter-size-{}", std::process::id()));
    private_folder(&scratch)?;
    let told = sized(context, &file, shards, &scratch, request.json);
    // What is left in it is of no use, whatever became of the sizes.
    let _ = std::fs::remove_dir_all(&scratch);
    stdout::print(&told?)
}

fn sized(context: &Context, file: &JobFile, shards: Option<u32>, scratch: &Path, json: bool) -> Result<String> {
    // Found in a copy: a run takes them out when their expressions are checked.
    let left_out = keep_sizable(&mut file.job.clone())?;
    let channels = channels_of(context, file, scratch)?;
    let (file, reached) = in_scratch(file, channels.as_deref(), scratch)?;
    let resources = &context.resources;
    let mut outcome = context.runtime.block_on(run::run(&RunOptions {
        file: &file,
        storage: &Storage::from_environment(),
        shards,
        new_run: false,
        threads: resources.threads,
        memory: resources.memory,
        scratch,
        runtime: context.runtime.clone(),
        reporter: &context.progress,
        cancellation: &context.cancellation,
        cluster: None,
        metrics: RunMetrics::register(&mut Metrics::new()),
        course: &Course::default(),
        model: None,
        sizes: Some(&reached),
    }))?;
    tell_rows(&context.progress, file.job.unit, &outcome.rows, outcome.exclude_list);
    let sizes = outcome.sizes.as_mut().ok_or_else(|| Error::bug("a run for sizes gave none"))?;
    let channels = channels.map(|channels| sizes.without_few(channels, file.job.privacy.min_cell));
    let answer = SizeAnswer {
        job: &file.job.name,
        unit: file.job.unit,
        as_of: file.job.as_of.to_string(),
        sizes,
        left_out: &left_out,
        channels: channels.as_deref(),
        warnings: &outcome.warnings,
    };
    Ok(if json { answer.to_json() } else { answer.to_text() })
}

/// Gives the channels of the job's consents; none where it has no such source.
fn channels_of(context: &Context, file: &JobFile, scratch: &Path) -> Result<Option<Vec<String>>> {
    let budget = DataBudget::new(context.resources.memory, 1)?.memory;
    let memory = usize::try_from(budget / LOOKING).unwrap_or(usize::MAX);
    let storage = Storage::from_environment().reading_within(budget / LOOKING);
    let (references, constants) = (References::default(), Constants::default());
    let scratch = scratch.join("channels");
    let room = Room { memory, scratch: &scratch, references: &references, constants: &constants };
    let with = Answering { storage, runtime: context.runtime.clone(), room };
    channels(file, &with, &|| context.cancellation.is_stopped())
}

/// Gives the job with its output in scratch, and with features that say whom each channel reaches, with their names.
fn in_scratch(file: &JobFile, channels: Option<&[String]>, scratch: &Path) -> Result<(JobFile, Vec<String>)> {
    let mut file = file.clone();
    let output = scratch.join("output");
    file.job.output.uri =
        output.to_str().ok_or_else(|| Error::job("the path of the scratch folder is no text"))?.to_owned();
    file.job.output.quarantine = QuarantineDetail::Counts;
    file.job.output.previous = Previous::None;
    file.job.exports.clear();
    let reached: Vec<String> = (0..channels.map_or(0, <[String]>::len)).map(reach_feature).collect();
    if let Some(channels) = channels.filter(|channels| !channels.is_empty()) {
        let defaults: BTreeMap<_, _> = reached.iter().map(|name| (name.clone(), DefaultValue::Truth(false))).collect();
        let query = reach_query(channels, &file.job);
        file.job.features.sql.push(SqlFeatures { name: "reached".to_owned(), query, defaults });
    }
    Ok((file, reached))
}

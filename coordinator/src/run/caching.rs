//! Whether a run uses the cache of its job, and what it takes of it.

use super::options::RunOptions;
use crate::{
    cache::{Cache, CachedRun, Opened},
    plan::Prepared,
    progress::Reporter,
    protocol::{RunLog, stage},
};
use chrono::Utc;
use prost::Message;
use segmenter_proto::{Error, Result, jobs::Job, v1::PartitionDone};
use segmenter_worker::storage::Folder;

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// Opens the cache of a job that keeps rows, and cuts the run into as many shards as that has. None where the job keeps none, where customers are
/// scored, which are others, and where another number of shards is asked for.
///
/// # Errors
/// The store fails.
pub async fn open_cache(output: &Folder, options: &RunOptions<'_>, prepared: &mut Prepared) -> Result<Option<Cache>> {
    let job = &options.file.job;
    if job.cache.is_none() || options.model.is_some() {
        return Ok(None);
    }
    let Opened { cache, told } = Cache::open(output, &job.name, prepared.spec.shards).await?;
    if let Some(told) = told {
        options.reporter.warn(&told);
    }
    if options.shards.is_some_and(|asked| asked != cache.shards) {
        let text = format!(
            "--shards asks for another number than the {} of the cache: all files are read, and nothing is kept",
            cache.shards
        );
        options.reporter.warn(&text);
        return Ok(None);
    }
    prepared.cut_into(cache.shards)?;
    Ok(Some(cache))
}

/// Finds out what a run that begins now would take of the cache of its job, and cuts it accordingly. Writes nothing.
///
/// # Errors
/// The store fails.
pub async fn look_at_cache(
    output: &Folder,
    job: &Job,
    asked: Option<u32>,
    prepared: &mut Prepared,
) -> Result<Option<CachedRun>> {
    if job.cache.is_none() {
        return Ok(None);
    }
    let cache = Cache::find(output, &job.name, prepared.spec.shards).await?;
    let Some(cache) = cache.filter(|cache| asked.is_none_or(|asked| asked == cache.shards)) else {
        return Ok(None);
    };
    prepared.cut_into(cache.shards)?;
    prepared.spec.cache = Some(cache.path.clone());
    let (cached, tasks) = CachedRun::recall(cache, &prepared.spec, &prepared.inputs, ages(job)).await?;
    prepared.tasks = tasks;
    Ok(Some(cached))
}

/// Gives since when entries of the cache count, and now, in seconds since 1970 UTC.
fn ages(job: &Job) -> (u64, u64) {
    let now = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
    let age = job.cache.as_ref().map_or(0, |cache| u64::from(cache.max_age_days));
    (now.saturating_sub(age * SECONDS_A_DAY), now)
}

/// Finds out which rows the run takes of the cache, and cuts the others into tasks. A run that goes on behind its partition has the tasks that it
/// was begun with.
///
/// # Errors
/// The store fails.
pub async fn recall(
    output: &Folder,
    log: &RunLog,
    cache: Option<Cache>,
    prepared: &mut Prepared,
    reporter: &Reporter,
) -> Result<Option<CachedRun>> {
    let (since, now) = ages(&prepared.spec.job);
    let done = log.stage(stage::PARTITION).map(|payload| PartitionDone::decode(payload.clone())).transpose();
    let done = done.map_err(|error| Error::bug("the log of stage partition is damaged").caused_by(error))?;
    let cache = match &done {
        // The job file may have got or lost its [cache] since.
        Some(done) if done.kept.is_empty() => None,
        Some(_) => Some(Cache::of_shards(output, &prepared.spec.job.name, log.shards())?),
        None => cache.filter(|cache| cache.shards == log.shards()),
    };
    let Some(cache) = cache else { return Ok(None) };
    prepared.spec.cache = Some(cache.path.clone());
    let (cached, tasks) = match done {
        Some(done) => CachedRun::resumed(cache, &prepared.spec, &prepared.inputs, &done, now)?,
        None => {
            let recalled = CachedRun::recall(cache, &prepared.spec, &prepared.inputs, (since, now)).await?;
            tell(&recalled.0, reporter);
            recalled
        }
    };
    prepared.tasks = tasks;
    Ok(Some(cached))
}

fn tell(cached: &CachedRun, reporter: &Reporter) {
    let (files, taken) = cached.files();
    let text = match (files, taken) {
        (_, 0) => format!("the cache has nothing of {files} files yet"),
        (files, taken) if files == taken => format!("the cache has the rows of all {files} files"),
        _ => format!("the cache has the rows of {taken} of {files} files"),
    };
    reporter.tell(
        "cache",
        &text,
        [("message", text.as_str().into()), ("files", files.into()), ("taken", taken.into())],
    );
}

//! What is known of a run at one moment.

use crate::{
    course::{Known, TimedStage},
    progress::{Live, Progress},
};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Version of `status.json`: raised where a key changes its meaning, not where one is added.
const FORMAT_VERSION: u32 = 1;

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// 1.
    pub format_version: u32,
    /// Name of the job.
    pub job: String,
    /// Features see only what happened before this date.
    pub as_of: NaiveDate,
    /// Id of the run.
    pub run: String,
    /// Where its results will be.
    pub folder: String,
    /// How many coordinators took the run on, the present one counted.
    pub generation: u64,
    /// When the present coordinator began.
    pub began_at: DateTime<Utc>,
    /// When this was written.
    pub written_at: DateTime<Utc>,
    /// Stages that are done or under way, in their order; those that an earlier coordinator did are not told.
    pub stages: Vec<StageStatus>,
    /// What was warned of so far.
    pub warnings: Vec<String>,
}

/// How far a stage is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageStatus {
    /// Its name in the log.
    pub stage: String,
    /// Whether it is done.
    pub is_done: bool,
    /// Pieces of work that are done, and in all; none where they are not counted, and of stages that are done.
    pub tasks: Option<[u64; 2]>,
    /// Rows gone through.
    pub rows: u64,
    /// Bytes read or written.
    pub bytes: u64,
    /// What it took so far.
    pub seconds: f64,
    /// What it will take yet, by what it took so far; none where that is not known, and of stages that are done.
    pub seconds_left: Option<f64>,
    /// Workers that took part; none of a stage that is under way.
    pub workers: Option<u64>,
    /// Attempts after a task's first.
    pub retries: Option<u64>,
    /// How much longer the busiest worker worked than the mean one.
    pub skew: Option<f64>,
}

/// Gives how far a run is; none before it is taken on.
pub fn status(known: &Known, live: &Live, now: DateTime<Utc>) -> Option<Status> {
    let (job, begun) = (known.job.as_ref()?, known.begun.as_ref()?);
    let under_way = live.stage().map(|(progress, elapsed)| under_way(progress, elapsed));
    Some(Status {
        format_version: FORMAT_VERSION,
        job: job.name.clone(),
        as_of: job.as_of,
        run: known.run.clone()?,
        folder: known.folder.clone()?,
        generation: begun.generation,
        began_at: known.since.trunc_subsecs(0),
        written_at: now.trunc_subsecs(0),
        stages: known.stages.iter().map(done).chain(under_way).collect(),
        warnings: live.warnings(),
    })
}

fn done(TimedStage { timing, .. }: &TimedStage) -> StageStatus {
    StageStatus {
        stage: timing.stage.clone(),
        is_done: true,
        tasks: None,
        rows: timing.rows,
        bytes: timing.bytes,
        seconds: timing.seconds,
        seconds_left: None,
        workers: Some(timing.workers),
        retries: Some(timing.retries),
        skew: timing.skew,
    }
}

fn under_way(progress: Progress, elapsed: Duration) -> StageStatus {
    let Progress { stage, done, total, rows, bytes } = progress;
    let seconds = (elapsed.as_secs_f64() * 10.0).round() / 10.0;
    let is_known = done > 0 && total >= done;
    let left = is_known.then(|| (seconds * (total - done) as f64 / done as f64).round());
    StageStatus {
        stage,
        is_done: false,
        tasks: (total > 0).then_some([done, total]),
        rows,
        bytes,
        seconds,
        seconds_left: left,
        workers: None,
        retries: None,
        skew: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64, total: u64) -> Progress {
        Progress { stage: "features".to_owned(), done, total, rows: 10, bytes: 20 }
    }

    #[test]
    fn what_is_left_follows_from_what_was_done() {
        let left = |done, total| under_way(progress(done, total), Duration::from_secs(30)).seconds_left;
        assert_eq!([left(0, 8), left(2, 8), left(8, 8), left(3, 0)], [None, Some(90.0), Some(0.0), None]);
        assert_eq!(under_way(progress(2, 8), Duration::ZERO).tasks, Some([2, 8]));
        assert_eq!(under_way(progress(2, 0), Duration::ZERO).tasks, None);
    }

    #[test]
    fn nothing_is_told_of_a_run_before_it_is_taken_on() {
        let known = crate::course::Course::default().known();
        assert_eq!(status(&known, &Live::default(), Utc::now()), None);
    }
}

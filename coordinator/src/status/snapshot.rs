//! What is known of a run at one moment.

use crate::{
    course::{Known, TimedStage},
    progress::{Hand, Live, Presence, Progress, RoundsOfStage},
    tally::StageTally,
};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use segmenter_proto::RowFates;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

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
    /// Fits that go by rounds, with the figure that is watched; those that an earlier coordinator did are not told.
    #[serde(default)]
    pub rounds: Vec<FitRounds>,
    /// Who works, and who did.
    #[serde(default)]
    pub workers: Vec<WorkerStatus>,
    /// What became of the rows of each source, once they are read.
    #[serde(default)]
    pub rows: BTreeMap<String, RowFates>,
    /// What was warned of so far.
    pub warnings: Vec<String>,
}

/// How a figure falls or rises over the rounds of a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitRounds {
    /// The stage's name in the log.
    pub stage: String,
    /// What the figure is, such as `inertia`.
    pub figure: String,
    /// The last rounds, by number, and the figure after each.
    pub values: Vec<(u64, f64)>,
}

/// What a worker does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerStatus {
    /// Its URL; `this process` where the run is embedded.
    pub name: String,
    /// `there`, `leaving` or `gone`.
    pub state: WorkerState,
    /// Why it is gone.
    pub reason: Option<String>,
    /// Tasks that it works on at the same time.
    pub slots: u64,
    /// Attempts that it works on.
    pub running: u64,
    /// Attempts that it ended well.
    pub done: u64,
    /// Attempts that failed there, or were lost with it.
    pub failed: u64,
    /// Time that its attempts took, all of them added up.
    pub busy_seconds: f64,
}

/// Whether a worker is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// It takes tasks.
    There,
    /// It ends what it has and takes nothing new.
    Leaving,
    /// It is gone.
    Gone,
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
    /// Workers that took part; of a stage that is under way, those whose attempts ended.
    pub workers: Option<u64>,
    /// Attempts after a task's first.
    pub retries: Option<u64>,
    /// How much longer the busiest worker worked than the mean one.
    pub skew: Option<f64>,
}

/// Gives how far a run is; none before it is taken on.
pub fn status(known: &Known, live: &Live, now: DateTime<Utc>) -> Option<Status> {
    let (job, begun) = (known.job.as_ref()?, known.begun.as_ref()?);
    let under_way = live.stage().map(|(progress, elapsed)| under_way(progress, elapsed, &live.tally()));
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
        rounds: live.rounds().into_iter().map(FitRounds::from).collect(),
        workers: live.crew().workers().map(WorkerStatus::from).collect(),
        rows: known.rows.iter().cloned().collect(),
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

impl From<RoundsOfStage> for FitRounds {
    fn from(of: RoundsOfStage) -> Self {
        Self { stage: of.stage, figure: of.figure.to_owned(), values: of.values }
    }
}

impl From<&Hand> for WorkerStatus {
    fn from(hand: &Hand) -> Self {
        let (state, reason) = match &hand.presence {
            Presence::There => (WorkerState::There, None),
            Presence::Leaving => (WorkerState::Leaving, None),
            Presence::Gone(reason) => (WorkerState::Gone, Some(reason.clone())),
        };
        Self {
            name: hand.name.clone(),
            state,
            reason,
            slots: hand.slots as u64,
            running: hand.running,
            done: hand.done,
            failed: hand.failed,
            busy_seconds: (hand.busy.as_secs_f64() * 10.0).round() / 10.0,
        }
    }
}

fn under_way(progress: Progress, elapsed: Duration, tally: &StageTally) -> StageStatus {
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
        workers: Some(tally.workers()),
        retries: Some(tally.retries),
        skew: tally.skew(),
    }
}

/// A run that is under way, for tests of what shows it.
#[cfg(test)]
pub fn example() -> Status {
    let stage = |stage: &str, is_done| StageStatus {
        stage: stage.to_owned(),
        is_done,
        tasks: (!is_done).then_some([12, 63]),
        rows: 20_000_000,
        bytes: if is_done { 412_000_000 } else { 0 },
        seconds: if is_done { 1.8 } else { 12.0 },
        seconds_left: (!is_done).then_some(51.0),
        workers: Some(if is_done { 3 } else { 1 }),
        retries: Some(u64::from(is_done)),
        skew: is_done.then_some(1.2),
    };
    let worker = |name: &str, state, reason: Option<&str>| WorkerStatus {
        name: name.to_owned(),
        state,
        reason: reason.map(str::to_owned),
        slots: 3,
        running: u64::from(state == WorkerState::There),
        done: 40,
        failed: 1,
        busy_seconds: 7.5,
    };
    Status {
        format_version: FORMAT_VERSION,
        job: "daily".to_owned(),
        as_of: NaiveDate::from_ymd_opt(2026, 11, 30).unwrap(),
        run: "2026-11-30-0123456789ab".to_owned(),
        folder: "s3://lake/daily/runs/2026-11-30-0123456789ab".to_owned(),
        generation: 2,
        began_at: "2026-11-30T03:00:00Z".parse().unwrap(),
        written_at: "2026-11-30T03:00:10Z".parse().unwrap(),
        stages: vec![stage("partition", true), stage("fit/value", false)],
        rounds: vec![FitRounds {
            stage: "fit/value".to_owned(),
            figure: "inertia".to_owned(),
            values: vec![(1, 100.0), (2, 80.0)],
        }],
        workers: vec![
            worker("http://10.0.0.7:7071", WorkerState::There, None),
            worker("http://10.0.0.8:7071", WorkerState::Gone, Some("it said nothing for 10 s")),
        ],
        rows: [("orders".to_owned(), RowFates { read: 20_000_000, ..RowFates::default() })].into(),
        warnings: vec!["2 rows are odd".to_owned()],
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
        let tally = StageTally { retries: 2, ..StageTally::default() };
        let left = |done, total| under_way(progress(done, total), Duration::from_secs(30), &tally).seconds_left;
        assert_eq!([left(0, 8), left(2, 8), left(8, 8), left(3, 0)], [None, Some(90.0), Some(0.0), None]);
        assert_eq!(under_way(progress(2, 8), Duration::ZERO, &tally).tasks, Some([2, 8]));
        let unknown = under_way(progress(2, 0), Duration::ZERO, &tally);
        assert_eq!((unknown.tasks, unknown.retries, unknown.skew), (None, Some(2), None));
    }

    #[test]
    fn nothing_is_told_of_a_run_before_it_is_taken_on() {
        let known = crate::course::Course::default().known();
        assert_eq!(status(&known, &Live::default(), Utc::now()), None);
    }
}

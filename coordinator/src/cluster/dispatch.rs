//! The I/O around the [`Scheduler`]: tells it what happens, and does what it says.

use super::{
    departures::Departures,
    digest::digest_of,
    members::MemberEvent,
    scheduler::{Action, AttemptKey, Event, Limits, Scheduler, Stop, WorkerId},
};
use crate::{cancellation::Cancellation, metrics::RunMetrics, progress::Live, tally::StageTally};
use futures::{
    FutureExt, StreamExt,
    future::{AbortHandle, BoxFuture, abortable},
    stream::FuturesUnordered,
};
use segmenter_proto::{
    Error, Fault, Result,
    v1::{Answer, Stage, Task, answer, task},
};
use segmenter_worker::{
    engine::{Lost, WorkerChannel},
    metrics::{Outcome, stage_name},
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tracing::Instrument;

/// How often time alone is looked at: for stragglers, for a run without workers, and for a signal to stop.
const TICK: Duration = Duration::from_millis(100);

/// The tasks of a round. What is done is made when a task is sent, and let go of with the attempt: all tasks of a round together may be
/// more than memory should hold.
struct Tasks<W> {
    /// The shards that each goes through.
    places: Vec<Vec<u32>>,
    /// What is done, by the task's number.
    work: W,
}

/// Who hears of every attempt.
#[derive(Debug, Clone)]
pub struct Watchers {
    /// Counts for Prometheus.
    pub metrics: RunMetrics,
    /// Tells those who watch the run.
    pub live: Live,
}

/// Sends tasks to workers and takes the first answer to each.
#[derive(Debug)]
pub struct Dispatcher {
    run: String,
    generation: u64,
    scheduler: Scheduler,
    events: mpsc::UnboundedReceiver<MemberEvent>,
    channels: BTreeMap<WorkerId, Arc<dyn WorkerChannel>>,
    /// None: it was given up.
    calls: FuturesUnordered<BoxFuture<'static, Option<Ended>>>,
    /// What ends a call.
    ends: BTreeMap<AttemptKey, AbortHandle>,
    began: Instant,
    /// The stage that is under way, and the round.
    stage: Stage,
    round: u32,
    /// Why workers went away, the last one: for the message when none is left.
    last_lost: Option<String>,
    /// How each of them did, for the message when a task cost too many.
    departures: Departures,
    tally: StageTally,
    cancellation: Cancellation,
    watchers: Watchers,
}

/// What happened, with what comes of it if the scheduler wants it.
#[derive(Debug, Default)]
struct Happened {
    events: Vec<Event>,
    answer: Option<answer::Result>,
    failure: Option<(WorkerId, AttemptKey, Error)>,
}

impl From<Event> for Happened {
    fn from(event: Event) -> Self {
        Self { events: vec![event], answer: None, failure: None }
    }
}

/// A call that ended.
#[derive(Debug)]
struct Ended {
    stage: Stage,
    attempt: AttemptKey,
    worker: WorkerId,
    took: Duration,
    result: Result<Answer, Lost>,
}

impl Dispatcher {
    /// Speaks for the coordinator of this generation to the workers that `events` tells of.
    pub fn new(
        run: &str,
        generation: u64,
        limits: Limits,
        events: mpsc::UnboundedReceiver<MemberEvent>,
        cancellation: Cancellation,
        watchers: Watchers,
    ) -> Self {
        Self {
            stage: Stage::Unspecified,
            round: 0,
            run: run.to_owned(),
            generation,
            scheduler: Scheduler::new(limits, Duration::ZERO),
            events,
            channels: BTreeMap::new(),
            calls: FuturesUnordered::new(),
            ends: BTreeMap::new(),
            began: Instant::now(),
            last_lost: None,
            departures: Departures::default(),
            tally: StageTally::default(),
            cancellation,
            watchers,
        }
    }

    /// Puts shards into groups, one a worker; see `Scheduler::groups`.
    ///
    /// # Errors
    /// See [`Self::round`].
    pub fn groups(&mut self, shards: u32) -> Result<Vec<Vec<u32>>> {
        while let Ok(event) = self.events.try_recv() {
            self.hear(event)?;
        }
        Ok(self.scheduler.groups(shards))
    }

    /// Takes note of what happened to a worker between rounds, when nothing is started.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub fn hear(&mut self, event: MemberEvent) -> Result<()> {
        let event = self.of_member(event)?;
        self.scheduler.on(self.began.elapsed(), event);
        Ok(())
    }

    /// Gives what was counted since it was last asked.
    pub fn take_tally(&mut self) -> StageTally {
        std::mem::take(&mut self.tally)
    }

    /// Performs a round of a task for each of `places`, which are the shards that it goes through. `work` gives what is done, the same whenever
    /// it is asked. `take` gets the first answer to each task as it comes, with the number of the task, in no particular
    /// order, so what it does with them must not depend on it.
    ///
    /// # Errors
    /// A task's failure that no retry helps, or that retries did not help; that there is no worker; that the process was told
    /// to stop. After [`Error::lost_work`] another round may begin, once the work file is made again.
    pub async fn round(
        &mut self,
        stage: Stage,
        places: Vec<Vec<u32>>,
        work: impl Fn(u32) -> Result<task::Work>,
        mut take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        let (name, tasks, since) = (stage_name(stage), places.len(), Instant::now());
        let span = tracing::info_span!("round", run = self.run, generation = self.generation, stage = name);
        self.perform(stage, &Tasks { places, work }, &mut take).instrument(span).await?;
        tracing::info!(stage = name, round = self.round, tasks, seconds = since.elapsed().as_secs_f64(), "round done");
        Ok(())
    }

    async fn perform<W: Fn(u32) -> Result<task::Work>>(
        &mut self,
        stage: Stage,
        tasks: &Tasks<W>,
        take: &mut impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        self.stage = stage;
        let (round, actions) = self.scheduler.begin(self.began.elapsed(), tasks.places.clone());
        self.round = round;
        self.act(stage, tasks, actions, None, None, take)?;
        let mut tick = tokio::time::interval(TICK);
        while !self.scheduler.is_done() {
            let Happened { events, answer, failure } = tokio::select! {
                Some(ended) = self.calls.next() => self.of_call(ended)?,
                Some(event) = self.events.recv() => self.of_members(event)?,
                _ = tick.tick() => {
                    self.watchers.live.note_tally(self.tally_so_far());
                    Event::Tick.into()
                }
            };
            self.cancellation.check()?;
            let actions = self.scheduler.on_all(self.began.elapsed(), events);
            let failure = failure.map(|(worker, AttemptKey { round, task, attempt }, error)| {
                // One that ends the run is the run's error, which says it.
                if !actions.iter().any(|action| matches!(action, Action::Fail(_))) {
                    tracing::warn!(worker, round, task, attempt, error = %error, "attempt failed");
                }
                error
            });
            match failure {
                // No other attempt finds the file whole.
                Some(lost) if lost.lost_work.is_some() => {
                    self.act(stage, tasks, actions, None, None, take)?;
                    return Err(lost);
                }
                failure => self.act(stage, tasks, actions, answer, failure, take)?,
            }
        }
        self.tally = self.tally_so_far();
        self.cancellation.check()
    }

    /// Gives what is counted, that of the round which is under way with it.
    fn tally_so_far(&self) -> StageTally {
        let (mut tally, of_round) = (self.tally.clone(), self.scheduler.tally());
        tally.retries += of_round.retries as u64;
        tally.copies += of_round.copies as u64;
        tally
    }

    /// Does what the scheduler says.
    fn act<W: Fn(u32) -> Result<task::Work>>(
        &mut self,
        stage: Stage,
        tasks: &Tasks<W>,
        actions: Vec<Action>,
        mut answer: Option<answer::Result>,
        mut failure: Option<Error>,
        take: &mut impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        for action in actions {
            match action {
                Action::Start { attempt, worker } => self.call(stage, tasks, attempt, worker)?,
                Action::Take { attempt } => {
                    let answer = answer.take().ok_or_else(|| Error::bug("an answer is to be taken that is none"))?;
                    take(attempt.task, answer)?;
                }
                Action::GiveUp { attempt } => {
                    let AttemptKey { round, task, attempt: count } = attempt;
                    tracing::warn!(round, task, attempt = count, "attempt given up: it hangs, though its worker lives");
                    if let Some(end) = self.ends.remove(&attempt) {
                        end.abort();
                    }
                }
                Action::Fail(stop) => return Err(self.stopped(stage, &tasks.places, &stop, failure.take())),
            }
        }
        Ok(())
    }

    fn stopped(&self, stage: Stage, places: &[Vec<u32>], stop: &Stop, failure: Option<Error>) -> Error {
        let last_lost = self.last_lost.as_ref().map(|lost| format!("; the last: {lost}")).unwrap_or_default();
        match stop {
            Stop::NoWorker { waited } => Error::dependency(format!(
                "there is no worker since {:.0} s{last_lost}",
                waited.as_secs_f64()
            ))
            .with_hint(
                "see that workers run, and run the same command again; it goes on from the last stage that was done",
            ),
            Stop::KillsWorkers { task, .. } => {
                self.departures.over(&place(stage, places, *task), &self.scheduler.killers(*task))
            }
            Stop::Hangs { task, ran } => Error::dependency(format!(
                "{} did not end within {:.0} s, at none of the workers that were given it, though they live",
                place(stage, places, *task),
                ran.as_secs_f64()
            ))
            .with_hint(
                "the workers' logs say what they wait for; where so much work is in one task, give --task-limit more",
            ),
            Stop::Failed { .. } => failure.unwrap_or_else(|| Error::bug("an attempt failed without an error")),
            Stop::Differs { task, .. } => {
                Error::bug(format!("two workers gave different answers to {}", place(stage, places, *task)))
            }
        }
    }

    fn call<W: Fn(u32) -> Result<task::Work>>(
        &mut self,
        stage: Stage,
        tasks: &Tasks<W>,
        attempt: AttemptKey,
        worker: WorkerId,
    ) -> Result<()> {
        let shards = tasks.places.get(attempt.task as usize);
        let shards = shards.ok_or_else(|| Error::bug("an attempt at a task that is none"))?;
        let channel = self.channels.get(&worker).ok_or_else(|| Error::bug("an attempt at a worker that is none"))?;
        let task = Task {
            run: self.run.clone(),
            generation: self.generation,
            stage: stage.into(),
            index: attempt.task,
            attempt: attempt.attempt,
            round: attempt.round,
            shards: shards.clone(),
            work: Some((tasks.work)(attempt.task)?),
        };
        let AttemptKey { round, task: number, attempt: count } = attempt;
        tracing::debug!(
            worker,
            round,
            task = number,
            attempt = count,
            shard = shards.first(),
            shards = shards.len(),
            "attempt"
        );
        let (call, since) = (channel.perform(task), Instant::now());
        let ended = call.map(move |result| Ended { stage, attempt, worker, took: since.elapsed(), result });
        let (call, end) = abortable(ended);
        self.ends.insert(attempt, end);
        self.watchers.live.note_crew(|crew| crew.began(worker));
        self.calls.push(call.map(std::result::Result::ok).boxed());
        Ok(())
    }

    fn of_call(&mut self, ended: Option<Ended>) -> Result<Happened> {
        let Some(ended) = ended else { return Ok(Happened::default()) };
        let Ended { stage, attempt, worker, took, result } = ended;
        self.ends.remove(&attempt);
        // A late one of an earlier stage is not this one's.
        if stage == self.stage {
            *self.tally.busy.entry(worker).or_default() += took;
        }
        let outcome = match &result {
            Ok(_) => Outcome::Done,
            Err(Lost::Failed(_)) => Outcome::Failed,
            Err(Lost::Undelivered(_) | Lost::Unreachable(_)) => Outcome::Cancelled,
        };
        self.watchers.metrics.attempt(stage, outcome);
        self.watchers.live.note_crew(|crew| crew.ended(worker, took, result.is_ok()));
        match result {
            Ok(Answer { result: Some(result), .. }) => {
                let event = Event::Answered { attempt, digest: digest_of(&result) };
                Ok(Happened { answer: Some(result), ..event.into() })
            }
            Ok(_) => Err(Error::bug("an answer holds no result")),
            Err(Lost::Failed(error)) => {
                if error.lost_work.is_some() {
                    // What a late one of an earlier round missed is made again by now.
                    let failure = Some((worker, attempt, error)).filter(|_| attempt.round == self.round);
                    return Ok(Happened { failure, ..Event::Missed { attempt }.into() });
                }
                let retry = matches!(error.fault, Fault::Dependency | Fault::Resources);
                let failure = Some((worker, attempt, error));
                Ok(Happened { failure, ..Event::Failed { attempt, retry }.into() })
            }
            Err(Lost::Undelivered(error)) => {
                tracing::info!(worker, task = attempt.task, attempt = attempt.attempt, error = %error, "not delivered");
                self.last_lost = Some(error.message);
                Ok(Event::Undelivered { attempt }.into())
            }
            Err(Lost::Unreachable(error)) => {
                let AttemptKey { round, task, attempt: count } = attempt;
                tracing::warn!(worker, round, task, attempt = count, error = %error, "attempt lost");
                self.departures.broke(worker, &error.message);
                self.last_lost = Some(error.message);
                Ok(Event::Unreachable { attempt }.into())
            }
        }
    }

    /// All that is known by now, so that nothing is sent to a worker that is known to be gone.
    fn of_members(&mut self, first: MemberEvent) -> Result<Happened> {
        let mut events = vec![self.of_member(first)?];
        while let Ok(event) = self.events.try_recv() {
            events.push(self.of_member(event)?);
        }
        Ok(Happened { events, answer: None, failure: None })
    }

    fn of_member(&mut self, event: MemberEvent) -> Result<Event> {
        Ok(match event {
            MemberEvent::Joined { worker, name, slots, channel } => {
                self.channels.insert(worker, channel);
                self.watchers.live.note_crew(|crew| crew.joined(worker, &name, slots));
                Event::Joined { worker, slots }
            }
            MemberEvent::Draining { worker } => {
                self.watchers.live.note_crew(|crew| crew.leaving(worker));
                Event::Draining { worker }
            }
            MemberEvent::Lost { worker, reason, orderly } => {
                self.channels.remove(&worker);
                self.watchers.live.note_crew(|crew| crew.gone(worker, &reason));
                self.departures.went(worker, &reason);
                self.last_lost = Some(reason);
                if orderly { Event::Left { worker } } else { Event::Lost { worker } }
            }
            MemberEvent::Impossible(error) => return Err(error),
        })
    }
}

/// Names a task for people.
fn place(stage: Stage, places: &[Vec<u32>], task: u32) -> String {
    let stage = stage_name(stage);
    match places.get(task as usize).map(Vec::as_slice) {
        Some([shard]) => format!("shard {shard} of stage {stage}"),
        Some([first, .., last]) => format!("shards {first} to {last} of stage {stage}"),
        _ => format!("task {task} of stage {stage}"),
    }
}

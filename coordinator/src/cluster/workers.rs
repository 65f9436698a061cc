//! Where a run's tasks are performed: in this process, or on all workers that register.

use super::{
    dispatch::{Dispatcher, Watchers},
    members::{MemberEvent, Members},
    options::ClusterOptions,
    scheduler::Limits,
    server::Server,
    traffic::Traffic,
};
use crate::{cancellation::Cancellation, metrics::RunMetrics, progress::Reporter};
use segmenter_proto::{
    Error, Result,
    v1::{CloseRequest, OpenRequest},
};
use segmenter_worker::{
    engine::{InProcess, Worker},
    spec::RunSpec,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Failed attempts at one task after which a run ends.
const FAILURES: u32 = 3;
/// Workers that one task may cost before a run ends.
const KILLERS: u32 = 3;
/// An attempt that takes so many times as long as others is tried elsewhere too, ...
const STRAGGLER_FACTOR: u32 = 3;
/// ... but not before this.
const STRAGGLER_LEAST: Duration = Duration::from_secs(5);
/// Where there are no others to compare with, it is tried elsewhere too after this part of the limit on tasks.
const STRAGGLER_ALONE: u32 = 30;
/// An attempt is given up after the limit on tasks, and so many times as long as the slowest of the others.
const DEADLINE_FACTOR: u32 = 10;

/// Where there is nothing to do, workers have so long to come and hear it.
const DISMISSING: Duration = Duration::from_secs(5);

/// The one worker of the embedded mode.
const EMBEDDED: u64 = 1;

/// The workers of a run.
#[derive(Debug)]
pub enum Workers {
    /// All in this process.
    Embedded,
    /// Those that register.
    Cluster(Box<Cluster>),
}

/// The workers that register with this process.
#[derive(Debug)]
pub struct Cluster {
    options: ClusterOptions,
    members: Arc<Members>,
    events: Option<mpsc::UnboundedReceiver<MemberEvent>>,
    opened: Option<OpenRequest>,
    _server: Server,
}

impl Cluster {
    /// Listens for workers: they may register from here on.
    ///
    /// # Errors
    /// When the address cannot be listened on, or is not safe: Job.
    pub async fn listen(options: ClusterOptions, reporter: &Reporter, metrics: RunMetrics) -> Result<Self> {
        let incoming = options.security.bind(options.listen)?;
        let address = incoming.local_addr().unwrap_or(options.listen);
        let (sender, events) = mpsc::unbounded_channel();
        let members = Members::new(options.security.clone(), options.lost_after, sender, metrics);
        let server = Server::start(incoming, &options.security, members.clone()).await?;
        let url = format!("{}://{address}", options.security.scheme());
        let text = format!("listening on {url}; start workers with: segmenter-worker --coordinator {url}");
        reporter.tell("listening", &text, [("url", url.as_str().into())]);
        Ok(Self { options, members, events: Some(events), opened: None, _server: server })
    }

    /// Hands the run to all workers and waits until there are enough.
    async fn open(
        &mut self,
        spec: &RunSpec,
        generation: u64,
        cancellation: &Cancellation,
        reporter: &Reporter,
        metrics: &RunMetrics,
    ) -> Result<Dispatcher> {
        let spec_json = serde_json::to_string(&seen_from_anywhere(spec)?)
            .map_err(|error| Error::bug("the run's specification could not be written").caused_by(error))?;
        let request = OpenRequest { run: spec.run.clone(), generation, spec: spec_json, instance: 0 };
        self.members.open(request.clone());
        self.opened = Some(request);
        let mut events = self.events.take().ok_or_else(|| Error::bug("a run was opened twice"))?;
        let early = self.wait_for_workers(&mut events, cancellation, reporter).await?;
        let limits = Limits {
            failures: FAILURES,
            killers: KILLERS,
            grace: self.options.grace,
            straggler_factor: STRAGGLER_FACTOR,
            straggler_least: STRAGGLER_LEAST,
            straggler_alone: self.options.task_limit / STRAGGLER_ALONE,
            deadline_factor: DEADLINE_FACTOR,
            deadline_least: self.options.task_limit,
        };
        let watchers = Watchers { metrics: metrics.clone(), live: reporter.live().clone() };
        let mut dispatcher = Dispatcher::new(&spec.run, generation, limits, events, cancellation.clone(), watchers);
        early.into_iter().try_for_each(|event| dispatcher.hear(event))?;
        Ok(dispatcher)
    }

    /// Waits until there are enough; gives what happened meanwhile.
    async fn wait_for_workers(
        &self,
        events: &mut mpsc::UnboundedReceiver<MemberEvent>,
        cancellation: &Cancellation,
        reporter: &Reporter,
    ) -> Result<Vec<MemberEvent>> {
        let mut early = Vec::new();
        let mut last_lost = String::new();
        let ClusterOptions { workers: wanted, wait, .. } = self.options;
        let mut joined = self.members.joined();
        let deadline = tokio::time::Instant::now() + wait;
        if *joined.borrow() < wanted {
            let text = format!("waiting for {wanted} workers");
            reporter.tell("waiting", &text, [("workers", wanted.into())]);
        }
        loop {
            cancellation.check()?;
            while let Ok(event) = events.try_recv() {
                match event {
                    MemberEvent::Impossible(error) => return Err(error),
                    MemberEvent::Lost { ref reason, .. } => last_lost = format!("; the last that was lost: {reason}"),
                    _ => {}
                }
                early.push(event);
            }
            let there = *joined.borrow_and_update();
            if there >= wanted {
                return Ok(early);
            }
            if tokio::time::Instant::now() >= deadline {
                let wait = wait.as_secs();
                return Err(Error::dependency(format!(
                    "{there} of {wanted} workers registered within {wait} s{last_lost}"
                ))
                .with_hint("see the workers' logs; --wait gives them longer, --workers asks for fewer"));
            }
            // Looks up now and then: a signal to stop does not wake it.
            let _ = tokio::time::timeout(Duration::from_millis(100), joined.changed()).await;
        }
    }
}

/// Gives the run with an output that is the same folder for a worker that was started in another one.
fn seen_from_anywhere(spec: &RunSpec) -> Result<RunSpec> {
    let mut spec = spec.clone();
    let output = &mut spec.job.output.uri;
    if !output.contains("://") {
        let path = std::path::absolute(&*output)
            .map_err(|error| Error::job(format!("{output} is not a valid path")).caused_by(error))?;
        *output = path.to_string_lossy().into_owned();
    }
    Ok(spec)
}

impl Workers {
    /// Makes the run's way to its workers; `embedded` makes the one of this process and says how many threads it has.
    ///
    /// # Errors
    /// When there are not enough workers in time, or threads cannot be started.
    pub async fn open(
        &mut self,
        spec: &RunSpec,
        generation: u64,
        cancellation: &Cancellation,
        reporter: &Reporter,
        metrics: &RunMetrics,
        embedded: impl FnOnce() -> Result<(Worker, usize)>,
    ) -> Result<Dispatcher> {
        match self {
            Self::Cluster(cluster) => cluster.open(spec, generation, cancellation, reporter, metrics).await,
            Self::Embedded => {
                let (worker, threads) = embedded()?;
                let channel = Arc::new(InProcess::start(worker, threads)?);
                let (sender, events) = mpsc::unbounded_channel();
                let name = "this process".to_owned();
                let joined = MemberEvent::Joined { worker: EMBEDDED, name, slots: threads, channel };
                sender.send(joined).map_err(|_| Error::bug("nobody listens to the workers"))?;
                // A worker in this process does not go away, and what fails here fails again.
                let limits = Limits {
                    failures: 1,
                    killers: 1,
                    grace: Duration::MAX,
                    straggler_factor: u32::MAX,
                    straggler_least: Duration::MAX,
                    straggler_alone: Duration::MAX,
                    deadline_factor: u32::MAX,
                    deadline_least: Duration::MAX,
                };
                let watchers = Watchers { metrics: metrics.clone(), live: reporter.live().clone() };
                Ok(Dispatcher::new(&spec.run, generation, limits, events, cancellation.clone(), watchers))
            }
        }
    }

    /// Gives the bytes to and from other processes; none where all is in this one.
    pub fn traffic(&self) -> Option<Arc<Traffic>> {
        match self {
            Self::Embedded => None,
            Self::Cluster(cluster) => Some(cluster.members.traffic().clone()),
        }
    }

    /// Says whether work files must lie where other processes reach them.
    pub fn are_elsewhere(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Tells workers that the run was committed before: those that are there, and those that come within a moment, since they may
    /// just look for the coordinator that did it.
    pub async fn dismiss(&self, run: &str) {
        let Self::Cluster(cluster) = self else { return };
        let Cluster { options, members, .. } = &**cluster;
        let deadline = tokio::time::Instant::now() + DISMISSING;
        while members.known() < options.workers && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        members.close(&CloseRequest { run: run.to_owned(), generation: u64::MAX }).await;
    }

    /// Tells the workers that the run is over, or never began. Not to be called where the same command goes on later: they
    /// wait for it.
    pub async fn close(&self) {
        if let Self::Cluster(cluster) = self {
            let Cluster { members, opened, .. } = &**cluster;
            let opened = opened.clone().unwrap_or_default();
            members.close(&CloseRequest { run: opened.run.clone(), generation: opened.generation }).await;
        }
    }
}

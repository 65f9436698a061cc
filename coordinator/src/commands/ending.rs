//! How the end of a run is told: a result file, lineage, traces and metrics. However it ends, it is told once.

use super::{context::Context, export::for_programs, orchestration::OrchestrationArguments, result, result_file};
use crate::{
    course::Course,
    exports::Delivered,
    lineage::{Ended, Lineage, LineageSettings, Written},
    progress::Reporter,
    run::RunOutcome,
    telemetry::{self, TelemetrySettings},
};
use chrono::Utc;
use segmenter_proto::{Error, Fault, Result, jobs::Job};
use segmenter_worker::program::json_line;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::Handle;

/// How long an end waits for lineage, traces and metrics, which go at once: a little longer than each of them.
const LIMIT: Duration = Duration::from_secs(6);

/// How the end of a run is told; of a command that does not run, to nobody. Clones tell once between them.
#[derive(Debug, Clone, Default)]
pub struct Ending(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    course: Course,
    file: Option<PathBuf>,
    lineage: Option<Arc<Lineage>>,
    telemetry: Option<TelemetrySettings>,
    /// The exit code, once it is told.
    told: Mutex<Option<u8>>,
}

impl Ending {
    /// Prepares to tell, by what was typed and what the environment says; a result file says from now on that the run is under way.
    ///
    /// # Errors
    /// The result file cannot be written: Job.
    pub(super) fn prepare(wanted: OrchestrationArguments, runtime: &Handle, progress: &Reporter) -> Result<Self> {
        let OrchestrationArguments { result_file: file, parent_run } = wanted.or_environment();
        let get = |name: &str| std::env::var(name).ok();
        let (lineage, wrong) = LineageSettings::from_environment(get, parent_run);
        let (telemetry, more) = TelemetrySettings::from_environment(get);
        wrong.iter().chain(&more).for_each(|wrong| progress.warn(wrong));
        let lineage = lineage.map(|settings| Arc::new(Lineage::new(settings, runtime.clone())));
        let course = Course::default();
        if let Some(file) = &file {
            let begun = result_file::write(file, &result::of_beginning(&course.known()));
            // At the end a retry may help; now somebody named a wrong place.
            begun.map_err(|error| Error { fault: Fault::Job, ..error })?;
        }
        if let Some(lineage) = lineage.clone() {
            course.when_begun(move |known| lineage.start(known));
        }
        let ending = Self(Arc::new(Shared { course, file, lineage, telemetry, told: Mutex::new(None) }));
        ending.hear_panics();
        Ok(ending)
    }

    /// Gives the place where the run notes how far it is.
    pub(super) fn course(&self) -> &Course {
        &self.0.course
    }

    /// Tells that the run is committed, and gives the answer for programs.
    ///
    /// # Errors
    /// The result file cannot be written.
    pub(super) fn committed(&self, job: &Job, outcome: &RunOutcome, exports: &[Delivered]) -> Result<Value> {
        let mut answer = result::of_outcome(&self.0.course.known(), &job.name, outcome);
        if !exports.is_empty() {
            answer["exports"] = for_programs(exports);
        }
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&answer)?;
        *told = Some(0);
        Ok(answer)
    }

    /// Tells that the run failed, and gives the answer for programs.
    pub(super) fn failed(&self, error: &Error, stopped: bool) -> Value {
        let answer = result::of_error(&self.0.course.known(), error, stopped);
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        result_file::leave_last_words(error);
        // The error itself is told on stderr, and the exit code says the rest.
        if let Err(error) = self.write(&answer) {
            tracing::warn!(%error, "the result file could not be written");
        }
        *told = Some(error.fault.exit_code());
        answer
    }

    /// Tells of an end that does not wait for the run, unless it was told how the run ended; gives the exit code.
    pub(super) fn cut_short(&self) -> u8 {
        if let Ok(told) = self.0.told.try_lock()
            && let Some(code) = *told
        {
            return code;
        }
        let error = Error::dependency("stopped before the run was done")
            .with_hint("run the same command again; it goes on from the last stage that was done");
        self.failed(&error, true);
        error.fault.exit_code()
    }

    /// Tells catalogues and collectors, within a few seconds; what cannot be told is warned of.
    pub(super) fn hand_over(&self, context: &Context, outcome: &Result<()>) {
        let sent = async { tokio::time::timeout(LIMIT, self.send(context, outcome)).await };
        let missed = context
            .runtime
            .block_on(sent)
            .unwrap_or_else(|_| vec!["lineage or telemetry could not be sent in time".to_owned()]);
        missed.iter().for_each(|missed| context.progress.warn(missed));
    }

    async fn send(&self, context: &Context, outcome: &Result<()>) -> Vec<String> {
        let known = self.0.course.known();
        let error = outcome.as_ref().err();
        let stopped = context.cancellation.is_stopped() || error.is_some_and(|error| error.fault == Fault::Fenced);
        let ended = match error.map(Error::to_string) {
            None => self.written().await.map(Ended::Committed),
            Some(message) if stopped => Some(Ended::Stopped(message)),
            Some(message) => Some(Ended::Failed(message)),
        };
        let lineage = async {
            let (Some(lineage), Some(ended)) = (&self.0.lineage, &ended) else { return Vec::new() };
            // Where another coordinator took over, the folder is that one's.
            let writes = error.is_none_or(|error| error.fault != Fault::Fenced);
            lineage.end(&known, ended, writes).await
        };
        let outcome = telemetry::Outcome {
            exit_code: error.map_or(0, |error| error.fault.exit_code()),
            error: error.map(Error::to_string),
            until: Utc::now(),
        };
        let telemetry = async {
            match &self.0.telemetry {
                Some(settings) => telemetry::send(settings, &known, &outcome).await,
                None => Vec::new(),
            }
        };
        let (lineage, telemetry) = tokio::join!(lineage, telemetry);
        [lineage, telemetry].concat()
    }

    /// Gives what the run wrote; none where this program did nothing for it, so that there is no lineage to tell.
    async fn written(&self) -> Option<Written> {
        let known = self.0.course.known();
        self.0.lineage.as_ref()?;
        let (begun, job, run) = (known.begun?, known.job?, known.run?);
        Some(Written::by_run(&begun.output, &job.name, &run).await.unwrap_or_default())
    }

    fn write(&self, answer: &Value) -> Result<()> {
        self.0.file.as_ref().map_or(Ok(()), |file| result_file::write(file, answer))
    }

    /// Has a panic, on whatever thread, tell too before it ends the process.
    fn hear_panics(&self) {
        if self.0.file.is_none() {
            return;
        }
        let (ending, before) = (self.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            // Held where the panic is in the telling itself.
            if ending.0.told.try_lock().is_ok_and(|told| told.is_none()) {
                ending.failed(&Error::bug(panic.to_string()), false);
            }
            before(panic);
        }));
    }
}

/// Tells of a command line that asks for a run and cannot be understood.
pub(super) fn misunderstood(file: Option<&Path>, error: &Error) {
    result_file::leave_last_words(error);
    let Some(file) = file else { return };
    let answer = result::of_error(&Course::default().known(), error, false);
    if let Err(error) = result_file::write(file, &answer) {
        eprintln!("{error}");
    }
}

/// Gives the answer as it is printed.
pub(super) fn printed(answer: &Value) -> String {
    json_line(answer)
}

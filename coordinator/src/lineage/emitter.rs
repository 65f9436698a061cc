//! Writes and sends events while the run goes on.

use super::{
    event::{Ended, event},
    file::append,
    settings::LineageSettings,
};
use crate::{
    course::{Known, KnownJob},
    post::{post, shown},
};
use chrono::Utc;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value;
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// How long an end waits for what is written and sent.
pub const LINEAGE_LIMIT: Duration = Duration::from_secs(5);

/// A task that writes or sends; what went wrong is a sentence.
type Telling = JoinHandle<Result<(), String>>;

/// Tells of one run.
#[derive(Debug)]
pub struct Lineage {
    settings: LineageSettings,
    runtime: Handle,
    current: PathBuf,
    started: Mutex<Option<Started>>,
}

/// The telling of a start, which the run does not wait for.
#[derive(Debug)]
struct Started {
    written: Telling,
    sent: Telling,
}

impl Lineage {
    /// Prepares to tell of a run by these settings.
    pub fn new(settings: LineageSettings, runtime: Handle) -> Self {
        let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        Self { settings, runtime, current, started: Mutex::new(None) }
    }

    /// Tells that a run is taken on; returns at once.
    pub fn start(&self, known: &Known) {
        let Some(job) = &known.job else { return };
        let event = event(&self.settings, (job, known), None, Utc::now(), &self.current);
        let started = Started { written: self.write(job, known, vec![event.clone()]), sent: self.send(vec![event]) };
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = Some(started);
    }

    /// Tells how the run ended, and gives what could not be told, in sentences. `writes`: whether the run's folder is still this program's.
    pub async fn end(&self, known: &Known, ended: &Ended, writes: bool) -> Vec<String> {
        let Some(job) = &known.job else { return Vec::new() };
        let deadline = Instant::now() + LINEAGE_LIMIT;
        let event = |ended| event(&self.settings, (job, known), ended, Utc::now(), &self.current);
        let started = self.started.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (before, missed) = match started {
            Some(Started { written, sent }) => (Some((written, sent)), None),
            // A run that ended before it had an id starts and ends at once.
            None => (None, Some(event(None))),
        };
        let events: Vec<Value> = missed.into_iter().chain([event(Some(ended))]).collect();
        let (written, sent) = before.unzip();
        let write = async {
            let first = waited(written, deadline).await;
            if !writes {
                return first;
            }
            first.and(waited(Some(self.write(job, known, events.clone())), deadline).await)
        };
        let send = async {
            let first = waited(sent, deadline).await;
            // Where the start was not heard the end may be: the server may be back.
            let second = waited(Some(self.send(events.clone())), deadline).await;
            second.and(first)
        };
        let (written, sent) = tokio::join!(write, send);
        let told = [
            written.err().map(|why| format!("lineage.jsonl could not be written: {why}")),
            sent.err().map(|why| {
                let url = self.settings.url.as_deref().map(shown).unwrap_or_default();
                format!("lineage could not be sent to {url}: {why}")
            }),
        ];
        told.into_iter().flatten().collect()
    }

    fn write(&self, job: &KnownJob, known: &Known, events: Vec<Value>) -> Telling {
        let (name, run) = (job.name.clone(), known.run.clone());
        let output = known.begun.as_ref().map(|begun| begun.output.clone());
        self.runtime.spawn(async move {
            // A run that nobody took on has no folder to write to.
            let (Some(output), Some(run)) = (output, run) else { return Ok(()) };
            append(&output, &name, &run, &events).await.map_err(|error| error.to_string())
        })
    }

    fn send(&self, events: Vec<Value>) -> Telling {
        let (url, headers) = (self.settings.url.clone(), self.headers());
        self.runtime.spawn(async move {
            let Some(url) = url else { return Ok(()) };
            for event in events {
                let body = event.to_string().into_bytes();
                post(&url, headers.clone(), "application/json", body, LINEAGE_LIMIT).await?;
            }
            Ok(())
        })
    }

    fn headers(&self) -> HeaderMap {
        let key = self.settings.api_key.as_ref();
        let value = key.and_then(|key| HeaderValue::from_str(&format!("Bearer {key}")).ok());
        value.map(|value| (AUTHORIZATION, value)).into_iter().collect()
    }
}

/// Waits for a task until the deadline.
async fn waited(task: Option<Telling>, deadline: Instant) -> Result<(), String> {
    let Some(mut task) = task else { return Ok(()) };
    match timeout_at(deadline, &mut task).await {
        Ok(ended) => ended.unwrap_or_else(|error| Err(error.to_string())),
        Err(_) => {
            task.abort();
            Err(format!("it took longer than {} s", LINEAGE_LIMIT.as_secs()))
        }
    }
}

//! A worker in another process.

use super::traffic::Traffic;
use futures::future::BoxFuture;
use prost::Message;
use segmenter_proto::{
    Error, Result,
    v1::{Answer, CloseRequest, OpenRequest, Task, perform_answer, worker_client::WorkerClient},
};
use segmenter_worker::{
    engine::{Lost, WorkerChannel},
    network::{ANSWER_LIMIT, Client, MESSAGE_LIMIT, Role, Security},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Status};

/// A worker has this long to compile a run's plans.
const OPENING: Duration = Duration::from_secs(60);
/// A worker has this long to hear that the run is over.
const CLOSING: Duration = Duration::from_secs(5);

/// Speaks to one worker.
#[derive(Debug, Clone)]
pub struct RemoteWorker {
    url: String,
    client: WorkerClient<Client>,
    traffic: Arc<Traffic>,
    receiving: Receiving,
}

/// KiB of answers that are received at the same time, of all workers together. Whoever has no room yet is not read on, and so does not send on.
pub const RECEIVING: u32 = 256 << 10;

/// Room for the answers of all workers, in KiB.
#[derive(Debug, Clone)]
pub struct Receiving(Arc<Semaphore>);

impl Default for Receiving {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(RECEIVING as usize)))
    }
}

impl Receiving {
    /// Waits until there is room for an answer.
    async fn room_for(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(bytes.div_ceil(1 << 10)).unwrap_or(u32::MAX).min(RECEIVING);
        // Never closed.
        self.0.clone().acquire_many_owned(kib).await.ok()
    }
}

impl RemoteWorker {
    /// Prepares to speak; the first call connects.
    ///
    /// # Errors
    /// When the URL cannot be used: Job.
    pub fn new(url: &str, security: &Security, traffic: Arc<Traffic>, receiving: Receiving) -> Result<Self> {
        let client = WorkerClient::new(security.connect(url, Role::Worker)?)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        Ok(Self { url: url.to_owned(), client, traffic, receiving })
    }

    /// Hands over the run.
    ///
    /// # Errors
    /// Failed: the worker cannot work on this run. Unreachable: it did not answer.
    pub async fn open(&self, request: OpenRequest) -> Result<(), Lost> {
        let mut client = self.client.clone();
        let opened = tokio::time::timeout(OPENING, client.open(request)).await;
        let answer = opened.map_err(|_| self.unreachable("did not open the run in time"))?;
        let answer = answer.map_err(|status| match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => self.status(&status),
            _ => self.unreachable(&went_away(&status)),
        })?;
        match answer.into_inner().failure {
            None => Ok(()),
            Some(failure) => Err(Lost::Failed(failure.into())),
        }
    }

    /// Says that the run is over; a worker that does not hear it finds out by itself.
    pub async fn close(&self, request: CloseRequest) {
        let mut client = self.client.clone();
        let _ = tokio::time::timeout(CLOSING, client.close(request)).await;
    }

    async fn answer(mut self, task: Task) -> Result<Answer, Lost> {
        let asked = Answer {
            run: task.run.clone(),
            generation: task.generation,
            stage: task.stage,
            index: task.index,
            attempt: task.attempt,
            round: task.round,
            result: None,
        };
        self.traffic.sent(task.encoded_len() as u64);
        // A worker answers at once that it took the task, and later how it went.
        let taken = self.client.perform(task).await.map_err(|status| match self.status(&status) {
            Lost::Unreachable(error) => Lost::Undelivered(error),
            lost => lost,
        });
        let mut parts = taken?.into_inner();
        let mut bytes: Vec<u8> = Vec::new();
        let mut room = None;
        while let Some(part) = parts.message().await.map_err(|status| self.status(&status))? {
            if room.is_none() {
                room = self.receiving.room_for(part.total).await;
            }
            match part.part {
                Some(perform_answer::Part::Piece(piece)) if bytes.len() + piece.len() > ANSWER_LIMIT => {
                    return Err(Lost::Failed(Error::resources(format!(
                        "an answer of worker {} is longer than {ANSWER_LIMIT} bytes",
                        self.url
                    ))));
                }
                Some(perform_answer::Part::Piece(piece)) => bytes.extend_from_slice(&piece),
                Some(perform_answer::Part::Failure(failure)) => return Err(Lost::Failed(failure.into())),
                None => return Err(self.unlike()),
            }
        }
        self.traffic.received(bytes.len() as u64);
        let answer = Answer::decode(bytes.as_slice()).map_err(|_| self.unreachable("broke off its answer"))?;
        let (head, result) = (Answer { result: None, ..answer.clone() }, answer.result);
        match result {
            Some(result) if head == asked => Ok(Answer { result: Some(result), ..head }),
            _ => Err(self.unlike()),
        }
    }

    fn status(&self, status: &Status) -> Lost {
        let why = said(status);
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => Lost::Failed(
                Error::dependency(format!("worker {} refuses the coordinator ({why})", self.url))
                    .with_hint("give both programs the same --token-file, and certificates of one authority"),
            ),
            Code::OutOfRange | Code::ResourceExhausted | Code::Unimplemented | Code::InvalidArgument => {
                Lost::Failed(Error::bug(format!("worker {} does not take a task ({why})", self.url)))
            }
            _ => self.unreachable(&went_away(status)),
        }
    }

    fn unreachable(&self, what: &str) -> Lost {
        Lost::Unreachable(Error::dependency(format!("worker {} {what}", self.url)))
    }

    fn unlike(&self) -> Lost {
        Lost::Failed(Error::bug(format!("worker {} answered another task than it was given", self.url)))
    }
}

fn said(status: &Status) -> String {
    format!("{:?}: {}", status.code(), status.message())
}

fn went_away(status: &Status) -> String {
    format!("went away ({})", said(status))
}

impl WorkerChannel for RemoteWorker {
    fn perform(&self, task: Task) -> BoxFuture<'static, Result<Answer, Lost>> {
        Box::pin(self.clone().answer(task))
    }
}

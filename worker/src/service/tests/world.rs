//! A worker that lives in the test, beside its coordinator.

use super::{
    fake_coordinator::{FakeCoordinator, Served},
    fake_engines::FakeEngines,
};
use crate::{
    network::{Client, Role, Security, SecurityArguments},
    program::{DataBudget, Resources},
    service::{life::live, options::ServiceOptions},
};
use futures::FutureExt;
use prost::Message;
use segmenter_proto::{
    Error, Result,
    v1::{
        Answer, CloseRequest, OpenRequest, PerformAnswer, Stage, Task, perform_answer::Part,
        worker_client::WorkerClient,
    },
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::{Status, Streaming};

/// What a worker of the tests says that it has for data.
pub(super) const MEMORY: u64 = 100 << 20;

/// Options for a coordinator at a URL, on this machine and in a hurry.
pub(super) fn options(coordinator: &str) -> ServiceOptions {
    ServiceOptions {
        coordinator: coordinator.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        advertise: None,
        stay: false,
        wait: Duration::from_secs(10),
        drain: Duration::from_secs(10),
        metrics: None,
        resources: Resources { threads: 2, memory: 1 << 30, scratch: "/tmp".into() },
        security: Security::load(&SecurityArguments::default()).unwrap(),
    }
}

/// A worker that lives.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) engines: FakeEngines,
    stop: Option<oneshot::Sender<()>>,
    life: JoinHandle<Result<()>>,
}

impl Life {
    pub(super) fn begin(options: ServiceOptions) -> Self {
        let engines = FakeEngines::new();
        let (stop, stopped) = oneshot::channel();
        let own = Arc::new(engines.clone());
        let life = tokio::spawn(async move {
            // Without a sender nobody stops it.
            let stop = async {
                match stopped.await {
                    Ok(()) => "SIGTERM",
                    Err(_) => std::future::pending().await,
                }
            };
            live(&options, own, DataBudget { memory: MEMORY, threads: options.resources.threads }, stop.boxed()).await
        });
        Self { engines, stop: Some(stop), life }
    }

    /// Sends what a signal would.
    pub(super) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits for its end.
    pub(super) async fn end(self) -> Result<()> {
        tokio::time::timeout(Duration::from_secs(10), self.life).await.expect("it does not end").unwrap()
    }

    /// Says that it has not ended.
    pub(super) fn lives(&self) -> bool {
        !self.life.is_finished()
    }
}

/// A coordinator and a worker that registered there.
pub(super) struct World {
    pub(super) coordinator: FakeCoordinator,
    pub(super) served: Served,
    pub(super) life: Life,
    pub(super) worker: WorkerClient<Client>,
    pub(super) url: String,
    pub(super) instance: u64,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut ServiceOptions)) -> Self {
        let coordinator = FakeCoordinator::new();
        let served = coordinator.serve(0);
        let mut options = options(&format!("http://{}", served.address));
        change(&mut options);
        let security = options.security.clone();
        let life = Life::begin(options);
        // The first heartbeat says that the worker knows of its registration.
        let heard = coordinator.hears("a heartbeat", |heard| heard.beats.first() >= Some(&1)).await;
        let url = heard.offers[0].url.clone();
        let instance = heard.offers[0].instance;
        let client = WorkerClient::new(security.connect(&url, Role::Worker).unwrap());
        let worker = client.max_decoding_message_size(crate::network::MESSAGE_LIMIT);
        Self { coordinator, served, life, worker, url, instance }
    }

    pub(super) async fn open(&self, run: &str, generation: u64) -> Result<()> {
        self.open_spec(run, generation, "").await
    }

    pub(super) async fn open_spec(&self, run: &str, generation: u64, spec: &str) -> Result<()> {
        let instance = self.instance;
        let request = OpenRequest { run: run.to_owned(), generation, spec: spec.to_owned(), instance };
        let answer = self.worker.clone().open(request).await.unwrap().into_inner();
        answer.failure.map_or(Ok(()), |failure| Err(failure.into()))
    }

    pub(super) async fn close(&self, run: &str, generation: u64) -> Result<(), Status> {
        let request = CloseRequest { run: run.to_owned(), generation };
        self.worker.clone().close(request).await.map(drop)
    }

    pub(super) async fn begin(&self, task: Task) -> Streaming<PerformAnswer> {
        self.worker.clone().perform(task).await.unwrap().into_inner()
    }

    pub(super) async fn perform(&self, task: Task) -> Result<Answer> {
        match self.worker.clone().perform(task).await {
            Ok(taken) => collect(taken.into_inner()).await.map(|(answer, _)| answer),
            Err(status) => {
                assert_eq!(status.code(), tonic::Code::Unavailable, "{status}");
                Err(Error::dependency(status.message()))
            }
        }
    }
}

/// Names a task of run `a`.
pub(super) fn task(generation: u64, index: u32) -> Task {
    Task { run: "a".to_owned(), generation, stage: Stage::Features.into(), index, attempt: 1, ..Task::default() }
}

/// Joins an answer; gives with it how many pieces it came in.
pub(super) async fn collect(mut stream: Streaming<PerformAnswer>) -> Result<(Answer, usize)> {
    let (mut joined, mut pieces) = (Vec::new(), 0);
    while let Some(message) = stream.message().await.unwrap() {
        match message.part.unwrap() {
            Part::Piece(piece) => joined.extend(piece),
            Part::Failure(failure) => return Err(Error::from(failure)),
        }
        pieces += 1;
    }
    Ok((Answer::decode(joined.as_slice()).unwrap(), pieces))
}

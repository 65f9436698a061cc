//! A coordinator that answers as it is told and remembers what it heard.

use segmenter_proto::v1::{
    HeartbeatAnswer, HeartbeatRequest, LeaveAnswer, LeaveRequest, RegisterAnswer, RegisterRequest,
    coordinator_server::{Coordinator, CoordinatorServer},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{runtime::Runtime, sync::watch};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// What the coordinator heard, and how it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    pub(super) offers: Vec<RegisterRequest>,
    /// Heartbeats of each registration, the first one's first.
    pub(super) beats: Vec<usize>,
    pub(super) leaves: Vec<LeaveRequest>,
    /// Registrations up to this number are not known any more.
    pub(super) forgotten: u64,
    /// Refuses registrations.
    pub(super) refusal: Option<(tonic::Code, &'static str)>,
}

#[derive(Debug, Clone)]
pub(super) struct FakeCoordinator {
    heard: Arc<watch::Sender<Heard>>,
}

/// The coordinator while it serves; gone, with its connections, when dropped.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) address: SocketAddr,
    runtime: Option<Runtime>,
}

impl FakeCoordinator {
    pub(super) fn new() -> Self {
        Self { heard: Arc::new(watch::Sender::new(Heard::default())) }
    }

    /// Serves on a port; 0: any.
    pub(super) fn serve(&self, port: u16) -> Served {
        // Of its own: a server's connections outlive it in a runtime that goes on.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let _within = runtime.enter();
        let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = CoordinatorServer::new(self.clone());
        runtime.spawn(tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming));
        Served { address, runtime: Some(runtime) }
    }

    pub(super) fn tell(&self, change: impl FnOnce(&mut Heard)) {
        self.heard.send_modify(change);
    }

    /// Waits until it heard something.
    pub(super) async fn hears(&self, what: &str, condition: impl FnMut(&Heard) -> bool) -> Heard {
        let mut heard = self.heard.subscribe();
        let waiting = tokio::time::timeout(Duration::from_secs(10), heard.wait_for(condition));
        waiting.await.unwrap_or_else(|_| panic!("not heard: {what}; {:?}", self.heard.borrow())).unwrap().clone()
    }
}

impl Served {
    /// Ends it with its connections, and waits until the port is free.
    pub(super) async fn kill(&mut self) {
        let runtime = self.runtime.take().unwrap();
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5))).await.unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[tonic::async_trait]
impl Coordinator for FakeCoordinator {
    async fn register(&self, request: Request<RegisterRequest>) -> Result<Response<RegisterAnswer>, Status> {
        if let Some((code, message)) = self.heard.borrow().refusal {
            return Err(Status::new(code, message));
        }
        self.tell(|heard| {
            heard.offers.push(request.into_inner());
            heard.beats.push(0);
        });
        let worker = self.heard.borrow().offers.len() as u64;
        Ok(Response::new(RegisterAnswer { worker, heartbeat_milliseconds: 50 }))
    }

    async fn heartbeat(&self, request: Request<HeartbeatRequest>) -> Result<Response<HeartbeatAnswer>, Status> {
        let worker = request.into_inner().worker;
        if worker <= self.heard.borrow().forgotten {
            return Err(Status::not_found("not known"));
        }
        self.tell(|heard| heard.beats[worker as usize - 1] += 1);
        Ok(Response::new(HeartbeatAnswer {}))
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveAnswer>, Status> {
        self.tell(|heard| heard.leaves.push(request.into_inner()));
        Ok(Response::new(LeaveAnswer {}))
    }
}

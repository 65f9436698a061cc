//! The coordinator's service without a coordinator: it counts who came in.

use super::super::{MESSAGE_LIMIT, Role, Security};
use segmenter_proto::v1::{
    HeartbeatAnswer, HeartbeatRequest, LeaveAnswer, LeaveRequest, RegisterAnswer, RegisterRequest,
    coordinator_client::CoordinatorClient,
    coordinator_server::{Coordinator, CoordinatorServer},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tonic::{Request, Response, Status, service::interceptor::InterceptedService};

/// A server on loopback that workers may call.
pub(super) struct Service {
    pub(super) address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

struct Counting(Arc<AtomicUsize>);

#[tonic::async_trait]
impl Coordinator for Counting {
    async fn register(&self, _: Request<RegisterRequest>) -> Result<Response<RegisterAnswer>, Status> {
        Err(Status::unimplemented("not in this test"))
    }

    async fn heartbeat(&self, _: Request<HeartbeatRequest>) -> Result<Response<HeartbeatAnswer>, Status> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(HeartbeatAnswer {}))
    }

    async fn leave(&self, _: Request<LeaveRequest>) -> Result<Response<LeaveAnswer>, Status> {
        Err(Status::unimplemented("not in this test"))
    }
}

impl Service {
    pub(super) fn start(security: &Security) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let service = CoordinatorServer::new(Counting(calls.clone())).max_decoding_message_size(MESSAGE_LIMIT);
        let incoming = security.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap();
        let guarded = InterceptedService::new(service, security.guard(Role::Worker));
        tokio::spawn(security.server().unwrap().add_service(guarded).serve_with_incoming(incoming));
        Self { address, calls }
    }

    /// Calls as a worker would.
    pub(super) async fn call(&self, caller: &Security) -> Result<(), Status> {
        let client = caller.connect(&format!("{}://{}", caller.scheme(), self.address), Role::Coordinator).unwrap();
        let answer = CoordinatorClient::new(client).heartbeat(HeartbeatRequest { worker: 1 }).await;
        answer.map(drop)
    }

    /// Gives how many calls came in.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

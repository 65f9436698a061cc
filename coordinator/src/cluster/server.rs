//! The gRPC service that workers register with.

use super::members::{Members, Refused};
use segmenter_proto::{
    ALGORITHM_VERSION, Result,
    v1::{
        HeartbeatAnswer, HeartbeatRequest, LeaveAnswer, LeaveRequest, RegisterAnswer, RegisterRequest,
        coordinator_server::{Coordinator, CoordinatorServer},
    },
};
use segmenter_worker::network::{MESSAGE_LIMIT, Role, Security};
use std::sync::Arc;
use tokio::task::JoinHandle;
use tonic::{Request, Response, Status, service::interceptor::InterceptedService, transport::server::TcpIncoming};

/// Serves workers on a socket until it is dropped.
#[derive(Debug)]
pub struct Server {
    tasks: [JoinHandle<()>; 2],
}

impl Server {
    /// Starts to serve.
    ///
    /// # Errors
    /// When the certificates cannot be used: Job.
    pub async fn start(incoming: TcpIncoming, security: &Security, members: Arc<Members>) -> Result<Self> {
        let service = CoordinatorServer::new(Service { members: members.clone() })
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        let guarded = InterceptedService::new(service, security.guard(Role::Worker));
        let (reporter, health) = tonic_health::server::health_reporter();
        reporter.set_serving::<CoordinatorServer<Service>>().await;
        let served = security.server()?.add_service(health).add_service(guarded).serve_with_incoming(incoming);
        let serving = tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(error = &error as &dyn std::error::Error, "the service for workers ended");
            }
        });
        Ok(Self { tasks: [serving, tokio::spawn(members.watch())] })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

#[derive(Debug)]
struct Service {
    members: Arc<Members>,
}

#[tonic::async_trait]
impl Coordinator for Service {
    async fn register(&self, request: Request<RegisterRequest>) -> Result<Response<RegisterAnswer>, Status> {
        let request = request.into_inner();
        if request.algorithm_version != ALGORITHM_VERSION {
            return Err(Status::failed_precondition(format!(
                "the coordinator's algorithm is version {ALGORITHM_VERSION}, the worker's {}",
                request.algorithm_version
            )));
        }
        let refused = |refused| match refused {
            Refused::Over => Status::unavailable("the run is over"),
            Refused::AddressTaken => {
                Status::already_exists(format!("another worker with the address {} lives", request.url))
            }
            Refused::Wrong(error) => Status::invalid_argument(error.message),
        };
        let worker = self.members.register(&request).map_err(refused)?;
        let heartbeat_milliseconds = u32::try_from(self.members.heartbeat().as_millis()).unwrap_or(u32::MAX);
        Ok(Response::new(RegisterAnswer { worker, heartbeat_milliseconds }))
    }

    async fn heartbeat(&self, request: Request<HeartbeatRequest>) -> Result<Response<HeartbeatAnswer>, Status> {
        match self.members.heartbeat_of(request.into_inner().worker) {
            true => Ok(Response::new(HeartbeatAnswer {})),
            false => Err(Status::not_found("this registration is not known; register again")),
        }
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveAnswer>, Status> {
        let LeaveRequest { worker, draining } = request.into_inner();
        match draining {
            true => self.members.drain(worker),
            false => self.members.leave(worker),
        }
        Ok(Response::new(LeaveAnswer {}))
    }
}

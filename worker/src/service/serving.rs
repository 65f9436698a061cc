//! The port that the coordinator calls: the worker's service, and its health.

use super::worker_service::WorkerService;
use crate::network::{MESSAGE_LIMIT, Role, Security};
use segmenter_proto::{Error, Result, v1::worker_server::WorkerServer};
use std::{net::SocketAddr, time::Duration};
use tokio::{sync::oneshot, task::JoinHandle};
use tonic::service::interceptor::InterceptedService;
use tonic_health::{ServingStatus, server::HealthReporter};

/// The service of gRPC's health protocol that stands for the whole program.
const WHOLE_PROGRAM: &str = "";

/// A port that is served.
#[derive(Debug)]
pub(super) struct Serving {
    address: SocketAddr,
    health: HealthReporter,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Serving {
    /// Takes the port and serves on it.
    ///
    /// # Errors
    /// The port is not to be had: Job.
    pub(super) async fn start(security: &Security, listen: SocketAddr, service: WorkerService) -> Result<Self> {
        let incoming = security.bind(listen)?;
        let address = incoming
            .local_addr()
            .map_err(|cause| Error::resources("the system does not tell which port it gave").caused_by(cause))?;
        let worker = WorkerServer::new(service)
            .max_decoding_message_size(MESSAGE_LIMIT)
            .max_encoding_message_size(MESSAGE_LIMIT);
        // Without a guard: whether the process is well is no secret among those who hold a certificate.
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<WorkerServer<WorkerService>>().await;
        let router = security
            .server()?
            .add_service(health_service)
            .add_service(InterceptedService::new(worker, security.guard(Role::Coordinator)));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(router.serve_with_incoming_shutdown(incoming, async {
            let _ = stopped.await;
        }));
        Ok(Self { address, health, stop, server })
    }

    /// Gives what is listened on, the port known.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the server to fail: it does not end by itself.
    pub(super) async fn failed(&mut self) -> Error {
        let error = Error::dependency(format!("serving on {} ended", self.address));
        match (&mut self.server).await {
            Ok(Ok(())) => error,
            Ok(Err(cause)) => error.caused_by(cause),
            Err(cause) => error.caused_by(cause),
        }
    }

    /// Tells whoever asks for the program's health that it takes no more work.
    pub(super) async fn refuse(&self) {
        self.health.set_not_serving::<WorkerServer<WorkerService>>().await;
        self.health.set_service_status(WHOLE_PROGRAM, ServingStatus::NotServing).await;
    }

    /// Ends connections once what they carry is over, or when the time is.
    pub(super) async fn stop(mut self, patience: Duration) {
        let _ = self.stop.send(());
        if tokio::time::timeout(patience, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

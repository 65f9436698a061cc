//! Calls to the coordinator, each with a deadline.

use crate::network::{Client, Role, Security};
use segmenter_proto::{
    Result,
    v1::{HeartbeatRequest, LeaveRequest, RegisterAnswer, RegisterRequest, coordinator_client::CoordinatorClient},
};
use std::time::Duration;
use tonic::Status;

/// How long a call may take: longer than a coordinator is ever busy.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long goodbye may take: nobody depends on it, and little time is left.
const GOODBYE: Duration = Duration::from_secs(1);

/// The coordinator, as far as this worker talks to it.
#[derive(Debug, Clone)]
pub(super) struct Coordinator {
    url: String,
    client: CoordinatorClient<Client>,
}

impl Coordinator {
    /// Prepares calls; connects with the first one.
    ///
    /// # Errors
    /// When the URL cannot be connected to as it stands: Job.
    pub(super) fn new(security: &Security, url: &str) -> Result<Self> {
        let client = CoordinatorClient::new(security.connect(url, Role::Coordinator)?);
        Ok(Self { url: url.to_owned(), client })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Offers the worker, within `limit` at most.
    pub(super) async fn register(&self, offer: RegisterRequest, limit: Duration) -> Result<RegisterAnswer, Status> {
        let mut client = self.client.clone();
        within(limit.min(DEADLINE), client.register(offer)).await
    }

    /// Says that the worker lives.
    pub(super) async fn heartbeat(&self, worker: u64) -> Result<(), Status> {
        let mut client = self.client.clone();
        within(DEADLINE, client.heartbeat(HeartbeatRequest { worker })).await.map(drop)
    }

    /// Says goodbye; a coordinator that does not hear it notices by itself.
    pub(super) async fn leave(&self, worker: u64, draining: bool) {
        let mut client = self.client.clone();
        if let Err(status) = within(GOODBYE, client.leave(LeaveRequest { worker, draining })).await {
            tracing::debug!(coordinator = self.url, code = ?status.code(), "the coordinator did not hear goodbye");
        }
    }
}

async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<tonic::Response<T>, Status>>,
) -> Result<T, Status> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer.map(tonic::Response::into_inner),
        Err(_) => Err(Status::deadline_exceeded(format!("no answer within {limit:?}"))),
    }
}

//! What a coordinator of a cluster is started with.

use segmenter_worker::network::Security;
use std::{net::SocketAddr, time::Duration};

/// How a run reaches its workers.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// Where workers register.
    pub listen: SocketAddr,
    /// The run begins when so many workers are there.
    pub workers: usize,
    /// They have so long to come.
    pub wait: Duration,
    /// Without any worker for so long, the run ends.
    pub grace: Duration,
    /// A worker that says nothing for so long is lost.
    pub lost_after: Duration,
    /// A task that runs longer, and far longer than others, is given up though its worker lives.
    pub task_limit: Duration,
    /// Certificates and token.
    pub security: Security,
}

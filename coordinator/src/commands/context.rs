//! What every command is given.

use super::ending::Ending;
use crate::{cancellation::Cancellation, progress::Reporter};
use segmenter_worker::program::Resources;
use tokio::runtime::Handle;

/// What every command is given.
#[derive(Debug, Clone)]
pub struct Context {
    /// Runs object-store calls; blocking work stays off its threads.
    pub runtime: Handle,
    /// What the process may use.
    pub resources: Resources,
    /// Raised by SIGTERM and SIGINT; stages look at it.
    pub cancellation: Cancellation,
    /// Speaks on stderr.
    pub progress: Reporter,
    /// Hears how far a run is, and tells how it ended.
    pub ending: Ending,
}

//! The job file of a command, with today's date and this process's environment.

use super::request::JobRequest;
use crate::job::{JobFile, load};
use segmenter_proto::Result;

/// Reads and checks the job file.
///
/// # Errors
/// All that is wrong in it (exit 2).
pub(super) fn read(request: &JobRequest) -> Result<JobFile> {
    let today = |zone| chrono::Utc::now().with_timezone(&zone).date_naive();
    let file = load(&request.path, request.as_of, today, |name| std::env::var(name).ok())?;
    Ok(file)
}

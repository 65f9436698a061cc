//! `segmenter plan`: what a run would read, need and write.

use super::{connect, context::Context, job_file, request::JobRequest, stdout};
use segmenter_proto::Result;

/// Prints the plan; writes nothing.
pub(super) fn plan(context: &Context, request: &JobRequest, shards: Option<u32>) -> Result<()> {
    let file = job_file::read(request)?;
    let plan = connect::plan(context, &file, connect::RunOptions { shards, new_run: false })?;
    stdout::print(&if request.json { plan.to_json() } else { plan.to_text() })
}

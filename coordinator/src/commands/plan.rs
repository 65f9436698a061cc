//! `segmenter plan`: what a run would read, need and write.

use super::{context::Context, job_file, plan_of_run::summarise, request::JobRequest, stdout};
use crate::plan::prepare;
use segmenter_proto::Result;
use segmenter_worker::storage::Storage;

/// Prints the plan; reads listings and footers, writes nothing.
pub(super) fn plan(context: &Context, request: &JobRequest, shards: Option<u32>) -> Result<()> {
    let file = job_file::read(request)?;
    let storage = Storage::from_environment();
    let plan = context.runtime.block_on(async {
        let prepared = prepare(&file, &storage, shards).await?;
        summarise(&file.job, &prepared, &storage, &context.resources).await
    })?;
    stdout::print(&if request.json { plan.to_json() } else { plan.to_text() })
}

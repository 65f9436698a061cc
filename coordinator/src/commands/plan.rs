//! `segmenter plan`: what a run would read, need and write.

use super::{context::Context, job_file, plan_of_run::summarise, request::JobRequest, stdout};
use crate::{plan::prepare, run::look_at_cache};
use segmenter_proto::Result;
use segmenter_worker::storage::Storage;

/// Prints the plan; reads listings and footers, writes nothing.
pub(super) fn plan(context: &Context, request: &JobRequest, shards: Option<u32>) -> Result<()> {
    let file = job_file::read(request)?;
    let storage = Storage::from_environment();
    let plan = context.runtime.block_on(async {
        let mut prepared = prepare(&file, &storage, shards).await?;
        let output = storage.open(&file.job.output.uri)?;
        let cached = look_at_cache(&output, &file.job, shards, &mut prepared).await?;
        summarise(&file.job, &prepared, &storage, (&context.resources, cached.as_ref())).await
    })?;
    stdout::print(&if request.json { plan.to_json() } else { plan.to_text() })
}

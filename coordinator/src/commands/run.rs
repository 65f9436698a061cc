//! `segmenter run`: the job itself.

use super::{
    context::Context,
    ending::printed,
    export::{exports_of_run, withheld},
    job_file,
    request::{ClusterRequest, JobRequest, RunRequest},
    stdout,
};
use crate::{
    cluster::ClusterOptions,
    exports::Delivered,
    job::JobFile,
    metrics::RunMetrics,
    run::{self, CommittedModel, RunOptions, RunOutcome, tell_rows},
    watch,
};
use segmenter_proto::{Result, jobs::Job};
use segmenter_worker::{metrics::Metrics, network::Security, storage::Storage};
use std::sync::Arc;

/// Runs the job and prints the run's folder.
pub(super) fn run(context: &Context, request: &JobRequest, run: RunRequest) -> Result<()> {
    let file = job_file::read(request)?;
    let outcome = context.runtime.block_on(to_commit(context, &file, run, None))?;
    // The run is committed whatever becomes of them, so its folder is told first.
    let exports = context.runtime.block_on(exports_of_run(context, &file.job, &outcome.run));
    let told = exports.as_deref().unwrap_or_default().to_vec();
    let handed_over = exports.and_then(|exports| withheld(&exports));
    // One answer for programs: that of the failure, which names the run too.
    if !request.json || handed_over.is_ok() {
        tell_with(context, &file.job, &outcome, &told, request.json)?;
    }
    handed_over
}

/// Says how a run ended, and prints its folder.
pub(super) fn tell(context: &Context, job: &Job, outcome: &RunOutcome, json: bool) -> Result<()> {
    tell_with(context, job, outcome, &[], json)
}

fn tell_with(context: &Context, job: &Job, outcome: &RunOutcome, exports: &[Delivered], json: bool) -> Result<()> {
    if outcome.committed_before {
        let text = format!("run {} is committed; nothing to do (--new-run runs it again)", outcome.run);
        context.progress.tell("committed_before", &text, [("run", outcome.run.as_str().into())]);
    }
    if !outcome.committed_before {
        tell_rows(&context.progress, job.unit, &outcome.rows, outcome.exclude_list);
    }
    if !outcome.table.is_empty() {
        context.progress.show(&outcome.table);
    }
    let answer = context.ending.committed(job, outcome, exports)?;
    stdout::print(&if json { printed(&answer) } else { outcome.folder.clone() })
}

/// Runs a job to its commit; by `model` where there is one, else models are fitted.
pub(super) async fn to_commit(
    context: &Context,
    file: &JobFile,
    run: RunRequest,
    model: Option<&CommittedModel>,
) -> Result<RunOutcome> {
    context.ending.course().job(&file.job);
    let mut metrics = Metrics::new();
    let run_metrics = RunMetrics::register(&mut metrics);
    if let Some(address) = run.watch.metrics {
        let address = Arc::new(metrics).serve(address).await?;
        let text = format!("metrics at http://{address}/metrics");
        context.progress.tell("metrics", &text, [("address", address.to_string().into())]);
    }
    let security = Security::load(&run.security)?;
    if let Some(address) = run.watch.status {
        let url = watch::serve(&security, address, context.ending.course(), context.progress.live()).await?;
        context.progress.tell("status", &format!("the run can be watched at {url}"), [("url", url.as_str().into())]);
    }
    let resources = &context.resources;
    run::run(&RunOptions {
        file,
        storage: &Storage::from_environment(),
        shards: run.shards,
        new_run: run.new_run,
        threads: resources.threads,
        memory: resources.memory,
        scratch: &resources.scratch,
        runtime: context.runtime.clone(),
        reporter: &context.progress,
        cancellation: &context.cancellation,
        cluster: run.cluster.map(|asked| cluster(asked, security)).transpose()?,
        metrics: run_metrics,
        course: context.ending.course(),
        model,
        sizes: None,
    })
    .await
}

fn cluster(request: ClusterRequest, security: Security) -> Result<ClusterOptions> {
    let ClusterRequest { listen, workers, wait, grace, lost_after, task_limit } = request;
    let security = if listen.ip().to_canonical().is_loopback() { security.on_this_machine()? } else { security };
    Ok(ClusterOptions { listen, workers, wait, grace, lost_after, task_limit, security })
}

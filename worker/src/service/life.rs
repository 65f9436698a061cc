//! The worker's life: serves, belongs to a coordinator, and leaves in order.
//!
//! ```text
//!   start ─► serving and member ──── no coordinator, refused ───────► exit 4, 2
//!                 │    └── run closed, without --stay ──► closing ──► exit 0
//!                 └── SIGTERM, SIGINT ──► draining ──► exit 4; with --stay, and all tasks finished, 0
//! ```

use super::{
    coordinator::Coordinator, engines::Engines, load::Load, membership::Membership, options::ServiceOptions,
    serving::Serving, worker_service::WorkerService,
};
use crate::{
    metrics::{Metrics, WorkerMetrics},
    program::DataBudget,
};
use futures::future::BoxFuture;
use segmenter_proto::{ALGORITHM_VERSION, Error, Result, v1::RegisterRequest};
use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

/// How often a worker that drains says that it lives.
const LINGER: Duration = Duration::from_secs(1);
/// How long connections get to carry what is left of the answers.
const LAST_BYTES: Duration = Duration::from_secs(1);
/// How long a task that lost its race gets, after its run was closed, to finish what it writes: a killed upload costs
/// storage until somebody deletes it.
const LATE_TASKS: Duration = Duration::from_secs(3);

/// Lives until the run ends or `stop` gives the name of a signal.
///
/// # Errors
/// What cannot be served, or what the coordinator refuses: Job. No coordinator, or tasks that did not finish in time:
/// Dependency.
pub(super) async fn live(
    options: &ServiceOptions,
    engines: Arc<dyn Engines>,
    data: DataBudget,
    stop: BoxFuture<'_, &'static str>,
) -> Result<()> {
    let mut metrics = Metrics::new();
    let counted = WorkerMetrics::register(&mut metrics);
    counted.set_memory_budget(data.memory);
    if let Some(address) = options.metrics {
        let address = Arc::new(metrics).serve(address).await?;
        tracing::info!(%address, "serving metrics");
    }
    let load = Load::new();
    let instance = RandomState::new().hash_one("instance");
    let service = WorkerService::new(instance, engines, load.clone(), counted);
    let mut phase = service.phase();
    let mut serving = Serving::start(&options.security, options.listen, service).await?;
    let url = options.advertised(serving.address());
    tracing::info!(address = %serving.address(), url, "listening");
    let coordinator = Coordinator::new(&options.security, &options.coordinator)?;
    let membership = Membership::new(coordinator, offer(url, data, instance), options.wait, phase.clone());
    let closed = async {
        let closed = phase.wait_for(|phase| phase.closed > 0 && !options.stay).await.is_ok();
        if !closed {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        error = membership.keep() => Err(error),
        error = serving.failed() => Err(error),
        () = closed => {
            // The order to close is answered before the connections end.
            let _ = tokio::time::timeout(LATE_TASKS, load.idle()).await;
            serving.stop(LAST_BYTES).await;
            tracing::info!("left");
            Ok(())
        }
        signal = stop => drain(signal, &membership, &load, serving, options).await,
    }
}

/// Takes no more tasks, finishes those that run as far as there is time, and says goodbye.
///
/// # Errors
/// Tasks did not finish; or the run did not end yet, so that whoever started the worker knows to start another: Dependency.
async fn drain(
    signal: &str,
    membership: &Membership,
    load: &Load,
    serving: Serving,
    options: &ServiceOptions,
) -> Result<()> {
    let begun = Instant::now();
    load.leave();
    tracing::info!(signal, tasks = load.running(), "draining");
    serving.refuse().await;
    let member = membership.member();
    let finish = async {
        tokio::join!(membership.leave(member, true), load.idle());
    };
    tokio::select! {
        _ = tokio::time::timeout(options.drain, finish) => {}
        () = membership.linger(LINGER) => {}
    }
    let unfinished = load.running();
    serving.stop(LAST_BYTES).await;
    membership.leave(member, false).await;
    if unfinished > 0 {
        return Err(Error::dependency(format!(
            "{unfinished} tasks did not finish within {} s of {signal}",
            begun.elapsed().as_secs()
        ))
        .with_hint("nothing is lost: the coordinator gives them to other workers"));
    }
    tracing::info!("left");
    match options.stay {
        true => Ok(()),
        false => Err(Error::dependency(format!("told to stop ({signal}) before the run ended"))
            .with_hint("nothing is lost; a worker that is started now joins the run")),
    }
}

fn offer(url: String, data: DataBudget, instance: u64) -> RegisterRequest {
    RegisterRequest {
        url,
        threads: u32::try_from(data.threads).unwrap_or(u32::MAX),
        memory: data.memory,
        algorithm_version: ALGORITHM_VERSION,
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        instance,
    }
}

//! What a worker counts.

use super::{
    family::Family,
    labels::{Outcome, StageLabels, TaskLabels, stage_name},
    registry::Metrics,
};
use prometheus_client::{
    metrics::{
        counter::Counter,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Unit,
};
use segmenter_proto::v1::Stage;
use std::time::Instant;

/// What a worker counts. Clones count on the same metrics.
#[derive(Debug, Clone)]
pub struct WorkerMetrics {
    tasks: Family<TaskLabels, Counter>,
    seconds: Family<StageLabels, Histogram>,
    running: Gauge,
    answers: Family<StageLabels, Counter>,
    memory: Gauge,
}

impl WorkerMetrics {
    /// Registers the metrics; once a process.
    pub fn register(metrics: &mut Metrics) -> Self {
        let worker = Self {
            tasks: Family::new(Counter::default),
            // From 10 ms to 11 minutes.
            seconds: Family::new(|| Histogram::new(exponential_buckets(0.01, 4.0, 9))),
            running: Gauge::default(),
            answers: Family::new(Counter::default),
            memory: Gauge::default(),
        };
        let registry = metrics.registry();
        registry.register("worker_tasks", "Attempts at tasks that ended", worker.tasks.clone());
        registry.register_with_unit("worker_task", "Time of an attempt", Unit::Seconds, worker.seconds.clone());
        registry.register("worker_tasks_running", "Attempts at tasks under way", worker.running.clone());
        registry.register_with_unit("worker_answer", "Encoded answers", Unit::Bytes, worker.answers.clone());
        let budget = "Budget for what grows with the data";
        registry.register_with_unit("worker_memory_budget", budget, Unit::Bytes, worker.memory.clone());
        worker
    }

    /// Says how many bytes what grows with the data may take.
    pub fn set_memory_budget(&self, bytes: u64) {
        self.memory.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts an attempt as under way, until it ends.
    pub fn begin(&self, stage: Stage) -> RunningTask {
        self.running.inc();
        let metrics = self.clone();
        RunningTask { metrics, stage: stage_name(stage), begun: Instant::now(), outcome: Outcome::Cancelled }
    }
}

/// An attempt under way. Dropped without an end, it counts as cancelled.
#[derive(Debug)]
pub struct RunningTask {
    metrics: WorkerMetrics,
    stage: &'static str,
    begun: Instant,
    outcome: Outcome,
}

impl RunningTask {
    /// Counts the attempt as done, with an answer of so many bytes.
    pub fn done(mut self, answer_bytes: u64) {
        self.outcome = Outcome::Done;
        self.metrics.answers.of(&StageLabels { stage: self.stage }).inc_by(answer_bytes);
    }

    /// Counts the attempt as failed.
    pub fn failed(mut self) {
        self.outcome = Outcome::Failed;
    }
}

impl Drop for RunningTask {
    fn drop(&mut self) {
        let Self { metrics, stage, begun, outcome } = self;
        metrics.running.dec();
        metrics.tasks.of(&TaskLabels { stage, outcome: outcome.name() }).inc();
        metrics.seconds.of(&StageLabels { stage }).observe(begun.elapsed().as_secs_f64());
    }
}

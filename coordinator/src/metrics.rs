//! What a coordinator counts.

use crate::tally::StageTally;
use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Unit,
};
use segmenter_proto::v1::Stage;
use segmenter_worker::metrics::{Family, Metrics, Outcome, StageLabels, TaskLabels, stage_name};
use std::sync::atomic::AtomicU64;

/// What a coordinator counts. Clones count on the same metrics.
#[derive(Debug, Clone)]
pub struct RunMetrics {
    attempts: Family<TaskLabels, Counter>,
    seconds: Family<StageLabels, Counter<f64, AtomicU64>>,
    rows: Family<StageLabels, Counter>,
    bytes: Family<StageLabels, Counter>,
    retries: Family<StageLabels, Counter>,
    copies: Family<StageLabels, Counter>,
    sent: Family<StageLabels, Counter>,
    received: Family<StageLabels, Counter>,
    workers: Gauge,
}

impl RunMetrics {
    /// Registers the metrics; once a process.
    pub fn register(metrics: &mut Metrics) -> Self {
        let run = Self {
            attempts: Family::new(Counter::default),
            seconds: Family::new(Counter::default),
            rows: Family::new(Counter::default),
            bytes: Family::new(Counter::default),
            retries: Family::new(Counter::default),
            copies: Family::new(Counter::default),
            sent: Family::new(Counter::default),
            received: Family::new(Counter::default),
            workers: Gauge::default(),
        };
        let registry = metrics.registry();
        registry.register("attempts", "Attempts at tasks that ended", run.attempts.clone());
        registry.register_with_unit("stage", "Wall time of stages that ended", Unit::Seconds, run.seconds.clone());
        registry.register("stage_rows", "Rows that stages went through", run.rows.clone());
        registry.register_with_unit("stage", "What stages read or wrote", Unit::Bytes, run.bytes.clone());
        registry.register("retries", "Attempts after one that failed or was lost", run.retries.clone());
        registry.register("copies", "Attempts beside one that took long", run.copies.clone());
        registry.register_with_unit("sent", "Tasks to other processes", Unit::Bytes, run.sent.clone());
        registry.register_with_unit("received", "Answers from other processes", Unit::Bytes, run.received.clone());
        registry.register("workers", "Workers that have the run open", run.workers.clone());
        run
    }

    /// Counts an attempt that ended.
    pub fn attempt(&self, stage: Stage, outcome: Outcome) {
        self.attempts.of(&TaskLabels { stage: stage_name(stage), outcome: outcome.name() }).inc();
    }

    /// Counts a stage that ended; those of all fits are one.
    pub fn stage(&self, stage: &str, seconds: f64, rows: u64, bytes: u64, tally: &StageTally) {
        let known = [Stage::Keys, Stage::Partition, Stage::Features, Stage::Fit, Stage::Assign, Stage::Measure];
        let Some(stage) = known.into_iter().map(stage_name).find(|name| stage.split('/').next() == Some(name)) else {
            return;
        };
        let labels = StageLabels { stage };
        self.seconds.of(&labels).inc_by(seconds);
        for (family, count) in [
            (&self.rows, rows),
            (&self.bytes, bytes),
            (&self.retries, tally.retries),
            (&self.copies, tally.copies),
            (&self.sent, tally.sent_bytes),
            (&self.received, tally.received_bytes),
        ] {
            family.of(&labels).inc_by(count);
        }
    }

    /// Says how many workers have the run open.
    pub fn set_workers(&self, workers: usize) {
        self.workers.set(i64::try_from(workers).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_can_be_read() {
        let mut metrics = Metrics::new();
        let run = RunMetrics::register(&mut metrics);
        run.attempt(Stage::Fit, Outcome::Failed);
        let tally = StageTally { retries: 2, sent_bytes: 70, ..StageTally::default() };
        run.stage("fit/behaviour", 1.5, 10, 20, &tally);
        run.stage("fit/value", 0.5, 10, 20, &tally);
        run.set_workers(3);
        let text = metrics.text().unwrap();
        for line in [
            "segmenter_attempts_total{stage=\"fit\",outcome=\"failed\"} 1",
            "segmenter_stage_seconds_total{stage=\"fit\"} 2.0",
            "segmenter_stage_bytes_total{stage=\"fit\"} 40",
            "segmenter_stage_rows_total{stage=\"fit\"} 20",
            "segmenter_retries_total{stage=\"fit\"} 4",
            "segmenter_sent_bytes_total{stage=\"fit\"} 140",
            "segmenter_workers 3",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }
        assert!(!text.contains("behaviour"), "names of a job are no labels");
    }
}

//! What both programs tell Prometheus while a run is under way.

use crate::harness::*;

#[test]
fn both_programs_tell_how_far_the_run_is() {
    let trial = Trial::new();
    let serve = |program: Program| program.args(&["--metrics", "127.0.0.1:0"]);
    let wait = "assign.start=sleep(2000)";
    let mut coordinator = Coordinator::start(serve(trial.coordinator(2)).failpoint(wait));
    let failing = serve(trial.worker(&coordinator)).failpoint("features.middle:1=error").start().until_open();
    let workers = [failing, serve(trial.worker(&coordinator)).start()];
    coordinator.until_fired("assign.start");

    let metrics = Metrics::of(&coordinator);
    let at = |name: &str, stage: &str| metrics.value(&format!("segmenter_{name}{{stage=\"{stage}\"}}"));
    assert_eq!(metrics.value("segmenter_workers"), 2.0);
    let attempts = |outcome: &str| format!("segmenter_attempts_total{{stage=\"features\",outcome=\"{outcome}\"}}");
    assert_eq!(metrics.value(&attempts("done")), 8.0, "a shard each");
    assert_eq!(metrics.value(&attempts("failed")), 1.0);
    assert_eq!(at("retries_total", "features"), 1.0);
    assert_eq!((at("retries_total", "partition"), at("copies_total", "features")), (0.0, 0.0));
    let rows = orders_of(400, 30).len() as f64;
    assert_eq!(at("stage_rows_total", "partition"), rows);
    let sent = ["partition", "features", "fit"].map(|stage| at("sent_bytes_total", stage));
    let received = ["partition", "features", "fit"].map(|stage| at("received_bytes_total", stage));
    assert!(sent.iter().chain(&received).all(|bytes| *bytes > 0.0), "{sent:?} {received:?}");
    assert!(at("stage_seconds_total", "features") > 0.0);
    assert!(!metrics.text.contains("stage=\"assign\""), "a stage that is not done is not told:\n{}", metrics.text);

    let of_workers = workers.each_ref().map(Metrics::of_worker);
    let sum = |name: &str| of_workers.iter().map(|metrics| metrics.value_or_zero(name)).sum::<f64>();
    let tasks = |outcome: &str| format!("segmenter_worker_tasks_total{{stage=\"features\",outcome=\"{outcome}\"}}");
    assert_eq!((sum(&tasks("done")), sum(&tasks("failed"))), (8.0, 1.0), "what the coordinator saw");
    assert_eq!(sum("segmenter_worker_tasks_running"), 0.0);
    assert_eq!(sum("segmenter_worker_task_seconds_count{stage=\"features\"}"), 9.0);
    let answers = sum("segmenter_worker_answer_bytes_total{stage=\"features\"}");
    assert_eq!(answers, at("received_bytes_total", "features"), "all that was sent arrived");
    assert!(of_workers.iter().all(|metrics| metrics.value("segmenter_worker_memory_budget_bytes") > 1e6));

    trial.assert_same(&coordinator.wait().succeeded());
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

//! `segmenter score`: customers by the model of a committed run.

use crate::harness::*;
use std::path::{Path, PathBuf};

const SECTIONS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name     = "value"
method   = "rfm"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = 4
[[segmentation]]
name     = "targets"
method   = "rules"
[[segmentation.rule]]
name = "best"
when = "behaviour = 'c01' and monetary > 100"
"#;
const SEGMENTATIONS: [&str; 3] = ["value", "behaviour", "targets"];

/// A committed run over planted groups.
fn fitted() -> (Workspace, PathBuf, CommittedRun) {
    let workspace = Workspace::new();
    let (orders, _) = planted_orders(1_000, 11);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", SECTIONS));
    let run = workspace.committed(&job);
    (workspace, job, run)
}

fn score(workspace: &Workspace, job: &Path, args: &[&str]) -> Program {
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    Program::segmenter(&["score", job.to_str().unwrap(), "--scratch", &scratch]).args(args)
}

fn run_id(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap()
}

#[test]
fn the_customers_of_the_run_get_the_segments_that_they_have() {
    let (workspace, job, run) = fitted();
    let scored = CommittedRun::of(&score(&workspace, &job, &["--model", run_id(&run.folder)]).go().succeeded());
    assert!(scored.folder.contains(&format!("/trial/scores/{}/runs/", run_id(&run.folder))), "{}", scored.folder);
    for segmentation in SEGMENTATIONS {
        let rows = |run: &CommittedRun| run.assignments(segmentation).described();
        assert_eq!(rows(&scored), rows(&run), "{segmentation}");
    }
    assert_eq!(scored.files["model.json"], run.files["model.json"]);
    assert_eq!(scored.json("run.json")["model"], run_id(&run.folder));
    let latest = Program::segmenter(&["latest", job.to_str().unwrap()]).go().succeeded();
    assert_eq!(latest.run_folder(), run.folder, "a score is no run of the job");
}

#[test]
fn customers_of_tomorrow_are_assigned_by_the_model_of_today() {
    let (workspace, job, run) = fitted();
    let (orders, truth) = planted_orders(300, 12);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let scored = CommittedRun::of(&score(&workspace, &job, &["--model", "latest"]).go().succeeded());
    let keys = scored.keys("behaviour");
    assert_eq!(keys.len(), 300);
    assert!(adjusted_rand_index(&keys, &truth) >= 0.95, "the groups are those of the model");
    assert_eq!(scored.files["model.json"], run.files["model.json"]);

    let again = score(&workspace, &job, &["--model", "latest", "--threads", "1"]).go().succeeded();
    assert_eq!(CommittedRun::of(&again).files, scored.files, "committed work is not done again");
    let anew = score(&workspace, &job, &["--model", "latest", "--new-run", "--shards", "1"]).go().succeeded();
    assert_eq!(CommittedRun::of(&anew).byte_digest(), scored.byte_digest());
}

#[test]
fn a_model_that_is_not_there_or_does_not_fit_is_named() {
    let (workspace, job, run) = fitted();
    let no_run = "2025-12-01-0123456789ab";
    score(&workspace, &job, &["--model", no_run]).go().failed_with(2).says(&[no_run, "committed", "segmenter latest"]);
    let other = std::fs::read_to_string(&job).unwrap().replace("\"frequency\", ", "");
    std::fs::write(&job, other).unwrap();
    let id = run_id(&run.folder);
    score(&workspace, &job, &["--model", id]).go().failed_with(2).says(&[id, "segmentation behaviour", "features"]);
}

#[test]
fn a_cluster_scores_like_one_process() {
    let (workspace, job, run) = fitted();
    let alone = CommittedRun::of(&score(&workspace, &job, &["--model", "latest", "--shards", "3"]).go().succeeded());
    std::fs::remove_dir_all(workspace.path(&format!("out/trial/scores/{}", run_id(&run.folder)))).unwrap();
    let args = ["--shards", "3", "--model", "latest", "--listen", "127.0.0.1:0", "--workers", "2"];
    let coordinator = Coordinator::start(score(&workspace, &job, &args));
    let workers = [(); 2].map(|()| workspace.worker(coordinator.url()).start());
    let scored = CommittedRun::of(&coordinator.wait().succeeded());
    assert_eq!(scored.byte_digest(), alone.byte_digest());
    assert_eq!(scored.figure("assign", "workers"), 2);
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

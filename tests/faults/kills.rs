//! A run that is killed anywhere and started again ends with the same bytes.

use crate::harness::*;
use std::path::PathBuf;

fn prepared() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(500, 30));
    let source = "uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]";
    let job = workspace.job(&job(source, &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    (workspace, job)
}

/// A job that forecasts; its models are fitted before anything else that is asked of all shards.
fn prepared_to_forecast() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &leaving_customers(500, 3));
    let sections = "[features]\npresets = [\"rfm\", \"clv\"]\n[[segmentation]]\nname = \"worth\"\nmethod = \"tiers\"\nby = \"clv\"\nshares = [0.2]\n";
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    (workspace, job)
}

/// Kills the run at a point and runs it again, for each of these points of a stage.
fn kill_within(stage: &str, points: &[&str]) {
    kill(prepared(), stage, points);
}

fn kill((workspace, job): (Workspace, PathBuf), stage: &str, points: &[&str]) {
    let expected = workspace.committed(&job).byte_digest();
    for point in points {
        let point = format!("{stage}.{point}");
        workspace.forget_results();
        workspace.run(&job).failpoint(&format!("{point}=abort")).go().aborted_at(&point);
        let again = workspace.run(&job).go().succeeded();
        assert_eq!(CommittedRun::of(&again).byte_digest(), expected, "after a kill at {point}");
        let latest = Program::segmenter(&["latest", job.to_str().unwrap()]).go().succeeded();
        assert_eq!(latest.run_folder(), again.run_folder(), "after a kill at {point}");
    }
}

/// Before a stage, in its middle, after it, and on both sides of its entry in the log.
const POINTS: [&str; 5] = ["start", "middle", "computed", "done", "end"];

#[test]
fn killed_in_partition() {
    kill_within("partition", &POINTS);
}

#[test]
fn killed_in_features() {
    kill_within("features", &POINTS);
}

#[test]
fn killed_in_population() {
    // Its rounds are those of a fit to workers.
    kill_within("population", &["start", "computed", "done", "end"]);
}

#[test]
fn killed_while_forecasts_are_fitted() {
    // In the middle of the first of their rounds, and around the stage that they are part of.
    kill(prepared_to_forecast(), "fit", &["middle"]);
    kill(prepared_to_forecast(), "population", &["start", "computed", "done", "end"]);
}

#[test]
fn killed_in_fit() {
    kill_within("fit", &POINTS);
}

#[test]
fn killed_in_assign() {
    kill_within("assign", &POINTS);
}

#[test]
fn killed_in_measure() {
    kill_within("measure", &POINTS);
}

#[test]
fn killed_in_commit() {
    kill_within("commit", &["start", "computed", "done", "record", "middle", "written", "latest", "end"]);
}

#[test]
fn a_killed_run_is_not_a_run() {
    let (workspace, job) = prepared();
    for stage in &STAGES[..5] {
        workspace.run(&job).failpoint(&format!("{stage}.end=abort")).go().aborted_at(&format!("{stage}.end"));
        assert!(!workspace.has_commit(), "after {stage}");
        assert!(!workspace.root().join("out/trial/latest.json").exists(), "after {stage}");
    }
}

#[test]
fn what_is_done_is_not_done_again() {
    let (workspace, job) = prepared();
    workspace.run(&job).failpoint("measure.start=abort").go().aborted_at("measure.start");
    // Any of these would end the run if it got there.
    let passed = "partition.start=abort;features.start=abort;fit.start=abort;assign.start=abort";
    let again = workspace.run(&job).failpoint(passed).go().succeeded();
    let run = CommittedRun::of(&again);
    assert_eq!(run.json("run.json")["generations"], 2, "the run took two coordinators");
}

#[test]
fn killed_again_and_again() {
    let (workspace, job) = prepared();
    let expected = workspace.committed(&job).byte_digest();
    workspace.forget_results();
    for stage in STAGES {
        workspace.run(&job).failpoint(&format!("{stage}.middle=abort")).go().aborted_at(&format!("{stage}.middle"));
    }
    assert_eq!(workspace.committed(&job).byte_digest(), expected);
}

#[test]
fn lost_scratch_is_made_again() {
    let (workspace, job) = prepared();
    let expected = workspace.committed(&job).byte_digest();
    workspace.forget_results();
    workspace.run(&job).failpoint("assign.start=abort").go().aborted_at("assign.start");
    std::fs::remove_dir_all(workspace.path("scratch")).unwrap();
    // The machine is gone, the log on the store is not.
    assert_eq!(workspace.committed(&job).byte_digest(), expected);
}

#[test]
fn killed_on_s3() {
    let (s3, workspace) = (S3::shared(), Workspace::new());
    write_orders_parquet(&workspace.path("orders.parquet"), &orders_of(500, 30));
    s3.put("in/orders.parquet", std::fs::read(workspace.path("orders.parquet")).unwrap());
    let sections = format!("{DIGEST_FEATURES}{EVERY_METHOD}");
    let on = |output: &str| {
        let text = job(&format!("uri = \"{}\"", s3.uri("in/orders.parquet")), &sections);
        workspace.job_named(&format!("{output}.toml"), &text.replace("@OUT@", &s3.uri(output)))
    };
    let run = |job: &PathBuf| workspace.run(job).envs(&s3.environment);
    let expected = s3.committed(&run(&on("whole")).go().succeeded()).byte_digest();
    for point in ["partition.middle", "features.middle", "assign.middle", "commit.middle", "commit.written"] {
        let job = on(point);
        run(&job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        assert_eq!(s3.committed(&run(&job).go().succeeded()).byte_digest(), expected, "after a kill at {point}");
    }
}

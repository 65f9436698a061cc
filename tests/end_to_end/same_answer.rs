//! The headline promise: the same answer for any threads, memory, shards, layout and format of the input, and store.

use crate::harness::*;
use std::path::PathBuf;

fn digest_job(source: &str) -> String {
    let source = format!("{source}\nkey = [\"order_id\", \"line_no\"]");
    job(&source, &format!("{DIGEST_FEATURES}{EVERY_METHOD}"))
}

fn orders() -> Vec<Order> {
    orders_of(900, 20)
}

/// A workspace with the orders as one Parquet file, and its job.
fn one_file() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let job = workspace.job(&digest_job("uri = \"@IN@/orders.parquet\""));
    (workspace, job)
}

/// Runs the job from the start with these arguments.
fn afresh(workspace: &Workspace, job: &std::path::Path, arguments: &[&str]) -> CommittedRun {
    workspace.forget_results();
    CommittedRun::of(&workspace.run(job).args(arguments).go().succeeded())
}

/// The answer for the orders as one Parquet file, with everything left to the program.
fn expected() -> LogicalDigest {
    let (workspace, job) = one_file();
    workspace.committed(&job).logical_digest()
}

#[test]
fn threads_change_no_byte() {
    let (workspace, job) = one_file();
    let one = afresh(&workspace, &job, &["--threads", "1"]).byte_digest();
    for threads in ["2", "7"] {
        assert_eq!(afresh(&workspace, &job, &["--threads", threads]).byte_digest(), one, "{threads} threads");
    }
}

#[test]
fn memory_changes_no_byte() {
    let (workspace, job) = one_file();
    let small = afresh(&workspace, &job, &["--memory", "256M"]).byte_digest();
    assert_eq!(afresh(&workspace, &job, &["--memory", "8G"]).byte_digest(), small);
}

#[test]
fn a_shard_that_memory_has_no_room_for_gives_the_same() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(150_000, 21));
    let segments = "[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{segments}")));
    let ran = |memory: &str| {
        workspace.forget_results();
        let arguments = ["--shards", "1", "--threads", "1", "--memory", memory];
        let ran = workspace.run(&job).args(&arguments).env("SEGMENTER_LOG", "debug").go().succeeded();
        (ran.stderr.contains("stay in the work folder"), CommittedRun::of(&ran).byte_digest())
    };
    let (small, large) = (ran("176M"), ran("4G"));
    assert_eq!((small.0, large.0), (true, false), "which of them stay there");
    assert_eq!(small.1, large.1);
}

#[test]
fn shards_change_files_and_no_row() {
    let (workspace, job) = one_file();
    let one = afresh(&workspace, &job, &["--shards", "1"]);
    assert_eq!(one.parts("features").len(), 1);
    for shards in [8, 64] {
        let run = afresh(&workspace, &job, &["--shards", &shards.to_string()]);
        assert!(run.parts("features").len() > 1, "{shards} shards write several parts");
        assert_eq!(run.logical_digest(), one.logical_digest(), "{shards} shards");
    }
}

#[test]
fn sixteen_files_with_shuffled_rows_are_the_same_orders() {
    let mut shuffled = orders();
    Rng(4).shuffle(&mut shuffled);
    let workspace = Workspace::new();
    for (number, rows) in shuffled.chunks(shuffled.len().div_ceil(16)).enumerate() {
        write_orders_parquet(&workspace.path(&format!("in/orders/{:02}.parquet", (number * 7) % 16)), rows);
    }
    let job = workspace.job(&digest_job("uri = \"@IN@/orders/\""));
    assert_eq!(workspace.committed(&job).logical_digest(), expected());
}

#[test]
fn csv_with_types_is_the_same_orders() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    let job = workspace.job(&digest_job(&format!("uri = \"@IN@/orders.csv\"\n{CSV_TYPES}")));
    assert_eq!(workspace.committed(&job).logical_digest(), expected());
}

#[test]
fn ndjson_with_types_is_the_same_orders() {
    let workspace = Workspace::new();
    write_orders_ndjson(&workspace.path("in/orders.ndjson"), &orders());
    let job = workspace.job(&digest_job(&format!("uri = \"@IN@/orders.ndjson\"\n{CSV_TYPES}")));
    assert_eq!(workspace.committed(&job).logical_digest(), expected());
}

#[test]
fn s3_holds_the_same_answer() {
    let (s3, workspace) = (S3::shared(), Workspace::new());
    write_orders_parquet(&workspace.path("orders.parquet"), &orders());
    s3.put("in/orders.parquet", std::fs::read(workspace.path("orders.parquet")).unwrap());
    let text = digest_job(&format!("uri = \"{}\"", s3.uri("in/")));
    let job = workspace.job(&text.replace("@OUT@", &s3.uri("out")));
    let ran = workspace.run(&job).envs(&s3.environment).go().succeeded();
    assert!(ran.run_folder().starts_with(&s3.uri("out/trial/runs/")), "{ran}");
    assert_eq!(s3.committed(&ran).logical_digest(), expected());

    let latest = Program::segmenter(&["latest", job.to_str().unwrap()]).envs(&s3.environment).go().succeeded();
    assert_eq!(latest.run_folder(), ran.run_folder());
}

#[test]
fn another_rule_is_another_answer() {
    // A digest that never differs would prove nothing.
    let (workspace, job) = one_file();
    let text = std::fs::read_to_string(&job).unwrap();
    let one = workspace.committed(&job);
    let other = workspace.committed(&workspace.job(&text.replace("\"monetary > 500", "\"monetary > 400")));
    assert_ne!(one.folder, other.folder);
    let (one, other) = (one.logical_digest(), other.logical_digest());
    assert_ne!(one["assignments/targets"], other["assignments/targets"]);
    assert_eq!(one["assignments/behaviour"], other["assignments/behaviour"]);
}

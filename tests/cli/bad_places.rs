//! Places that cannot be written or read: exit 4, a retry helps once they can.

use crate::harness::*;
use std::path::Path;

#[test]
fn an_output_that_cannot_be_written() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    // A file where the folder should be: nobody can write there, not even root.
    workspace.write("out", "in the way");
    let ran = workspace.failing(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM)), 4).says(&["out"]);
    assert_golden("output_cannot_be_written", &workspace, &ran);
}

#[test]
fn a_job_file_that_is_not_there() {
    let workspace = Workspace::new();
    let job = workspace.path("no-such-job.toml");
    let ran = workspace.failing(&job, 2).says(&["no-such-job.toml"]);
    assert_golden("no_such_job", &workspace, &ran);
}

#[test]
fn memory_that_is_too_small_says_how_much_is_needed() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    workspace.run(&job).args(&["--memory", "1M"]).go().failed_with(6).says(&["memory", "96M"]);
    assert!(!workspace.root().join("out").exists(), "nothing is written");
}

#[test]
fn a_budget_that_cannot_hold_a_shard_is_refused_by_plan_and_by_run_before_anything_is_read() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(64_000, 1));
    let text = job("uri = \"@IN@/orders.parquet\"", ONLY_RFM);
    let job = workspace.job(&text);
    let plan = |job: &Path, memory: &str| {
        Program::segmenter(&["plan", job.to_str().unwrap(), "--shards", "1", "--threads", "1", "--memory", memory]).go()
    };
    let run =
        |job: &Path, memory: &str| workspace.run(job).args(&["--shards", "1", "--threads", "1", "--memory", memory]);
    let planned = plan(&job, "96M").failed_with(6).says(&["a shard of this run takes about", "--memory", "--shards"]);
    // What is in the way of reading is never met.
    let ran = run(&job, "96M").failpoint("partition.start=abort").go().failed_with(6).says(&["a shard of this run"]);
    assert!(!workspace.root().join("out").exists(), "nothing is written");
    let needed = |ran: &Ran, from: &str, to: &str| {
        let (_, rest) = ran.stderr.split_once(from).unwrap_or_else(|| panic!("{ran}"));
        rest.split_once(to).unwrap().0.to_owned()
    };
    assert_eq!(needed(&planned, "takes about ", " MB"), needed(&ran, "takes about ", " MB"), "both say the same");

    // With what the hint says it works, either way.
    let memory = needed(&planned, "give --memory ", ",");
    plan(&job, &memory).succeeded();
    run(&job, &memory).go().succeeded();
    workspace.forget_results();
    let shards = needed(&planned, "--shards ", "\n");
    workspace.run(&job).args(&["--shards", shards.trim(), "--threads", "1", "--memory", "96M"]).go().succeeded();

    // How many rows a condition drops shows only when they are read.
    let some = text
        .replace("uri = \"@IN@/orders.parquet\"", "uri = \"@IN@/orders.parquet\"\nwhere = \"customer_id = 'C00001'\"");
    let some = workspace.job_named("some.toml", &some);
    plan(&some, "96M").succeeded();
    run(&some, "96M").go().succeeded();
}

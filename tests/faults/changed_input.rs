//! Inputs are pinned: one that changes during the run stops it.

use crate::harness::*;
use std::time::Duration;

#[test]
fn a_local_file_that_changes_stops_the_run() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(200, 1));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    let wait = sleep_at("partition.start", Duration::from_secs(3));
    let mut running = workspace.run(&job).failpoint(&wait).start();
    running.until_fired("partition.start");
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(201, 1));
    let hint = "let the writer of this input finish, and run again";
    running.wait().failed_with(3).says(&["orders.parquet", hint]);
    assert!(!workspace.has_commit());
    let run = workspace.committed(&job);
    assert_eq!(run.fates("orders").read, orders_of(201, 1).len() as u64, "as the hint says");
}

#[test]
fn an_object_that_changes_stops_the_run() {
    let (s3, workspace) = (S3::shared(), Workspace::new());
    let file = |customers: u64| {
        write_orders_parquet(&workspace.path("orders.parquet"), &orders_of(customers, 1));
        std::fs::read(workspace.path("orders.parquet")).unwrap()
    };
    s3.put("in/orders.parquet", file(200));
    let text = job(&format!("uri = \"{}\"", s3.uri("in/orders.parquet")), ONLY_RFM);
    let job = workspace.job(&text.replace("@OUT@", &s3.uri("out")));
    let wait = sleep_at("partition.start", Duration::from_secs(3));
    let mut running = workspace.run(&job).envs(&s3.environment).failpoint(&wait).start();
    running.until_fired("partition.start");
    s3.put("in/orders.parquet", file(201));
    running.wait().failed_with(3).says(&["orders.parquet"]);
}

#[test]
fn a_file_that_comes_later_is_not_part_of_the_run() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders/1.parquet"), &orders_of(200, 1));
    let job = workspace.job(&job("uri = \"@IN@/orders/\"", ONLY_RFM));
    let wait = sleep_at("partition.start", Duration::from_secs(1));
    let mut running = workspace.run(&job).failpoint(&wait).start();
    running.until_fired("partition.start");
    write_orders_parquet(&workspace.path("in/orders/2.parquet"), &orders_of(300, 2));
    let run = CommittedRun::of(&running.wait().succeeded());
    assert_eq!(run.fates("orders").read, orders_of(200, 1).len() as u64);
}

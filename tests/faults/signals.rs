//! SIGTERM: checkpoint and leave.

use crate::harness::*;
use std::time::{Duration, Instant};

#[test]
fn told_to_stop_it_leaves_in_time_and_goes_on_later() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(300, 7));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    let expected = workspace.committed(&job).byte_digest();
    workspace.forget_results();

    let mut running = workspace.run(&job).failpoint(&sleep_at("features.start", Duration::from_secs(2))).start();
    running.until_fired("features.start");
    let since = Instant::now();
    running.terminate();
    running.wait().failed_with(4);
    assert!(since.elapsed() < Duration::from_secs(25), "it took {:?}", since.elapsed());
    assert!(!workspace.has_commit());
    assert_eq!(workspace.committed(&job).byte_digest(), expected);
}

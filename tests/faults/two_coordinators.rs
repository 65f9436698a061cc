//! Two coordinators on one run: one commit, the other leaves with 5.

use crate::harness::*;
use std::time::Duration;

#[test]
fn the_one_that_was_taken_over_leaves() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(300, 7));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    for point in ["features.middle", "commit.start"] {
        workspace.forget_results();
        let mut slow = workspace.run(&job).failpoint(&sleep_at(point, Duration::from_secs(20))).start();
        slow.until_fired(point);
        // Another machine: it has a scratch folder of its own.
        let quick = Program::segmenter(&["run", job.to_str().unwrap(), "--scratch", &workspace.uri("scratch-2")]);
        let run = CommittedRun::of(&quick.go().succeeded());
        slow.wait().failed_with(5);
        assert_eq!(CommittedRun::local(&run.folder).files, run.files, "the commit stands as it was");
    }
}

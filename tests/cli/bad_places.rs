//! Places that cannot be written or read: exit 4, a retry helps once they can.

use crate::harness::*;

const SECTIONS: &str =
    "[features]\npresets = [{ name = \"rfm\" }]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";

#[test]
fn an_output_that_cannot_be_written() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    // A file where the folder should be: nobody can write there, not even root.
    workspace.write("out", "in the way");
    let ran = workspace.failing(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", SECTIONS)), 4).says(&["out"]);
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
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", SECTIONS));
    workspace.run(&job).args(&["--memory", "1M"]).go().failed_with(6).says(&["memory", "96M"]);
    assert!(!workspace.root().join("out").exists(), "nothing is written");
}

//! A committed run is not run again, and `latest` knows the newest.

use crate::harness::*;
use std::path::Path;

fn prepared() -> (Workspace, std::path::PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(60, 2));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    (workspace, job)
}

fn latest(job: &Path) -> String {
    Program::segmenter(&["latest", job.to_str().unwrap()]).go().succeeded().run_folder().to_owned()
}

#[test]
fn the_same_work_is_done_once() {
    let (workspace, job) = prepared();
    let first = workspace.run(&job).go().succeeded();
    let run = CommittedRun::of(&first);
    let again = workspace.run(&job).args(&["--threads", "1", "--memory", "300M"]).go().succeeded();
    assert_eq!(again.run_folder(), first.run_folder());
    assert_eq!(CommittedRun::of(&again).files, run.files, "not even run.json is written again");

    let anew = workspace.run(&job).args(&["--new-run"]).go().succeeded();
    assert_ne!(anew.run_folder(), first.run_folder());
    assert_eq!(CommittedRun::of(&anew).byte_digest(), run.byte_digest());
}

#[test]
fn changed_inputs_are_other_work() {
    let (workspace, job) = prepared();
    let first = workspace.committed(&job);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(61, 2));
    let second = workspace.committed(&job);
    assert_ne!(second.folder, first.folder);
    assert_eq!(latest(&job), second.folder);
}

#[test]
fn latest_moves_only_forward_and_repairs_itself() {
    let (workspace, job) = prepared();
    let newest = workspace.committed(&job);
    let earlier = workspace.run(&job).args(&["--as-of", "2025-11-01"]).go().succeeded();
    assert_ne!(earlier.run_folder(), newest.folder);
    assert_eq!(latest(&job), newest.folder);
    std::fs::remove_file(workspace.path("out/trial/latest.json")).unwrap();
    assert_eq!(latest(&job), newest.folder);
}

#[test]
fn work_in_progress_is_gone_after_the_commit() {
    let (workspace, job) = prepared();
    workspace.committed(&job);
    let mut left = vec![workspace.path("out/trial/_work"), workspace.path("scratch")];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let chunk = path.is_file() && !path.to_str().unwrap().contains("/log/");
            assert!(!chunk, "{} is left", path.display());
            left.push(path);
        }
    }
}

//! Ids that become persons: killed anywhere, and with the map of ids or what lies between rounds damaged, the run ends with the same bytes.

use crate::harness::*;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

const PAIRS: &str = r#"
[[source]]
name = "pairs"
kind = "identities"
uri  = "@IN@/pairs.csv"
types = { same = "bool" }
[source.columns]
id       = "one"
other_id = "other"
same     = "same"
"#;

fn prepared() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    let orders = orders_of(500, 30);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let mut ids: Vec<&str> = orders.iter().filter_map(|order| order.client_no.as_deref()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut pairs = "one,other,same\n".to_owned();
    for (at, pair) in ids.windows(2).enumerate().filter(|(at, _)| at % 5 < 3) {
        writeln!(pairs, "{},{},{}", pair[0], pair[1], if at % 40 == 0 { "no" } else { "yes" }).unwrap();
    }
    workspace.write("in/pairs.csv", pairs);
    let source = "uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]";
    let job = workspace.job(&job(source, &format!("{PAIRS}{DIGEST_FEATURES}{EVERY_METHOD}")));
    (workspace, job)
}

fn in_shards(workspace: &Workspace, job: &Path) -> Program {
    workspace.run(job).args(&["--shards", "4"])
}

fn digest(ran: &Ran) -> ByteDigest {
    let run = CommittedRun::of(ran);
    assert!(run.json("run.json")["identity"]["persons"].as_u64() > Some(20));
    run.byte_digest()
}

/// Gives the files below a folder in whose path `part` stands.
fn files(root: &Path, part: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_str().unwrap().contains(part) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn flip(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn killed_in_keys() {
    let (workspace, job) = prepared();
    let expected = digest(&in_shards(&workspace, &job).go().succeeded());
    for point in
        ["earlier.computed", "earlier.done", "keys.start", "keys.middle", "keys.computed", "keys.done", "keys.end"]
    {
        workspace.forget_results();
        in_shards(&workspace, &job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        assert_eq!(digest(&in_shards(&workspace, &job).go().succeeded()), expected, "after a kill at {point}");
    }
}

#[test]
fn a_map_of_ids_that_is_damaged_or_gone_is_made_again() {
    let (workspace, job) = prepared();
    let expected = digest(&in_shards(&workspace, &job).go().succeeded());
    for is_gone in [false, true] {
        // Between two coordinators, and under the eyes of one.
        workspace.forget_results();
        in_shards(&workspace, &job).failpoint("partition.start=abort").go().aborted_at("partition.start");
        harm_map(&workspace, is_gone);
        let ran = in_shards(&workspace, &job).go().succeeded();
        assert_eq!(digest(&ran), expected, "{ran}");
        workspace.forget_results();
        let mut running =
            in_shards(&workspace, &job).failpoint(&sleep_at("partition.start", Duration::from_secs(1))).start();
        running.until_fired("partition.start");
        harm_map(&workspace, is_gone);
        let ran = running.wait().succeeded().says(&["part 0 of the map of ids", "made again"]);
        assert_eq!(digest(&ran), expected, "{ran}");
    }
}

fn harm_map(workspace: &Workspace, is_gone: bool) {
    let parts = files(&workspace.path("scratch"), "/keymaps/");
    assert_eq!(parts.len(), 4);
    match is_gone {
        true => std::fs::remove_file(&parts[0]).unwrap(),
        false => flip(&parts[0]),
    }
}

#[test]
fn a_part_of_identity_that_is_damaged_before_the_commit_is_written_again() {
    let (workspace, job) = prepared();
    let expected = digest(&in_shards(&workspace, &job).go().succeeded());
    workspace.forget_results();
    let mut running = in_shards(&workspace, &job).failpoint(&sleep_at("commit.start", Duration::from_secs(1))).start();
    running.until_fired("commit.start");
    flip(&files(&workspace.path("out"), "/identity/")[0]);
    let ran = running.wait().succeeded().says(&["identity/part-00000.parquet", "written again"]);
    assert_eq!(digest(&ran), expected, "{ran}");
}

#[test]
fn a_worker_that_is_killed_in_keys_costs_nothing_but_its_task() {
    let (workspace, job) = prepared();
    let expected = digest(&in_shards(&workspace, &job).go().succeeded());
    workspace.forget_results();
    let coordinator = Coordinator::start(workspace.coordinator(&job, 1).args(&["--shards", "4"]));
    let killed = workspace.worker(coordinator.url()).failpoint("keys.middle=abort").start();
    let other = workspace.worker(coordinator.url()).start();
    let ran = coordinator.wait().succeeded();
    assert_eq!(digest(&ran), expected, "{ran}");
    killed.wait().aborted_at("keys.middle");
    other.wait().succeeded();
}

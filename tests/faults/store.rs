//! An object store that refuses, loses replies and breaks uploads off under a cluster: retries, the same bytes, and nothing
//! partial is ever visible.

use crate::harness::*;

/// What is written during a run, by part of its key.
const WRITTEN: [&str; 8] = [
    "/chunks/",
    "/_work/2026-01-01-", // of all work the first, which is an entry of the log
    "/log/00000003",
    "/features/part-",
    "/assignments/behaviour/part-",
    "/segments.parquet",
    "/run.json",
    "/commit.json",
];

/// Runs the trial's job on two workers through a proxy with these rules, each of which must have fired.
fn assert_survives(rules: Vec<Rule>) -> CommittedRun {
    let (server, trial) = (S3Server::start(Mood::default()), Trial::new());
    let s3 = S3::on(&server);
    let job = trial.job_on_s3(&s3, "out");
    let proxy = S3Proxy::start(&server, rules);
    let environment = s3.environment_through(&proxy);
    let coordinator = Coordinator::start(trial.workspace.coordinator(&job, 2).envs(&environment));
    let workers: Vec<_> = (0..2).map(|_| trial.worker(&coordinator).envs(&environment).start()).collect();
    let ran = coordinator.wait().succeeded();
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    proxy.assert_all_fired();

    // Reads without the proxy; every file is whole, and none is there that is not listed.
    let run = s3.committed(&ran);
    assert_eq!(run.byte_digest(), trial.expected, "{ran}");
    let left = s3.list("out").into_iter().filter(|name| !name.starts_with("trial/runs/"));
    assert_eq!(left.collect::<Vec<_>>(), ["trial/latest.json"], "work files and broken uploads are gone");
    run
}

#[test]
fn s3_that_refuses_is_asked_again() {
    for status in [500, 503, 429] {
        let refuse = |method, path| Rule::new(Harm::Refuse(status), method, path, 2);
        let writes = WRITTEN.iter().map(|path| refuse("PUT", path));
        let others = [
            refuse("GET", "/in/orders.parquet"),
            refuse("GET", "/chunks/"),
            refuse("GET", "list-type=2"),
            refuse("HEAD", "/in/orders.parquet"),
            refuse("POST", "delete"),
        ];
        assert_survives(writes.chain(others).collect());
    }
}

#[test]
fn s3_that_loses_the_reply_of_a_write_has_written_once() {
    let run = assert_survives(WRITTEN.iter().map(|path| Rule::new(Harm::LoseReply, "PUT", path, 1)).collect());
    assert_eq!(run.json("run.json")["generations"], 1, "its own entries of the log were no other coordinator's");
}

#[test]
fn s3_that_breaks_an_upload_off_shows_nothing_of_it() {
    assert_survives(WRITTEN.iter().map(|path| Rule::new(Harm::CutUpload, "PUT", path, 1)).collect());
}

#[test]
fn s3_that_loses_replies_of_reads_is_asked_again() {
    let lose = |method, path| Rule::new(Harm::LoseReply, method, path, 2);
    assert_survives(vec![
        lose("GET", "/in/orders.parquet"),
        lose("GET", "/chunks/"),
        lose("GET", "list-type=2"),
        lose("HEAD", "/in/orders.parquet"),
    ]);
}

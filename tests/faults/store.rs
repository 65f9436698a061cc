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

/// Orders whose chunks take more than one request: their numbers are long and do not compress.
fn large_trial() -> Trial {
    let mut rng = Rng(9);
    let mut orders = orders_of(20_000, 30);
    for order in &mut orders {
        let digits = (0..6).map(|_| format!("{:016x}", rng.next()));
        order.order_no.extend(digits);
    }
    Trial::of(&orders, ONLY_RFM)
}

/// Killed when a part of an upload is there.
const IN_AN_UPLOAD: &str = "upload.middle:2=sleep(1500);upload.middle:3=abort";

#[test]
fn uploads_of_killed_workers_are_aborted_at_the_next_start() {
    let (server, trial) = (S3Server::start(Mood::default()), large_trial());
    let s3 = S3::on(&server);
    let job = trial.job_on_s3(&s3, "out");
    let coordinator = Coordinator::start(trial.workspace.coordinator(&job, 1).envs(&s3.environment));
    let worker = trial.worker(&coordinator).envs(&s3.environment).failpoint(IN_AN_UPLOAD).start();
    worker.wait().aborted_at("upload.middle");
    coordinator.kill();
    assert!(server.open_uploads() == 1 && server.parts_of_uploads() >= 1, "an upload was cut off");

    // Before there is any worker.
    let mut coordinator = Coordinator::start(trial.workspace.coordinator(&job, 1).envs(&s3.environment));
    let told = coordinator.until("cut_off_uploads");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap()["uploads"], 1, "{told}");
    assert_eq!((server.open_uploads(), server.parts_of_uploads()), (0, 0));
    let worker = trial.worker(&coordinator).envs(&s3.environment).start();
    let ran = coordinator.wait().succeeded();
    worker.wait().succeeded();
    assert_eq!(s3.committed(&ran).byte_digest(), trial.expected, "{ran}");
    assert_eq!((server.open_uploads(), server.parts_of_uploads()), (0, 0));
}

#[test]
fn uploads_of_killed_workers_are_aborted_at_the_end_of_a_run_that_went_on() {
    let (server, trial) = (S3Server::start(Mood::default()), large_trial());
    let s3 = S3::on(&server);
    let job = trial.job_on_s3(&s3, "out");
    let coordinator = Coordinator::start(trial.workspace.coordinator(&job, 1).envs(&s3.environment));
    let first = trial.worker(&coordinator).envs(&s3.environment).failpoint(IN_AN_UPLOAD).start();
    first.wait().aborted_at("upload.middle");
    assert!(server.open_uploads() == 1 && server.parts_of_uploads() >= 1, "an upload was cut off");
    let second = trial.worker(&coordinator).envs(&s3.environment).start();
    let ran = coordinator.wait().succeeded();
    second.wait().succeeded();
    assert_eq!(s3.committed(&ran).byte_digest(), trial.expected, "{ran}");
    assert_eq!((server.open_uploads(), server.parts_of_uploads()), (0, 0));
    let left = s3.list("out").into_iter().filter(|name| !name.starts_with("trial/runs/"));
    assert_eq!(left.collect::<Vec<_>>(), ["trial/latest.json"], "no marker is left");
}

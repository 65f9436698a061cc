//! Other accounts of the same machine: where no token is given, the programs of one user share one that nobody else can read.

use crate::harness::*;
use segmenter_proto::v1::{OpenRequest, worker_client::WorkerClient};
use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

/// A home folder of its own, and so a token of its own.
fn state(trial: &Trial, who: &str) -> String {
    trial.workspace.path(who).to_string_lossy().into_owned()
}

#[test]
fn a_worker_of_another_user_is_refused_on_both_sides_at_once() {
    let trial = Trial::new();
    let (own, other) = (state(&trial, "own"), state(&trial, "other"));
    let mut coordinator = Coordinator::start(trial.coordinator(1).env("XDG_STATE_HOME", &own));
    let stranger = trial.worker(&coordinator).env("XDG_STATE_HOME", &other).go();
    stranger.failed_with(2).says(&["the token is not the one that is expected here", "--token-file"]);
    coordinator.until("refused a caller");
    let worker = trial.worker(&coordinator).env("XDG_STATE_HOME", &own).start();
    trial.assert_same(&coordinator.wait().succeeded());
    worker.wait().succeeded();
}

#[test]
fn a_worker_takes_no_run_from_a_stranger() {
    let trial = Trial::new();
    let own = state(&trial, "own");
    let coordinator =
        Coordinator::start(trial.coordinator(1).env("XDG_STATE_HOME", &own).failpoint("fit.start=sleep(1000)"));
    let mut worker = trial.worker(&coordinator).env("XDG_STATE_HOME", &own).start();
    let line: serde_json::Value = serde_json::from_str(&worker.until("\"listening\"")).unwrap();
    let url = line["fields"]["url"].as_str().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refused = runtime.block_on(async {
        let channel = tonic::transport::Endpoint::from_shared(url).unwrap().connect().await.unwrap();
        WorkerClient::new(channel).open(OpenRequest::default()).await.unwrap_err()
    });
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
    worker.until("refused a caller");
    trial.assert_same(&coordinator.wait().succeeded());
    worker.wait().succeeded();
}

#[test]
fn the_token_is_for_one_user_only() {
    let trial = Trial::new();
    let own = state(&trial, "own");
    let coordinator = Coordinator::start(trial.coordinator(1).env("XDG_STATE_HOME", &own));
    let token = Path::new(&own).join("segmenter/token");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&token), mode(token.parent().unwrap())), (0o600, 0o700));
    let text = std::fs::read_to_string(&token).unwrap();

    let as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let switched = Command::new(as_nobody[0]).args(&as_nobody[1..]).args(["id", "-u"]).output();
    match switched {
        Ok(output) if output.stdout.starts_with(b"65534") => {
            let read = Command::new(as_nobody[0]).args(&as_nobody[1..]).arg("cat").arg(&token).output().unwrap();
            assert!(!read.status.success() && read.stdout.is_empty(), "another user reads the token");
        }
        _ => eprintln!("skipped: this process cannot become another user"),
    }
    let worker = trial.worker(&coordinator).env("XDG_STATE_HOME", &own).start();
    let ran = coordinator.wait().succeeded();
    trial.assert_same(&ran);
    let ran_worker = worker.wait().succeeded();
    assert!(!ran.stderr.contains(text.trim()) && !ran_worker.stderr.contains(text.trim()), "a token in a log");
}

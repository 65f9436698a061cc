//! Who may work on a run, and who may not.

use crate::harness::*;

const TOKEN: &str = "0123456789-abcdefghij";
const COORDINATOR: &str = "segmenter-coordinator";
const WORKER: &str = "segmenter-worker";

fn with(program: Program, arguments: &[&[String]]) -> Program {
    arguments.iter().fold(program, |program, some| program.args(&some.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// A coordinator that demands certificates and the token.
fn secured(trial: &Trial, authority: &Authority, workers: usize) -> Coordinator {
    let arguments = [&authority.arguments(COORDINATOR)[..], &authority.token(TOKEN)];
    Coordinator::start(with(trial.coordinator(workers), &arguments))
}

#[test]
fn certificates_and_a_token_let_workers_in_and_change_no_byte() {
    let (trial, authority) = (Trial::new(), Authority::new());
    let coordinator = secured(&trial, &authority, 2);
    assert!(coordinator.url().starts_with("https://127.0.0.1:"), "{}", coordinator.url());
    let arguments = [&authority.arguments(WORKER)[..], &authority.token(TOKEN)];
    let workers: Vec<_> = (0..2).map(|_| with(trial.worker(&coordinator), &arguments).start()).collect();
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert_eq!(run.figure("assign", "workers"), 2);
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

#[test]
fn who_is_not_allowed_in_is_refused_and_the_run_goes_on_without_them() {
    let (trial, authority, other) = (Trial::new(), Authority::new(), Authority::new());
    let coordinator = secured(&trial, &authority, 1);
    let token = authority.token(TOKEN);
    // What a person must change ends the worker at once, with 2; what looks like a broken connection after --wait, with 4.
    for (case, arguments, code, said) in [
        (
            "a coordinator's certificate",
            vec![authority.arguments(COORDINATOR).to_vec(), token.to_vec()],
            2,
            "lacks the DNS name segmenter-worker",
        ),
        ("no token", vec![authority.arguments(WORKER).to_vec()], 2, "a token is needed"),
        (
            "another token",
            vec![authority.arguments(WORKER).to_vec(), authority.token("another-0123456789-abc").to_vec()],
            2,
            "the token is not the one that is expected",
        ),
        (
            "another authority's certificate",
            vec![other.trusting(WORKER, &authority).to_vec(), token.to_vec()],
            4,
            "no coordinator at",
        ),
        (
            "a worker that trusts another authority",
            vec![authority.trusting(WORKER, &other).to_vec(), token.to_vec()],
            4,
            "invalid peer certificate",
        ),
    ] {
        let arguments: Vec<&[String]> = arguments.iter().map(Vec::as_slice).collect();
        let ran = with(trial.worker(&coordinator).args(&["--wait", "1s"]), &arguments).go();
        assert_eq!(ran.code(), Some(code), "{case}: {ran}");
        let ran = ran.says(&[said]);
        assert!(!ran.stderr.contains(TOKEN), "{case}: {ran}");
    }
    // Without TLS it cannot even speak.
    let plain = coordinator.url().replace("https", "http");
    trial.workspace.worker(&plain).args(&["--wait", "1s"]).go().failed_with(4).says(&["no coordinator at"]);

    let worker = with(trial.worker(&coordinator), &[&authority.arguments(WORKER), &token]).start();
    let ran = coordinator.wait().succeeded();
    let run = trial.assert_same(&ran);
    assert_eq!(run.figure_of_all("retries"), 0, "nobody else was given a task");
    assert!(!ran.stderr.contains(TOKEN), "{ran}");
    worker.wait().succeeded();
}

#[test]
fn a_worker_gives_its_answers_to_nobody_but_a_coordinator() {
    let (trial, authority) = (Trial::new(), Authority::new());
    // A program of the same authority, but with a worker's certificate.
    let impostor = with(trial.coordinator(1), &[&authority.arguments(WORKER), &authority.token(TOKEN)]);
    let impostor = Coordinator::start(impostor.args(&["--wait", "3s"]));
    let arguments = [&authority.arguments(WORKER)[..], &authority.token(TOKEN)];
    let worker = with(trial.worker(&impostor).args(&["--wait", "1s"]), &arguments).go();
    worker.failed_with(4).says(&["segmenter-coordinator"]);
    impostor.wait().failed_with(4).says(&["0 of 1 workers registered"]);
}

#[test]
fn off_this_machine_nothing_is_served_or_called_without_protection() {
    let trial = Trial::new();
    let said = ["is not secured", "--token-file, --tls-cert, --tls-key and --tls-ca", "--insecure"];
    trial.coordinator(1).args(&["--listen", "0.0.0.0:0"]).go().failed_with(2).says(&said);
    let worker = Program::worker(&["--coordinator", "http://127.0.0.1:9", "--listen", "0.0.0.0:0"]);
    worker.args(&["--advertise", "http://127.0.0.1:1"]).go().failed_with(2).says(&said);
    let worker = Program::worker(&["--coordinator", "http://10.0.0.7:7070", "--listen", "127.0.0.1:0"]);
    worker.go().failed_with(2).says(&said);
}

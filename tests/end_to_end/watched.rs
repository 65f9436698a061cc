//! A run that is watched while it goes on.

use crate::harness::*;
use serde_json::Value;
use std::time::Duration;

const TOKEN: &str = "0123456789abcdef";

fn shop(workspace: &Workspace) -> std::path::PathBuf {
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(80, 5));
    workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")))
}

#[test]
fn a_page_and_a_status_tell_how_far_a_run_is() {
    let workspace = Workspace::new();
    let job = shop(&workspace);
    let wait = sleep_at("assign.start", Duration::from_secs(4));
    let mut running = workspace.run(&job).failpoint(&wait).args(&["--status", "127.0.0.1:0"]).start();
    let browser = Browser::of(&mut running, None);
    running.until_fired("assign.start");
    let page = browser.get("", None);
    assert_page(&page.text, 100_000);
    assert_eq!((page.code, page.kept.as_deref()), (200, Some("no-store")), "{page:?}");
    for told in ["is running", "fit/behaviour", "inertia", "this process", "Rows of each source"] {
        assert!(page.text.contains(told), "no {told} in {}", page.text);
    }
    let status: Value = serde_json::from_str(&browser.get("status.json", None).text).unwrap();
    assert_eq!(status["format_version"], 1);
    let fit = status["rounds"].as_array().unwrap().iter().find(|of| of["stage"] == "fit/behaviour").unwrap();
    let values: Vec<f64> = fit["values"].as_array().unwrap().iter().map(|round| round[1].as_f64().unwrap()).collect();
    assert!(fit["figure"] == "inertia" && values.is_sorted_by(|before, now| before >= now), "it falls: {fit}");
    let worker = &status["workers"][0];
    assert_eq!((&worker["name"], &worker["state"]), (&"this process".into(), &"there".into()), "{worker}");
    assert!(worker["done"].as_u64().unwrap() > 3, "{worker}");
    let rows = &status["rows"]["orders"];
    assert!(rows["read"].as_u64().unwrap() > 0 && rows["read"].as_u64() >= rows["used"].as_u64(), "{rows}");
    assert_eq!(browser.get("healthz", None).text, "ok\n");
    assert_eq!(browser.get("elsewhere", None).code, 404);
    running.wait().succeeded();
}

#[test]
fn off_this_machine_it_needs_a_token_and_certificates() {
    let workspace = Workspace::new();
    let job = shop(&workspace);
    let refused = workspace.run(&job).args(&["--status", "0.0.0.0:0"]).go().failed_with(2);
    for told in ["--token-file", "--tls-cert", "--insecure"] {
        assert!(refused.stderr.contains(told), "{refused}");
    }
    let authority = Authority::new();
    let wait = sleep_at("features.start", Duration::from_secs(4));
    let arguments: Vec<String> = ["--status".to_owned(), "0.0.0.0:0".to_owned()]
        .into_iter()
        .chain(authority.token(TOKEN))
        .chain(authority.arguments("segmenter-coordinator"))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut running = workspace.run(&job).failpoint(&wait).args(&arguments).start();
    let browser = Browser::of(&mut running, Some(authority.pem().as_bytes()));
    running.until_fired("features.start");
    for wrong in [None, Some("fedcba9876543210")] {
        let page = browser.get("status.json", wrong);
        assert_eq!(page.code, 401, "{page:?}");
        assert!(page.asks_for.is_some_and(|asks| asks.starts_with("Basic ")) && !page.text.contains("partition"));
    }
    let page = browser.get("status.json", Some(TOKEN));
    assert!(page.code == 200 && page.text.contains("partition"), "{page:?}");
    running.wait().succeeded();
}

#[test]
fn an_address_that_is_taken_is_told_before_anything_is_read() {
    let workspace = Workspace::new();
    let job = shop(&workspace);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = workspace.run(&job).args(&["--status", &address]).go().failed_with(2);
    assert!(ran.stderr.contains(&address) && ran.stderr.contains("(--status)"), "{ran}");
}

#[test]
fn workers_that_are_lost_are_told_of() {
    let trial = Trial::new();
    let mut coordinator =
        Coordinator::start(trial.coordinator(2).args(&["--status", "127.0.0.1:0", "--lost-after", "1s"]));
    let browser = Browser::of(&mut coordinator, None);
    let stays = trial.worker(&coordinator).failpoint("worker.task:1=sleep(3000)").start();
    let goes = trial.worker(&coordinator).failpoint("worker.task=sleep(60000)").start();
    let mut goes = goes.until_open();
    goes.until_fired("worker.task");
    goes.kill();
    let status: Value = loop {
        let status: Value = serde_json::from_str(&browser.get("status.json", None).text).unwrap();
        if status["workers"].as_array().unwrap().iter().any(|worker| worker["state"] == "gone") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let workers = status["workers"].as_array().unwrap();
    let gone = workers.iter().find(|worker| worker["state"] == "gone").unwrap();
    assert!(gone["reason"].is_string() && gone["failed"].as_u64().unwrap() > 0 && gone["running"] == 0, "{gone}");
    assert!(workers.iter().any(|worker| worker["state"] == "there"), "{status}");
    let page = browser.get("", None);
    assert!(page.text.contains("1 worker is gone."), "{}", page.text);
    let ran = coordinator.wait().succeeded();
    trial.assert_same(&ran);
    drop(stays);
}

//! What a run tells those who started it and those who keep track: the result file, lineage.

use crate::harness::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

const PARENT: &str = "airflow://prod/daily.segment/0190f9a0-1b2c-7d3e-8f4a-5b6c7d8e9f00";

fn prepared() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(200, 5));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    (workspace, job)
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n') && text.lines().count() == 1, "one line: {text}");
    serde_json::from_str(&text).unwrap()
}

fn lineage(folder: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(Path::new(folder).join("lineage.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn event_types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["eventType"].as_str().unwrap()).collect()
}

#[test]
fn the_result_file_is_the_answer_for_programs() {
    let (workspace, job) = prepared();
    let file = workspace.path("xcom/return.json");
    let ask = || workspace.run(&job).args(&["--output", "json", "--result-file", file.to_str().unwrap()]);
    let ran = ask().go().succeeded();
    let result = read(&file);
    assert_eq!(result, serde_json::from_str::<Value>(ran.stdout.lines().last().unwrap()).unwrap());
    assert_eq!(
        (&result["status"], &result["exit_code"], &result["error"]),
        (&"committed".into(), &0.into(), &Value::Null)
    );
    assert_eq!((&result["retry_helps"], &result["as_of"]), (&false.into(), &"2026-01-01".into()));
    let run = CommittedRun::local(result["folder"].as_str().unwrap());
    assert!(run.folder.ends_with(result["run"].as_str().unwrap()));
    let customers = run.table("features").rows.len();
    assert_eq!(result["segmentations"][0]["customers"], customers);
    assert_eq!(result["rows"]["orders"], run.json("run.json")["rows"]["orders"]);
    assert_eq!((&result["inputs"][0]["name"], &result["inputs"][0]["files"]), (&"orders".into(), &1.into()));
    assert_eq!(std::fs::read_dir(workspace.root().join("xcom")).unwrap().count(), 1, "nothing is left beside it");

    // Asked again, it says the same of the run that is there.
    ask().go().succeeded();
    let again = read(&file);
    assert_eq!(again["committed_before"], true);
    for key in ["run", "folder", "segmentations", "segments", "rows", "warnings", "inputs"] {
        assert_eq!(again[key], result[key], "{key}");
    }
}

#[test]
fn the_environment_names_the_file_and_what_is_typed_comes_first() {
    let (workspace, job) = prepared();
    let (named, typed) = (workspace.path("named.json"), workspace.path("typed.json"));
    let run = |args: &[&str]| workspace.run(&job).env("SEGMENTER_RESULT_FILE", named.to_str().unwrap()).args(args).go();
    run(&["--result-file", typed.to_str().unwrap()]).succeeded();
    assert!(!named.exists() && read(&typed)["status"] == "committed");
    run(&[]).succeeded();
    assert_eq!(read(&named)["committed_before"], true);
    Program::segmenter(&["latest", job.to_str().unwrap()])
        .env("SEGMENTER_RESULT_FILE", workspace.path("latest.json").to_str().unwrap())
        .go()
        .succeeded();
    assert!(!workspace.root().join("latest.json").exists(), "a command that does not run has no result");
}

#[test]
fn a_failure_stands_in_the_file_whatever_failed() {
    let (workspace, job) = prepared();
    let file = workspace.path("result.json");
    let text = std::fs::read_to_string(&job).unwrap();
    let strict = "[[quality.gate]]\nsource = \"orders\"\ncheck = \"duplicate_share\"\nmax = 0.0\naction = \"stop\"\n";
    let cases: [(&str, &str, String, i32, &str); 5] = [
        ("a wrong job file", "", text.replace("\"rfm\"", "\"rmf\""), 2, "job"),
        ("a wrong command line", "--shards 0", text.clone(), 2, "job"),
        ("no input", "", text.replace("orders.parquet", "nowhere.parquet"), 3, "data"),
        (
            "a gate",
            "",
            format!("{text}{strict}").replace("orders.parquet\"", "orders.parquet\"\nkey = [\"order_id\"]"),
            3,
            "data",
        ),
        ("too little memory", "--memory 96K", text.clone(), 6, "resources"),
    ];
    for (what, args, text, code, fault) in cases {
        let _ = std::fs::remove_file(&file);
        let job = workspace.write("wrong.toml", text);
        let args: Vec<&str> = args.split_whitespace().chain(["--result-file", file.to_str().unwrap()]).collect();
        let ran = workspace.run(&job).args(&args).go();
        let result = read(&file);
        assert_eq!(ran.code(), Some(code), "{what}: {ran}");
        assert_eq!(result["exit_code"], code, "{what}: {result}");
        assert_eq!((&result["status"], &result["error"]["code"]), (&"failed".into(), &fault.into()), "{what}");
        assert!(!result["error"]["message"].as_str().unwrap().is_empty(), "{what}: {result}");
        assert_eq!(result["retry_helps"], false, "{what}");
    }
}

#[test]
fn a_gate_that_stops_the_run_tells_its_rows_and_its_assertion() {
    let (workspace, job) = prepared();
    let text =
        std::fs::read_to_string(&job).unwrap().replace("orders.parquet\"", "orders.parquet\"\nkey = [\"order_id\"]");
    let gate = "[[quality.gate]]\nsource = \"orders\"\ncheck = \"duplicate_share\"\nmax = 0.0\naction = \"stop\"\n";
    let job = workspace.write("strict.toml", format!("{text}{gate}"));
    let ran = workspace.run(&job).args(&["--output", "json"]).go().failed_with(3);
    let result: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert!(result["rows"]["orders"]["duplicate"].as_u64().unwrap() > 0, "{result}");
    let events = lineage(result["folder"].as_str().unwrap());
    assert_eq!(event_types(&events), ["START", "FAIL"]);
    let assertions = &events[1]["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"];
    let success = |check: &str| {
        assertions.as_array().unwrap().iter().find(|own| own["assertion"] == check).unwrap()["success"].as_bool()
    };
    assert_eq!((success("duplicate_share"), success("quarantined_share")), (Some(false), Some(true)), "{assertions}");
}

#[test]
fn lineage_says_what_was_read_and_written() {
    let (workspace, job) = prepared();
    let listener = Listener::new(Manners::Polite);
    let ran = workspace
        .run(&job)
        .env("OPENLINEAGE_URL", &listener.url)
        .env("OPENLINEAGE_API_KEY", "secret")
        .env("OPENLINEAGE_NAMESPACE", "crm")
        .args(&["--parent-run", PARENT])
        .go()
        .succeeded();
    let events = lineage(ran.run_folder());
    let heard = listener.heard();
    let sent: Vec<Value> = heard.iter().map(|heard| serde_json::from_slice(&heard.body).unwrap()).collect();
    assert_eq!(sent, events, "what is sent is what is written");
    for request in &heard {
        assert_eq!(request.what, "POST /api/v1/lineage");
        assert_eq!(
            (request.header("authorization"), request.header("content-type")),
            (Some("Bearer secret"), Some("application/json"))
        );
    }
    assert_eq!(event_types(&events), ["START", "COMPLETE"]);
    assert_eq!(events[0]["run"]["runId"], events[1]["run"]["runId"]);
    events.iter().for_each(assert_valid);

    let end = &events[1];
    assert_eq!((&end["job"]["namespace"], &end["job"]["name"]), (&"crm".into(), &"trial".into()));
    let parent = &end["run"]["facets"]["parent"];
    assert_eq!(
        (&parent["job"]["namespace"], &parent["job"]["name"]),
        (&"airflow://prod".into(), &"daily.segment".into())
    );
    assert_eq!(end["run"]["facets"]["nominalTime"]["nominalStartTime"], "2026-01-01T00:00:00+00:00");
    let input = &end["inputs"][0];
    assert_eq!((&input["namespace"], &input["name"]), (&"file".into(), &workspace.uri("in/orders.parquet").into()));
    let fields = input["facets"]["schema"]["fields"].as_array().unwrap();
    assert!(
        fields
            .iter()
            .any(|field| field["name"] == "gross" && field["type"].as_str().unwrap().starts_with("Decimal128")),
        "{fields:?}"
    );
    let run = CommittedRun::of(&ran);
    let output = |table: &str| {
        let name = workspace.uri(&format!("out/trial/{table}"));
        let outputs = end["outputs"].as_array().unwrap();
        outputs.iter().find(|own| own["name"] == name).unwrap_or_else(|| panic!("no {name} in {outputs:#?}")).clone()
    };
    let features = output("features");
    assert_eq!(features["outputFacets"]["outputStatistics"]["rowCount"], run.table("features").rows.len());
    assert_eq!(features["facets"]["version"]["datasetVersion"], run.json("commit.json")["run"]);
    let fields = features["facets"]["schema"]["fields"].as_array().unwrap();
    let columns: Vec<_> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(columns[..3], ["customer_id", "recency_days", "frequency"], "{fields:?}");
    output("assignments/value");
    output("segments.parquet");
}

#[test]
fn lineage_can_be_switched_off_and_a_run_that_is_there_tells_none() {
    let (workspace, job) = prepared();
    let listener = Listener::new(Manners::Polite);
    let run = |off: &str| {
        workspace.run(&job).env("OPENLINEAGE_URL", &listener.url).env("OPENLINEAGE_DISABLED", off).go().succeeded()
    };
    let ran = run("true");
    assert!(!Path::new(ran.run_folder()).join("lineage.jsonl").exists());
    run("false");
    assert!(listener.heard().is_empty(), "nothing was read or written");
}

#[test]
fn who_started_it_is_a_usage_error_where_it_is_typed_wrong_and_a_warning_elsewhere() {
    let (workspace, job) = prepared();
    workspace.run(&job).args(&["--parent-run", "me"]).go().failed_with(2).says(&["NAMESPACE/JOB/RUN"]);
    workspace
        .run(&job)
        .env("OPENLINEAGE_PARENT_ID", "me")
        .go()
        .succeeded()
        .says(&["OPENLINEAGE_PARENT_ID", "passed over"]);
}

/// Holds an event against what OpenLineage.json 2-0-2 requires, and every facet against `BaseFacet`.
fn assert_valid(event: &Value) {
    let is = |value: &Value, what: &str| assert!(value.is_string(), "{what} is a text in {event:#}");
    for key in ["eventTime", "producer", "schemaURL"] {
        is(&event[key], key);
    }
    assert!(chrono_like(event["eventTime"].as_str().unwrap()), "{event:#}");
    assert!(["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"].contains(&event["eventType"].as_str().unwrap()));
    let run = event["run"]["runId"].as_str().unwrap();
    assert!(run.split('-').map(str::len).eq([8, 4, 4, 4, 12]), "{run} is no UUID");
    is(&event["job"]["namespace"], "job.namespace");
    is(&event["job"]["name"], "job.name");
    let mut facets = vec![&event["run"]["facets"], &event["job"]["facets"]];
    for dataset in ["inputs", "outputs"].into_iter().flat_map(|side| event[side].as_array().unwrap()) {
        is(&dataset["namespace"], "namespace");
        is(&dataset["name"], "name");
        facets.extend([&dataset["facets"], &dataset["inputFacets"], &dataset["outputFacets"]]);
    }
    let mut seen = 0;
    for (name, facet) in facets.into_iter().filter_map(Value::as_object).flatten() {
        assert!(facet["_producer"].as_str().unwrap().contains(':'), "{name} of {event:#}");
        assert!(facet["_schemaURL"].as_str().unwrap().starts_with("https://openlineage.io/spec/facets/"), "{name}");
        seen += 1;
    }
    assert!(seen > 3, "{seen} facets");
}

/// Says whether a text is a time as RFC 3339 writes it.
fn chrono_like(text: &str) -> bool {
    chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

//! What a run holds of a customer, and why: `segmenter person`.

use crate::harness::*;
use serde_json::Value;
use std::path::Path;

/// Rules of both kinds, a fit, and the preset that both look at.
const SECTIONS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name = "value"
method = "rfm"
[[segmentation]]
name = "worth"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary > 500"
[[segmentation]]
name = "audiences"
method = "rules"
match = "all"
[[segmentation.rule]]
name = "any"
when = "frequency >= 1"
[[segmentation.rule]]
name = "big"
when = "monetary > 500"
"#;

fn prepared(more: &str) -> (Workspace, std::path::PathBuf, CommittedRun) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(60, 5));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{SECTIONS}{more}")));
    workspace.write("pairs.csv", "one,other\nC00002,X2\n");
    let run = workspace.committed(&job);
    (workspace, job, run)
}

fn ask(workspace: &Workspace, job: &Path, ids: &str, words: &[&str]) -> Ran {
    let ids = workspace.write("ids.txt", ids);
    let ran = Program::segmenter(&["person", job.to_str().unwrap(), "--ids", ids.to_str().unwrap()]);
    ran.args(&["--scratch", &workspace.uri("scratch")]).args(words).go()
}

fn people(workspace: &Workspace, job: &Path, ids: &str) -> Vec<Value> {
    let ran = ask(workspace, job, ids, &["--output", "json"]).succeeded();
    let answer: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    answer["people"].as_array().unwrap().clone()
}

#[test]
fn it_tells_what_stands_in_the_tables_and_why() {
    let (workspace, job, run) = prepared("");
    let found = people(&workspace, &job, "C00002\n\n  C00004 \nC00002\nnobody\n");
    let ids: Vec<_> = found.iter().map(|own| own["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["C00002", "C00004", "nobody"]);
    for person in &found[..2] {
        let id = person["id"].as_str().unwrap();
        assert_eq!(person["is_in_run"], true);
        let monetary: f64 = run.feature("monetary")[id].as_ref().unwrap().parse().unwrap();
        let told: f64 = person["features"]["monetary"].to_string().trim_matches('"').parse().unwrap();
        assert_eq!(told, monetary, "{id}");
        let segments = person["segments"].as_array().unwrap();
        assert_eq!(
            segments.iter().map(|own| own["segmentation"].as_str().unwrap()).collect::<Vec<_>>(),
            ["value", "worth", "audiences"]
        );
        for segment in segments {
            let keys = run.keys(segment["segmentation"].as_str().unwrap());
            assert_eq!(segment["segment_key"], keys[id].as_str(), "{id}");
        }
        let is_big = monetary > 500.0;
        assert_eq!(segments[1]["rule"], if is_big { "monetary > 500".into() } else { Value::Null }, "{id}");
        let given = |at: usize| {
            segments[at]["given"]
                .as_array()
                .unwrap()
                .iter()
                .map(|own| own["feature"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (given(0), given(1)),
            (vec!["recency_days".into(), "frequency".into(), "monetary".into()], vec!["monetary".into()])
        );
        let members: Vec<_> =
            person["membership"].as_array().unwrap().iter().map(|own| own["segment_key"].as_str().unwrap()).collect();
        assert_eq!(members, if is_big { vec!["any", "big"] } else { vec!["any"] }, "{id}");
    }
    let profile = run.table("profiles.parquet").only(&[
        ("segmentation", "value"),
        ("segment_key", found[0]["segments"][0]["segment_key"].as_str().unwrap()),
        ("feature", "frequency"),
    ]);
    let mean: f64 = profile["mean"].as_ref().unwrap().parse().unwrap();
    assert_eq!(found[0]["segments"][0]["given"][1]["mean_of_segment"], mean);
    assert_eq!((&found[2]["is_in_run"], &found[2]["features"]), (&false.into(), &Value::Null));

    let text = ask(&workspace, &job, "C00002\nnobody\n", &[]).succeeded().stdout;
    assert!(text.starts_with("C00002\n  value: ") && text.contains("\nnobody\n  not in run "), "{text}");
}

#[test]
fn any_id_of_a_person_finds_it() {
    let pairs = "\n[[source]]\nname = \"pairs\"\nkind = \"identities\"\nuri = \"@IN@/../pairs.csv\"\n[source.columns]\nid = \"one\"\nother_id = \"other\"\n";
    let workspace = Workspace::new();
    workspace.write("pairs.csv", "one,other\nC00002,X2\n");
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(60, 5));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{SECTIONS}{pairs}")));
    workspace.committed(&job);
    let found = people(&workspace, &job, "X2\nC00002\n");
    let person = &found[0]["customer_id"];
    assert_eq!(person, &found[1]["customer_id"]);
    for own in &found {
        let ids: Vec<_> = own["ids"].as_array().unwrap().iter().map(|id| id["id"].as_str().unwrap()).collect();
        assert_eq!((ids, &own["is_in_run"]), (vec!["C00002", "X2"], &true.into()), "{own:#}");
    }
}

#[test]
fn what_is_asked_wrong_is_told() {
    let (workspace, job, run) = prepared("");
    ask(&workspace, &job, "\n\n", &[]).failed_with(2).says(&["there is no id in"]);
    ask(&workspace, &job, &(0..1001).map(|id| format!("{id}\n")).collect::<String>(), &[])
        .failed_with(2)
        .says(&["1001 ids", "at most 1000"]);
    ask(&workspace, &job, "a", &["--run", "2026-01-01-000000000000"]).failed_with(3).says(&["is not committed"]);
    ask(&workspace, &job, "it's 'odd'", &["--run", run.json("commit.json")["run"].as_str().unwrap()]).succeeded();
    let gone = workspace.path("gone.txt");
    Program::segmenter(&["person", job.to_str().unwrap(), "--ids", gone.to_str().unwrap()])
        .go()
        .failed_with(2)
        .says(&["--ids"]);
}

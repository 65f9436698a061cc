//! Which runs there are, and which go: `segmenter runs` and `segmenter gc`.

use crate::harness::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A workspace with a run for each of these days, each compared with the one before.
fn with_runs(days: &[&str]) -> (Workspace, PathBuf, Vec<String>) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(60, 5));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    let run = |day: &&str| {
        let ran = workspace.run(&job).args(&["--as-of", day]).go().succeeded();
        ran.run_folder().rsplit('/').next().unwrap().to_owned()
    };
    let runs = days.iter().map(run).collect();
    (workspace, job, runs)
}

fn ask(job: &Path, words: &[&str]) -> Value {
    let ran = Program::segmenter(&[&[words[0], job.to_str().unwrap(), "--output", "json"], &words[1..]].concat())
        .go()
        .succeeded();
    serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|own| own["run"].as_str().unwrap()).collect()
}

fn why<'a>(answer: &'a Value, run: &str) -> &'a str {
    let kept = answer["keep"].as_array().unwrap().iter().find(|own| own["run"] == run);
    kept.unwrap_or_else(|| panic!("{run} is not kept: {answer:#}"))["why"].as_str().unwrap()
}

const DAYS: [&str; 4] = ["2025-10-01", "2025-11-01", "2025-12-01", "2026-01-01"];

#[test]
fn runs_are_listed_with_what_they_are() {
    let (workspace, job, runs) = with_runs(&DAYS[2..]);
    workspace.run(&job).args(&["--new-run"]).failpoint("assign.start=abort").go().aborted_at("assign.start");
    let damaged = workspace.root().join("out/trial/runs").join(&runs[0]).join("model.json");
    std::fs::remove_file(damaged).unwrap();
    let found = ask(&job, &["runs"]);
    let states: Vec<_> = found["runs"].as_array().unwrap().iter().map(|run| run["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["committed", "begun", "damaged"]);
    let newest = &found["runs"][0];
    assert_eq!((&newest["run"], &newest["previous"]), (&runs[1].as_str().into(), &runs[0].as_str().into()));
    assert_eq!((&newest["as_of"], &newest["sequence"]), (&DAYS[3].into(), &1.into()));
    let run = CommittedRun::local(workspace.root().join("out/trial/runs").join(&runs[1]).to_str().unwrap());
    assert_eq!(newest["customers"], run.table("features").rows.len());
    assert!(newest["committed_at"].is_string() && found["runs"][1]["committed_at"].is_null());
    assert_eq!(found["runs"][2]["damage"][0], "model.json is missing");

    let table = Program::segmenter(&["runs", job.to_str().unwrap()]).go().succeeded().stdout;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("run ") && lines[1].starts_with(&runs[1]) && lines[3].contains("damaged"), "{table}");
    assert!(lines[4].ends_with("model.json is missing"), "{table}");
}

#[test]
fn without_runs_there_is_nothing_to_list_or_delete() {
    let (_workspace, job, _) = with_runs(&[]);
    assert_eq!(ask(&job, &["runs"])["runs"], Value::Array(Vec::new()));
    let said = Program::segmenter(&["runs", job.to_str().unwrap()]).go().succeeded().stdout;
    assert_eq!(said, "no run is committed or begun\n");
    let said = Program::segmenter(&["gc", job.to_str().unwrap(), "--keep", "1", "--yes"]).go().succeeded().stdout;
    assert_eq!(said, "nothing is to be deleted\n");
}

#[test]
fn old_runs_are_listed_and_go_when_it_is_said() {
    let (workspace, job, runs) = with_runs(&DAYS);
    let there = || std::fs::read_dir(workspace.root().join("out/trial/runs")).unwrap().count();
    let listed = ask(&job, &["gc", "--keep", "1"]);
    assert_eq!((ids(&listed["delete"]), &listed["deleted"]), (vec![runs[0].as_str(), &runs[1]], &false.into()));
    assert!(why(&listed, &runs[3]).contains("newest") && why(&listed, &runs[2]).contains(&runs[3]), "{listed:#}");
    assert_eq!(there(), 4, "nothing is deleted");
    assert_eq!(ids(&ask(&job, &["gc", "--keep", "1", "--older-than", "36500d"])["delete"]), Vec::<&str>::new());

    let deleted = ask(&job, &["gc", "--keep", "1", "--yes"]);
    assert_eq!((ids(&deleted["delete"]), &deleted["deleted"]), (ids(&listed["delete"]), &true.into()));
    assert_eq!(there(), 2);
    for run in &runs[2..] {
        Program::segmenter(&["verify", job.to_str().unwrap(), "--run", run]).go().succeeded();
    }
    // What was deleted can be made again, and the newest is still the newest.
    let again = workspace.run(&job).args(&["--as-of", DAYS[0]]).go().succeeded();
    assert!(again.run_folder().ends_with(&runs[0]));
    let latest = Program::segmenter(&["latest", job.to_str().unwrap()]).go().succeeded();
    assert!(latest.run_folder().ends_with(&runs[3]));
}

#[test]
fn a_run_that_the_job_names_and_one_that_scores_are_by_stay() {
    let (workspace, job, runs) = with_runs(&DAYS);
    Program::segmenter(&["score", job.to_str().unwrap(), "--model", &runs[1]])
        .args(&["--scratch", &workspace.uri("scratch"), "--as-of", DAYS[3]])
        .go()
        .succeeded();
    let text = std::fs::read_to_string(&job).unwrap();
    let output = format!("[output]\nprevious = \"{}\"", runs[0]);
    let naming = workspace.write("naming.toml", text.replace("[output]", &output));
    let kept = ask(&naming, &["gc", "--keep", "1", "--yes"]);
    assert_eq!(ids(&kept["delete"]), Vec::<&str>::new());
    assert!(why(&kept, &runs[0]).contains("output.previous"), "{kept:#}");
    assert_eq!(why(&kept, &runs[1]), "a score by its model is there");
    assert_eq!(ids(&ask(&job, &["gc", "--keep", "1"])["delete"]), [runs[0].as_str()]);
    assert_eq!(ask(&job, &["runs"])["runs"][2]["scores"].as_array().unwrap().len(), 1);
}

#[test]
fn how_many_stay_must_be_said() {
    let (_workspace, job, _) = with_runs(&[]);
    let gc = |words: &[&str]| Program::segmenter(&["gc", job.to_str().unwrap()]).args(words).go().failed_with(2);
    gc(&[]).says(&["--keep"]);
    gc(&["--keep", "0"]).says(&["1.."]);
    gc(&["--keep", "1", "--older-than", "soon"]).says(&["such as"]);
}

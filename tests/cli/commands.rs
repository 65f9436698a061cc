//! The commands beside `run`.

use crate::harness::*;
use serde_json::Value;

fn prepared() -> (Workspace, String) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(50, 1));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM)).to_str().unwrap().to_owned();
    (workspace, job)
}

#[test]
fn validate_looks_at_the_sources_unless_offline() {
    let (workspace, job) = prepared();
    Program::segmenter(&["validate", &job]).go().succeeded();
    std::fs::remove_file(workspace.path("in/orders.parquet")).unwrap();
    Program::segmenter(&["validate", &job, "--offline"]).go().succeeded();
    Program::segmenter(&["validate", &job]).go().failed_with(3).says(&["orders.parquet"]);
}

#[test]
fn plan_says_what_would_be_done_and_writes_nothing() {
    let (workspace, job) = prepared();
    let text = Program::segmenter(&["plan", &job]).go().succeeded().stdout;
    assert!(text.contains("orders"), "{text}");
    let json = Program::segmenter(&["plan", &job, "--output", "json"]).go().succeeded().stdout;
    let plan: Value = serde_json::from_str(&json).unwrap();
    assert!(plan["format_version"].is_u64(), "{plan}");
    let rows = orders_of(50, 1).len().to_string();
    assert!(json.contains(&rows), "the rows of the inputs, {rows}: {json}");
    assert!(!workspace.root().join("out").exists());
}

#[test]
fn the_plan_names_the_run_that_follows() {
    let (workspace, job) = prepared();
    let plan = Program::segmenter(&["plan", &job, "--output", "json"]).go().succeeded().stdout;
    let run = workspace.run(std::path::Path::new(&job)).go().succeeded();
    let id = run.run_folder().rsplit('/').next().unwrap();
    assert!(plan.contains(id), "{id} in {plan}");
}

#[test]
fn latest_without_a_run_says_so() {
    let (_workspace, job) = prepared();
    let ran = Program::segmenter(&["latest", &job]).go();
    assert_ne!(ran.code(), Some(0), "{ran}");
    assert_eq!(ran.stdout, "");
    ran.says(&["trial"]);
}

#[test]
fn schema_is_a_json_schema() {
    let schema = Program::segmenter(&["schema"]).go().succeeded().stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert!(schema["$schema"].is_string() && schema["properties"]["source"].is_object(), "{schema}");
}

#[test]
fn functions_are_listed_without_the_forbidden() {
    let functions = Program::segmenter(&["functions"]).go().succeeded().stdout;
    let named = |name: &str| functions.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    for name in ["sum", "avg", "median", "coalesce", "ltrim", "ln"] {
        assert!(named(name), "{name} in {functions}");
    }
    for name in ["random", "now", "approx_distinct", "array_agg"] {
        assert!(!named(name), "{name} in {functions}");
    }
}

#[test]
fn synth_gives_the_same_bytes_for_the_same_seed() {
    let workspace = Workspace::new();
    let make = |folder: &str, seed: &str| {
        Program::segmenter(&["synth", &workspace.uri(folder), "--customers", "200", "--seed", seed]).go().succeeded();
        std::fs::read(workspace.root().join(folder).join("truth.parquet")).unwrap()
    };
    let one = make("one", "3");
    assert_eq!(make("two", "3"), one);
    assert_ne!(make("three", "4"), one);
}

#[test]
fn usage_errors_are_exit_2() {
    for arguments in
        [&["rnu"][..], &["run"], &["run", "x.toml", "--threads", "0"], &["run", "x.toml", "--as-of", "soon"]]
    {
        let ran = Program::segmenter(arguments).go().failed_with(2);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn a_command_of_later_is_not_available_yet() {
    Program::segmenter(&["doctor", "x"]).go().failed_with(2).says(&["not available yet"]);
}

#[test]
fn help_and_version_are_data() {
    assert!(Program::segmenter(&["--help"]).go().succeeded().stdout.contains("run"));
    assert!(Program::segmenter(&["--version"]).go().succeeded().stdout.starts_with("segmenter "));
}

#[test]
fn shells_get_a_script_that_they_can_read() {
    for (shell, told) in [("bash", "complete -F"), ("zsh", "#compdef segmenter"), ("fish", "complete -c segmenter")] {
        let script = Program::segmenter(&["completions", shell]).go().succeeded().stdout;
        assert!(script.contains(told) && script.contains("as-of"), "{shell}: {script}");
    }
    let script = Program::segmenter(&["completions", "bash"]).go().succeeded().stdout;
    let workspace = Workspace::new();
    std::fs::write(workspace.path("script"), script).unwrap();
    let ask = "source \"$0\"; COMP_WORDS=(segmenter ru); COMP_CWORD=1; _segmenter segmenter ru segmenter; echo \"${COMPREPLY[@]}\"";
    let asked = std::process::Command::new("bash").args(["-c", ask]).arg(workspace.path("script")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&asked.stdout).trim(), "run runs", "{asked:?}");
}

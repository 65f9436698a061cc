//! `docs/outputs.md` has the columns, types and nulls that the tables of runs have.

use super::pages::{Page, rows};
use crate::harness::*;
use segmenter_worker::measure::checks;
use std::collections::BTreeSet;

const PAGE: &str = "docs/outputs.md";

/// Rules that overlap.
const AUDIENCES: &str = "
[[segmentation]]
name = \"audiences\"
method = \"rules\"
match = \"all\"
[[segmentation.rule]]
name = \"big\"
when = \"monetary > 500\"
[[segmentation.rule]]
name = \"recent\"
when = \"recency_days < 60\"
";

/// Ids of one person.
const PAIRS: &str = "
[[source]]
name = \"pairs\"
kind = \"identities\"
uri  = \"pairs.csv\"
[source.columns]
id       = \"one\"
other_id = \"other\"
";

/// The demo job with every method, and ids that are linked.
fn demo() -> (Workspace, CommittedRun) {
    let workspace = Workspace::new();
    Program::segmenter(&["init", "demo"]).within(workspace.root()).go().succeeded();
    let job = workspace.path("demo/segmenter.toml");
    let more = ["nested", "blends"].into_iter().zip(["bisecting", "mixture"]).map(|(name, method)| {
        let features = "[\"recency_days\", \"frequency\", \"monetary\"]";
        format!("\n[[segmentation]]\nname = \"{name}\"\nmethod = \"{method}\"\nfeatures = {features}\nk = 4\n")
    });
    let text = std::fs::read_to_string(&job).unwrap();
    std::fs::write(&job, text + &more.collect::<String>() + AUDIENCES + PAIRS).unwrap();
    workspace.write("pairs.csv", "one,other\na,b\n");
    let ran = Program::segmenter(&["run", "demo/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let folder = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(folder.to_str().unwrap());
    (workspace, run)
}

#[test]
fn tables_are_as_the_page_says() {
    let (_workspace, run) = demo();
    let page = Page::read(PAGE);
    let is_table = |path: &&String| path.ends_with(".parquet");
    let name = |path: &String| path.split_once('/').map_or(path.clone(), |(folder, _)| format!("{folder}/"));
    let tables: BTreeSet<String> = run.files.keys().filter(is_table).map(name).collect();
    assert!(tables.len() >= 8, "{tables:?}");
    for table in tables {
        let text = page.below(&format!("## `{table}`")).unwrap_or_else(|| panic!("{PAGE} has no heading ## `{table}`"));
        let told = rows(&text).into_iter().filter(|cells| cells.len() == 5).map(|cells| {
            let nullable = if cells[2] == "no" { "!" } else { "" };
            format!("{} {}{nullable}", cells[0], cells[1])
        });
        let told: Vec<String> = told.collect();
        let folders: BTreeSet<String> = match table.as_str() {
            "membership/" => BTreeSet::from(["membership/audiences".to_owned()]),
            "assignments/" => run.segmentations().iter().map(|name| format!("assignments/{name}")).collect(),
            _ => BTreeSet::from([table.trim_end_matches('/').to_owned()]),
        };
        for folder in folders {
            assert_eq!(
                told,
                run.table(&folder).described(),
                "columns of {folder}: those of {PAGE}, and those of a run"
            );
        }
    }
}

/// The demo job has no experiment, no benefits, no messages, no affinity, no exports and no run before it.
#[test]
fn other_tables_are_as_the_page_says() {
    for (table, schema) in [
        ("experiments.parquet", segmenter_worker::results::experiments_schema()),
        ("benefits.parquet", segmenter_worker::results::benefits_schema()),
        ("channels.parquet", segmenter_worker::results::channels_schema()),
        ("offers.parquet", segmenter_worker::results::offers_schema()),
        ("campaigns.parquet", segmenter_worker::results::campaigns_schema()),
        ("contacts.parquet", segmenter_worker::results::contacts_schema()),
        ("affinity.parquet", segmenter_worker::results::affinity_schema()),
        ("changes/", segmenter_worker::results::changes_schema("customer_id")),
        ("migration.parquet", segmenter_worker::results::migration_schema()),
        ("drift.parquet", segmenter_worker::results::drift_schema()),
        ("recommendations/", segmenter_worker::results::recommendations_schema("customer_id")),
        ("exports/", segmenter_worker::results::exports_schema([])),
        ("arms/", segmenter_worker::results::arms_schema("customer_id")),
    ] {
        let text = Page::read(PAGE).below(&format!("## `{table}`")).unwrap();
        let told: Vec<String> = rows(&text)
            .into_iter()
            .map(|cells| format!("{} {}{}", cells[0], cells[1], if cells[2] == "no" { "!" } else { "" }))
            .collect();
        let fields = schema.fields().iter().map(|field| {
            format!("{} {}{}", field.name(), field.data_type(), if field.is_nullable() { "" } else { "!" })
        });
        assert_eq!(told, fields.collect::<Vec<_>>(), "{table}");
    }
}

#[test]
fn calibrations_are_as_the_page_says() {
    let workspace = Workspace::new();
    Program::segmenter(&["init", "demo"]).within(workspace.root()).go().succeeded();
    let job = workspace.path("demo/segmenter.toml");
    let text = std::fs::read_to_string(&job).unwrap();
    let forecasting = text.replace("presets = [{ name = \"rfm\" }]", "presets = [\"rfm\", \"clv\"]");
    assert_ne!(text, forecasting);
    std::fs::write(&job, forecasting).unwrap();
    let ran = Program::segmenter(&["run", "demo/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let folder = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(folder.to_str().unwrap());
    let text = Page::read(PAGE).below("## `calibration.parquet`").unwrap();
    let told = rows(&text).into_iter().filter(|cells| cells.len() == 5).map(|cells| {
        let nullable = if cells[2] == "no" { "!" } else { "" };
        format!("{} {}{nullable}", cells[0], cells[1])
    });
    assert_eq!(told.collect::<Vec<_>>(), run.table("calibration.parquet").described());
}

#[test]
fn keys_of_json_files_are_told() {
    let (_workspace, run) = demo();
    let page = Page::read(PAGE);
    for file in ["run.json", "commit.json", "model.json"] {
        let text = page.below(&format!("## `{file}`")).unwrap_or_else(|| panic!("{PAGE} has no heading ## `{file}`"));
        let told: BTreeSet<String> = rows(&text).into_iter().map(|cells| cells[0].clone()).collect();
        for key in run.json(file).as_object().unwrap().keys() {
            assert!(told.contains(key), "{PAGE} does not tell of {key} in {file}");
        }
    }
}

#[test]
fn checks_that_gates_may_name_are_told() {
    let text = Page::read(PAGE).below("## `quality.parquet`").unwrap();
    let told: BTreeSet<String> = rows(&text).into_iter().map(|cells| cells[0].clone()).collect();
    let untold: Vec<String> =
        checks().into_iter().map(|check| check.name).filter(|name| !told.contains(name)).collect();
    assert!(untold.is_empty(), "{PAGE} does not tell of {untold:?}");
}

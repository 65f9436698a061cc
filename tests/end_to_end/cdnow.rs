//! CDNOW as it was published, fixed-width text, against numbers that were computed with DuckDB 2.0.

use crate::harness::*;
use std::path::Path;

#[test]
fn the_published_text_is_read_as_it_is() {
    let Some(text) = shared_data("cdnow/CDNOW_master.txt") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/cdnow.toml");
    let data = text.parent().and_then(Path::parent).unwrap();
    let ran =
        workspace.run(&job).env("DATA", data.to_str().unwrap()).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);
    assert_numbers(&run);
    assert_eq!(run.logical_digest(), as_csv(&text).logical_digest());
}

fn assert_numbers(run: &CommittedRun) {
    let fates = run.fates("purchases");
    assert_eq!((fates.read, fates.used), (69_659, 69_659));
    let features = run.table("features");
    assert_eq!(features.rows.len(), 23_570);
    assert_eq!(features.rows[0].len(), features.schema.fields().len());
    let orders = features.numbers("frequency");
    assert_eq!(orders.iter().sum::<f64>(), 69_659.0);
    assert_eq!(orders.iter().filter(|orders| **orders >= 2.0).count(), 11_662);
    let cents: f64 = features.numbers("monetary").iter().map(|amount| (amount * 100.0).round()).sum();
    assert_eq!(cents, 250_031_563.0);
    assert!(run.feature("frequency").contains_key("00001"), "leading zeros are part of an id");
}

/// The same purchases as a CSV with a delimiter and declared types.
fn as_csv(text: &Path) -> CommittedRun {
    let workspace = Workspace::new();
    let mut csv = "id,day,discs,dollars\n".to_owned();
    for line in std::fs::read_to_string(text).unwrap().lines().skip(1) {
        csv.push_str(&line.split_whitespace().collect::<Vec<_>>().join(","));
        csv.push('\n');
    }
    workspace.write("in/cdnow.csv", csv);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/cdnow.toml");
    let example = std::fs::read_to_string(example).unwrap();
    let (head, _) = example.split_once("[[source]]").unwrap();
    let (_, sections) = example.split_once("[features]").unwrap();
    let source = r#"[[source]]
name  = "purchases"
kind  = "transactions"
uri   = "${DATA}/cdnow.csv"
types = { day = "date(%Y%m%d)", dollars = "decimal(18,2)" }
columns = { customer_id = "id", time = "day", amount = "dollars" }
"#;
    let job = workspace.job(&format!("{head}{source}\n[features]{sections}"));
    let environment = [("DATA".to_owned(), workspace.uri("in")), ("OUT".to_owned(), workspace.uri("out"))];
    CommittedRun::of(&workspace.run(&job).envs(&environment).go().succeeded())
}

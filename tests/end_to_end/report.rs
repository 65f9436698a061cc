//! The page of a run: its figures are those of the tables, it tells of no customer, and it is made again with the same bytes.

use crate::harness::*;
use std::path::Path;

fn prepared() -> (Workspace, std::path::PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(300, 6));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    (workspace, job)
}

fn page(run: &CommittedRun) -> String {
    String::from_utf8(run.files["report.html"].to_vec()).unwrap()
}

/// Rows of the tables of a page with this caption, one table after the other.
fn rows_of(html: &str, caption: &str) -> Vec<Vec<String>> {
    let all = elements(html);
    let tables = all.iter().filter(|own| own.name == "table").filter(|table| {
        all.iter().any(|own| own.name == "caption" && own.path.starts_with(&table.path) && own.text == caption)
    });
    let within = |path: &[usize], names: &[&str]| {
        let found = all.iter().filter(|own| own.path.starts_with(path) && names.contains(&own.name.as_str()));
        found.cloned().collect::<Vec<_>>()
    };
    let rows = tables.flat_map(|table| within(&table.path, &["tr"]));
    rows.map(|row| within(&row.path, &["th", "td"]).into_iter().map(|cell| cell.text).collect()).collect()
}

/// Says whether a cell tells a number, to the three digits that it has.
fn tells(cell: &str, number: f64) -> bool {
    let digits: String =
        cell.chars().filter(|letter| letter.is_ascii_digit() || ['.', '-', 'e'].contains(letter)).collect();
    digits.parse::<f64>().is_ok_and(|told| (told - number).abs() <= 0.0051 * number.abs() + 1e-9)
}

#[test]
fn the_page_tells_the_figures_of_the_tables_and_of_no_customer() {
    let (workspace, job) = prepared();
    let run = workspace.committed(&job);
    let html = page(&run);
    assert_page(&html, 900_000);

    let segments = run.table("segments.parquet");
    let told = rows_of(&html, "Size of each segment");
    let mut compared = 0;
    for row in &segments.rows {
        let [name, key, customers, share] = [3, 2, 4, 5].map(|at| row[at].clone().unwrap());
        if customers == "0" {
            continue;
        }
        let share = format!("{:.1}\u{a0}%", share.parse::<f64>().unwrap() * 100.0);
        let is_row = |cells: &&Vec<String>| cells[1] == key && cells[2] == customers && cells[3] == share;
        let found = told.iter().find(is_row).unwrap_or_else(|| panic!("{key} {customers} {share} in {told:#?}"));
        assert!(found[0] == name || name == key, "{found:?}");
        compared += 1;
    }
    assert!(compared > 10, "{compared} sizes");

    let heads =
        rows_of(&html, "Mean of each feature in each segment, beside that of all; shares of texts, true and false");
    let monetary = heads.iter().filter(|cells| cells[0] == "monetary");
    let profiles = run.table("profiles.parquet");
    let mut compared = 0;
    for cells in monetary {
        for cell in cells[2..].iter().filter(|cell| *cell != "–") {
            let means = profiles.rows.iter().filter(|row| row[2].as_deref() == Some("monetary"));
            let mut means = means.filter_map(|row| row[6].as_ref()?.parse::<f64>().ok());
            assert!(means.any(|mean| tells(cell, mean)), "{cell}");
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared} means");

    let ids = run.keys("value");
    assert!(ids.len() > 100 && !ids.keys().any(|id| html.contains(id.as_str())), "an id of a customer");
}

#[test]
fn a_page_is_made_again_with_the_same_bytes() {
    let (workspace, job) = prepared();
    let run = workspace.committed(&job);
    let id = run.folder.rsplit('/').next().unwrap().to_owned();
    let report = |arguments: &[&str]| Program::segmenter(&["report", job.to_str().unwrap()]).args(arguments).go();
    let file = workspace.path("page.html");
    assert_eq!(report(&["--out", file.to_str().unwrap()]).succeeded().stdout, "");
    assert_eq!(std::fs::read(&file).unwrap(), run.files["report.html"]);
    // As a run of before there were pages has it.
    let folder = Path::new(run.folder.trim_start_matches("file://"));
    let commit = folder.join("commit.json");
    let mut text: serde_json::Value = serde_json::from_slice(&std::fs::read(&commit).unwrap()).unwrap();
    text["files"].as_array_mut().unwrap().retain(|file| file["path"] != "report.html");
    std::fs::write(&commit, text.to_string()).unwrap();
    std::fs::remove_file(folder.join("report.html")).unwrap();
    assert_eq!(report(&["--run", &id]).succeeded().stdout, page(&run));

    report(&["--run", "2020-01-01-000000000000"]).failed_with(3).says(&["2020-01-01-000000000000", "segmenter latest"]);
    let nowhere = workspace.root().join("nowhere/page.html");
    report(&["--out", nowhere.to_str().unwrap()]).failed_with(4).says(&["page.html", "--out"]);
    // A table is damaged without a change of its size.
    let table = folder.join("segments.parquet");
    let mut bytes = std::fs::read(&table).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&table, bytes).unwrap();
    report(&[]).failed_with(3).says(&["segments.parquet", "segmenter verify"]);
}

#[test]
fn two_runs_make_a_page() {
    let (workspace, job) = prepared();
    let earlier = workspace.run(&job).args(&["--as-of", "2025-10-01"]).go().succeeded();
    let later = workspace.run(&job).go().succeeded();
    let [earlier, later] = [&earlier, &later].map(|ran| ran.run_folder().rsplit('/').next().unwrap().to_owned());
    let out = workspace.path("compared.html");
    let compare = ["compare", job.to_str().unwrap(), &earlier, &later, "--out", out.to_str().unwrap()];
    assert_eq!(Program::segmenter(&compare).go().succeeded().stdout, "");
    let html = std::fs::read_to_string(out).unwrap();
    assert_page(&html, 900_000);
    assert!(html.contains(&earlier) && html.contains(&later) && html.contains("changed most"), "{html}");
}

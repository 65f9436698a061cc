//! Mistakes in questions to a run, word for word, and their hints followed.

use crate::harness::*;

fn asked(job: &str, more: &[&str]) -> Ran {
    Program::segmenter(&["sql", job]).args(more).go()
}

fn prepared() -> (Workspace, String) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    let text = job.to_str().unwrap().to_owned();
    (workspace, text)
}

#[test]
fn a_query_before_any_run() {
    let (workspace, job) = prepared();
    let ran = asked(&job, &["select count(*) from features"]).failed_with(3);
    assert_golden("sql_before_any_run", &workspace, &ran);
    workspace.run(std::path::Path::new(&job)).go().succeeded();
    asked(&job, &["select count(*) from features"]).succeeded();
}

#[test]
fn mistakes_stand_at_their_place_in_the_query() {
    let (workspace, job) = prepared();
    workspace.run(std::path::Path::new(&job)).go().succeeded();
    for (case, query, mended) in [
        ("sql_unknown_table", "select *\nfrom assignment a", "select *\nfrom assignments a"),
        ("sql_unknown_source", "select count(*) from source.order", "select count(*) from source.orders"),
        (
            "sql_unknown_column",
            "select segment_key, sum(monetry) as s\nfrom features f join assignments a on a.customer_id = f.customer_id\ngroup by segment_key",
            "select segment_key, sum(monetary) as s\nfrom features f join assignments a on a.customer_id = f.customer_id\ngroup by segment_key",
        ),
        ("sql_not_a_query", "drop table features", "select * from features"),
    ] {
        let ran = asked(&job, &[query]).failed_with(2);
        assert_eq!(ran.stdout, "", "{case}");
        assert_golden(case, &workspace, &ran);
        asked(&job, &[mended]).succeeded();
    }
    let ran = asked(&job, &["select cast(segment_key as int) as n from assignments"]).failed_with(3);
    assert_golden("sql_row_that_fails", &workspace, &ran);
    asked(&job, &["select try_cast(segment_key as int) as n from assignments"]).succeeded();
}

#[test]
fn where_an_answer_goes() {
    let (workspace, job) = prepared();
    workspace.run(std::path::Path::new(&job)).go().succeeded();
    let query = "select count(*) as n from features";
    asked(&job, &[query, "--out", &workspace.uri("answer.txt")]).failed_with(2).says(&["--format"]);
    asked(&job, &[query, "--out", &workspace.uri("answer.txt"), "--format", "csv"]).succeeded();
    assert!(std::fs::read_to_string(workspace.path("answer.txt")).unwrap().starts_with("n\n"));
    let nowhere = workspace.root().join("no/such/folder/answer.csv");
    asked(&job, &[query, "--out", nowhere.to_str().unwrap()]).failed_with(4).says(&["--out"]);
    let parquet = std::process::Command::new(env!("CARGO_BIN_EXE_segmenter"))
        .args(["sql", &job, query, "--format", "parquet"])
        .output()
        .unwrap();
    assert!(parquet.status.success() && parquet.stdout.starts_with(b"PAR1"));
    asked(&job, &[query, "--memory", "5M"]).failed_with(6).says(&["at least 96M"]);
}

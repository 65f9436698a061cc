//! Nothing is lost in silence: what became of the rows is told on stderr, in `run.json` and in JSON, and what is odd is warned of.

use crate::harness::*;
use serde_json::Value;

const SOURCE: &str = r#"#QUALITY
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", ordered_at = "date(%Y-%m-%d)" }
#SOURCE
[source.columns]
customer_id = "client_no"
order_id    = "order_no"
time        = "ordered_at"
amount      = "gross"
status      = "status"
"#;

const HEADER: &str = "client_no,order_no,ordered_at,gross,status\n";

fn job(quality: &str, source: &str) -> String {
    job_of(&format!("{}{ONLY_RFM}", SOURCE.replace("#QUALITY", quality).replace("#SOURCE", source)))
}

fn workspace(rows: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/orders.csv", format!("{HEADER}{rows}"));
    workspace
}

/// So many good rows.
fn rows(count: usize) -> String {
    (0..count).map(|row| format!("C{row},O{row},2025-12-01,10.00,paid\n")).collect()
}

#[track_caller]
fn warnings(ran: &Ran) -> Vec<String> {
    let events = ran.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let warned = events.filter(|event| event["event"] == "warning");
    warned.map(|event| event["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_source_has_a_line_and_json_has_the_same() {
    let workspace = workspace(&format!("{}C1,O9,2026-02-01,1.00,paid\n,O10,2025-12-01,1.00,paid\n", rows(3)));
    let path = workspace.job(&job("", ""));
    let ran = workspace.run(&path).go().succeeded();
    let line = "rows of orders: 5 read = 3 used + 1 anonymous + 1 not before as_of";
    assert!(ran.stderr.lines().any(|printed| printed == line), "{ran}");

    let again = workspace.run(&path).args(&["--output", "json", "--new-run"]).go().succeeded();
    let answer: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((&answer["rows"]["orders"]["read"], &answer["rows"]["orders"]["anonymous"]), (&5.into(), &1.into()));
    assert_eq!(answer["warnings"], Value::Array(vec![]));
    assert!(again.stderr.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{again}");
    let event = again.stderr.lines().find(|line| line.contains("\"event\":\"rows\"")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(event).unwrap()["rows"], answer["rows"]["orders"]);

    let done = workspace.run(&path).args(&["--output", "json"]).go().succeeded();
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(
        (&told["committed_before"], &told["rows"]),
        (&true.into(), &answer["rows"]),
        "of a run that was done before"
    );
}

#[test]
fn lost_rows_are_warned_of_everywhere_and_a_resumed_run_says_the_same() {
    let bad = "C8,O8,2025-12-01,abc,paid\nC9,O9,2025-12-01,'-70.00,paid\n";
    let workspace = workspace(&format!("{}{bad}", rows(4)));
    let path = workspace.job(&job("", ""));
    workspace.run(&path).failpoint("measure.start=abort").go().aborted_at("measure.start");
    let resumed = workspace.run(&path).go().succeeded();
    let run = CommittedRun::of(&resumed);
    let expected = ["source orders: 2 of 6 rows (33.3 %) are quarantined, mostly gross: not_a_decimal"];
    assert_eq!(warnings(&resumed), expected);
    assert_eq!(run.json("run.json")["warnings"], serde_json::json!(expected));
    let quality = run.table("quality.parquet");
    let row = quality.only(&[("source", "orders"), ("check_name", "quarantined_share")]);
    assert_eq!((row["rows_failed"].as_deref(), row["action"].as_deref()), (Some("2"), Some("warn")));

    let fresh = workspace.run(&path).args(&["--output", "json", "--new-run"]).go().succeeded();
    assert_eq!(warnings(&fresh), expected, "undisturbed");
    let answer: Value = serde_json::from_str(&fresh.stdout).unwrap();
    assert_eq!(answer["warnings"], serde_json::json!(expected));
}

#[test]
fn a_run_that_loses_most_rows_stops_unless_it_is_told_not_to() {
    let workspace = workspace(&format!("{}{}", rows(1), "C1,O,2025-12-01,abc,paid\n".repeat(99)));
    let ran = workspace.failing(&workspace.job(&job("", "")), 3);
    let ran = ran.says(&["max_quarantined_share = 0.5", "99 of 100 rows", "mostly gross", "hint:"]);
    ran.says(&["rows of orders: 100 read = 1 used + 99 quarantined"]);
    let allowed = job("[quality]\nmax_quarantined_share = 1.0", "");
    let run = workspace.committed(&workspace.job(&allowed));
    assert_eq!(run.fates("orders").used, 1);
    assert_eq!(run.json("run.json")["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_source_of_which_nothing_is_used_is_told() {
    let workspace = workspace(&rows(3));
    let second = "[[source]]\nname = \"till\"\nkind = \"transactions\"\nuri = \"@IN@/till.csv\"\n\
                  types = { gross = \"decimal(18,2)\", ordered_at = \"date(%Y-%m-%d)\" }\n\
                  [source.columns]\ncustomer_id = \"client_no\"\ntime = \"ordered_at\"\namount = \"gross\"\n[features]";
    let text = job("", "").replace("[features]", second);
    for (rows, told) in [
        ("C1,O1,2026-12-01,1.00,x\n", "source till: none of its 1 rows is used: 1 not before as_of"),
        ("", "source till: it has no rows"),
    ] {
        workspace.write("in/till.csv", format!("{HEADER}{rows}"));
        let ran = workspace.run(&workspace.job(&text)).go().succeeded();
        assert_eq!(warnings(&ran), [told]);
    }
}

#[test]
fn gates_look_at_every_figure() {
    let workspace = workspace(&format!("{}C9,O9,2025-12-01,1.00,\n", rows(3)));
    let gate = |gate: &str| format!("[[quality.gate]]\nsource = \"orders\"\n{gate}");
    for (text, told) in [
        ("check = \"rows_min\"\nmin = 5", "rows_used is 4, less than the gate's `min = 5` allows"),
        ("check = \"rows_used\"\nmin = 4.5", "rows_used is 4, less than the gate's `min = 4.5` allows"),
        (
            "check = \"null_share\"\ncolumn = \"status\"\nmax = 0.2",
            "null_share of status is 25 % (1 of 4 rows), more than the gate's `max = 0.2` allows",
        ),
        ("check = \"freshness_hours\"\nmax = 1", "freshness_hours is 744, more than the gate's `max = 1` allows"),
    ] {
        let warn = workspace.job(&job(&gate(&format!("{text}\naction = \"warn\"")), ""));
        assert_eq!(warnings(&workspace.run(&warn).go().succeeded()), [format!("source orders: {told}")]);
        workspace.failing(&workspace.job(&job(&gate(text), "")), 3).says(&[told]);
    }
    let passes = gate("check = \"null_share\"\ncolumn = \"amount\"\nmax = 0.0");
    let run = workspace.committed(&workspace.job(&job(&passes, "")));
    assert_eq!(run.noted_of("null_share", "amount"), (0, 4));
}

#[test]
fn a_gate_on_nothing_is_found_before_anything_is_read() {
    let workspace = Workspace::new();
    let text = |gate: &str| job(&format!("[[quality.gate]]\n{gate}"), "");
    for (gate, told) in [
        ("source = \"orders\"\ncheck = \"row_min\"\nmin = 1", "rows_min"),
        ("source = \"order\"\ncheck = \"rows_min\"\nmin = 1", "orders"),
        ("source = \"orders\"\ncheck = \"null_share\"\ncolumn = \"statu\"\nmax = 0", "status"),
        ("source = \"orders\"\ncheck = \"null_share\"\nmax = 0", "column"),
        ("source = \"orders\"\ncheck = \"overflow_share\"\nmax = 0", "features"),
        ("source = \"values\"\ncheck = \"imputed_share\"\nmax = 0", "value"),
        ("source = \"features\"\ncheck = \"overflow_share\"\ncolumn = \"x\"\nmax = 0", "custom feature"),
    ] {
        let path = workspace.job(&text(gate));
        // There are no files: what is found does not need them.
        Program::segmenter(&["validate", path.to_str().unwrap()]).go().failed_with(2).says(&[told]);
    }
}

#[test]
fn rows_on_which_where_is_null_are_told_apart_from_those_on_which_it_is_false() {
    let blank = "C1,O7,2025-12-01,1.00,\nC2,O8,2025-12-01,1.00,\nC2,O9,2025-12-01,1.00,refunded\n";
    let workspace = workspace(&format!("{}{blank}", rows(3)));
    let ran = workspace.run(&workspace.job(&job("", "where = \"status <> 'refunded'\""))).go().succeeded();
    let run = CommittedRun::of(&ran);
    assert_eq!((run.fates("orders").used, run.fates("orders").filtered), (3, 3));
    let told = warnings(&ran);
    assert!(told.len() == 1 && told[0].starts_with("source orders: where is null on 2 of 6 rows"), "{told:?}");
    assert_eq!(run.noted("where_null_share"), (2, 6));
    let noted = &run.json("run.json")["notes"]["orders"][0];
    assert_eq!((&noted["note"], &noted["rows"], &noted["first_row"]), (&"where_null".into(), &2.into(), &4.into()));

    let said = "where = \"coalesce(status <> 'refunded', true)\"";
    let ran = workspace.run(&workspace.job(&job("", said))).go().succeeded();
    assert_eq!(warnings(&ran), [""; 0], "the hint helps");
    assert_eq!(CommittedRun::of(&ran).fates("orders").used, 5);
}

#[test]
fn files_that_are_skipped_for_their_names_are_told_once_a_source() {
    let workspace = workspace("");
    std::fs::remove_file(workspace.path("in/orders.csv")).unwrap();
    for (file, row) in [("a.csv", 1), ("_b.csv", 2), ("more/.c.csv", 3)] {
        workspace.write(&format!("in/orders/{file}"), format!("{HEADER}C{row},O{row},2025-12-01,10.00,paid\n"));
    }
    for marker in ["_SUCCESS", ".a.csv.crc", ".DS_Store", "_temporary/0/x.csv"] {
        workspace.write(&format!("in/orders/{marker}"), "");
    }
    let path = workspace.job(&job("", "").replace("orders.csv", "orders/"));
    let ran = workspace.run(&path).go().succeeded();
    let said = "source orders: 2 files are skipped, since their names start with _ or ., such as _b.csv; what holds rows is read under \
                another name";
    assert_eq!(warnings(&ran), [said], "{ran}");
    assert_eq!(CommittedRun::of(&ran).warnings(), [said]);
    // As it says.
    std::fs::rename(workspace.path("in/orders/_b.csv"), workspace.path("in/orders/b.csv")).unwrap();
    std::fs::rename(workspace.path("in/orders/more/.c.csv"), workspace.path("in/orders/more/c.csv")).unwrap();
    let run = workspace.committed(&path);
    assert_eq!((run.fates("orders").used, run.warnings()), (3, vec![]));
}

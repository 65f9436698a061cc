//! The same row loaded twice counts once; rows that only share a key are told apart.

use crate::harness::*;

const SOURCE: &str = r#"[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders/"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)", updated = "int" }
#KEY
[source.columns]
customer_id = "id"
order_id    = "order_no"
time        = "at"
amount      = "gross"
updated_at  = "updated"
"#;

const HEADER: &str = "id,order_no,at,gross,updated\n";

fn job(key: &str) -> String {
    job_of(&format!("{}{ONLY_RFM}", SOURCE.replace("#KEY", key)))
}

fn workspace(files: &[&str]) -> Workspace {
    let workspace = Workspace::new();
    for (number, rows) in files.iter().enumerate() {
        workspace.write(&format!("in/orders/{number}.csv"), format!("{HEADER}{rows}"));
    }
    workspace
}

fn money(run: &CommittedRun, id: &str) -> String {
    run.feature("monetary")[id].clone().unwrap()
}

#[test]
fn a_key_that_lacks_a_value_makes_no_duplicate() {
    let rows = "C1,,2025-12-01,10.00,1\nC1,,2025-12-02,20.00,1\nC1,,2025-12-02,20.00,1\nC1,O1,2025-12-03,1.00,1\nC1,O1,2025-12-03,1.00,1\n";
    let workspace = workspace(&[rows]);
    let run = workspace.committed(&workspace.job(&job("key = [\"order_id\"]")));
    assert_eq!((run.fates("orders").used, run.fates("orders").duplicate), (4, 1));
    assert_eq!(money(&run, "C1"), "51.0000");
    assert_eq!(run.noted("key_null_share"), (3, 5));
    let told = run.warnings();
    assert!(told.len() == 1 && told[0].starts_with("source orders: a value of key is null in 3 of 5 rows"), "{told:?}");
    let run = workspace.committed(&workspace.job(&job("key = [\"time\", \"order_id\"]")));
    assert_eq!(run.fates("orders").duplicate, 1, "one value of several is enough");
}

#[test]
fn duplicates_that_differ_are_counted_apart_and_warned_of() {
    let day1 = "C1,O1,2025-12-01,10.00,1\nC1,O2,2025-12-02,20.00,1\nC2,O3,2025-12-02,5.00,1\n";
    let day2 = "C1,O1,2025-12-01,10.00,1\nC1,O2,2025-12-02,25.00,2\nC2,O3,2025-12-02,5.00,1\n";
    let workspace = workspace(&[day1, day2]);
    let run = workspace.committed(&workspace.job(&job("key = [\"order_id\"]")));
    assert_eq!(run.fates("orders").duplicate, 3);
    assert_eq!(run.noted("duplicate_differs_share"), (1, 6));
    let told = run.warnings();
    assert!(
        told.len() == 1 && told[0].starts_with("source orders: 1 of 6 rows repeat a key with other values"),
        "{told:?}"
    );
    assert_eq!(money(&run, "C1"), "30.0000", "of equally early ones the smaller");

    let last = "key = [\"order_id\"]\nduplicates = { keep = \"last\", by = \"updated_at\" }";
    let run = workspace.committed(&workspace.job(&job(last)));
    assert_eq!((money(&run, "C1").as_str(), run.warnings()), ("35.0000", vec![]));
    assert_eq!((run.noted("duplicate_replaced_share"), run.noted("duplicate_undecided_share")), ((1, 6), (0, 6)));
    assert_eq!(run.fates("orders").duplicate, 3);
}

#[test]
fn what_the_last_one_does_not_decide_is_said() {
    let rows =
        "C1,O1,2025-12-01,10.00,2\nC1,O1,2025-12-01,99.00,\nC1,O1,2025-12-01,12.00,2\nC1,O1,2025-12-01,12.00,2\n";
    let last = "key = [\"order_id\"]\nduplicates = { keep = \"last\", by = \"updated_at\" }";
    let one = workspace(&[rows]);
    let run = one.committed(&one.job(&job(last)));
    assert_eq!(money(&run, "C1"), "12.0000");
    assert_eq!((run.noted("duplicate_undecided_share"), run.noted("duplicate_replaced_share")), ((1, 4), (1, 4)));
    let told = run.warnings().join("\n");
    assert!(told.contains("1 of 4 rows repeat a key with the same updated_at"), "{told}");
    let lines: Vec<String> = rows.lines().rev().map(|line| format!("{line}\n")).collect();
    let several = workspace(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let turned = several.committed(&several.job(&job(last)));
    assert_eq!((money(&turned, "C1"), turned.noted("duplicate_undecided_share")), (money(&run, "C1"), (1, 4)));
}

#[test]
fn an_order_at_several_customers_is_counted_whatever_the_shards() {
    // O0 to O9 are each of two customers, O10 to O99 of one; O7 also stands at a third after as_of, and one row has no order.
    let mut rows = String::new();
    for order in 0..100 {
        rows.push_str(&format!("A{order},O{order},2025-12-01,1.00,1\nA{order},O{order},2025-12-01,2.00,1\n"));
        if order < 10 {
            rows.push_str(&format!("B{order},O{order},2025-12-05,1.00,1\n"));
        }
    }
    rows.push_str("D1,O50,2026-02-01,1.00,1\nD2,,2025-12-01,1.00,1\nD3,,2025-12-01,1.00,1\n");
    for shards in ["1", "2", "7", "64"] {
        let workspace = workspace(&[&rows]);
        let ran = workspace.run(&workspace.job(&job(""))).args(&["--shards", shards]).go().succeeded();
        let run = CommittedRun::of(&ran);
        assert_eq!(run.noted("order_of_several_share"), (10, 100), "{shards} shards");
        let told = run.warnings();
        assert!(told.len() == 1 && told[0].starts_with("source orders: 10 of 100 orders stand at several"), "{told:?}");
        assert_eq!(run.feature("frequency")["B3"].as_deref(), Some("1"), "it is an order of each");
    }
}

#[test]
fn customers_who_say_the_same_as_another_are_counted_whatever_the_shards() {
    let mut people = "id,a,b,c,d,e\n".to_owned();
    for customer in 0..100 {
        let same = if customer < 30 { customer / 3 } else { customer };
        people.push_str(&format!("C{customer},{same},x,,{same}.5,y\n"));
    }
    let text = r#"
[population]
from = "people"
[[source]]
name = "people"
kind = "customers"
uri = "@IN@/people.csv"
[source.columns]
customer_id = "id"
a = "a"
b = "b"
c = "c"
d = "d"
e = "e"
[[segmentation]]
name = "targets"
method = "rules"
[[segmentation.rule]]
name = "some"
when = "a = '1' and b = 'x' and coalesce(c, d) <> e"
"#;
    for shards in ["1", "7"] {
        let workspace = Workspace::new();
        workspace.write("in/people.csv", &people);
        let ran = workspace.run(&workspace.job(&job_of(text))).args(&["--shards", shards]).go().succeeded();
        // Ten times three of one kind.
        assert_eq!(CommittedRun::of(&ran).noted("equal_row_share"), (20, 100), "{shards} shards");
        // A job that looks at less than five columns says nothing.
        let less = workspace.job(&job_of(&text.replace("and coalesce(c, d) <> e", "")));
        let ran = workspace.run(&less).args(&["--shards", shards]).go().succeeded();
        let quality = CommittedRun::of(&ran).table("quality.parquet");
        assert!(!quality.column("check_name").contains(&Some("equal_row_share")));
    }
}

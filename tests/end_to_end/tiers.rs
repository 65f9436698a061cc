//! Tiers: customers in the order of one number, cut from the top by shares or by values.

use crate::harness::*;
use std::collections::BTreeMap;

const SECTIONS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name   = "status"
method = "tiers"
"#;

/// A customer a value, C01 has the first.
fn workspace(spent: &[u32]) -> Workspace {
    let workspace = Workspace::new();
    let orders: Vec<Order> = (1..)
        .zip(spent)
        .map(|(number, spent)| {
            Order::new(&format!("C{number:02}"), &format!("O{number}"), "2025-12-31 10:00:00", &format!("{spent}.00"))
        })
        .collect();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    workspace
}

fn tiers(workspace: &Workspace, keys: &str) -> CommittedRun {
    workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{SECTIONS}{keys}"))))
}

fn sizes(run: &CommittedRun) -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    run.keys("status").into_values().for_each(|key| *sizes.entry(key).or_default() += 1);
    sizes
}

#[test]
fn shares_are_counted_from_the_top() {
    let spent: Vec<u32> = (1..=40).map(|number| number * 7 % 41).collect();
    let run = tiers(&workspace(&spent), "by = \"monetary\"\nshares = [0.05, 0.2]");
    assert_eq!(sizes(&run), BTreeMap::from([("t01".into(), 2), ("t02".into(), 6), ("t03".into(), 32)]));
    let (keys, monetary) = (run.keys("status"), run.feature("monetary"));
    let least = |tier: &str| {
        let of = keys.iter().filter(|(_, key)| *key == tier);
        of.map(|(id, _)| monetary[id].as_ref().unwrap().parse::<f64>().unwrap()).fold(f64::INFINITY, f64::min)
    };
    assert_eq!((least("t01"), least("t02"), least("t03")), (39.0, 33.0, 1.0));
    let segments = run.table("segments.parquet");
    let name = |key: &str| segments.only(&[("segment_key", key)])["segment_name"].clone().unwrap();
    assert_eq!(
        ["t01", "t02", "t03", "out_of_scope"].map(name),
        ["top 5 %", "5 % to 20 %", "the other 80 %", "out_of_scope"]
    );
}

#[test]
fn customers_of_equal_values_stay_together_in_the_lower_tier() {
    let workspace = workspace(&[9, 5, 5, 5, 5, 1, 1, 1, 1, 1]);
    let run = tiers(&workspace, "by = \"monetary\"\nshares = [0.1, 0.3, 0.5]");
    // Three in ten would cut through the fives, and so nobody is in the second tier.
    assert_eq!(sizes(&run), BTreeMap::from([("t01".into(), 1), ("t03".into(), 4), ("t04".into(), 5)]));
    run.warned_of(&["segmentation status: tier `t02` has no customers", "equal"]);
}

#[test]
fn cuts_by_value_take_who_is_on_them_and_say_whose_value_is_missing() {
    let workspace = workspace(&[100, 1000, 99, 5000, 50]);
    let keys = "by = \"monetary / nullif(monetary - 50, 0) * (monetary - 50)\"\nwhere = \"monetary < 5000\"\ncuts = [100, 1000]\nnames = [\"Gold\", \"Silver\", \"Bronze\"]";
    let run = tiers(&workspace, keys);
    assert_eq!(
        run.keys("status").into_values().collect::<Vec<_>>(),
        ["t02", "t01", "t03", "out_of_scope", "out_of_scope"]
    );
    assert_eq!((run.noted("value_null_share"), run.noted("value_failed_share")), ((1, 4), (0, 4)));
    run.warned_of(&["segmentation status: by is null on 1 of 4 customers"]);
    let segments = run.table("segments.parquet");
    assert_eq!(segments.only(&[("segment_key", "t01")])["segment_name"].as_deref(), Some("Gold"));
}

#[test]
fn a_value_that_fails_is_counted_and_nobody_with_a_value_is_an_error() {
    let workspace = workspace(&[1, 2, 3]);
    let run = tiers(&workspace, "by = \"cast(case when monetary = 2 then 'x' else '7' end as int)\"\ncuts = [5]");
    assert_eq!(run.keys("status").into_values().collect::<Vec<_>>(), ["t01", "out_of_scope", "t01"]);
    assert_eq!((run.noted("value_null_share"), run.noted("value_failed_share")), ((0, 3), (1, 3)));
    run.warned_of(&["segmentation status: by fails on 1 of 3 customers"]);
    let text = job(
        "uri = \"@IN@/orders.parquet\"",
        &format!("{SECTIONS}by = \"monetary\"\nwhere = \"monetary > 9\"\nshares = [0.5]"),
    );
    workspace.failing(&workspace.job(&text), 3).says(&["segmentation status: no customer in scope has a value"]);
}

#[test]
fn a_wrong_job_is_told_at_its_place() {
    let workspace = workspace(&[1]);
    for (keys, says) in [
        ("by = \"monetary\"", "missing key `shares` or `cuts`"),
        ("by = \"monetary\"\nshares = [0.2, 0.05]", "`shares` do not rise"),
        ("by = \"monetary\"\nshares = [5, 20]", "a share is not between 0 and 1"),
        ("by = \"monetary\"\nshares = [0.5]\ncuts = [1]", "both `shares` and `cuts` are there"),
        ("by = \"monetary\"\ncuts = [1]\nnames = [\"a\", \"b\", \"c\"]", "3 names for 2 tiers"),
        ("by = \"monetery\"\ncuts = [1]", "monetery"),
        ("by = \"monetary > 3\"\ncuts = [1]", "`by` gives"),
        ("cuts = [1]", "missing key `by`"),
    ] {
        let text = job("uri = \"@IN@/orders.parquet\"", &format!("{SECTIONS}{keys}"));
        workspace.failing(&workspace.job(&text), 2).says(&[says]);
    }
}

#[test]
fn customers_of_tomorrow_are_cut_where_those_of_today_were() {
    let first = workspace(&[10, 20, 30, 40]);
    let keys = "by = \"monetary\"\nshares = [0.5]";
    let run = tiers(&first, keys);
    assert_eq!(run.keys("status").into_values().collect::<Vec<_>>(), ["t02", "t02", "t01", "t01"]);
    let more: Vec<Order> = [(1, "21.00"), (2, "20.00"), (3, "19.00")]
        .map(|(number, spent)| Order::new(&format!("C{number}"), &format!("O{number}"), "2025-12-31 10:00:00", spent))
        .to_vec();
    write_orders_parquet(&first.path("in/orders.parquet"), &more);
    let job = first.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{SECTIONS}{keys}")));
    let scratch = first.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let scored = Program::segmenter(&["score", job.to_str().unwrap(), "--model", "latest", "--scratch", &scratch])
        .go()
        .succeeded();
    let scored = CommittedRun::of(&scored);
    assert_eq!(scored.keys("status").into_values().collect::<Vec<_>>(), ["t01", "t02", "t02"]);
}

//! The method `bisecting` finds groups within groups, and says where each stands.

use crate::harness::*;
use std::collections::BTreeMap;

const TIERS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name      = "tiers"
method    = "bisecting"
features  = ["recency_days", "frequency", "monetary"]
transform = { default = "none" }
scale     = "zscore"
k         = 4
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "largest"
when = "tiers = 'c01'"
"#;

/// Makes customers who came long ago and seldom, or lately and often, and within each of the two pay little or much: 4, 3, 2 and 1 of
/// ten; says who is in which group.
fn nested_orders(customers: u64) -> (Vec<Order>, BTreeMap<String, String>) {
    let mut rng = Rng(5);
    let new_year = timestamp("2026-01-01 00:00:00");
    let (mut orders, mut truth) = (Vec::new(), BTreeMap::new());
    for customer in 0..customers {
        let group = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3][(customer % 10) as usize];
        let (days, bought) = if group < 2 { (300, 4) } else { (10, 16) };
        let cents = if group % 2 == 0 { 10_000 } else { 20_000 };
        let client_no = format!("C{customer:05}");
        let last = (days + rng.below(20) as i64) * 86_400;
        for number in 0..bought {
            let cents = (cents + rng.below(800) as i64) / bought;
            orders.push(Order {
                client_no: Some(client_no.clone()),
                order_no: format!("O{customer}-{number}"),
                ordered_at: new_year - (last + number * 3_600) * 1_000_000,
                cents,
                ..Order::new("", "", "2025-01-01 00:00:00", "1.00")
            });
        }
        truth.insert(client_no, format!("group {group}"));
    }
    (orders, truth)
}

fn run_of(sections: &str, arguments: &[&str]) -> (CommittedRun, BTreeMap<String, String>) {
    let (orders, truth) = nested_orders(1_000);
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    (CommittedRun::of(&workspace.run(&job).args(arguments).go().succeeded()), truth)
}

#[test]
fn groups_within_groups_are_found_with_their_parents() {
    let (run, truth) = run_of(TIERS, &["--shards", "4"]);
    let agreement = adjusted_rand_index(&run.keys("tiers"), &truth);
    assert!(agreement >= 0.99, "adjusted Rand index {agreement}");

    let segments = run.table("segments.parquet");
    let nested = |key: &str| {
        let row = segments.only(&[("segmentation", "tiers"), ("segment_key", key)]);
        [&row["path"], &row["parent"], &row["customers"]].map(|cell| cell.clone().unwrap_or_default())
    };
    assert_eq!(nested("c01"), ["1.1.1", "1.1", "400"]);
    assert_eq!(nested("c02"), ["1.1.2", "1.1", "300"]);
    assert_eq!(nested("c03"), ["1.2.1", "1.2", "200"]);
    assert_eq!(nested("c04"), ["1.2.2", "1.2", "100"]);
    assert_eq!(nested("no_purchases"), ["", "", "0"]);

    let told = &run.json("run.json")["clustering"]["tiers"];
    let paths: Vec<_> =
        told["splits"].as_array().unwrap().iter().map(|split| split["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["1", "1.1", "1.2"], "{told:#}");
    for split in told["splits"].as_array().unwrap() {
        assert!(split["inertia_after"].as_f64() < split["inertia_before"].as_f64(), "{split:#}");
    }
    assert!(told["leaves"].as_array().unwrap().iter().all(|leaf| leaf["stopped"] == "enough_leaves"), "{told:#}");
    assert!(
        told["explained"].as_f64().unwrap() > 0.9 && told["calinski_harabasz"].as_f64().unwrap() > 100.0,
        "{told:#}"
    );

    let assigned = run.assignments("tiers");
    for (distance, margin) in assigned.numbers("distance").into_iter().zip(assigned.numbers("margin")) {
        assert!(distance >= 0.0 && (0.0..=1.0).contains(&margin), "distance {distance}, margin {margin}");
    }
    let scores = assigned.numbers("outlier_score");
    let mean = scores.iter().map(|score| score * score).sum::<f64>() / scores.len() as f64;
    assert!((mean - 1.0).abs() < 1e-3, "the mean squared score of those it was fitted on is 1, not {mean}");
    assert_eq!(run.assignments("targets").counts("segment_key")["largest"], 400, "rules see the groups");
}

#[test]
fn no_group_is_smaller_than_the_least_share() {
    let (run, _) = run_of(&TIERS.replace("k         = 4", "k = 30\nmin_share = 0.15"), &[]);
    let counts = run.assignments("tiers").counts("segment_key");
    assert!(counts.len() > 2 && counts.values().all(|customers| *customers >= 150), "{counts:?}");
    let told = &run.json("run.json")["clustering"]["tiers"];
    for leaf in told["leaves"].as_array().unwrap() {
        assert!(["side_too_small", "too_small"].contains(&leaf["stopped"].as_str().unwrap()), "{leaf:#}");
    }
}

#[test]
fn threads_shards_and_memory_change_nothing() {
    let one = run_of(TIERS, &["--threads", "1", "--shards", "4"]).0;
    for threads in ["2", "4"] {
        let other = run_of(TIERS, &["--threads", threads, "--shards", "4"]).0;
        assert_eq!(other.byte_digest(), one.byte_digest(), "{threads} threads");
    }
    assert_eq!(run_of(TIERS, &["--shards", "9", "--memory", "256M"]).0.logical_digest(), one.logical_digest());
}

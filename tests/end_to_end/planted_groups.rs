//! k-means finds groups that were planted.

use crate::harness::*;

const FOUR: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = 4
"#;

#[test]
fn four_groups_far_apart_are_found() {
    let (orders, truth) = planted_orders(1_000, 11);
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", FOUR)));
    let agreement = adjusted_rand_index(&run.keys("behaviour"), &truth);
    assert!(agreement >= 0.95, "adjusted Rand index {agreement}");
}

#[test]
fn a_range_of_k_settles_on_the_planted_number() {
    let (orders, truth) = planted_orders(1_000, 12);
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let range = FOUR.replace("k        = 4", "k = { min = 2, max = 7, min_share = 0.02 }");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &range)));
    let keys = run.assignments("behaviour").counts("segment_key");
    assert_eq!(keys.keys().map(String::as_str).collect::<Vec<_>>(), ["c01", "c02", "c03", "c04"], "{keys:?}");
    assert!(adjusted_rand_index(&run.keys("behaviour"), &truth) >= 0.95);
}

#[test]
fn clusters_are_named_by_falling_size_and_measured() {
    let (mut orders, _) = planted_orders(400, 13);
    // Customers 0, 4, 8, … are of one group: leaving out half of it makes it the smallest.
    orders.retain(|order| order.client_no.as_ref().is_none_or(|id| id[1..].parse::<u64>().unwrap() % 8 != 0));
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let named = format!("{FOUR}names = {{ c04 = \"The rare ones\" }}\n");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &named)));
    let table = run.assignments("behaviour");
    assert_eq!(table.counts("segment_key").values().copied().collect::<Vec<_>>(), [100, 100, 100, 50]);
    assert_eq!(table.counts("segment_name")["The rare ones"], 50);
    for (distance, margin) in table.numbers("distance").into_iter().zip(table.numbers("margin")) {
        assert!(distance >= 0.0 && (0.0..=1.0).contains(&margin), "distance {distance}, margin {margin}");
    }
    // Σ(d / rms)² over a cluster is its customers: the score is in units of the cluster's usual distance.
    let squares: f64 = table.numbers("outlier_score").iter().map(|score| score * score).sum();
    assert!((squares - 350.0).abs() < 0.01, "sum of squared outlier scores {squares}");
    for (score, flag) in table.numbers("outlier_score").iter().zip(table.column("is_outlier")) {
        assert_eq!(flag, Some((*score > 3.0).to_string().as_str()));
    }
    let segments = run.table("segments.parquet");
    let row = segments.only(&[("segment_key", "c04")]);
    assert_eq!((row["customers"].as_deref(), row["segment_name"].as_deref()), (Some("50"), Some("The rare ones")));
}

#[test]
fn the_synthetic_truth_is_recovered() {
    let workspace = Workspace::new();
    let folder = workspace.uri("shop");
    Program::segmenter(&["synth", &folder, "--customers", "4000", "--seed", "42"]).go().succeeded();
    let run = workspace.committed(&workspace.root().join("shop/job.toml"));
    let truth = Table::parquet(&std::fs::read(workspace.root().join("shop/truth.parquet")).unwrap().into());
    let truth =
        truth.lookup("customer_id", "planted_group").into_iter().map(|(id, group)| (id, group.unwrap())).collect();
    let agreement = adjusted_rand_index(&run.keys("behaviour"), &truth);
    assert!(agreement >= 0.95, "adjusted Rand index {agreement}");
}

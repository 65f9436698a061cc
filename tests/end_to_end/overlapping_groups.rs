//! The method `mixture` finds groups of unlike shape, and says how probable they are.

use crate::harness::*;
use std::collections::BTreeMap;

const BLENDS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name      = "blends"
method    = "mixture"
features  = ["recency_days", "monetary"]
transform = { default = "none" }
scale     = "zscore"
winsorise = 0
k         = 2
[[segmentation]]
name      = "behaviour"
method    = "kmeans"
features  = ["recency_days", "monetary"]
transform = { default = "none" }
scale     = "zscore"
winsorise = 0
k         = 2
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "first"
when = "blends = 'c01'"
"#;

/// Makes customers who paid anything from 50 to 330, and others who all paid about 340: a wide group and a long thin one beside it, of 6
/// and 4 of ten; says who is in which group.
fn thin_and_wide(customers: u64) -> (Vec<Order>, BTreeMap<String, String>) {
    let mut rng = Rng(9);
    let new_year = timestamp("2026-01-01 00:00:00");
    let (mut orders, mut truth) = (Vec::new(), BTreeMap::new());
    for customer in 0..customers {
        let thin = customer % 10 >= 6;
        let client_no = format!("C{customer:05}");
        orders.push(Order {
            client_no: Some(client_no.clone()),
            ordered_at: new_year - (1 + rng.below(300) as i64) * 86_400_000_000,
            cents: if thin { 33_800 + rng.below(400) as i64 } else { 5_000 + rng.below(28_000) as i64 },
            ..Order::new("", &format!("O{customer}"), "2025-01-01 00:00:00", "1.00")
        });
        truth.insert(client_no, format!("thin {thin}"));
    }
    (orders, truth)
}

fn run() -> (CommittedRun, BTreeMap<String, String>) {
    let (orders, truth) = thin_and_wide(2_000);
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", BLENDS)));
    (run, truth)
}

#[test]
fn a_thin_group_beside_a_wide_one_is_found_where_nearest_centroids_fail() {
    let (run, truth) = run();
    let mixture = adjusted_rand_index(&run.keys("blends"), &truth);
    let nearest = adjusted_rand_index(&run.keys("behaviour"), &truth);
    assert!(mixture >= 0.95 && nearest < 0.8, "adjusted Rand index {mixture}, of k-means {nearest}");
    let counts = run.assignments("blends").counts("segment_key");
    assert_eq!(run.assignments("targets").counts("segment_key")["first"], counts["c01"], "rules see the groups");
    let told = &run.json("run.json")["clustering"]["blends"];
    assert_eq!((told["k"].as_u64(), told["stopped"].as_str()), (Some(2), Some("converged")), "{told:#}");
    assert_eq!(told["numbers_of_components"].as_array().unwrap().len(), 2, "2, and 1 to compare with: {told:#}");
}

#[test]
fn probabilities_are_those_of_the_model() {
    let (run, _) = run();
    let model = run.json("model.json")["segmentations"][0].clone();
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let values: Vec<BTreeMap<String, Option<String>>> =
        model["features"].as_array().unwrap().iter().map(|of| run.feature(of["name"].as_str().unwrap())).collect();
    let assigned = run.assignments("blends");
    let column = |name: &str| assigned.numbers(name);
    let (probabilities, seconds, margins) = (column("probability"), column("second_probability"), column("margin"));
    let (distances, scores) = (column("distance"), column("outlier_score"));
    for (row, id) in assigned.column("customer_id").into_iter().enumerate() {
        let id = id.unwrap();
        let place: Vec<f64> = model["features"]
            .as_array()
            .unwrap()
            .iter()
            .zip(&values)
            .map(|(of, values)| {
                (values[id].as_ref().unwrap().parse::<f64>().unwrap() - number(&of["center"])) / number(&of["scale"])
            })
            .collect();
        // Weight · density, distance and score by component.
        let by_component: BTreeMap<&str, (f64, f64, f64)> = model["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| {
                let (mut density, mut distance, mut score) = (number(&own["weight"]), 0.0, 0.0);
                for (column, x) in place.iter().enumerate() {
                    let mean = number(&own["mean_scaled"][column]);
                    let variance = number(&own["variance_scaled"][column]);
                    density *=
                        (-(x - mean).powi(2) / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt();
                    distance += (x - mean).powi(2);
                    score += (x - mean).powi(2) / variance / place.len() as f64;
                }
                (own["key"].as_str().unwrap(), (density, distance.sqrt(), score.sqrt()))
            })
            .collect();
        let all: f64 = by_component.values().map(|(density, ..)| density).sum();
        let (key, second) =
            (assigned.column("segment_key")[row].unwrap(), assigned.column("second_segment_key")[row].unwrap());
        let (density, distance, score) = by_component[key];
        let told = format!("{id} in {key}, second {second}, of {by_component:?}");
        assert!(key != second && density >= by_component[second].0 * 0.999, "{told}");
        let close = |found: f64, expected: f64| (found - expected).abs() < 2e-4 * expected.max(1.0);
        assert!(close(probabilities[row], density / all), "{} for {told}", probabilities[row]);
        assert!(close(seconds[row], by_component[second].0 / all), "{} for {told}", seconds[row]);
        assert!(
            close(distances[row], distance) && close(scores[row], score),
            "{} {} {told}",
            distances[row],
            scores[row]
        );
        // The columns are f32, and their digits no more than it takes to tell them apart.
        let both = probabilities[row] as f32 + seconds[row] as f32;
        assert!(both <= 1.0 && (0.0..=1.0).contains(&margins[row]), "{both} {} {told}", margins[row]);
    }
}

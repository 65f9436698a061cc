//! First metrics in the sample: they add up, and rates carry their intervals.

use crate::harness::*;

#[test]
fn metrics_of_the_segments_add_up() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(600, 8));
    let sections = format!("{DIGEST_FEATURES}{EVERY_METHOD}");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let features = run.table("features");
    let total = |column: &str| features.numbers(column).into_iter().filter(|value| value.is_finite()).sum::<f64>();
    let everybody = features.rows.len() as f64;
    let segments = run.table("segments.parquet");

    // Who is in several segments counts in each.
    for segmentation in run.segmentations().into_iter().filter(|name| name != "audiences") {
        let keys: Vec<_> = segments.rows.iter().filter(|row| row[0].as_deref() == Some(&segmentation)).collect();
        let summed = |metric: &str| -> f64 {
            let key = segments.position("segment_key");
            let values = keys.iter().map(|row| run.metric(&segmentation, row[key].as_ref().unwrap(), metric));
            values.flatten().sum()
        };
        assert_eq!(summed("customers"), everybody, "{segmentation}");
        assert_eq!(summed("orders"), total("frequency"), "{segmentation}");
        assert!((summed("revenue") - total("monetary")).abs() < 0.01, "{segmentation}");
    }
}

#[test]
fn the_repeat_rate_has_a_wilson_interval() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(600, 8));
    let sections = format!("{DIGEST_FEATURES}{EVERY_METHOD}");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let (keys, orders) = (run.keys("behaviour"), run.feature("frequency"));
    let bought = |id: &str| orders[id].as_ref().unwrap().parse::<u64>().unwrap();
    let buyers: Vec<_> = keys.iter().filter(|(id, key)| *key == "c01" && bought(id) >= 1).map(|(id, _)| id).collect();
    let n = buyers.len() as f64;
    let p = buyers.iter().filter(|id| bought(id) >= 2).count() as f64 / n;

    let wanted = [("segmentation", "behaviour"), ("segment_key", "c01"), ("metric", "repeat_rate")];
    let row = run.table("effectiveness.parquet").only(&wanted);
    let cell = |name: &str| row[name].as_ref().unwrap().parse::<f64>().unwrap();
    assert_eq!((cell("value"), cell("n"), row["basis"].as_deref()), (p, n, Some("in_sample")));
    let z: f64 = 1.959963984540054;
    assert_eq!(cell("ci_level"), 0.95);
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    assert!((cell("ci_low") - (centre - half)).abs() < 1e-9, "{row:?}");
    assert!((cell("ci_high") - (centre + half)).abs() < 1e-9, "{row:?}");
    assert!((cell("lift") - cell("value") / cell("rest_value")).abs() < 1e-12, "{row:?}");
    assert!(cell("q_value") >= cell("p_value"), "{row:?}");
}

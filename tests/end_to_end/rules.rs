//! Rules: the first that holds decides, and they see the segments above them.

use crate::harness::*;

#[test]
fn the_first_rule_that_holds_decides() {
    let workspace = Workspace::new();
    let orders = [
        Order::new("C1", "O1", "2025-12-31 10:00:00", "1000.00"),
        Order::new("C2", "O2", "2025-12-31 10:00:00", "10.00"),
        Order::new("C3", "O3", "2025-01-01 10:00:00", "1000.00"),
        Order::new("C4", "O4", "2025-01-01 10:00:00", "10.00"),
        Order::new("C5", "R5", "2025-01-01 10:00:00", "-1.00"),
    ];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name   = "value"
method = "rfm"
bins   = { recency_days = [30, 90, 180, 365], frequency = [1, 2, 3, 4], monetary = 5 }
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name  = "lapsing"
title = "Big and falling"
when  = "monetary > 500 and recency_days > 90"
[[segmentation.rule]]
name = "fresh"
when = "value = 'new'"
[[segmentation.rule]]
name = "big"
when = "monetary > 500"
[[segmentation.rule]]
name = "never"
when = "recency_days > 100000"
"#;
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections)));
    let keys: Vec<_> = run.keys("targets").into_values().collect();
    // C1 is big as well, but new comes first; for C5 recency is null, and a rule that is null is false.
    assert_eq!(keys, ["fresh", "fresh", "lapsing", "other", "other"]);

    let segments = run.table("segments.parquet");
    let shown = |key: &str| segments.only(&[("segmentation", "targets"), ("segment_key", key)]);
    assert_eq!(shown("lapsing")["segment_name"].as_deref(), Some("Big and falling"));
    assert_eq!(shown("big")["customers"].as_deref(), Some("0"), "empty segments are listed too");
    assert_eq!(shown("never")["share"].as_ref().unwrap().parse::<f64>().unwrap(), 0.0);
}

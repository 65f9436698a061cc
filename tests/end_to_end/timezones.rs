//! Days are the days of `timezone`.

use crate::harness::*;

const TODAY_COUNT: &str =
    "\n[[features.custom]]\nname = \"last_day\"\nwindow = \"1d\"\nexpression = \"count(*)\"\ndefault = 0\n";

fn in_warsaw(source: &str) -> String {
    let sections = ONLY_RFM.replace("[[segmentation]]", &format!("{TODAY_COUNT}[[segmentation]]"));
    job(source, &sections).replace("currency", "timezone = \"Europe/Warsaw\"\ncurrency")
}

#[test]
fn instants_fall_on_local_days() {
    let workspace = Workspace::new();
    let orders = [
        Order::new("after midnight", "O1", "2025-12-31 23:00:00", "1.00"),
        Order::new("before midnight", "O2", "2025-12-31 22:59:59", "1.00"),
        Order::new("early on the last day", "O3", "2025-12-30 23:00:00", "1.00"),
        Order::new("late on the day before", "O4", "2025-12-30 22:59:59", "1.00"),
        // Two hours from UTC in summer: this is the first of July in Warsaw.
        Order::new("in summer", "O5", "2025-06-30 22:30:00", "1.00"),
    ];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let run = workspace.committed(&workspace.job(&in_warsaw("uri = \"@IN@/orders.parquet\"")));
    let (recency, last_day) = (run.feature("recency_days"), run.feature("last_day"));
    let shown = |id: &str| (recency[id].as_deref().unwrap(), last_day[id].as_deref().unwrap());
    assert!(!recency.contains_key("after midnight"));
    assert_eq!(shown("before midnight"), ("1", "1"));
    assert_eq!(shown("early on the last day"), ("1", "1"));
    assert_eq!(shown("late on the day before"), ("2", "0"));
    assert_eq!(shown("in summer"), ("184", "0"));
}

#[test]
fn times_without_a_zone_are_local() {
    let workspace = Workspace::new();
    let orders =
        [Order::new("C1", "O1", "2025-12-31 23:59:59", "1.00"), Order::new("C2", "O2", "2026-01-01 00:00:00", "1.00")];
    write_orders_csv(&workspace.path("in/orders.csv"), &orders);
    let source = format!("uri = \"@IN@/orders.csv\"\n{CSV_TYPES}");
    let run = workspace.committed(&workspace.job(&in_warsaw(&source)));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["C1"]);
    assert_eq!(run.feature("recency_days")["C1"].as_deref(), Some("1"));
}

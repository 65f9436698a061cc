//! Features of the user's own: windows, defaults, types.

use crate::harness::*;

fn run(features: &str) -> Table {
    let workspace = Workspace::new();
    let store = |order: Order| Order { channel: "store", ..order };
    let orders = [
        store(Order::new("C1", "O1", "2025-12-30 10:00:00", "10.00")),
        Order::new("C1", "O2", "2025-12-29 10:00:00", "0.01"),
        Order::new("C1", "O3", "2025-11-01 10:00:00", "0.02"),
        Order::new("C2", "O4", "2025-11-01 10:00:00", "7.00"),
    ];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = format!("{}\n{features}", ONLY_RFM);
    workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections))).table("features")
}

fn feature(window: &str, default: &str, expression: &str) -> String {
    format!("[[features.custom]]\nname = \"it\"\n{window}\n{default}\nexpression = \"{expression}\"\n")
}

#[test]
fn a_window_is_calendar_days_before_as_of() {
    for (window, expected) in [("3d", "2"), ("2d", "1"), ("61d", "3"), ("60d", "2")] {
        let table = run(&feature(&format!("window = \"{window}\""), "", "count(*)"));
        assert_eq!(table.lookup("customer_id", "it")["C1"].as_deref(), Some(expected), "window {window}");
    }
    assert_eq!(run(&feature("", "", "count(*)")).lookup("customer_id", "it")["C1"].as_deref(), Some("3"));
}

#[test]
fn where_the_window_has_no_rows_stands_the_default_else_null() {
    let share = "avg(case when channel = 'store' then 1 else 0 end)";
    let with = run(&feature("window = \"10d\"", "default = 0", share)).lookup("customer_id", "it");
    assert_eq!(with["C1"].as_ref().unwrap().parse::<f64>().unwrap(), 0.5);
    assert_eq!(with["C2"].as_ref().unwrap().parse::<f64>().unwrap(), 0.0);
    let without = run(&feature("window = \"10d\"", "", share)).lookup("customer_id", "it");
    assert_eq!(without["C2"], None);
}

#[test]
fn averages_and_medians_of_decimals_round_half_away_at_scale_4() {
    let number = |expression: &str| {
        let it = run(&feature("", "", expression)).lookup("customer_id", "it");
        it["C1"].as_ref().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(number("avg(amount)"), 3.3433);
    assert_eq!(number("median(amount)"), 0.02);
    assert_eq!(number("max(amount)"), 10.0);
    assert_eq!(
        run(&feature("", "", "sum(amount) / 0 + 1")).lookup("customer_id", "it")["C1"],
        None,
        "null on a zero divisor"
    );
}

//! The preset `rfm`, by hand.

use crate::harness::*;

fn features(orders: &[Order], sections: &str) -> Table {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    workspace.committed(&job).table("features")
}

fn shown(table: &Table, id: &str, columns: [&str; 5]) -> [Option<String>; 5] {
    let row = table.only(&[("customer_id", id)]);
    columns.map(|column| row[column].clone())
}

const COLUMNS: [&str; 5] = ["recency_days", "frequency", "monetary", "tenure_days", "average_order_value"];

fn some(values: [&str; 5]) -> [Option<String>; 5] {
    values.map(|value| Some(value.to_owned()))
}

#[test]
fn refunds_count_in_monetary_and_nowhere_else() {
    let second_line = Order { line_no: 2, ..Order::new("C1", "O1", "2025-12-01 10:00:00", "5.01") };
    let table = features(
        &[
            Order::new("C1", "O1", "2025-12-01 10:00:00", "10.00"),
            second_line,
            Order::new("C1", "O2", "2025-12-11 23:00:00", "10.00"),
            Order::new("C1", "O3", "2025-12-12 00:00:00", "0.00"),
            Order::new("C1", "R1", "2025-12-30 10:00:00", "-3.00"),
            Order::new("C2", "R2", "2025-12-30 10:00:00", "-4.00"),
        ],
        ONLY_RFM,
    );
    // 25.01 over three orders is 8.336666…; the order of nothing is an order.
    assert_eq!(shown(&table, "C1", COLUMNS), some(["20", "3", "22.0100", "31", "8.3367"]));
    // A customer who only brought things back has no purchase.
    let zero = |text: &str| Some(text.to_owned());
    assert_eq!(shown(&table, "C2", COLUMNS), [None, zero("0"), zero("-4.0000"), None, None]);
}

#[test]
fn a_window_is_whole_days_and_a_suffix_names_it() {
    let table = features(
        &[Order::new("C1", "O1", "2025-12-25 00:00:00", "1.00"), Order::new("C1", "O2", "2025-12-24 23:59:59", "2.00")],
        &ONLY_RFM.replace(
            "presets = [{ name = \"rfm\" }]",
            "presets = [{ name = \"rfm\" }, { name = \"rfm\", window = \"7d\", suffix = \"_7d\" }]",
        ),
    );
    let row = table.only(&[("customer_id", "C1")]);
    assert_eq!((row["monetary"].as_deref(), row["monetary_7d"].as_deref()), (Some("3.0000"), Some("1.0000")));
    assert_eq!((row["frequency"].as_deref(), row["frequency_7d"].as_deref()), (Some("2"), Some("1")));
}

#[test]
fn features_have_the_types_of_the_contract() {
    let table = features(&[Order::new("C1", "O1", "2025-12-25 00:00:00", "1.00")], ONLY_RFM);
    let described = table.described();
    for expected in [
        "customer_id Utf8!",
        "recency_days Int32",
        "frequency Int64",
        "monetary Decimal128(28, 4)",
        "tenure_days Int32",
        "average_order_value Decimal128(18, 4)",
        "r_score Int8",
        "f_score Int8",
        "m_score Int8",
    ] {
        let named = |found: &&String| found.trim_end_matches('!') == expected.trim_end_matches('!');
        assert!(described.iter().any(|found| named(&found)), "no {expected} among {described:?}");
    }
    assert_eq!(described[0], "customer_id Utf8!");
}

//! Data of unusual shape.

use crate::harness::*;
use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use std::sync::Arc;

const KMEANS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = 2
"#;

#[test]
fn one_customer_with_a_third_of_all_rows() {
    let workspace = Workspace::new();
    let mut orders = orders_of(400, 9);
    let heavy = orders.len() / 2;
    for number in 0..heavy {
        let second = format!("2025-06-{:02} {:02}:{:02}:00", 1 + number % 30, number % 24, number % 60);
        orders.push(Order::new("the shop itself", &format!("S{number}"), &second, "1.25"));
    }
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    let run = CommittedRun::of(&workspace.run(&job).args(&["--shards", "8"]).go().succeeded());
    let row = run.table("features").only(&[("customer_id", "the shop itself")]);
    assert_eq!(row["frequency"], Some(heavy.to_string()));
    assert_eq!(row["monetary"].as_ref().unwrap().parse::<f64>().unwrap(), heavy as f64 * 1.25);
}

/// Such a customer is a shard that stays in the work folder, and alone a part of it that queries go through.
#[test]
fn one_customer_with_nearly_all_rows_and_products_in_little_memory() {
    const ROWS: i64 = 1_500_000;
    const PRODUCTS: i64 = 100_000;
    let workspace = Workspace::new();
    let others = |row: &i64| row % 500 == 0;
    let ids = (0..ROWS).map(|row| if others(&row) { format!("c{}", row % 9_000) } else { "whale".to_owned() });
    let last = timestamp("2025-12-31 12:00:00");
    let times = (0..ROWS).map(|row| last - (row % 700) * 86_400_000_000);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("client_no", Arc::new(StringArray::from_iter_values(ids))),
        ("order_no", Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| (row / 4).to_string())))),
        ("ordered_at", Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))),
        ("gross", Arc::new(Int64Array::from_iter_values((0..ROWS).map(|row| 1 + row % 100)))),
        ("sku", Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| format!("sku-{}", row * 7 % PRODUCTS))))),
    ];
    write_columns(&workspace.path("in/orders.parquet"), columns);
    let sections = "[features]\npresets = [\"rfm\", \"products\"]\n[[segmentation]]\nname = \"v\"\nmethod = \"rfm\"\n";
    let text = job("uri = \"@IN@/orders.parquet\"", sections);
    let text = without(&text, &["line_no ", "channel ", "weight "]);
    let run = workspace.job(&text);
    let run = CommittedRun::of(&workspace.run(&run).args(&["--memory", "160M", "--threads", "2"]).go().succeeded());
    let row = run.table("features").only(&[("customer_id", "whale")]);
    assert_eq!(row["frequency"].as_deref(), Some((ROWS / 4).to_string().as_str()));
    assert_eq!(row["products_distinct"].as_deref(), Some((PRODUCTS - PRODUCTS / 500).to_string().as_str()));
    // Each of its products stands in 15 rows.
    let entropy: f64 = row["product_entropy"].as_ref().unwrap().parse().unwrap();
    assert!((entropy - ((PRODUCTS - PRODUCTS / 500) as f64).log2()).abs() < 1e-9, "{entropy}");
}

/// A job file without the lines that begin so.
fn without(text: &str, names: &[&str]) -> String {
    let kept = text.lines().filter(|line| !names.iter().any(|name| line.starts_with(name)));
    kept.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn a_million_customers_with_one_row_each() {
    const CUSTOMERS: usize = 1_000_000;
    let workspace = Workspace::new();
    let ids = StringArray::from_iter_values((0..CUSTOMERS).map(|number| format!("{number:07}")));
    let last = timestamp("2025-12-31 12:00:00");
    let times = (0..CUSTOMERS as i64).map(|number| last - (number % 300) * 86_400_000_000);
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let amounts = Int64Array::from_iter_values((0..CUSTOMERS as i64).map(|number| 1 + number % 100));
    let columns: Vec<(&str, ArrayRef)> =
        vec![("client_no", Arc::new(ids)), ("ordered_at", Arc::new(times)), ("gross", Arc::new(amounts))];
    write_columns(&workspace.path("in/orders.parquet"), columns);
    let text = job("uri = \"@IN@/orders.parquet\"", KMEANS);
    let text = without(&text, &["order_id ", "line_no ", "channel ", "product_id ", "weight "]);
    let run = workspace.committed(&workspace.job(&text));
    assert_eq!(run.fates("orders").used, CUSTOMERS as u64);
    let counts = run.assignments("behaviour").counts("segment_key");
    assert_eq!(counts.values().sum::<usize>(), CUSTOMERS, "{counts:?}");
    assert_eq!(run.table("features").numbers("monetary").into_iter().sum::<f64>(), 50_500_000.0);
}

#[test]
fn three_customers() {
    let workspace = Workspace::new();
    let orders = [
        Order::new("C1", "O1", "2025-12-31 10:00:00", "10.00"),
        Order::new("C2", "O2", "2025-12-30 10:00:00", "11.00"),
        Order::new("C3", "O3", "2025-01-01 10:00:00", "5000.00"),
    ];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = format!("{KMEANS}[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    assert_eq!(run.keys("behaviour").into_values().collect::<Vec<_>>(), ["c01", "c01", "c02"]);
    assert_eq!(run.assignments("value").rows.len(), 3);
}

#[test]
fn more_clusters_than_customers_is_said() {
    let workspace = Workspace::new();
    let orders = [Order::new("C1", "O1", "2025-12-31 10:00:00", "10.00")];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", KMEANS));
    workspace.failing(&job, 3).says(&["behaviour", "2"]);
}

#[test]
fn no_row_after_where() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(20, 1));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"\nwhere = \"channel = 'telegraph'\"", ONLY_RFM));
    workspace.failing(&job, 3).says(&["source orders: 135 rows read, 135 filtered", "hint: ", "telegraph"]);
    assert!(!workspace.has_commit());
}

//! Orders as CSV and as NDJSON.

use super::Order;
use std::path::Path;

/// The `types` line that gives the columns of both text formats their types.
pub const CSV_TYPES: &str = r#"types = { line_no = "int", ordered_at = "timestamp(%Y-%m-%d %H:%M:%S)", gross = "decimal(18,2)", weight = "double" }"#;

/// Gives orders as CSV with a header; a guest's id is empty.
pub fn orders_csv(orders: &[Order]) -> String {
    let mut text = "client_no,order_no,line_no,ordered_at,gross,channel,sku,weight\n".to_owned();
    for order in orders {
        let Order { client_no, order_no, line_no, channel, sku, weight, .. } = order;
        let (time, amount) = (order.time_text(), order.amount_text());
        let client_no = client_no.as_deref().unwrap_or("");
        text.push_str(&format!("{client_no},{order_no},{line_no},{time},{amount},\"{channel}\",{sku},{weight}\n"));
    }
    text
}

/// Gives orders as one JSON object a line, numbers as JSON numbers; a guest's id is null.
pub fn orders_ndjson(orders: &[Order]) -> String {
    let mut text = String::new();
    for order in orders {
        let Order { client_no, order_no, line_no, channel, sku, weight, .. } = order;
        let (time, amount) = (order.time_text(), order.amount_text());
        let client_no = client_no.as_ref().map_or("null".to_owned(), |id| format!("{id:?}"));
        text.push_str(&format!(
            "{{\"client_no\":{client_no},\"order_no\":{order_no:?},\"line_no\":{line_no},\"ordered_at\":{time:?},\
             \"gross\":{amount},\"channel\":{channel:?},\"sku\":{sku:?},\"weight\":{weight}}}\n"
        ));
    }
    text
}

/// Writes orders as one CSV file.
pub fn write_orders_csv(path: &Path, orders: &[Order]) {
    std::fs::write(path, orders_csv(orders)).unwrap();
}

/// Writes orders as one NDJSON file.
pub fn write_orders_ndjson(path: &Path, orders: &[Order]) {
    std::fs::write(path, orders_ndjson(orders)).unwrap();
}

#[test]
fn both_texts_hold_the_orders() {
    let orders = [Order::new("", "O1", "2025-12-31 23:59:59", "-1.50")];
    assert_eq!(orders_csv(&orders).lines().nth(1), Some(",O1,1,2025-12-31 23:59:59,-1.50,\"web\",s1,0.1"));
    let json: serde_json::Value = serde_json::from_str(&orders_ndjson(&orders)).unwrap();
    assert_eq!((&json["client_no"], &json["gross"]), (&serde_json::Value::Null, &serde_json::json!(-1.50)));
}

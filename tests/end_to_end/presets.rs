//! Presets that are queries, by hand.

use crate::harness::*;
use std::collections::BTreeMap;

/// Features of `A` (five purchases on four days and a refund), `B` (one purchase) and `C` (a refund only), as_of 2026-01-01.
fn features(presets: &str, columns: &str) -> Table {
    let orders = [
        Order::new("A", "1", "2025-10-01 08:00:00", "8.00"),
        Order { channel: "store", sku: "s2".to_owned(), ..Order::new("A", "2", "2025-12-20 09:00:00", "5.00") },
        Order::new("A", "3", "2025-12-20 19:00:00", "5.00"),
        Order::new("A", "4", "2025-12-30 23:59:59", "10.00"),
        Order::new("A", "4", "2025-12-31 10:00:00", "-2.00"),
        Order::new("B", "5", "2025-02-10 10:00:00", "4.00"),
        Order::new("C", "6", "2025-05-01 10:00:00", "-1.00"),
        // At as_of: not seen.
        Order::new("B", "7", "2026-01-01 00:00:00", "400.00"),
    ];
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = ONLY_RFM.replace("{ name = \"rfm\" }", &format!("\"rfm\", {presets}"));
    let text = job("uri = \"@IN@/orders.parquet\"", &sections);
    let text = text.replace("[source.columns]", &format!("[source.columns]\n{columns}"));
    workspace.committed(&workspace.job(&text)).table("features")
}

/// The values of columns, a line a customer; numbers without zeros at the end.
fn values(features: &Table, columns: &str) -> BTreeMap<String, String> {
    let row = |row: &BTreeMap<String, Option<String>>| {
        let value = |column: &str| match &row[column] {
            None => "-".to_owned(),
            Some(text) => text.parse::<f64>().map_or_else(|_| text.clone(), |number| number.to_string()),
        };
        columns.split(' ').map(value).collect::<Vec<_>>().join(" ")
    };
    let customers = features.column("customer_id").into_iter().flatten();
    customers.map(|id| (id.to_owned(), row(&features.only(&[("customer_id", id)])))).collect()
}

fn assert_values(features: &Table, columns: &str, expected: [&str; 3]) {
    let found = values(features, columns);
    for (customer, expected) in ["A", "B", "C"].into_iter().zip(expected) {
        assert_eq!(found[customer], expected, "{customer}: {columns}");
    }
}

#[test]
fn gaps_are_days_between_order_days() {
    let features = features("\"gaps\"", "");
    let columns = "gap_days_median gap_days_mean gap_days_max gap_days_stddev order_days";
    // 80 days and 10 days; their spread is 35 · √2.
    assert_values(&features, columns, ["45 45 80 49.49747468305833 3", "- - - - 1", "- - - - 0"]);
}

#[test]
fn gaps_are_those_of_the_window_with_a_suffix() {
    let features = features("{ name = \"gaps\", window = \"30d\", suffix = \"_30d\" }", "");
    assert_values(&features, "gap_days_median_30d order_days_30d", ["10 2", "- 0", "- 0"]);
}

#[test]
fn value_is_purchases_less_what_came_back() {
    let found = features("\"value\"", "");
    let columns = "value_gross value_refunded value_net refund_share value_margin margin_rate discount_rate";
    assert_values(&found, columns, ["28 2 26 0.07142857142857142 - - -", "4 0 4 0 - - -", "0 1 -1 - - - -"]);
    let mapped = features("\"value\"", "cost = \"cast(3 as decimal(18,4))\"\ndiscount = \"cast(1 as decimal(18,4))\"");
    // Four purchases cost 12, and the refund gives 3 back: 28 − 12 − 2 + 3 = 17 of 26. Discounts: 4 of 28 + 4.
    assert_values(
        &mapped,
        "value_margin margin_rate discount_rate",
        ["17 0.6538461538461539 0.125", "1 0.25 0.2", "2 -2 -"],
    );
}

#[test]
fn trend_compares_windows_and_months() {
    // Windows from 2025-10-03 and 2025-07-05. Slope: (5.5 · 20 + 3.5 · 8) / 143, and −4.5 · 4 / 143 of February.
    let columns = "spend_recent spend_before spend_ratio spend_slope";
    let found = features("\"trend\"", "");
    assert_values(&found, columns, ["20 8 2.5 0.965034965034965", "0 0 - -0.1258741258741259", "0 0 - 0"]);
    let short = features("{ name = \"trend\", window = \"10d\" }", "");
    assert_values(&short, "spend_recent spend_before spend_ratio", ["10 10 1", "0 0 -", "0 0 -"]);
}

#[test]
fn seasons_are_quarters_of_the_year() {
    let columns =
        "season_share_q1 season_share_q2 season_share_q3 season_share_q4 season_concentration season_peak_quarter";
    assert_values(&features("\"seasonality\"", ""), columns, ["0 0 0 1 1 4", "1 0 0 0 1 1", "- - - - - -"]);
}

#[test]
fn baskets_are_orders_with_a_purchase() {
    let columns =
        "baskets basket_value_mean basket_value_median basket_value_max basket_lines_mean basket_products_mean";
    assert_values(&features("\"baskets\"", ""), columns, ["4 7 6.5 10 1 1", "1 4 4 4 1 1", "0 - - - - -"]);
}

#[test]
fn a_stage_goes_by_the_customer_s_own_gaps() {
    // Last purchases 2 and 325 days ago.
    let found = features("\"lifecycle\"", "");
    assert_values(&found, "lifecycle lifecycle_days", ["active 45", "lapsed 90", "prospect -"]);
    assert_values(
        &features("\"replenishment\"", ""),
        "due_in_days overdue_ratio",
        ["43 0.044444444444444446", "- -", "- -"],
    );
}

#[test]
fn products_and_channels_are_counted_by_rows() {
    // Three of s1 on three days and one of s2; three in the web, one in a store.
    let columns = "products_distinct product_repeat_share product_top_share product_entropy";
    let of_a = "0.8112781244591328";
    let products = [format!("2 0.5 0.75 {of_a}"), "1 0 1 0".to_owned(), "0 - - -".to_owned()];
    assert_values(&features("\"products\"", ""), columns, products.each_ref().map(String::as_str));
    let columns = "categories_distinct category_top category_top_share category_top3_share category_entropy";
    assert_values(&features("\"products\"", ""), columns, ["- - - - -"; 3]);
    let categories = [format!("2 web 0.75 1 {of_a}"), "1 web 1 1 0".to_owned(), "- - - - -".to_owned()];
    let found = features("\"products\"", "category = \"channel\"");
    assert_values(&found, columns, categories.each_ref().map(String::as_str));
    let four = "category = \"concat(channel, date_part('day', ordered_at))\"";
    // Of four categories of a row each, three hold three quarters.
    let found = values(&features("\"products\"", four), "categories_distinct category_top3_share");
    assert_eq!(found["A"], "4 0.75");
    let columns = "channel_main channel_main_share channels channel_entropy channel_last";
    let channels = [format!("web 0.75 2 {of_a} web"), "web 1 1 0 web".to_owned(), "- - 0 - -".to_owned()];
    assert_values(&features("\"sales_channels\"", ""), columns, channels.each_ref().map(String::as_str));
}

#[test]
fn promotions_are_purchases_with_a_discount() {
    let discount = "discount = \"cast(case when channel = 'web' then 1 else 0 end as decimal(18,4))\"";
    let columns = "promotion_share promotion_value_share promotion_depth";
    // Three of four, 23 of 28, and 3 of 26.
    let expected = ["0.75 0.8214285714285714 0.11538461538461539", "1 1 0.2", "- - -"];
    assert_values(&features("\"promotion\"", discount), columns, expected);
}

#[test]
fn refunds_are_counted_and_dated() {
    let columns = "refund_rows refund_row_share refund_value_share refund_last_days";
    let expected = ["1 0.2 0.07142857142857142 1", "0 0 0 -", "1 1 - 245"];
    assert_values(&features("\"refunds\"", ""), columns, expected);
}

#[test]
fn days_and_hours_are_those_of_purchases() {
    // A Wednesday at 8, a Saturday at 9 and 19, a Tuesday at 23; a Monday at 10.
    let columns = "favourite_weekday favourite_hour weekend_share morning_share afternoon_share evening_share night_share weekday_entropy";
    assert_values(
        &features("\"rhythm\"", ""),
        columns,
        ["6 8 0.5 0.5 0 0.5 0 1.5", "1 10 0 1 0 0 0 0", "- - - - - - - -"],
    );
}

#[test]
fn a_preset_without_what_it_needs_is_refused() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(5, 1));
    let text = job("uri = \"@IN@/orders.parquet\"", &ONLY_RFM.replace("{ name = \"rfm\" }", "\"rfm\", \"gap\""));
    workspace.failing(&workspace.job(&text), 2).says(&["there is no preset `gap`", "gaps"]);
    let listed = Program::segmenter(&["features"]).go().succeeded().stdout;
    for name in ["gaps", "seasonality", "trend", "value", "rfm", "gap_days_median"] {
        assert!(listed.contains(name), "{listed}");
    }
    let shown = Program::segmenter(&["features", "show", "gaps"]).go().succeeded().stdout;
    assert!(shown.contains("lag(day) over") && shown.contains("days    middle of the days"), "{shown}");
    Program::segmenter(&["features", "show", "gasp"]).go().failed_with(2).says(&["there is no preset gasp", "gaps"]);
}

#[test]
fn the_query_of_a_preset_is_a_query_of_one_s_own() {
    let shown = Program::segmenter(&["features", "show", "gaps"]).go().succeeded().stdout;
    let orders = orders_of(50, 5);
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let query = shown.replace("not coalesce(is_refund, amount < 0)", "amount >= 0");
    let own = job(
        "uri = \"@IN@/orders.parquet\"",
        &format!(
            "{ONLY_RFM}[[features.sql]]\nname = \"gaps\"\ndefaults = {{ order_days = 0 }}\nquery = \"\"\"\n{query}\"\"\"\n"
        ),
    );
    let own = workspace.committed(&workspace.job(&own)).table("features");
    let preset = job("uri = \"@IN@/orders.parquet\"", &ONLY_RFM.replace("{ name = \"rfm\" }", "\"rfm\", \"gaps\""));
    let preset = workspace.committed(&workspace.job(&preset)).table("features");
    for column in ["gap_days_median", "gap_days_stddev", "order_days"] {
        assert_eq!(own.column(column), preset.column(column), "{column}");
    }
}

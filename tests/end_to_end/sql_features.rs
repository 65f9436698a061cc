//! Features as queries: values, defaults, files beside the job, and what is refused or stops a run.

use crate::harness::*;
use std::collections::BTreeMap;

const QUERIES: &str = r#"
[[features.sql]]
name  = "gaps"
query = """
  select customer_id, median(gap) as gap_days_median, count(gap) as gaps
  from (select customer_id, day - lag(day) over (partition by customer_id order by day) as gap
        from (select distinct customer_id, cast(time as date) as day from orders))
  group by customer_id"""
defaults = { gaps = 0 }
[[features.sql]]
name  = "last_order"
query = """
  with numbered as (
    select customer_id, channel, product_id, weight,
           row_number() over (partition by customer_id order by time desc) as number,
           sum(weight) over (partition by customer_id order by time rows between 2 preceding and current row) as recent
    from transactions)
  select n.customer_id, n.channel as last_channel, n.recent as recent_weight, w.whole as whole_weight, w.products
  from numbered n
  left join (select customer_id, sum(weight) as whole, count(distinct product_id) as products
             from orders where amount > 0 group by customer_id) w on w.customer_id = n.customer_id
  where n.number = 1"""
"#;

fn sections() -> String {
    let clusters = "[[segmentation]]\nname = \"rhythm\"\nmethod = \"kmeans\"\nfeatures = [\"gap_days_median\", \"gaps\", \"products\"]\nk = 3\n";
    format!("{ONLY_RFM}{clusters}{QUERIES}")
}

fn workspace_with(orders: &[Order], sections: &str) -> (Workspace, std::path::PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    (workspace, job)
}

/// Days, from 1970, on which each customer ordered before 2026-01-01, rising.
fn days(orders: &[Order]) -> BTreeMap<String, Vec<i64>> {
    let mut days: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let known = orders.iter().filter(|order| order.ordered_at < timestamp("2026-01-01 00:00:00"));
    for order in known {
        if let Some(customer) = &order.client_no {
            days.entry(customer.clone()).or_default().push(order.ordered_at.div_euclid(86_400_000_000));
        }
    }
    for days in days.values_mut() {
        days.sort_unstable();
        days.dedup();
    }
    days
}

#[test]
fn windows_distinct_days_and_medians_have_the_values_of_a_plain_program() {
    let orders = orders_of(300, 6);
    let (workspace, job) = workspace_with(&orders, &sections());
    let features = workspace.committed(&job).table("features");
    let (counts, medians) = (features.lookup("customer_id", "gaps"), features.lookup("customer_id", "gap_days_median"));
    let expected = days(&orders);
    assert_eq!(counts.len(), expected.len());
    let mut several = 0;
    for (customer, days) in expected {
        let mut gaps: Vec<i64> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        assert_eq!(counts[&customer].as_deref(), Some(gaps.len().to_string().as_str()), "{customer}");
        let middle = gaps.len() / 2;
        let median = match gaps.len() {
            0 => None,
            n if n % 2 == 1 => Some(gaps[middle] as f64),
            _ => Some((gaps[middle - 1] + gaps[middle]) as f64 / 2.0),
        };
        assert_eq!(medians[&customer].as_ref().map(|text| text.parse::<f64>().unwrap()), median, "{customer}");
        several += usize::from(gaps.len() > 1);
    }
    assert!(several > 100, "{several} customers have several gaps");
}

#[test]
fn threads_memory_and_shards_change_nothing() {
    let (workspace, job) = workspace_with(&orders_of(900, 20), &sections());
    let afresh = |arguments: &[&str]| {
        workspace.forget_results();
        CommittedRun::of(&workspace.run(&job).args(arguments).go().succeeded())
    };
    let one = afresh(&["--threads", "1", "--shards", "4"]);
    for arguments in [["--threads", "7", "--memory", "4G"], ["--threads", "2", "--memory", "128M"]] {
        let arguments: Vec<&str> = arguments.into_iter().chain(["--shards", "4"]).collect();
        assert_eq!(afresh(&arguments).byte_digest(), one.byte_digest(), "{arguments:?}");
    }
    for shards in ["1", "64"] {
        assert_eq!(afresh(&["--shards", shards]).logical_digest(), one.logical_digest(), "{shards} shards");
    }
}

#[test]
fn rows_in_another_order_are_the_same_features() {
    let mut orders = orders_of(300, 6);
    let features = |orders: &[Order]| {
        let (workspace, job) = workspace_with(orders, &sections());
        workspace.committed(&job).logical_digest()["features"].clone()
    };
    let expected = features(&orders);
    Rng(9).shuffle(&mut orders);
    assert_eq!(features(&orders), expected);
}

#[test]
fn a_customer_without_a_row_has_the_default_else_null() {
    let orders =
        [Order::new("C1", "O1", "2025-12-30 10:00:00", "10.00"), Order::new("C2", "O2", "2025-01-30 10:00:00", "1.00")];
    let query = "[[features.sql]]\nname = \"late\"\nquery = \"select customer_id, count(*) as late, max(channel) as way from orders where time >= window_start('30d') group by customer_id\"\ndefaults = { late = 0 }\n";
    let (workspace, job) = workspace_with(&orders, &format!("{ONLY_RFM}{query}"));
    let features = workspace.committed(&job).table("features");
    let row = |customer| features.only(&[("customer_id", customer)]);
    assert_eq!((row("C1")["late"].as_deref(), row("C1")["way"].as_deref()), (Some("1"), Some("web")));
    assert_eq!((row("C2")["late"].as_deref(), row("C2")["way"].as_deref()), (Some("0"), None));
}

#[test]
fn a_query_may_stand_in_a_file_beside_the_job() {
    let orders = [Order::new("C1", "O1", "2025-12-30 10:00:00", "10.00")];
    let query = "[[features.sql]]\nname = \"many\"\nfile = \"queries/many.sql\"\n";
    let (workspace, job) = workspace_with(&orders, &format!("{ONLY_RFM}{query}"));
    workspace.failing(&job, 2).says(&["cannot read", "queries/many.sql", "relative to the job file"]);
    let file = job.parent().unwrap().join("queries/many.sql");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(
        &file,
        "\u{feff}-- how many\nselect customer_id, count(*) as many\nfrom orders group by customer_id;\n",
    )
    .unwrap();
    assert_eq!(workspace.committed(&job).table("features").lookup("customer_id", "many")["C1"].as_deref(), Some("1"));
    std::fs::write(&file, "select customer_id, count(*) as many\nfrom order group by customer_id").unwrap();
    workspace.failing(&job, 2).says(&["at line 2, character"]);
}

#[test]
fn several_rows_of_a_customer_stop_the_run() {
    let orders = orders_of(20, 3);
    let query = "[[features.sql]]\nname = \"lines\"\nquery = \"select customer_id, channel as way from orders\"\n";
    let (workspace, job) = workspace_with(&orders, &format!("{ONLY_RFM}{query}"));
    workspace.failing(&job, 3).says(&["query lines", "more than one row", "group by customer_id"]);
}

#[test]
fn what_cannot_be_computed_is_null_and_counted() {
    let mut orders = orders_of(50, 3);
    for order in &mut orders {
        order.sku = "7".to_owned();
    }
    let broken = orders.iter().find_map(|order| order.client_no.clone()).unwrap();
    orders.iter_mut().find(|order| order.client_no.as_ref() == Some(&broken)).unwrap().sku = "seven".to_owned();
    let query = "[[features.sql]]\nname = \"sums\"\nquery = \"select customer_id, sum(cast(product_id as int)) as skus, count(*) as rows from orders group by customer_id\"\n";
    let (workspace, job) = workspace_with(&orders, &format!("{ONLY_RFM}{query}"));
    let run = workspace.committed(&job);
    let features = run.table("features");
    let row = features.only(&[("customer_id", &broken)]);
    assert_eq!((row["skus"].as_deref(), row["rows"].as_deref()), (None, None));
    assert_eq!(features.column("skus").iter().filter(|value| value.is_none()).count(), 1);
    let lost = run.table("quality.parquet");
    let of =
        |feature: &str| lost.only(&[("check_name", "overflow_share"), ("column_name", feature)])["rows_failed"].clone();
    assert_eq!((of("skus").as_deref(), of("rows").as_deref()), (Some("1"), Some("1")));
}

#[test]
fn a_default_is_exactly_its_digits() {
    let orders =
        [Order::new("C1", "O1", "2025-12-30 10:00:00", "10.00"), Order::new("C2", "O2", "2025-01-30 10:00:00", "1.00")];
    let query = |default: &str| {
        let query = "select customer_id, sum(amount) as late from orders where time >= window_start('30d') group by customer_id";
        format!("{ONLY_RFM}[[features.sql]]\nname = \"late\"\nquery = \"{query}\"\ndefaults = {{ late = {default} }}\n")
    };
    let (workspace, job) = workspace_with(&orders, &query("1e30"));
    let features = workspace.committed(&job).table("features");
    let late = features.lookup("customer_id", "late");
    assert_eq!(late["C2"].as_deref(), Some("1000000000000000000000000000000.0000"));
    let (workspace, job) = workspace_with(&orders, &query("0.123456"));
    workspace.failing(&job, 2).says(&["default 0.123456 of `late` is no decimal(38,4)"]);
}

#[test]
fn a_customer_with_very_many_rows_has_values_in_little_memory() {
    let orders: Vec<Order> = (0..60_000)
        .map(|number| Order::new("C1", &format!("O{number}"), "2025-12-30 10:00:00", &format!("{}.00", number % 100)))
        .chain([Order::new("C2", "P1", "2025-12-30 10:00:00", "1.00")])
        .collect();
    let query = "[[features.sql]]\nname = \"steps\"\nquery = \"select customer_id, max(step) as step, count(distinct order_id) as ids from \
                 (select customer_id, order_id, amount - lag(amount) over (partition by customer_id order by amount) as step from orders) group by customer_id\"\n";
    let (workspace, job) = workspace_with(&orders, &format!("{ONLY_RFM}{query}"));
    for memory in ["128M", "1G"] {
        workspace.forget_results();
        let run = CommittedRun::of(&workspace.run(&job).args(&["--memory", memory]).go().succeeded());
        let row = run.table("features").only(&[("customer_id", "C1")]);
        assert_eq!((row["step"].as_deref(), row["ids"].as_deref()), (Some("1.0000"), Some("60000")), "{memory}");
    }
}

//! Reference tables: products joined to orders, the same whatever shards, threads and workers; and what stops a run.

use crate::harness::*;
use std::collections::BTreeMap;

/// A source of products; `more` are further lines of it.
fn products(uri: &str, more: &str) -> String {
    format!(
        "[[source]]\nname = \"products\"\nkind = \"reference\"\nuri = \"@IN@/{uri}\"\nkey = \"product_id\"\n{more}\n\
         [source.columns]\nproduct_id = \"sku\"\ncategory = \"grp\"\nprice = \"cast(price as decimal(10,2))\"\nunused = \"note\"\n"
    )
}

const QUERY: &str = r#"
[[features.sql]]
name  = "tastes"
query = """
  select t.customer_id, count(distinct p.category) as categories, sum(p.price) as list_price, count(*) - count(p.product_id) as unknown_products,
         max(c.mean) as dearest
  from transactions t
  left join products p on p.product_id = t.product_id
  left join (select category, avg(price) as mean from products group by category) c on c.category = p.category
  group by t.customer_id"""
"#;

/// Products of the made-up orders, but for every seventh; some of a category.
fn prices(orders: &[Order]) -> BTreeMap<String, (String, i64)> {
    let skus: std::collections::BTreeSet<&String> = orders.iter().map(|order| &order.sku).collect();
    let known = skus.into_iter().enumerate().filter(|(at, _)| at % 7 != 3);
    known.map(|(at, sku)| (sku.clone(), (format!("g{}", at % 5), 100 + 37 * at as i64))).collect()
}

fn csv<'a>(products: impl Iterator<Item = (&'a String, &'a (String, i64))>) -> String {
    let lines = products.map(|(sku, (group, cents))| format!("{sku},{group},{}.{:02},x\n", cents / 100, cents % 100));
    format!("sku,grp,price,note\n{}", lines.collect::<String>())
}

/// A workspace with orders and products in two files, and the job over both.
fn prepared(orders: &[Order], more: &str) -> (Workspace, std::path::PathBuf, BTreeMap<String, (String, i64)>) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let known = prices(orders);
    let half = known.len() / 2;
    std::fs::create_dir_all(workspace.path("in/products")).unwrap();
    std::fs::write(workspace.path("in/products/b.csv"), csv(known.iter().take(half))).unwrap();
    std::fs::write(workspace.path("in/products/a.csv"), csv(known.iter().skip(half))).unwrap();
    let sections = format!("{}{ONLY_RFM}{QUERY}", products("products/*.csv", more));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections));
    (workspace, job, known)
}

#[test]
fn products_give_orders_their_category_and_price() {
    let orders = orders_of(300, 6);
    let (workspace, job, known) = prepared(&orders, "");
    let run = workspace.committed(&job);
    let features = run.table("features");
    let mut expected: BTreeMap<String, (std::collections::BTreeSet<&str>, i64, u64)> = BTreeMap::new();
    for order in orders.iter().filter(|order| order.ordered_at < timestamp("2026-01-01 00:00:00")) {
        let Some(customer) = &order.client_no else { continue };
        let (categories, cents, unknown) = expected.entry(customer.clone()).or_default();
        match known.get(&order.sku) {
            Some((category, price)) => {
                categories.insert(category);
                *cents += price;
            }
            None => *unknown += 1,
        }
    }
    assert!(expected.values().any(|(_, _, unknown)| *unknown > 0));
    for (customer, (categories, cents, unknown)) in expected {
        let row = features.only(&[("customer_id", &customer)]);
        assert_eq!(row["categories"].as_deref(), Some(categories.len().to_string().as_str()), "{customer}");
        let price = (cents > 0).then(|| format!("{}.{:02}", cents / 100, cents % 100));
        assert_eq!(row["list_price"], price, "{customer}");
        assert_eq!(row["unknown_products"].as_deref(), Some(unknown.to_string().as_str()), "{customer}");
    }
    let rows = &run.json("run.json")["rows"]["products"];
    assert_eq!((rows["read"].as_u64(), rows["used"].as_u64()), (Some(known.len() as u64), Some(known.len() as u64)));
}

#[test]
fn shards_threads_memory_files_and_the_order_of_rows_change_nothing() {
    let orders = orders_of(900, 20);
    let (workspace, job, known) = prepared(&orders, "");
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
    std::fs::remove_file(workspace.path("in/products/a.csv")).unwrap();
    std::fs::write(workspace.path("in/products/b.csv"), csv(known.iter().rev())).unwrap();
    let features = |run: &CommittedRun| run.logical_digest()["features"].clone();
    assert_eq!(features(&afresh(&["--shards", "4"])), features(&one));
}

#[test]
fn rows_that_cannot_be_read_are_quarantined_and_counted() {
    let orders = [Order::new("C1", "O1", "2025-12-30 10:00:00", "10.00")];
    let (workspace, job, _) = prepared(&orders, "where = \"category <> 'old'\"");
    let rows = "sku,grp,price,note\ns1,tea,3.50,x\ns2,old,1.00,x\n,tea,1.00,x\ns4,tea,much,x\ns5,tea\ns6,mate,1.00,x\ns7,mate,1.00,x\n";
    std::fs::write(workspace.path("in/products/a.csv"), rows).unwrap();
    let run = workspace.committed(&job);
    let fates = &run.json("run.json")["rows"]["products"];
    let of = |fate: &str| fates[fate].as_u64().unwrap();
    assert_eq!((of("read"), of("used"), of("filtered"), of("quarantined")), (7, 3, 1, 3));
    let row = run.table("features").only(&[("customer_id", "C1")]);
    assert_eq!((row["list_price"].as_deref(), row["dearest"].as_deref()), (Some("3.50"), Some("3.5000")));
    let quarantined = run.table("quarantine");
    assert_eq!(quarantined.column("source").iter().filter(|name| name.as_deref() == Some("products")).count(), 3);
}

#[test]
fn a_key_that_comes_twice_stops_the_run_with_its_places_and_not_its_value() {
    let orders = orders_of(20, 3);
    for query in ["", QUERY] {
        let (workspace, _, _) = prepared(&orders, "");
        std::fs::write(
            workspace.path("in/products/a.csv"),
            "sku,grp,price,note\nsecret,a,1,x\nother,a,1,x\nsecret,b,2,x\n",
        )
        .unwrap();
        std::fs::write(workspace.path("in/products/b.csv"), "sku,grp,price,note\nthird,a,1,x\nsecret,b,2,x\n").unwrap();
        let sections = format!("{}{ONLY_RFM}{query}", products("products/*.csv", ""));
        let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections));
        let ran = workspace.failing(&job, 3).says(&[
            "source products: 2 of 5 rows have the product_id of another",
            "row 3 of",
            "that of row 1 of",
            "products/a.csv",
            "name more columns in key",
        ]);
        assert!(!ran.stderr.contains("secret"), "{ran}");
        let sections = format!(
            "{}{ONLY_RFM}{query}",
            products("products/*.csv", "")
                .replace("\"product_id\"\n", "[\"product_id\", \"category\"]\nwhere = \"price < 2\"\n")
        );
        let job = workspace.job(&crate::harness::job("uri = \"@IN@/orders.parquet\"", &sections));
        workspace.committed(&job);
    }
}

#[test]
fn more_rows_than_every_worker_can_hold_stop_the_run() {
    let orders = orders_of(50, 3);
    let (workspace, job, known) = prepared(&orders, "max_rows = 4");
    let count = format!("source products has {} rows, and a reference table has at most 4", known.len());
    workspace.failing(&job, 3).says(&[&count, "raise max_rows"]);
}

#[test]
fn a_table_too_large_for_the_memory_says_how_much_it_takes() {
    let orders = orders_of(20, 3);
    let (workspace, job, _) = prepared(&orders, "");
    let mut rows = String::from("sku,grp,price,note\n");
    for number in 0..400_000 {
        rows.push_str(&format!(
            "a-product-with-a-long-identifier-{number:040},a-category-with-a-long-name-{number},1.00,x\n"
        ));
    }
    std::fs::write(workspace.path("in/products/a.csv"), rows).unwrap();
    let ran = workspace.run(&job).args(&["--memory", "128M", "--threads", "1"]).go().failed_with(6);
    ran.says(&["the reference table products needs", "MB of memory", "give --memory", "or leave out with where"]);
}

#[test]
fn workers_write_the_bytes_of_one_process() {
    let orders = orders_of(300, 6);
    let (workspace, job, _) = prepared(&orders, "");
    let expected = CommittedRun::of(&workspace.run(&job).args(&["--shards", "5"]).go().succeeded()).byte_digest();
    workspace.forget_results();
    let coordinator = Coordinator::start(workspace.coordinator(&job, 2).args(&["--shards", "5"]));
    let workers: Vec<_> = (0..2).map(|_| workspace.worker(coordinator.url()).start()).collect();
    let run = CommittedRun::of(&coordinator.wait().succeeded());
    assert_eq!(run.byte_digest(), expected);
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

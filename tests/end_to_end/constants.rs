//! Constants of the population: by hand in whatever may name them, the same for any shards and workers, and a score's are those of its model.

use crate::harness::*;
use std::path::PathBuf;

const SECTIONS: &str = r#"
[features]
presets = ["rfm"]
[[features.constant]]
name       = "mean_amount"
from       = "orders"
expression = "avg(amount)"
[[features.constant]]
name       = "price_of_weight"
from       = "transactions"
expression = "sum(amount) filter (where weight > 0) / sum(weight) filter (where weight > 0)"
[[features.constant]]
name       = "first_order"
from       = "orders"
expression = "cast(min(time) as date)"
[[features.constant]]
name       = "lines"
from       = "orders"
expression = "count(*)"
[[features.constant]]
name       = "nothing"
from       = "orders"
expression = "max(amount) filter (where amount > 1000000)"
[[features.sql]]
name  = "above"
query = """
  select customer_id, count(*) filter (where amount > mean_amount) as above_mean, sum(weight) * price_of_weight as expected,
         min(cast(time as date)) - first_order as days_in, count(nothing) as none
  from orders group by customer_id"""
[[features.derived]]
name       = "share_of_lines"
expression = "above_mean / lines"
[[features.derived]]
name       = "rank"
expression = "population_bin(monetary - mean_amount, 4)"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["above_mean", "rank"]
where    = "monetary > 0.1 * mean_amount"
k        = 2
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary > 3 * mean_amount"
"#;

fn ran(orders: &[Order]) -> (Workspace, PathBuf, CommittedRun) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", SECTIONS));
    let run = workspace.committed(&job);
    (workspace, job, run)
}

/// Four lines with weights 1, 2, 3 and 4, and one that comes after `as_of`.
fn four() -> Vec<Order> {
    let lines = [
        ("A", "1", "2025-10-01 08:00:00", "8.00"),
        ("A", "2", "2025-10-03 08:00:00", "1.01"),
        ("B", "3", "2025-09-01 08:00:00", "30.00"),
        ("C", "4", "2025-12-01 08:00:00", "1.00"),
        ("C", "5", "2026-02-01 08:00:00", "999.00"),
    ];
    let line = |(at, (who, order, time, amount)): (usize, (&str, &str, &str, &str))| Order {
        weight: (at + 1) as f64,
        ..Order::new(who, order, time, amount)
    };
    lines.into_iter().enumerate().map(line).collect()
}

#[test]
fn constants_are_those_that_can_be_worked_out_wherever_they_are_named() {
    let (_workspace, _, run) = ran(&four());
    let known = run.json("model.json")["population"]["constants"].clone();
    let value = |name: &str| {
        let found = known.as_array().unwrap().iter().find(|constant| constant["name"] == name).unwrap();
        assert_eq!(found["customers_left_out"], 0);
        found["value"].as_str().map(str::to_owned)
    };
    assert_eq!(value("mean_amount").as_deref(), Some("10.0025"), "40.01 / 4");
    assert_eq!(value("price_of_weight").as_deref(), Some("4.0009999999999994"), "40.01 / 10 as floats");
    assert_eq!(value("first_order").as_deref(), Some("2025-09-01"));
    assert_eq!((value("lines").as_deref(), value("nothing")), (Some("4"), None));
    let feature = |name: &str| run.feature(name).into_values().map(Option::unwrap_or_default).collect::<Vec<_>>();
    assert_eq!(feature("above_mean"), ["0", "1", "0"]);
    assert_eq!(feature("days_in"), ["30", "0", "91"]);
    assert_eq!(feature("none"), ["0", "0", "0"], "a null is no value");
    let expected: Vec<f64> = feature("expected").iter().map(|text| text.parse().unwrap()).collect();
    for (expected, weight) in expected.iter().zip([3.0, 3.0, 4.0]) {
        assert!((expected - weight * 4.001).abs() < 1e-12, "{expected}");
    }
    assert_eq!(
        feature("share_of_lines").iter().map(|text| text.parse().unwrap()).collect::<Vec<f64>>(),
        [0.0, 0.25, 0.0]
    );
    assert_eq!(run.keys("targets").into_values().collect::<Vec<_>>(), ["other", "other", "other"]);
    assert_eq!(run.keys("behaviour")["C"], "out_of_scope", "1.00 is below a tenth of the mean");
    assert!(
        run.table("features").described().iter().all(|column| !column.starts_with("mean_amount")),
        "a constant is no feature"
    );
    let warnings = run.json("run.json")["warnings"].to_string();
    assert!(warnings.contains("constant nothing is null"), "{warnings}");
}

#[test]
fn shards_threads_and_memory_change_no_constant() {
    let (workspace, job, run) = ran(&orders_of(700, 8));
    for arguments in [["--shards", "13", "--threads", "3"], ["--shards", "1", "--memory", "96M"]] {
        workspace.forget_results();
        let other = CommittedRun::of(&workspace.run(&job).args(&arguments).go().succeeded());
        assert_eq!(other.files["model.json"], run.files["model.json"], "{arguments:?}");
        assert_eq!(other.logical_digest(), run.logical_digest(), "{arguments:?}");
    }
}

#[test]
fn workers_find_the_same_constants() {
    let (workspace, job, run) = ran(&orders_of(300, 8));
    workspace.forget_results();
    let coordinator = Coordinator::start(workspace.coordinator(&job, 2));
    let start = |_| workspace.worker(coordinator.url()).start();
    let workers: Vec<Running> = (0..2).map(start).collect();
    let other = CommittedRun::of(&coordinator.wait().succeeded());
    assert_eq!(other.files["model.json"], run.files["model.json"]);
    assert_eq!(other.logical_digest(), run.logical_digest());
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

#[test]
fn killed_around_its_constants_a_run_ends_with_the_same_bytes() {
    let (workspace, job, run) = ran(&orders_of(300, 8));
    for point in ["constants.start", "features.middle", "constants.end", "features.start", "assign.start"] {
        workspace.forget_results();
        workspace.run(&job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        assert_eq!(workspace.committed(&job).byte_digest(), run.byte_digest(), "after a kill at {point}");
    }
    // Features that are gone are made again of the same constants.
    workspace.forget_results();
    workspace.run(&job).failpoint("assign.start=abort").go().aborted_at("assign.start");
    let scratch = workspace.path("scratch");
    let own = std::fs::read_dir(&scratch).unwrap().next().unwrap().unwrap().path();
    let features: Vec<_> = std::fs::read_dir(own.join("features")).unwrap().map(|file| file.unwrap().path()).collect();
    std::fs::remove_file(features.first().unwrap()).unwrap();
    assert_eq!(workspace.committed(&job).byte_digest(), run.byte_digest());
}

#[test]
fn a_score_has_the_constants_of_its_model() {
    let (workspace, job, run) = ran(&four());
    let id = run.folder.rsplit('/').next().unwrap().to_owned();
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let score = || Program::segmenter(&["score", job.to_str().unwrap(), "--scratch", &scratch, "--model", &id]);
    let mut orders = four();
    orders.push(Order::new("D", "6", "2025-10-01 08:00:00", "10.01"));
    orders.push(Order::new("D", "7", "2025-10-01 08:00:00", "10.00"));
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let scored = CommittedRun::of(&score().go().succeeded());
    assert_eq!(scored.feature("above_mean")["D"].as_deref(), Some("1"), "the mean is that of the model");
    assert_eq!(scored.files["model.json"], run.files["model.json"]);

    let text = std::fs::read_to_string(&job).unwrap();
    std::fs::write(&job, text.replace("\"lines\"", "\"rows\"").replace("/ lines", "/ rows")).unwrap();
    score().go().failed_with(2).says(&["constants mean_amount, price_of_weight, first_order, rows, nothing"]);
}

#[test]
fn a_customer_whose_rows_cannot_be_computed_is_left_out_and_told() {
    let workspace = Workspace::new();
    let mut orders = four();
    orders[2].sku = "no number".to_owned();
    for (at, order) in orders.iter_mut().enumerate().filter(|(at, _)| *at != 2) {
        order.sku = at.to_string();
    }
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = r#"
[features]
presets = ["rfm"]
[[features.constant]]
name       = "sku_sum"
from       = "orders"
expression = "sum(cast(product_id as int))"
[[features.derived]]
name       = "x"
expression = "monetary + sku_sum"
[[segmentation]]
name   = "value"
method = "rfm"
"#;
    let file = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    let run = workspace.committed(&file);
    let constant = &run.json("model.json")["population"]["constants"][0];
    assert_eq!(
        (constant["value"].as_str(), constant["customers_left_out"].as_u64()),
        (Some("4"), Some(1)),
        "0 + 1 + 3"
    );
    let row = run.table("quality.parquet").only(&[("check_name", "overflow_share"), ("column_name", "sku_sum")]);
    assert_eq!(row["value"].as_deref().map(|value| value.parse::<f64>().unwrap()), Some(1.0 / 3.0));

    // Of a score these are other customers.
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let args = ["score", file.to_str().unwrap(), "--scratch", &scratch, "--model", "latest"];
    let scored = CommittedRun::of(&Program::segmenter(&args).go().succeeded());
    let counts = scored.table("quality.parquet").counts("column_name");
    assert!(!counts.contains_key("sku_sum"), "{counts:?}");
}

#[test]
fn names_that_could_mean_two_things_are_refused() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &four());
    let whole = job("uri = \"@IN@/orders.parquet\"", SECTIONS);
    for (from, to, said) in [
        ("\"lines\"", "\"amount\"", "`amount` is also the name of a column of source `orders`"),
        ("\"lines\"", "\"monetary\"", "two features or constants are named `monetary`"),
        ("\"lines\"", "\"behaviour\"", "`behaviour` is also the name of a feature, a constant or a column"),
        ("\"lines\"", "\"r_score\"", "a constant cannot be named `r_score`"),
        ("\"lines\"", "\"Lines\"", "\"Lines\" cannot be the name of a constant"),
        (
            "[\"above_mean\", \"rank\"]",
            "[\"above_mean\", \"lines\"]",
            "`lines` is a constant, the same for every customer",
        ),
        ("from       = \"transactions\"", "from       = \"customers\"", "there is no source of kind customers"),
        ("from       = \"transactions\"", "from       = \"order\"", "no source is named `order`"),
    ] {
        let text = whole.replacen(from, to, 1);
        assert_ne!(text, whole, "{from}");
        workspace.run(&workspace.job(&text)).go().failed_with(2).says(&[said]);
    }
}

//! What segments bought before `as_of` describes them; what they buy after it judges them.

use crate::harness::*;

#[test]
fn metrics_of_the_segments_add_up() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(600, 8));
    let sections = format!("{DIGEST_FEATURES}{EVERY_METHOD}");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let features = run.table("features");
    let total = |column: &str| features.numbers(column).into_iter().filter(|value| value.is_finite()).sum::<f64>();
    let everybody = features.rows.len() as f64;
    let segments = run.table("segments.parquet");

    // Who is in several segments counts in each.
    for segmentation in run.segmentations().into_iter().filter(|name| name != "audiences") {
        let keys: Vec<_> = segments.rows.iter().filter(|row| row[0].as_deref() == Some(&segmentation)).collect();
        let summed = |metric: &str| -> f64 {
            let key = segments.position("segment_key");
            let values = keys.iter().map(|row| run.metric(&segmentation, row[key].as_ref().unwrap(), metric));
            values.flatten().sum()
        };
        assert_eq!(summed("customers"), everybody, "{segmentation}");
        assert_eq!(summed("orders"), total("frequency"), "{segmentation}");
        assert!((summed("revenue") - total("monetary")).abs() < 0.01, "{segmentation}");
    }
}

/// Customers by their number: what each bought before `as_of` and after it.
fn shop(bought: &[(&str, &[(&str, &str)])]) -> Vec<Order> {
    let orders = bought.iter().flat_map(|(id, orders)| {
        let own = orders.iter().enumerate();
        own.map(move |(number, (day, amount))| {
            Order::new(id, &format!("{id}-{number}"), &format!("{day} 12:00:00"), amount)
        })
    });
    orders.collect()
}

const RULES: &str = r#"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary >= 100"
"#;

fn run_of(orders: &[Order], effectiveness: &str) -> CommittedRun {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let sections = RULES.replace("presets = [\"rfm\"]", "presets = [{ name = \"rfm\" }]");
    workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{effectiveness}{sections}"))))
}

const OUTCOME: &str = "\n[effectiveness]\noutcome = \"30d\"\n";

fn hand_made() -> Vec<Order> {
    shop(&[
        // Big: comes back twice, comes back with a refund, is gone, was not active in the 30 days before.
        ("A1", &[("2025-12-20", "100.00"), ("2026-01-02", "30.00"), ("2026-01-30", "50.00")]),
        ("A2", &[("2025-12-05", "150.00"), ("2026-01-10", "20.00"), ("2026-01-11", "-5.00")]),
        ("A3", &[("2025-12-31", "200.00")]),
        ("A4", &[("2025-03-01", "300.00"), ("2026-01-01", "10.00")]),
        // Others: one comes back, one does not, one buys when the window is over.
        ("B1", &[("2025-12-10", "10.00"), ("2026-01-20", "7.00")]),
        ("B2", &[("2025-12-11", "20.00")]),
        ("B3", &[("2025-06-01", "30.00"), ("2026-01-31", "999.00")]),
        // Not a customer yet at as_of: nobody to judge.
        ("N1", &[("2026-01-15", "5000.00")]),
    ])
}

#[test]
fn the_window_after_as_of_judges_the_segments() {
    let run = run_of(&hand_made(), OUTCOME);
    let table = run.table("effectiveness.parquet");
    let cell = |key: &str, metric: &str, column: &str| -> Option<f64> {
        let wanted = [("segment_key", key), ("metric", metric), ("basis", "outcome")];
        table.only(&wanted)[column].as_ref().map(|value| value.parse().unwrap())
    };
    for (metric, big, other) in [
        ("customers", 4.0, 3.0),
        ("active", 3.0, 1.0),
        ("orders", 4.0, 1.0),
        ("revenue", 105.0, 7.0),
        ("revenue_per_customer", 105.0 / 4.0, 7.0 / 3.0),
        ("average_order_value", 110.0 / 4.0, 7.0),
        ("conversion", 0.75, 1.0 / 3.0),
        ("repeat_rate", 1.0 / 3.0, 0.0),
        ("retention", 2.0 / 3.0, 0.5),
        ("churn", 1.0 / 3.0, 0.5),
    ] {
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(close(cell("big", metric, "value"), big), "{metric}");
        assert!(close(cell("big", metric, "rest_value"), other), "{metric}");
        assert!(close(cell("other", metric, "value"), other), "{metric}");
    }
    // 3 of 4 and 1 of 3: fewer than five are expected, so Fisher's test: tables as likely as this one or less are all but the likeliest,
    // 18 of 35; and the interval of Clopper and Pearson.
    assert!((cell("big", "conversion", "p_value").unwrap() - 17.0 / 35.0).abs() < 1e-12);
    assert!((cell("big", "conversion", "ci_low").unwrap() - 0.194_120_449_683_243).abs() < 1e-9);
    assert_eq!(
        table.only(&[("segment_key", "big"), ("metric", "churn"), ("basis", "outcome")])["window_end"].as_deref(),
        Some("2026-01-31")
    );
    assert!(run.warnings().iter().all(|warning| !warning.contains("window")), "{:?}", run.warnings());
}

#[test]
fn features_and_segments_do_not_see_the_window() {
    let (with, without) = (run_of(&hand_made(), OUTCOME), run_of(&hand_made(), ""));
    for table in ["features", "segments.parquet", "profiles.parquet"] {
        assert_eq!(with.table(table).rows, without.table(table).rows, "{table}");
    }
    assert_eq!(with.keys("targets"), without.keys("targets"));
    assert_eq!(with.fates("orders"), without.fates("orders"));
    let described = |run: &CommittedRun| {
        let table = run.table("effectiveness.parquet");
        let basis = table.position("basis");
        table.rows.into_iter().filter(|row| row[basis].as_deref() == Some("in_sample")).collect::<Vec<_>>()
    };
    assert_eq!(described(&with), described(&without));
    assert_eq!(described(&without).len(), without.table("effectiveness.parquet").rows.len());
}

#[test]
fn a_window_that_is_not_over_says_nothing_and_when_it_will_be() {
    // The last row is of the 31st: of a window of 32 days the last day, the 1st of February, was not seen.
    let run = run_of(&hand_made(), "\n[effectiveness]\noutcome = \"32d\"\n");
    let table = run.table("effectiveness.parquet");
    let row = table.only(&[("segment_key", "big"), ("metric", "conversion"), ("basis", "outcome")]);
    assert_eq!((&row["value"], &row["p_value"], &row["rest_value"]), (&None, &None, &None));
    let why = "the window ends before 2026-02-02, and the newest row is of 2026-01-31";
    assert!(row["reason"].as_ref().unwrap().ends_with(why), "{row:?}");
    run.warned_of(&[why, "run the same as_of again"]);
    // With 31 days the row of the 31st is in it, and of its last day.
    let run = run_of(&hand_made(), "\n[effectiveness]\noutcome = \"31d\"\n");
    let row = run.table("effectiveness.parquet").only(&[
        ("segment_key", "other"),
        ("metric", "revenue"),
        ("basis", "outcome"),
    ]);
    assert_eq!(row["value"].as_deref(), Some("1006.0"));
}

#[test]
fn rows_that_made_the_segments_are_not_tested() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(600, 8));
    let sections = format!("{DIGEST_FEATURES}{EVERY_METHOD}");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let table = run.table("effectiveness.parquet");
    let at = |name: &str| table.position(name);
    let mut tested = 0;
    for row in &table.rows {
        let is_outcome = row[at("basis")].as_deref() == Some("outcome");
        tested += usize::from(is_outcome && row[at("p_value")].is_some());
        for column in ["ci_low", "ci_high", "ci_level", "p_value", "q_value", "tests"] {
            assert!(is_outcome || row[at(column)].is_none(), "{column}: {row:?}");
        }
    }
    assert!(tested > 10, "{tested}");
}

/// What customers do after `as_of` is chance here, whatever they did before: clusters of what they did before tell nothing of it. (They told
/// everything of what they did before: tested on that, nearly all differences were called.)
#[test]
fn clusters_of_noise_are_not_called_different() {
    // Two streams, so that how much one draws of the first says nothing of the second.
    let (mut rng, mut later) = (Rng(20260101), Rng(77));
    let mut orders = Vec::new();
    for customer in 0..3_000 {
        let id = format!("C{customer:05}");
        for number in 0..=rng.below(6) {
            let day = 1 + rng.below(28);
            let month = 1 + rng.below(12);
            let amount = format!("{}.00", 1 + rng.below(400));
            orders.push(Order::new(
                &id,
                &format!("{id}-{number}"),
                &format!("2025-{month:02}-{day:02} 12:00:00"),
                &amount,
            ));
        }
        for number in 0..later.below(3) {
            let amount = format!("{}.00", 1 + later.below(100));
            let day = 1 + later.below(30);
            orders.push(Order::new(
                &id,
                &format!("{id}-after-{number}"),
                &format!("2026-01-{day:02} 12:00:00"),
                &amount,
            ));
        }
    }
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = format!(
        "{OUTCOME}[features]\npresets = [{{ name = \"rfm\" }}]\n[[segmentation]]\nname = \"noise\"\nmethod = \"kmeans\"\n\
         features = [\"recency_days\", \"frequency\", \"monetary\"]\nk = 6\n"
    );
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let table = run.table("effectiveness.parquet");
    let at = |name: &str| table.position(name);
    // Who was active in the window before is a part of what clusters are made of, and retention compares those alone; it is chance too.
    let number = |row: &[Option<String>], name: &str| row[at(name)].as_ref().map(|value| value.parse::<f64>().unwrap());
    let p_values: Vec<f64> = table.rows.iter().filter_map(|row| number(row, "p_value")).collect();
    let q_values: Vec<f64> = table.rows.iter().filter_map(|row| number(row, "q_value")).collect();
    assert!(p_values.len() >= 30, "{p_values:?}");
    // One run in a hundred of noise has a smaller one; how many do over many runs, a unit test counts.
    assert!(q_values.iter().all(|q| *q > 0.01), "{q_values:?}");
}

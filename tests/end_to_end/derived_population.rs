//! Functions of the population: exact by brute force over all customers, and the same constants when others are scored.

use crate::harness::*;
use std::{collections::BTreeMap, path::PathBuf};

const SECTIONS: &str = r#"
[features]
presets = ["rfm", "declining"]
[[features.custom]]
name       = "main_product"
expression = "max(product_id)"
[[features.custom]]
name       = "nothing"
expression = "max(weight) filter (where weight < 0)"
[[features.derived]]
name       = "decile"
expression = "population_bin(monetary, 10)"
[[features.derived]]
name       = "many_bins"
expression = "population_bin(frequency, 1000)"
[[features.derived]]
name       = "rank"
expression = "population_percent_rank(recency_days)"
[[features.derived]]
name       = "z"
expression = "population_zscore(monetary)"
[[features.derived]]
name       = "best"
expression = "is_top(monetary, 0.07)"
[[features.derived]]
name       = "product"
expression = "top_values(main_product, 2)"
[[features.derived]]
name       = "bin_of_z"
expression = "population_bin(abs(z), 4) + 0 * population_bin(monetary, 10)"
[[features.derived]]
name       = "nobody_has"
expression = "population_bin(nothing, 5)"
[[features.derived]]
name       = "all_alike"
expression = "population_zscore(frequency * 0)"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["decile", "rank"]
k        = 3
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "best"
when = "best and decile = 10"
"#;

fn fitted(orders: &[Order]) -> (Workspace, PathBuf, CommittedRun) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", SECTIONS));
    let run = workspace.committed(&job);
    (workspace, job, run)
}

fn numbers(run: &CommittedRun, name: &str) -> Vec<Option<f64>> {
    run.feature(name).into_values().map(|text| text.map(|text| text.parse().unwrap())).collect()
}

/// Values that are there, rising.
fn sorted(values: &[Option<f64>]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// How many of `all` are below.
fn below(all: &[f64], value: f64) -> usize {
    all.iter().filter(|other| **other < value).count()
}

/// The bin by its definition: as many cuts as there are i of which ceil(i n / bins) values are smaller.
fn bin(all: &[f64], value: f64, bins: usize) -> f64 {
    let smaller = below(all, value);
    1.0 + (1..bins).filter(|i| smaller >= (i * all.len()).div_ceil(bins)).count() as f64
}

#[test]
fn answers_are_those_of_brute_force_over_all_customers() {
    let (_workspace, _, run) = fitted(&orders_of(700, 8));
    let monetary = numbers(&run, "monetary");
    let all = sorted(&monetary);
    let expected: Vec<_> = monetary.iter().map(|value| value.map(|value| bin(&all, value, 10))).collect();
    assert_eq!(numbers(&run, "decile"), expected);
    let tops = expected.iter().filter(|bin| **bin == Some(10.0)).count();
    assert!(tops.abs_diff(all.len() / 10) <= 1, "{tops} of {}", all.len());

    let frequency = numbers(&run, "frequency");
    let all_frequency = sorted(&frequency);
    let expected: Vec<_> = frequency.iter().map(|value| value.map(|value| bin(&all_frequency, value, 1000))).collect();
    assert_eq!(numbers(&run, "many_bins"), expected, "ties and more bins than customers");

    let recency = numbers(&run, "recency_days");
    let all_recency = sorted(&recency);
    let rank = |value: f64| (1000 * below(&all_recency, value) / (all_recency.len() - 1)) as f64 / 1000.0;
    assert_eq!(numbers(&run, "rank"), recency.iter().map(|value| value.map(rank)).collect::<Vec<_>>());
    assert!(recency.iter().any(Option::is_none), "nulls are among them");

    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let deviation = (all.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
    for (z, value) in numbers(&run, "z").into_iter().zip(&monetary) {
        assert!((z.unwrap() - (value.unwrap() - mean) / deviation).abs() < 1e-9);
    }
    let best: Vec<_> = run.feature("best").into_values().collect();
    for (best, value) in best.iter().zip(&monetary) {
        let smaller = below(&all, value.unwrap());
        assert_eq!(best.as_deref(), Some(if smaller * 100 >= 93 * all.len() { "true" } else { "false" }));
    }

    let products = run.feature("main_product");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    products.values().flatten().for_each(|product| *counts.entry(product).or_default() += 1);
    let mut frequent: Vec<(&str, usize)> = counts.into_iter().collect();
    frequent.sort_by(|left, right| (right.1, left.0).cmp(&(left.1, right.0)));
    let kept: Vec<&str> = frequent.iter().take(2).map(|(product, _)| *product).collect();
    for (id, product) in run.feature("product") {
        let own = products[&id].as_deref();
        assert_eq!(product.as_deref(), own.map(|own| if kept.contains(&own) { own } else { "other" }));
    }

    let distances: Vec<_> = numbers(&run, "z").into_iter().map(|z| z.map(f64::abs)).collect();
    let all_distances = sorted(&distances);
    let expected: Vec<_> = distances.iter().map(|z| z.map(|z| bin(&all_distances, z, 4))).collect();
    assert_eq!(numbers(&run, "bin_of_z"), expected, "a second layer");
    assert!(run.feature("nobody_has").values().all(Option::is_none));
    assert!(run.feature("all_alike").values().all(Option::is_none));
    let calls = run.json("model.json")["population"]["calls"].as_array().unwrap().clone();
    let decile = calls.iter().find(|call| call["feature"] == "decile").unwrap();
    assert_eq!(
        (decile["call"].as_str(), decile["cuts"].as_array().unwrap().len()),
        (Some("population_bin(monetary, 10)"), 9)
    );
}

#[test]
fn who_spent_much_and_stopped_is_declining() {
    let (_workspace, _, run) = fitted(&orders_of(700, 8));
    let past = numbers(&run, "past_spend");
    let spent: Vec<_> = past.iter().map(|value| value.filter(|value| *value > 0.0)).collect();
    let all = sorted(&spent);
    let deciles: Vec<_> = spent.iter().map(|value| value.map(|value| bin(&all, value, 10))).collect();
    assert_eq!(numbers(&run, "past_spend_decile"), deciles);
    let ratios = numbers(&run, "past_spend_ratio");
    let flags: Vec<_> = run.feature("is_declining").into_values().collect();
    let is_declining = |(decile, ratio): (&Option<f64>, &Option<f64>)| {
        decile.is_some_and(|decile| decile >= 8.0) && ratio.is_some_and(|ratio| ratio < 0.5)
    };
    let expected: Vec<_> = deciles.iter().zip(&ratios).map(is_declining).map(|flag| Some(flag.to_string())).collect();
    assert_eq!(flags, expected);
    assert!(flags.iter().filter(|flag| flag.as_deref() == Some("true")).count() > 3);
    let shown = Program::segmenter(&["features", "show", "declining"]).go().succeeded().stdout;
    assert!(
        shown.contains("population_bin(nullif(past_spend, 0), 10)") && shown.contains("[[features.derived]]"),
        "{shown}"
    );
}

#[test]
fn one_customer_is_a_population() {
    let orders = [Order::new("A", "1", "2025-10-01 08:00:00", "8.00")];
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = SECTIONS.split("[[segmentation]]").next().unwrap();
    let rules = "[[segmentation]]\nname = \"t\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"r\"\nwhen = \"decile = 1\"\n";
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{sections}{rules}")));
    let run = workspace.committed(&job);
    let row = run.table("features").only(&[("customer_id", "A")]);
    let value = |name: &str| row[name].as_deref();
    assert_eq!((value("decile"), value("many_bins"), value("best")), (Some("1"), Some("1"), Some("false")));
    assert_eq!(
        (value("rank").map(|rank| rank.parse()), value("z"), value("product")),
        (Some(Ok(0.0)), None, Some("s1"))
    );
    assert_eq!(run.keys("t")["A"], "r");
}

#[test]
fn a_score_uses_what_was_known_and_nothing_else() {
    let (workspace, job, run) = fitted(&orders_of(700, 8));
    let id = run.folder.rsplit('/').next().unwrap().to_owned();
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    let score = || Program::segmenter(&["score", job.to_str().unwrap(), "--scratch", &scratch, "--model", &id]);
    let scored = CommittedRun::of(&score().go().succeeded());
    assert_eq!(scored.table("features").described(), run.table("features").described());
    assert_eq!(scored.keys("behaviour"), run.keys("behaviour"));
    assert_eq!(scored.files["model.json"], run.files["model.json"]);

    // Customers of whom nobody was there: the cuts are still the old ones.
    let spent = sorted(&numbers(&run, "monetary"));
    let orders = [
        Order::new("poor", "1", "2025-10-01 08:00:00", "0.01"),
        Order::new("rich", "2", "2025-10-01 08:00:00", "1000000.00"),
    ];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let scored = CommittedRun::of(&score().args(&["--new-run"]).go().succeeded());
    let deciles = scored.feature("decile");
    assert_eq!(deciles["rich"].as_deref(), Some("10"));
    assert_eq!(deciles["poor"].as_deref().map(|decile| decile.parse()), Some(Ok(bin(&spent, 0.01, 10))));
    assert_eq!(scored.keys("targets")["rich"], "best");

    let text = std::fs::read_to_string(&job).unwrap();
    std::fs::write(&job, text.replace("population_bin(monetary, 10)\"", "population_bin(monetary, 9)\"")).unwrap();
    score().go().failed_with(2).says(&["does not know population_bin(monetary, 9) in feature decile"]);
}

#[test]
fn shards_change_no_constant() {
    let (workspace, job, run) = fitted(&orders_of(700, 8));
    workspace.forget_results();
    let many = CommittedRun::of(&workspace.run(&job).args(&["--shards", "13", "--threads", "3"]).go().succeeded());
    assert_eq!(many.files["model.json"], run.files["model.json"]);
    assert_eq!(many.logical_digest(), run.logical_digest());
}

//! Lifetime value: the preset `clv`, from orders to what customers will be worth.

use crate::harness::*;
use serde_json::Value;
use std::path::Path;

const SECTIONS: &str = r#"
[features]
presets = ["rfm", { name = "clv", horizon = "180d", margin = 0.4 }]
[[features.derived]]
name       = "clv_decile"
expression = "population_bin(clv, 10)"
[[segmentation]]
name   = "worth"
method = "tiers"
by     = "clv"
shares = [0.1, 0.3]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "lost"
when = "probability_alive < 0.5"
"#;

fn workspace(orders: &[Order]) -> Workspace {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    workspace
}

fn text(sections: &str) -> String {
    job("uri = \"@IN@/orders.parquet\"", sections)
}

/// What `model.json` knows of the first preset that forecasts.
fn known(run: &CommittedRun) -> Value {
    run.json("model.json")["population"]["lifetimes"][0].clone()
}

fn constants(model: &Value) -> Vec<f64> {
    model["constants"].as_array().unwrap().iter().map(|constant| constant["value"].as_f64().unwrap()).collect()
}

#[test]
fn cdnow_has_the_published_constants_and_forecasts() {
    let Some(data) = shared_data("cdnow/CDNOW_sample.txt") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/cdnow_lifetime.toml");
    let data = data.parent().and_then(Path::parent).unwrap();
    let ran = workspace.run(&job).env("DATA", data.to_str().unwrap()).env("OUT", &workspace.uri("out")).go();
    let run = CommittedRun::of(&ran.succeeded());
    let known = known(&run);
    for (found, published) in constants(&known["orders"]).into_iter().zip([0.243, 4.414, 0.793, 2.426]) {
        assert!((found - published).abs() < 0.001, "{found} is not {published}");
    }
    // One digit was published; SciPy says -9582.429 207.
    let likelihood = known["orders"]["log_likelihood"].as_f64().unwrap();
    assert!((likelihood + 9_582.429_207).abs() < 1e-5, "{likelihood}");
    for (found, published) in constants(&known["order_value"]).into_iter().zip([6.25, 3.74, 15.44]) {
        assert!((found - published).abs() < 0.01, "{found} is not {published}");
    }
    assert_eq!((known["customers"].as_u64(), known["order_value"]["customers"].as_u64()), (Some(2_357), Some(946)));
    let features = run.table("features");
    assert_eq!(features.numbers("repeat_orders").iter().sum::<f64>(), 2_457.0);
    // lifetimes 0.11.3 with the same constants, 39 weeks ahead.
    let expected: f64 = features.numbers("expected_orders").iter().sum();
    assert!((expected - 1_653.408_686).abs() < 0.001, "{expected}");
    // The customer of Fader, Hardie and Lee (2005): x = 2, t = 30.43, T = 38.86.
    let of_first = |name: &str| run.feature(name)["0001"].as_ref().unwrap().parse::<f64>().unwrap();
    assert_eq!(["repeat_orders", "repeat_span_days", "purchase_age_days"].map(of_first), [2.0, 213.0, 272.0]);
    assert!(
        (of_first("expected_orders") - 1.226).abs() < 0.001 && (of_first("repeat_order_value") - 22.345).abs() < 0.001
    );
    assert!((of_first("clv") / (0.3 * of_first("expected_value")) - 0.965).abs() < 0.01, "discounted");
    assert_calibrated(&run);
    // What came to pass: who is worth most bought most.
    let keys = run.table("effectiveness.parquet");
    let revenue = |tier: &str| {
        let wanted = [
            ("segmentation", "worth"),
            ("segment_key", tier),
            ("metric", "revenue_per_customer"),
            ("basis", "outcome"),
        ];
        keys.only(&wanted)["value"].as_ref().unwrap().parse::<f64>().unwrap()
    };
    assert!(revenue("t01") > 3.0 * revenue("t02") && revenue("t02") > 3.0 * revenue("t03"));
}

/// Fitted up to 1997-07-01, CDNOW is judged by the 13 weeks behind it: figures of SciPy with the formulas of tests/peers/clv.py.
fn assert_calibrated(run: &CommittedRun) {
    let table = run.table("calibration.parquet");
    assert_eq!(table.rows.len(), 22);
    let of = |feature: &str, decile: Option<i32>, name: &str| {
        let rows = table.column("feature").into_iter().zip(table.column("decile")).zip(table.numbers(name));
        let decile = decile.map(|decile| decile.to_string());
        let wanted = (Some(feature), decile.as_deref());
        rows.filter(|(row, _)| *row == wanted).map(|(_, value)| value).next().unwrap()
    };
    let all = |name: &str| of("expected_orders", None, name);
    let sum = |name: &str| {
        (1..=10).map(|decile| of("expected_orders", Some(decile), name)).filter(|value| !value.is_nan()).sum::<f64>()
    };
    assert_eq!((all("n"), sum("n"), all("left_out")), (2_357.0, 2_357.0, 0.0));
    assert!((sum("error_share") - 1.0).abs() < 1e-12 && all("error_share") == 1.0);
    let [predicted, actual, mae] = ["predicted", "actual", "mae"].map(all);
    for (found, expected) in [(predicted, 0.305_730), (actual, 711.0 / 2_357.0), (mae, 0.392_792)] {
        assert!((found - expected).abs() < 2e-6, "{found} is not {expected}");
    }
    // The last tenth has by far the most to come, and had.
    let last = |name: &str| of("expected_orders", Some(10), name);
    assert!(last("predicted") > 3.0 * predicted && last("actual") > 3.0 * actual);
    let row = table.only(&[("feature", "expected_value"), ("decile", "10")]);
    let cell = |name: &str| row[name].clone().unwrap_or_default();
    assert_eq!(
        ["window_start", "window_end", "unit", "currency"].map(cell),
        ["1997-07-02", "1997-10-01", "currency_per_customer", "USD"]
    );
}

#[test]
fn a_history_is_what_was_bought_by_day() {
    let mut orders = leaving_customers(300, 5);
    for (number, (customer, time, amount)) in [
        // Two orders of one day are one; the refund is none and lowers nothing; the first day's value plays no part.
        ("A", "2025-01-10 09:00:00", "100.00"),
        ("A", "2025-01-10 23:30:00", "50.00"),
        ("A", "2025-03-01 00:00:00", "30.00"),
        ("A", "2025-03-01 12:00:00", "5.00"),
        ("A", "2025-06-01 10:00:00", "-30.00"),
        ("A", "2025-08-20 10:00:00", "12.50"),
        ("B", "2025-12-31 10:00:00", "8.00"),
        ("C", "2025-12-01 10:00:00", "-8.00"),
    ]
    .into_iter()
    .enumerate()
    {
        orders.push(Order::new(customer, &format!("X{number}"), time, amount));
    }
    let run = workspace(&orders);
    let run = run.committed(&run.job(&text(SECTIONS)));
    let names = ["repeat_orders", "repeat_span_days", "purchase_age_days", "repeat_order_value"];
    let of = |customer: &str| names.map(|name| run.feature(name)[customer].clone());
    // 2025-01-10 to 2025-08-20 and to 2025-12-31; (35 + 12.5) / 2.
    assert_eq!(of("A").map(|value| value.unwrap()), ["2", "222", "355", "23.7500"]);
    assert_eq!(of("B").map(|value| value.unwrap_or_default()), ["0", "0", "0", ""]);
    // A refund alone is no history, and so nothing is known.
    assert_eq!(of("C"), [None, None, None, None]);
    for name in ["probability_alive", "expected_orders", "expected_order_value", "expected_value", "clv", "clv_decile"]
    {
        assert_eq!(run.feature(name)["C"], None, "{name}");
        assert!(run.feature(name)["A"].is_some() && run.feature(name)["B"].is_some(), "{name}");
    }
    // The same by the constants of model.json, written again.
    let number = |name: &str, customer: &str| run.feature(name)[customer].as_ref().unwrap().parse::<f64>().unwrap();
    let [r, alpha, a, b] = constants(&known(&run)["orders"])[..] else { panic!("four constants") };
    let [p, q, v] = constants(&known(&run)["order_value"])[..] else { panic!("three constants") };
    let (last, age) = (222.0 / 7.0, 355.0 / 7.0);
    let alive = 1.0 / (1.0 + a / (b + 2.0) * ((alpha + age) / (alpha + last)).powf(r + 2.0));
    assert!((number("probability_alive", "A") - alive).abs() < 1e-12);
    assert!((number("expected_order_value", "A") - p * (v + 47.5) / (2.0 * p + q - 1.0)).abs() < 1e-9);
    // The mean over chances to leave of (1 - (1 + c · h / (α + T))^-(r + x)) / c, by the middle of many small parts.
    let ratio = 180.0 / 7.0 / (alpha + age);
    let (mut weights, mut sum) = (0.0, 0.0);
    for part in 0..2_000_000 {
        // Finer at 0, where the density may be infinite.
        let at = (f64::from(part) + 0.5) / 2e6;
        let chance = at.powi(8);
        let weight = chance.powf(a - 1.0) * (1.0 - chance).powf(b + 2.0) * 8.0 * at.powi(7);
        weights += weight;
        sum += weight * (1.0 - (1.0 + chance * ratio).powf(-(r + 2.0))) / chance;
    }
    let expected = alive * sum / weights;
    assert!((number("expected_orders", "A") / expected - 1.0).abs() < 1e-5, "{expected}");
    let value = number("expected_orders", "A") * number("expected_order_value", "A");
    assert!((number("expected_value", "A") / value - 1.0).abs() < 1e-12);
    let (most, least) = (0.4 * value, 0.4 * value / 1.1_f64.powf(180.0 / 365.0));
    assert!((least..most).contains(&number("clv", "A")));
}

#[test]
fn shards_threads_and_memory_change_no_figure() {
    let workspace = workspace(&leaving_customers(900, 3));
    let job = workspace.job(&text(SECTIONS));
    let expected = workspace.committed(&job);
    assert_eq!(known(&expected)["orders"].get("reason"), None, "{}", known(&expected));
    for args in [["--shards", "7"], ["--shards", "1"], ["--threads", "1"], ["--memory", "128M"]] {
        workspace.forget_results();
        let run = CommittedRun::of(&workspace.run(&job).args(&args).go().succeeded());
        assert_eq!(run.logical_digest(), expected.logical_digest(), "{args:?}");
    }
}

#[test]
fn any_number_of_workers_fits_the_same_bits() {
    let trial = Trial::of(&leaving_customers(900, 3), SECTIONS);
    for count in [1, 3] {
        trial.workspace.forget_results();
        let coordinator = Coordinator::start(trial.coordinator(count));
        let workers: Vec<Running> = (0..count).map(|_| trial.worker(&coordinator).start()).collect();
        let workers: Vec<Running> = workers.into_iter().map(Running::until_open).collect();
        let run = trial.assert_same(&coordinator.wait().succeeded());
        assert_eq!(run.figure("population", "workers"), count as u64);
        workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    }
}

#[test]
fn what_comes_later_changes_no_forecast() {
    let orders = leaving_customers(600, 4);
    let earlier = workspace(&orders);
    let earlier = earlier.committed(&earlier.job(&text(SECTIONS)));
    let mut more = orders.clone();
    for number in 0..400 {
        let time = format!("2026-0{}-11 10:00:00", 1 + number % 6);
        more.push(Order::new(&format!("C{:05}", number * 2), &format!("L{number}"), &time, "999.00"));
    }
    let later = workspace(&more);
    let later = later.committed(&later.job(&text(SECTIONS)));
    assert_eq!(later.fates("orders").not_before_as_of, 400);
    assert_eq!(earlier.files["model.json"], later.files["model.json"]);
    assert_eq!(earlier.table("features"), later.table("features"));
}

#[test]
fn a_score_forecasts_by_the_constants_of_its_model() {
    let workspace = workspace(&leaving_customers(600, 4));
    let job = workspace.job(&text(SECTIONS));
    let run = workspace.committed(&job);
    let score = |args: &[&str]| Program::segmenter(&["score", job.to_str().unwrap(), "--model", "latest"]).args(args);
    let same = CommittedRun::of(&score(&[]).go().succeeded());
    assert_eq!(same.table("features"), run.table("features"));
    assert_eq!(same.files["model.json"], run.files["model.json"]);
    // Half a year later nobody has bought, and everybody is less likely there, by the same constants.
    let later = CommittedRun::of(&score(&["--as-of", "2026-07-01"]).go().succeeded());
    assert_eq!(later.files["model.json"], run.files["model.json"]);
    let alive = [&run, &later].map(|run| run.table("features").numbers("probability_alive"));
    assert!(alive[0].iter().zip(&alive[1]).all(|(now, later)| later < now));
    assert!(run.files.contains_key("calibration.parquet") && !later.files.contains_key("calibration.parquet"));
    // Another model of orders is another job.
    let other = workspace.job_named("other.toml", &text(&SECTIONS.replace("margin", "model = \"bg_nbd\", margin")));
    let refused = Program::segmenter(&["score", other.to_str().unwrap(), "--model", "latest"]).go().failed_with(2);
    refused.says(&["the job has clv by bg_nbd in units of 7 days, the model clv by mbg_nbd in units of 7 days"]);
}

#[test]
fn a_sample_is_drawn_by_hash() {
    let workspace = workspace(&leaving_customers(2_000, 9));
    let sections = SECTIONS.replace("margin", "sample = 1000, margin");
    let run = workspace.committed(&workspace.job(&text(&sections)));
    let orders = &known(&run)["orders"];
    let drawn = orders["customers"].as_u64().unwrap();
    assert!((900..1_100).contains(&drawn), "{drawn}");
    assert_eq!(known(&run)["customers"], 2_000);
    let all = workspace.committed(&workspace.job(&text(&SECTIONS.replace("margin", "sample = \"all\", margin"))));
    assert_eq!(known(&all)["orders"]["customers"], 2_000);
    // The constants differ by chance alone.
    for (some, all) in orders["constants"].as_array().unwrap().iter().zip(constants(&known(&all)["orders"])) {
        let (value, error) = (some["value"].as_f64().unwrap(), some["standard_error"].as_f64().unwrap());
        assert!((value - all).abs() < 3.0 * error && value != all, "{some} beside {all}");
    }
}

#[test]
fn too_few_are_told_and_null() {
    let workspace = workspace(&leaving_customers(60, 9));
    let (presets, _) = SECTIONS.split_once("[[segmentation]]").unwrap();
    let sections = format!("{presets}[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n");
    let run = workspace.committed(&workspace.job(&text(&sections)));
    let calibration = run.table("calibration.parquet");
    assert_eq!(calibration.rows.len(), 2);
    assert!(calibration.column("reason")[0].unwrap().starts_with("before the window, "), "{calibration:?}");
    run.warned_of(&["preset clv: what it forecasts is null: 60 customers have ordered, and 100 are needed"]);
    let features = run.table("features");
    assert!(features.column("clv").iter().chain(&features.column("expected_orders")).all(Option::is_none));
    assert!(features.column("repeat_orders").iter().all(Option::is_some));
    assert_eq!(known(&run)["orders"]["constants"], Value::Array(Vec::new()));
}

#[test]
fn mistakes_are_told_at_their_places() {
    let workspace = workspace(&leaving_customers(3, 9));
    let mistakes = |preset: &str| {
        let sections =
            format!("[features]\npresets = [{preset}]\n[[segmentation]]\nname = \"worth\"\nmethod = \"rfm\"\n");
        workspace.failing(&workspace.job(&text(&sections)), 2)
    };
    mistakes("{ name = \"rfm\", horizon = \"90d\" }")
        .says(&["the preset `rfm` forecasts nothing, and `horizon` is of a forecast", "`horizon` at the preset `clv`"]);
    mistakes("\"rfm\", { name = \"clv\", window = \"90d\" }")
        .says(&["the preset `clv` goes by all that customers have done, which no window may cut", "no `window` here"]);
    mistakes("\"rfm\", { name = \"clv\", horizon = \"soon\" }")
        .says(&["`horizon` is \"soon\"", "days such as \"365d\""]);
    mistakes("\"rfm\", { name = \"clv\", holdout = \"0d\" }").says(&["`holdout` is \"0d\"", "days such as \"180d\""]);
    mistakes("\"rfm\", { name = \"clv\", margin = 1.5 }").says(&["margin", "from 0 to 1"]);
    mistakes("\"rfm\", { name = \"clv\", model = \"pareto_nbd\" }").says(&["bg_nbd", "mbg_nbd"]);
    mistakes("\"rfm\", { name = \"clv\", sample = 10 }").says(&["sample", "1000"]);
}

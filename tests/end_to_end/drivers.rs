//! What goes with the segments: drivers and claims by loops over the features of the run, and rules that give the segments back.

use crate::harness::*;
use std::collections::BTreeMap;

const FEATURES: &str = r#"
[effectiveness]
outcome = "30d"
[features]
presets = ["rfm", "sales_channels"]
[[features.custom]]
name       = "dearest"
expression = "max(amount)"
[[features.derived]]
name       = "twice_dearest"
expression = "dearest * 2"
"#;

const SEGMENTATIONS: &str = r#"
[[segmentation]]
name   = "told"
method = "rules"
[[segmentation.rule]]
name = "dear"
when = "dearest > 50"
[[segmentation.rule]]
name = "many"
when = "frequency > 2"
[[segmentation]]
name     = "clusters"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = 4
[[segmentation]]
name   = "value"
method = "rfm"
[[segmentation]]
name   = "audiences"
method = "rules"
match  = "all"
[[segmentation.rule]]
name = "dear"
when = "dearest > 50"
[[segmentation.rule]]
name = "many"
when = "frequency > 1"
"#;

/// A third buys dear things, in stores; who does, spends much in January.
fn orders() -> Vec<Order> {
    let mut rng = Rng(8);
    let mut orders = Vec::new();
    for customer in 0..600 {
        let id = format!("C{customer:05}");
        let is_dear = customer % 3 == 0;
        for number in 0..1 + rng.below(5) {
            let day = format!("2025-{:02}-1{} 12:00:00", 1 + rng.below(12), rng.below(9));
            let amount = if is_dear { 60 + rng.below(40) } else { 5 + rng.below(40) };
            let mut order = Order::new(&id, &format!("A{customer}-{number}"), &day, &format!("{amount}.00"));
            order.channel = if is_dear && rng.below(10) > 0 { "store" } else { "web" };
            orders.push(order);
        }
        if rng.below(3) > 0 {
            let amount = if is_dear { 80 } else { 8 } + rng.below(5);
            let day = format!("2026-01-{:02} 12:00:00", 1 + rng.below(30));
            orders.push(Order::new(&id, &format!("B{customer}"), &day, &format!("{amount}.00")));
        }
    }
    orders.push(Order::new("C00000", "last", "2026-01-30 23:00:00", "20.00"));
    orders
}

fn prepared(sections: &str) -> (Workspace, std::path::PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    (workspace, job)
}

fn sections() -> String {
    format!("{FEATURES}{SEGMENTATIONS}")
}

fn number(row: &BTreeMap<String, Option<String>>, column: &str) -> f64 {
    row[column].as_ref().unwrap_or_else(|| panic!("{column} of {row:?}")).parse().unwrap()
}

/// Σ(x − mean)².
fn spread(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

#[test]
fn drivers_are_those_of_a_loop_and_say_what_was_given() {
    let (workspace, job) = prepared(&sections());
    let run = workspace.committed(&job);
    let table = run.table("drivers.parquet");
    let driver = |segmentation: &str, driver: &str| table.only(&[("segmentation", segmentation), ("driver", driver)]);
    let keys = run.keys("told");
    let values = |feature: &str| -> BTreeMap<String, f64> {
        run.feature(feature).into_iter().filter_map(|(id, value)| Some((id, value?.parse().ok()?))).collect()
    };
    for feature in ["frequency", "monetary", "recency_days"] {
        let values = values(feature);
        let all: Vec<f64> = values.values().copied().collect();
        let within = ["dear", "many", "other"].map(|key| {
            let own: Vec<f64> = values.iter().filter(|(id, _)| keys[*id] == key).map(|(_, value)| *value).collect();
            spread(&own)
        });
        let row = driver("told", feature);
        assert!((number(&row, "value") - (1.0 - within.iter().sum::<f64>() / spread(&all))).abs() < 1e-12, "{row:?}");
        assert_eq!((row["basis"].as_deref(), &row["p_value"]), (Some("in_sample"), &None));
    }
    // The rules look at `dearest`, of which the other is made.
    let given = |segmentation: &str, feature: &str| driver(segmentation, feature)["is_input"].clone().unwrap();
    assert_eq!(
        [given("told", "dearest"), given("told", "twice_dearest"), given("told", "monetary")],
        ["true", "true", "false"]
    );
    assert_eq!([given("clusters", "dearest"), given("clusters", "r_score")], ["false", "true"]);
    // V of the channel and the segment, by hand.
    let channels = run.feature("channel_main");
    let mut cells: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for (id, channel) in &channels {
        *cells.entry((channel.as_deref().unwrap(), keys[id].as_str())).or_default() += 1.0;
    }
    let sum = |wanted: &dyn Fn(&(&str, &str)) -> bool| -> f64 {
        cells.iter().filter(|(cell, _)| wanted(cell)).map(|(_, count)| count).sum()
    };
    let squares = cells
        .iter()
        .map(|((channel, key), count)| count * count / sum(&|cell| cell.0 == *channel) / sum(&|cell| cell.1 == *key));
    let phi_squared = squares.sum::<f64>() - 1.0;
    let row = driver("told", "channel_main");
    assert_eq!(row["measure"].as_deref(), Some("cramers_v"));
    assert!((number(&row, "value") - phi_squared.sqrt()).abs() < 1e-12, "{row:?}");
    // Ranks have no gaps, and rise as the adjusted values fall.
    let own: Vec<_> = table.rows.iter().filter(|row| row[0].as_deref() == Some("told")).collect();
    let ranks: Vec<usize> = own.iter().filter_map(|row| row[table.position("rank")].as_ref()?.parse().ok()).collect();
    assert_eq!(ranks, (1..=ranks.len()).collect::<Vec<_>>());
    let overlapping = driver("audiences", "dearest");
    assert!(overlapping["value"].is_none() && overlapping["reason"].as_ref().unwrap().contains("segments overlap"));
}

#[test]
fn what_goes_with_the_outcome_is_ranked_too() {
    let (workspace, job) = prepared(&sections());
    let table = workspace.committed(&job).table("drivers.parquet");
    let driver = |driver: &str| table.only(&[("target", "revenue_per_customer"), ("driver", driver)]);
    let (dear, told) = (driver("dearest"), driver("told"));
    assert!(number(&dear, "value") > 0.3 && number(&dear, "q_value") < 1e-6, "{dear:?}");
    assert_eq!((told["driver_kind"].as_deref(), told["n"].as_deref()), (Some("segmentation"), Some("600")));
    assert!(number(&told, "value") > 0.3 && told["is_input"].is_none() && told["segmentation"].is_none());
    let conversion = table.only(&[("target", "conversion"), ("driver", "dearest")]);
    assert!(number(&conversion, "p_value") > 1e-4, "who buys at all is chance: {conversion:?}");
    let (_workspace, job) = prepared(&sections().replace("30d", "60d"));
    let table = _workspace.committed(&job).table("drivers.parquet");
    let open = table.only(&[("target", "conversion"), ("driver", "dearest")]);
    assert!(open["value"].is_none() && open["reason"].as_ref().unwrap().contains("the window ends before 2026-03-02"));
}

#[test]
fn rules_can_be_pasted_and_give_what_they_say() {
    let (workspace, job) = prepared(&sections());
    let run = workspace.committed(&job);
    let table = run.table("rules.parquet");
    let mut pasted = FEATURES.to_owned();
    for segmentation in ["told", "clusters", "value"] {
        pasted.push_str(&format!("[[segmentation]]\nname = \"pasted_{segmentation}\"\nmethod = \"rules\"\n"));
        for row in table.rows.iter().filter(|row| row[0].as_deref() == Some(segmentation)) {
            let cell = |column: &str| row[table.position(column)].clone();
            if let (Some(id), Some(rule)) = (cell("rule_id"), cell("rule")) {
                pasted.push_str(&format!("[[segmentation.rule]]\nname = \"r{id}\"\nwhen = \"\"\"{rule}\"\"\"\n"));
            }
        }
    }
    let (again, job) = prepared(&pasted);
    let other = again.committed(&job);
    for segmentation in ["told", "clusters", "value"] {
        let (keys, rules) = (run.keys(segmentation), other.keys(&format!("pasted_{segmentation}")));
        let mut same = 0;
        for row in table.rows.iter().filter(|row| row[0].as_deref() == Some(segmentation)) {
            let cell = |column: &str| row[table.position(column)].clone();
            let (Some(id), Some(n), Some(matched)) = (cell("rule_id"), cell("n"), cell("matched")) else { continue };
            let own: Vec<&String> =
                rules.iter().filter(|(_, key)| **key == format!("r{id}")).map(|(id, _)| id).collect();
            let right = own.iter().filter(|id| Some(&keys[**id]) == cell("segment_key").as_ref()).count();
            assert_eq!((n, matched), (own.len().to_string(), right.to_string()), "{segmentation} r{id}");
            same += right;
        }
        assert!(rules.values().all(|key| key != "other"), "everybody meets a rule of {segmentation}");
        let fidelity = table.rows.iter().find(|row| row[0].as_deref() == Some(segmentation)).unwrap();
        let fidelity: f64 = fidelity[table.position("fidelity")].as_ref().unwrap().parse().unwrap();
        assert!((fidelity - same as f64 / 600.0).abs() < 1e-12);
        assert!(fidelity > if segmentation == "told" { 0.999 } else { 0.6 }, "{segmentation}: {fidelity}");
    }
    let told = table.only(&[("segmentation", "audiences")]);
    assert!(told["rule"].is_none() && told["reason"].as_ref().unwrap().contains("segments overlap"));
}

#[test]
fn claims_of_personas_are_those_of_a_loop() {
    let own = "[[persona]]\nsegmentation = \"told\"\nsegments = [\"dear\"]\ntitle = \"The connoisseurs\"\nnotes = \"Invite them.\"\n";
    let (workspace, job) = prepared(&format!("{}{own}", sections()));
    let run = workspace.committed(&job);
    let table = run.table("personas.parquet");
    let keys = run.keys("told");
    let size = table.only(&[("claim", "size")]);
    assert_eq!((size["persona"].as_deref(), size["n"].as_deref()), (Some("The connoisseurs"), Some("200")));
    assert_eq!(table.only(&[("claim", "note")])["sentence"].as_deref(), Some("Invite them."));
    let channel = table.only(&[("claim", "channel")]);
    let channels = run.feature("channel_main");
    let stores = |dear_only: bool| {
        let all = channels.iter().filter(|(id, _)| !dear_only || keys[*id] == "dear");
        all.filter(|(_, channel)| channel.as_deref() == Some("store")).count() as f64
    };
    assert_eq!((channel["level"].as_deref(), number(&channel, "n")), (Some("store"), stores(true)));
    assert!((number(&channel, "share") - stores(true) / 200.0).abs() < 1e-12);
    assert!((number(&channel, "lift") - stores(true) / 200.0 / (stores(false) / 600.0)).abs() < 1e-12);
    let claimed = table.rows.iter().filter(|row| row[table.position("claim")].as_deref() == Some("number"));
    let claimed: Vec<_> = claimed.collect();
    assert!(!claimed.is_empty() && claimed.len() <= 5);
    for row in claimed {
        let cell = |column: &str| row[table.position(column)].clone().unwrap();
        let (cut, values): (f64, _) = (cell("value").parse().unwrap(), run.feature(&cell("feature")));
        let holds = |value: &f64| if cell("comparison") == "<=" { *value <= cut } else { *value > cut };
        let known = |dear_only: bool| -> Vec<f64> {
            let own = values.iter().filter(|(id, _)| !dear_only || keys[*id] == "dear");
            own.filter_map(|(_, value)| value.as_ref()?.parse().ok()).collect()
        };
        let share = |values: &[f64]| values.iter().filter(|value| holds(value)).count() as f64 / values.len() as f64;
        assert_eq!(cell("n"), known(true).iter().filter(|value| holds(value)).count().to_string());
        assert!((cell("share").parse::<f64>().unwrap() - share(&known(true))).abs() < 1e-12);
        assert!((cell("baseline").parse::<f64>().unwrap() - share(&known(false))).abs() < 1e-12);
    }
    let typical = table.only(&[("claim", "typical"), ("feature", "frequency")]);
    let mut orders: Vec<f64> = run
        .feature("frequency")
        .into_iter()
        .filter(|(id, _)| keys[id] == "dear")
        .filter_map(|(_, value)| value?.parse().ok())
        .collect();
    orders.sort_by(f64::total_cmp);
    assert_eq!(number(&typical, "value"), orders[orders.len().div_ceil(2) - 1]);
    let n = table.numbers("n");
    assert!(n.iter().all(|n| n.is_nan() || *n >= 30.0), "{n:?}");
    // Without any of its own: the segments of the first segmentation that brought most, the rest aside.
    let (workspace, job) = prepared(&sections());
    let names = workspace.committed(&job).table("personas.parquet").counts("persona");
    assert_eq!(names.into_keys().collect::<Vec<_>>(), ["dear", "many"]);
}

#[test]
fn shards_change_nothing() {
    let (workspace, job) = prepared(&sections());
    let ran = |shards: &str| {
        CommittedRun::of(&workspace.run(&job).args(&["--shards", shards, "--new-run"]).go().succeeded())
            .logical_digest()
    };
    let one = ran("1");
    for table in ["drivers.parquet", "rules.parquet", "personas.parquet"] {
        assert!(one.contains_key(table));
    }
    assert_eq!(one, ran("5"));
}

#[test]
fn mistakes_in_personas_are_told_at_their_places() {
    let wrong = "[[persona]]\nsegmentation = \"tolt\"\nsegments = [\"dear\"]\n[[persona]]\nsegments = [\"deer\", \"many\", \"many\"]\n\
                 [[persona]]\nsegmentation = \"value\"\nsegments = [\"champion\"]\nname = \"x\"\n";
    let (workspace, job) = prepared(&format!("{}{wrong}", sections()));
    let errors = workspace.failing(&job, 2).stderr;
    for told in [
        "there is no segmentation `tolt`",
        "segmentation told has no segment `deer`",
        "segment `many` is there twice",
        "segmentation value has no segment `champion`",
        "did you mean `champions`?",
        "`name`",
    ] {
        assert!(errors.contains(told), "{told}\n{errors}");
    }
}

//! k-means over text, booleans and numbers at once.

use crate::harness::*;
use serde_json::Value;
use std::collections::BTreeMap;

const CITIES: [&str; 3] = ["Kraków", "Gdańsk", "Łódź"];
const PLANS: [&str; 3] = ["gold", "silver", "basic"];
const HOBBIES: [&str; 3] = ["chess", "sailing", "opera"];

/// Customers in three groups that their order tells nothing about, but city, plan and hobby do; one in twelve values is of
/// another group, or rare, or not known. `income` is of nobody's group, and one in five have none.
fn customers(count: u64, seed: u64) -> (String, Vec<Order>, BTreeMap<String, String>) {
    let mut rng = Rng(seed);
    let mut csv = "id,city,plan,hobby,member,income,coin\n".to_owned();
    let (mut orders, mut truth) = (Vec::new(), BTreeMap::new());
    for customer in 0..count {
        let id = format!("C{customer:05}");
        let group = rng.below(3) as usize;
        let pick = |levels: [&'static str; 3], rng: &mut Rng| match rng.below(36) {
            0 => String::new(),
            1 => format!("rare {}", rng.below(200)),
            2 => levels[rng.below(3) as usize].to_owned(),
            _ => levels[group].to_owned(),
        };
        let (city, plan, hobby) = (pick(CITIES, &mut rng), pick(PLANS, &mut rng), pick(HOBBIES, &mut rng));
        let member = if group == 0 { "yes" } else { "no" };
        let income = if rng.below(5) == 0 { String::new() } else { (1_000 + rng.below(9_000)).to_string() };
        let coin = ["heads", "tails"][rng.below(2) as usize];
        csv.push_str(&format!("{id},{city},{plan},{hobby},{member},{income},{coin}\n"));
        orders.push(Order::new(&id, &format!("O{customer}"), "2025-11-03 10:00:00", "20.00"));
        truth.insert(id, format!("group {group}"));
    }
    (csv, orders, truth)
}

/// A workspace with these customers, and the text of a job over `features`.
fn prepared(count: u64, seed: u64, segmentation: &str) -> (Workspace, String, BTreeMap<String, String>) {
    let (csv, orders, truth) = customers(count, seed);
    let workspace = Workspace::new();
    workspace.write("in/crm.csv", csv);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    let sections = format!(
        "[privacy]\nallow = [\"income\"]\n[[source]]\nname = \"crm\"\nkind = \"customers\"\nuri = \"@IN@/crm.csv\"\n\
         types = {{ member = \"bool\", income = \"double\" }}\n\
         columns = {{ customer_id = \"id\", city = \"city\", plan = \"plan\", hobby = \"hobby\", member = \"member\", \
         income = \"income\", coin = \"coin\" }}\n\
         [[segmentation]]\nname = \"people\"\nmethod = \"kmeans\"\n{segmentation}"
    );
    let text = job("uri = \"@IN@/orders.parquet\"", &sections);
    (workspace, text, truth)
}

fn features_of(run: &CommittedRun) -> Vec<Value> {
    run.json("model.json")["segmentations"][0]["features"].as_array().unwrap().clone()
}

#[test]
fn groups_that_only_text_tells_apart_are_found_and_named() {
    let (workspace, text, truth) = prepared(600, 3, "features = [\"city\", \"plan\", \"hobby\", \"member\"]\nk = 3\n");
    let ran = workspace.run(&workspace.job(&text)).go().succeeded();
    let run = CommittedRun::of(&ran);
    let agreement = adjusted_rand_index(&run.keys("people"), &truth);
    assert!(agreement >= 0.95, "adjusted Rand index {agreement}");
    let names = run.assignments("people").counts("segment_name");
    let values = [CITIES, PLANS, HOBBIES].concat();
    let named = names.keys().filter(|name| values.iter().any(|value| name.contains(value)));
    assert!(named.count() >= 2, "{names:?}");
    // Who reads along reads what many of a segment have, and nothing of what few have.
    assert!(values.iter().filter(|value| ran.stderr.contains(*value)).count() >= 2, "{ran}");
    let few = workspace.job(&text.replace("[privacy]\n", "[privacy]\nmin_cell = 590\n"));
    let ran = workspace.run(&few).go().succeeded();
    let run = CommittedRun::of(&ran);
    let record = String::from_utf8_lossy(&run.files["run.json"]);
    let names = run.assignments("people").counts("segment_name");
    for value in values {
        let is_told = ran.stderr.contains(value) || names.keys().any(|name| name.contains(value));
        assert!(!is_told, "{value}: {names:?} {ran}");
        assert!(!record.contains(value), "{value}: {record}");
    }
    assert!(names.keys().any(|name| name.starts_with("mostly one ")), "{names:?}");
}

#[test]
fn rare_values_are_pooled_and_unknown_ones_a_level() {
    let segmentation = "features = [\"city\", \"member\", \"income\"]\nk = 3\ntransform = { income = \"none\" }\n";
    let (workspace, text, _) = prepared(900, 4, segmentation);
    let run = workspace.committed(&workspace.job(&text));
    let features = features_of(&run);
    let names: Vec<&str> =
        features[0]["levels"].as_array().unwrap().iter().map(|level| level["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(names[3..], ["(other)", "(missing)"]);
    assert!(CITIES.iter().all(|city| names[..3].contains(city)), "{names:?}");
    let shares: f64 =
        features[0]["levels"].as_array().unwrap().iter().map(|level| level["share"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-12, "{shares}");
    assert_eq!(features[1]["levels"][0]["name"], "false");
    let missing = features[2]["indicator"]["missing_share"].as_f64().unwrap();
    assert!((0.15..0.25).contains(&missing), "{missing}");
    let imputed = run.table("quality.parquet").only(&[("check_name", "imputed_share"), ("column_name", "income")]);
    assert_eq!(imputed["rows_failed"].as_deref(), Some(&*features[2]["nulls"].to_string()));
}

#[test]
fn a_heavier_column_decides() {
    // The coin is of nobody's group: only its weight makes two clusters of it.
    let light = "features = [\"coin\", \"city\", \"plan\", \"hobby\"]\nk = 2\n";
    let (workspace, text, _) = prepared(600, 5, light);
    let coins = |run: &CommittedRun| {
        let coins = run.feature("coin").into_iter().map(|(id, coin)| (id, coin.unwrap()));
        adjusted_rand_index(&run.keys("people"), &coins.collect())
    };
    let even = workspace.committed(&workspace.job(&text));
    assert!(coins(&even) < 0.2, "{}", coins(&even));
    let heavy = format!("{text}weights = {{ default = 0.5, coin = 4 }}\n");
    let heavy = workspace.committed(&workspace.job(&heavy));
    assert_eq!(coins(&heavy), 1.0);
    let weights: Vec<f64> = features_of(&heavy).iter().map(|feature| feature["weight"].as_f64().unwrap()).collect();
    assert_eq!(weights, [1.0, 0.125, 0.125, 0.125]);
}

const EVERYTHING: &str = "features = [\"city\", \"income\", \"member\", \"average_order_value\", \"hobby\"]\n\
    weights = { city = 2 }\nk = { min = 2, max = 4 }\n";

#[test]
fn threads_change_no_byte_and_shards_no_row_of_mixed_data() {
    let (workspace, text, _) = prepared(700, 6, EVERYTHING);
    let job = workspace.job(&text);
    let afresh = |arguments: &[&str]| {
        workspace.forget_results();
        CommittedRun::of(&workspace.run(&job).args(arguments).go().succeeded())
    };
    let one = afresh(&["--threads", "1"]);
    for threads in ["2", "4"] {
        assert_eq!(afresh(&["--threads", threads]).byte_digest(), one.byte_digest(), "{threads} threads");
    }
    for shards in ["1", "8", "64"] {
        assert_eq!(afresh(&["--shards", shards]).logical_digest(), one.logical_digest(), "{shards} shards");
    }
}

#[test]
fn a_column_of_one_value_is_warned_of() {
    let (workspace, text, _) = prepared(100, 7, "features = [\"always\", \"city\"]\nk = 2\n");
    let text = text.replace("coin = \"coin\" }", "coin = \"coin\", always = \"'x'\" }");
    let ran = workspace.run(&workspace.job(&text)).go().succeeded();
    drop(ran.says(&["feature always has no two values that are frequent enough"]));
}

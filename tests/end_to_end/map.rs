//! The map of customers: axes and hexagons by plain loops over the features of the run, and nothing of few.

use crate::harness::*;
use std::collections::BTreeMap;

const GROUPS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name      = "behaviour"
method    = "kmeans"
features  = ["recency_days", "frequency", "monetary"]
transform = { default = "none" }
scale     = "zscore"
winsorise = 0
k         = 4
[[segmentation]]
name     = "one_feature"
method   = "kmeans"
features = ["monetary"]
k        = 3
[[segmentation]]
name   = "value"
method = "rfm"
"#;

fn run() -> CommittedRun {
    let workspace = Workspace::new();
    let (orders, _) = planted_orders(4_000, 15);
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", GROUPS)))
}

/// Gives names of features, and the scaled place of each customer, by id.
fn places(run: &CommittedRun) -> (Vec<String>, BTreeMap<String, Vec<f64>>) {
    let model = run.json("model.json")["segmentations"][0].clone();
    let mut places: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut names = Vec::new();
    for of in model["features"].as_array().unwrap() {
        let (name, center, scale) =
            (of["name"].as_str().unwrap(), of["center"].as_f64().unwrap(), of["scale"].as_f64().unwrap());
        for (id, value) in run.feature(name) {
            let scaled = (value.unwrap().parse::<f64>().unwrap() - center) / scale;
            places.entry(id).or_default().push(scaled.clamp(-8.0, 8.0));
        }
        names.push(name.to_owned());
    }
    (names, places)
}

fn of_segmentation<'a>(table: &'a Table, name: &str) -> Vec<BTreeMap<&'a str, Option<&'a str>>> {
    let fields: Vec<&str> = table.schema.fields().iter().map(|field| field.name().as_str()).collect();
    let own = table.rows.iter().filter(|row| row[0].as_deref() == Some(name));
    own.map(|row| fields.iter().copied().zip(row.iter().map(Option::as_deref)).collect()).collect()
}

fn number(row: &BTreeMap<&str, Option<&str>>, column: &str) -> f64 {
    row[column].unwrap_or_else(|| panic!("{column} of {row:?}")).parse().unwrap()
}

#[test]
fn axes_and_hexagons_are_those_of_the_features() {
    let run = run();
    let (names, places) = places(&run);
    let count = places.len() as f64;
    let mean: Vec<f64> = (0..3).map(|at| places.values().map(|place| place[at]).sum::<f64>() / count).collect();
    let covariance = |left: usize, right: usize| {
        places.values().map(|place| (place[left] - mean[left]) * (place[right] - mean[right])).sum::<f64>() / count
    };
    let axes = run.table("map_axes.parquet");
    let axes = of_segmentation(&axes, "behaviour");
    let mut directions: Vec<(Vec<f64>, f64)> = Vec::new();
    for axis in ["1", "2"] {
        let own: Vec<_> = axes.iter().filter(|row| row["axis"] == Some(axis)).collect();
        assert_eq!(own.iter().map(|row| row["feature"].unwrap()).collect::<Vec<_>>(), names);
        let vector: Vec<f64> = own.iter().map(|row| number(row, "loading")).collect();
        let deviation = number(own[0], "deviation");
        // An eigenvector of length 1, of the variance that is told.
        assert!((vector.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-9);
        for (row, own) in vector.iter().enumerate() {
            let found: f64 = vector.iter().enumerate().map(|(at, x)| covariance(row, at) * x).sum();
            assert!((found - deviation.powi(2) * own).abs() < 1e-5, "{axis} {row}: {found}");
        }
        let all: f64 = (0..3).map(|at| covariance(at, at)).sum();
        assert!((number(own[0], "variance_share") - deviation.powi(2) / all).abs() < 1e-6);
        directions.push((vector, deviation));
    }
    let left: f64 =
        (0..3).map(|at| covariance(at, at)).sum::<f64>() - directions.iter().map(|of| of.1.powi(2)).sum::<f64>();
    assert!(directions[0].1 >= directions[1].1 && directions[1].1.powi(2) >= left, "the first two of three");

    // Every customer by the nearest of all centres.
    let width = 0.2;
    let row_height = width * 3_f64.sqrt() / 2.0;
    let centres: Vec<(i32, i32, [f64; 2])> = (-20..=20)
        .flat_map(|r| (-30..=30).map(move |q| (q, r)))
        .map(|(q, r)| (q, r, [(f64::from(q) + f64::from(r) / 2.0) * width, f64::from(r) * row_height]))
        .collect();
    let keys = run.keys("behaviour");
    let mut expected: BTreeMap<(String, [i64; 2]), i64> = BTreeMap::new();
    let place = |[x, y]: [f64; 2]| [x, y].map(|of| (of * 1e6).round() as i64);
    for (id, own) in &places {
        let along = |(vector, deviation): &(Vec<f64>, f64)| {
            let sum: f64 = (0..3).map(|at| (own[at] - mean[at]) * vector[at]).sum();
            sum.clamp(-2.9998 * deviation, 2.9998 * deviation) / directions[0].1
        };
        let [x, y] = [along(&directions[0]), along(&directions[1])];
        let far = |centre: &[f64; 2]| (centre[0] - x).powi(2) + (centre[1] - y).powi(2);
        let nearest = centres.iter().min_by(|left, right| far(&left.2).total_cmp(&far(&right.2))).unwrap();
        *expected.entry((keys[id].clone(), place(nearest.2))).or_default() += 1;
    }
    let map = run.table("map.parquet");
    let map = of_segmentation(&map, "behaviour");
    let mut shown = 0;
    for row in map.iter().filter(|row| row["x"].is_some()) {
        let at = place([number(row, "x"), number(row, "y")]);
        let customers = number(row, "customers") as i64;
        assert_eq!(expected.remove(&(row["segment_key"].unwrap().to_owned(), at)), Some(customers), "{row:?}");
        assert!(customers >= 20 && row["reason"].is_none());
        shown += 1;
    }
    assert!(shown > 20, "{shown} hexagons");
    // What is left is few, or one of each segment that would tell of few.
    for key in ["c01", "c02", "c03", "c04"] {
        let left = expected.iter().filter(|((own, _), _)| own == key).map(|(_, customers)| *customers);
        assert!(left.clone().filter(|customers| *customers >= 20).count() <= 1);
        let elsewhere = map.iter().find(|row| row["segment_key"] == Some(key) && row["x"].is_none());
        let told = elsewhere.map_or(0, |row| number(row, "customers") as i64);
        assert_eq!(told, left.sum::<i64>(), "{key}");
        assert!(told == 0 || told >= 20);
    }
}

#[test]
fn what_has_no_map_says_why_and_what_has_no_space_says_nothing() {
    let run = run();
    let map = run.table("map.parquet");
    let told = of_segmentation(&map, "one_feature");
    assert_eq!(told.len(), 1);
    assert!(told[0]["reason"].unwrap().contains("one direction only") && told[0]["segment_key"].is_none());
    assert!(of_segmentation(&map, "value").is_empty());
    let axes = run.table("map_axes.parquet");
    assert!(of_segmentation(&axes, "one_feature").is_empty());
    let html = String::from_utf8(run.files["report.html"].to_vec()).unwrap();
    assert_page(&html, 900_000);
    assert_eq!(html.matches("<h3>A map of the customers</h3>").count(), 1);
    let told = html.replace('\u{a0}', " ").replace(['\u{2068}', '\u{2069}'], "");
    assert!(told.contains("The segments that are drawn lie apart on it"), "four groups far apart");
}

#[test]
fn a_job_without_a_space_has_no_map() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(200, 3));
    let rfm = "[features]\npresets = [\"rfm\"]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", rfm)));
    assert!(!run.files.keys().any(|path| path.starts_with("map")));
}

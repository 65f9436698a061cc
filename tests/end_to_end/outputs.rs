//! The shape of a committed run: files, columns, types, order.

use crate::harness::*;

fn run() -> CommittedRun {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(300, 6));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    CommittedRun::of(&workspace.run(&job).args(&["--shards", "4"]).go().succeeded())
}

/// Asserts the columns in their order; `!` is never null. Columns may be added at the end.
#[track_caller]
fn assert_columns(run: &CommittedRun, table: &str, expected: &str) {
    let expected: Vec<_> = expected.split(", ").collect();
    let described = run.table(table).described();
    assert_eq!(described[..expected.len().min(described.len())], expected, "columns of {table}");
}

#[test]
fn tables_have_the_columns_of_the_contract() {
    let run = run();
    for segmentation in ["value", "behaviour", "targets"] {
        assert_columns(
            &run,
            &format!("assignments/{segmentation}"),
            "customer_id Utf8!, segment_id Int32!, segment_key Utf8!, segment_name Utf8!, distance Float32, margin Float32",
        );
    }
    let members = "customer_id Utf8!, segment_id Int32!, segment_key Utf8!, segment_name Utf8!";
    assert_columns(&run, "membership/audiences", members);
    let pairs = "segmentation Utf8!, segment_key Utf8!, other_segment_key Utf8!, customers Int64!, share Float64, \
                 other_share Float64, jaccard Float64";
    assert_columns(&run, "overlaps.parquet", pairs);
    assert_columns(
        &run,
        "segments.parquet",
        "segmentation Utf8!, segment_id Int32!, segment_key Utf8!, segment_name Utf8!, customers Int64!, share Float64!",
    );
    assert_columns(
        &run,
        "profiles.parquet",
        "segmentation Utf8!, segment_key Utf8!, feature Utf8!, level Utf8, n Int64!, nulls Int64!, mean Float64, \
         std Float64, p25 Float64, p50 Float64, p75 Float64, population_mean Float64, z_score Float64, eta_squared Float64",
    );
    assert_columns(
        &run,
        "effectiveness.parquet",
        "segmentation Utf8!, segment_key Utf8!, metric Utf8!, basis Utf8!, window_start Date32, window_end Date32!, \
         unit Utf8!, currency Utf8, value Float64, n Int64!, ci_low Float64, ci_high Float64, ci_level Float64, \
         rest_value Float64, population_value Float64, index Float64, lift Float64, \
         p_value Float64, q_value Float64, tests Int64, reason Utf8",
    );
    assert_columns(
        &run,
        "selection.parquet",
        "segmentation Utf8!, k Int32!, metric Utf8!, segment_key Utf8, value Float64, ci_low Float64, ci_high Float64, \
         n Int64!, scope Utf8!, chosen Boolean!, reason Utf8",
    );
    assert_columns(
        &run,
        "quality.parquet",
        "source Utf8!, check_name Utf8!, column_name Utf8, rows_checked Int64!, rows_failed Int64!, \
         failed_share Float64, action Utf8!",
    );
}

#[test]
fn parts_are_sorted_and_hold_their_own_customers() {
    let run = run();
    for folder in
        ["features", "assignments/value", "assignments/behaviour", "assignments/targets", "membership/audiences"]
    {
        let parts = run.parts(folder);
        assert_eq!(parts.len(), 4, "{folder}");
        for (path, part) in parts {
            let ids = part.column("customer_id");
            let repeats = folder.starts_with("membership/");
            let in_order = |pair: &[Option<&str>]| pair[0] < pair[1] || (repeats && pair[0] == pair[1]);
            assert!(ids.windows(2).all(in_order), "{path} is sorted");
            let number = path.rsplit_once("part-").unwrap().1.trim_end_matches(".parquet").parse::<u32>().unwrap();
            let home = |id: &str| segmenter_proto::shard_of(id, 4);
            assert!(ids.iter().all(|id| home(id.unwrap()) == number), "{path} holds its shard");
        }
    }
    let (features, value) = (run.table("features"), run.assignments("value"));
    assert_eq!(features.column("customer_id"), value.column("customer_id"));
}

#[test]
fn segments_are_the_counts_of_the_assignments() {
    let run = run();
    let segments = run.table("segments.parquet");
    let keys: Vec<_> = segments.rows.iter().map(|row| (row[0].clone(), row[2].clone())).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    for segmentation in run.segmentations() {
        let (table, overlapping) = (run.assignments(&segmentation), segmentation == "audiences");
        let mut counts = table.counts("segment_key");
        if overlapping {
            // Who is in none is where the assignment says so.
            let others = counts["other"];
            counts = run.table("membership/audiences").counts("segment_key");
            counts.insert("other".to_owned(), others);
        }
        for (key, count) in &counts {
            let row = segments.only(&[("segmentation", &segmentation), ("segment_key", key)]);
            assert_eq!(row["customers"], Some(count.to_string()), "{segmentation} {key}");
            let share = row["share"].as_ref().unwrap().parse::<f64>().unwrap();
            assert!((share - *count as f64 / table.rows.len() as f64).abs() < 1e-12);
            let ids = table.rows.iter().filter(|row| row[2].as_deref() == Some(key)).map(|row| &row[1]);
            assert!(ids.clone().all(|id| *id == row["segment_id"]), "one id a key");
        }
    }
}

#[test]
fn profiles_are_the_numbers_of_the_features() {
    let run = run();
    let (profiles, keys, features) = (run.table("profiles.parquet"), run.keys("behaviour"), run.feature("monetary"));
    let row = profiles.only(&[("segmentation", "behaviour"), ("segment_key", "c01"), ("feature", "monetary")]);
    let mut values: Vec<f64> = keys
        .iter()
        .filter(|(_, key)| *key == "c01")
        .filter_map(|(id, _)| features[id].as_ref().map(|value| value.parse().unwrap()))
        .collect();
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let cell = |name: &str| row[name].as_ref().unwrap().parse::<f64>().unwrap();
    let close = |found: f64, expected: f64| (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
    assert_eq!(cell("n"), n);
    assert!(close(cell("mean"), mean) && close(cell("std"), variance.sqrt()), "{row:?}");
    for (name, p) in [("p25", 0.25), ("p50", 0.5), ("p75", 0.75)] {
        assert_eq!(cell(name), values[(p * n).ceil() as usize - 1], "{name} is the nearest rank");
    }
}

#[test]
fn the_run_tells_what_it_did() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(100, 6));
    let text = job("uri = \"${SHOP}/orders.parquet\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}"));
    let job = workspace.job(&text.replace("seed     = 7", "seed     = 7\nenv      = [\"SHOP\"]"));
    let ran = workspace.run(&job).env("SHOP", &workspace.uri("in")).go().succeeded();
    let run = CommittedRun::of(&ran);
    let told = run.json("run.json").to_string();
    assert!(told.contains("${SHOP}"), "the job before it is filled in: {told}");
    assert!(told.contains("orders.parquet"), "the inputs as pinned: {told}");
    run.json("model.json");
    run.json("commit.json");
    assert!(ran.stderr.contains("value") && ran.stderr.contains("champions"), "a table of the segments: {ran}");
}

//! What is to be said of clusters.

use crate::harness::*;
use std::collections::BTreeSet;

/// Asserts that a run says something with these words on stderr, in `run.json` and in its answer for programs.
#[track_caller]
fn said(run: &CommittedRun, ran: &Ran, words: &[&str]) {
    let warning = run.warned_of(words);
    let told = serde_json::Value::from(warning.as_str()).to_string();
    assert!(ran.stderr.contains(&told), "{told} is not on stderr: {ran}");
}

#[test]
fn a_whale_of_its_own_and_a_cluster_of_all_others_are_said() {
    let Some(case) = Case::of("35-one-whale") else { return };
    let (run, ran) = case.committed("job.toml");
    // 60 customers of a few euros, one of millions, and one whose refunds are millions.
    let sizes = |segmentation: &str| {
        let mut sizes: Vec<usize> = run.assignments(segmentation).counts("segment_key").into_values().collect();
        sizes.sort_unstable();
        sizes
    };
    let all = run.table("features").rows.len();
    for segmentation in ["plain", "auto", "blends", "tiers"] {
        let sizes = sizes(segmentation);
        let of = format!("segmentation {segmentation}: ");
        let warned =
            |words: &str| run.warnings().iter().any(|warning| warning.starts_with(&of) && warning.contains(words));
        assert_eq!(warned("one customer"), sizes.contains(&1), "{segmentation} of {sizes:?}: {:#?}", run.warnings());
        let nearly_all = sizes.last().is_some_and(|largest| *largest * 20 >= all * 19);
        assert_eq!(warned("% of the customers"), nearly_all, "{segmentation} of {sizes:?}: {:#?}", run.warnings());
    }
    said(&run, &ran, &["segmentation plain", "one customer"]);
}

#[test]
fn a_whale_that_is_left_out_is_no_cluster() {
    let Some(case) = Case::of("35-one-whale") else { return };
    let job = case.changed(
        "job.toml",
        "features = [\"monetary\"]",
        "features = [\"monetary\"]\nwhere = \"monetary between 0 and 1000\"",
    );
    let (run, _) = case.committed(&job);
    let about = run.warnings().into_iter().filter(|warning| warning.starts_with("segmentation plain: "));
    assert!(about.clone().all(|warning| !warning.contains("one customer")), "{:#?}", about.collect::<Vec<_>>());
}

#[test]
fn a_score_of_the_same_customers_is_the_run_to_the_byte() {
    let Some(case) = Case::of("37-score-same-data") else { return };
    let (run, _) = case.committed("job.toml");
    let ran = case.command("score", "job.toml").args(&["--model", "latest"]).go().succeeded();
    let score = case.read(&ran);
    let tables = |run: &CommittedRun| {
        let own =
            |path: &&String| path.starts_with("assignments/") || path.starts_with("features/") || *path == "model.json";
        let own: Vec<String> = run.files.keys().filter(own).cloned().collect();
        own.into_iter().map(|path| (run.files[&path].clone(), path)).collect::<Vec<_>>()
    };
    assert!(!tables(&run).is_empty() && tables(&score) == tables(&run));
    assert!(!score.warnings().iter().any(|warning| warning.contains("model")), "{:#?}", score.warnings());
}

#[test]
fn what_a_score_s_model_does_not_know_is_counted_and_said() {
    let Some(case) = Case::of("37-score-same-data") else { return };
    case.committed("job.toml");
    let ran = case.command("score", "job-new.toml").args(&["--model", "latest"]).go().succeeded();
    let score = case.read(&ran);
    let new = String::from_utf8(case.file("new/orders.csv")).unwrap();
    let towns: BTreeSet<(&str, &str)> =
        new.lines().skip(1).map(|line| (line.split(',').next().unwrap(), line.rsplit(',').next().unwrap())).collect();
    let unseen = towns.iter().filter(|(_, town)| !["Lyon", "Nice"].contains(town)).count();
    assert!(unseen > 0);
    said(&score, &ran, &["segmentation behaviour", "town", &format!("{unseen} of 80 customers"), "(other)"]);
    // In no order of the fit was anything bought in a store.
    let stores: BTreeSet<&str> =
        new.lines().skip(1).filter(|line| line.split(',').nth(4) == Some("1")).map(|line| &line[..3]).collect();
    let stores = format!("for {} of 80 customers", stores.len());
    said(&score, &ran, &["segmentation behaviour", "store_share", "beyond the cuts of the model", &stores]);
    said(&score, &ran, &["segmentation blends", "store_share", "beyond the cuts of the model", &stores]);
}

#[test]
fn rules_and_names_by_cluster_keys_are_warned_of() {
    let Some(case) = Case::of("40-cluster-keys-swap") else { return };
    for job in ["job-monday.toml", "job-tuesday.toml"] {
        let checked = case.command("validate", job).go().succeeded();
        let checked = checked.says(&["vip_voucher", "`names`", "keys are by falling size"]);
        let json = case.command("validate", job).args(&["--output", "json"]).go().succeeded();
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["warnings"].as_array().unwrap().len(), 2, "{checked}");
        let (run, ran) = case.committed(job);
        said(&run, &ran, &["segmentation targets", "vip_voucher", "key"]);
        said(&run, &ran, &["segmentation behaviour", "names", "c01, c02"]);
    }
    // Nothing is fitted: the keys stay those of the run.
    let ran = case.command("score", "job-tuesday.toml").args(&["--model", "latest"]).go().succeeded();
    assert!(!case.read(&ran).warnings().iter().any(|warning| warning.contains("key")), "{ran}");
}

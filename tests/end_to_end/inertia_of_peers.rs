//! Ten restarts on real data are as tight as the best of fifty of scikit-learn 1.9.1 on the very same matrix.
//!
//! The peer's inertias are what this printed, with the jobs of `tests/peers/inertia/`:
//!
//! ```text
//! python3 -m venv target/peers && target/peers/bin/pip install -r tests/benchmark/requirements.txt
//! target/peers/bin/python tests/peers/inertia.py ../shared/data
//! ```

use crate::harness::*;
use std::path::Path;

/// How much looser than the peer's best a fit may be.
const MOST: f64 = 1.005;
/// A fit tighter than this would be of another matrix.
const LEAST: f64 = 0.99;

/// Runs the job on real data; asserts its inertia with k = 5 and k = 8 beside the best of the peer's fifty starts.
#[track_caller]
fn as_tight_as_the_best_of_fifty(name: &str, file: &str, best: [f64; 2]) {
    let Some(data) = shared_data(&format!("{name}/{file}")) else { return };
    let data = data.parent().and_then(Path::parent).unwrap().to_str().unwrap();
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers/inertia").join(format!("{name}.toml"));
    let ran = workspace.run(&job).env("DATA", data).env("OUT", &workspace.uri("out")).go().succeeded();
    let record = CommittedRun::of(&ran).json("run.json");
    for (segmentation, best) in ["k5", "k8"].into_iter().zip(best) {
        let inertia = record["clustering"][segmentation]["inertia"].as_f64().unwrap();
        let share = inertia / best;
        assert!(share <= MOST, "{name} {segmentation}: inertia {inertia}, scikit-learn {best}: {share:.5} times");
        assert!(share >= LEAST, "{name} {segmentation}: inertia {inertia} is of another matrix than {best}");
    }
}

#[test]
fn cdnow_is_as_tight_as_the_peer() {
    as_tight_as_the_best_of_fifty("cdnow", "CDNOW_master.txt", [19622.7997, 13373.0552]);
}

#[test]
fn complete_journey_is_as_tight_as_the_peer() {
    as_tight_as_the_best_of_fifty("complete_journey", "transactions.parquet", [13392.7820, 11124.8629]);
}

#[test]
fn marketing_campaign_is_as_tight_as_the_peer() {
    as_tight_as_the_best_of_fifty("marketing_campaign", "marketing_campaign.csv", [15583.8704, 14037.4752]);
}

#[test]
fn online_retail_is_as_tight_as_the_peer() {
    as_tight_as_the_best_of_fifty("online_retail", "online_retail_2010_2011.parquet", [8070.1283, 6026.5939]);
}

#[test]
fn starbucks_rewards_is_as_tight_as_the_peer() {
    as_tight_as_the_best_of_fifty("starbucks_rewards", "transcript.parquet", [78731.4900, 66911.6252]);
}

#[test]
fn young_people_survey_is_as_tight_as_the_peer() {
    as_tight_as_the_best_of_fifty("young_people_survey", "responses.csv", [25946.7076, 24490.8362]);
}

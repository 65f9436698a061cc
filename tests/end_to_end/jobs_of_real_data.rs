//! `init --from` on each folder of real data: the job that it writes runs untouched, and its segments are not one lump.

use crate::harness::*;

/// Makes a job of a folder and runs it; none where the data is not there.
fn made_of(folder: &str, a_file: &str) -> Option<(String, CommittedRun)> {
    let file = shared_data(&format!("{folder}/{a_file}"))?;
    let workspace = Workspace::new();
    let from = file.parent().unwrap().to_str().unwrap();
    let told = Program::segmenter(&["init", "mine", "--from", from]).within(workspace.root()).go().succeeded();
    let told = told.says(&["found: ", "which ran on ", "check: ", "README.md (it is no table)"]);
    let job = std::fs::read_to_string(workspace.root().join("mine/segmenter.toml")).unwrap();
    let ran = Program::segmenter(&["run", "mine/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let run = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(run.to_str().unwrap());
    for segmentation in run.segmentations().iter().filter(|name| *name != "targets") {
        let counts = run.assignments(segmentation).counts("segment_key");
        let (all, largest): (usize, usize) =
            (counts.values().sum(), counts.values().max().copied().unwrap_or_default());
        assert!(counts.len() >= 3 && largest * 10 < all * 9, "{segmentation} of {folder}: {counts:?}");
    }
    Some((format!("{}\n{job}", told.stderr), run))
}

#[test]
fn online_retail_counts_the_days_that_both_files_have_once() {
    let Some((said, run)) = made_of("online_retail", "online_retail_2010_2011.parquet") else { return };
    assert!(said.contains("where = \"time < timestamp '2010-12-01'\""), "{said}");
    assert_eq!(run.table("features").rows.len(), 5_942);
    let used = ["online_retail_2010_2011", "online_retail_ii_2009_2010"].map(|source| run.fates(source).used);
    assert_eq!(used.iter().sum::<u64>(), 809_560);
}

#[test]
fn complete_journey_has_households_their_baskets_and_products() {
    let Some((said, run)) = made_of("complete_journey", "transactions.parquet") else { return };
    for found in
        ["customers (demographics.parquet)", "transactions (transactions.parquet)", "reference (products.parquet)"]
    {
        assert!(said.contains(found), "{found}: {said}");
    }
    assert_eq!(run.table("features").rows.len(), 2_469);
    assert_eq!(run.fates("transactions").quarantined, 0);
}

#[test]
fn starbucks_counts_hours_and_takes_the_rows_that_have_an_amount() {
    let Some((said, run)) = made_of("starbucks_rewards", "transcript.parquet") else { return };
    assert!(
        said.contains("profile.json (profile.csv has its name)") && said.contains("reference (portfolio.csv)"),
        "{said}"
    );
    assert!(said.contains("as_of    = \"2000-01-3"), "{said}");
    assert_eq!(run.fates("transcript").used, 138_953);
}

#[test]
fn a_marketing_campaign_has_customers_alone() {
    let Some((said, run)) = made_of("marketing_campaign", "marketing_campaign.csv") else { return };
    assert!(said.contains("found: customers (marketing_campaign.csv)"), "{said}");
    let fates = run.fates("marketing_campaign");
    assert_eq!((fates.used, fates.quarantined), (2_240, 0));
    for value in ["YOLO", "Graduation", "666666"] {
        assert!(!said.contains(value), "a value of a customer: {said}");
    }
}

#[test]
fn cdnow_is_cut_out_of_its_lines_and_its_sample_is_left_out() {
    let Some((said, run)) = made_of("cdnow", "CDNOW_master.txt") else { return };
    assert!(said.contains("CDNOW_sample.txt (its rows stand in CDNOW_master.txt too)"), "{said}");
    assert_eq!(run.table("features").rows.len(), 23_570);
    let cents: f64 = run.table("features").numbers("monetary").iter().map(|amount| (amount * 100.0).round()).sum();
    assert_eq!(cents, 250_031_563.0);
}

#[test]
fn a_survey_without_ids_is_grouped_by_its_answers() {
    let Some((said, run)) = made_of("young_people_survey", "responses.csv") else { return };
    assert!(said.contains("no column names a customer"), "{said}");
    assert_eq!(run.table("features").rows.len(), 1_010);
}

#[test]
fn a_crm_segments_its_companies() {
    let Some((said, run)) = made_of("crm_b2b", "sales_pipeline.csv") else { return };
    for found in [
        "accounts (accounts.csv), opportunities (sales_pipeline.csv)",
        "reference (sales_teams.csv)",
        "date(%d-%m-%Y)",
        "unit     = \"account\"",
        "\"firmographic\"",
    ] {
        assert!(said.contains(found), "{found}: {said}");
    }
    assert_eq!(run.table("features").id(), "account_id");
    assert_eq!(run.table("features").rows.len(), 85);
}

//! The pipeline of a CRM: companies in place of customers, against numbers that were computed with DuckDB.

use crate::harness::*;
use std::{collections::BTreeMap, path::Path};

const PER_SEGMENT: &str = "select segment_name, count(*) as accounts, sum(deals_won) as won, sum(deals_won + deals_lost) as ended, \
     sum(deals_won) / sum(deals_won + deals_lost) as win_rate, sum(deals_won_value) as value, sum(deals_open) as open, \
     sum(open_at_list) as at_list \
     from features f join assignments.sales s on s.account_id = f.account_id group by segment_name order by segment_name";

#[test]
fn companies_are_segmented_by_their_deals() {
    let Some(deals) = shared_data("crm_b2b/sales_pipeline.csv") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/crm_b2b.toml");
    let data = deals.parent().and_then(Path::parent).unwrap().to_str().unwrap();
    let ran = workspace.run(&job).env("DATA", data).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);

    // What the README says is wrong with the files.
    let fates = run.fates("deals");
    assert_eq!((fates.read, fates.used, fates.anonymous, fates.quarantined), (8_800, 7_375, 1_425, 0));
    let failed = |check: &str| run.noted_of("check_failed_share", check);
    assert_eq!(failed("sector_is_known"), (12, 85));
    assert_eq!(failed("country_is_known"), (1, 85));
    assert_eq!(failed("deal_has_an_account"), (1_425, 8_800));
    assert_eq!(failed("deal_has_a_date"), (500, 8_800));
    run.warned_of(&["deals", "1,425"]);

    let features = run.table("features");
    let sum = |name: &str| features.numbers(name).iter().sum::<f64>();
    let sums = ["deals_won", "deals_lost", "deals_open", "deals_won_value", "open_at_list"].map(sum);
    assert_eq!(sums, [4_238.0, 2_473.0, 664.0, 10_005_534.0, 1_635_448.0]);

    let mut sizes = BTreeMap::new();
    run.keys("value").into_values().for_each(|key| *sizes.entry(key).or_insert(0) += 1);
    assert_eq!(sizes, BTreeMap::from([("t01".to_owned(), 8), ("t02".to_owned(), 17), ("t03".to_owned(), 60)]));

    let asked = Program::segmenter(&["sql", job.to_str().unwrap(), PER_SEGMENT, "--format", "csv"])
        .args(&["--scratch", &workspace.uri("scratch")])
        .env("DATA", data)
        .env("OUT", &workspace.uri("out"))
        .go()
        .succeeded();
    let expected = "\
        Lost two of five,26,1167,2013,0.5797317436661699,2660014.0000,211,536883.00\n\
        Won in more than eight weeks,6,368,579,0.6355785837651122,773315.0000,49,134277.00\n\
        Won more than two of three,21,1134,1622,0.6991368680641183,2541934.0000,162,402382.00\n\
        other,32,1569,2497,0.6283540248297957,4030271.0000,242,561906.00\n";
    let lines: Vec<&str> = asked.stdout.lines().skip(1).collect();
    assert_eq!(format!("{}\n", lines.join("\n")), expected);
}

#[test]
fn a_deal_that_ends_later_is_open_till_then() {
    let Some(deals) = shared_data("crm_b2b/sales_pipeline.csv") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/crm_b2b.toml");
    let data = deals.parent().and_then(Path::parent).unwrap().to_str().unwrap();
    let ran = workspace.run(&job).args(&["--as-of", "2017-09-01"]).env("DATA", data).env("OUT", &workspace.uri("out"));
    let features = CommittedRun::of(&ran.go().succeeded()).table("features");
    let sum = |name: &str| features.numbers(name).iter().sum::<f64>();
    let sums = ["deals_won", "deals_lost", "deals_open", "deals_won_value"].map(sum);
    assert_eq!(sums, [2_539.0, 1_552.0, 1_494.0, 5_967_774.0]);
}

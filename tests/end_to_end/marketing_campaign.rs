//! One table of customers, mended where its columns are named, against numbers that were computed with DuckDB.

use crate::harness::*;
use std::{collections::BTreeMap, path::Path};

#[test]
fn a_table_of_customers_alone_is_segmented() {
    let Some(table) = shared_data("marketing_campaign/marketing_campaign.csv") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/marketing_campaign.toml");
    let data = table.parent().and_then(Path::parent).unwrap();
    let ran =
        workspace.run(&job).env("DATA", data.to_str().unwrap()).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);
    assert_eq!((run.fates("customers").read, run.fates("customers").used), (2_240, 2_240));
    let sizes = |segmentation: &str| {
        let mut sizes = BTreeMap::new();
        run.keys(segmentation).into_values().for_each(|key| *sizes.entry(key).or_insert(0) += 1);
        sizes
    };
    let of = |sizes: &[(&str, i32)]| sizes.iter().map(|(key, size)| ((*key).to_owned(), *size)).collect();
    assert_eq!(
        sizes("spending"),
        of(&[("t01", 224), ("t02", 447), ("t03", 1_569)]),
        "a tier never has more than its share"
    );
    assert_eq!(sizes("targets"), of(&[("bargain_families", 706), ("other", 1_318), ("wine_lovers", 216)]));
    assert!(sizes("people").len() >= 3, "not one lump: {:?}", sizes("people"));
    assert_eq!(run.feature("income").values().filter(|income| income.is_none()).count(), 25, "24, and one of 666,666");
    for (check, rows) in [("born_after_1910", 3), ("plausible_income", 25), ("known_marital_status", 4)] {
        assert_eq!(run.noted_of("check_failed_share", check), (rows, 2_240), "{check}");
        run.warned_of(&[check]);
    }
    // 182 are the same in all columns of the file, 201 in those that the job uses.
    assert_eq!(run.noted("equal_row_share"), (201, 2_240));
    run.warned_of(&["equal_row_share"]);
    assert_eq!(run.feature("age").values().filter(|age| age.is_none()).count(), 3);
    // 2,240 at a cost of 3, of whom 334 took it, for 11.
    let campaigns = run.table("campaigns.parquet");
    let at = |name: &str| campaigns.position(name);
    let of_all = |row: &&Vec<Option<String>>| {
        row[at("segment_key")].is_none() && row[at("segmentation")].as_deref() == Some("people")
    };
    let row = campaigns.rows.iter().find(of_all).unwrap();
    let number = |name: &str| row[at(name)].as_ref().unwrap().parse::<f64>().unwrap();
    let sums = ["customers", "answered", "cost", "revenue", "profit"].map(number);
    assert_eq!(sums, [2_240.0, 334.0, 6_720.0, 3_674.0, -3_046.0]);
    assert!(
        (number("answer_rate") - 334.0 / 2_240.0).abs() < 1e-12 && (number("roi") + 3_046.0 / 6_720.0).abs() < 1e-12
    );
}

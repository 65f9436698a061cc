//! The Complete Journey: baskets, products, campaigns and coupons, against numbers that were computed with DuckDB.

use crate::harness::*;
use std::path::Path;

#[test]
fn taste_and_coupons_of_households() {
    let Some(lines) = shared_data("complete_journey/transactions.parquet") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/complete_journey.toml");
    let data = lines.parent().and_then(Path::parent).unwrap();
    let ran =
        workspace.run(&job).env("DATA", data.to_str().unwrap()).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);
    let of_lines = run.fates("lines");
    assert_eq!((of_lines.read, of_lines.used, of_lines.not_before_as_of), (1_469_307, 1_095_181, 374_126));
    let features = run.table("features");
    assert_eq!(features.rows.len(), 2_447, "2,446 with a basket before as_of, and one that a campaign addressed");
    let sum = |name: &str| features.numbers(name).iter().filter(|value| !value.is_nan()).sum::<f64>();
    assert_eq!((sum("coupons_redeemed"), sum("campaigns")), (1_232.0, 4_168.0), "campaigns that began later count not");
    let sizes = [("addressed", 1_088), ("bargains", 488), ("other", 555), ("redeems", 316)];
    let sizes = sizes.map(|(key, size)| (key.to_owned(), size));
    assert_eq!(run.assignments("coupons").counts("segment_key"), sizes.into());
    let taste = run.assignments("taste").counts("segment_key");
    assert!(taste.len() >= 3 && taste.values().all(|size| *size < 2_200), "not one lump: {taste:?}");
    let shares =
        ["grocery_share", "produce_share", "meat_share", "drug_share", "fuel_share"].map(|name| features.numbers(name));
    for customer in 0..features.rows.len() {
        let all: f64 = shares.iter().map(|of| of[customer]).filter(|share| !share.is_nan()).sum();
        assert!(all <= 1.0 + 1e-9, "shares of departments of one household are {all}");
    }
    // What is wrong with the data is told.
    // 11,226 of nothing, and 20 of less than half a ten-thousandth.
    assert_eq!(run.noted_of("check_failed_share", "paid"), (11_246, 1_469_307));
    assert_eq!(run.noted_of("check_failed_share", "pieces"), (22_363, 1_469_307));
    assert_eq!(run.noted("unknown_product_share").0, 3_461);
    run.warned_of(&["pieces", "22,363 of 1,469,307 rows"]);
}

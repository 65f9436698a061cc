//! Starbucks rewards: purchases, steps of offers as messages, and a table of offers, against numbers that were computed with DuckDB.

use crate::harness::*;
use std::{collections::BTreeMap, path::Path};

#[test]
fn offers_are_messages_beside_purchases() {
    let Some(steps) = shared_data("starbucks_rewards/transcript.parquet") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/starbucks_rewards.toml");
    let data = steps.parent().and_then(Path::parent).unwrap();
    let ran =
        workspace.run(&job).env("DATA", data.to_str().unwrap()).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);
    let (purchases, offers) = (run.fates("purchases"), run.fates("offers"));
    assert_eq!((purchases.read, purchases.used, purchases.filtered), (306_534, 138_953, 167_581));
    assert_eq!((offers.used, offers.filtered, offers.quarantined), (167_581, 138_953, 0));
    assert_eq!(run.noted_of("check_failed_share", "age_is_known"), (2_175, 17_000));
    run.warned_of(&["age_is_known", "2,175 of 17,000 rows"]);
    let features = run.table("features");
    let sum = |name: &str| features.numbers(name).iter().sum::<f64>();
    let sums = ["messages_delivered", "messages_opened", "messages_converted", "bogo_converted"].map(sum);
    assert_eq!(sums, [76_277.0, 57_725.0, 33_579.0, 15_669.0]);
    let sexes = [("female", 6_129), ("male", 8_484), ("null", 2_175), ("other", 212)];
    assert_eq!(features.counts("sex_level"), sexes.map(|(sex, count)| (sex.to_owned(), count)).into());
    let cents: f64 = features.numbers("monetary").iter().map(|amount| (amount * 100.0).round()).sum();
    assert_eq!(cents, 177_545_197.0);
    let sizes = |segmentation: &str| {
        let mut sizes = BTreeMap::new();
        run.keys(segmentation).into_values().for_each(|key| *sizes.entry(key).or_insert(0) += 1);
        sizes
    };
    let of = |sizes: &[(&str, i32)]| sizes.iter().map(|(key, size)| ((*key).to_owned(), *size)).collect();
    assert_eq!(sizes("spending"), of(&[("t01", 850), ("t02", 3_400), ("t03", 12_750)]));
    let response =
        [("buys_anyway", 2_018), ("ignores", 87), ("looks_only", 4_133), ("moved", 10_756), ("not_reached", 6)];
    assert_eq!(sizes("response"), of(&response));
    // Customers to whom each offer was delivered, and who completed it; those that only inform cannot be completed.
    let offers = run.table("offers.parquet");
    let offer = |promotion: &str| {
        let at = [("segmentation", "spending"), ("promotion", promotion)];
        let own: Vec<_> = at.iter().map(|(column, value)| (offers.position(column), *value)).collect();
        let mut rows =
            offers.rows.iter().filter(|row| own.iter().all(|(at, value)| row[*at].as_deref() == Some(*value)));
        let row = rows.find(|row| row[offers.position("segment_key")].is_none()).unwrap();
        ["customers", "responders"].map(|name| row[offers.position(name)].clone().unwrap())
    };
    assert_eq!(offer("fafdcd668e3743c1bb461111dcafc2a4"), ["6332", "4530"]);
    assert_eq!(offer("0b1e1539f2cc45b7b9fa7c272da2e1d7"), ["6374", "2978"]);
    assert_eq!(offer("3f207df678b143eea3cee63160fa8bed"), ["6331", "0"]);
    assert!(offers.column("revenue").iter().all(Option::is_none), "purchases name no offer");
}

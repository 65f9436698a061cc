//! Times, amounts and ids.

use crate::harness::*;
use std::collections::BTreeMap;

/// Gives the money of each customer.
fn monetary(run: &CommittedRun) -> BTreeMap<String, String> {
    run.feature("monetary").into_iter().map(|(id, money)| (id, money.unwrap())).collect()
}

fn expected(money: &[(&str, &str)]) -> BTreeMap<String, String> {
    money.iter().map(|(id, money)| ((*id).to_owned(), (*money).to_owned())).collect()
}

#[test]
fn amounts_behind_an_apostrophe_are_lost_and_said() {
    let Some(case) = Case::of("13-apostrophe-negatives") else { return };
    let (run, ran) = case.committed("job-asis.toml");
    assert_eq!(run.fates("orders"), Fates { read: 6, used: 4, quarantined: 2, ..Fates::default() });
    let money = [("'=C4", "9.0000"), ("C1", "100.0000"), ("C2", "-1.0000"), ("C3", "50.0000")];
    assert_eq!(monetary(&run), expected(&money));
    run.warned_of(&["source orders", "2 of 6"]);
    let ran = ran.says(&["2 of 6"]);
    let quality = run.table("quality.parquet");
    let lost = quality.only(&[("source", "orders"), ("check_name", "quarantined_share")]);
    assert_eq!(lost["rows_failed"].as_deref(), Some("2"), "{ran}");
    let (run, _) = case.committed("job-cleaned.toml");
    let money = [("'=C4", "9.0000"), ("C1", "30.0000"), ("C2", "-6.5000"), ("C3", "50.0000")];
    assert_eq!(monetary(&run), expected(&money));
}

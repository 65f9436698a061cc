//! Rows that are dropped.

use crate::harness::*;

#[test]
fn rows_on_which_where_is_null_are_counted_apart() {
    let Some(case) = Case::of("25-shopify-blank-lines") else { return };
    let (run, _) = case.committed("job-totals.toml");
    assert_eq!(run.fates("orders"), Fates { read: 6, used: 2, filtered: 4, ..Fates::default() });
    assert_eq!(
        run.feature("monetary").into_iter().collect::<Vec<_>>(),
        [("a@example.com".to_owned(), Some("52.0000".to_owned()))]
    );
    let (run, ran) = case.committed("job-lines.toml");
    assert_eq!(run.fates("orders"), Fates { read: 6, used: 2, filtered: 4, ..Fates::default() });
    assert_eq!(run.feature("monetary")["a@example.com"].as_deref(), Some("20.0000"));
    run.warned_of(&["source orders", "where is null", "3 of 6 rows"]);
    ran.says(&["where is null"]);
}

#[test]
fn a_duplicate_that_differs_is_counted_apart() {
    let Some(case) = Case::of("39-late-and-backfill") else { return };
    let (run, _) = case.committed("job.toml");
    assert_eq!(run.fates("orders"), Fates { read: 4, used: 4, ..Fates::default() });
    let (run, ran) = case.committed("job-later.toml");
    // O4 came again as it was, O3 with another amount, O7 is of the day after.
    let fates = Fates { read: 9, used: 6, duplicate: 2, not_before_as_of: 1, ..Fates::default() };
    assert_eq!(run.fates("orders"), fates);
    run.warned_of(&["source orders", "1 of 9 rows", "other values", "duplicates = {"]);
    ran.says(&["other values"]);
}

#[test]
fn which_duplicate_is_kept_can_be_chosen() {
    let Some(case) = Case::of("39-late-and-backfill") else { return };
    let job = case.changed(
        "job-later.toml",
        "key = [\"order_id\"]",
        "key = [\"order_id\"]\nduplicates = { keep = \"last\", by = \"amount\" }",
    );
    let (run, _) = case.committed(&job);
    // 33 of 30 and 33.
    assert_eq!(run.feature("monetary")["C3"].as_deref(), Some("33.0000"));
}

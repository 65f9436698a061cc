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

//! Cohorts by hand, and in any cut.

use super::{CohortScope, Cohorts, OrderDays, cohort_rows};
use crate::results::CohortRow;
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn day(text: &str, bought: bool, net: i128) -> OrderDays {
    OrderDays { day: Date32Type::from_naive_date(date(text)), bought, net: net * 10_000 }
}

fn cohorts(customers: &[&[OrderDays]]) -> Cohorts {
    let mut all = Cohorts::default();
    customers.iter().for_each(|days| all.add(days).unwrap());
    all
}

fn rows(cohorts: &Cohorts, as_of: &str, min_cell: u64) -> Vec<CohortRow> {
    cohort_rows(&CohortScope { as_of: date(as_of), currency: Some("EUR"), min_cell }, cohorts).unwrap()
}

fn find<'a>(rows: &'a [CohortRow], cohort: &str, since: i32) -> &'a CohortRow {
    rows.iter().find(|row| row.cohort == date(cohort) && row.months_since == since).unwrap()
}

fn three() -> Cohorts {
    cohorts(&[
        // Twice in January counts once; comes back in March.
        &[day("2026-01-03", true, 10), day("2026-01-30", true, 20), day("2026-03-01", true, 5)],
        // Returned in February what was bought in January, and something of before the first order.
        &[day("2025-12-24", false, -3), day("2026-01-31", true, 40), day("2026-02-02", false, -15)],
        // Another cohort, over the turn of a month.
        &[day("2026-02-28", true, 7), day("2026-03-01", true, 8)],
        // Never bought.
        &[day("2026-01-05", false, -100)],
    ])
}

#[test]
fn customers_stand_in_the_month_of_their_first_order() {
    let rows = rows(&three(), "2026-03-20", 1);
    let said = |cohort, since| {
        let row = find(&rows, cohort, since);
        (row.customers, row.active, row.retention, row.revenue)
    };
    assert_eq!(said("2026-01-01", 0), (2, Some(2), Some(1.0), Some(67.0)));
    assert_eq!(said("2026-01-01", 1), (2, Some(0), Some(0.0), Some(-15.0)));
    assert_eq!(said("2026-02-01", 0), (1, Some(1), Some(1.0), Some(7.0)));
    // March is not over, and April has not begun.
    for (cohort, since) in [("2026-01-01", 2), ("2026-02-01", 1), ("2026-02-01", 2)] {
        let row = find(&rows, cohort, since);
        assert_eq!((row.active, row.retention, row.revenue), (None, None, None));
        assert_eq!(row.reason.as_deref(), Some("the month is not over by 2026-03-20"));
    }
    assert_eq!(rows.len(), 6, "two cohorts, as many months as the older has begun");
}

#[test]
fn a_month_is_over_on_the_first_of_the_next() {
    let before = rows(&three(), "2026-03-31", 1);
    assert_eq!(find(&before, "2026-01-01", 2).active, None);
    let after = rows(&three(), "2026-04-01", 1);
    let row = find(&after, "2026-01-01", 2);
    assert_eq!((row.active, row.retention, row.month), (Some(1), Some(0.5), date("2026-03-01")));
    assert_eq!(after.iter().map(|row| row.months_since).max(), Some(2), "April has not begun");
    assert!(rows(&Cohorts::default(), "2026-04-01", 1).is_empty());
}

#[test]
fn of_few_customers_nothing_is_told() {
    let rows = rows(&three(), "2026-04-01", 2);
    let small = find(&rows, "2026-02-01", 0);
    assert_eq!((small.customers, small.active, small.revenue), (1, None, None));
    assert_eq!(small.reason.as_deref(), Some("the cohort has fewer than 2 customers"));
    let of_one = find(&rows, "2026-01-01", 1);
    assert_eq!((of_one.active, of_one.revenue), (Some(0), None), "the refund is one customer's");
    assert_eq!(of_one.reason.as_deref(), Some("revenue: of fewer than 2 customers"));
    assert_eq!(find(&rows, "2026-01-01", 0).revenue, Some(67.0));
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_cohorts(
        customers in proptest::collection::vec(proptest::collection::btree_map(-400_i32..20_000, (any::<bool>(), -50_i128..90), 0..9), 0..20),
        shards in 1_usize..5,
    ) {
        let days = |of: &std::collections::BTreeMap<i32, (bool, i128)>| -> Vec<OrderDays> {
            of.iter().map(|(day, (bought, net))| OrderDays { day: *day, bought: *bought, net: *net }).collect()
        };
        let mut whole = Cohorts::default();
        let mut parts = vec![Cohorts::default(); shards];
        for (at, customer) in customers.iter().enumerate() {
            whole.add(&days(customer)).unwrap();
            parts[at % shards].add(&days(customer)).unwrap();
        }
        let mut merged = Cohorts::default();
        for part in parts.iter().rev() {
            merged.merge(&Cohorts::from_message(&part.to_message()).unwrap());
        }
        prop_assert_eq!(merged, whole);
    }
}

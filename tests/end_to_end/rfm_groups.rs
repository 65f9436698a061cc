//! RFM scores and the table of groups.

use crate::harness::*;
use std::collections::BTreeMap;

/// Days since the last purchase that give the recency scores 1 to 5 with the cuts 30, 90, 180, 365.
const DAYS: [i64; 5] = [400, 365, 180, 90, 30];

/// Groups by recency (rows, 1 to 5) and frequency (columns, 1 to 5), as in the contract.
const GROUPS: [[&str; 5]; 5] = [
    ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"],
    ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"],
    ["about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"],
    ["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"],
    ["new", "potential_loyalist", "potential_loyalist", "champions", "champions"],
];

fn ago(days: i64) -> String {
    let time = timestamp("2026-01-01 12:00:00") - days * 86_400_000_000;
    Order { ordered_at: time, ..Order::new("", "", "2026-01-01 00:00:00", "0.00") }.time_text()
}

fn run_with(orders: &[Order], bins: &str) -> CommittedRun {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let sections = format!(
        "[features]\npresets = [{{ name = \"rfm\" }}]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\nbins = {bins}\n"
    );
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections));
    workspace.committed(&job)
}

#[test]
fn every_cell_of_the_table_has_its_group() {
    let (mut orders, mut expected) = (Vec::new(), BTreeMap::new());
    for (r, days) in DAYS.into_iter().enumerate() {
        for (f, group) in GROUPS[r].into_iter().enumerate() {
            let id = format!("R{}F{}", r + 1, f + 1);
            for number in 0..=f {
                orders.push(Order::new(&id, &format!("{id}-{number}"), &ago(days + number as i64), "10.00"));
            }
            expected.insert(id, group.to_owned());
        }
    }
    orders.push(Order::new("only refunds", "R", &ago(3), "-1.00"));
    expected.insert("only refunds".to_owned(), "no_purchases".to_owned());

    let run = run_with(&orders, "{ recency_days = [30, 90, 180, 365], frequency = [1, 2, 3, 4], monetary = 5 }");
    assert_eq!(run.keys("value"), expected);
    let features = run.table("features");
    for (r, f) in [(1, 1), (3, 5), (5, 2)] {
        let row = features.only(&[("customer_id", &format!("R{r}F{f}"))]);
        assert_eq!((row["r_score"].clone(), row["f_score"].clone()), (Some(r.to_string()), Some(f.to_string())));
    }
}

#[test]
fn quantile_cuts_are_nearest_rank() {
    let orders: Vec<_> = (1..=10)
        .map(|number| {
            Order::new(&format!("C{number:02}"), &format!("O{number}"), &ago(number), &format!("{number}.00"))
        })
        .collect();
    let run = run_with(&orders, "{ recency_days = 5, frequency = 5, monetary = 5 }");
    let scores = |name: &str| run.feature(name).into_values().map(Option::unwrap).collect::<Vec<_>>().join("");
    // The cuts over 1 to 10 are 2, 4, 6, 8.
    assert_eq!(scores("m_score"), "1122334455");
    assert_eq!(scores("r_score"), "5544332211");
    // Everybody bought once: every cut is 1, none is below.
    assert_eq!(scores("f_score"), "1111111111");
}

#[test]
fn equal_values_share_a_score() {
    let run = run_with(&orders_of(600, 3), "{ recency_days = 5, frequency = 5, monetary = 5 }");
    for (value, score) in [("recency_days", "r_score"), ("frequency", "f_score"), ("monetary", "m_score")] {
        let (values, scores) = (run.feature(value), run.feature(score));
        let mut seen = BTreeMap::new();
        for (id, value) in values {
            let score = &scores[&id];
            assert_eq!(seen.entry(value.clone()).or_insert(score), &score, "{value:?} has two scores");
        }
    }
}

//! Features see only what happened before `as_of`.

use crate::harness::*;

fn run_on(orders: &[Order]) -> CommittedRun {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &format!("{DIGEST_FEATURES}{}", without_outcome())));
    workspace.committed(&job)
}

/// What came after `as_of` is not looked at either to judge the segments.
fn without_outcome() -> String {
    let text = EVERY_METHOD.replace("[effectiveness]\noutcome = \"1d\"\n", "");
    assert!(!text.contains("outcome"));
    text
}

#[test]
fn rows_at_and_after_as_of_change_nothing() {
    let orders = orders_of(400, 5);
    let midnight = timestamp("2026-01-01 00:00:00");
    let before: Vec<_> = orders.iter().filter(|order| order.ordered_at < midnight).cloned().collect();
    let mut all = orders;
    all.push(Order::new("C00001", "on the border", "2026-01-01 00:00:00", "99999.00"));
    all.push(Order::new("a newcomer", "later", "2026-01-05 12:00:00", "99999.00"));

    let (with, without) = (run_on(&all), run_on(&before));
    assert_eq!(with.logical_digest(), without.logical_digest());
    // A guest's row is anonymous first, whenever it happened.
    let later = all.iter().filter(|order| order.ordered_at >= midnight && order.client_no.is_some()).count();
    assert_eq!(with.fates("orders").not_before_as_of, later as u64);
    assert_eq!(without.fates("orders").not_before_as_of, 0);
}

#[test]
fn the_last_second_before_as_of_counts() {
    let run = run_on(&[
        Order::new("C1", "O1", "2025-12-31 23:59:59", "10.00"),
        Order::new("C2", "O2", "2025-12-31 00:00:00", "10.00"),
        Order::new("C3", "O3", "2025-12-30 23:59:59", "10.00"),
        Order::new("C4", "O4", "2026-01-01 00:00:00", "10.00"),
    ]);
    let recency = run.feature("recency_days");
    let days = |id: &str| recency[id].as_deref();
    assert_eq!([days("C1"), days("C2"), days("C3")], [Some("1"), Some("1"), Some("2")]);
    assert!(!recency.contains_key("C4"), "a customer that only has later rows is not in the population yet");
}

#[test]
fn the_command_line_wins_over_the_job_file() {
    let workspace = Workspace::new();
    write_orders_parquet(
        &workspace.path("in/orders.parquet"),
        &[
            Order::new("C1", "O1", "2025-06-30 12:00:00", "10.00"),
            Order::new("C1", "O2", "2025-12-30 12:00:00", "5.00"),
        ],
    );
    let job = workspace.job(&job(
        "uri = \"@IN@/orders.parquet\"",
        "[features]\npresets = [{ name = \"rfm\" }]\n\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n",
    ));
    let ran = workspace.run(&job).args(&["--as-of", "2025-07-01"]).go().succeeded();
    assert!(ran.run_folder().contains("/runs/2025-07-01-"), "{ran}");
    let run = CommittedRun::of(&ran);
    assert_eq!(run.feature("recency_days")["C1"].as_deref(), Some("1"));
    assert_eq!(run.feature("frequency")["C1"].as_deref(), Some("1"));
}

//! Metrics of the user's own over the outcome window: values by hand.

use crate::harness::*;

const SHOP: &str = r#"
[[source]]
name = "orders"
kind = "transactions"
uri = "@IN@/orders.csv"
types = { time = "timestamp(%Y-%m-%d %H:%M)" }
[source.columns]
customer_id = "id"
time        = "time"
amount      = "cast(amount as decimal(18, 2))"
cost        = "cast(cost as decimal(18, 2))"
[[source]]
name = "clicks"
kind = "events"
uri = "@IN@/clicks.csv"
types = { time = "timestamp(%Y-%m-%d %H:%M)" }
[source.columns]
customer_id = "id"
time        = "time"
event       = "event"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary >= 100"
"#;

const ORDERS: &str = "id,time,amount,cost\n\
    A1,2025-12-01 10:00,100,50\nA1,2026-01-05 10:00,40,10\nA1,2026-01-06 10:00,60,50\n\
    A2,2025-12-01 10:00,200,50\nA2,2026-01-07 10:00,50,20\n\
    A3,2025-12-01 10:00,300,50\n\
    B1,2025-12-01 10:00,10,5\nB1,2026-01-30 10:00,20,5\n\
    B2,2025-12-01 10:00,20,5\n";
/// A1 signed up before as_of, which nobody counts; N1 is no customer.
const CLICKS: &str = "id,time,event\n\
    A1,2025-12-20 10:00,sign_up\nA2,2026-01-02 10:00,sign_up\nA2,2026-01-03 10:00,sign_up\nA3,2026-01-04 10:00,visit\n\
    B1,2026-01-02 10:00,sign_up\nB2,2026-02-02 10:00,sign_up\n";

const METRICS: &str = r#"
[effectiveness]
outcome = "30d"
[[effectiveness.metric]]
name  = "newsletter"
kind  = "rate"
query = "select customer_id, 1 as value from events where event = 'sign_up' group by customer_id"
[[effectiveness.metric]]
name  = "clicks"
kind  = "mean"
query = "select customer_id, count(*) as value from clicks group by customer_id"
[[effectiveness.metric]]
name  = "margin_rate"
kind  = "ratio"
query = "select customer_id, sum(amount - cost) as value, sum(amount) as per from transactions group by customer_id"
[[effectiveness.metric]]
name  = "margin"
kind  = "total"
query = "select customer_id, sum(amount - cost) as value from transactions group by customer_id"
[[effectiveness.metric]]
name  = "longest"
kind  = "mean"
query = "select customer_id, nullif(max(amount), 60) as value from transactions group by customer_id"
"#;

fn shop() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/orders.csv", ORDERS);
    workspace.write("in/clicks.csv", CLICKS);
    workspace
}

#[test]
fn each_kind_is_measured_over_the_window() {
    let workspace = shop();
    let run = workspace.committed(&workspace.job(&job_of(&format!("{SHOP}{METRICS}"))));
    let table = run.table("effectiveness.parquet");
    let row = |key: &str, metric: &str| table.only(&[("segment_key", key), ("metric", metric), ("basis", "outcome")]);
    let number = |key: &str, metric: &str, column: &str| -> f64 {
        row(key, metric)[column].as_ref().unwrap_or_else(|| panic!("{:?}", row(key, metric))).parse().unwrap()
    };
    for (metric, big, other, n) in [
        // Of A1, A2, A3 one signed up in the window, once or twice; of B1, B2 one, the other when it was over.
        ("newsletter", 1.0 / 3.0, 0.5, 3.0),
        // 0, 2 and 1 clicks; 1 and 0.
        ("clicks", 1.0, 0.5, 3.0),
        // 40 + 30 of 100 + 50; 15 of 20.
        ("margin_rate", 70.0 / 150.0, 0.75, 3.0),
        ("margin", 70.0, 15.0, 3.0),
        // A1's is not known: 50 and 0 of the other two.
        ("longest", 25.0, 10.0, 2.0),
    ] {
        assert!((number("big", metric, "value") - big).abs() < 1e-12, "{metric}: {:?}", row("big", metric));
        assert!((number("big", metric, "rest_value") - other).abs() < 1e-12, "{metric}");
        assert!((number("other", metric, "value") - other).abs() < 1e-12, "{metric}");
        assert_eq!(number("big", metric, "n"), n, "{metric}");
    }
    assert!(number("big", "margin_rate", "ci_low") < 70.0 / 150.0);
    // Of the others one bought, so that nothing is known of how far chance would carry their ratio.
    let reason = row("big", "margin_rate")["reason"].clone().unwrap();
    assert!(
        row("big", "margin_rate")["p_value"].is_none() && reason.contains("all values are equal outside the segment")
    );
    assert_eq!(row("big", "margin")["lift"], None);
    assert!(row("big", "longest")["reason"].as_ref().unwrap().contains("of 1 customers it is not known"));
    assert_eq!(row("big", "newsletter")["unit"].as_deref(), Some("share"));
    let in_sample = table.rows.iter().filter(|row| row[table.position("basis")].as_deref() == Some("in_sample"));
    assert!(in_sample.clone().count() > 0);
    assert!(in_sample.into_iter().all(|row| row[table.position("metric")].as_deref() != Some("clicks")));
}

#[test]
fn a_job_without_transactions_is_judged_by_its_own_metrics() {
    let workspace = shop();
    let clicks = &SHOP[SHOP.find("[[source]]\nname = \"clicks\"").unwrap()..SHOP.find("[features]").unwrap()];
    let sections = "[features]\npresets = []\n[[features.sql]]\nname = \"visits\"\n\
        query = \"select customer_id, count(*) as visits from clicks group by customer_id\"\n\
        [[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"some\"\nwhen = \"visits > 0\"\n\
        [effectiveness]\noutcome = \"30d\"\n[[effectiveness.metric]]\nname = \"signed_up\"\nkind = \"rate\"\n\
        query = \"select customer_id, 1 as value from clicks where event = 'sign_up' group by customer_id\"\n";
    let without_currency = job_of(&format!("{clicks}{sections}")).replace("currency = \"EUR\"\n", "");
    let run = workspace.committed(&workspace.job(&without_currency));
    let table = run.table("effectiveness.parquet");
    let mut metrics: Vec<_> = table.rows.iter().map(|row| row[table.position("metric")].clone().unwrap()).collect();
    metrics.dedup();
    metrics.sort();
    metrics.dedup();
    assert_eq!(metrics, ["customers", "signed_up"], "nothing is said of purchases where there are none");
}

#[test]
fn the_same_bytes_for_any_threads_and_shards() {
    let workspace = shop();
    let job = workspace.job(&job_of(&format!("{SHOP}{METRICS}")));
    let one = workspace.committed(&job);
    for args in [["--threads", "1", "--shards", "1"], ["--threads", "3", "--shards", "5"]] {
        let ran = workspace.run(&job).args(&["--new-run"]).args(&args).go().succeeded();
        assert_eq!(CommittedRun::of(&ran).files["effectiveness.parquet"], one.files["effectiveness.parquet"]);
    }
}

#[test]
fn a_window_of_which_no_rows_can_be_is_refused() {
    let workspace = shop();
    // Rows without times are in no window.
    let timeless = SHOP
        .replace("kind = \"events\"", "kind = \"survey\"")
        .replace("time        = \"time\"\nevent       = \"event\"", "question    = \"event\"\nanswer      = \"event\"");
    assert_ne!(timeless, SHOP);
    let metric = "[effectiveness]\noutcome = \"30d\"\n[[effectiveness.metric]]\nname = \"answers\"\nkind = \"mean\"\n\
        query = \"select customer_id, count(*) as value from clicks group by customer_id\"\n";
    let error = workspace.failing(&workspace.job(&job_of(&format!("{timeless}{metric}"))), 2).stderr;
    assert!(error.contains("rows of source clicks have no times"), "{error}");
    // Files of the window are not read.
    for (range, is_refused) in
        [("to = \"0d\"", true), ("take = \"last\"", true), ("to = \"+29d\"", false), ("from = \"-9d\"", false)]
    {
        let pruned = SHOP.replacen(
            "[source.columns]",
            &format!("partitions = {{ column = \"day\", {range} }}\n[source.columns]"),
            1,
        );
        let ran = Program::segmenter(&["validate", "--offline"])
            .args(&[workspace.job(&job_of(&format!("{pruned}{METRICS}"))).to_str().unwrap()])
            .go();
        assert_eq!(ran.code() == Some(2), is_refused, "{range}: {ran}");
        assert!(!is_refused || ran.stderr.contains("leaves out rows of the outcome window"), "{ran}");
    }
}

#[test]
fn satisfaction_and_margin_are_measured_without_a_word() {
    let workspace = shop();
    // Of the last day before the window and of its last day; a score beyond the scale of NPS counts for none.
    workspace.write(
        "in/said.csv",
        "id,time,what,score\nA1,2026-01-02 10:00,nps,10\nA1,2026-01-03 10:00,nps,3\nA2,2026-01-03 10:00,nps,9\nA3,2026-01-03 10:00,nps,11\n\
         B1,2026-01-03 10:00,nps,6\nB2,2026-01-03 10:00,nps,7\nA1,2026-01-04 10:00,csat,4\nA2,2026-01-04 10:00,csat,5\n\
         B1,2026-01-04 10:00,complaint,\nB2,2026-01-05 10:00,review,2\nA1,2025-12-31 10:00,nps,0\n",
    );
    let said = "[[source]]\nname = \"said\"\nkind = \"feedback\"\nuri = \"@IN@/said.csv\"\n\
        types = { time = \"timestamp(%Y-%m-%d %H:%M)\", score = \"double\" }\n[source.columns]\ncustomer_id = \"id\"\ntime = \"time\"\n\
        feedback = \"what\"\nscore = \"score\"\n[features]\n";
    let text = format!("{}\n[effectiveness]\noutcome = \"30d\"\n", SHOP.replacen("[features]\n", said, 1));
    let run = workspace.committed(&workspace.job(&job_of(&text)));
    let table = run.table("effectiveness.parquet");
    let of = |segment: &str, metric: &str| {
        let row = table.only(&[("segment_key", segment), ("metric", metric), ("basis", "outcome")]);
        (row["value"].as_ref().map(|value| value.parse::<f64>().unwrap()), row["unit"].clone().unwrap())
    };
    // Of the big: A1 10 and 3, A2 9; the others: 6 and 7.
    for (segment, metric, value, unit) in [
        ("big", "nps", 100.0 / 3.0, "points"),
        ("other", "nps", -50.0, "points"),
        ("big", "csat", 4.5, "score"),
        ("other", "rating", 2.0, "score"),
        ("big", "complaints", 0.0, "share"),
        ("other", "complaints", 0.5, "share"),
        ("big", "margin", 40.0 - 10.0 + 60.0 - 50.0 + 50.0 - 20.0, "currency"),
        ("big", "margin_per_customer", 70.0 / 3.0, "currency_per_customer"),
        ("other", "margin", 15.0, "currency"),
    ] {
        let (found, unit_of) = of(segment, metric);
        assert!(found.is_some_and(|found| (found - value).abs() < 1e-12), "{segment} {metric}: {found:?}");
        assert_eq!(unit_of, unit, "{metric}");
    }
    let unrated = table.only(&[("segment_key", "big"), ("metric", "rating"), ("basis", "outcome")]);
    assert_eq!(unrated["value"], None);
    assert!(unrated["reason"].as_ref().unwrap().contains("what it is divided by is not above 0"));
}

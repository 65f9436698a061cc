//! Experiments through the program: who is in which arm, what is measured, and what is refused.

use crate::harness::*;

const SECTIONS: &str = r#"
[privacy]
min_cell = 1
[[source]]
name = "groups"
kind = "members"
uri  = "@IN@/groups.csv"
types = { since = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
programme   = "'spring'"
arm         = "arm"
since       = "since"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary >= 100"
"#;

const EXPERIMENT: &str = r#"
[effectiveness]
outcome = "30d"
[[effectiveness.metric]]
name  = "orders_made"
kind  = "mean"
query = "select customer_id, count(*) as value from transactions group by customer_id"
[[effectiveness.experiment]]
name       = "spring"
arms       = { source = "groups", arm = "arm", assigned_at = "since" }
control    = "holdout"
shares     = { holdout = 0.5, mail = 0.5 }
randomised = true
start      = "2026-01-05"
end        = "2026-01-20"
metrics    = ["revenue_per_customer", "conversion", "orders_made"]
"#;

/// Before as_of everybody bought; days of January say what counts.
fn orders() -> Vec<Order> {
    #[allow(clippy::type_complexity, reason = "a table")]
    let bought: &[(&str, &str, &[(&str, &str)])] = &[
        ("H1", "2025-12-20", &[("2026-01-05", "10.00")]),
        // Before and after the experiment.
        ("H2", "2025-12-21", &[("2026-01-04", "500.00"), ("2026-01-20", "500.00")]),
        ("H3", "2025-06-01", &[("2026-01-19", "20.00")]),
        ("M1", "2025-12-20", &[("2026-01-10", "40.00"), ("2026-01-11", "10.00")]),
        ("M2", "2025-12-20", &[("2026-01-12", "30.00")]),
        ("M3", "2025-06-01", &[]),
        ("T1", "2025-12-20", &[("2026-01-10", "900.00")]),
        ("L1", "2025-12-20", &[("2026-01-30", "900.00")]),
        ("X1", "2025-12-20", &[("2026-01-10", "900.00")]),
        ("N1", "2025-12-20", &[("2026-01-10", "900.00")]),
    ];
    let mut orders = Vec::new();
    for (id, first, own) in bought {
        let price = if id.ends_with('1') { "100.00" } else { "10.00" };
        orders.push(Order::new(id, &format!("{id}-first"), &format!("{first} 12:00:00"), price));
        for (number, (day, amount)) in own.iter().enumerate() {
            orders.push(Order::new(id, &format!("{id}-{number}"), &format!("{day} 12:00:00"), amount));
        }
    }
    orders
}

const GROUPS: &str = "id,arm,since\nH1,holdout,2026-01-04\nH2,holdout,2026-01-04\nH3,holdout,\nM1,mail,2026-01-04\nM1,mail,2026-01-06\n\
    M2,mail,2026-01-04\nM3,mail,2026-01-04\nT1,mail,2026-01-04\nT1,holdout,2026-01-04\nL1,mail,2026-01-20\nX1,sms,2026-01-04\n";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    workspace.write("in/groups.csv", GROUPS.as_bytes());
    workspace
}

fn job_with(effectiveness: &str) -> String {
    job("uri = \"@IN@/orders.parquet\"", &format!("{SECTIONS}{effectiveness}"))
}

#[test]
fn arms_are_compared_within_the_experiment_by_who_was_assigned() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job_with(EXPERIMENT)));
    let table = run.table("experiments.parquet");
    let (of, key) = (table.position("metric"), table.position("segment_key"));
    let overall = |metric: &str| {
        let mut own = table.clone();
        own.rows.retain(|row| row[of].as_deref() == Some(metric) && row[key].is_none());
        own.only(&[("metric", metric)])
    };
    let money = overall("revenue_per_customer");
    let cell = |row: &std::collections::BTreeMap<String, Option<String>>, name: &str| -> f64 {
        row[name].as_ref().unwrap_or_else(|| panic!("{name} of {row:?}")).parse().unwrap()
    };
    // 10 + 0 + 20 of three; 50 + 30 + 0 of three.
    assert_eq!((cell(&money, "control_value"), cell(&money, "control_assigned")), (10.0, 3.0));
    assert!((cell(&money, "value") - 80.0 / 3.0).abs() < 1e-12 && cell(&money, "assigned") == 3.0);
    assert_eq!((cell(&money, "in_two_arms"), cell(&money, "in_other_arm"), cell(&money, "too_late")), (1.0, 1.0, 1.0));
    assert_eq!((money["word"].as_deref(), money["currency"].as_deref()), (Some("effect"), Some("EUR")));
    // Two of three spent something: too few for an interval of money.
    assert!(
        money["ci_low"].is_none() && money["reason"].as_ref().unwrap().contains("fewer than 100 customers"),
        "{money:?}"
    );
    let conversion = overall("conversion");
    assert!(
        (cell(&conversion, "value") - 2.0 / 3.0).abs() < 1e-12
            && (cell(&conversion, "control_value") - 2.0 / 3.0).abs() < 1e-12
    );
    // The 15 days before as_of: the first orders of December, and none of June.
    assert!(conversion["adjusted_difference"].is_some() && conversion["variance_ratio"].is_some(), "{conversion:?}");
    assert_eq!(cell(&overall("orders_made"), "value"), 1.0);
    let big = table.only(&[("segment_key", "big"), ("metric", "revenue_per_customer")]);
    assert_eq!((cell(&big, "value"), cell(&big, "control_value"), cell(&big, "n")), (50.0, 10.0, 1.0));
    for words in [
        "1 customers stand in several arms",
        "1 customers stand in an arm that `shares` does not have",
        "1 customers were assigned",
    ] {
        run.warned_of(&["experiment spring", words]);
    }
    let again = CommittedRun::of(
        &workspace.run(&workspace.job(&job_with(EXPERIMENT))).args(&["--shards", "5", "--new-run"]).go().succeeded(),
    );
    assert_eq!(again.logical_digest(), run.logical_digest());
}

#[test]
fn an_arm_can_be_a_column_of_customers_and_a_run_is_evaluated_later() {
    let workspace = workspace();
    let mut people = "id,arm\n".to_owned();
    for id in ["H1", "H2", "H3", "T1"] {
        people.push_str(&format!("{id},holdout\n"));
    }
    for id in ["M1", "M2", "M3"] {
        people.push_str(&format!("{id},mail\n"));
    }
    workspace.write("in/people.csv", people.as_bytes());
    let source = "[[source]]\nname = \"people\"\nkind = \"customers\"\nuri = \"@IN@/people.csv\"\n[source.columns]\ncustomer_id = \"id\"\ntest_arm = \"arm\"\n";
    let first = workspace.committed(&workspace.job(&job_with(source)));
    let arms = "arms       = { source = \"groups\", arm = \"arm\", assigned_at = \"since\" }";
    let effectiveness = EXPERIMENT.replace(arms, "arms = \"test_arm\"").replace("randomised = true", "");
    let job = workspace.job(&job_with(&format!("{source}{effectiveness}")));
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    // What the job's own day would be has no say.
    let text = std::fs::read_to_string(&job).unwrap().replace("\"2026-01-01\"", "\"2026-03-01\"");
    let later = workspace.job_named("later.toml", &text);
    let args =
        ["evaluate", later.to_str().unwrap(), "--scratch", &scratch, "--run", first.folder.rsplit('/').next().unwrap()];
    let judged = CommittedRun::of(&Program::segmenter(&args).go().succeeded());
    let row = judged.table("experiments.parquet").only(&[("segment_key", "other"), ("metric", "conversion")]);
    assert_eq!((row["word"].as_deref(), row["in_two_arms"].as_deref()), (Some("difference"), Some("0")));
    assert_eq!((row["control_assigned"].as_deref(), row["assigned"].as_deref()), (Some("2"), Some("2")));
    // The same job as of its own day is refused: its segments would know what the experiment did.
    let error = workspace.run(&later).go().failed_with(2).stderr;
    assert!(error.contains("starts on 2026-01-05") && error.contains("segmenter evaluate"), "{error}");
}

#[test]
fn mistakes_are_refused_at_their_places() {
    let workspace = workspace();
    let refused = |from: &str, to: &str| {
        assert!(EXPERIMENT.contains(from), "{from}");
        let job = workspace.job(&job_with(&EXPERIMENT.replace(from, to)));
        workspace.run(&job).go().failed_with(2).stderr
    };
    for (from, to, words) in [
        ("end        = \"2026-01-20\"", "end = \"2026-02-20\"", "write outcome = \"50d\" or more"),
        ("end        = \"2026-01-20\"", "end = \"2026-01-05\"", "a day after `start`"),
        ("mail = 0.5 }", "mail = 0.6 }", "the shares add up to 1.1"),
        ("control    = \"holdout\"", "control = \"holdou\"", "did you mean `holdout`"),
        ("arm = \"arm\"", "arm = \"arms\"", "source groups has no column `arms`"),
        ("source = \"groups\"", "source = \"group\"", "no source is named `group`"),
        ("\"orders_made\"]", "\"orders_mad\"]", "there is no metric `orders_mad`"),
        ("outcome = \"30d\"", "confidence = 0.9", "there is an experiment and no window to measure it in"),
        ("outcome = \"30d\"", "outcome = \"30d\"\nconfidence = 0.99999", "0.5 to 0.9999"),
        ("outcome = \"30d\"", "outcome = \"30d\"\nconfidence = 0.95001", "four digits"),
    ] {
        let error = refused(from, to);
        assert!(error.contains(words), "{to}: {error}");
    }
    let error = refused("kind  = \"mean\"", "kind  = \"total\"");
    assert!(error.contains("is a total, which grows with the arm"), "{error}");
}

//! Checks of the user's own: every row is judged once, null cannot be told, and what is too much warns or stops.

use crate::harness::*;
use std::collections::BTreeMap;

const SECTIONS: &str = r#"[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)" }
where = "channel is distinct from 'test'"
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
channel     = "channel"
[[source]]
name  = "products"
kind  = "reference"
uri   = "@IN@/products.csv"
key   = "product_id"
[source.columns]
product_id  = "sku"
price       = "cast(price as double)"
#CHECKS
"#;

/// A refund, an amount that is not there, no channel, a row without an id, a day that is none, a row that `where` drops.
const ORDERS: &str = "id,at,gross,channel\nC1,2025-12-01,10.00,web\nC1,2025-12-02,-1.00,web\nC2,2025-12-03,,shop\n\
                      C3,2025-12-04,5.00,\n,2025-12-05,-3.00,shop\nC4,someday,-7.00,web\nC5,2025-12-06,-9.00,test\n";

fn check(name: &str, source: &str, expression: &str, more: &str) -> String {
    format!("[[quality.check]]\nname = \"{name}\"\nsource = \"{source}\"\nexpression = \"{expression}\"\n{more}\n")
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/orders/a.csv", ORDERS);
    workspace.write("in/products.csv", "sku,price\nP1,1.50\nP2,0\nP3,\n");
    workspace
}

fn job(checks: &str) -> String {
    job_of(&format!("{}{ONLY_RFM}", SECTIONS.replace("#CHECKS", checks)))
}

fn row(run: &CommittedRun, check: &str, name: &str) -> BTreeMap<String, Option<String>> {
    run.table("quality.parquet").only(&[("check_name", check), ("column_name", name)])
}

#[test]
fn rows_are_right_wrong_or_cannot_be_told() {
    let workspace = workspace();
    let checks = check("positive", "orders", "amount > 0", "max_failed_share = 0.5")
        + &check("known_channel", "orders", "channel in ('web', 'shop')", "")
        + &check("numeric", "orders", "cast(channel as int) > 0", "max_failed_share = 1")
        + &check("priced", "products", "price > 0", "max_failed_share = 0.4\naction = \"warn\"");
    let run = workspace.committed(&workspace.job(&job(&checks)));
    // The day that is none and the row that `where` drops are not looked at; of five, one has no amount.
    assert_eq!(run.noted_of("check_failed_share", "positive"), (2, 4));
    assert_eq!(run.noted_of("check_undecided_share", "positive"), (1, 5));
    assert_eq!(
        (run.noted_of("check_failed_share", "known_channel"), run.noted_of("check_undecided_share", "known_channel")),
        ((0, 4), (1, 5))
    );
    // What cannot be computed is not right: four channels are no numbers, and one is not there.
    assert_eq!(
        (run.noted_of("check_failed_share", "numeric"), run.noted_of("check_undecided_share", "numeric")),
        ((4, 4), (1, 5))
    );
    assert_eq!(
        (run.noted_of("check_failed_share", "priced"), run.noted_of("check_undecided_share", "priced")),
        ((1, 2), (1, 3))
    );
    let positive = row(&run, "check_failed_share", "positive");
    let cell = |name: &str| positive[name].as_deref();
    assert_eq!(
        (cell("source"), cell("value"), cell("limit"), cell("action")),
        (Some("orders"), Some("0.5"), Some("0.5"), Some("ok"))
    );
    let priced = row(&run, "check_failed_share", "priced");
    assert_eq!((priced["limit"].as_deref(), priced["action"].as_deref()), (Some("0.4"), Some("warn")));
    let told = run.warned_of(&["source products: check priced fails on 1 of 2 rows (first: row 2 of "]);
    assert!(told.ends_with("products.csv): 50 %, more than `max_failed_share = 0.4` allows"), "{told}");
    // A check changes the fate of no row.
    assert_eq!((run.fates("orders").quarantined, run.fates("orders").anonymous, run.fates("orders").used), (2, 1, 3));
}

#[test]
fn too_many_wrong_rows_stop_the_run_and_no_value_is_shown() {
    let workspace = workspace();
    let ran = workspace.failing(&workspace.job(&job(&check("positive", "orders", "amount > 0", ""))), 3);
    let ran = ran.says(&[
        "source orders: check positive fails on 2 of 4 rows (first: row 2 of ",
        "50 %, more than `max_failed_share = 0` allows",
        "look at the rows that failed, or change the limit in [quality]",
    ]);
    assert!(!ran.stderr.contains("-1.00") && !ran.stderr.contains("-3.00"), "{}", ran.stderr);
    assert!(!workspace.has_commit());
    let gate =
        "[[quality.gate]]\nsource = \"orders\"\ncheck = \"check_undecided_share\"\ncolumn = \"positive\"\nmax = 0.1\n";
    let lenient = check("positive", "orders", "amount > 0", "max_failed_share = 1") + gate;
    workspace
        .failing(&workspace.job(&job(&lenient)), 3)
        .says(&["check_undecided_share of positive is 20 % (1 of 5 rows), more than the gate's `max = 0.1` allows"]);
}

#[test]
fn a_check_that_can_tell_nothing_is_heard_and_one_of_no_rows_has_a_row() {
    let workspace = workspace();
    workspace.write("in/products.csv", "sku,price\n");
    let checks =
        check("nothing", "orders", "amount > cast(null as int)", "") + &check("priced", "products", "price > 0", "");
    let run = workspace.committed(&workspace.job(&job(&checks)));
    assert_eq!(run.noted_of("check_failed_share", "nothing"), (0, 0));
    assert_eq!(row(&run, "check_failed_share", "nothing")["failed_share"], None);
    run.warned_of(&["source orders: check nothing is null on 5 of 5 rows, of which it says nothing", "coalesce("]);
    let row = row(&run, "check_failed_share", "priced");
    assert_eq!(
        (row["rows_checked"].as_deref(), row["value"].as_deref(), row["action"].as_deref()),
        (Some("0"), None, Some("ok"))
    );
}

#[test]
fn figures_are_the_same_however_the_rows_lie() {
    let workspace = workspace();
    let checks = check("positive", "orders", "amount > 0", "max_failed_share = 0.1\naction = \"warn\"");
    let job = workspace.job(&job(&checks));
    let whole = workspace.committed(&job);
    let (head, rows) = ORDERS.split_once('\n').unwrap();
    std::fs::remove_file(workspace.path("in/orders/a.csv")).unwrap();
    for (number, row) in rows.lines().enumerate() {
        workspace.write(&format!("in/orders/{}.csv", 9 - number), format!("{head}\n{row}\n"));
    }
    workspace.forget_results();
    let ran = workspace.run(&job).args(&["--threads", "3", "--shards", "5"]).go().succeeded();
    let parts = CommittedRun::of(&ran);
    assert_eq!(whole.files["quality.parquet"], parts.files["quality.parquet"]);
    // The first is the first by file and row.
    parts.warned_of(&["check positive fails on 2 of 4 rows (first: row 1 of ", "/5.csv): 50 %"]);
}

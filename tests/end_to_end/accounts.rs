//! Companies in place of customers: their deals, what contacts did for them, and what is told of both.

use crate::harness::*;
use std::collections::BTreeMap;

const RULES: &str = "[[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"winning\"\nwhen = \"coalesce(win_rate, 0) > 0.5\"\n";

fn text(sources: &str, features: &str) -> String {
    job_of(&format!("{sources}{features}{RULES}")).replacen("seed ", "unit = \"account\"\nseed ", 1)
}

fn firmographic() -> String {
    text(EVERY_KIND_OF_ACCOUNTS, "[features]\npresets = [\"firmographic\"]\n")
}

/// Gives columns of an account, numbers without zeros at the end.
fn shown(features: &Table, account: &str, columns: &str) -> String {
    let row: BTreeMap<String, Option<String>> = features.only(&[("account_id", account)]);
    let value = |column: &str| match &row[column] {
        None => "-".to_owned(),
        Some(text) => text.parse::<f64>().map_or_else(|_| text.replace(' ', "_"), |number| number.to_string()),
    };
    columns.split_whitespace().map(value).collect::<Vec<_>>().join(" ")
}

#[test]
fn firmographic_by_hand() {
    let workspace = Workspace::new();
    // What came later is there, and changes nothing.
    write_every_kind_later(&workspace);
    let run = workspace.committed(&workspace.job(&firmographic()));
    let features = run.table("features");
    let columns = "employees_band industry_level revenue_band account_age_years account_country account_subsidiaries account_contacts";
    for (account, expected) in [
        ("K1", "under_10 retail under_2_million 10 PL 2 -"),
        ("K2", "10-49 retail 2-10_million 0 DE 0 -"),
        ("K3", "250-999 - 250-1000_million - - 0 -"),
        ("K4", "5000+ finance 1000_million+ 100 PL 0 -"),
        ("K5", "- - - - - 0 -"),
    ] {
        assert_eq!(shown(&features, account, columns), expected, "{account}: {columns}");
    }
    // K2 has won a deal whose value nobody knows, and a deal of it is open that was won on the day of as_of.
    let columns =
        "deals_open deals_open_value deals_won deals_lost win_rate deals_won_value deal_won_mean sales_cycle_days";
    for (account, expected) in [
        ("K1", "2 100 2 1 0.6666666666666666 300.5 150.25 15"),
        ("K2", "1 - 1 0 1 - - 91"),
        ("K3", "0 0 0 1 0 0 - -"),
        ("K4", "0 0 0 0 - 0 - -"),
        ("K5", "0 0 0 0 - 0 - -"),
    ] {
        assert_eq!(shown(&features, account, columns), expected, "{account}: {columns}");
    }
    let keys: Vec<String> = run.keys("targets").into_values().collect();
    assert_eq!(keys, ["winning", "winning", "other", "other", "other"]);
}

#[test]
fn deals_of_no_account_and_of_unknown_ones_are_counted() {
    let workspace = Workspace::new();
    write_every_kind_later(&workspace);
    let run = workspace.committed(&workspace.job(&firmographic()));
    let deals = run.fates("deals");
    assert_eq!((deals.read, deals.used, deals.anonymous, deals.not_before_as_of), (12, 8, 1, 2));
    assert_eq!(deals.unknown_customer, 1, "K9 is no company of the source");
    for table in ["features", "assignments/targets"] {
        assert_eq!(run.table(table).id(), "account_id", "{table}");
    }
}

#[test]
fn a_window_cuts_deals_by_the_day_on_which_they_were_closed() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let job = firmographic().replace(
        "[\"firmographic\"]",
        "[\"firmographic\", { name = \"firmographic\", window = \"60d\", suffix = \"_60d\" }]",
    );
    let features = workspace.committed(&workspace.job(&job)).table("features");
    let columns = "deals_won_60d deals_lost_60d deals_open_60d win_rate_60d";
    assert_eq!(shown(&features, "K1", columns), "0 1 2 0");
    assert_eq!(shown(&features, "K2", columns), "1 0 1 1");
}

#[test]
fn without_deals_nothing_is_known_of_them() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let sources = EVERY_KIND_OF_ACCOUNTS.split("[[source]]\nname = \"deals\"").next().unwrap();
    let run = workspace.committed(&workspace.job(&text(sources, "[features]\npresets = [\"firmographic\"]\n")));
    let columns = "employees_band deals_open deals_won win_rate deals_won_value";
    assert_eq!(shown(&run.table("features"), "K1", columns), "under_10 - - - -");
}

/// Orders and visits of people who work for the companies.
const CONTACTS: &str = r#"
[[source]]
name = "people"
kind = "customers"
uri  = "@IN@/staff.csv"
[source.columns]
customer_id = "id"
account_id  = "company"
job_title   = "title"
[[source]]
name = "orders"
kind = "transactions"
uri  = "@IN@/bought.csv"
types = { at = "date(%Y-%m-%d)", paid = "decimal(18,2)" }
[source.columns]
account_id  = "company"
customer_id = "id"
order_id    = "receipt"
time        = "at"
amount      = "paid"
[features]
presets = ["firmographic", "rfm"]
[[features.sql]]
name     = "people"
defaults = { buyers = 0, people = 0 }
query    = """
select a.account_id, count(distinct c.customer_id) as people, count(distinct o.customer_id) as buyers
from accounts a left join customers c on c.account_id = a.account_id left join orders o on o.account_id = a.account_id
group by a.account_id"""
"#;

fn write_contacts(workspace: &Workspace) {
    write_every_kind(workspace);
    workspace.write("in/staff.csv", "id,company,title\nA,K1,buyer\nB,K1,cook\nC,K2,buyer\nD,,buyer\n");
    let bought = "company,id,receipt,at,paid\nK1,A,1,2025-12-01,10\nK1,B,2,2025-12-30,5\nK1,B,3,2026-01-01,99\nK2,C,4,2025-06-01,7\n,D,5,2025-06-01,7\n";
    workspace.write("in/bought.csv", bought);
}

#[test]
fn rows_of_contacts_count_for_their_account() {
    let workspace = Workspace::new();
    write_contacts(&workspace);
    let run = workspace.committed(&workspace.job(&text(&format!("{EVERY_KIND_OF_ACCOUNTS}{CONTACTS}"), "")));
    let features = run.table("features");
    let columns = "people account_contacts buyers frequency monetary recency_days";
    for (account, expected) in [("K1", "2 2 2 2 15 2"), ("K2", "1 1 1 1 7 214"), ("K3", "0 0 0 0 0 -")] {
        assert_eq!(shown(&features, account, columns), expected, "{account}");
    }
    assert_eq!((run.fates("people").anonymous, run.fates("orders").anonymous), (1, 1));
}

#[test]
fn shards_threads_and_memory_change_nothing() {
    let answers: Vec<LogicalDigest> = [["1", "1"], ["8", "3"]]
        .into_iter()
        .map(|[shards, threads]| {
            let workspace = Workspace::new();
            write_contacts(&workspace);
            let job = workspace.job(&text(&format!("{EVERY_KIND_OF_ACCOUNTS}{CONTACTS}"), ""));
            let ran = workspace.run(&job).args(&["--shards", shards, "--threads", threads]).go().succeeded();
            CommittedRun::of(&ran).logical_digest()
        })
        .collect();
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn mistakes_are_told_in_the_words_of_accounts() {
    let workspace = Workspace::new();
    write_contacts(&workspace);
    let whole = text(&format!("{EVERY_KIND_OF_ACCOUNTS}{CONTACTS}"), "");
    for (from, to, says) in [
        ("unit = \"account\"\n", "", "a source of kind accounts is of accounts, and the job segments customers"),
        ("unit = \"account\"", "unit = \"acount\"", "did you mean \"account\"?"),
        (
            "account_id  = \"company\"\njob_title",
            "job_title",
            "missing column `account_id` of a source of kind customers",
        ),
        ("from = \"companies\"", "from = \"people\"", "a source of kind accounts, or \"all\""),
        (
            "\"rfm\"]",
            "\"rfm\", \"demographic\"]",
            "the preset `demographic` looks at customers, and the job segments accounts",
        ),
        ("select a.account_id, count", "select count(*) as n, count", "select account_id too"),
        ("closed     = \"ended\"\n", "", "`won` stands without `closed`, by which it is told what was known"),
        (
            "[population]",
            "[population]\nexclude_list = { uri = \"@IN@/out.csv\", customer_id = \"id\" }",
            "missing key `account_id` in `population.exclude_list`",
        ),
        (
            "[features]\npresets",
            "[[source]]\nname = \"more\"\nkind = \"accounts\"\nuri = \"@IN@/staff.csv\"\n[source.columns]\naccount_id = \"company\"\nparent_id = \"id\"\n[features]\npresets",
            "a second source of kind accounts is not available yet",
        ),
        (
            "[features]\npresets",
            "[[source]]\nname = \"pairs\"\nkind = \"identities\"\nuri = \"@IN@/staff.csv\"\n[source.columns]\nid = \"id\"\nother_id = \"company\"\n[features]\npresets",
            "a source of kind identities links ids of customers, and the job segments accounts",
        ),
        (
            "[population]",
            "[identity]\nmax_ids = 5\n[population]",
            "[identity] makes persons of the ids of customers, and the job segments accounts",
        ),
    ] {
        assert!(whole.contains(from), "{from}");
        workspace.failing(&workspace.job(&whole.replacen(from, to, 1)), 2).says(&[says]);
    }
}

#[test]
fn accounts_that_are_listed_are_left_out() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    workspace.write("in/out.csv", "company\nK1\n K4 \n");
    let job = firmographic().replacen(
        "[population]",
        "[population]\nexclude_list = { uri = \"@IN@/out.csv\", account_id = \"company\" }\nexclude = \"country = 'DE'\"",
        1,
    );
    let run = workspace.committed(&workspace.job(&job));
    assert_eq!(run.keys("targets").into_keys().collect::<Vec<_>>(), ["K3", "K5"]);
}

#[test]
fn workers_and_kills_change_no_byte() {
    let workspace = Workspace::new();
    write_contacts(&workspace);
    let job = workspace.job(&text(&format!("{EVERY_KIND_OF_ACCOUNTS}{CONTACTS}"), ""));
    let sharded = |program: Program| program.args(&["--shards", "5"]);
    let expected = CommittedRun::of(&sharded(workspace.run(&job)).go().succeeded()).byte_digest();
    for count in [1, 3] {
        workspace.forget_results();
        let coordinator = Coordinator::start(sharded(workspace.coordinator(&job, count)));
        let workers: Vec<Running> = (0..count).map(|_| workspace.worker(coordinator.url()).start()).collect();
        let run = CommittedRun::of(&coordinator.wait().succeeded());
        assert_eq!(run.byte_digest(), expected, "{count} workers");
        workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    }
    for point in ["partition.middle", "features.middle", "assign.middle"] {
        workspace.forget_results();
        sharded(workspace.run(&job)).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        let run = CommittedRun::of(&sharded(workspace.run(&job)).go().succeeded());
        assert_eq!(run.byte_digest(), expected, "after a kill at {point}");
    }
}

//! How customers answer messages, by channel, offer and campaign, and how many they get: values by hand.

use crate::harness::*;
use std::collections::BTreeMap;

const SHOP: &str = r#"
[privacy]
min_cell = 1
[contacts]
cap = { days = 7, messages = 1 }
[effectiveness]
outcome = "30d"
[[source]]
name = "orders"
kind = "transactions"
uri = "@IN@/orders.csv"
types = { time = "timestamp(%Y-%m-%d %H:%M)" }
[source.columns]
customer_id  = "id"
time         = "time"
amount       = "cast(amount as decimal(18, 2))"
cost         = "cast(cost as decimal(18, 2))"
promotion_id = "promo"
[[source]]
name = "mail"
kind = "messages"
uri = "@IN@/mail.csv"
types = { time = "timestamp(%Y-%m-%d %H:%M)", cost = "double" }
[source.columns]
customer_id  = "id"
time         = "time"
action       = "action"
message_id   = "message"
campaign_id  = "campaign"
promotion_id = "promo"
channel      = "channel"
cost         = "cost"
[[source]]
name = "campaigns"
kind = "reference"
uri = "@IN@/campaigns.csv"
key = "campaign_id"
[source.columns]
campaign_id = "campaign"
cost        = "cast(cost as decimal(18, 2))"
[[source]]
name = "consents"
kind = "consents"
uri = "@IN@/consents.csv"
[source.columns]
customer_id = "id"
channel     = "channel"
granted     = "granted = 'yes'"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary >= 100"
"#;

const ORDERS: &str = "id,time,amount,cost,promo\n\
    A1,2025-12-01 10:00,100,50,\nA1,2025-12-29 10:00,40,10,\nA1,2025-12-30 15:00,20,5,ten\n\
    A2,2025-12-01 10:00,200,50,\nB1,2025-12-31 10:00,10,4,\n\
    A1,2026-01-06 10:00,50,20,\nB1,2026-01-31 10:00,1,1,\n";

/// A1 clicks; A2's message bounces; B1 converts by SMS and leaves by an e-mail that B1 has not agreed to. The last is of the outcome window.
const MAIL: &str = "id,time,action,message,campaign,promo,channel,cost\n\
    A1,2025-12-28 09:00,sent,m1,spring,,email,0.1\nA1,2025-12-28 10:00,clicked,m1,spring,,email,0\n\
    A2,2025-12-29 09:00,sent,m2,spring,,email,0.1\nA2,2025-12-29 09:01,bounced,m2,spring,,email,0\n\
    B1,2025-12-30 20:00,sent,m3,spring,,sms,0.5\nB1,2025-12-30 21:00,converted,m3,spring,,sms,0\n\
    A1,2025-12-30 09:00,sent,m4,,ten,email,0.1\n\
    B1,2025-12-20 09:00,sent,m5,,,email,0.1\nB1,2025-12-31 09:00,unsubscribed,m5,,,email,0\n\
    A1,2026-01-05 09:00,sent,m6,spring,,email,0.1\nA1,2026-01-05 09:01,delivered,m6,spring,,email,0\n\
    A1,2026-01-05 10:00,clicked,m6,spring,,email,0\n";

const CONSENTS: &str = "id,channel,granted\nA1,email,yes\nA2,email,yes\nB1,sms,yes\nB1,email,no\n";

fn shop() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/orders.csv", ORDERS);
    workspace.write("in/mail.csv", MAIL);
    workspace.write("in/campaigns.csv", "campaign,cost\nspring,12\n");
    workspace.write("in/consents.csv", CONSENTS);
    workspace
}

type Row = BTreeMap<String, Option<String>>;

/// The one row of a table with these values; a segment of none is the population.
#[track_caller]
fn row(table: &Table, segment: Option<&str>, wanted: &[(&str, &str)]) -> Row {
    let at = table.position("segment_key");
    let rows = table.rows.iter().filter(|row| row[at].as_deref() == segment).cloned().collect();
    Table { schema: table.schema.clone(), rows }.only(wanted)
}

fn number(row: &Row, name: &str) -> Option<f64> {
    row[name].as_ref().map(|text| text.parse().unwrap())
}

fn numbers(row: &Row, names: &[&str]) -> Vec<Option<f64>> {
    names.iter().map(|name| number(row, name)).collect()
}

fn all<const N: usize>(numbers: [i32; N]) -> Vec<Option<f64>> {
    numbers.map(|number| Some(f64::from(number))).to_vec()
}

#[track_caller]
fn near(row: &Row, name: &str, expected: f64) {
    let found = number(row, name);
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{name}: {found:?} {expected}");
}

#[test]
fn channels_are_ranked_among_those_agreed_to() {
    let workspace = shop();
    let run = workspace.committed(&workspace.job(&job_of(SHOP)));
    let table = run.table("channels.parquet");
    let of = |segment, basis, channel| row(&table, segment, &[("basis", basis), ("channel", channel)]);
    let figures =
        ["rank", "reachable", "customers", "without_consent", "sent", "delivered", "clicked", "converted", "answered"];
    let email = of(None, "in_sample", "email");
    assert_eq!(numbers(&email, &figures), all([1, 2, 1, 1, 3, 2, 1, 0, 1]));
    assert_eq!(email["ci_low"], None);
    assert_eq!(email["reason"].as_deref(), Some("ci: the segments were made from these rows"));
    // As many of as few answer: in the order of their names.
    assert_eq!(numbers(&of(None, "in_sample", "sms"), &figures), all([2, 1, 1, 0, 1, 1, 0, 1, 1]));
    // B1 alone: one e-mail without consent, and what B1 did with it counts nowhere.
    let other = of(Some("other"), "in_sample", "email");
    assert_eq!(
        numbers(&other, &["without_consent", "reachable", "customers", "rank"]),
        [Some(1.0), Some(0.0), None, None]
    );
    assert_eq!(other["reason"].as_deref(), Some("fewer than 1 customers"));
    let later = of(Some("big"), "outcome", "email");
    assert_eq!(numbers(&later, &["rank", "customers", "delivered", "answered", "answer_rate"]), all([1; 5]));
    // Clopper and Pearson for 1 of 1.
    near(&later, "ci_low", 0.025);
    near(&later, "ci_high", 1.0);
}

#[test]
fn campaigns_pay_or_do_not() {
    let workspace = shop();
    let run = workspace.committed(&workspace.job(&job_of(SHOP)));
    let table = run.table("campaigns.parquet");
    let spring = |segment, basis| row(&table, segment, &[("basis", basis), ("campaign", "spring")]);
    let all_of = spring(None, "in_sample");
    // A1 clicked on 28 December and bought for 60 within 7 days, with goods that cost 15; the campaign cost 12, and its messages 0.7.
    assert_eq!(numbers(&all_of, &["customers", "sent", "delivered", "answered", "buyers"]), all([2, 3, 2, 2, 1]));
    near(&all_of, "revenue", 60.0);
    near(&all_of, "margin", 45.0);
    near(&all_of, "cost", 12.7);
    near(&all_of, "profit", 45.0 - 12.7);
    near(&all_of, "roi", (45.0 - 12.7) / 12.7);
    near(&all_of, "roas", 60.0 / 12.7);
    assert_eq!(all_of["revenue_by"].as_deref(), Some("last clicked within 7 days"));
    // One of its two messages that arrived: half of the 12, and of messages what they cost.
    near(&spring(Some("big"), "in_sample"), "cost", 6.2);
    let other = spring(Some("other"), "in_sample");
    near(&other, "cost", 6.5);
    near(&other, "profit", -6.5);
    near(&other, "roas", 0.0);
    let later = spring(Some("big"), "outcome");
    near(&later, "revenue", 50.0);
    near(&later, "cost", 12.1);
    // Another rule: by the first step that converted.
    let rule = SHOP.replace(
        "outcome = \"30d\"",
        "outcome = \"30d\"\nattribution = { window = \"1d\", touch = \"first\", of = \"converted\" }",
    );
    let run = workspace.committed(&workspace.job(&job_of(&rule)));
    let all_of = row(&run.table("campaigns.parquet"), None, &[("basis", "in_sample"), ("campaign", "spring")]);
    near(&all_of, "revenue", 10.0);
    assert_eq!(all_of["revenue_by"].as_deref(), Some("first converted within 1 day"));
}

#[test]
fn offers_and_contacts_are_those_counted_by_hand() {
    let workspace = shop();
    let run = workspace.committed(&workspace.job(&job_of(SHOP)));
    let ten = row(&run.table("offers.parquet"), None, &[("basis", "in_sample"), ("promotion", "ten")]);
    let figures = ["customers", "responders", "response_rate", "buyers", "revenue", "margin"];
    assert_eq!(numbers(&ten, &figures), all([1, 1, 1, 1, 20, 15]));
    near(&ten, "margin_rate", 0.75);
    let table = run.table("contacts.parquet");
    let of = |measure, level| row(&table, None, &[("basis", "in_sample"), ("measure", measure), ("level", level)]);
    // From 25 December on: A2's message bounced, B1 had one and left, A1 had two.
    let contacts = ["0", "1", "2"].map(|level| numbers(&of("contacts", level), &["customers", "unsubscribed", "rate"]));
    assert_eq!(contacts, [all([1, 0, 0]), all([1, 1, 1]), all([1, 0, 0])]);
    let beyond = of("over_cap", "more than 1 in 7 days");
    assert_eq!(number(&beyond, "customers"), Some(1.0));
    near(&beyond, "share", 1.0 / 3.0);
    let times = [
        ("weekday", "Saturday", 1, 0),
        ("weekday", "Sunday", 1, 1),
        ("weekday", "Tuesday", 2, 1),
        ("hour", "9", 3, 1),
        ("hour", "20", 1, 1),
    ];
    for (measure, level, delivered, answered) in times {
        assert_eq!(numbers(&of(measure, level), &["delivered", "answered"]), all([delivered, answered]), "{level}");
    }
}

#[test]
fn the_same_bytes_for_any_threads_and_shards() {
    let workspace = shop();
    let job = workspace.job(&job_of(SHOP));
    let one = workspace.committed(&job);
    for args in [["--threads", "1", "--shards", "1"], ["--threads", "3", "--shards", "5"]] {
        let other = CommittedRun::of(&workspace.run(&job).args(&["--new-run"]).args(&args).go().succeeded());
        for table in ["campaigns", "channels", "contacts", "offers"] {
            let file = format!("{table}.parquet");
            assert_eq!(other.files[&file], one.files[&file], "{table}");
        }
    }
}

#[test]
fn a_label_of_few_is_not_shown() {
    let workspace = shop();
    let run = workspace.committed(&workspace.job(&job_of(&SHOP.replace("min_cell = 1", "min_cell = 2"))));
    let table = run.table("channels.parquet");
    assert!(!table.column("channel").contains(&Some("sms")));
    let hidden = table
        .column("reason")
        .into_iter()
        .flatten()
        .filter(|why| *why == "1 channels of fewer than 2 customers are not shown");
    assert!(hidden.count() > 0);
    assert!(!run.table("offers.parquet").column("promotion").contains(&Some("ten")));
}

#[test]
fn what_needs_messages_says_so() {
    let workspace = shop();
    let without = &SHOP[..SHOP.find("[[source]]\nname = \"mail\"").unwrap()];
    let rest = &SHOP[SHOP.find("[features]").unwrap()..];
    let text =
        format!("{without}{rest}").replace("outcome = \"30d\"", "outcome = \"30d\"\nattribution = { window = \"x\" }");
    let error = workspace.failing(&workspace.job(&job_of(&text)), 2).stderr;
    for words in ["the job has no source of kind messages", "contacts", "\"x\" is not a window", "days such as"] {
        assert!(error.contains(words), "{words}: {error}");
    }
    let text = SHOP.replace("messages = 1", "messages = 50");
    let error = workspace.failing(&workspace.job(&job_of(&text)), 2).stderr;
    assert!(error.contains("49"), "{error}");
}

#[test]
fn sensitive_labels_stand_in_no_table() {
    let workspace = shop();
    let text =
        SHOP.replace("kind = \"messages\"\n", "kind = \"messages\"\nsensitive = [\"channel\", \"promotion_id\"]\n");
    let text = text.replace("kind = \"consents\"\n", "kind = \"consents\"\nsensitive = [\"channel\"]\n");
    let run = workspace.committed(&workspace.job(&job_of(&text)));
    assert!(run.table("channels.parquet").column("channel").iter().all(Option::is_none));
    assert!(!run.table("quality.parquet").column("column_name").contains(&Some("email")));
    let offers = run.table("offers.parquet");
    let ten = row(&offers, None, &[("basis", "in_sample"), ("promotion", "ten")]);
    // What transactions tell is shown all the same.
    assert_eq!(numbers(&ten, &["customers", "buyers"]), all([0, 1]));
    let allowed = text.replace("min_cell = 1", "min_cell = 1\nallow = [\"channel\", \"promotion_id\"]");
    let run = workspace.committed(&workspace.job(&job_of(&allowed)));
    assert!(run.table("channels.parquet").column("channel").contains(&Some("email")));
}

#[test]
fn who_has_no_row_in_the_window_may_be_written_to_all_the_same() {
    let workspace = shop();
    let run = workspace.committed(&workspace.job(&job_of(SHOP)));
    let table = run.table("channels.parquet");
    // A2 has neither a message nor a purchase in it.
    let later = row(&table, Some("big"), &[("basis", "outcome"), ("channel", "email")]);
    assert_eq!(number(&later, "reachable"), Some(2.0));
}

#[test]
fn what_a_campaign_costs_whatever_is_sent_is_divided_and_not_lost() {
    let workspace = shop();
    // Only A2's message is left, and it bounces: what the campaign costs goes by what was sent.
    let bounced: String = MAIL
        .lines()
        .filter(|line| !line.contains("m1") && !line.contains("m3"))
        .map(|line| format!("{line}\n"))
        .collect();
    workspace.write("in/mail.csv", bounced);
    let run = workspace.committed(&workspace.job(&job_of(SHOP)));
    let table = run.table("campaigns.parquet");
    let cost = |segment| number(&row(&table, segment, &[("basis", "in_sample"), ("campaign", "spring")]), "cost");
    assert_eq!((cost(None), cost(Some("big"))), (Some(12.1), Some(12.1)));
}

#[test]
fn sources_may_have_ids_of_other_types_and_costs_that_are_text() {
    let workspace = shop();
    workspace.write("in/more.csv", "id,time,message,campaign\nB1,2025-12-29 10:00,7,9\n");
    let more = "[[source]]\nname = \"more\"\nkind = \"messages\"\nuri = \"@IN@/more.csv\"\n\
        types = { time = \"timestamp(%Y-%m-%d %H:%M)\", message = \"int\", campaign = \"int\" }\n[source.columns]\ncustomer_id = \"id\"\n\
        time = \"time\"\naction = \"'sent'\"\nmessage_id = \"message\"\ncampaign_id = \"campaign\"\n[features]\n";
    let text = SHOP
        .replacen("[features]\n", more, 1)
        .replace("cost         = \"cast(cost as decimal(18, 2))\"", "cost         = \"cost\"");
    assert!(text.contains("cost         = \"cost\""));
    let run = workspace.committed(&workspace.job(&job_of(&text)));
    let table = run.table("campaigns.parquet");
    let ninth = row(&table, None, &[("basis", "in_sample"), ("campaign", "9")]);
    assert_eq!(numbers(&ninth, &["customers", "sent"]), all([1, 1]));
    near(&row(&table, None, &[("basis", "in_sample"), ("campaign", "spring")]), "margin", 45.0);
}

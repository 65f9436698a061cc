//! Checks that come with the program: who can be reached by which channel, pieces that are less than none, times at midnight.

use crate::harness::*;

const SECTIONS: &str = r#"
[population]
from = "customers"
[privacy]
min_cell = 2
[[source]]
name  = "customers"
kind  = "customers"
uri   = "@IN@/customers.csv"
[source.columns]
customer_id = "id"
[[source]]
name  = "consents"
kind  = "consents"
uri   = "@IN@/consents"
types = { yes = "bool", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
channel     = "channel"
granted     = "yes"
time        = "at"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", at = "timestamp(%Y-%m-%d %H:%M)", pieces = "int", back = "bool" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
quantity    = "pieces"
is_refund   = "back"
[[features.custom]]
name       = "pieces"
expression = "sum(quantity)"
#MORE
"#;

/// Given and withdrawn, withdrawn and given, given after `as_of`, both on one day, both channels, of nobody who is segmented.
const CONSENTS: &str = "id,channel,yes,at\nC1,email,true,2025-01-01\nC1,email,false,2025-06-01\nC2,email,true,2025-06-01\nC2,email,false,2025-01-01\n\
                        C3,sms,true,2025-01-01\nC3,email,true,2026-02-01\nC4,email,true,2025-01-01\nC4,email,false,2025-01-01\nC5,email,true,2025-05-05\n\
                        C5,sms,true,2025-05-05\nC5,post,true,2025-05-05\nC9,email,true,2025-05-05\n";
/// Midnight in Warsaw, in summer as well; a sale of less than no pieces, a refund by its amount, one by `is_refund`, a sale by `is_refund`.
const ORDERS: &str = "id,at,gross,pieces,back\nC1,2025-12-01 00:00,5.00,-1,\nC1,2025-07-01 00:00,-5.00,-1,\nC2,2025-12-02 10:15,5.00,-2,yes\n\
                      C2,2025-12-02 23:00,-5.00,-2,no\nC3,2025-12-03 01:00,5.00,2,\nC3,2025-12-03 01:00,5.00,,\n";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", "id\nC1\nC2\nC3\nC4\nC5\n");
    workspace.write("in/consents/a.csv", CONSENTS);
    workspace.write("in/orders.csv", ORDERS);
    workspace
}

fn job(more: &str) -> String {
    let tail = "[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";
    let text = job_of(&format!("{}{tail}", SECTIONS.replace("#MORE", more)));
    text.replace("[output]", "timezone = \"Europe/Warsaw\"\n[output]")
}

/// Channels with the customers that can be reached by them, and of how many.
fn reachable(run: &CommittedRun) -> Vec<(Option<String>, u64, u64)> {
    let table = run.table("quality.parquet");
    let (checks, columns) = (table.column("check_name"), table.column("column_name"));
    let (failed, checked) = (table.numbers("rows_failed"), table.numbers("rows_checked"));
    let rows = (0..checks.len()).filter(|&row| checks[row] == Some("reachable_share"));
    rows.map(|row| (columns[row].map(str::to_owned), failed[row] as u64, checked[row] as u64)).collect()
}

fn told(channel: &str, customers: u64) -> (Option<String>, u64, u64) {
    (Some(channel.to_owned()).filter(|channel| !channel.is_empty()), customers, 5)
}

#[test]
fn the_latest_consent_says_who_can_be_reached() {
    let workspace = workspace();
    let path = workspace.job(&job(""));
    let run = workspace.committed(&path);
    // By post one alone, who has no name.
    assert_eq!(reachable(&run), [told("", 3), told("email", 2), told("sms", 2)]);
    // `segmenter size` finds the same in another way.
    let scratch = workspace.uri("scratch");
    let sized = Program::segmenter(&["size", path.to_str().unwrap(), "--scratch", &scratch, "--output", "json"]).go();
    let sized: serde_json::Value = serde_json::from_str(&sized.succeeded().stdout).unwrap();
    assert_eq!(sized["reached"], serde_json::json!({ "email": 2, "sms": 2 }));
    let (head, rows) = CONSENTS.split_once('\n').unwrap();
    std::fs::remove_file(workspace.path("in/consents/a.csv")).unwrap();
    for (number, row) in rows.lines().rev().enumerate() {
        workspace.write(&format!("in/consents/{number:02}.csv"), format!("{head}\n{row}\n"));
    }
    let parts = workspace.run(&path).args(&["--shards", "4", "--threads", "3"]).go().succeeded();
    assert_eq!(CommittedRun::of(&parts).files["quality.parquet"], run.files["quality.parquet"]);
}

#[test]
fn gates_look_at_a_channel_whoever_few_it_reaches() {
    let workspace = workspace();
    let gate = |channel: &str, min: f64, action: &str| {
        format!(
            "[[quality.gate]]\nsource = \"consents\"\ncheck = \"reachable_share\"\ncolumn = \"{channel}\"\nmin = {min}\naction = \"{action}\"\n"
        )
    };
    let run = workspace.committed(&workspace.job(&job(&gate("post", 0.3, "warn"))));
    assert_eq!(reachable(&run), [told("", 3), told("email", 2), told("post", 1), told("sms", 2)]);
    run.warned_of(&["source consents: reachable_share of post is 20 %", "less than the gate's `min = 0.3` allows"]);
    let ran = workspace.failing(&workspace.job(&job(&gate("email", 0.5, "stop"))), 3);
    drop(ran.says(&["reachable_share of email is 40 %", "less than the gate's `min = 0.5` allows"]));
    let text = job(&gate("email", 0.5, "stop")).replace("source = \"consents\"", "source = \"orders\"");
    drop(
        workspace
            .failing(&workspace.job(&text), 2)
            .says(&["source `orders` is of kind transactions and has no consents"]),
    );
}

#[test]
fn what_has_more_values_than_channels_are_is_not_told() {
    let workspace = workspace();
    let rows: String = (0..60).map(|number| format!("C{},c{number},true,2025-01-01\n", number % 5 + 1)).collect();
    workspace.write("in/consents/a.csv", format!("id,channel,yes,at\n{rows}"));
    let text = job("").replace("min_cell = 2", "min_cell = 1");
    assert!(reachable(&workspace.committed(&workspace.job(&text))).is_empty());
}

#[test]
fn consents_without_times_hold_where_none_is_withdrawn() {
    let workspace = workspace();
    let text = job("").replace("granted     = \"yes\"\ntime        = \"at\"", "granted     = \"yes\"");
    // C3 has both channels now, and C5 all three.
    assert_eq!(reachable(&workspace.committed(&workspace.job(&text))), [told("", 2), told("email", 2), told("sms", 2)]);
}

#[test]
fn less_than_no_pieces_and_times_at_midnight_are_counted() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job("")));
    assert_eq!(run.noted("negative_quantity_share"), (2, 6));
    run.warned_of(&["source orders: quantity is negative in 2 of 6 rows that are no refunds", "first: row 1 of"]);
    let table = run.table("quality.parquet");
    let midnight = table.only(&[("check_name", "midnight_share")]);
    assert_eq!((midnight["rows_failed"].as_deref(), midnight["rows_checked"].as_deref()), (Some("2"), Some("6")));
    // The days of consents are no times of a clock.
    assert_eq!(midnight["source"].as_deref(), Some("orders"));
}

#[test]
fn products_that_the_reference_table_lacks_are_counted() {
    let workspace = workspace();
    workspace.write("in/orders.csv", "id,at,gross,pieces,back,sku\nC1,2025-12-01 10:00,1.00,1,,7\nC2,2025-12-01 10:00,1.00,1,,8\nC3,2025-12-01 10:00,1.00,1,,\n\
                                      C4,2026-12-01 10:00,1.00,1,,9\nC5,2025-12-01 10:00,1.00,1,,07\nC5,2025-12-01 10:00,1.00,1,,10\n");
    workspace.write("in/products.csv", "no,brand\n7,a\n10,b\n");
    let table = "[[source]]\nname = \"products\"\nkind = \"reference\"\nuri = \"@IN@/products.csv\"\nkey = \"product_id\"\n\
                 types = { no = \"int\" }\ncolumns = { product_id = \"no\", brand = \"brand\" }\n[population]";
    let text = job("")
        .replace("[population]", table)
        .replace("is_refund   = \"back\"", "is_refund   = \"back\"\nproduct_id  = \"sku\"");
    let path = workspace.job(&text);
    let run = workspace.committed(&path);
    // One row names no product, and one is not before `as_of`; 07 is another than 7.
    assert_eq!(run.noted_of("unknown_product_share", "product_id"), (2, 4));
    workspace.forget_results();
    let parts = workspace.run(&path).args(&["--shards", "4", "--memory", "256M"]).go().succeeded();
    assert_eq!(CommittedRun::of(&parts).files["quality.parquet"], run.files["quality.parquet"]);
}

#[test]
fn words_that_no_preset_knows_are_counted() {
    let workspace = Workspace::new();
    workspace.write(
        "in/messages.csv",
        "id,day,step\nA,2025-12-01,sent\nA,2025-12-02,Opened\nB,2025-12-02,open\nB,2025-12-03,opened\nB,2026-02-01,click\n",
    );
    let run = workspace.committed(&workspace.job(&job_of(
        "[[source]]\nname = \"mails\"\nkind = \"messages\"\nuri = \"@IN@/messages.csv\"\n\
         types = { day = \"date(%Y-%m-%d)\" }\n[source.columns]\ncustomer_id = \"id\"\ntime = \"day\"\naction = \"step\"\n\
         [features]\npresets = [\"messages\"]\n[[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n\
         [[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n",
    )));
    assert_eq!(run.noted_of("other_word_share", "action"), (3, 5));
    let told = run.warned_of(&["source mails", "action is none of the words of its kind in 3 of 5 rows", "row 2"]);
    assert!(!told.contains("Opened") && !told.contains("click"), "{told}");
    assert_eq!(run.fates("mails").used, 4, "they are used all the same");
}

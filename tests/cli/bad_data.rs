//! Data that breaks the contract: exit 3, and a message that names file, column and row.

use crate::harness::*;
use arrow::array::{ArrayRef, StringArray};
use std::sync::Arc;

/// Runs a job over one source, asserts the code and the words, and compares the whole message.
#[track_caller]
fn fails(case: &str, workspace: &Workspace, source: &str, code: i32, words: &[&str]) {
    let job = workspace.job(&job(source, ONLY_RFM));
    let ran = workspace.failing(&job, code).says(words);
    // A wrong job file is shown with its lines instead.
    assert!(code == 2 || ran.stderr.contains("error: "), "{ran}");
    assert!(!workspace.has_commit());
    assert_golden(case, workspace, &ran);
}

fn orders() -> Vec<Order> {
    orders_of(20, 1)
}

#[test]
fn truncated_parquet() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/whole.parquet"), &orders());
    let whole = std::fs::read(workspace.path("in/whole.parquet")).unwrap();
    workspace.write("in/orders.parquet", &whole[..whole.len() / 2]);
    fails("truncated_parquet", &workspace, "uri = \"@IN@/orders.parquet\"", 3, &["orders.parquet"]);
}

#[test]
fn missing_column() {
    let workspace = Workspace::new();
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["C1"]));
    write_columns(&workspace.path("in/orders.parquet"), vec![("client_no", ids.clone()), ("orderd_at", ids)]);
    fails(
        "missing_column",
        &workspace,
        "uri = \"@IN@/orders.parquet\"",
        // It is the mapping that does not fit the files.
        2,
        &["segmenter.toml", "ordered_at", "orderd_at"],
    );
}

#[test]
fn a_missing_column_of_many_expressions_is_one_error() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let mapped = "[source.columns]\nis_refund = \"gros < 0\"\ndiscount = \"gros - gros * 0.9 + no_such\"";
    let text = job("uri = \"@IN@/orders.parquet\"", ONLY_RFM).replace("\"gross\"", "\"gros\"");
    let text = text.replace("[source.columns]", mapped);
    let ran = workspace.failing(&workspace.job(&text), 2).says(&["`gros`", "`no_such`", "2 errors"]);
    assert_eq!(ran.stderr.matches("there is no name `gros`").count(), 1, "{ran}");
    assert_golden("missing_column_of_many_expressions", &workspace, &ran);
}

#[test]
fn a_missing_name_of_many_rules_is_one_error() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let rule =
        |name: &str| format!("[[segmentation.rule]]\nname = \"{name}\"\nwhen = \"monetry > 5 or monetry < 2\"\n");
    let rules = format!("[[segmentation]]\nname = \"t\"\nmethod = \"rules\"\n{}{}", rule("a"), rule("b"));
    let text = job("uri = \"@IN@/orders.parquet\"", &format!("{ONLY_RFM}{rules}"));
    let ran = workspace.failing(&workspace.job(&text), 2);
    ran.says(&["there is no name `monetry`", "did you mean `monetary`?; one other expression uses it", "1 error in"]);
}

#[test]
fn an_error_is_said_once_and_no_log_before_it() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    let source = format!("uri = \"@IN@/orders.csv\"\n{}", CSV_TYPES.replace("%Y-%m-%d", "%d.%m.%Y"));
    let broken = "\"C1,O1,1,2025-12-01 10:00:00,1.00,web,s,1\n";
    for rows in [orders_csv(&orders()), orders_csv(&orders()) + broken] {
        workspace.write("in/orders.csv", rows);
        let text = job(&source, &format!("[quality]\nmax_quarantined_share = 0.5\n{ONLY_RFM}"));
        let ran = workspace.failing(&workspace.job(&text), 3);
        assert!(!ran.stderr.contains("\"level\"") && !ran.stderr.contains("attempt"), "{ran}");
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    }
}

#[test]
fn wrong_type() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    // Without `types` everything is text, and text is no amount: the hint shows the line that is missing.
    fails("wrong_type", &workspace, "uri = \"@IN@/orders.csv\"", 3, &["hint:", "types"]);
}

#[test]
fn csv_with_broken_rows() {
    let workspace = Workspace::new();
    let text = orders_csv(&orders()) + "C1,O1,1,2025-12-01 10:00:00\n\"C1,O2,1,2025-12-01 10:00:00,1.00,web,s,1\n";
    workspace.write("in/orders.csv", text);
    let source = format!("uri = \"@IN@/orders.csv\"\n{CSV_TYPES}");
    let job = job(&source, &format!("[quality]\nmax_quarantined_share = 0.0\n{ONLY_RFM}"));
    let ran = workspace.failing(&workspace.job(&job), 3).says(&["orders"]);
    assert_golden("csv_with_broken_rows", &workspace, &ran);
}

#[test]
fn dates_that_are_not_dates() {
    let workspace = Workspace::new();
    write_orders_csv(&workspace.path("in/orders.csv"), &orders());
    let source = format!("uri = \"@IN@/orders.csv\"\n{}", CSV_TYPES.replace("%Y-%m-%d", "%d.%m.%Y"));
    let job = job(&source, &format!("[quality]\nmax_quarantined_share = 0.5\n{ONLY_RFM}"));
    let ran = workspace.failing(&workspace.job(&job), 3).says(&["orders", "ordered_at"]);
    assert_golden("dates_that_are_not_dates", &workspace, &ran);
}

#[test]
fn empty_source() {
    let workspace = Workspace::new();
    std::fs::create_dir_all(workspace.path("in/orders/x").parent().unwrap()).unwrap();
    fails("empty_source", &workspace, "uri = \"@IN@/orders/\"", 3, &["in/orders"]);
}

#[test]
fn a_file_that_is_not_there() {
    let workspace = Workspace::new();
    fails("no_such_file", &workspace, "uri = \"@IN@/orders.parquet\"", 3, &["orders.parquet"]);
}

#[test]
fn files_of_one_source_that_disagree() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders/1.parquet"), &orders());
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["C1"]));
    write_columns(&workspace.path("in/orders/2.parquet"), vec![("client_no", ids.clone()), ("gross", ids)]);
    fails("files_that_disagree", &workspace, "uri = \"@IN@/orders/\"", 3, &["gross", "1.parquet", "2.parquet"]);
}

#[test]
fn another_currency() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let text = job("uri = \"@IN@/orders.parquet\"", ONLY_RFM);
    let text = text.replace("[source.columns]", "[source.columns]\ncurrency = \"'USD'\"");
    let ran = workspace.failing(&workspace.job(&text), 3).says(&["USD", "EUR"]);
    assert_golden("another_currency", &workspace, &ran);
}

#[test]
fn duplicate_customers() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    workspace.write("in/customers.csv", "client_no\nC1\nC2\nC1\n");
    let customers = "[[source]]\nname = \"customers\"\nkind = \"customers\"\nuri = \"@IN@/customers.csv\"\n\
                     columns = { customer_id = \"client_no\" }\n\n";
    let text = job("uri = \"@IN@/orders.parquet\"", &format!("{customers}{ONLY_RFM}"));
    let ran = workspace.failing(&workspace.job(&text), 3).says(&["source customers", "1 row "]);
    assert!(!ran.stderr.contains("C1"), "messages hold no value of a customer: {ran}");
    assert_golden("duplicate_customers", &workspace, &ran);
}

#[test]
fn a_first_line_that_is_data_is_not_shown_and_the_hint_works() {
    let rows = ROWS.split_once('\n').unwrap().1;
    let by_place = "csv.header = false";
    let columns = ["column_1", "column_2", "column_3", "column_4"];
    for (rows, hint) in [
        // A day and an amount tell; names of people and towns do not.
        (rows.to_owned(), "the first line of the file looks like data and not like names"),
        (
            rows.replace("2025-12-01", "Anna").replace("10.00", "Wien"),
            "the first line of the file has none of the names that the job uses",
        ),
    ] {
        let workspace = Workspace::new();
        workspace.write("in/a.csv", &rows);
        let ran = workspace.failing(&workspace.job(&job_over("a.csv", "")), 2);
        let said = ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(said.contains(hint) && said.contains("set csv.header = false and use them as column_1"), "{ran}");
        // The name of a folder is chance, and may hold a value.
        let said = ran.stderr.replace(&workspace.uri(""), "");
        let values = rows.split([',', '\n']).filter(|value| !value.is_empty());
        values.for_each(|value| assert!(!said.contains(value), "{value}: {ran}"));
    }
    // Both things that it says.
    let workspace = Workspace::new();
    workspace.write("in/a.csv", rows);
    let typed = "column_3 = \"date(%Y-%m-%d)\", column_4 = \"decimal(18,2)\"";
    let text = with_columns(&job_over("a.csv", by_place), columns);
    assert_rows(&workspace, &text.replace("types = { day", &format!("types = {{ {typed}, day")), "by place");
    workspace.forget_results();
    workspace.write("in/a.csv", ROWS);
    assert_rows(&workspace, &job_over("a.csv", ""), "with a header");
    // A header that has one of the names is one, and its other names are told.
    workspace.write("in/a.csv", ROWS.replace("order_no,day,total", "slip,when,sum"));
    workspace.failing(&workspace.job(&job_over("a.csv", "")), 2).says(&["known names: `id`, `slip`, `when`, `sum`"]);
}

#[test]
fn names_of_columns_and_files_stand_in_no_message_as_a_terminal_would_obey_them() {
    let workspace = Workspace::new();
    workspace.write("in/a.csv", ROWS.replace("order_no", "\"slip\n\u{1b}[31mno\u{9b}\u{2028}\""));
    let ran =
        workspace.failing(&workspace.job(&job_over("a.csv", "")), 2).says(&["slip\\n\\u{1b}[31mno\\u{9b}\\u{2028}"]);
    assert!(!ran.stderr.contains(['\u{1b}', '\u{9b}', '\u{2028}']), "{ran}");
    let workspace = Workspace::new();
    workspace.write("in/all/b\n\u{1b}[31m.csv", "");
    let ran = workspace.failing(&workspace.job(&job_over("all/", "")), 3).says(&["b\\n\\u{1b}[31m.csv"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{ran}");
    let json = workspace.run(&workspace.job(&job_over("all/", ""))).args(&["--output", "json"]).go().failed_with(3);
    assert!(json.stderr.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{json}");
}

#[test]
fn a_currency_is_shown_only_where_it_is_a_code() {
    let workspace = Workspace::new();
    let text = job_over("a.csv", "").replace("[features]", "#\n[features]");
    let with = |expression: &str| text.replace("customer_id =", &format!("currency = '{expression}'\ncustomer_id ="));
    let rows = |codes: [&str; 2]| {
        let mut codes = codes.into_iter();
        let lines = ROWS.lines().skip(1).map(|line| format!("{line},{}\n", codes.next().unwrap()));
        format!("id,order_no,day,total,code\n{}", lines.collect::<String>())
    };
    for (codes, said) in [
        (["EUR", "USD"], "row 2 of WORKSPACE/in/a.csv: currency = code is USD, expected the job's EUR"),
        (
            ["EUR", "Kim"],
            "row 2 of WORKSPACE/in/a.csv: currency = code is a text that is no code, expected the job's EUR",
        ),
        (
            ["eur", "EUR "],
            "row 1 of WORKSPACE/in/a.csv: currency = code is EUR in small letters or with blanks around it",
        ),
    ] {
        workspace.write("in/a.csv", rows(codes));
        let said = said.replace("WORKSPACE", workspace.root().to_str().unwrap());
        let ran = workspace.failing(&workspace.job(&with("code")), 3).says(&[&said]);
        assert!(!ran.stderr.contains("Kim"), "{ran}");
    }
    let hint = "write currency = \"upper(trim(code))\" in the source";
    workspace.failing(&workspace.job(&with("code")), 3).says(&[hint]);
    assert_rows(&workspace, &with("upper(trim(code))"), hint);
}

//! Who has to be left out is left out, or the run stops: opt-outs fail closed.

use crate::harness::*;
use serde_json::Value;

const SOURCES: &str = r#"[population]
from = "customers"
#POPULATION
[[source]]
name = "customers"
kind = "customers"
uri  = "@IN@/customers.csv"
types = { opted_out = "bool", score = "int" }
duplicates = { keep = "last", by = "updated" }
[source.columns]
customer_id = "id"
opted_out   = "opted_out"
score       = "score"
updated     = "updated"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
"#;

/// A job over customers and their orders, with what else stands in `[population]`.
fn job(population: &str) -> String {
    job_of(&format!("{}{ONLY_RFM}", SOURCES.replace("#POPULATION", population)))
}

const LIST: &str = "exclude_list = { uri = \"@IN@/erased.csv\", customer_id = \"id\" }";

fn workspace(customers: &str, erased: &[u8]) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", format!("id,opted_out,score,updated\n{customers}"));
    workspace.write("in/orders.csv", "id,at,gross\nC1,2025-12-01,1.00\nC2,2025-12-01,2.00\nC3,2025-12-01,3.00\n");
    workspace.write("in/erased.csv", erased);
    workspace
}

const CUSTOMERS: &str = "C1,no,1,1\nC2,no,2,1\nC3,no,3,1\n";

fn customers(run: &CommittedRun) -> Vec<String> {
    run.keys("value").into_keys().collect()
}

#[test]
fn no_file_of_the_list_is_skipped() {
    let workspace = workspace(CUSTOMERS, b"");
    std::fs::remove_file(workspace.path("in/erased.csv")).unwrap();
    workspace.write("in/erased/a.csv", "id\nC1\n");
    workspace.write("in/erased/_SUCCESS", "");
    let job = workspace.job(&job(&LIST.replace("erased.csv", "erased/")));
    assert_eq!(customers(&workspace.committed(&job)), ["C2", "C3"]);
    for skipped in ["_b.csv", ".b.csv", "_more/b.csv"] {
        workspace.write(&format!("in/erased/{skipped}"), "id\nC2\n");
        workspace.failing(&job, 3).says(&[
            skipped,
            "is skipped",
            "nobody on a list of opt-outs may be missed: rename the file",
        ]);
        std::fs::rename(workspace.path(&format!("in/erased/{skipped}")), workspace.path("in/erased/b.csv")).unwrap();
        assert_eq!(customers(&workspace.committed(&job)), ["C3"], "{skipped}");
        std::fs::remove_file(workspace.path("in/erased/b.csv")).unwrap();
    }
}

#[test]
fn a_list_may_say_its_format_and_its_numbers_have_no_fraction() {
    let workspace = workspace("7,no,1,1\n70,no,2,1\nC3,no,3,1\n", b"{\"id\":7.0}\n{\"id\":7e1}\n");
    workspace.write("in/orders.csv", "id,at,gross\n7,2025-12-01,1.00\n70,2025-12-01,2.00\nC3,2025-12-01,3.00\n");
    std::fs::rename(workspace.path("in/erased.csv"), workspace.path("in/erased.txt")).unwrap();
    let list = LIST.replace("erased.csv", "erased.txt");
    workspace.failing(&workspace.job(&job(&list)), 3).says(&["erased.txt", "set format"]);
    let run =
        workspace.committed(&workspace.job(&job(&list.replace("customer_id", "format = \"ndjson\", customer_id"))));
    assert_eq!(customers(&run), ["C3"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_an_id_of_the_list() {
    let bom = "\u{feff}";
    // In the middle where two files were put together.
    let lists = [format!("{bom}id\nC1\nC2\n"), format!("{bom}id\r\nC1\r\nC2\r\n"), format!("{bom}id\nC1\n{bom}C2\n")];
    for list in lists {
        let workspace = workspace(CUSTOMERS, list.as_bytes());
        let run = workspace.committed(&workspace.job(&job(LIST)));
        assert_eq!(customers(&run), ["C3"], "{list:?}");
    }
}

#[test]
fn a_row_of_the_list_that_cannot_be_read_stops_the_run() {
    let lists: [(&[u8], &str, &str); 4] = [
        (b"id,day\nC1,x\nC2\n", "id", "row 2 of"),
        (b"id\nC1\nC\xff2\n", "id", "row 2 of"),
        (b"id,n\nC1,1\nC2,x\n", "case when cast(n as int) > 0 then id end", "row 2 of"),
        (b"id,day\nC1,x\nC2,y,z\nC3,x\n", "id", "row 2 of"),
    ];
    for (list, id, place) in lists {
        let workspace = workspace(CUSTOMERS, list);
        let text = job(&LIST.replace("\"id\"", &format!("\"{id}\"")));
        let ran = workspace.failing(&workspace.job(&text), 3);
        let ran = ran.says(&["exclude_list", place, "erased.csv", "cannot be read", "hint:"]);
        assert!(!workspace.has_commit(), "{ran}");
    }
    let workspace = workspace(CUSTOMERS, b"");
    workspace.write("in/erased.ndjson", "{\"id\": \"C1\"}\n{\"id\": \"C2\"\n");
    let text = job(&LIST.replace("erased.csv", "erased.ndjson"));
    workspace.failing(&workspace.job(&text), 3).says(&["exclude_list", "row 2 of", "erased.ndjson"]);
}

#[test]
fn what_the_list_matches_is_told_and_few_matches_are_warned_of() {
    let workspace = workspace(CUSTOMERS, b"id\nC1\nc2\n C3\n00C3\nC1\nC9\n");
    let ran = workspace.run(&workspace.job(&job(LIST))).go().succeeded();
    let ran = ran.says(&["rows of exclude_list: 6 read = 6 used", "ids of exclude_list: 2 of 5"]);
    let run = CommittedRun::of(&ran);
    assert_eq!(customers(&run), ["C2"]);
    let mut told = run.warnings();
    told.retain(|warning| warning.starts_with("exclude_list"));
    assert!(told.len() == 3 && told[0].starts_with("exclude_list: 3 of 5 ids are no customer's"), "{told:?}");
    assert!(told[1].starts_with("exclude_list: 1 of 5 ids have blanks"), "{told:?}");
    assert!(told[2].starts_with("exclude_list: customer_id has blanks at an end"), "{told:?}");
    assert_eq!(run.fates("exclude_list").used, 6);
    assert_eq!((run.noted("unmatched_share"), run.noted("matched_trimmed_share")), ((3, 5), (1, 5)));

    let gate = "[[quality.gate]]\nsource = \"exclude_list\"\ncheck = \"unmatched_share\"\nmax = 0.1\n[[source]]\nname = \"customers\"";
    let strict = job(LIST).replace("[[source]]\nname = \"customers\"", gate);
    workspace.failing(&workspace.job(&strict), 3).says(&["unmatched_share is 60 % (3 of 5 rows)"]);

    workspace.write("in/erased.csv", "id,day\n,1\nC1,2\n");
    let run = workspace.committed(&workspace.job(&job(LIST)));
    assert_eq!(run.warnings().len(), 1);
    assert!(run.warnings()[0].starts_with("exclude_list: 1 of 2 rows have no id"), "{:?}", run.warnings());
    workspace.write("in/erased.csv", "id\n");
    let run = workspace.committed(&workspace.job(&job(LIST)));
    assert_eq!(run.warnings(), ["exclude_list: it has no rows"]);
}

#[test]
fn blanks_at_the_ends_of_a_listed_id_do_not_keep_anybody_in() {
    // As written in both, and in the list alone: a byte order mark within, a blank that does not break, one of no width.
    for id in ["C3 ", " C3", "C3\u{a0}", "\tC3", "C3\u{200b}", " \u{a0}C3\u{feff} "] {
        let workspace = workspace(CUSTOMERS, format!("id\nC2\n\"{id}\"\n").as_bytes());
        let run = workspace.committed(&workspace.job(&job(LIST)));
        assert_eq!(customers(&run), ["C1"], "{id:?}");
        assert_eq!((run.noted("unmatched_share"), run.noted("matched_trimmed_share")), ((0, 2), (1, 2)), "{id:?}");
        run.warned_of(&["exclude_list: 1 of 2 ids have blanks", "exclude whoever has the id without them"]);
    }
    // Where the customers are padded as the list is, all match as they stand, and whoever has the bare id is out too.
    let padded = workspace("C1 ,no,1,1\nC2 ,no,2,1\nC3,no,3,1\n", b"id\nC1 \nC2 \n");
    padded.write("in/orders.csv", "id,at,gross\nC1 ,2025-12-01,1.00\nC2,2025-12-01,2.00\nC3,2025-12-01,3.00\n");
    let run = padded.committed(&padded.job(&job(LIST)));
    assert_eq!(customers(&run), ["C3"]);
    assert_eq!(run.fates("orders").excluded, 2);
    assert_eq!((run.noted("unmatched_share"), run.noted("matched_trimmed_share")), ((0, 2), (1, 2)));
}

#[test]
fn a_list_that_is_written_again_with_its_time_and_size_is_another_one() {
    let workspace = workspace(CUSTOMERS, b"id\nC1\n");
    let (job, list) = (workspace.job(&job(LIST)), workspace.path("in/erased.csv"));
    let first = workspace.committed(&job);
    assert_eq!(customers(&first), ["C2", "C3"]);
    let before = std::fs::metadata(&list).unwrap();
    std::fs::write(&list, "id\nC3\n").unwrap();
    std::fs::File::options().append(true).open(&list).unwrap().set_modified(before.modified().unwrap()).unwrap();
    let after = std::fs::metadata(&list).unwrap();
    assert_eq!((after.len(), after.modified().unwrap()), (before.len(), before.modified().unwrap()));
    let second = workspace.committed(&job);
    assert_eq!(customers(&second), ["C1", "C2"]);
    assert_ne!(first.json("run.json")["run"], second.json("run.json")["run"]);
}

#[test]
fn a_file_that_lacks_the_column_of_exclude_stops_the_run() {
    let workspace = workspace(CUSTOMERS, b"");
    std::fs::remove_file(workspace.path("in/customers.csv")).unwrap();
    let whole = "id,opted_out,score,updated\nC1,no,1,1\nC2,yes,2,1\n";
    workspace.write("in/customers/1.csv", whole);
    workspace.write("in/customers/2.csv", "id,score,updated\nC3,3,1\n");
    let text = |population: &str| job(population).replace("customers.csv", "customers/");
    let with = workspace.job(&text("exclude = \"opted_out\""));
    workspace.failing(&with, 3).says(&[
        "source customers: ",
        "customers/2.csv has no column opted_out, which other files have",
        "exclude in [population] needs it",
        "hint: who is left out is not known",
    ]);
    assert!(!workspace.has_commit());
    // Where nobody is left out by it, it is null there, as ever.
    let run = workspace.committed(&workspace.job(&text("")));
    assert_eq!(customers(&run), ["C1", "C2", "C3"]);
    // Each of the things that the hint says.
    let named = text("exclude = \"opted_out\"").replace("customers/\"", "customers/1.csv\"");
    assert_eq!(customers(&workspace.committed(&workspace.job(&named))), ["C1"]);
    workspace.write("in/customers/2.csv", "id,opted_out,score,updated\nC3,no,3,1\n");
    assert_eq!(customers(&workspace.committed(&workspace.job(&text("exclude = \"opted_out\"")))), ["C1", "C3"]);
}

#[test]
fn an_exclude_that_cannot_be_answered_stops_the_run() {
    let by_flag = "exclude = \"opted_out\"";
    let dirty = workspace("C1,no,1,1\nC2,perhaps,2,1\nC3,yes,3,1\n", b"");
    let ran = dirty.failing(&dirty.job(&job(by_flag)), 3);
    let ran = ran.says(&["source customers", "row 2 of", "customers.csv", "exclude", "opted_out", "hint:"]);
    assert!(!ran.stderr.contains("perhaps"), "messages hold no value of a customer: {ran}");

    let casting = "exclude = \"cast(updated as int) > 5\"";
    let failing = workspace("C1,no,1,9\nC2,no,2,x\nC3,no,3,1\n", b"");
    failing.failing(&failing.job(&job(casting)), 3).says(&[
        "exclude over source customers",
        "fails on a customer",
        "hint:",
    ]);
    // The hint helps.
    let said = "exclude = \"case when updated in ('1', '9') then cast(updated as int) > 5 else true end\"";
    assert_eq!(customers(&failing.committed(&failing.job(&job(said)))), ["C3"]);
    // A row that another stands in for says nothing any more.
    let corrected = workspace("C1,no,1,9\nC2,no,2,\nC2,no,2,1\nC3,no,3,1\n", b"");
    let by_id = corrected.job(&job("exclude = \"cast(coalesce(updated, 'none') as int) > 5\""));
    assert_eq!(customers(&corrected.committed(&by_id)), ["C2", "C3"]);
}

/// What may be wrong with a row of the customers whose older one says that it is no opt-out: the rows, the keys of the source, what is
/// said, and the rows as corrected.
const UNREADABLE: [(&[u8], &str, &str, &str); 7] = [
    (
        b"C1,no,1,1\nC1,yes,1,2,more\nC2,no,1,1\n",
        "",
        "expected 4 fields, found 5",
        "C1,no,1,1\nC1,yes,1,2\nC2,no,1,1\n",
    ),
    (b"C1,no,1,1\nC1,yes\nC2,no,1,1\n", "", "expected 4 fields, found 2", "C1,no,1,1\nC1,yes,1,2\nC2,no,1,1\n"),
    (b"C1,no,1,1\nC1,yes,\xff,2\nC2,no,1,1\n", "", "set csv.encoding", "C1,no,1,1\nC1,yes,1,2\nC2,no,1,1\n"),
    (b"C1,no,1,1\n\"C1,yes,1,2\nC2,no,1,1\n", "", "opens a quote", "C1,no,1,1\n\"C1\",yes,1,2\nC2,no,1,1\n"),
    // Which row is the last decides too.
    (b"C1,no,1,1\nC1,yes,1,x\nC2,no,1,1\n", "updated = 'int'", "updated: ", "C1,no,1,1\nC1,yes,1,2\nC2,no,1,1\n"),
    (
        b"C1,no,1,1\nC1,yes,x,2\nC2,no,1,1\n",
        "score = 'int' }\nwhere = \"score > 0\"\ncsv = { delimiter = ','",
        "score: ",
        "C1,no,1,1\nC1,yes,1,2\nC2,no,1,1\n",
    ),
    (
        b"C1,no,1,1\nC1,yes,x,2\nC2,no,1,1\n",
        "score = 'text' }\nwhere = \"cast(score as int) > 0\"\ncsv = { delimiter = ','",
        "where: ",
        "C1,no,1,1\nC1,yes,1,2\nC2,no,1,1\n",
    ),
];

#[test]
fn a_row_that_may_be_an_opt_out_and_cannot_be_read_stops_the_run() {
    for (rows, keys, why, corrected) in UNREADABLE {
        let with = |population: &str| {
            let text = job(population);
            if keys.is_empty() { text } else { text.replace("score = \"int\"", keys) }
        };
        let workspace = workspace("", b"");
        let customers_csv = [b"id,opted_out,score,updated\n", rows].concat();
        workspace.write("in/customers.csv", &customers_csv);
        let path = workspace.job(&with("exclude = \"opted_out\""));
        let ran = workspace.failing(&path, 3).says(&["row 2 ", "customers.csv", why, "hint: correct the row"]);
        assert!(!workspace.has_commit() && !ran.stderr.contains("C1,yes"), "{ran}");
        if !why.contains("quote") {
            ran.says(&["source customers", "exclude in [population] needs it", "who is left out is not known"]);
            // Where nobody is left out by these rows, they are quarantined, or a value is null, as ever.
            let run = workspace.committed(&workspace.job(&with("")));
            assert!(customers(&run).contains(&"C1".to_owned()), "{why}");
        }
        workspace.write("in/customers.csv", format!("id,opted_out,score,updated\n{corrected}"));
        let run = workspace.committed(&workspace.job(&with("exclude = \"opted_out\"")));
        assert_eq!(customers(&run), ["C2"], "{why}: corrected, as the hint says");
        let taken_out: String =
            corrected.lines().filter(|row| !row.contains("yes")).map(|row| format!("{row}\n")).collect();
        workspace.write("in/customers.csv", format!("id,opted_out,score,updated\n{taken_out}"));
        let run = workspace.committed(&workspace.job(&with("exclude = \"opted_out\"")));
        assert_eq!(customers(&run), ["C1", "C2"], "{why}: taken out");
    }
}

#[test]
fn the_same_in_json() {
    let with = |population: &str| job(population).replace("customers.csv", "customers.ndjson");
    for (line, why) in [
        ("{\"id\":\"C1\",\"opted_out\":true,\"updated\":2", "expected one JSON object"),
        ("{\"id\":\"C1\",\"opted_out\":true,\"updated\":2,\"city\":\"\\ud83d\"}", "surrogate pair"),
        ("{\"id\":true,\"opted_out\":true,\"updated\":2}", "cannot be an id"),
        (
            "{\"id\":\"C1\",\"id\":\"C2\",\"opted_out\":true,\"updated\":2}",
            "id: the key comes twice in the line, with two values",
        ),
        ("{\"id\":\"C1\",\"opted_out\":true,\"opted_out\":false,\"updated\":2}", "opted_out: the key comes twice"),
    ] {
        let workspace = workspace("", b"");
        let lines = |line: &str| {
            format!("{{\"id\":\"C1\",\"opted_out\":false,\"updated\":1,\"score\":1}}\n{line}\n{{\"id\":\"C2\"}}\n")
        };
        workspace.write("in/customers.ndjson", lines(line));
        let ran = workspace.failing(&workspace.job(&with("exclude = \"opted_out\"")), 3);
        ran.says(&[
            "source customers: row 2 of",
            "customers.ndjson",
            why,
            "exclude in [population]",
            "hint: correct the",
        ]);
        let run = workspace.committed(&workspace.job(&with("")));
        assert_eq!(customers(&run), ["C1", "C2"], "{why}");
        workspace.write("in/customers.ndjson", lines("{\"id\":\"C1\",\"opted_out\":true,\"updated\":2}"));
        let run = workspace.committed(&workspace.job(&with("exclude = \"opted_out\"")));
        assert_eq!(customers(&run), ["C2"], "{why}: corrected");
    }
}

#[test]
fn an_opt_out_without_an_id_stops_the_run_and_other_rows_without_one_do_not() {
    let by_flag = job("exclude = \"opted_out\"");
    let nobodys = workspace("C1,no,1,1\n,yes,1,1\n ,no,1,1\nC2,yes,1,1\n", b"");
    let ran = nobodys.failing(&nobodys.job(&by_flag), 3);
    ran.says(&[
        "source customers: row 2 of",
        "customers.csv",
        "has no customer_id",
        "exclude in [population]",
        "hint:",
    ]);
    let failing = workspace("C1,no,1,1\n,no,1,x\n", b"");
    let casting = failing.job(&job("exclude = \"cast(updated as int) > 5\""));
    failing.failing(&casting, 3).says(&["row 2 of", "has no customer_id"]);
    // Each of the things that the hint says.
    let kept = by_flag.replacen("[source.columns]", "where = \"customer_id is not null\"\n[source.columns]", 1);
    let run = nobodys.committed(&nobodys.job(&kept));
    assert_eq!((customers(&run), run.fates("customers").filtered), (vec!["C1".to_owned()], 2));
    let lax = by_flag.replace("[population]", "[quality]\nmax_anonymous_share = 1.0\n[population]");
    let harmless = workspace("C1,no,1,1\n,no,1,1\n,,1,1\nid,opted_out,score,updated\nC2,yes,1,1\n", b"");
    let run = harmless.committed(&harmless.job(&lax));
    assert_eq!((customers(&run), run.fates("customers").anonymous), (vec!["C1".to_owned()], 2));
    assert_eq!(run.fates("customers").quarantined, 1, "the header again is nobody's opt-out");
}

#[test]
fn a_value_that_exclude_needs_may_be_read_as_text() {
    let dirty = workspace("C1,no,1,1\nC2,perhaps,2,1\nC3,yes,3,1\n", b"");
    dirty
        .failing(&dirty.job(&job("exclude = \"opted_out\"")), 3)
        .says(&["hint: correct the value, or read the column as text"]);
    let text = job("exclude = \"opted_out <> 'no'\"").replace("opted_out = \"bool\", ", "");
    assert_eq!(customers(&dirty.committed(&dirty.job(&text))), ["C1"]);
}

#[test]
fn an_exclude_that_is_null_keeps_the_customer_and_says_so() {
    let workspace = workspace("C1,no,1,1\nC2,,2,1\nC3,yes,3,1\n", b"");
    let run = workspace.committed(&workspace.job(&job("exclude = \"opted_out\"")));
    assert_eq!(customers(&run), ["C1", "C2"]);
    let told = run.warnings();
    assert!(
        told.len() == 1 && told[0].starts_with("source customers: exclude is null on 1 of 3 customers"),
        "{told:?}"
    );
    let run = workspace.committed(&workspace.job(&job("exclude = \"coalesce(opted_out, true)\"")));
    assert_eq!(customers(&run), ["C1"]);
    assert!(
        run.warnings().iter().all(|told| !told.contains("exclude is null")),
        "the hint helps: {:?}",
        run.warnings()
    );
}

#[test]
fn json_has_the_list_too() {
    let workspace = workspace(CUSTOMERS, b"id\nC1\nC9\nC8\n");
    let ran = workspace.run(&workspace.job(&job(LIST))).args(&["--output", "json"]).go().succeeded();
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["rows"]["exclude_list"]["read"], 3);
    assert_eq!(answer["exclude_list"], serde_json::json!({ "ids": 3, "matched": 1 }));
}

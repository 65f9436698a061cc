//! What is told once a file.

use super::super::reader::samples::Lake;
use segmenter_proto::Fault;
use segmenter_proto::jobs::CsvOptions;

fn needed() -> Vec<String> {
    ["customer_id", "day", "total"].map(str::to_owned).to_vec()
}

/// What is said of a file, after its name, with the hint.
fn said(name: &str, text: &str, csv: &CsvOptions) -> Option<(String, String)> {
    let lake = Lake::new(&[(name, text.as_bytes())]);
    let file = lake.pin(&lake.roots[1]).remove(0);
    let error = lake.inspect_for(&file, csv, &needed()).err()?;
    assert_eq!(error.fault, Fault::Data);
    Some((error.message.split_once(": ").unwrap().1.to_owned(), error.hint.unwrap()))
}

fn said_plainly(text: &str) -> Option<(String, String)> {
    said("a.csv", text, &CsvOptions::default())
}

const ROWS: &str = "customer_id,day,total\nC1,2026-01-01,1.00\nC2,2026-01-02,2.00\n";

#[test]
fn a_preamble_is_told_with_the_line_of_the_header() {
    for (preamble, lines) in [
        ("Orders of 2026\n", 1),
        ("Orders of 2026\r\n\r\nprinted \"today\"\r\n", 3),
        ("Orders,,\nby,me,\n", 2),
        ("\u{feff}a\n\n\n\n", 4),
        ("# one\n# two, three\n", 2),
    ] {
        let text = format!("{preamble}{ROWS}");
        let (message, hint) = said_plainly(&text).unwrap();
        let header = lines + 1;
        assert_eq!(message, format!("the header stands at line {header}, and line 1 was taken for it"), "{preamble}");
        assert!(hint.starts_with(&format!("set csv.skip_rows = {lines},")), "{hint}");
        let set = CsvOptions { skip_rows: lines, ..CsvOptions::default() };
        assert_eq!(said("a.csv", &text, &set), None, "what the hint says helps");
    }
    let comments = format!("# one\n# two, three\n{ROWS}# four\n");
    assert_eq!(said("a.csv", &comments, &CsvOptions { comment: Some('#'), ..CsvOptions::default() }), None);
    let old = format!("one\rtwo\r{}", ROWS.replace('\n', "\r"));
    assert!(said_plainly(&old).unwrap().0.starts_with("the header stands at line 3"));
}

#[test]
fn the_separator_line_of_excel_is_told() {
    for (line, separator, hint) in [("sep=;", ';', ";"), ("\"SEP=|\"", '|', "|"), ("\u{feff}sep=\t", '\t', "\\t")] {
        let text = format!("{line}\r\n{}", ROWS.replace(',', &separator.to_string()));
        let (message, said_hint) = said_plainly(&text).unwrap();
        assert!(message.ends_with("the header stands at line 2"), "{message}");
        assert_eq!(said_hint, format!("set csv.skip_rows = 1 and csv.delimiter = \"{hint}\""));
        let set = CsvOptions { skip_rows: 1, delimiter: separator, ..CsvOptions::default() };
        assert_eq!(said("a.csv", &text, &set), None);
    }
}

#[test]
fn another_separator_is_told() {
    for (separator, shown) in [(';', ";"), ('\t', "\\t"), ('|', "|")] {
        let (message, hint) = said_plainly(&ROWS.replace(',', &separator.to_string())).unwrap();
        assert_eq!(message, format!("the fields of its header are separated by \"{shown}\""));
        assert_eq!(hint, format!("set csv = {{ delimiter = \"{shown}\" }}"));
    }
    assert!(said("a.tsv", ROWS, &CsvOptions::default()).unwrap().0.ends_with("separated by \",\""));
}

#[test]
fn a_field_too_many_in_every_row_is_told_once() {
    let rows = "C1,d,1,\nC2,d,2,\n";
    let (message, hint) = said_plainly(&format!("customer_id,day,total\n{rows}")).unwrap();
    assert_eq!(message, "every row has 4 fields where the header has 3, the last always empty");
    assert!(hint.contains("csv.header = false and csv.skip_rows = 1"), "{hint}");
    let text = "day,customer_id,total\n1,d,C1,1\n2,d,C2,2\n";
    assert_eq!(said_plainly(text).unwrap().0, "every row has 4 fields where the header has 3");
    let text = "customer_id,day,total,\nC1,d,1\nC2,d,2\n";
    assert_eq!(said_plainly(text).unwrap().0, "every row has 3 fields where the header has 4, the last without a name");
    for fine in [
        "customer_id,day,total\nC1,d,1,\nC2,d,2\n",
        "customer_id,day,total\nC1,d,1,\n",
        "customer_id,day,total\n",
        "customer_id,day,total,\nC1,d,1,\nC2,d,2,\n",
        "customer_id,day,total\nC1,d,1\nC2,\"d,\n,,\",2\n",
    ] {
        assert_eq!(said_plainly(fine), None, "{fine}");
    }
}

#[test]
fn names_that_are_nowhere_are_not_told_here() {
    for text in ["client,day,sum\nC1,d,1\nC2,d,2\n", "customer_id,x,y\nC1,customer_id,b\nC1,a,b\n"] {
        assert_eq!(said_plainly(text), None, "{text}");
    }
}

#[test]
fn json_in_another_encoding_is_told() {
    let said = |content: &[u8], encoding: &str| {
        let lake = Lake::new(&[("a.ndjson", content)]);
        let csv = CsvOptions { encoding: encoding.to_owned(), ..CsvOptions::default() };
        lake.inspect_for(&lake.pin(&lake.roots[1]).remove(0), &csv, &needed()).err()
    };
    let latin = b"{\"city\":\"K\xF6ln\"}\n{\"city\":\"G\xF6rlitz\"}\n";
    let error = said(latin, "utf-8").unwrap();
    assert_eq!(error.message.split_once(": ").unwrap().1, "its beginning is not UTF-8");
    assert!(error.hint.unwrap().starts_with("set csv.encoding to the file's own, such as \"windows-1252\""));
    assert!(said(latin, "windows-1252").is_none());
    assert!(said(b"{\"city\":\"K\xF6ln\"}\n", "utf-8").is_none(), "one row is the reader's to report");
    assert!(said(b"{\"a\":1}\n{\"city\":\"K\xF6ln\"}\n", "utf-8").is_none(), "and so is one among others");
}

#[test]
fn json_that_is_not_one_object_a_line_is_told() {
    let said = |text: &str| said("a.ndjson", text, &CsvOptions::default());
    for array in
        ["[{\"a\":1},{\"a\":2}]", "[\n{\"a\":1},\n{\"a\":2}\n]\n", "\u{feff}\n  [\n  {\n    \"a\": 1\n  }\n]", "[]"]
    {
        let (message, hint) = said(array).unwrap();
        assert_eq!(message, "it is a JSON array, where one object a line is expected");
        assert_eq!(hint, "write one object a line, as jq -c '.[]' does");
    }
    for pretty in ["{\n  \"a\": 1\n}\n", "{ \"a\": 1,\n  \"b\": 2 }\n{ \"a\": 3,\n\"b\": 4 }\n"] {
        let (message, hint) = said(pretty).unwrap();
        assert_eq!(message, "none of its first lines is one JSON object");
        assert_eq!(hint, "write one object a line, as jq -c . does");
    }
    assert!(said("{\"a\":1},\n{\"a\":2},\n").unwrap().0.starts_with("its lines end with a comma"));
    for fine in ["{\"a\":1}\n{\"a\":2}\n", "", "\n\n{\"a\":[1]}", "{ \"a\": 1 },\n{\"a\":2}\n", "not json\n"] {
        assert_eq!(said(fine), None, "{fine}");
    }
}

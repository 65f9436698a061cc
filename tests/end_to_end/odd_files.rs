//! Files that are not what they seem: told once, with what to do, and what is said to be done works.

use crate::harness::*;

/// A file that is refused with a message and a hint, and the keys of the source that follow the hint.
fn refused_until(file: &str, content: &[u8], words: &[&str], keys: &str) {
    let workspace = Workspace::new();
    workspace.write(&format!("in/{file}"), content);
    let ran = workspace.failing(&workspace.job(&job_over(file, "")), 3).says(words).says(&[file, "hint: "]);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "one message: {ran}");
    assert!(!ran.stderr.contains('\0') && !workspace.has_commit());
    assert_rows(&workspace, &job_over(file, keys), &format!("{file} with {keys}"));
}

#[test]
fn what_stands_before_the_header() {
    for (preamble, line) in [("Orders of 2025\n", 2), ("Orders;\n\n\"by\",me,\n", 4), ("\u{feff}# a\r\n", 2)] {
        let keys = format!("csv = {{ skip_rows = {} }}", line - 1);
        let words = [format!("the header stands at line {line}"), format!("csv.skip_rows = {}", line - 1)];
        let content = format!("{preamble}{ROWS}");
        refused_until("a.csv", content.as_bytes(), &[&words[0], &words[1]], &keys);
    }
    let excel = format!("sep=;\r\n{}", ROWS.replace(',', ";"));
    let keys = "csv = { skip_rows = 1, delimiter = \";\" }";
    refused_until("a.csv", excel.as_bytes(), &["the header stands at line 2", "csv.delimiter = \";\""], keys);
    let comments = format!("# a\n#b,c,d\n{ROWS}#end\n");
    refused_until("a.csv", comments.as_bytes(), &["the header stands at line 3"], "csv = { comment = \"#\" }");
    refused_until(
        "a.csv",
        ROWS.replace(',', "|").as_bytes(),
        &["separated by \"|\"", "delimiter = \"|\""],
        "csv = { delimiter = \"|\" }",
    );
}

#[test]
fn utf_16_with_and_without_a_mark() {
    for text in [ROWS.to_owned(), format!("\u{feff}{ROWS}"), ROWS.replace('\n', "\r\n")] {
        let words = ["it is UTF-16 (little-endian)", "encoding = \"utf-16le\""];
        refused_until("a.csv", &utf16(&text), &words, "csv = { encoding = \"utf-16le\" }");
        refused_until("a.csv.gz", &gzip(&utf16(&text)), &words, "csv = { encoding = \"UTF-16\" }");
    }
    let lines = "{\"id\":\"C1\",\"order_no\":1,\"day\":\"2025-12-01\",\"total\":10}\r\n\
                 {\"id\":\"C2\",\"order_no\":2,\"day\":\"2025-12-02\",\"total\":20.5}\r\n";
    refused_until("a.ndjson", &utf16(lines), &["UTF-16", "utf-16le"], "csv = { encoding = \"utf-16le\" }");
}

#[test]
fn a_field_too_many_in_every_row() {
    let content = ROWS.replace(".00\n", ".00,\n").replace(".50\n", ".50,\n");
    let workspace = Workspace::new();
    workspace.write("in/a.csv", &content);
    let ran = workspace.failing(&workspace.job(&job_over("a.csv", "")), 3);
    let ran = ran.says(&["every row has 5 fields where the header has 4, the last always empty"]);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    // As the hint says: by place.
    let source = "uri = \"@IN@/a.csv\"\ncsv = { header = false, skip_rows = 1 }\n\
                  types = { column_3 = \"date(%Y-%m-%d)\", column_4 = \"decimal(18,2)\" }";
    let job = with_columns(&job(source, ONLY_RFM), ["column_1", "column_2", "column_3", "column_4"]);
    assert_rows(&workspace, &job, "by place");
}

#[test]
fn what_is_no_text_at_all() {
    let workspace = Workspace::new();
    for (file, content, words) in [
        ("a.csv", &b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml"[..], "it is an Excel workbook, not text"),
        ("a.csv", b"PK\x03\x04\x14\0\x06\0\x08\0orders.csv", "it is a zip archive, not text"),
        ("a.csv", b"<!DOCTYPE html>\n<title>Log in</title>", "it is a page of HTML, not text"),
        ("a.csv.gz", b"<html><body>404</body></html>", "it is a page of HTML, not text"),
        ("a.csv", b"PAR1\x15\x04\x15", "it is Parquet, not text"),
        ("a.ndjson", b"[{\"id\":1},{\"id\":2}]", "it is a JSON array, where one object a line is expected"),
        ("a.ndjson", b"{\"id\":1},\n{\"id\":2},\n", "its lines end with a comma"),
        ("a.parquet", b"id,total\n1,2\n", "it is text, not Parquet"),
    ] {
        workspace.write(&format!("in/{file}"), content);
        let ran = workspace.failing(&workspace.job(&job_over(file, "")), 3).says(&[words, file, "hint: "]);
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    }
    // Parquet of another name is read as the hint says.
    write_orders_parquet(&workspace.path("in/orders.csv"), &orders_of(20, 1));
    workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.csv\"\nformat = \"parquet\"", ONLY_RFM)));
}

#[test]
fn the_first_bytes_say_how_a_file_is_compressed() {
    let text = ROWS.as_bytes();
    let padded = [gzip(&text[..40]), vec![0; 512], gzip(&text[40..]), vec![0; 10_240]].concat();
    for (file, content) in [
        ("a.csv", gzip(text)),
        ("a.csv.gz", text.to_vec()),
        ("a.csv.gz", gzip(&gzip(text))),
        ("a.csv.gz", padded),
        ("a.csv.gz", zstd::encode_all(text, 0).unwrap()),
    ] {
        let workspace = Workspace::new();
        workspace.write(&format!("in/{file}"), content);
        assert_rows(&workspace, &job_over(file, ""), file);
    }
    let workspace = Workspace::new();
    let whole = gzip(text);
    workspace.write("in/a.csv.gz", &whole[..whole.len() - 4]);
    workspace.failing(&workspace.job(&job_over("a.csv.gz", "")), 3).says(&["it is cut off: its gzip data have no end"]);
}

#[test]
fn files_that_were_put_together() {
    let workspace = Workspace::new();
    let again = ROWS.lines().next().unwrap();
    let text = format!("\u{feff}{}", ROWS.replace("\nC2", &format!("\n\u{feff}{again}\n{again}\n\u{feff}C2")));
    workspace.write("in/a.csv", text);
    workspace.write("in/erased.csv", utf16("client\nC8\n\u{feff}client\n\u{feff}C2\n"));
    let list = "[population]\nexclude_list = { uri = \"@IN@/erased.csv\", customer_id = \"client\", csv = { encoding = \"utf-16le\" } }\n\
                [quality]\nmax_quarantined_share = 1.0\n";
    let run = workspace.committed(&workspace.job(&format!("{}{list}", job_over("a.csv", ""))));
    let fates = run.fates("orders");
    assert_eq!((fates.read, fates.used, fates.quarantined, fates.excluded), (4, 1, 2, 1));
    assert_eq!(run.feature("monetary").into_keys().collect::<Vec<_>>(), ["C1"]);
    let quarantine = run.table("quarantine");
    assert!(quarantine.column("reason_code").iter().all(|code| *code == Some("repeated_header")));
}

#[test]
fn a_list_of_opt_outs_that_lacks_its_column_in_one_file_stops_the_run() {
    let workspace = Workspace::new();
    workspace.write("in/a.csv", ROWS);
    workspace.write("in/erased/1.csv", "client\nC1\n");
    workspace.write("in/erased/2.csv", "customer\nC2\n");
    let list = "[population]\nexclude_list = { uri = \"@IN@/erased/\", customer_id = \"client\" }\n";
    let job = workspace.job(&format!("{}{list}", job_over("a.csv", "")));
    workspace.failing(&job, 3).says(&["exclude_list", "erased/2.csv has no column client", "hint: "]);
}

#[test]
fn letters_of_other_encodings() {
    for (encoding, bytes, name) in [
        ("latin1", &b"Jos\xE9 \x80"[..], "José €"),
        ("windows-1250", b"\xA3\xF3d\x9F", "Łódź"),
        ("ISO-8859-2", b"\xA3\xF3d\xBC", "Łódź"),
        ("windows-1251", b"\xCA\xE8\xBF\xE2", "Київ"),
    ] {
        let workspace = Workspace::new();
        let content = [b"id,order_no,day,total\n", bytes, b",O1,2025-12-01,10.00\n"].concat();
        workspace.write("in/a.csv", &content);
        let keys = format!("csv = {{ encoding = \"{encoding}\" }}");
        let run = workspace.committed(&workspace.job(&job_over("a.csv", &keys)));
        assert_eq!(run.feature("monetary").into_keys().collect::<Vec<_>>(), [name], "{encoding}");
        // Without the key, the row is told with what to set.
        let text = job_over("a.csv", "") + "[quality]\nmax_quarantined_share = 0.0\n";
        workspace.failing(&workspace.job(&text), 3).says(&["orders"]);
    }
}

#[test]
fn a_column_that_some_files_lack_is_null_there_and_told() {
    let workspace = Workspace::new();
    workspace.write("in/all/1.csv", ROWS);
    workspace.write("in/all/2.csv", "total,coupon,id,day,order_no\n7.00,x,C3,2025-12-03,O3\n");
    let text = job_over("all/", "where = \"coalesce(coupon, '') <> 'y'\"");
    let text = text.replace("amount = ", "coupon = 'coupon'\namount = ");
    let job = workspace.job(&text);
    let ran = workspace.run(&job).go().succeeded();
    let told = "source orders: column coupon is null in 1 of 2 files, which lack it, such as ";
    assert!(ran.stderr.contains(told) && ran.stderr.contains("all/1.csv"), "{ran}");
    let run = CommittedRun::of(&ran);
    assert_eq!(run.feature("monetary").len(), 3);
    let warnings = run.json("run.json")["warnings"].to_string();
    assert!(warnings.contains(told), "{warnings}");
}

#[test]
fn a_key_that_comes_late_and_one_that_comes_never() {
    let workspace = Workspace::new();
    let line = |id: usize, more: &str| {
        format!("{{\"id\":\"C{id}\",\"order_no\":{id},\"day\":\"2025-12-01\",\"total\":1{more}}}\n")
    };
    let mut text: String = (0..3000).map(|id| line(id, "")).collect();
    text += &line(3000, ",\"coupon\":\"x\"");
    workspace.write("in/a.ndjson", text);
    let text = job_over("a.ndjson", "where = \"coupon = 'x'\"").replace("amount = ", "coupon = \"coupon\"\namount = ");
    let run = workspace.committed(&workspace.job(&text));
    assert_eq!((run.fates("orders").used, run.fates("orders").filtered), (1, 3000));
    workspace
        .failing(&workspace.job(&text.replace("\"coupon\"\n", "\"cupon\"\n")), 2)
        .says(&["there is no name `cupon`"]);
}

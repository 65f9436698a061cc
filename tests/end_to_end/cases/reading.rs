//! Files that are not what they seem.

use crate::harness::*;

/// Gives the money of all customers, rising.
fn money(run: &CommittedRun) -> Vec<f64> {
    let mut money = run.table("features").numbers("monetary");
    money.sort_by(f64::total_cmp);
    money
}

/// Asserts that a run failed for its data, or was told before it began that they do not fit.
#[track_caller]
fn refused(ran: Ran, words: &[&str]) -> Ran {
    assert!(matches!(ran.code(), Some(2 | 3)), "{ran}");
    assert!(!ran.stderr.chars().any(|letter| letter.is_control() && letter != '\n'), "{ran}");
    ran.says(words)
}

#[test]
fn headers_that_come_again_are_no_customers() {
    let Some(case) = Case::of("18-repeated-header-bom") else { return };
    let (run, _) = case.committed("job.toml");
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["C1", "C2", "C3"]);
    assert_eq!(run.fates("orders"), Fates { read: 5, used: 3, quarantined: 2, ..Fates::default() });
    assert_eq!(run.fates("customers"), Fates { read: 5, used: 3, quarantined: 2, ..Fates::default() });
    assert_eq!(money(&run), [10.0, 20.0, 30.0]);
}

#[test]
fn files_of_two_byte_characters_are_named() {
    let Some(case) = Case::of("19-utf16") else { return };
    for job in ["job-be-bom.toml", "job-le-bom.toml", "job-le-plain.toml"] {
        let ran = refused(case.run(job), &["UTF-16"]);
        // What is to be done works.
        let encoding = if job.contains("be") { "utf-16be" } else { "utf-16le" };
        assert!(ran.stderr.to_lowercase().contains(encoding), "{ran}");
        let set = format!("format = \"csv\"\ncsv = {{ encoding = \"{encoding}\", delimiter = \"\\t\" }}");
        let (run, _) = case.committed(&case.changed(job, "format = \"csv\"", &set));
        assert!(run.keys("value").contains_key("José"), "{job}: {:?}", run.keys("value"));
    }
}

#[test]
fn a_delimiter_at_the_end_of_rows_is_said_once() {
    let Some(case) = Case::of("20-trailing-delimiter") else { return };
    let ran = refused(case.run("job-all.toml"), &["all.csv", "5 fields", "4", "empty"]);
    assert_eq!(ran.stderr.matches("5 fields").count(), 1, "{ran}");
    refused(case.run("job-header.toml"), &["header.csv", "4 fields", "5", "without a name", "csv.skip_rows = 1"]);
    let named = "types = { ordered_at = \"timestamp(%Y-%m-%d %H:%M:%S)\", amount = \"decimal(18,2)\" }\n[source.columns]\n\
                 customer_id = \"customer_id\"\norder_id = \"order_id\"\ntime = \"ordered_at\"\namount = \"amount\"";
    let numbered = "csv = { header = false, skip_rows = 1 }\n\
                    types = { column_3 = \"timestamp(%Y-%m-%d %H:%M:%S)\", column_4 = \"decimal(18,2)\" }\n[source.columns]\n\
                    customer_id = \"column_1\"\norder_id = \"column_2\"\ntime = \"column_3\"\namount = \"column_4\"";
    let (run, _) = case.committed(&case.changed("job-header.toml", named, numbered));
    assert_eq!(money(&run), [10.0, 20.0]);
    let lifted = case.changed("job-first.toml", "[output]", "[quality]\nmax_quarantined_share = 1.0\n\n[output]");
    let (run, _) = case.committed(&lifted);
    assert_eq!(run.fates("orders"), Fates { read: 3, used: 1, quarantined: 2, ..Fates::default() });
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["C2"]);
}

#[test]
fn names_that_come_twice_matter_where_they_are_used() {
    let Some(case) = Case::of("21-duplicate-names") else { return };
    let (run, _) = case.committed("job-unused.toml");
    assert_eq!(money(&run), [10.0, 30.0]);
    let (run, _) = case.committed("job-blank.toml");
    assert_eq!(money(&run), [10.0]);
    refused(case.run("job-used.toml"), &["product_id"]);
}

#[test]
fn what_is_compressed_is_known_by_its_bytes() {
    let Some(case) = Case::of("26-wrong-compression-name") else { return };
    // Zeros behind a member of gzip are padding.
    let (run, _) = case.committed("job-members.toml");
    assert_eq!(money(&run), [10.0, 20.0]);
    refused(case.run("job-cut.toml"), &["cut.csv.gz"]);
    // Read as what they are, or refused by that name.
    for (job, file) in
        [("job-plain.toml", "plain.csv.gz"), ("job-gzipped.toml", "gzipped.csv"), ("job-twice.toml", "twice.csv.gz")]
    {
        let ran = case.run(job);
        match ran.code() {
            Some(0) => assert_eq!(money(&case.read(&ran)), [10.0], "{job}"),
            _ => drop(refused(ran, &[file, "gzip"])),
        }
    }
}

#[test]
fn a_json_array_is_said_once() {
    let Some(case) = Case::of("27-json-array") else { return };
    for (job, file) in
        [("job-array.toml", "array.json"), ("job-commas.toml", "commas.ndjson"), ("job-pretty.toml", "pretty.ndjson")]
    {
        let ran = refused(case.run(job), &[file, "JSON array"]);
        assert_eq!(ran.stderr.matches("JSON array").count(), 1, "{ran}");
    }
    let (run, _) = case.committed("job-bom.toml");
    assert_eq!(money(&run), [10.0, 20.0]);
    // One line has the id twice, with two values; the other writes its key in another way, and has none.
    let ran = refused(case.run("job-dupkey.toml"), &["none of its 2 rows is used: 1 anonymous, 1 quarantined"]);
    ran.says(&["mostly customer_id: repeated_key"]);
}

#[test]
fn columns_of_nulls_go_with_every_type() {
    let Some(case) = Case::of("28-null-typed-column") else { return };
    let (run, _) = case.committed("job.toml");
    // The last day has other types; its one order as the library reads it.
    let last = Table::parquet(&case.file("in/day=2025-12-03/0.parquet").into());
    let net = last.numbers("gross")[0] - last.column("discount")[0].map_or(0.0, |text| text.parse().unwrap());
    assert_eq!(money(&run), [9.0, 20.0, 30.0, 40.0, net]);
    let (run, _) = case.committed("job-alone.toml");
    assert!(run.fates("orders").used > 0);
}

#[test]
fn bytes_that_are_text_are_text() {
    let Some(case) = Case::of("33-binary-ids") else { return };
    let rows = Table::parquet(&case.file("in/orders.parquet").into());
    // Bytes, as the harness shows them: hexadecimal. FF FE is no text.
    let ids = rows.column("customer_id");
    let broken = ids.iter().flatten().filter(|id| id.contains("ff")).count() as u64;
    let (run, _) = case.committed("job-binary.toml");
    let fates = run.fates("orders");
    assert_eq!((fates.read, fates.quarantined), (ids.len() as u64, broken), "{ids:?}");
    assert!(broken > 0 && fates.used > 0);
    let (run, _) = case.committed("job-large.toml");
    assert!(run.fates("orders").used > 0);
}

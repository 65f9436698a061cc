//! What readers of text give.

use super::super::pieces::pieces;
use super::samples::{Lake, gzip, spec};
use super::*;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use segmenter_proto::Fault;
use segmenter_proto::jobs::{CsvOptions, Encoding, TextType};

#[test]
fn csv_is_text_unless_declared() {
    let text =
        "\u{feff}id,total,day,ts,vip,n\n007,\"1,5\",1.2.2026,01.07.2026 12:00,Y,12\n,,,,,\nx, 2 ,2026,?,maybe,1.5\n";
    let lake = Lake::new(&[("a.csv", text.as_bytes())]);
    let types = [
        ("total", TextType::Decimal(18, 2)),
        ("day", TextType::Date("%d.%m.%Y".into())),
        ("ts", TextType::Timestamp("%d.%m.%Y %H:%M".into())),
        ("vip", TextType::Bool),
        ("n", TextType::Int),
    ];
    let mut spec = spec(&["ts", "id", "total", "day", "vip", "n"], &types);
    spec.csv.decimal = ',';
    let read = lake.all(&spec, 100).unwrap();
    assert_eq!(read.rows, ["2026-07-01T10:00:00Z|007|1.50|2026-02-01|true|12", "∅|∅|∅|∅|∅|∅", "∅|x|2.00|∅|∅|∅"]);
    assert_eq!(
        read.errors,
        [
            "3 ts not_a_timestamp: expected a time as %d.%m.%Y %H:%M",
            "3 day not_a_date: expected a date as %d.%m.%Y",
            "3 vip not_a_bool: expected true or false",
            "3 n not_an_integer: expected an integer"
        ]
    );
    assert!(read.raw.is_empty());
    spec.raw = true;
    let read = lake.all(&spec, 2).unwrap();
    assert_eq!(read.errors[3], "3 n not_an_integer: expected an integer, found \"1.5\"");
    assert_eq!(read.raw[2], "x, 2 ,2026,?,maybe,1.5");
}

#[test]
fn broken_rows_are_reported_and_the_others_read() {
    let lake = Lake::new(&[("a.csv", b"a,b\n1,2\n3\n\n4,\xff\n\"5\n5\",6,7\n8,9")]);
    let mut spec = spec(&["b"], &[]);
    for batch_rows in [1, 2, 100] {
        let read = lake.all(&spec, batch_rows).unwrap();
        assert_eq!(read.rows, ["2", "9"]);
        assert_eq!(read.row_numbers, [1, 5]);
        let broken: Vec<_> =
            read.broken.iter().map(|row| (row.row_number, row.reason_code, row.reason.as_str())).collect();
        let fields = "wrong_field_count";
        assert_eq!(
            broken,
            [
                (2, fields, "expected 2 fields, found 1"),
                (3, "invalid_utf8", "expected UTF-8"),
                (4, fields, "expected 2 fields, found 3")
            ]
        );
        assert!(read.broken.iter().all(|row| row.raw.is_none()));
    }
    spec.raw = true;
    let raw: Vec<_> = lake.all(&spec, 100).unwrap().broken.into_iter().map(|row| row.raw.unwrap()).collect();
    assert_eq!(raw, ["3", "4,\u{fffd}", "\"5\n5\",6,7"]);
}

#[test]
fn what_makes_a_whole_csv_unreadable_is_an_error() {
    let message = |content: &[u8], name: &str, spec: &ReadSpec| {
        let lake = Lake::new(&[(name, content)]);
        let error = lake.all(spec, 100).unwrap_err();
        assert_eq!(error.fault, Fault::Data);
        error.message.rsplit_once('/').unwrap().1.to_owned()
    };
    let b = spec(&["b"], &[]);
    assert_eq!(message(b"a,b\n1,2\n3,\"4\n5,6\n", "a.csv", &b), "a.csv: row 2 opens a quote that is never closed");
    assert_eq!(message(b"a,b,a\n", "a.csv", &b), "a.csv: columns 1 and 3 are both named a");
    assert_eq!(message(b"", "a.csv", &b), "a.csv: it is empty, and a header was expected");
    assert_eq!(message(b"\xff\xfea\0", "a.csv", &b), "a.csv: it is UTF-16");
    let cut = gzip(b"a,b\n1,2\n");
    assert_eq!(message(&cut[..cut.len() - 9], "a.csv.gz", &b), "a.csv.gz: truncated or not gzip");
    assert_eq!(message(b"a,b\n", "a.csv.gz", &b), "a.csv.gz: truncated or not gzip");
    assert_eq!(message(b"a,b\n", "a.csv.zst", &b), "a.csv.zst: truncated or not Zstandard");
    assert_eq!(message(b"a,B\n", "a.csv", &b), "a.csv: there is no column b");
}

#[test]
fn dialects_headers_and_encodings() {
    let mut plain = spec(&["column_2"], &[]);
    plain.csv = CsvOptions { delimiter: ';', header: false, quote: '\'', ..CsvOptions::default() };
    let read = Lake::new(&[("a.csv", b"1;'x;y'\r\n2;z\r\n")]).all(&plain, 10).unwrap();
    assert_eq!((read.rows, read.row_numbers), (vec!["x;y".to_owned(), "z".to_owned()], vec![1, 2]));

    let mut latin = spec(&["miasto"], &[]);
    latin.csv.encoding = Encoding::Latin1;
    let long = b"miasto\n\xd3smy\n".iter().copied().chain(std::iter::repeat_n(0xe9, 20_001)).collect::<Vec<_>>();
    let read = Lake::new(&[("a.csv", &long)]).all(&latin, 10).unwrap();
    assert_eq!(read.rows, ["Ósmy".to_owned(), "é".repeat(20_001)]);

    let read = Lake::new(&[("a.tsv", b"a\tb\n1,5\t2\n")]).all(&spec(&["a"], &[]), 10).unwrap();
    assert_eq!(read.rows, ["1,5"]);
}

#[test]
fn compressed_text_of_several_members_is_read_in_blocks() {
    let lines: String = (0..400_000).map(|number| format!("{number},{}\n", number * 7 % 1000)).collect();
    let (head, tail) = lines.split_at(lines.len() / 2);
    let two = [gzip(format!("a,b\n{head}").as_bytes()), gzip(tail.as_bytes())].concat();
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    let frames = [zstd(&format!("a,b\n{head}")), zstd(tail)].concat();
    let plain = format!("a,b\n{lines}");
    let int = spec(&["a"], &[("a", TextType::Int)]);
    for (name, content) in [("a.csv.gz", two), ("a.csv.zst", frames), ("a.csv", plain.into_bytes())] {
        let lake = Lake::new(&[(name, &content)]);
        for root in &lake.roots {
            let file = lake.pin(root).remove(0);
            let piece = pieces(&file, &lake.inspect(&file, &int.csv).unwrap()).remove(0);
            let mut next = 0;
            for rows in lake.read(&piece, &int, 65536).unwrap() {
                let values = rows.batch.column(0).as_primitive::<Int64Type>();
                assert!(values.values().iter().zip(next..).all(|(value, expected)| *value == expected));
                assert_eq!(rows.row_numbers.get(0), next as u64 + 1);
                next += values.len() as i64;
            }
            assert_eq!(next, 400_000, "{name}");
        }
    }
}

#[test]
fn ndjson_gives_needed_keys_and_reports_bad_lines() {
    let text = "{\"id\":1,\"x\":1.10,\"d\":\"2026-01-02\"}\n\n{\"id\":\"a\\\"b\",\"x\":null,\"y\":[1]}\nnot json\n{\"x\":\"?\",\"id\":true}\n";
    let lake = Lake::new(&[("a.ndjson", text.as_bytes())]);
    let mut spec =
        spec(&["x", "id", "y", "d"], &[("x", TextType::Decimal(9, 2)), ("d", TextType::Date("%Y-%m-%d".into()))]);
    spec.csv.decimal = ',';
    let read = lake.all(&spec, 2).unwrap();
    assert_eq!(read.rows, ["1.10|1|∅|2026-01-02", "∅|a\"b|[1]|∅", "∅|true|∅|∅"]);
    assert_eq!(read.row_numbers, [1, 3, 5]);
    assert_eq!(read.errors.len(), 1);
    assert_eq!((read.broken[0].row_number, read.broken[0].reason_code), (4, "invalid_json"));
    let file = lake.pin(&lake.roots[0]).remove(0);
    let facts = lake.inspect(&file, &spec.csv).unwrap();
    assert_eq!(
        facts.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
        ["id", "x", "d", "y"]
    );
}

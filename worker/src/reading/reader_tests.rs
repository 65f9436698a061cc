//! What readers of text give.

use super::super::pieces::pieces;
use super::super::rows::BrokenRow;
use super::samples::{Lake, gzip, spec};
use super::*;
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use segmenter_proto::Fault;
use segmenter_proto::jobs::{CsvOptions, TextType};

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
                (3, "invalid_utf8", "expected UTF-8: set csv.encoding to the file's own, such as windows-1252"),
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
    let a = spec(&["a"], &[]);
    let twice = "a.csv: columns 1 and 3 are both named a, and the job uses that name";
    assert_eq!(message(b"a,b,a\n", "a.csv", &a), twice);
    assert_eq!(message(b"", "a.csv", &b), "a.csv: it is empty, and a header was expected");
    assert_eq!(message(b"\xff\xfea\0", "a.csv", &b), "a.csv: it is UTF-16 (little-endian)");
    assert_eq!(message(b"\xffa,b\n", "a.csv", &b), "a.csv: its header is not UTF-8");
    let cut = gzip(b"a,b\n1,2\n");
    let end = "a.csv.gz: it is cut off: its gzip data have no end";
    assert_eq!(message(&cut[..cut.len() - 9], "a.csv.gz", &b), end);
    let neither = "its name says that it is compressed, its first bytes do not, and it is no text either";
    assert_eq!(message(b"\x01\x02\x03", "a.csv.zst", &b), format!("a.csv.zst: {neither}"));
}

#[test]
fn names_that_come_twice_do_no_harm_where_nobody_uses_them() {
    let lake = Lake::new(&[("a.csv", b"a,b,a,,\n1,2,3,4,5\n")]);
    assert_eq!(lake.all(&spec(&["b", "column_4", "column_5"], &[]), 10).unwrap().rows, ["2|4|5"]);
}

#[test]
fn files_that_were_put_together_keep_their_rows() {
    let text = "\u{feff}\"id\",\"n\"\nC1,1\nid,n\n\u{feff}\"id\",n\r\n\u{feff}C2,2\n\u{feff}\n\u{feff}\"C3\",\u{feff}3\nid,m\nn,id\n";
    let lake = Lake::new(&[("a.csv", text.as_bytes())]);
    let read = lake.all(&spec(&["id", "n"], &[]), 2).unwrap();
    assert_eq!(read.rows, ["C1|1", "C2|2", "C3|\u{feff}3", "id|m", "n|id"]);
    let broken: Vec<_> = read.broken.iter().map(|row| (row.row_number, row.reason_code, row.reason.as_str())).collect();
    let again = "the row is the header again";
    assert_eq!(broken, [(2, "repeated_header", again), (3, "repeated_header", again)]);
    let mut plain = spec(&["column_1"], &[]);
    plain.csv.header = false;
    assert_eq!(lake.all(&plain, 10).unwrap().rows.len(), 8, "without a header nothing repeats it");

    let lines =
        "\u{feff}{\"id\":1}\n\u{feff}{\"id\":\"\\ufeff2\"}\r\n \u{feff} {\"id\":3}\n\u{feff}\n{\"id\":\"\\ud800\"}\n";
    let read = Lake::new(&[("a.ndjson", lines.as_bytes())]).all(&spec(&["id"], &[]), 2).unwrap();
    assert_eq!(read.rows, ["1", "\u{feff}2", "3"]);
    assert_eq!((read.broken[0].row_number, read.broken[0].reason_code), (5, "invalid_json"), "half a pair is no text");
}

#[test]
fn lines_before_the_header_and_comments_are_passed_over() {
    let mut spec = spec(&["a"], &[]);
    spec.csv = CsvOptions { skip_rows: 3, comment: Some('#'), ..CsvOptions::default() };
    for (name, end) in [("a.csv", "\n"), ("b.csv", "\r\n"), ("c.csv", "\r")] {
        let text = "Orders of \"2026\n\n# \"\n#1\na,b\n1,2\n# x\n#3,4\n5,\"\n#6\"\n".replace('\n', end);
        let read = Lake::new(&[(name, text.as_bytes())]).all(&spec, 10).unwrap();
        assert_eq!((read.rows, read.row_numbers), (vec!["1".to_owned(), "5".to_owned()], vec![1, 2]), "{name}");
    }
    let error = Lake::new(&[("a.csv", b"a\n1\n")]).all(&spec, 10).unwrap_err();
    assert!(error.message.ends_with("it has 2 lines, and csv.skip_rows passes over 3"), "{}", error.message);
    spec.csv.header = false;
    spec.columns = vec!["column_2".to_owned()];
    let read = Lake::new(&[("a.csv", b"x\ny\nz\n1,2\n")]).all(&spec, 10).unwrap();
    assert_eq!(read.rows, ["2"]);
}

#[test]
fn rows_whose_bytes_do_not_fit_say_what_to_set() {
    let mut greek = spec(&["b"], &[]);
    greek.csv.encoding = "windows-1253".to_owned();
    let read = Lake::new(&[("a.csv", b"a,b\n1,\xe1\n2,\xaa\n\xd2,4\n5,\xe2\n")]).all(&greek, 10).unwrap();
    assert_eq!(read.rows, ["α", "β"]);
    let code = |row: &BrokenRow| (row.row_number, row.reason_code);
    assert_eq!(read.broken.iter().map(code).collect::<Vec<_>>(), [(2, "invalid_encoding"), (3, "invalid_encoding")]);
    assert_eq!(read.broken[0].reason, "some bytes are not windows-1253: check csv.encoding, or mend the row");
    greek.csv.encoding = "utf-16le".to_owned();
    let wide: Vec<u8> = "a,b\n1,x\n2,?\n"
        .encode_utf16()
        .map(|unit| if unit == 63 { 0xD800 } else { unit })
        .flat_map(u16::to_le_bytes)
        .collect();
    let read = Lake::new(&[("a.csv", &wide)]).all(&greek, 10).unwrap();
    assert_eq!((read.rows, read.broken[0].row_number), (vec!["x".to_owned()], 2));
}

#[test]
fn dialects_headers_and_encodings() {
    let mut plain = spec(&["column_2"], &[]);
    plain.csv = CsvOptions { delimiter: ';', header: false, quote: '\'', ..CsvOptions::default() };
    let read = Lake::new(&[("a.csv", b"1;'x;y'\r\n2;z\r\n")]).all(&plain, 10).unwrap();
    assert_eq!((read.rows, read.row_numbers), (vec!["x;y".to_owned(), "z".to_owned()], vec![1, 2]));

    let mut latin = spec(&["miasto"], &[]);
    latin.csv.encoding = "windows-1252".to_owned();
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
            let piece = pieces(&file, &lake.inspect(&file, &int.csv).unwrap()).next().unwrap();
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

#[test]
fn a_key_that_comes_twice_with_two_values_has_none() {
    let text = "{\"id\":\"C1\",\"id\":\"C9\",\"n\":1}\n{\"id\":\"C2\",\"n\":1,\"id\":\"C\\u0032\",\"x\":1,\"x\":2}\n\
                {\"id\":\"C3\",\"n\":1,\"n\":null,\"n\":1}\n{\"id\":\"C4\",\"d\":{\"id\":\"C5\"},\"n\":1,\"n\":1.0,\"id\":null}\n";
    let lake = Lake::new(&[("a.ndjson", text.as_bytes())]);
    let mut spec = spec(&["id", "n"], &[("n", TextType::Decimal(9, 2))]);
    let read = lake.all(&spec, 10).unwrap();
    // The same value twice is that value, 1 and 1.0 too, and nobody asks for x.
    assert_eq!(read.rows, ["∅|1.00", "C2|1.00", "C3|∅", "∅|1.00"]);
    let twice = "repeated_key: the key comes twice in the line, with two values";
    let expected = [("1 id", twice), ("3 n", twice), ("4 id", twice)];
    assert_eq!(read.errors, expected.map(|(place, why)| format!("{place} {why}")));
    assert!(read.broken.is_empty());
    spec.raw = true;
    assert_eq!(lake.all(&spec, 1).unwrap().errors, read.errors, "no values, also where rows are shown");
}

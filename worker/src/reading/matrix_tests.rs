//! Text format × encoding × line end × compression × byte order mark, against the rows that were written.

use super::samples::{Lake, gzip, spec};
use encoding_rs::Encoding;

/// Names in letters that an encoding has.
const ENCODINGS: [(&str, &str); 10] = [
    ("utf-8", "Łódź 東京 é"),
    ("utf-16le", "Łódź 東京 é 😀"),
    ("utf-16be", "Łódź 東京 é 😀"),
    ("windows-1252", "José œuvre €"),
    ("windows-1250", "Łódź €"),
    ("iso-8859-2", "Łódź"),
    ("windows-1251", "Київ"),
    ("iso-8859-15", "Žofie €"),
    ("shift_jis", "東京 ソ"),
    ("gb18030", "北京 €"),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Format {
    Csv,
    Tsv,
    Ndjson,
}

/// Rows of an id, a name and a note; the note of CSV has what quotes are for.
fn rows(name: &str, format: Format, end: &str) -> Vec<[String; 3]> {
    let note = match format {
        Format::Ndjson => "says \"x\", \\ and\ty".to_owned(),
        _ => format!("says \"x\", and\ty;{end}on a line of its own"),
    };
    let row = |number: usize| [format!("C{number}"), format!("{name} {number}"), note.clone()];
    (1..=40).map(row).collect()
}

fn written(rows: &[[String; 3]], format: Format, end: &str, last: bool) -> String {
    let header = ["id", "name", "note"].map(str::to_owned);
    let line = |row: &[String; 3]| match format {
        Format::Ndjson => serde_json::json!({"id": row[0], "name": row[1], "note": row[2]}).to_string(),
        Format::Csv | Format::Tsv => {
            let delimiter = if format == Format::Csv { "," } else { "\t" };
            let quoted = |field: &String| match field.contains(['"', '\t']) {
                true => format!("\"{}\"", field.replace('"', "\"\"")),
                false => field.clone(),
            };
            row.iter().map(quoted).collect::<Vec<_>>().join(delimiter)
        }
    };
    let header = (format != Format::Ndjson).then_some(&header);
    let lines: Vec<String> = header.into_iter().chain(rows).map(line).collect();
    lines.join(end) + if last { end } else { "" }
}

fn encoded(text: &str, encoding: &str, mark: bool) -> Vec<u8> {
    let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
    match encoding {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        other => {
            let (bytes, _, lossy) = Encoding::for_label(other.as_bytes()).unwrap().encode(&text);
            assert!(!lossy, "{other} has no {text}");
            bytes.into_owned()
        }
    }
}

fn compressions(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (head, tail) = bytes.split_at(bytes.len() / 2 + 1);
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    vec![
        ("", bytes.to_vec()),
        (".gz", gzip(bytes)),
        (".gz", [gzip(head), gzip(tail), vec![0; 512]].concat()),
        (".zst", zstd(bytes)),
        (".zst", [zstd(head), zstd(tail)].concat()),
        // Names that do not tell.
        ("", gzip(bytes)),
        (".gz", zstd(bytes)),
    ]
}

#[test]
fn every_way_to_write_the_same_rows_reads_back() {
    let mut ways = 0;
    for (encoding, name) in ENCODINGS {
        for format in [Format::Csv, Format::Tsv, Format::Ndjson] {
            let ends: &[&str] = if format == Format::Ndjson { &["\n", "\r\n"] } else { &["\n", "\r\n", "\r"] };
            let marks: &[bool] = if encoding.starts_with("utf") { &[false, true] } else { &[false] };
            for (end, mark, last) in ends
                .iter()
                .flat_map(|end| marks.iter().flat_map(move |mark| [true, false].map(|last| (*end, *mark, last))))
            {
                let rows = rows(name, format, end);
                let bytes = encoded(&written(&rows, format, end, last), encoding, mark);
                let extension = match format {
                    Format::Csv => "csv",
                    Format::Tsv => "tsv",
                    Format::Ndjson => "ndjson",
                };
                for (compression, content) in compressions(&bytes) {
                    let file = format!("a.{extension}{compression}");
                    let lake = Lake::new(&[(&file, &content)]);
                    let mut spec = spec(&["id", "name", "note"], &[]);
                    spec.csv.encoding = encoding.to_owned();
                    let read = lake.all_of(&lake.roots[ways % 2], &spec, 7).unwrap();
                    let case = format!("{file} in {encoding}, lines end with {end:?}, mark {mark}, at the end {last}");
                    let expected: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
                    assert_eq!(read.rows, expected, "{case}");
                    assert!(read.errors.is_empty() && read.broken.is_empty(), "{case}");
                    ways += 1;
                }
            }
        }
    }
    // 3 encodings with and 7 without a mark, 8 pairs of format and line end, 7 compressions, with and without a last end.
    assert_eq!(ways, (3 * 2 + 7) * 8 * 7 * 2);
}

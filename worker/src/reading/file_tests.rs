//! What readers of Parquet give, columns of the path, and files that disagree or change.

use super::super::pieces::{Piece, pieces};
use super::super::rows::Rows;
use super::samples::{Lake, gzip, parquet_file, spec};
use super::*;
use arrow::array::*;
use arrow::datatypes::*;
use arrow::record_batch::RecordBatch;
use segmenter_proto::Fault;
use segmenter_proto::jobs::TextType;
use std::io::Write;

fn typed_batch() -> RecordBatch {
    let dictionary: DictionaryArray<Int32Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]))),
        ("dictionary", Arc::new(dictionary)),
        ("large", Arc::new(LargeStringArray::from(vec!["x", "y", "z"]))),
        ("view", Arc::new(StringViewArray::from(vec!["a text that is long enough to be elsewhere", "y", "z"]))),
        ("nanos", Arc::new(TimestampNanosecondArray::from(vec![1, 2, 3]))),
        ("millis", Arc::new(TimestampMillisecondArray::from(vec![1, 2, 3]).with_timezone("Europe/Warsaw"))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn parquet_text_is_utf8_and_pieces_keep_row_numbers() {
    let lake = Lake::new(&[("a.parquet", &parquet_file(&typed_batch(), 2))]);
    let spec = spec(&["view", "n", "dictionary", "large", "nanos", "millis"], &[]);
    for root in &lake.roots {
        let file = lake.pin(root).remove(0);
        let facts = lake.inspect(&file, &spec.csv).unwrap();
        assert_eq!((facts.rows, facts.row_groups.len()), (Some(3), 2));
        let types: Vec<_> = facts.schema.fields().iter().map(|field| field.data_type().clone()).collect();
        let (nanos, millis) = (TimeUnit::Nanosecond, TimeUnit::Millisecond);
        let times = [DataType::Timestamp(nanos, None), DataType::Timestamp(millis, Some("UTC".into()))];
        assert_eq!(types[..4], [DataType::Int32, DataType::Utf8, DataType::Utf8, DataType::Utf8]);
        assert_eq!(types[4..], times);
        let second = Piece { row_groups: Some(1..2), first_row: 3, ..pieces(&file, &facts).next().unwrap() };
        let rows = lake.read(&second, &ReadSpec { raw: true, ..spec.clone() }, 10).unwrap().remove(0);
        assert_eq!(rows.row_numbers.get(0), 3);
        assert_eq!(rows.raw(0).unwrap()[..41], *"{\"view\":\"z\",\"n\":\"3\",\"dictionary\":\"a\",\"lar");
    }
    let read = lake.all(&spec, 1).unwrap();
    assert_eq!(read.row_numbers, [1, 2, 3]);
    assert!(read.rows[1].starts_with("y|∅|∅|y|"), "{}", read.rows[1]);
    let none = lake.all(&self::spec(&[], &[]), 2).unwrap();
    assert_eq!(none.rows.len(), 3, "rows count without columns");
}

#[test]
fn parquet_that_is_cut_off_is_named() {
    let whole = parquet_file(&typed_batch(), 10);
    let mut torn = whole.clone();
    torn[4..60].fill(0xAA);
    for (content, what) in [
        (&whole[..whole.len() / 2], "truncated or not Parquet"),
        (b"", "it is empty"),
        (b"PAR1", "truncated or not Parquet"),
        (b"a,b\n1,2\n", "it is text, not Parquet"),
        (b"<!doctype html><p>", "it is a page of HTML, not Parquet"),
        (&gzip(&whole), "it is compressed as a whole, and Parquet is compressed inside"),
        (&torn, "truncated or not Parquet"),
    ] {
        let lake = Lake::new(&[("a.parquet", content)]);
        let error = lake.all(&spec(&["n", "dictionary"], &[]), 10).unwrap_err();
        assert_eq!(error.fault, Fault::Data);
        assert!(error.message.ends_with(&format!("/a.parquet: {what}")), "{}", error.message);
    }
}

#[test]
fn path_parts_are_typed_columns_and_the_files_own_win() {
    let files: [(&str, &[u8]); 2] =
        [("dt=2026-01-02/shop=1/a.csv", b"id,shop\nx,own\n"), ("dt=20260103/a.csv", b"id,shop\ny,own\nz,\n")];
    let lake = Lake::new(&files[..1]);
    let types = [("dt", TextType::Date("%Y-%m-%d".into()))];
    let read = lake.all(&spec(&["dt", "id", "shop"], &types), 10).unwrap();
    assert_eq!(read.rows, ["2026-01-02|x|own"]);
    lake.write(files[1].0, files[1].1);
    let error = lake.all(&spec(&["id", "dt"], &types), 10).unwrap_err();
    assert!(error.message.ends_with("dt=20260103/a.csv: dt=20260103 in its path is not date"), "{}", error.message);
    assert_eq!(lake.all(&spec(&["id", "dt"], &[]), 10).unwrap().rows, ["x|2026-01-02", "y|20260103", "z|20260103"]);

    let parquet = Lake::new(&[("dt=2026-01-02/n=9/a.parquet", &parquet_file(&typed_batch(), 2))]);
    assert_eq!(
        parquet.all(&spec(&["n", "dt"], &types), 2).unwrap().rows,
        ["1|2026-01-02", "∅|2026-01-02", "3|2026-01-02"]
    );
}

#[test]
fn a_file_that_changes_stops_the_run() {
    let text: String = (0..300_000).map(|number| format!("{number},x\n")).collect();
    let csv = format!("a,b\n{text}");
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..300_000));
    let parquet = parquet_file(&RecordBatch::try_from_iter([("a", numbers)]).unwrap(), 100_000);
    for (name, content) in [("a.csv", csv.as_bytes()), ("a.parquet", &parquet)] {
        let lake = Lake::new(&[(name, content)]);
        for (root, begun, deleted) in
            lake.roots.iter().flat_map(|root| [(root, true, false), (root, false, false), (root, true, true)])
        {
            lake.write(name, content);
            let spec = spec(&["a"], &[]);
            let file = lake.pin(root).remove(0);
            let piece = pieces(&file, &lake.inspect(&file, &spec.csv).unwrap()).next().unwrap();
            let mut reader = begun.then(|| read(&lake.storage, lake.runtime.handle(), &piece, &spec, 1000).unwrap());
            let first = reader.as_mut().and_then(Iterator::next);
            assert!(first.is_none_or(|rows| rows.is_ok()));
            if deleted {
                lake.runtime.block_on(lake.storage.open(root).unwrap().delete(name)).unwrap();
            } else {
                lake.write(name, content);
            }
            let rows: Result<Vec<Rows>> = match reader {
                Some(reader) => reader.collect(),
                None => lake.read(&piece, &spec, 1000),
            };
            let error = rows.unwrap_err();
            assert_eq!(error.fault, Fault::Data);
            let what = if deleted { "was deleted" } else { "changed" };
            assert_eq!(error.message, format!("{} {what} during the run", file.uri));
        }
    }
}

#[test]
fn a_file_written_in_place_stops_the_run() {
    let text: String = (0..200_000).map(|number| format!("{number},x\n")).collect();
    let lake = Lake::new(&[("a.csv", format!("a,b\n{text}").as_bytes())]);
    let spec = spec(&["a"], &[]);
    let file = lake.pin(&lake.roots[0]).remove(0);
    let piece = pieces(&file, &lake.inspect(&file, &spec.csv).unwrap()).next().unwrap();
    let mut reader = read(&lake.storage, lake.runtime.handle(), &piece, &spec, 1000).unwrap();
    reader.next().unwrap().unwrap();
    let path = format!("{}/a.csv", lake.roots[0]);
    std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"1,\"open").unwrap();
    let error = reader.collect::<Result<Vec<_>>>().unwrap_err();
    assert_eq!(
        error.message,
        format!("{} changed during the run", file.uri),
        "not the quote that the writer left open"
    );
}

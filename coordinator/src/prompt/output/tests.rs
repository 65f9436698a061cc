//! Each form, of values that are easy to get wrong.

use super::*;
use arrow::{
    array::{
        ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
    },
    datatypes::{Field, Schema},
};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn batch() -> RecordBatch {
    let columns: [(&str, ArrayRef); 6] = [
        ("id", Arc::new(StringArray::from(vec![Some("a,\"b\""), Some(""), None, Some("żółw\u{1b}[31m")]))),
        ("n", Arc::new(Int64Array::from(vec![Some(1), Some(i64::MAX), None, Some(-5)]))),
        ("share", Arc::new(Float64Array::from(vec![Some(0.1), Some(1e16), None, Some(2.0)]))),
        (
            "amount",
            Arc::new(
                Decimal128Array::from(vec![Some(12_340), Some(-5), None, Some(0)])
                    .with_precision_and_scale(38, 4)
                    .unwrap(),
            ),
        ),
        ("is_new", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, None]))),
        (
            "time",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(0), Some(1_500_000), None, Some(1_750_000_000_000_000)])
                    .with_timezone("Europe/Warsaw"),
            ),
        ),
    ];
    let fields = columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, column)| column).collect()).unwrap()
}

fn written(format: AnswerFormat, batches: &[RecordBatch], schema: &SchemaRef) -> Vec<u8> {
    let to = Written::default();
    let mut answer = Answer::new(format, schema, Target::of(Box::new(to.clone()))).unwrap();
    for batch in batches {
        assert!(answer.write(batch).unwrap());
    }
    answer.finish().unwrap();
    to.0.lock().unwrap().clone()
}

fn text(format: AnswerFormat) -> String {
    let batch = batch();
    String::from_utf8(written(format, &[batch.slice(0, 1), batch.slice(1, 3)], &batch.schema())).unwrap()
}

#[test]
fn a_table_shows_null_and_lets_no_escape_through() {
    insta::assert_snapshot!(text(AnswerFormat::Table));
}

#[test]
fn csv_tells_null_from_an_empty_text() {
    insta::assert_snapshot!(text(AnswerFormat::Csv));
}

#[test]
fn ndjson_keeps_every_digit() {
    insta::assert_snapshot!(text(AnswerFormat::Ndjson));
}

#[test]
fn parquet_is_the_same_however_rows_come() {
    let batch = batch();
    let whole = written(AnswerFormat::Parquet, std::slice::from_ref(&batch), &batch.schema());
    let cut = written(AnswerFormat::Parquet, &[batch.slice(0, 3), batch.slice(3, 1)], &batch.schema());
    assert!(whole == cut && whole.starts_with(b"PAR1"));
}

#[test]
fn an_answer_without_rows_has_its_columns() {
    let schema = batch().schema();
    let of = |format| String::from_utf8(written(format, &[], &schema)).unwrap();
    assert_eq!(of(AnswerFormat::Csv), "id,n,share,amount,is_new,time\n");
    assert_eq!(of(AnswerFormat::Ndjson), "");
    assert!(of(AnswerFormat::Table).starts_with("id  n  share"));
}

#[test]
fn one_column_of_nulls_in_csv_is_no_empty_line() {
    let batch = batch().project(&[1]).unwrap();
    let csv = written(AnswerFormat::Csv, std::slice::from_ref(&batch), &batch.schema());
    assert_eq!(String::from_utf8(csv).unwrap(), "n\n1\n9223372036854775807\n\"\"\n-5\n");
}

#[test]
fn rows_behind_the_measured_ones_go_out_as_they_come() {
    let rows: StringArray = (0..1200).map(|row| Some(if row == 1100 { "a much longer text" } else { "x" })).collect();
    let batch = RecordBatch::try_from_iter([("c", Arc::new(rows) as ArrayRef)]).unwrap();
    let table = String::from_utf8(written(AnswerFormat::Table, std::slice::from_ref(&batch), &batch.schema())).unwrap();
    assert_eq!(table.lines().count(), 1202);
    assert_eq!((table.lines().nth(1), table.lines().nth(1102)), (Some("─"), Some("a much longer text")));
}

#[test]
fn a_file_appears_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answer.csv");
    let batch = batch();
    let mut answer = Answer::new(AnswerFormat::Csv, &batch.schema(), Target::file(&path).unwrap()).unwrap();
    answer.write(&batch).unwrap();
    assert!(!path.exists());
    drop(answer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "what was not finished is gone");
    let mut answer = Answer::new(AnswerFormat::Csv, &batch.schema(), Target::file(&path).unwrap()).unwrap();
    answer.write(&batch).unwrap();
    answer.finish().unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("id,n,share"));
}

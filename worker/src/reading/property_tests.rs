//! CSV against Parquet of the same rows.

use super::super::pieces::pieces;
use super::samples::{Lake, parquet_file, spec};
use super::*;
use arrow::array::*;
use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use proptest::prelude::*;
use segmenter_proto::jobs::TextType;

/// A row of the property below: text, integer, cents, day, microseconds of a UTC time.
type Sample = (Option<String>, Option<i64>, Option<i64>, Option<i32>, Option<i64>);

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let text = prop_oneof!["[a-zżó ,;\"\n']{1,8}", "\\PC{1,5}"];
    let seconds = 0_i64..2_000_000_000;
    proptest::collection::vec(
        (
            proptest::option::of(text),
            proptest::option::of(any::<i64>()),
            proptest::option::of(-10_i64.pow(15)..10_i64.pow(15)),
            proptest::option::of(-30_000_i32..60_000),
            proptest::option::of(seconds),
        ),
        1..40,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn csv_reads_back_as_the_parquet_of_the_same_rows(rows in samples(), batch_rows in 1_usize..50) {
        let cents = rows.iter().map(|row| row.2.map(i128::from)).collect::<Decimal128Array>().with_precision_and_scale(18, 2).unwrap();
        let times = rows.iter().map(|row| row.4.map(|seconds| seconds * 1_000_000)).collect::<TimestampMicrosecondArray>();
        let expected = RecordBatch::try_from_iter_with_nullable(vec![
            ("text", Arc::new(rows.iter().map(|row| row.0.clone()).collect::<StringArray>()) as ArrayRef, true),
            ("int", Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>()), true),
            ("total", Arc::new(cents), true),
            ("day", Arc::new(rows.iter().map(|row| row.3).collect::<Date32Array>()), true),
            ("at", Arc::new(times.with_timezone("UTC")), true),
        ]).unwrap();
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["text", "int", "total", "day", "at"]).unwrap();
        for row in 0..rows.len() {
            let cell = |column: &ArrayRef| if column.is_null(row) { String::new() } else { array_value_to_string(column, row).unwrap() };
            csv.write_record(expected.columns().iter().map(cell)).unwrap();
        }
        let files: [(&str, &[u8]); 2] = [("csv/a.csv", &csv.into_inner().unwrap()), ("parquet/a.parquet", &parquet_file(&expected, 7))];
        let lake = Lake::new(&files);
        let types = [
            ("int", TextType::Int),
            ("total", TextType::Decimal(18, 2)),
            ("day", TextType::Date("%Y-%m-%d".into())),
            ("at", TextType::Timestamp("%Y-%m-%dT%H:%M:%SZ".into())),
        ];
        let spec = spec(&["text", "int", "total", "day", "at"], &types);
        for kind in ["csv", "parquet"] {
            let file = lake.pin(&format!("{}/{kind}", lake.roots[1])).remove(0);
            let mut batches = Vec::new();
            for piece in pieces(&file, &lake.inspect(&file, &spec.csv).unwrap()) {
                for rows in lake.read(&piece, &spec, batch_rows).unwrap() {
                    prop_assert!(rows.errors.is_empty() && rows.broken.is_empty(), "{:?} {:?}", rows.errors, rows.broken);
                    batches.push(rows.batch);
                }
            }
            prop_assert_eq!(&concat_batches(&expected.schema(), &batches).unwrap(), &expected, "{}", kind);
        }
    }
}

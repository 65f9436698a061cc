//! CSV against Parquet of the same rows, and how fast both are.

use super::super::pieces::pieces;
use super::samples::{Lake, parquet_file, spec};
use super::*;
use arrow::array::*;
use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use proptest::prelude::*;
use segmenter_proto::jobs::TextType;
use std::io::Write;

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

/// Milliseconds that this thread has run, where the system tells.
fn on_cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or_default() / 1_000_000
}

/// Prints how fast local Parquet is beside the decoder alone; run by hand: `cargo test --release -- --ignored speed`.
#[test]
#[ignore = "a measurement"]
fn speed_of_local_parquet_and_csv() {
    let count = 4_000_000_i64;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from_iter_values((0..count).map(|row| format!("C{:07}", row * 7919 % 400_000))))),
        ("amount", Arc::new(Int64Array::from_iter_values((0..count).map(|row| row * 31 % 100_000)))),
        ("unused", Arc::new(StringArray::from_iter_values((0..count).map(|row| format!("{:x}", row * 0x9E37_79B9))))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let parquet = parquet_file(&batch, 1 << 20);
    let mut csv = b"id,amount,day,unused\n".to_vec();
    (0..count).for_each(|row| {
        writeln!(csv, "C{:07},{}.5,2026-11-{:02},{row:x}", row % 400_000, row % 1000, row % 30 + 1).unwrap()
    });
    let lake = Lake::new(&[("p/a.parquet", &parquet), ("c/a.csv", &csv)]);
    let types = [("amount", TextType::Decimal(18, 2)), ("day", TextType::Date("%Y-%m-%d".into()))];
    for root in &lake.roots {
        for (kind, bytes, names) in
            [("p", parquet.len(), ["id", "amount"].as_slice()), ("c", csv.len(), &["id", "amount", "day"])]
        {
            let file = lake.pin(&format!("{root}/{kind}")).remove(0);
            let spec = spec(names, if kind == "c" { &types } else { &[] });
            let (start, cpu) = (std::time::Instant::now(), on_cpu());
            let mut rows = 0;
            for piece in pieces(&file, &lake.inspect(&file, &spec.csv).unwrap()) {
                rows +=
                    lake.read(&piece, &spec, 65536).unwrap().iter().map(|rows| rows.batch.num_rows()).sum::<usize>();
            }
            println!(
                "{}: {rows} rows, {} MB, {:?}, {} ms of CPU",
                file.uri,
                bytes >> 20,
                start.elapsed(),
                on_cpu() - cpu
            );
        }
    }
    let (start, cpu) = (std::time::Instant::now(), on_cpu());
    let file = std::fs::File::open(format!("{}/p/a.parquet", lake.roots[0])).unwrap();
    let builder = ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mask = ::parquet::arrow::ProjectionMask::roots(builder.parquet_schema(), [0, 1]);
    let reader = builder.with_projection(mask).with_batch_size(65536).build().unwrap();
    let rows: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
    println!("the decoder alone: {rows} rows, {:?}, {} ms of CPU", start.elapsed(), on_cpu() - cpu);
}

//! A part with some of its rows changed or left out, as it would have been written with those rows alone.

use super::{
    mergeable::PartReader,
    part_writer::{FinishedPart, PartWriter},
};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use segmenter_proto::Result;
use std::sync::Arc;

/// Writes a part anew: `change` gives what becomes of a batch, and `take` gets the bytes of the new file in their order. Where no batch is changed, they
/// are those of the part. Of the part a batch and a row group undecoded are in memory, of the new file a row group.
///
/// # Errors
/// The part is gone or damaged; what `change` and `take` fail with.
pub fn rewritten(
    mut part: PartReader,
    mut change: impl FnMut(RecordBatch) -> Result<RecordBatch>,
    mut take: impl FnMut(Bytes) -> Result<()>,
) -> Result<FinishedPart> {
    let schema = Arc::clone(part.schema());
    let mut writer = match part.rows_of_groups() {
        Some(rows) => PartWriter::with_row_groups(schema, rows)?,
        // A file of one row group is the same whatever it may hold.
        None => PartWriter::new(schema)?,
    };
    while let Some(batches) = part.next_batches(None)? {
        for batch in batches {
            writer.write(&change(batch?)?)?;
            if let Some(chunk) = writer.take_chunk() {
                take(chunk)?;
            }
        }
    }
    let finished = writer.finish()?;
    take(finished.tail.clone())?;
    Ok(finished)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        results::{WRITE_BATCH_ROWS, write_mergeable_part, write_part},
        storage::{Folder, Storage},
    };
    use arrow::{
        array::{
            ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int32Array,
            StringArray, TimestampMicrosecondArray,
        },
        compute::filter_record_batch,
    };
    use segmenter_proto::v1::ResultFile;
    use tokio::runtime::Runtime;

    /// Rows with a column of each type that results have.
    fn table(rows: i32) -> RecordBatch {
        let some = |row: i32| (row % 7 != 0).then_some(row);
        let columns: [(&str, ArrayRef); 9] = [
            ("customer_id", Arc::new((0..rows).map(|row| Some(format!("c{row:08}"))).collect::<StringArray>())),
            (
                "text",
                Arc::new((0..rows).map(|row| some(row).map(|row| format!("t{}", row % 9))).collect::<StringArray>()),
            ),
            ("small", Arc::new((0..rows).map(|row| some(row).map(|row| (row % 5) as i8)).collect::<Int8Array>())),
            ("number", Arc::new((0..rows).map(some).collect::<Int32Array>())),
            (
                "share",
                Arc::new((0..rows).map(|row| some(row).map(|row| f64::from(row) / 3.0)).collect::<Float64Array>()),
            ),
            ("distance", Arc::new((0..rows).map(|row| row as f32 / 3.0).map(Some).collect::<Float32Array>())),
            ("day", Arc::new((0..rows).map(some).collect::<Date32Array>())),
            (
                "money",
                Arc::new(
                    (0..rows)
                        .map(|row| some(row).map(i128::from))
                        .collect::<Decimal128Array>()
                        .with_precision_and_scale(28, 4)
                        .unwrap(),
                ),
            ),
            (
                "time",
                Arc::new(
                    (0..rows)
                        .map(|row| some(row).map(i64::from))
                        .collect::<TimestampMicrosecondArray>()
                        .with_timezone("UTC"),
                ),
            ),
        ];
        let flag: ArrayRef = Arc::new((0..rows).map(|row| some(row).map(|row| row % 2 == 0)).collect::<BooleanArray>());
        RecordBatch::try_from_iter(columns.into_iter().chain([("flag", flag)])).unwrap()
    }

    struct Place {
        runtime: Runtime,
        folder: Folder,
        _directory: tempfile::TempDir,
    }

    fn place() -> Place {
        let directory = tempfile::tempdir().unwrap();
        let folder = Storage::with_environment([]).open(directory.path().to_str().unwrap()).unwrap();
        Place { runtime: Runtime::new().unwrap(), folder, _directory: directory }
    }

    fn again(place: &Place, file: &ResultFile, keep: impl Fn(usize) -> bool) -> (Vec<u8>, FinishedPart) {
        let reader = PartReader::open(&place.folder, place.runtime.handle(), &file.path, file.bytes).unwrap();
        let (mut at, mut bytes) = (0, Vec::new());
        let change = |batch: RecordBatch| {
            let kept: BooleanArray = (at..at + batch.num_rows()).map(|row| Some(keep(row))).collect();
            at += batch.num_rows();
            Ok(filter_record_batch(&batch, &kept).unwrap())
        };
        let take = |chunk: Bytes| {
            bytes.extend_from_slice(&chunk);
            Ok(())
        };
        let finished = rewritten(reader, change, take).unwrap();
        (bytes, finished)
    }

    #[test]
    fn a_part_is_written_as_it_would_have_been_with_the_rows_that_stay() {
        let place = place();
        let groups = 16 * WRITE_BATCH_ROWS;
        for rows in [0, 1, 5000, groups + 9] {
            let table = table(rows as i32);
            for small in [false, true] {
                let write = |path: &str, rows: RecordBatch| match small {
                    true => write_mergeable_part(&place.folder, place.runtime.handle(), path, &rows).unwrap(),
                    false => write_part(&place.folder, place.runtime.handle(), path, [rows]).unwrap(),
                };
                let whole = write("whole", table.clone());
                let (bytes, finished) = again(&place, &whole, |_| true);
                assert_eq!((&finished.sha256, finished.rows), (&whole.sha256, whole.rows), "{rows} {small}");
                assert_eq!(bytes, place.runtime.block_on(place.folder.get("whole")).unwrap().unwrap());
                let keep = |row: usize| row % 1000 != 3;
                let kept: BooleanArray = (0..rows).map(|row| Some(keep(row))).collect();
                let expected = write("expected", filter_record_batch(&table, &kept).unwrap());
                let (bytes, finished) = again(&place, &whole, keep);
                assert_eq!((&finished.sha256, finished.bytes), (&expected.sha256, expected.bytes), "{rows} {small}");
                assert_eq!(bytes.len() as u64, expected.bytes);
            }
        }
    }

    #[test]
    fn columns_can_be_read_alone() {
        let place = place();
        let file = write_part(&place.folder, place.runtime.handle(), "whole", [table(10_000)]).unwrap();
        let mut reader = PartReader::open(&place.folder, place.runtime.handle(), &file.path, file.bytes).unwrap();
        let batches: Vec<RecordBatch> =
            reader.next_batches(Some(&[0, 6])).unwrap().unwrap().collect::<Result<_>>().unwrap();
        let names: Vec<_> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["customer_id", "day"]);
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 10_000);
        assert!(reader.next_batches(Some(&[0])).unwrap().is_none());
    }
}

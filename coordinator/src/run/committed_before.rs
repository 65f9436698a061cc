//! A run that is found committed: what it came to is read back, so that whoever asks again is told the same.

use super::options::RunOutcome;
use crate::protocol::{Commit, damaged_by_size, damaged_run, read_record};
use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{Float64Type, Int32Type, Int64Type},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::storage::Folder;
use serde_json::{Value, json};

/// The table of sizes.
const SEGMENTS: &str = "segments.parquet";

/// Gives what a committed run came to.
///
/// # Errors
/// Files of it are missing or cut short: Data. The store fails.
pub(super) async fn committed_before(output: &Folder, keys: &RunKeys, commit: Commit) -> Result<RunOutcome> {
    let damaged = damaged_by_size(output, keys, &commit.files).await?;
    if !damaged.is_empty() {
        return Err(damaged_run(&commit.run, &damaged));
    }
    let record = read_record(output, keys).await?;
    Ok(RunOutcome {
        folder: output.uri_of(&keys.run_folder()),
        run: commit.run,
        committed_before: true,
        table: String::new(),
        segments: segments(output, keys).await?,
        rows: record.rows.into_iter().collect(),
        exclude_list: record.exclude_list,
        sizes: None,
        warnings: record.warnings,
    })
}

/// Reads the sizes of segments; null where they cannot be read, since nobody's work hangs on them.
async fn segments(output: &Folder, keys: &RunKeys) -> Result<Value> {
    let Some(bytes) = output.get(&keys.result(SEGMENTS)).await? else { return Ok(Value::Null) };
    let damaged = |error| Error::data(format!("{SEGMENTS} of the run cannot be read")).caused_by(error);
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(bytes).and_then(|builder| builder.build()).map_err(damaged)?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| damaged(error.into()))?;
        let Some(told) = rows_of(&batch) else { return Ok(Value::Null) };
        rows.extend(told);
    }
    Ok(rows.into())
}

/// Gives the rows of the table as the answer of a run has them; none where its columns are others.
fn rows_of(batch: &RecordBatch) -> Option<Vec<Value>> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let (segmentation, key, name) = (text("segmentation")?, text("segment_key")?, text("segment_name")?);
    let id = batch.column_by_name("segment_id")?.as_primitive_opt::<Int32Type>()?;
    let customers = batch.column_by_name("customers")?.as_primitive_opt::<Int64Type>()?;
    let share = batch.column_by_name("share")?.as_primitive_opt::<Float64Type>()?;
    let row = |at: usize| {
        json!({
            "segmentation": segmentation.value(at),
            "segment_id": id.value(at),
            "segment_key": key.value(at),
            "segment_name": name.value(at),
            "customers": customers.value(at),
            "share": share.value(at),
        })
    };
    Some((0..batch.num_rows()).map(row).collect())
}

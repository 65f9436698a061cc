//! The stage "features": a shard's rows become one row a customer, in the work folder.

use super::{
    memory::{Held, Slot},
    worker::Worker,
};
use crate::{
    features::compute,
    partition::ChunkReader,
    results::{quarantine_schema, write_part},
    shard::{load, memory_needed},
    storage::Folder,
};
use arrow::{
    array::{Array, RecordBatch},
    compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch},
    ipc::{reader::FileReader, writer::FileWriter},
};
use bytes::Bytes;
use segmenter_proto::{
    Error, Result,
    object_keys::part_file,
    v1::{FeaturesAnswer, FeaturesTask, ResultFile, Stage},
};
use std::sync::Arc;
use tokio::runtime::Handle;

impl Worker {
    pub(super) fn features(&self, shard_number: u32, work: &FeaturesTask) -> Result<FeaturesAnswer> {
        let _held = self.memory.reserve(memory_needed(&work.chunks), &format!("shard {shard_number}"))?;
        let shard = load(&self.spec, &ChunkReader::new(&self.work, &self.runtime), &work.chunks)?;
        self.middle(Stage::Features)?;
        let features = compute(&self.spec, &self.plan, &shard)?;
        let bytes = encode(&features.table)?;
        let size = bytes.len() as u64;
        self.runtime.block_on(self.work.put(&features_object(shard_number), bytes))?;
        self.memory.keep_if_free(shard_number, Slot::Features, &Arc::new(Held::Table(features.table)), size);
        let mut notes = shard.notes;
        notes.merge(&features.notes.to_message());
        let files = self.quarantine(shard_number, &shard.quarantine)?.into_iter().collect();
        Ok(FeaturesAnswer {
            customers: shard.customers.len() as u64,
            fates: shard.fates,
            duplicate_customers: shard.duplicate_customers,
            overflows: features.overflows,
            files,
            notes: notes.to_message(),
        })
    }

    /// Gives the features of a shard as the stage "features" wrote them.
    pub(super) fn read_features(&self, shard: u32) -> Result<RecordBatch> {
        if let Some(held) = self.memory.get(shard, Slot::Features)
            && let Held::Table(table) = &*held
        {
            return Ok(table.clone());
        }
        let object = features_object(shard);
        read_table(&self.work, &self.runtime, &object)?
            .ok_or_else(|| Error::dependency(format!("work file {} is gone", self.work.uri_of(&object))))
    }

    /// Writes the shard's part of `quarantine/`; the first shard's always, so that the folder can be read.
    fn quarantine(&self, shard: u32, rows: &[RecordBatch]) -> Result<Option<ResultFile>> {
        if rows.is_empty() && shard > 0 {
            return Ok(None);
        }
        let cannot = |error| Error::bug("rejected rows could not be sorted").caused_by(error);
        let rows = concat_batches(&quarantine_schema(), rows).map_err(cannot)?;
        let by: Vec<SortColumn> = ["source", "file", "row_number"]
            .iter()
            .filter_map(|name| rows.column_by_name(name).cloned())
            .map(|values| SortColumn { values, options: None })
            .collect();
        let order = lexsort_to_indices(&by, None).map_err(cannot)?;
        let sorted = take_record_batch(&rows, &order).map_err(cannot)?;
        let path = format!("quarantine/{}", part_file(shard));
        write_part(&self.results, &self.runtime, &path, [sorted]).map(Some)
    }
}

/// Gives the work object that holds the features of a shard.
pub fn features_object(shard: u32) -> String {
    format!("features/{shard:05}.arrow")
}

/// Gives the bytes of a table as a work file holds it.
pub(super) fn encode(table: &RecordBatch) -> Result<Bytes> {
    let mut bytes = Vec::with_capacity(table.get_array_memory_size() + 4_096);
    let cannot = |error| Error::bug("features could not be encoded").caused_by(error);
    let mut writer = FileWriter::try_new(&mut bytes, &table.schema()).map_err(cannot)?;
    writer.write(table).map_err(cannot)?;
    writer.finish().map_err(cannot)?;
    drop(writer);
    Ok(bytes.into())
}

/// Reads a table from a work file; none where there is no such file.
pub(super) fn read_table(work: &Folder, runtime: &Handle, object: &str) -> Result<Option<RecordBatch>> {
    let Some(bytes) = runtime.block_on(work.get(object))? else { return Ok(None) };
    let damaged = |error| Error::dependency(format!("work file {object} is damaged")).caused_by(error);
    let mut batches = FileReader::try_new(std::io::Cursor::new(bytes), None).map_err(damaged)?;
    let table = batches.next().transpose().map_err(damaged)?;
    table.map(Some).ok_or_else(|| Error::bug(format!("work file {object} holds no batch")))
}

//! Tables in the work folder: written with a checksum that is a part of their names, and compared with it when they are read.
//!
//! What is named by its bytes cannot be mistaken for another attempt's, and is never written over by other bytes.

use super::worker::Worker;
use crate::{partition::decode_chunk, storage::Folder};
use arrow::{array::RecordBatch, ipc::writer::StreamWriter};
use bytes::Bytes;
use segmenter_proto::{
    Error, Result, checksum_of,
    v1::{Task, task},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use tokio::runtime::Handle;

/// Gives the work object that holds the features of a shard.
pub fn features_object(shard: u32, checksum: u64) -> String {
    format!("features/{shard:05}-{checksum:016x}.arrow")
}

/// Gives the shard whose features a work object holds; none where it holds something else.
pub fn shard_of_features(object: &str) -> Option<u32> {
    object.strip_prefix("features/")?.split('-').next()?.parse().ok()
}

/// Gives the work object that holds what "measure" looks at.
pub(super) fn measured_object(shard: u32, checksum: u64) -> String {
    format!("measured/{shard:05}-{checksum:016x}.arrow")
}

/// Checksums of the work files of shards, as the coordinator tells them with its tasks.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<BTreeMap<u32, OfShard>>);

#[derive(Debug, Clone, Copy, Default)]
struct OfShard {
    features: Option<u64>,
    measured: Option<u64>,
}

impl Told {
    /// Takes note of what a task says of one of its shards.
    pub(super) fn hear(&self, task: &Task, shard: u32) {
        let Some(at) = task.shards.iter().position(|own| *own == shard) else { return };
        let (features, measured): (&[u64], &[u64]) = match &task.work {
            Some(task::Work::Fit(work)) => (&work.features, &[]),
            Some(task::Work::Assign(work)) => (&work.features, &[]),
            Some(task::Work::Measure(work)) => (&work.features, &work.measured),
            Some(task::Work::Keys(_) | task::Work::Partition(_) | task::Work::Features(_)) | None => (&[], &[]),
        };
        let mut shards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = shards.entry(shard).or_default();
        told.features = features.get(at).copied().or(told.features);
        told.measured = measured.get(at).copied().or(told.measured);
    }

    fn of(&self, shard: u32) -> OfShard {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&shard).copied().unwrap_or_default()
    }

    /// Gives the checksum of a shard's features.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn features(&self, shard: u32) -> Result<u64> {
        let told = self.of(shard).features;
        told.ok_or_else(|| Error::bug(format!("no task says the checksum of the features of shard {shard}")))
    }

    /// Gives the checksum of what "measure" looks at, where it was told.
    pub(super) fn measured(&self, shard: u32) -> Option<u64> {
        self.of(shard).measured
    }
}

impl Worker {
    /// Writes a table to the object that `name` makes of its checksum.
    pub(super) fn write_table(&self, table: &RecordBatch, name: impl Fn(u64) -> String) -> Result<Written> {
        let bytes = encode(table)?;
        let checksum = checksum_of(&bytes);
        let decoded = decode_chunk(&bytes).map_err(|error| Error::bug("a table cannot be read").caused_by(error))?;
        let table = decoded.into_iter().next().ok_or_else(|| Error::bug("a work file holds no batch"))?;
        let size = bytes.len() as u64;
        self.runtime.block_on(self.work.put(&name(checksum), bytes))?;
        Ok(Written { checksum, size, table })
    }
}

/// A work file with a table.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) checksum: u64,
    /// Its bytes.
    pub(super) size: u64,
    /// The table as the file has it. Columns of the one that was written may be parts of larger buffers, which they would keep in memory.
    pub(super) table: RecordBatch,
}

/// Gives the bytes of a table as a work file holds it.
fn encode(table: &RecordBatch) -> Result<Bytes> {
    let cannot = |error| Error::bug("a table could not be encoded").caused_by(error);
    // Columns may be parts of one buffer, which each would count as its own.
    let sizes = table.columns().iter().map(|column| column.to_data().get_slice_memory_size());
    let size = sizes.sum::<std::result::Result<usize, _>>().map_err(cannot)?;
    let mut bytes = Vec::with_capacity(size + 4_096);
    let mut writer = StreamWriter::try_new(&mut bytes, &table.schema()).map_err(cannot)?;
    writer.write(table).map_err(cannot)?;
    writer.finish().map_err(cannot)?;
    drop(writer);
    Ok(bytes.into())
}

/// Reads a table from a work file.
///
/// # Errors
/// When it is gone or its bytes are others: [`Error::lost_work`].
pub(super) fn read_table(work: &Folder, runtime: &Handle, object: &str, checksum: u64) -> Result<RecordBatch> {
    let lost = |how: &str| Error::lost_work(object, format!("work file {} {how}", work.uri_of(object)));
    let bytes = runtime.block_on(work.get(object))?.ok_or_else(|| lost("is gone"))?;
    if checksum_of(&bytes) != checksum {
        return Err(lost("is damaged"));
    }
    // What is decoded is what was encoded.
    let decoded = decode_chunk(&bytes).map_err(|error| lost("cannot be decoded").caused_by(error))?;
    decoded.into_iter().next().ok_or_else(|| Error::bug(format!("work file {object} holds no batch")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Storage;
    use arrow::{
        array::Int64Array,
        datatypes::{DataType, Field, Schema},
    };
    use segmenter_proto::v1::MeasureTask;
    use std::sync::Arc;

    #[test]
    fn a_table_is_read_whole_or_named() {
        let (runtime, folder) = (tokio::runtime::Runtime::new().unwrap(), tempfile::tempdir().unwrap());
        let work = Storage::with_environment([]).open(folder.path().to_str().unwrap()).unwrap();
        let schema = Arc::new(Schema::new(vec![Field::new("value", DataType::Int64, false)]));
        let table = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from_iter_values(0..100))]).unwrap();
        let bytes = encode(&table).unwrap();
        let checksum = checksum_of(&bytes);
        let object = features_object(3, checksum);
        assert_eq!(shard_of_features(&object), Some(3));
        let read = |bytes: Option<&[u8]>| {
            let path = folder.path().join(&object);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
            read_table(&work, runtime.handle(), &object, checksum)
        };
        assert_eq!(read(Some(&bytes)).unwrap(), table);
        let mut flipped = bytes.to_vec();
        flipped[bytes.len() / 2] ^= 4;
        for damaged in [Some(flipped.as_slice()), Some(&bytes[..bytes.len() - 1]), Some(&[]), None] {
            let error = read(damaged).unwrap_err();
            assert_eq!(error.lost_work.as_deref(), Some(object.as_str()));
            assert!(error.message.contains(&object), "{error}");
        }
    }

    #[test]
    fn what_tasks_say_is_kept_by_shard() {
        let told = Told::default();
        assert!(told.features(4).is_err());
        let work = MeasureTask { features: vec![10, 11], measured: vec![20, 21], ..MeasureTask::default() };
        let task = Task { shards: vec![2, 4], work: Some(task::Work::Measure(work)), ..Task::default() };
        told.hear(&task, 4);
        assert_eq!((told.features(4).unwrap(), told.measured(4), told.measured(2)), (11, Some(21), None));
    }
}

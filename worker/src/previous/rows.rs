//! A shard's customers as the run before had them.

use super::parts::{file_of, parts_of};
use crate::{
    results::hex,
    spec::{PreviousRun, PreviousSegmentation},
    storage::Folder,
};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Float64Array, RecordBatch, StringArray,
        UInt32Array,
    },
    buffer::BooleanBuffer,
    compute::{cast, concat_batches, filter_record_batch, sort_to_indices, take_record_batch},
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};
use bytes::Bytes;
use hashbrown::HashMap;
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use segmenter_proto::{Error, Result, shard_of, v1::PreviousFile};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Bytes of the texts of a row, with what says where they are: an id, and a key or a tier.
const TEXTS: u64 = 80;

/// What is read of the run before.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The run.
    pub run: &'a PreviousRun,
    /// Of these of its segmentations.
    pub segmentations: &'a [PreviousSegmentation],
    /// Whether numbers and tiers are read too.
    pub features: bool,
}

/// A shard's customers as the run before had them, sorted by id.
#[derive(Debug)]
pub struct PreviousRows {
    table: RecordBatch,
}

impl Wanted<'_> {
    /// Gives the folders of results that are read, below the run's.
    pub fn folders(&self) -> Vec<String> {
        let mut folders: Vec<String> = self.features.then(|| "features".to_owned()).into_iter().collect();
        for own in self.segmentations {
            folders.push(format!("assignments/{}", own.name));
            if own.overlapping {
                folders.push(format!("membership/{}", own.name));
            }
        }
        folders
    }

    /// Gives the bytes of memory that these files take with their rows while they are read, of which there are two copies as they are put together.
    pub fn memory<'f>(run: &PreviousRun, files: impl Iterator<Item = &'f PreviousFile>) -> u64 {
        let numbers =
            |file: &PreviousFile| if file.path.starts_with("features/") { run.numbers.len() as u64 } else { 0 };
        let a_row = |file: &PreviousFile| TEXTS + (8 + 1) * numbers(file);
        files.map(|file| file.bytes + 2 * file.rows * a_row(file)).sum()
    }
}

/// Reads a shard's customers; `id` is the name of their ids, and `files` are those that can hold them, below `folder`.
///
/// # Errors
/// A file is gone, is not what was committed, or lacks a column: Data. The store fails: Dependency.
pub fn read_previous(
    folder: &Folder,
    runtime: &Handle,
    files: &[PreviousFile],
    wanted: Wanted<'_>,
    id: &str,
    (shard, shards): (u32, u32),
) -> Result<PreviousRows> {
    let read = |path: &str, columns: &[&str]| {
        let file = files.iter().find(|file| file.path == path);
        let file = file.ok_or_else(|| wanted.run.broken(folder, path, "it is not among what was committed"))?;
        let bytes = runtime.block_on(folder.get(path))?.ok_or_else(|| wanted.run.broken(folder, path, "it is gone"))?;
        if hex(&Sha256::digest(&bytes)) != file.sha256 {
            return Err(wanted.run.broken(folder, path, "it is not what was committed"));
        }
        let table = table_of(bytes, columns);
        table.map_err(|error| wanted.run.broken(folder, path, "it cannot be read as it was written").caused_by(error))
    };
    let mut batches = Vec::new();
    for part in parts_of(shard, shards, wanted.run.shards) {
        let mut ids: Option<StringArray> = None;
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        let mut table = |path: &str, names: &[&str]| {
            let table = read(path, names)?;
            let own = table.column(0).as_string::<i32>();
            if ids.get_or_insert_with(|| own.clone()) != own {
                return Err(wanted.run.broken(folder, path, "its customers are others than in other files"));
            }
            Ok(table)
        };
        for (number, own) in wanted.segmentations.iter().enumerate() {
            let path = file_of(&format!("assignments/{}", own.name), part);
            let unknown = || wanted.run.broken(folder, &path, "it names a segment that model.json has not");
            let assigned = table(&path, &[id, "segment_key"])?;
            let segments = positions(own, assigned.column(1).as_string()).ok_or_else(unknown)?;
            columns.push((segment(number), Arc::new(segments)));
        }
        if wanted.features {
            let (numbers, tier) = (&wanted.run.numbers, wanted.run.tier.as_deref());
            let names: Vec<&str> = numbers.iter().map(|number| number.name.as_str()).chain(tier).collect();
            let features = table(&file_of("features", part), &[&[id], names.as_slice()].concat())?;
            for (at, column) in features.columns().iter().skip(1).enumerate() {
                let (name, kind) = match at < numbers.len() {
                    true => (number(at), DataType::Float64),
                    false => (TIER.to_owned(), DataType::Utf8),
                };
                columns.push((name, cast(column, &kind).map_err(bug)?));
            }
        }
        let ids = ids.ok_or_else(|| Error::bug("nothing is read of the run before"))?;
        for (number, own) in wanted.segmentations.iter().enumerate().filter(|(_, own)| own.overlapping) {
            let path = file_of(&format!("membership/{}", own.name), part);
            let members = read(&path, &[id, "segment_key"])?;
            let unknown = || wanted.run.broken(folder, &path, "it has a customer or segment that other files have not");
            let who = who_is_in(own, &ids, (members.column(0).as_string(), members.column(1).as_string()));
            for (at, who) in who.ok_or_else(unknown)?.into_iter().enumerate() {
                columns.push((member(number, at), Arc::new(BooleanArray::new(who, None))));
            }
        }
        let own: BooleanArray = ids.iter().map(|id| id.map(|id| shard_of(id, shards) == shard)).collect();
        columns.insert(0, (ID.to_owned(), Arc::new(ids)));
        let table =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)));
        let table = table.map_err(bug)?;
        batches.push(match own.true_count() == own.len() {
            true => table,
            false => filter_record_batch(&table, &own).map_err(bug)?,
        });
    }
    let schema = batches.first().map(RecordBatch::schema).ok_or_else(|| Error::bug("the run before has no parts"))?;
    let table = concat_batches(&schema, &batches).map_err(bug)?;
    if batches.len() == 1 {
        return Ok(PreviousRows { table });
    }
    drop(batches);
    // Each part is sorted, and all of them together are not.
    let order = sort_to_indices(table.column(0), None, None).map_err(bug)?;
    Ok(PreviousRows { table: take_record_batch(&table, &order).map_err(bug)? })
}

/// Names of columns while they are put together.
const ID: &str = "id";
const TIER: &str = "tier";

fn segment(segmentation: usize) -> String {
    format!("segment {segmentation}")
}

fn number(at: usize) -> String {
    format!("number {at}")
}

fn member(segmentation: usize, segment: usize) -> String {
    format!("member {segmentation} {segment}")
}

impl PreviousRun {
    /// Gives the error of one of its files.
    pub(super) fn broken(&self, folder: &Folder, path: &str, how: &str) -> Error {
        let text = format!(
            "{} of run {}, which this run is compared with, cannot be used: {how}",
            folder.uri_of(path),
            self.run
        );
        Error::data(text).with_hint(format!(
            "see with `segmenter verify JOB --run {}` what else is; `previous` of [output] names another run to compare with, or \"none\"",
            self.run
        ))
    }
}

impl PreviousRows {
    /// Gives the ids, sorted.
    ///
    /// # Errors
    /// Bug only.
    pub fn customers(&self) -> Result<&StringArray> {
        Ok(self.column(ID)?.as_string())
    }

    /// Gives the position of each customer's segment among the keys of a segmentation, by its position among those that were read.
    ///
    /// # Errors
    /// Bug only.
    pub fn segments(&self, segmentation: usize) -> Result<&UInt32Array> {
        Ok(self.column(&segment(segmentation))?.as_primitive())
    }

    /// Gives who was in a segment of a segmentation whose segments overlap.
    ///
    /// # Errors
    /// Bug only.
    pub fn members(&self, segmentation: usize, segment: usize) -> Result<&BooleanBuffer> {
        Ok(self.column(&member(segmentation, segment))?.as_boolean().values())
    }

    /// Gives a number by its position among those of the run.
    ///
    /// # Errors
    /// Bug only.
    pub fn number(&self, at: usize) -> Result<&Float64Array> {
        Ok(self.column(&number(at))?.as_primitive())
    }

    /// Gives the tiers.
    ///
    /// # Errors
    /// Bug only.
    pub fn tiers(&self) -> Result<&StringArray> {
        Ok(self.column(TIER)?.as_string())
    }

    fn column(&self, name: &str) -> Result<&ArrayRef> {
        self.table.column_by_name(name).ok_or_else(|| Error::bug(format!("{name} was not read of the run before")))
    }
}

/// Gives the position of each key; none where one is not known.
fn positions(own: &PreviousSegmentation, keys: &StringArray) -> Option<UInt32Array> {
    let known: HashMap<&str, u32> = own.keys.iter().map(String::as_str).zip(0..).collect();
    keys.iter().map(|key| known.get(key?).copied().map(Some)).collect::<Option<Vec<_>>>().map(UInt32Array::from)
}

/// Gives who is in each segment, in the order of the keys; none where a member or a key is not known. Both tables are sorted by id.
fn who_is_in(
    own: &PreviousSegmentation,
    customers: &StringArray,
    (ids, keys): (&StringArray, &StringArray),
) -> Option<Vec<BooleanBuffer>> {
    let positions = positions(own, keys)?;
    let mut who: Vec<BooleanBufferBuilder> = Vec::new();
    for _ in &own.keys {
        let mut nobody = BooleanBufferBuilder::new(customers.len());
        nobody.append_n(customers.len(), false);
        who.push(nobody);
    }
    let mut row = 0;
    for member in 0..ids.len() {
        while row < customers.len() && customers.value(row) < ids.value(member) {
            row += 1;
        }
        if row == customers.len() || customers.value(row) != ids.value(member) {
            return None;
        }
        who.get_mut(positions.value(member) as usize)?.set_bit(row, true);
    }
    Some(who.into_iter().map(|mut who| who.finish()).collect())
}

/// Reads columns of a whole file, in the order asked for.
fn table_of(bytes: Bytes, columns: &[&str]) -> std::result::Result<RecordBatch, ArrowError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let batches = builder.with_projection(mask).build()?.collect::<std::result::Result<Vec<_>, _>>()?;
    let Some(first) = batches.first() else {
        return Ok(RecordBatch::new_empty(Arc::new(Schema::new(
            columns.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect::<Vec<_>>(),
        ))));
    };
    let order = columns.iter().map(|name| first.schema().index_of(name)).collect::<std::result::Result<Vec<_>, _>>()?;
    concat_batches(&first.schema(), &batches)?.project(&order)
}

fn bug(error: ArrowError) -> Error {
    Error::bug("rows of the run before could not be put together").caused_by(error)
}

//! The stage "features": a shard's rows become one row a customer, in the work folder.

use super::{
    memory::{Held, Slot},
    work_files::{Written, features_object, read_table},
    worker::Worker,
};
use crate::{
    features::{benefits, compute},
    partition::ChunkReader,
    results::{quarantine_schema, write_part},
    shard::{Place, Shard, load, memory_needed, note_reachable, note_unknown_products},
    spec::{has_known_products, product_table},
    sql::{Constants, Room},
};
use arrow::{
    array::{Array, RecordBatch},
    compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch},
};
use segmenter_proto::{
    Error, Fault, Result,
    models::KnownConstant,
    object_keys::part_file,
    v1::{FeaturesAnswer, FeaturesTask, ResultFile, Stage},
};
use std::sync::{Arc, atomic::Ordering};

/// Bytes that queries are given at least, where there are as many: with less the engine's operators spill by themselves what a few customers
/// take.
const MEMORY_OF_QUERIES: u64 = 8 << 20;
/// Bytes without which no customer is computed.
pub const LEAST_MEMORY_OF_QUERIES: u64 = 1 << 20;
/// A reference table that is joined is copied beside its hash table.
const COPIES_OF_REFERENCES: u64 = 2;

impl Worker {
    pub(super) fn features(&self, shard_number: u32, work: &FeaturesTask) -> Result<FeaturesAnswer> {
        let constants = Constants::read(&constants_of(&work.constants)?)?;
        if work.only_constants {
            let constants = self.with_shard(shard_number, work, &constants, |shard, room| {
                self.plan.constants().totals(&self.spec, shard, room)
            })?;
            return Ok(FeaturesAnswer { constants: constants.1, ..FeaturesAnswer::default() });
        }
        let (shard, (features, benefits)) = self.with_shard(shard_number, work, &constants, |shard, room| {
            let mut features = compute(&self.spec, &self.plan, shard, room)?;
            // The queries have let go of their memory.
            note_reachable(&self.spec, shard, room.memory, &self.runtime, &mut features.notes)?;
            let products = product_table(&self.spec.job).and_then(|table| room.references.rows(table));
            note_unknown_products(&self.spec, shard, products, &self.runtime, &mut features.notes)?;
            // The first shard looks at all reference tables.
            let benefits = if shard_number == 0 { benefits(&self.spec, room.references)? } else { Vec::new() };
            Ok((features, benefits))
        })?;
        let Written { checksum, size, table } =
            self.write_table(&features.table, |checksum| features_object(shard_number, checksum))?;
        self.memory.keep_if_free(shard_number, Slot::Features, &Arc::new(Held::Table(table)), size);
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
            checksum,
            constants: Vec::new(),
            cohorts: features.cohorts.to_message(),
            benefits,
        })
    }

    /// Loads a shard and computes something of it: within the thread's share, or, where one customer alone does not fit there, with all
    /// that there is.
    fn with_shard<T>(
        &self,
        number: u32,
        work: &FeaturesTask,
        constants: &Constants,
        compute: impl Fn(&Shard, Room<'_>) -> Result<T>,
    ) -> Result<(Shard, T)> {
        // Before memory is reserved, so that nobody waits for it while others wait for this. The first shard looks at all of them, whether
        // queries do or not: a key that comes twice is told.
        let mut used = self.plan.references();
        used.extend(product_table(&self.spec.job).filter(|_| self.looks_up_products()));
        let references = self.references(&work.references, |source| number == 0 || used.contains(&source))?;
        let for_references = references.bytes * COPIES_OF_REFERENCES;
        let needed = |place| memory_needed(&self.spec, &work.chunks, place);
        let (held, stored) = (needed(Place::Memory), needed(Place::WorkFolder));
        // Work beside the rows must go on.
        let (place, needed) = match held <= stored.max(self.memory.total() / 2) {
            true => (Place::Memory, held),
            false => (Place::WorkFolder, stored),
        };
        if place == Place::WorkFolder {
            tracing::debug!(shard = number, held, stored, "rows do not fit into memory and stay in the work folder");
        }
        let what = format!("shard {number}");
        // Reference tables make no room while somebody works with them, those of other shards either.
        let of_references: u64 = work.references.iter().map(|chunk| chunk.memory).sum();
        let all = self.memory.total().saturating_sub(needed + of_references);
        // As much as the customers of another shard took, so that mostly one attempt is enough.
        let table = self.features_taken.load(Ordering::SeqCst);
        let share = (self.memory_of_queries(needed) + for_references).max((table + MEMORY_OF_QUERIES).min(all));
        for reserved in [share, all.max(share)] {
            let _held = self.memory.reserve(needed + reserved, &what)?;
            let shard = load(&self.spec, &ChunkReader::new(&self.chunks, &self.runtime), &work.chunks, place)?;
            self.middle(Stage::Features)?;
            // The table that comes of it, and the file that is written of that.
            let rows: usize = shard.sources.iter().map(|rows| rows.ordinals.len()).sum();
            let table = 2 * self.plan.bytes_of(shard.customers.len() as u64, rows as u64);
            self.features_taken.fetch_max(table, Ordering::SeqCst);
            if table > self.memory.total() {
                // Told of the first shard: the stages behind would find no room for it either, and this one would take what is not there.
                self.memory.reserve(table, &format!("the table of features of {what}"))?;
            }
            if table + LEAST_MEMORY_OF_QUERIES > reserved && reserved < all {
                continue;
            }
            let memory = reserved.saturating_sub(table).max(LEAST_MEMORY_OF_QUERIES);
            let memory = usize::try_from(memory).unwrap_or(usize::MAX);
            let room = Room { memory, scratch: &self.scratch, references: &references.tables, constants };
            match compute(&shard, room) {
                Err(error) if error.fault == Fault::Resources && reserved < all => {}
                computed => return Ok((shard, computed?)),
            }
        }
        Err(Error::bug("a shard has neither an answer nor an error"))
    }

    /// Says whether rows of customers name products that a reference table has.
    fn looks_up_products(&self) -> bool {
        self.spec.job.sources.iter().any(|source| has_known_products(&self.spec.job, source))
    }

    /// Gives the memory that queries over a shard may take: what is left of the thread's share beside the rows, without a quarter of the
    /// budget that kept tables may take, and an eighth for batches under way, which the engine does not count. A query that needs more
    /// spills, or is answered in parts.
    fn memory_of_queries(&self, rows: u64) -> u64 {
        let share = self.memory.total() / 8 * 5 / self.threads.max(1) as u64;
        let left = self.memory.total().saturating_sub(rows);
        share.saturating_sub(rows).max(MEMORY_OF_QUERIES.min(left)).max(LEAST_MEMORY_OF_QUERIES)
    }

    /// Gives the features of a shard as the stage "features" wrote them.
    pub(super) fn read_features(&self, shard: u32) -> Result<RecordBatch> {
        if let Some(held) = self.memory.get(shard, Slot::Features)
            && let Held::Table(table) = &*held
        {
            return Ok(table.clone());
        }
        let checksum = self.told.features(shard)?;
        read_table(&self.work, &self.runtime, &features_object(shard, checksum), checksum)
    }

    /// Gives the bytes of the features of a shard.
    pub(super) fn size_of_features(&self, shard: u32) -> Result<u64> {
        if let Some(held) = self.memory.get(shard, Slot::Features)
            && let Held::Table(table) = &*held
        {
            // By slices: the columns of a work file share one buffer, which each would count as its own.
            let bytes = table.columns().iter().map(|column| column.to_data().get_slice_memory_size());
            let bytes = bytes.sum::<std::result::Result<usize, _>>();
            return bytes
                .map_err(|error| Error::bug("features have no size").caused_by(error))
                .map(|bytes| bytes as u64);
        }
        let object = features_object(shard, self.told.features(shard)?);
        // One that is gone is told of when it is read.
        let found = self.runtime.block_on(self.work.head(&object))?;
        Ok(found.map_or(0, |found| found.size))
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

/// Gives the constants that a task tells; none before they are known.
fn constants_of(json: &str) -> Result<Vec<KnownConstant>> {
    match json {
        "" => Ok(Vec::new()),
        json => serde_json::from_str(json)
            .map_err(|error| Error::bug("constants could not be read from a task").caused_by(error)),
    }
}

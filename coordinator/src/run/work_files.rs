//! What the coordinator knows of a run and tells its tasks: where the chunks lie, the constants of the job, and the checksums of work files.

use super::{earlier::EarlierRun, previous::PreviousFiles};
use crate::partitioned::{Gathered, chunks_of};
use segmenter_proto::{
    Error, Result,
    v1::{Chunk, ChunkColumns, KeyMapPart, PartitionDone, fit_task, task},
};
use segmenter_worker::partition::task_of_chunks;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How often one file is made again before its disk is given up.
const TIMES: u32 = 3;

/// What tasks are told.
#[derive(Debug, Default)]
pub struct WorkFiles(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    partition: Option<PartitionDone>,
    /// The map from ids to those of their persons, a part a shard; none where no ids are linked.
    identity: Vec<KeyMapPart>,
    /// The run whose ids persons keep.
    earlier: Arc<EarlierRun>,
    /// The files of the run that this one is compared with.
    previous: Arc<PreviousFiles>,
    /// The constants of the job, as JSON; empty where there are none, or none yet.
    constants: String,
    /// Checksums, one a shard.
    features: Vec<u64>,
    measured: Vec<u64>,
    /// How often what was made again, by what it is.
    mended: BTreeMap<String, u32>,
}

impl WorkFiles {
    /// Takes note of what the partition wrote.
    pub fn set_partition(&self, done: PartitionDone) {
        self.lock().partition = Some(done);
    }

    /// Takes note of the map from ids to those of their persons.
    pub fn set_identity(&self, parts: Vec<KeyMapPart>) {
        self.lock().identity = parts;
    }

    /// Gives the map from ids to those of their persons.
    pub fn identity(&self) -> Vec<KeyMapPart> {
        self.lock().identity.clone()
    }

    /// Takes note of the run whose ids persons keep.
    pub fn set_earlier(&self, earlier: EarlierRun) {
        self.lock().earlier = Arc::new(earlier);
    }

    /// Gives the run whose ids persons keep.
    pub fn earlier(&self) -> Arc<EarlierRun> {
        self.lock().earlier.clone()
    }

    /// Takes note of the files of the run that this one is compared with.
    pub fn set_previous(&self, files: PreviousFiles) {
        self.lock().previous = Arc::new(files);
    }

    /// Takes note of the constants of the job, as JSON.
    pub fn set_constants(&self, constants: String) {
        self.lock().constants = constants;
    }

    /// Gives the constants of the job, as JSON.
    pub fn constants(&self) -> String {
        self.lock().constants.clone()
    }

    /// Takes note of the checksums of the features, one a shard.
    pub fn set_features(&self, checksums: Vec<u64>) {
        self.lock().features = checksums;
    }

    /// Takes note of the checksum of one shard's features.
    pub fn set_features_of(&self, shard: u32, checksum: u64) {
        if let Some(known) = self.lock().features.get_mut(shard as usize) {
            *known = checksum;
        }
    }

    /// Takes note of the checksums of what is measured, one a shard.
    pub fn set_measured(&self, checksums: Vec<u64>) {
        self.lock().measured = checksums;
    }

    /// Gives the checksum of the features of each shard.
    pub fn features(&self) -> Vec<u64> {
        self.lock().features.clone()
    }

    /// Says whether the partition is done.
    pub fn is_partitioned(&self) -> bool {
        self.lock().partition.is_some()
    }

    /// Gives what `look` finds in what the partition wrote.
    ///
    /// # Errors
    /// Those of `look`; a bug where there was no partition yet.
    pub fn with_partition<T>(&self, look: impl FnOnce(&PartitionDone) -> Result<T>) -> Result<T> {
        let known = self.lock();
        look(known.partition.as_ref().ok_or_else(|| Error::bug("the chunks are not known yet"))?)
    }

    /// Adds to a task what its shards' work files must hold.
    pub fn told(&self, mut work: task::Work, shards: &[u32]) -> task::Work {
        let known = self.lock();
        let of = |checksums: &[u64]| -> Vec<u64> {
            shards.iter().filter_map(|shard| checksums.get(*shard as usize).copied()).collect()
        };
        match &mut work {
            task::Work::Fit(work) => {
                work.features = of(&known.features);
                if let Some(fit_task::Round::Overlap(_)) = &work.round {
                    work.previous = known.previous.of_segmentation(work.segmentation as usize, shards);
                }
            }
            task::Work::Assign(work) => {
                work.features = of(&known.features);
                work.previous = known.previous.of_all(shards);
            }
            task::Work::Measure(work) => {
                work.features = of(&known.features);
                work.measured = of(&known.measured);
            }
            task::Work::Partition(work) => work.identity.clone_from(&known.identity),
            task::Work::Keys(_) | task::Work::Features(_) => {}
        }
        work
    }

    /// Puts the chunks that a task of the partition wrote now in the place of those that it wrote before.
    ///
    /// # Errors
    /// When they hold other rows: Bug.
    pub fn replace_chunks(&self, task: u32, chunks: Vec<Chunk>) -> Result<()> {
        let mut known = self.lock();
        let done = known.partition.as_mut().ok_or_else(|| Error::bug("chunks are made again before there were any"))?;
        let is_of_task = |chunk: &Chunk| match done.kept.get(task as usize) {
            Some(kept) => kept.object == chunk.object,
            None => task_of_chunks(&chunk.object) == Some(task),
        };
        let (before, mut all): (Vec<Chunk>, Vec<Chunk>) = chunks_of(done)?.into_iter().partition(is_of_task);
        if rows_of(&before) != rows_of(&chunks) {
            return Err(Error::bug(format!("task {task} of the partition gave other rows than before")));
        }
        if let Some(kept) = done.kept.get_mut(task as usize) {
            kept.object = chunks.first().map(|chunk| chunk.object.clone()).unwrap_or_default();
        }
        all.extend(chunks);
        (done.objects, done.chunks) = listed(all)?;
        Ok(())
    }

    /// Counts that `what` is made again.
    ///
    /// # Errors
    /// `lost`, where that did not help several times.
    pub fn count_mending(&self, what: &str, lost: Error) -> Result<()> {
        let mut known = self.lock();
        let times = known.mended.entry(what.to_owned()).or_default();
        *times += 1;
        match *times <= TIMES {
            true => Ok(()),
            false => Err(lost.with_hint(format!(
                "{what} was made again {TIMES} times: check the disk or store, which does not keep what is written to it"
            ))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives chunks as the log lists them.
fn listed(mut chunks: Vec<Chunk>) -> Result<(Vec<String>, Option<ChunkColumns>)> {
    chunks.sort_by(|left, right| left.object.cmp(&right.object));
    let mut gathered = Gathered::default();
    gathered.add(chunks)?;
    let (objects, columns) = gathered.into_columns();
    Ok((objects, Some(columns)))
}

fn rows_of(chunks: &[Chunk]) -> BTreeMap<(u32, u32), u64> {
    let mut rows = BTreeMap::new();
    for chunk in chunks {
        *rows.entry((chunk.shard, chunk.source)).or_default() += chunk.rows;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::v1::MeasureTask;

    fn chunk(object: &str, shard: u32, rows: u64) -> Chunk {
        Chunk { shard, rows, object: object.to_owned(), length: rows, ..Chunk::default() }
    }

    fn files(chunks: Vec<Chunk>) -> WorkFiles {
        let files = WorkFiles::default();
        let (objects, chunks) = listed(chunks).unwrap();
        files.set_partition(PartitionDone { objects, chunks, ..PartitionDone::default() });
        files
    }

    #[test]
    fn the_chunks_of_one_task_are_replaced_and_hold_the_same_rows() {
        let (one, two, new) =
            ("chunks/000001-0001-0001-01", "chunks/000002-0001-0001-01", "chunks/000001-0001-0002-01");
        let files = files(vec![chunk(one, 0, 5), chunk(one, 1, 7), chunk(two, 1, 9)]);
        files.replace_chunks(1, vec![chunk(new, 0, 5), chunk(new, 1, 3), chunk(new, 1, 4)]).unwrap();
        let now = files.with_partition(chunks_of).unwrap();
        let objects: Vec<(&str, u64)> = now.iter().map(|chunk| (chunk.object.as_str(), chunk.rows)).collect();
        assert_eq!(objects, [(new, 5), (new, 3), (new, 4), (two, 9)]);
        assert!(files.replace_chunks(1, vec![chunk(new, 0, 5)]).is_err(), "rows would be lost");
    }

    #[test]
    fn a_task_is_told_of_its_own_shards() {
        let files = WorkFiles::default();
        files.set_features(vec![10, 11, 12]);
        files.set_measured(vec![20, 21, 22]);
        files.set_features_of(2, 99);
        match files.told(task::Work::Measure(MeasureTask::default()), &[0, 2]) {
            task::Work::Measure(work) => assert_eq!((work.features, work.measured), (vec![10, 99], vec![20, 22])),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_does_not_stay_whole_is_given_up_with_its_name() {
        let files = WorkFiles::default();
        let lost = || Error::lost_work("features/00001-a.arrow", "work file features/00001-a.arrow is damaged");
        for _ in 0..TIMES {
            files.count_mending("the features of shard 1", lost()).unwrap();
        }
        files.count_mending("the features of shard 2", lost()).unwrap();
        let error = files.count_mending("the features of shard 1", lost()).unwrap_err();
        assert!(error.message.contains("features/00001-a.arrow") && error.hint.is_some());
    }
}

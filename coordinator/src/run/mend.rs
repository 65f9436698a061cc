//! Makes work files again that are gone or damaged, from what they came from, wherever the run stands.
//!
//! ```text
//!  inputs ──► chunks ──► features ──► measured rows, made again by the worker that misses them
//!         task       shard
//! ```
//!
//! Nothing of it is logged: the log still names the file that is lost, and whoever resumes the run misses it again.

use super::{
    partition::written_as_read,
    rounds::{StageRounds, unexpected},
};
use crate::{
    cache::NewEntry,
    partitioned::{chunks_of, for_shard, task_of},
};
use segmenter_proto::{
    Error, Result,
    v1::{FeaturesTask, PartitionAnswer, Stage, answer, task},
};
use segmenter_worker::engine::{features_object, shard_of_features};
use std::collections::{BTreeMap, BTreeSet};

/// Work files that are named at a time: where a disk lost many, the first ones tell which disk it is.
const MOST_NAMED: usize = 5;

impl StageRounds<'_> {
    /// Makes the work file again that `error` says is lost, and others of its kind that are gone.
    ///
    /// # Errors
    /// `error` itself where it is another one, or where the file was made again several times already.
    pub(super) async fn mend(&self, error: Error) -> Result<()> {
        let Some(object) = error.lost_work.clone() else { return Err(error) };
        match (self.task_of(&object)?, shard_of_features(&object)) {
            (Some(task), _) => self.mend_chunks(task, error).await,
            (_, Some(shard)) => {
                self.count(&format!("the features of shard {shard}"), error)?;
                let mut lost: BTreeSet<u32> = self.features_gone().await?.into_iter().collect();
                lost.insert(shard);
                let checksums = (0..).zip(self.files.features());
                let others = checksums.filter(|(other, _)| *other != shard && lost.contains(other));
                self.tell_others(others.map(|(other, checksum)| features_object(other, checksum)).collect());
                self.features_again(lost.into_iter().collect()).await
            }
            (None, None) => Err(error),
        }
    }

    /// Gives the shards whose features are gone.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn features_gone(&self) -> Result<Vec<u32>> {
        let mut gone = Vec::new();
        for (shard, checksum) in (0..).zip(self.files.features()) {
            if self.work.head(&features_object(shard, checksum)).await?.is_none() {
                gone.push(shard);
            }
        }
        Ok(gone)
    }

    /// Computes the features of some shards again; what they count was counted before.
    ///
    /// # Errors
    /// See the workers' stage.
    pub async fn features_again(&self, mut shards: Vec<u32>) -> Result<()> {
        while !shards.is_empty() {
            let places = shards.iter().map(|&shard| vec![shard]).collect();
            let shard_of = |at: u32| shards.get(at as usize).copied().ok_or_else(|| unexpected("features"));
            let mut done = BTreeSet::new();
            let work = |at| self.features_task(shard_of(at)?);
            let ended = self.as_they_are(Stage::Features, places, work, |at, result| {
                let answer::Result::Features(answer) = result else { return Err(unexpected("features")) };
                let shard = shard_of(at)?;
                self.files.set_features_of(shard, answer.checksum);
                done.insert(shard);
                Ok(())
            });
            if let Err(error) = ended.await {
                let task = error.lost_work.as_deref().map(|object| self.task_of(object)).transpose()?;
                match task.flatten() {
                    Some(task) => self.mend_chunks(task, error).await?,
                    None => return Err(error),
                }
            }
            shards.retain(|shard| !done.contains(shard));
        }
        Ok(())
    }

    /// Gives the task that computes the features of a shard.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn features_task(&self, shard: u32) -> Result<task::Work> {
        let task = self.chunks_of_shard(shard)?;
        Ok(task::Work::Features(FeaturesTask { constants: self.files.constants(), ..task }))
    }

    /// Gives the task that computes what constants of the job are made of in a shard.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn constants_task(&self, shard: u32) -> Result<task::Work> {
        Ok(task::Work::Features(FeaturesTask { only_constants: true, ..self.chunks_of_shard(shard)? }))
    }

    /// Gives the number of the task of the partition whose chunks lie in an object.
    fn task_of(&self, object: &str) -> Result<Option<u32>> {
        if !self.files.is_partitioned() {
            return Ok(None);
        }
        self.files.with_partition(|done| Ok(task_of(done, object)))
    }

    /// Lets the task read its inputs whose chunks of the cache, which it was to merge, are gone or damaged.
    ///
    /// # Errors
    /// `error` itself where it is another one.
    pub(super) fn without_merge(&self, error: Error) -> Result<()> {
        let (Some(cached), Some(object)) = (self.cached(), error.lost_work.clone()) else { return Err(error) };
        let Some(task) = cached.merging(&object)? else { return Err(error) };
        self.count(&format!("what task {task} of the partition merges"), error)?;
        cached.reads_inputs(task);
        Ok(())
    }

    fn chunks_of_shard(&self, shard: u32) -> Result<FeaturesTask> {
        self.files.with_partition(|done| for_shard(&self.prepared.spec, done, shard))
    }

    /// Performs those tasks of the partition again whose chunks are lost.
    async fn mend_chunks(&self, task: u32, error: Error) -> Result<()> {
        self.count(&format!("what task {task} of the partition wrote"), error)?;
        let gone = self.chunks_gone().await?;
        let others = gone.iter().filter(|(other, _)| **other != task).map(|(_, object)| object.clone());
        self.tell_others(others.collect());
        let lost: BTreeSet<u32> = gone.into_keys().chain([task]).collect();
        self.partition_again(&lost.into_iter().collect::<Vec<_>>()).await
    }

    /// Gives a task of the partition, as it stands with what is kept of its rows.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn partition_task(&self, number: u32) -> Result<task::Work> {
        let mut task = self.prepared.task(number)?;
        if let Some((cached, entry)) = self.cached().and_then(|cached| Some((cached, cached.entry(number)?))) {
            entry.clone_into(&mut task.entry);
            task.merged = cached.merges(number)?;
        }
        Ok(task::Work::Partition(task))
    }

    /// Checks the answer of a task of the partition; gives it whole, and the entry of the cache that it makes.
    ///
    /// # Errors
    /// It did not write what it read: Bug.
    pub(super) fn completed(
        &self,
        number: u32,
        answer: PartitionAnswer,
    ) -> Result<(PartitionAnswer, Option<NewEntry>)> {
        let (answer, entry) = match self.cached() {
            Some(cached) => cached.completed(number, answer)?,
            None => (answer, None),
        };
        written_as_read(&self.prepared.spec, &self.prepared.task(number)?, &answer)?;
        Ok((answer, entry))
    }

    async fn partition_again(&self, lost: &[u32]) -> Result<()> {
        let number_of = |at: u32| lost.get(at as usize).copied().ok_or_else(|| unexpected("partition"));
        if let Some(cached) = self.cached() {
            lost.iter().for_each(|task| cached.reads_inputs(*task));
        }
        let work = |at| self.partition_task(number_of(at)?);
        let mut entries = Vec::new();
        let ended = self.anywhere(Stage::Partition, lost.len(), work, |at, result| {
            let answer::Result::Partition(answer) = result else { return Err(unexpected("partition")) };
            let number = number_of(at)?;
            let (answer, entry) = self.completed(number, answer)?;
            entries.extend(entry);
            self.files.replace_chunks(number, answer.chunks)
        });
        ended.await?;
        // The next run is not to miss them again.
        for entry in entries {
            entry.write().await?;
        }
        Ok(())
    }

    /// Gives the tasks of the partition of whose objects some is gone or cut short, with its name.
    async fn chunks_gone(&self) -> Result<BTreeMap<u32, String>> {
        let mut needed: BTreeMap<String, u64> = BTreeMap::new();
        for chunk in self.files.with_partition(chunks_of)? {
            let end = needed.entry(chunk.object).or_default();
            *end = (*end).max(chunk.offset + chunk.length);
        }
        let mut gone = BTreeMap::new();
        for (object, needed) in needed {
            match self.chunks.of(&object).head(&object).await? {
                Some(found) if found.size >= needed => {}
                _ => gone.extend(self.task_of(&object)?.map(|task| (task, object))),
            }
        }
        Ok(gone)
    }

    /// Says that `what` is made again.
    pub(super) fn count(&self, what: &str, error: Error) -> Result<()> {
        let text = format!("{}; {what} will be made again", error.message);
        self.files.count_mending(what, error)?;
        self.reporter.warn(&text);
        Ok(())
    }

    /// Names work files that are gone beside the one that was missed first.
    fn tell_others(&self, objects: Vec<String>) {
        let named = objects.iter().take(MOST_NAMED);
        let shown: Vec<String> = named.map(|object| self.chunks.of(object).uri_of(object)).collect();
        let more = match objects.len().saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !shown.is_empty() {
            self.reporter.warn(&format!("gone or cut short too, and made again: {}{more}", shown.join(", ")));
        }
    }
}

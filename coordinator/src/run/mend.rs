//! Makes work files again that are gone or damaged, from what they came from, wherever the run stands.
//!
//! ```text
//!  inputs ──► chunks ──► features ──► measured rows, made again by the worker that misses them
//!         task       shard
//! ```
//!
//! Nothing of it is logged: the log still names the file that is lost, and whoever resumes the run misses it again.

use super::{
    chunks::{chunks_of, for_shard},
    partition::written_as_read,
    rounds::{StageRounds, unexpected},
};
use segmenter_proto::{
    Error, Result,
    v1::{FeaturesTask, Stage, answer, task},
};
use segmenter_worker::{
    engine::{features_object, shard_of_features},
    partition::task_of_chunks,
};
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
        match (task_of_chunks(&object), shard_of_features(&object)) {
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
                let task = error.lost_work.as_deref().and_then(task_of_chunks);
                match task {
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

    async fn partition_again(&self, lost: &[u32]) -> Result<()> {
        let task_of = |at: u32| {
            let number = lost.get(at as usize).ok_or_else(|| unexpected("partition"))?;
            self.prepared.task(*number)
        };
        let work = |at| Ok(task::Work::Partition(task_of(at)?));
        self.anywhere(Stage::Partition, lost.len(), work, |at, result| {
            let answer::Result::Partition(answer) = result else { return Err(unexpected("partition")) };
            let task = task_of(at)?;
            written_as_read(&self.prepared.spec, &task, &answer)?;
            self.files.replace_chunks(task.number, answer.chunks)
        })
        .await
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
            match self.work.head(&object).await? {
                Some(found) if found.size >= needed => {}
                _ => gone.extend(task_of_chunks(&object).map(|task| (task, object))),
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
        let shown: Vec<String> = objects.iter().take(MOST_NAMED).map(|object| self.work.uri_of(object)).collect();
        let more = match objects.len().saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !shown.is_empty() {
            self.reporter.warn(&format!("gone or cut short too, and made again: {}{more}", shown.join(", ")));
        }
    }
}

//! The stage "partition": every task reads its pieces; the chunks and the fates of the rows are what later stages need.

use super::rounds::{Rounds, unexpected};
use segmenter_proto::{
    Error, Result,
    v1::{Chunk, PartitionDone, PartitionTask, RejectedCount, SourceFates, Stage, answer, task},
};
use segmenter_worker::storage::Folder;
use std::collections::{BTreeMap, BTreeSet};

/// Partitions all inputs.
///
/// # Errors
/// See the workers' stage.
pub async fn partition(
    rounds: &Rounds,
    tasks: &[PartitionTask],
    mut done: impl FnMut(u64, u64),
) -> Result<PartitionDone> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut fates: BTreeMap<u32, SourceFates> = BTreeMap::new();
    let mut rejected: BTreeMap<(u32, String, String), u64> = BTreeMap::new();
    let work = tasks.iter().enumerate().map(|(at, work)| (at as u32, task::Work::Partition(work.clone())));
    rounds
        .perform(Stage::Partition, work, |_, result| {
            let answer::Result::Partition(answer) = result else { return Err(unexpected("partition")) };
            let (mut rows, mut bytes) = (0, 0);
            for of_source in &answer.fates {
                rows += of_source.read;
                add(fates.entry(of_source.source).or_default(), of_source);
            }
            bytes += answer.chunks.iter().map(|chunk| chunk.length).sum::<u64>();
            for of_reason in answer.rejected {
                let key = (of_reason.source, of_reason.column, of_reason.reason_code);
                *rejected.entry(key).or_default() += of_reason.count;
            }
            chunks.extend(answer.chunks);
            done(rows, bytes);
            Ok(())
        })
        .await?;
    chunks.sort_by(|left, right| place(left).cmp(&place(right)));
    for (source, of_source) in &mut fates {
        of_source.source = *source;
    }
    let rejected = rejected.into_iter().map(|((source, column, reason_code), count)| RejectedCount {
        source,
        column,
        reason_code,
        count,
    });
    Ok(PartitionDone { chunks, fates: fates.into_values().collect(), rejected: rejected.collect() })
}

fn place(chunk: &Chunk) -> (u32, u32, &str, u64) {
    (chunk.shard, chunk.source, &chunk.object, chunk.offset)
}

/// Adds the fates of some rows of a source to those of others.
pub fn add(total: &mut SourceFates, more: &SourceFates) {
    total.read += more.read;
    total.used += more.used;
    total.filtered += more.filtered;
    total.anonymous += more.anonymous;
    total.not_before_as_of += more.not_before_as_of;
    total.unknown_customer += more.unknown_customer;
    total.excluded += more.excluded;
    total.duplicate += more.duplicate;
    total.quarantined += more.quarantined;
    total.newest = total.newest.max(more.newest);
}

/// Says whether the chunks still lie where the log says: scratch may be gone while the log is not.
///
/// # Errors
/// The store's failure.
pub async fn still_there(work: &Folder, done: &PartitionDone) -> Result<bool> {
    let objects: BTreeSet<&str> = done.chunks.iter().map(|chunk| chunk.object.as_str()).collect();
    for object in objects {
        let needed = done.chunks.iter().filter(|chunk| chunk.object == object);
        let needed = needed.map(|chunk| chunk.offset + chunk.length).max().unwrap_or_default();
        match work.head(object).await? {
            Some(found) if found.size >= needed => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Gives the chunks of each shard.
///
/// # Errors
/// Bug only.
pub fn by_shard(done: &PartitionDone, shards: u32) -> Result<Vec<Vec<Chunk>>> {
    let mut by_shard = vec![Vec::new(); shards as usize];
    for chunk in &done.chunks {
        by_shard
            .get_mut(chunk.shard as usize)
            .ok_or_else(|| Error::bug(format!("a chunk of shard {} in {shards} shards", chunk.shard)))?
            .push(chunk.clone());
    }
    Ok(by_shard)
}

//! The stage "partition": every task reads its pieces; the chunks and the fates of the rows are what later stages need.

use super::rounds::{StageRounds, unexpected};
use crate::{
    cache::{CachedRun, NewEntry},
    partitioned::{Totals, chunks_of},
    plan::{Prepared, check_rows},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, QuarantineDetail, Source, SourceKind},
    v1::{PartitionAnswer, PartitionDone, PartitionTask, Stage, answer},
};
use segmenter_worker::{
    partition::{ChunkFolders, QUARANTINE, SUBSIDIARIES, TRIMMED_IDS, is_order_owners},
    reading::Piece,
    spec::RunSpec,
};
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

/// Partitions all inputs.
///
/// # Errors
/// See the workers' stage.
pub async fn partition(
    rounds: &StageRounds<'_>,
    prepared: &Prepared,
    mut done: impl FnMut(u64, u64),
) -> Result<PartitionDone> {
    let cached = rounds.cached();
    let mut totals = Totals::default();
    let mut objects = vec![String::new(); cached.map_or(0, CachedRun::count)];
    let mut open: Vec<u32> = Vec::new();
    for number in 0..prepared.tasks.count() as u32 {
        match cached.map(|cached| cached.taken(number)).transpose()?.flatten() {
            Some(answer) => {
                note_object(&mut objects, number, &answer);
                totals.add(answer)?;
            }
            None => open.push(number),
        }
    }
    // Written while other tasks go on: what a kill leaves is there for the next run.
    let mut written = JoinSet::new();
    while !open.is_empty() {
        let number_of = |at: u32| open.get(at as usize).copied().ok_or_else(|| Error::bug("a round has no such task"));
        let mut is_done = vec![false; open.len()];
        let work = |at| rounds.partition_task(number_of(at)?);
        let ended = rounds
            .anywhere(Stage::Partition, open.len(), work, |at, result| {
                let answer::Result::Partition(answer) = result else { return Err(unexpected("partition")) };
                let number = number_of(at)?;
                let (answer, entry) = rounds.completed(number, answer)?;
                if let Some(entry) = entry {
                    written.spawn(NewEntry::write(entry));
                }
                note_object(&mut objects, number, &answer);
                let rows = answer.fates.iter().map(|of_source| of_source.read).sum();
                let bytes = answer.chunks.iter().map(|chunk| chunk.length).sum();
                totals.add(answer)?;
                is_done[at as usize] = true;
                done(rows, bytes);
                Ok(())
            })
            .await;
        let Err(error) = ended else { break };
        rounds.without_merge(error)?;
        let mut undone = is_done.into_iter().map(|done| !done);
        open.retain(|_| undone.next().unwrap_or(false));
    }
    while let Some(ended) = written.join_next().await {
        ended.map_err(|cause| Error::bug("writing to the cache went away").caused_by(cause))??;
    }
    for (source, of_source) in totals.fates() {
        if let Some(of_run) = prepared.spec.sources.get(source as usize) {
            check_rows(&of_run.source, of_source.read.saturating_sub(of_source.filtered + of_source.quarantined))?;
            let columns = totals.rejected_columns(source);
            check_consents(&prepared.spec.job, &of_run.source, of_source.quarantined, columns)?;
        }
    }
    let kept = cached.map(|cached| cached.logged(&prepared.tasks, objects)).unwrap_or_default();
    Ok(PartitionDone { kept, ..totals.into_done() })
}

/// Notes where the chunks of a task lie whose rows are kept.
fn note_object(objects: &mut [String], number: u32, answer: &PartitionAnswer) {
    if let (Some(object), Some(chunk)) = (objects.get_mut(number as usize), answer.chunks.first()) {
        object.clone_from(&chunk.object);
    }
}

/// Checks that every consent could be read where a list goes by them: of a row that could not, what was said before would stand, and it may have been
/// taken back.
fn check_consents<'a>(
    job: &Job,
    source: &Source,
    quarantined: u64,
    columns: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let Some(export) = job.exports.iter().find(|export| export.channel.is_some()) else { return Ok(()) };
    if source.kind != SourceKind::Consents || quarantined == 0 {
        return Ok(());
    }
    let name = &source.name;
    let rows = if quarantined == 1 { "1 row".to_owned() } else { format!("{quarantined} rows") };
    let columns = columns.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
    Err(Error::data(format!(
        "{rows} of source {name} cannot be read (by {columns}), and export {} goes by its consents",
        export.name
    ))
        .with_hint(format!(
            "give such columns of {name} no type, and say what their text means, such as granted = \"lower(yes) = 'true'\" in its [source.columns], or leave rows out that are none with `where`"
        )))
}

/// Checks that what a task wrote is what it read: no row is lost, and none there twice.
pub fn written_as_read(spec: &RunSpec, task: &PartitionTask, answer: &PartitionAnswer) -> Result<()> {
    let mut expected: BTreeMap<u32, u64> = BTreeMap::new();
    let mut told = true;
    for piece in &task.pieces {
        let of_file: Piece = serde_json::from_str(&piece.piece)
            .map_err(|error| Error::bug("a piece could not be read from its task").caused_by(error))?;
        told &= of_file.rows.is_some();
        *expected.entry(piece.source).or_default() += of_file.rows.unwrap_or_default();
    }
    let mut written: BTreeMap<u32, u64> = BTreeMap::new();
    // Orders with their customers, and ids beside rows, are no rows of a source.
    let is_beside = |source| is_order_owners(source) || [TRIMMED_IDS, SUBSIDIARIES].contains(&source);
    for chunk in answer.chunks.iter().filter(|chunk| !is_beside(chunk.source)) {
        *written.entry(chunk.source).or_default() += chunk.rows;
    }
    // Pairs of ids are judged, and have done what they are for.
    let are_pairs = |source: u32| {
        spec.sources.get(source as usize).is_some_and(|source| source.source.kind == SourceKind::Identities)
    };
    let mut quarantined = 0;
    for fates in &answer.fates {
        let kept = fates.passed_on();
        quarantined += fates.quarantined;
        let wrote = match are_pairs(fates.source) {
            true => kept.unwrap_or_default(),
            false => written.remove(&fates.source).unwrap_or_default(),
        };
        let read = if told { expected.get(&fates.source).copied().unwrap_or_default() } else { fates.read };
        if kept != Some(wrote) || read != fates.read {
            return Err(Error::bug(format!(
                "a task of the partition read {} of {read} rows of source {} and wrote {wrote} of {kept:?}",
                fates.read, fates.source
            )));
        }
    }
    let unread =
        expected.iter().find(|(source, rows)| **rows > 0 && answer.fates.iter().all(|fates| fates.source != **source));
    if let Some((source, rows)) = unread {
        return Err(Error::bug(format!("a task of the partition read none of {rows} rows of source {source}")));
    }
    let kept = if spec.job.output.quarantine == QuarantineDetail::Counts { 0 } else { quarantined };
    match written.remove(&QUARANTINE).unwrap_or_default() == kept && written.is_empty() {
        true => Ok(()),
        false => Err(Error::bug("a task of the partition wrote rows that it did not read")),
    }
}

/// Says whether the chunks still lie where the log says: scratch may be gone while the log is not.
///
/// # Errors
/// The store's failure.
pub async fn still_there(folders: &ChunkFolders, done: &PartitionDone) -> Result<bool> {
    let mut needed: BTreeMap<String, u64> = BTreeMap::new();
    for chunk in chunks_of(done)? {
        let end = needed.entry(chunk.object).or_default();
        *end = (*end).max(chunk.offset + chunk.length);
    }
    for (object, needed) in needed {
        match folders.of(&object).head(&object).await? {
            Some(found) if found.size >= needed => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

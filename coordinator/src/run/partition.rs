//! The stage "partition": every task reads its pieces; the chunks and the fates of the rows are what later stages need.

use super::{
    chunks::{Gathered, chunks_of},
    rounds::{StageRounds, unexpected},
};
use crate::plan::{Prepared, check_rows};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, QuarantineDetail, Source, SourceKind},
    v1::{PartitionAnswer, PartitionDone, PartitionTask, RejectedCount, SourceFates, Stage, answer, task},
};
use segmenter_worker::{
    notes::NoteCounter,
    partition::{QUARANTINE, SUBSIDIARIES, TRIMMED_IDS, is_order_owners},
    reading::Piece,
    spec::RunSpec,
    storage::Folder,
};
use std::collections::{BTreeMap, BTreeSet};

/// Partitions all inputs.
///
/// # Errors
/// See the workers' stage.
pub async fn partition(
    rounds: &StageRounds<'_>,
    prepared: &Prepared,
    mut done: impl FnMut(u64, u64),
) -> Result<PartitionDone> {
    let mut chunks = Gathered::default();
    let mut fates: BTreeMap<u32, SourceFates> = BTreeMap::new();
    let mut rejected: BTreeMap<(u32, String, String), u64> = BTreeMap::new();
    let mut notes = NoteCounter::default();
    let work = |number| Ok(task::Work::Partition(prepared.task(number)?));
    rounds
        .anywhere(Stage::Partition, prepared.tasks.count(), work, |number, result| {
            let answer::Result::Partition(answer) = result else { return Err(unexpected("partition")) };
            written_as_read(&prepared.spec, &prepared.task(number)?, &answer)?;
            let (mut rows, mut bytes) = (0, 0);
            for of_source in &answer.fates {
                rows += of_source.read;
                fates.entry(of_source.source).or_default().merge(of_source);
            }
            bytes += answer.chunks.iter().map(|chunk| chunk.length).sum::<u64>();
            notes.merge(&answer.notes);
            for of_reason in answer.rejected {
                let key = (of_reason.source, of_reason.column, of_reason.reason_code);
                *rejected.entry(key).or_default() += of_reason.count;
            }
            chunks.add(answer.chunks)?;
            done(rows, bytes);
            Ok(())
        })
        .await?;
    for (source, of_source) in &mut fates {
        of_source.source = *source;
        if let Some(of_run) = prepared.spec.sources.get(*source as usize) {
            check_rows(&of_run.source, of_source.read.saturating_sub(of_source.filtered + of_source.quarantined))?;
            let columns = rejected.keys().filter(|(of, ..)| of == source).map(|(_, column, _)| column.as_str());
            check_consents(&prepared.spec.job, &of_run.source, of_source.quarantined, columns)?;
        }
    }
    let rejected = rejected.into_iter().map(|((source, column, reason_code), count)| RejectedCount {
        source,
        column,
        reason_code,
        count,
    });
    let (objects, chunks) = chunks.into_columns();
    let (fates, rejected) = (fates.into_values().collect(), rejected.collect());
    Ok(PartitionDone { objects, chunks: Some(chunks), fates, rejected, notes: notes.to_message() })
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
pub async fn still_there(work: &Folder, done: &PartitionDone) -> Result<bool> {
    let mut needed: BTreeMap<String, u64> = BTreeMap::new();
    for chunk in chunks_of(done)? {
        let end = needed.entry(chunk.object).or_default();
        *end = (*end).max(chunk.offset + chunk.length);
    }
    for (object, needed) in needed {
        match work.head(&object).await? {
            Some(found) if found.size >= needed => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

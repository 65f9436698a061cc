//! The stage "assign": every shard writes who belongs to which segment.

use super::rounds::{StageRounds, unexpected};
use segmenter_proto::{
    Result,
    v1::{AssignDone, AssignTask, ResultFile, SegmentCounts, Stage, answer, task},
};
use segmenter_worker::{
    engine::{add_overflows, add_segment_counts},
    notes::NoteCounter,
    previous::merge_changes,
};

/// Assigns the customers of all shards. With `sizes` nothing is written: it is only counted who is where, and of how many of them each
/// of these features is true.
///
/// # Errors
/// See the workers' stage.
pub async fn assign(
    rounds: &StageRounds<'_>,
    models: &str,
    sizes: Option<&[String]>,
    mut done: impl FnMut(u64, u64),
) -> Result<AssignDone> {
    let mut segmentations: Vec<SegmentCounts> = Vec::new();
    let mut files: Vec<ResultFile> = Vec::new();
    let mut notes = NoteCounter::default();
    let mut overflows = Vec::new();
    let mut changes = Vec::new();
    let mut measured = vec![0; rounds.shards() as usize];
    let task = AssignTask {
        models: models.to_owned(),
        only_counts: sizes.is_some(),
        reached: sizes.unwrap_or_default().to_vec(),
        ..AssignTask::default()
    };
    let work = |_| Ok(task::Work::Assign(task.clone()));
    rounds
        .each_shard(Stage::Assign, 0..rounds.shards(), work, |shard, result| {
            let answer::Result::Assign(answer) = result else { return Err(unexpected("assign")) };
            add_segment_counts(&mut segmentations, &answer.segmentations);
            measured[shard as usize] = answer.measured.first().copied().unwrap_or_default();
            done(
                answer.segmentations.first().map_or(0, |counts| counts.customers.iter().sum()),
                answer.files.iter().map(|file| file.bytes).sum(),
            );
            files.extend(answer.files);
            add_overflows(&mut overflows, answer.overflows);
            merge_changes(&mut changes, answer.changes)?;
            notes.merge(&answer.notes);
            Ok(())
        })
        .await?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(AssignDone { segmentations, files, notes: notes.to_message(), measured, overflows, changes })
}

/// Writes what "assign" writes of some shards once more: the same bytes.
///
/// # Errors
/// See the workers' stage.
pub async fn assign_again(rounds: &StageRounds<'_>, models: &str, shards: impl IntoIterator<Item = u32>) -> Result<()> {
    let work = |_| Ok(task::Work::Assign(AssignTask { models: models.to_owned(), ..AssignTask::default() }));
    rounds.each_shard(Stage::Assign, shards, work, |_, _| Ok(())).await
}

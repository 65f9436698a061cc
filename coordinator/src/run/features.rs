//! The stage "features": every shard computes its customers' features and decides the last fates of its rows.

use super::rounds::{StageRounds, unexpected};
use crate::partitioned::for_shard;
use segmenter_proto::{
    Error, Result,
    v1::{Chunk, FeatureCount, FeaturesDone, ResultFile, SourceFates, Stage, answer},
};
use segmenter_worker::{
    measure::Cohorts,
    notes::NoteCounter,
    spec::{RunSpec, SourceRole},
};
use std::collections::BTreeMap;

/// Computes the features of all shards.
///
/// # Errors
/// When a customer has several rows in a source where that is an error: Data; else see the workers' stage.
pub async fn features(rounds: &StageRounds<'_>, spec: &RunSpec, mut done: impl FnMut(u64)) -> Result<FeaturesDone> {
    let shards = rounds.shards();
    let (fates, rejected, rows) = rounds.files().with_partition(|partition| {
        let rows = (0..shards).map(|shard| Ok(rows_of(spec, &for_shard(spec, partition, shard)?.chunks)));
        Ok((partition.fates.clone(), partition.rejected.clone(), rows.collect::<Result<Vec<u64>>>()?))
    })?;
    let mut customers = vec![0; shards as usize];
    let mut checksums = vec![0; shards as usize];
    let mut fates: BTreeMap<u32, SourceFates> = fates.into_iter().map(|fates| (fates.source, fates)).collect();
    for (source, of_source) in &mut fates {
        if spec.sources.get(*source as usize).is_some_and(|source| source.source.kind.owner().is_none()) {
            // No shard decides on rows of nobody: whatever the partition kept is used.
            of_source.used = of_source.read.saturating_sub(of_source.filtered + of_source.quarantined);
        }
    }
    let mut overflows: BTreeMap<String, u64> = BTreeMap::new();
    let mut duplicate_customers: BTreeMap<u32, u64> = BTreeMap::new();
    let mut files: Vec<ResultFile> = Vec::new();
    let mut notes = NoteCounter::default();
    let mut cohorts = Cohorts::default();
    let mut benefits = Vec::new();
    rounds.files().with_partition(|partition| {
        notes.merge(&partition.notes);
        Ok(())
    })?;
    rounds
        .each_shard(
            Stage::Features,
            0..shards,
            |shard| rounds.features_task(shard),
            |shard, result| {
                let answer::Result::Features(answer) = result else { return Err(unexpected("features")) };
                let decided: u64 = answer.fates.iter().map(SourceFates::decided_in_shard).sum();
                if decided != rows[shard as usize] {
                    return Err(Error::bug(format!(
                        "shard {shard} decided on {decided} rows, expected {}",
                        rows[shard as usize]
                    )));
                }
                customers[shard as usize] = answer.customers;
                checksums[shard as usize] = answer.checksum;
                for of_source in &answer.fates {
                    fates.entry(of_source.source).or_default().merge(of_source);
                }
                for overflow in answer.overflows {
                    *overflows.entry(overflow.feature).or_default() += overflow.count;
                }
                for duplicates in answer.duplicate_customers {
                    *duplicate_customers.entry(duplicates.source).or_default() += duplicates.count;
                }
                files.extend(answer.files);
                notes.merge(&answer.notes);
                cohorts.merge(&Cohorts::from_message(&answer.cohorts)?);
                benefits.extend(answer.benefits);
                done(answer.customers);
                Ok(())
            },
        )
        .await?;
    if let Some((source, rows)) = duplicate_customers.into_iter().next() {
        let name = spec.job.sources.get(source as usize).map_or("", |source| source.name.as_str());
        let repeat = if rows == 1 { "1 row repeats" } else { &format!("{rows} rows repeat") };
        let one = spec.job.unit.a();
        return Err(Error::data(format!("source {name}: {repeat} {one}_id, expected one row {one}"))
            .with_hint("keep the newest row of each: duplicates = { keep = \"last\", by = \"updated_at\" }"));
    }
    for (number, fates) in &mut fates {
        if spec.sources.get(*number as usize).is_some_and(|source| source.role == SourceRole::Exclusion) {
            // No shard decides on them: every id of the list is used.
            fates.used = fates.read - fates.filtered - fates.anonymous - fates.quarantined;
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let overflows = overflows.into_iter().map(|(feature, count)| FeatureCount { feature, count }).collect();
    Ok(FeaturesDone {
        customers,
        fates: fates.into_values().collect(),
        overflows,
        files,
        rejected,
        notes: notes.to_message(),
        checksums,
        cohorts: cohorts.to_message(),
        benefits,
    })
}

/// Rows of a shard whose fate it decides; quarantined rows have theirs already, and a list of excluded ids has none.
fn rows_of(spec: &RunSpec, chunks: &[Chunk]) -> u64 {
    let role = |chunk: &Chunk| spec.sources.get(chunk.source as usize).map(|source| source.role);
    let decided = chunks.iter().filter(|chunk| role(chunk).is_some_and(|role| role != SourceRole::Exclusion));
    decided.map(|chunk| chunk.rows).sum()
}

//! The stage "features": every shard computes its customers' features and decides the last fates of its rows.

use super::{
    partition::{add, by_shard},
    rounds::{Rounds, unexpected},
};
use segmenter_proto::{
    Error, Result,
    jobs::Job,
    v1::{FeatureCount, FeaturesDone, FeaturesTask, PartitionDone, ResultFile, SourceFates, Stage, answer, task},
};
use std::collections::BTreeMap;

/// Computes the features of all shards.
///
/// # Errors
/// When a customer has several rows in a source where that is an error: Data; else see the workers' stage.
pub async fn features(
    rounds: &Rounds,
    job: &Job,
    shards: u32,
    partition: &PartitionDone,
    mut done: impl FnMut(u64),
) -> Result<FeaturesDone> {
    let mut customers = vec![0; shards as usize];
    let mut fates: BTreeMap<u32, SourceFates> = partition.fates.iter().map(|fates| (fates.source, *fates)).collect();
    let mut overflows: BTreeMap<String, u64> = BTreeMap::new();
    let mut duplicate_customers: BTreeMap<u32, u64> = BTreeMap::new();
    let mut files: Vec<ResultFile> = Vec::new();
    let chunks = by_shard(partition, shards)?;
    let work =
        chunks.into_iter().zip(0..).map(|(chunks, shard)| (shard, task::Work::Features(FeaturesTask { chunks })));
    rounds
        .perform(Stage::Features, work, |shard, result| {
            let answer::Result::Features(answer) = result else { return Err(unexpected("features")) };
            customers[shard as usize] = answer.customers;
            for of_source in &answer.fates {
                add(fates.entry(of_source.source).or_default(), of_source);
            }
            for overflow in answer.overflows {
                *overflows.entry(overflow.feature).or_default() += overflow.count;
            }
            for duplicates in answer.duplicate_customers {
                *duplicate_customers.entry(duplicates.source).or_default() += duplicates.count;
            }
            files.extend(answer.files);
            done(answer.customers);
            Ok(())
        })
        .await?;
    if let Some((source, rows)) = duplicate_customers.into_iter().next() {
        let name = job.sources.get(source as usize).map_or("", |source| source.name.as_str());
        let repeat = if rows == 1 { "1 row repeats" } else { &format!("{rows} rows repeat") };
        return Err(Error::data(format!("source {name}: {repeat} a customer_id, expected one row a customer"))
            .with_hint("keep the newest row of each: duplicates = { keep = \"last\", by = \"updated_at\" }"));
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let overflows = overflows.into_iter().map(|(feature, count)| FeatureCount { feature, count }).collect();
    let rejected = partition.rejected.clone();
    Ok(FeaturesDone { customers, fates: fates.into_values().collect(), overflows, files, rejected })
}

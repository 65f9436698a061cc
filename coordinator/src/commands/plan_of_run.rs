//! What `segmenter plan` tells of a prepared run.

use super::{CachedFiles, PlanSummary, PlannedSource, PlannedStage, Resources};
use crate::{
    cache::CachedRun,
    plan::{Prepared, check_memory, disk_needs, files_memory, shard_memory},
    protocol::{begun_with, read_commit},
    run::{has_maps, identify, names_of_message_tables},
};
use segmenter_proto::{
    Result,
    jobs::{Job, SourceKind},
    object_keys::RunKeys,
};
use segmenter_worker::{program::DataBudget, storage::Storage};

/// Gives the plan of a run, with what it would take of the cache; writes nothing.
///
/// # Errors
/// When the budget cannot hold a shard: Resources; when the store fails.
pub async fn summarise(
    job: &Job,
    prepared: &Prepared,
    storage: &Storage,
    (resources, cached): (&Resources, Option<&CachedRun>),
) -> Result<PlanSummary> {
    let output = storage.open(&job.output.uri)?;
    let identified = identify(&output, job, prepared, None, false).await?;
    let keys = RunKeys::new(&job.name, &identified.run);
    let commit = read_commit(&output, &keys).await?;
    let shards = prepared.spec.shards;
    let data = DataBudget::new(resources.memory, resources.threads)?;
    check_memory(prepared, data, resources.threads)?;
    let sources = prepared.inputs.iter().map(|inputs| PlannedSource {
        name: inputs.source.name.clone(),
        uri: inputs.source.uri.clone(),
        files: inputs.files.len() as u64,
        rows: inputs.rows(),
        bytes: inputs.bytes(),
    });
    let previous = match &commit {
        Some(commit) => commit.previous.clone(),
        // Once it is begun it stays with the one that was chosen then.
        None => begun_with(&output, &keys).await?.or(identified.previous),
    };
    let writes = writes(job, shards, previous.is_some());
    Ok(PlanSummary {
        format_version: 1,
        job: job.name.clone(),
        as_of: job.as_of,
        folder: output.uri_of(&keys.run_folder()),
        run: identified.run,
        committed: commit.is_some(),
        previous,
        sources: sources.collect(),
        cached: cached.map(CachedRun::files).map(|(files, taken)| CachedFiles { files, taken }),
        shards,
        stages: stages(job, prepared, cached.map_or(0, CachedRun::done)),
        memory_needed: DataBudget::whole_for(shard_memory(prepared) + files_memory(prepared), resources.threads),
        memory_budget: resources.memory,
        scratch_needed: Some(disk_needs(prepared).work),
        writes,
    })
}

fn stages(job: &Job, prepared: &Prepared, taken: usize) -> Vec<PlannedStage> {
    let shards = u64::from(prepared.spec.shards);
    let stage = |name: &str, tasks, does: &str| PlannedStage { name: name.to_owned(), tasks, does: does.to_owned() };
    let mut stages = Vec::new();
    if job.identity.is_some() {
        stages.push(stage(
            "keys",
            u64::from(prepared.link_shards()),
            "makes persons of pairs of ids, in several rounds",
        ));
    }
    stages.push(stage(
        "partition",
        prepared.tasks.count().saturating_sub(taken) as u64,
        "reads the inputs and puts every customer's rows into one shard",
    ));
    if !prepared.plan.constants().is_empty() {
        stages.push(stage("constants", shards, "finds the constants of the job"));
    }
    stages.push(stage("features", shards, "computes each customer's features"));
    if !prepared.plan.derived().layers().is_empty() {
        stages.push(stage("population", shards, "finds what derived features know of all customers"));
    }
    let fits = job.segmentations.iter();
    stages.extend(fits.map(|own| stage(&format!("fit/{}", own.name), shards, "finds the segments")));
    stages.push(stage("assign", shards, "writes who belongs to which segment"));
    stages.push(stage("measure", shards, "profiles the segments and measures what they are worth"));
    stages.push(stage("commit", 1, "makes the run visible"));
    stages
}

fn writes(job: &Job, shards: u32, is_compared: bool) -> Vec<String> {
    let parts = |folder: &str| format!("{folder}/part-*.parquet ({shards})");
    let mut writes: Vec<String> =
        job.segmentations.iter().map(|own| parts(&format!("assignments/{}", own.name))).collect();
    let overlapping: Vec<&str> =
        job.segmentations.iter().filter(|own| own.method.spec().overlapping()).map(|own| own.name.as_str()).collect();
    writes.push(parts("features"));
    writes.extend(job.recommendations.as_ref().map(|_| parts("recommendations")));
    writes.extend(job.exports.iter().map(|export| parts(&format!("exports/{}", export.name))));
    let held_out = job.exports.iter().filter_map(|export| export.holdout.as_ref());
    writes.extend(held_out.map(|holdout| parts(&format!("arms/{}", holdout.name))));
    writes.extend(job.identity.as_ref().map(|_| "identity/part-*.parquet".to_owned()));
    writes.extend(overlapping.iter().map(|name| parts(&format!("membership/{name}"))));
    if is_compared {
        writes.push(parts("changes"));
        writes.extend(["migration.parquet", "drift.parquet"].map(str::to_owned));
    }
    let tables = [
        "segments",
        "profiles",
        "distributions",
        "drivers",
        "rules",
        "personas",
        "effectiveness",
        "scorecard",
        "selection",
        "quality",
    ];
    let has_purchases = job.sources.iter().any(|source| source.kind == SourceKind::Transactions);
    let of_purchases = ["cohorts", "repeat_curve"].into_iter().filter(|_| has_purchases);
    let of_benefits = ["benefits"].into_iter().filter(|_| job.benefits.is_some());
    let of_experiments = ["experiments"].into_iter().filter(|_| !job.effectiveness.experiments.is_empty());
    let of_affinities = ["affinity"].into_iter().filter(|_| !job.affinities.is_empty());
    let of_spaces = ["map", "map_axes"].into_iter().filter(|_| has_maps(job));
    let tables = tables.into_iter().chain(of_spaces).chain(of_purchases).chain(of_experiments).chain(of_affinities);
    let tables = tables.chain(of_benefits).chain(names_of_message_tables(job));
    writes.extend(tables.map(|table| format!("{table}.parquet")));
    if !overlapping.is_empty() {
        writes.push("overlaps.parquet".to_owned());
    }
    writes.push("quarantine/part-*.parquet".to_owned());
    writes.extend(["model.json", "report.html", "run.json", "commit.json"].map(str::to_owned));
    writes
}

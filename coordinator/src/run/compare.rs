//! Two committed runs of a job beside each other.

use super::{
    drift::told,
    previous::{CommittedRun, TIER, read_committed},
};
use segmenter_proto::{Error, Result, jobs::Job, object_keys::RunKeys, v1::SegmentChanges};
use segmenter_worker::{
    measure::{ComparedFeature, compared_features, feature_drift, migration_rows, segmentation_drift},
    previous::{Changes, PreviousRows, Side, Wanted, merge_changes, read_previous},
    results::{DistributionRow, DriftRow, MigrationRow},
    spec::{PreviousNumber, PreviousRun},
    storage::Folder,
};
use std::collections::BTreeSet;
use tokio::runtime::Handle;

/// What is different between two runs.
#[derive(Debug)]
pub struct Comparison {
    /// As in `migration.parquet`.
    pub migration: Vec<MigrationRow>,
    /// As in `drift.parquet`.
    pub drift: Vec<DriftRow>,
    /// Who moved, a line a segmentation, for people.
    pub told: String,
}

/// Compares run `now` with run `before`, shard by shard of `now`; `progress` hears of each.
///
/// # Errors
/// A run is not committed, or is of another version: Job. A file is not what was committed: Data. The store fails: Dependency.
pub fn compare(
    output: &Folder,
    runtime: &Handle,
    job: &Job,
    [before, now]: [&str; 2],
    mut progress: impl FnMut(),
) -> Result<Comparison> {
    let read = |run: &str| {
        let found = runtime.block_on(read_committed(output, &job.name, run))?;
        found.ok_or_else(|| {
            Error::job(format!("the model of run {run} is of another version of segmenter, which this one cannot read"))
        })
    };
    let (then, after) = (read(before)?, read(now)?);
    if !then.is_of(job.unit) || !after.is_of(job.unit) {
        return Err(Error::job(format!(
            "runs {before} and {now} do not both segment {}, as the job does",
            job.unit.many()
        )));
    }
    let run_before = described(&then, &after);
    // Both are read alike: what one lacks the other need not have.
    let run_now = described(&after, &then);
    let mut changes: Vec<SegmentChanges> = Vec::new();
    let mut spread = Spread::of(&then, &after, &run_now.numbers);
    let folder = |run: &str| output.folder(&RunKeys::new(&job.name, run).run_folder());
    let (folder_before, folder_now) = (folder(before)?, folder(now)?);
    let shards = run_now.shards;
    for shard in 0..shards {
        let rows = |committed: &CommittedRun, run: &PreviousRun, folder: &Folder| {
            let wanted = Wanted { run, segmentations: &run.segmentations, features: true };
            let files = committed.files(run, shards).of(wanted, &[shard]);
            read_previous(folder, runtime, &files, wanted, job.unit.key(), (shard, shards))
        };
        let rows_before = rows(&then, &run_before, &folder_before)?;
        let rows_now = rows(&after, &run_now, &folder_now)?;
        spread.add(&rows_now)?;
        let sides = (Side::of_rows(&run_before, &rows_before)?, Side::of_rows(&run_now, &rows_now)?);
        merge_changes(&mut changes, Changes::new(&run_before, sides.0, sides.1).counts()?)?;
        progress();
    }
    let customers = [then.customers(), after.customers()];
    Ok(Comparison::of(&run_before, customers, &changes, &spread, job.privacy.min_cell))
}

/// Says what is compared of one run with the other.
fn described(own: &CommittedRun, other: &CommittedRun) -> PreviousRun {
    let segmentations = own.models().iter().map(|model| (model.segmentation(), other.model(model.segmentation())));
    let both = segmentations.filter_map(|(name, other)| Some((name, other?.model().overlapping())));
    let names = |run: &CommittedRun, are_numbers: bool| -> BTreeSet<String> {
        let is_kind = |row: &&DistributionRow| if are_numbers { row.std.is_some() } else { row.level.is_some() };
        run.distributions.iter().filter(is_kind).map(|row| row.feature.clone()).collect()
    };
    let of_both = |are_numbers| &names(own, are_numbers) & &names(other, are_numbers);
    let (numbers, texts) = (of_both(true), of_both(false));
    let mut both: Vec<(&str, bool)> = both.collect();
    // In one order for both.
    both.sort_unstable();
    let tiers = texts.iter().map(String::as_str).filter(|name| name.starts_with(TIER));
    own.described(both.into_iter(), numbers.iter().map(String::as_str), tiers)
}

/// Customers of now by the bins of then, of each number.
#[derive(Debug)]
struct Spread {
    /// All features of now.
    names: Vec<String>,
    compared: Vec<ComparedFeature>,
    counts: Vec<Vec<u64>>,
}

impl Spread {
    /// Takes the features of both runs, numbers by their position among those that are read.
    fn of(then: &CommittedRun, now: &CommittedRun, numbers: &[PreviousNumber]) -> Self {
        let mut names: Vec<&str> = now.distributions.iter().map(|row| row.feature.as_str()).collect();
        names.dedup();
        let is_category = |name: &str| now.distributions.iter().any(|row| row.feature == name && row.level.is_some());
        let features = names.iter().filter_map(|name| match is_category(name) {
            true => Some((*name, 0, true)),
            false => Some((*name, numbers.iter().position(|number| number.name == *name)? as u32, false)),
        });
        let compared = compared_features(features, &then.distributions);
        let counts = compared.iter().map(|own| own.counted(&now.distributions)).collect();
        Self { names: names.into_iter().map(str::to_owned).collect(), compared, counts }
    }

    /// Counts a shard's customers of now; categories were counted when the run was.
    fn add(&mut self, rows: &PreviousRows) -> Result<()> {
        for (own, counts) in self.compared.iter().zip(&mut self.counts).filter(|(own, _)| !own.feature.is_category()) {
            own.feature.count(rows.number(own.feature.column as usize)?, counts);
        }
        Ok(())
    }
}

impl Comparison {
    fn of(run: &PreviousRun, customers: [u64; 2], changes: &[SegmentChanges], spread: &Spread, min_cell: u64) -> Self {
        let overlapping = |own: &SegmentChanges| run.overlapping(&own.segmentation);
        let is_tier = |own: &SegmentChanges| run.tier.as_ref() == Some(&own.segmentation);
        let mut drift = feature_drift(&spread.names, &spread.compared, &spread.counts);
        let segmented = || changes.iter().filter(|own| !is_tier(own));
        drift.extend(segmented().flat_map(|own| segmentation_drift(own, overlapping(own).then_some(customers))));
        let migration = changes.iter().flat_map(|own| migration_rows(own, is_tier(own), min_cell));
        Self { migration: migration.collect(), drift, told: told(&run.run, segmented(), overlapping) }
    }
}

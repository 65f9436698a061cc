//! The run that this one is compared with: chosen once, when the run begins, so that whoever goes on with it takes the same; and what is known of it.

use crate::protocol::{Commit, CommittedFile, RunLog, read_commit, read_record, stage};
use arrow::datatypes::Field;
use prost::Message;
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Unit},
    methods::{Method, ModelFile, SegmentationModel},
    object_keys::RunKeys,
    v1::{EarlierChosen, PreviousFile},
};
use segmenter_worker::{
    frame::{FrameSchema, score_names},
    previous::{Wanted, file_of, parts_of},
    results::{DistributionRow, read_distributions},
    spec::{PreviousNumber, PreviousRun, PreviousSegmentation},
    storage::Folder,
};
use std::{collections::BTreeMap, slice::from_ref};

/// The preset that knows tiers, and the name of the tier among its features, before its suffix.
const LOYALTY: &str = "loyalty";
pub(super) const TIER: &str = "loyalty_tier";

/// A committed run, as far as another is compared with it.
#[derive(Debug)]
pub struct CommittedRun {
    commit: Commit,
    shards: u32,
    /// Who is segmented, as its job says.
    unit: String,
    models: Vec<SegmentationModel>,
    next_keys: BTreeMap<String, u32>,
    /// How customers were spread over the values of features; nothing of a run that did not tell.
    pub(super) distributions: Vec<DistributionRow>,
}

/// The run before, as far as the coordinator looks at it.
#[derive(Debug)]
pub struct Before {
    /// What workers are told of it.
    pub run: PreviousRun,
    committed: CommittedRun,
}

/// The files of the run before.
#[derive(Debug, Default)]
pub struct PreviousFiles {
    run: Option<PreviousRun>,
    shards: u32,
    /// By path: their SHA-256, bytes and rows.
    files: BTreeMap<String, (String, u64, u64)>,
}

/// Takes note of the run before this one that `found` names, or gives the one that was chosen when the run began.
///
/// # Errors
/// When another coordinator took over, or the store fails.
pub(super) async fn choose_previous(
    output: &Folder,
    log: &mut RunLog,
    job: &Job,
    found: Option<String>,
) -> Result<Option<String>> {
    if let Some(chosen) = log.stage(stage::PREVIOUS) {
        let chosen = EarlierChosen::decode(chosen.clone())
            .map_err(|error| Error::bug(format!("the log of stage {} is damaged", stage::PREVIOUS)).caused_by(error))?;
        return Ok(Some(chosen.run).filter(|run| !run.is_empty()));
    }
    let chosen = found.clone().map(|run| EarlierChosen { job: job.name.clone(), run }).unwrap_or_default();
    log.append(output, stage::PREVIOUS, chosen.encode_to_vec()).await?;
    Ok(found)
}

/// Reads a committed run of a job; none where its model is of a version that this one cannot read.
///
/// # Errors
/// It is gone, or a file of it is not what was committed: Data. The store fails: Dependency.
pub(super) async fn read_committed(output: &Folder, job: &str, run: &str) -> Result<Option<CommittedRun>> {
    let keys = RunKeys::new(job, run);
    let folder = output.folder(&keys.run_folder())?;
    let broken = |path: &str, how: &str| broken_file(&folder, run, path, how);
    let commit = read_commit(output, &keys).await?.ok_or_else(|| broken("commit.json", "it is gone"))?;
    let record = read_record(output, &keys).await?;
    let whole = async |path: &str| {
        let Some(known) = commit.files.iter().find(|file| file.path == path) else { return Ok(None) };
        let bytes = folder.get(path).await?.ok_or_else(|| broken(path, "it is gone"))?;
        match CommittedFile::of(path, None, &bytes).sha256 == known.sha256 {
            true => Ok(Some(bytes)),
            false => Err(broken(path, "it is not what was committed")),
        }
    };
    let model = whole("model.json").await?.ok_or_else(|| broken("model.json", "it is not among what was committed"))?;
    let Ok(model) = serde_json::from_slice::<ModelFile>(&model) else { return Ok(None) };
    let distributions = match whole("distributions.parquet").await? {
        Some(bytes) => read_distributions(bytes)?,
        None => Vec::new(),
    };
    let ModelFile { segmentations: models, next_keys, .. } = model;
    let unit = unit_of(&record.job_text);
    Ok(Some(CommittedRun { commit, shards: record.shards, unit, models, next_keys, distributions }))
}

impl CommittedRun {
    /// Says whether it segments who `unit` says.
    pub(super) fn is_of(&self, unit: Unit) -> bool {
        self.unit
            == match unit {
                Unit::Customer => "customer",
                Unit::Account => "account",
            }
    }

    /// Gives the number of the next cluster of each segmentation that ever had clusters along the chain of runs.
    pub(super) fn next_keys(&self) -> BTreeMap<String, u32> {
        let own = self.models.iter().filter_map(|own| Some((own.segmentation().to_owned(), own.model().next_key()?)));
        self.next_keys.clone().into_iter().chain(own).collect()
    }

    /// Gives its model of a segmentation.
    pub(super) fn model(&self, segmentation: &str) -> Option<&SegmentationModel> {
        self.models.iter().find(|model| model.segmentation() == segmentation)
    }

    /// Gives the number of its customers.
    pub(super) fn customers(&self) -> u64 {
        let features = self.commit.files.iter().filter(|file| file.path.starts_with("features/"));
        features.filter_map(|file| file.rows).sum()
    }

    /// Gives its models, in the order of its job.
    pub(super) fn models(&self) -> &[SegmentationModel] {
        &self.models
    }

    /// Says what is compared of it: its segmentations among `segmentations` (with whether they overlap in the other run), its numbers
    /// among `numbers`, and the first of `tiers`, which are features, that it has too.
    pub(super) fn described<'a>(
        &self,
        segmentations: impl Iterator<Item = (&'a str, bool)>,
        numbers: impl Iterator<Item = &'a str>,
        mut tiers: impl Iterator<Item = &'a str>,
    ) -> PreviousRun {
        let row_of = |name: &str| self.distributions.iter().find(|row| row.feature == name);
        let of_segmentation = |(at, (name, overlapping)): (usize, (&str, bool))| {
            let model = self.model(name)?;
            Some(PreviousSegmentation {
                name: name.to_owned(),
                at,
                keys: model.segments().into_iter().map(|segment| segment.key).collect(),
                overlapping: model.model().overlapping() && overlapping,
            })
        };
        let number = |name: &str| row_of(name)?.std.map(|std| PreviousNumber { name: name.to_owned(), std });
        let was_text = |name: &str| self.distributions.iter().any(|row| row.feature == name && row.level.is_some());
        PreviousRun {
            run: self.commit.run.clone(),
            shards: self.shards,
            segmentations: segmentations.enumerate().filter_map(of_segmentation).collect(),
            numbers: numbers.filter_map(number).collect(),
            tier: tiers.find(|name| was_text(name)).map(str::to_owned),
        }
    }

    /// Gives its files, for a run of so many shards that is compared with what `run` says of it.
    pub(super) fn files(&self, run: &PreviousRun, shards: u32) -> PreviousFiles {
        let parts = self.commit.files.iter().filter(|file| file.path.contains('/'));
        let files =
            parts.map(|file| (file.path.clone(), (file.sha256.clone(), file.bytes, file.rows.unwrap_or_default())));
        PreviousFiles { run: Some(run.clone()), shards, files: files.collect() }
    }
}

impl Before {
    /// Takes what a run of this job, with features of this schema, is compared with.
    pub(super) fn of(committed: CommittedRun, job: &Job, schema: &FrameSchema) -> Self {
        let segmentations = job.segmentations.iter().map(|own| (own.name.as_str(), own.method.spec().overlapping()));
        let scored = job.segmentations.iter().enumerate().filter(|(_, own)| matches!(own.method, Method::Rfm(_)));
        // Scores are no features that a person knows: a customer moved since something else did.
        let scores: Vec<String> = scored.flat_map(|(at, _)| score_names(job, at)).collect();
        let is_number = |field: &&Field| field.data_type().is_numeric() && !scores.contains(field.name());
        let numbers = schema.features.iter().filter(is_number).map(|field| field.name().as_str());
        let loyalty = job.features.presets.iter().filter(|preset| preset.name == LOYALTY);
        let tiers: Vec<String> = loyalty.map(|preset| format!("{TIER}{}", preset.suffix)).collect();
        let run = committed.described(segmentations, numbers, tiers.iter().map(String::as_str));
        Self { run, committed }
    }

    /// Gives the number of its customers.
    pub(super) fn customers(&self) -> u64 {
        self.committed.customers()
    }

    /// Gives how customers were spread over the values of features.
    pub(super) fn distributions(&self) -> &[DistributionRow] {
        &self.committed.distributions
    }

    /// Gives the number of the next cluster of each segmentation that ever had clusters along the chain of runs.
    pub(super) fn next_keys(&self) -> BTreeMap<String, u32> {
        self.committed.next_keys()
    }

    /// Gives the model of a segmentation of the job, by its position there.
    pub fn model(&self, at: usize) -> Option<&SegmentationModel> {
        let (_, own) = self.run.segmentation(at)?;
        self.committed.model(&own.name)
    }

    /// Gives its files, for a run of so many shards.
    pub fn files(&self, shards: u32) -> PreviousFiles {
        self.committed.files(&self.run, shards)
    }
}

/// Gives who is segmented by a job file: its placeholders stand in texts, so that it can be read as it is.
fn unit_of(job: &str) -> String {
    let unit = toml::from_str::<toml::Table>(job).ok().and_then(|job| Some(job.get("unit")?.as_str()?.to_owned()));
    unit.unwrap_or_else(|| "customer".to_owned())
}

/// Gives the error of a file of a run that another is compared with.
fn broken_file(folder: &Folder, run: &str, path: &str, how: &str) -> Error {
    let text = format!("{} of run {run}, which is compared with another, cannot be used: {how}", folder.uri_of(path));
    Error::data(text).with_hint(format!(
        "see with `segmenter verify JOB --run {run}` what else is; `previous` of [output] names another run to compare with, or \"none\", and \
         --new-run begins anew with the run before that there is now"
    ))
}

impl PreviousFiles {
    /// Gives the files with the segments of one segmentation that customers of these shards can be in.
    pub(super) fn of_segmentation(&self, at: usize, shards: &[u32]) -> Vec<PreviousFile> {
        let Some(run) = &self.run else { return Vec::new() };
        let Some((_, own)) = run.segmentation(at) else { return Vec::new() };
        self.of(Wanted { run, segmentations: from_ref(own), features: false }, shards)
    }

    /// Gives all files that customers of these shards can be in.
    pub(super) fn of_all(&self, shards: &[u32]) -> Vec<PreviousFile> {
        let Some(run) = &self.run else { return Vec::new() };
        self.of(Wanted { run, segmentations: &run.segmentations, features: true }, shards)
    }

    pub(super) fn of(&self, wanted: Wanted<'_>, shards: &[u32]) -> Vec<PreviousFile> {
        let mut parts: Vec<u32> =
            shards.iter().flat_map(|shard| parts_of(*shard, self.shards, wanted.run.shards)).collect();
        parts.sort_unstable();
        parts.dedup();
        let folders = wanted.folders();
        let paths = folders.iter().flat_map(|folder| parts.iter().map(move |part| file_of(folder, *part)));
        let known = paths.filter_map(|path| {
            let (sha256, bytes, rows) = self.files.get(&path)?.clone();
            Some(PreviousFile { path, sha256, bytes, rows })
        });
        known.collect()
    }
}

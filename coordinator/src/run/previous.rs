//! The run that this one is compared with: chosen once, when the run begins, so that whoever goes on with it takes the same; and what is known of it.

use crate::protocol::{Commit, CommittedFile, RunLog, read_commit, read_record, stage};
use arrow::datatypes::DataType;
use prost::Message;
use segmenter_proto::{
    Error, Result,
    jobs::Job,
    methods::{ModelFile, SegmentationModel},
    object_keys::RunKeys,
    v1::{EarlierChosen, PreviousFile},
};
use segmenter_worker::{
    frame::FrameSchema,
    previous::{Wanted, file_of, parts_of},
    results::{DistributionRow, read_distributions},
    spec::{PreviousNumber, PreviousRun, PreviousSegmentation},
    storage::Folder,
};
use std::{collections::BTreeMap, slice::from_ref};

/// The name of the loyalty tier among the features of the preset `loyalty`, before its suffix.
const TIER: &str = "loyalty_tier";

/// The run before, as far as the coordinator looks at it.
#[derive(Debug)]
pub struct Before {
    /// What workers are told of it.
    pub run: PreviousRun,
    /// How customers were spread over the values of features; nothing of a run that did not tell.
    pub distributions: Vec<DistributionRow>,
    models: Vec<SegmentationModel>,
    commit: Commit,
}

/// The files of the run before.
#[derive(Debug, Default)]
pub struct PreviousFiles {
    run: Option<PreviousRun>,
    shards: u32,
    /// By path: their SHA-256 and bytes.
    files: BTreeMap<String, (String, u64)>,
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

/// Reads what is known of the run before; none where its model is of a version that this one cannot read.
///
/// # Errors
/// It is gone, or a file of it is not what was committed: Data. The store fails: Dependency.
pub(super) async fn read_before(output: &Folder, job: &Job, schema: &FrameSchema, run: &str) -> Result<Option<Before>> {
    let keys = RunKeys::new(&job.name, run);
    let folder = output.folder(&keys.run_folder())?;
    let broken = |path: &str, how: &str| {
        Error::data(format!("{} of run {run}, which this run is compared with, cannot be used: {how}", folder.uri_of(path)))
            .with_hint(format!(
                "see with `segmenter verify JOB --run {run}` what else is; `previous` of [output] names another run to compare with, or \"none\""
            ))
    };
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
    let segmentations = job.segmentations.iter().enumerate().filter_map(|(at, own)| {
        let model = model.segmentations.iter().find(|model| model.segmentation() == own.name)?;
        Some(PreviousSegmentation {
            name: own.name.clone(),
            at,
            keys: model.segments().into_iter().map(|segment| segment.key).collect(),
            overlapping: model.model().overlapping() && own.method.spec().overlapping(),
        })
    });
    let row_of = |name: &str| distributions.iter().find(|row| row.feature == name);
    let numbers = schema.features.iter().filter(|field| field.data_type().is_numeric()).filter_map(|field| {
        let std = row_of(field.name())?.std?;
        Some(PreviousNumber { name: field.name().clone(), std })
    });
    let was_text = |name: &str| distributions.iter().any(|row| row.feature == name && row.level.is_some());
    let tier = schema
        .features
        .iter()
        .find(|field| field.name().starts_with(TIER) && field.data_type() == &DataType::Utf8 && was_text(field.name()));
    let run = PreviousRun {
        run: run.to_owned(),
        shards: record.shards,
        segmentations: segmentations.collect(),
        numbers: numbers.collect(),
        tier: tier.map(|field| field.name().clone()),
    };
    Ok(Some(Before { run, distributions, models: model.segmentations, commit }))
}

impl Before {
    /// Gives the model of a segmentation of the job, by its position there.
    pub fn model(&self, at: usize) -> Option<&SegmentationModel> {
        let (_, own) = self.run.segmentation(at)?;
        self.models.iter().find(|model| model.segmentation() == own.name)
    }

    /// Gives its files, for a run of so many shards.
    pub fn files(&self, shards: u32) -> PreviousFiles {
        let parts = self.commit.files.iter().filter(|file| file.path.contains('/'));
        let files = parts.map(|file| (file.path.clone(), (file.sha256.clone(), file.bytes)));
        PreviousFiles { run: Some(self.run.clone()), shards, files: files.collect() }
    }
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

    fn of(&self, wanted: Wanted<'_>, shards: &[u32]) -> Vec<PreviousFile> {
        let mut parts: Vec<u32> =
            shards.iter().flat_map(|shard| parts_of(*shard, self.shards, wanted.run.shards)).collect();
        parts.sort_unstable();
        parts.dedup();
        let folders = wanted.folders();
        let paths = folders.iter().flat_map(|folder| parts.iter().map(move |part| file_of(folder, *part)));
        let known = paths.filter_map(|path| {
            let (sha256, bytes) = self.files.get(&path)?.clone();
            Some(PreviousFile { path, sha256, bytes })
        });
        known.collect()
    }
}

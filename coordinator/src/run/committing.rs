//! The stage "commit": what all stages gave becomes a run. Results that are damaged by then are written again first.

use super::{
    affinity::go_together,
    again::Again,
    assign::assign_again,
    drift::Drift,
    driver::Driver,
    exported::export_rows,
    identify::pinned_inputs,
    maps::maps,
    measure::measure,
    messages::judge_messages,
    persons::linked_ids,
    prediction::predict,
    previous::Before,
    quality::{fates_by_source, listed_ids, notes_by_source, rejected_by_source},
    recommend::recommend,
    results::{Found, Tables},
};
use crate::{
    page::{REPORT, run_page},
    protocol::{CommitDraft, CommittedFile, Damage, Finished, RunRecord, commit, damaged_by_content, stage},
};
use bytes::Bytes;
use segmenter_proto::{
    Error, Result,
    methods::FittedModels,
    v1::{AssignDone, FeaturesDone, FitDone, KeysDone, MeasureDone},
};
use segmenter_worker::failpoint::failpoint;
use segmenter_worker::{frame::FrameSchema, measure::Basis, results::QualityRow};
use std::collections::BTreeMap;

/// How often damaged results are written again.
const TIMES: u32 = 3;

/// What the stages before "measure" gave.
#[derive(Debug)]
pub(super) struct Done<'a> {
    pub(super) keys: &'a KeysDone,
    /// The run whose ids persons keep; none where there is none, or no ids are linked.
    pub(super) earlier: Option<&'a str>,
    pub(super) features: &'a FeaturesDone,
    pub(super) quality: &'a [QualityRow],
    pub(super) models: &'a FittedModels,
    pub(super) models_json: &'a str,
    pub(super) fits: &'a [(String, FitDone)],
    pub(super) assigned: &'a AssignDone,
    /// What judges the segments; none of a job without an outcome window.
    pub(super) outcome: Option<Basis>,
}

impl Driver<'_> {
    /// Commits the run.
    ///
    /// # Errors
    /// When another coordinator took over, the store fails, or does not keep what is written to it.
    pub(super) async fn commit(&mut self, done: &Done<'_>, measured: &MeasureDone) -> Result<()> {
        let (mut draft, record) = self.draft(done, measured)?;
        let on_top = draft.files.iter().filter(|file| !file.path.contains('/')).cloned();
        let on_top: Vec<CommittedFile> = on_top.collect();
        let told = Told { record, files: on_top.iter().filter(|file| is_table(file)).cloned().collect() };
        failpoint("commit.start")?;
        // A commit that is decided has its page already.
        let mut has_page = self.checkpoints.log.stage(stage::COMMIT).is_some();
        for _ in 0..=TIMES {
            let mut damaged = match has_page {
                true => Vec::new(),
                false => self.damaged_on_top(&on_top).await?,
            };
            if damaged.is_empty() {
                if !has_page {
                    draft.files.push(self.write_page(&told).await?);
                    has_page = true;
                }
                // What was decided is in the log, and finished from there.
                let decided = CommitDraft { run_record: Bytes::new(), ..draft.clone() };
                let this = std::mem::replace(&mut draft, decided);
                damaged = match commit(self.checkpoints.folder, &mut self.checkpoints.log, this).await? {
                    Finished::Committed(_) => return failpoint("commit.end"),
                    Finished::Damaged(damaged) => damaged,
                };
            }
            for damage in &damaged {
                self.options.reporter.warn(&format!("in {}, {damage}; it is written again", self.results.uri()));
            }
            let again = Again::of(&damaged);
            let page_again = again.page;
            self.write_again(done, again).await?;
            if page_again {
                self.write_page(&told).await?;
            }
        }
        Err(Error::dependency(format!("results in {} do not stay as they are written", self.results.uri()))
            .with_hint("check its disk or store, and whether something else writes to that folder"))
    }

    /// Finds files that the page would be made of, and those that are written again with them, that are not what was written.
    async fn damaged_on_top(&self, on_top: &[CommittedFile]) -> Result<Vec<Damage>> {
        let log = &self.checkpoints.log;
        damaged_by_content(self.checkpoints.folder, log.keys(), on_top, |_| {}).await
    }

    /// Writes the page of the run.
    async fn write_page(&self, told: &Told) -> Result<CommittedFile> {
        let page = run_page(self.results, &told.files, &told.record).await?;
        let described = CommittedFile::of(REPORT, None, &page);
        self.results.put(REPORT, page).await?;
        Ok(described)
    }

    async fn write_again(&self, done: &Done<'_>, again: Again) -> Result<()> {
        if again.identity {
            self.rounds.keys_again().await?;
        }
        self.rounds.features_again(again.quarantine).await?;
        assign_again(&self.rounds, done.models_json, again.assigned).await?;
        if again.tables {
            self.tables(done, |_| {}).await?;
        }
        Ok(())
    }

    /// Measures, and writes what comes of it.
    pub(super) async fn tables(&self, done: &Done<'_>, count: impl FnMut(u64)) -> Result<MeasureDone> {
        let spec = &self.prepared.spec;
        let columns = FrameSchema::of(spec, &self.prepared.plan).features;
        let tables = Tables {
            job: &spec.job,
            columns: &columns,
            models: done.models,
            fits: done.fits,
            outcome: done.outcome,
            cohorts: &done.features.cohorts,
            benefits: &done.features.benefits,
            width: self.options.reporter.columns(),
            next_keys: self.before.map(Before::next_keys).unwrap_or_default(),
        };
        let models = &done.models.segmentations;
        let mut measured = measure(&self.rounds, models, done.models_json, &tables.profiled(), count).await?;
        let of_models = (models.as_slice(), done.models_json);
        predict(&self.rounds, of_models, (&spec.job, done.outcome), done.assigned, &mut measured.segmentations).await?;
        judge_messages(&self.rounds, &spec.job, done.models_json, &mut measured.segmentations).await?;
        measured.affinities = go_together(&self.rounds, &spec.job, of_models).await?;
        measured.maps = maps(&self.rounds, &spec.job, of_models).await?;
        let recommended = recommend(&self.rounds, &spec.job, done.models_json, &measured.affinities).await?;
        let exported = export_rows(&self.rounds, &spec.job, done.models_json).await?;
        let profiled = tables.profiled();
        let known = tables.known(&profiled, done.assigned);
        let drivers = known.drivers(&self.rounds, done.models_json, &measured.segmentations).await?;
        let drift = match self.before {
            Some(before) => known.drift(&self.rounds, done.models_json, before, &drivers).await?,
            None => Drift::default(),
        };
        let found = Found { recommended, exported, drivers: &drivers, drift: self.before.map(|_| drift) };
        tables.write(self.results, done.quality, done.assigned, &measured, found).await
    }

    fn draft(&mut self, done: &Done<'_>, measured: &MeasureDone) -> Result<(CommitDraft, RunRecord)> {
        let (features, fits) = (done.features, done.fits);
        let job = &self.prepared.spec.job;
        let previous = self.identified.previous.as_deref();
        let mut record = RunRecord::new(job, &self.options.file.text, &self.identified.run, previous);
        record.model = self.options.model.map(|model| model.run.clone());
        record.shards = self.prepared.spec.shards;
        record.generations = self.checkpoints.log.generation();
        record.inputs = pinned_inputs(self.prepared);
        record.rows = fates_by_source(job, features).into_iter().collect();
        record.rejected = rejected_by_source(job, features);
        record.notes = notes_by_source(job, features);
        record.exclude_list = listed_ids(job, features);
        record.identity = linked_ids(job, done.keys, done.earlier);
        record.affinity = match measured.affinity.as_str() {
            "" => Vec::new(),
            told => serde_json::from_str(told)
                .map_err(|error| Error::bug("affinities could not be read from the log").caused_by(error))?,
        };
        record.recommendations = match measured.recommendations.as_str() {
            "" => None,
            told => serde_json::from_str(told)
                .map_err(|error| Error::bug("recommendations could not be read from the log").caused_by(error))?,
        };
        record.exports = match measured.exports.as_str() {
            "" => BTreeMap::new(),
            told => serde_json::from_str(told)
                .map_err(|error| Error::bug("exports could not be read from the log").caused_by(error))?,
        };
        record.stages = std::mem::take(&mut self.checkpoints.timings);
        record.warnings = self.warnings.sentences();
        record.clustering = fits
            .iter()
            .map(|(name, fit)| {
                let evidence =
                    serde_json::from_str(fit.evidence.as_ref().map_or("", |evidence| &evidence.described))
                        .map_err(|error| Error::bug("evidence could not be read from the log").caused_by(error))?;
                Ok((name.clone(), evidence))
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        let files = [&done.keys.files, &features.files, &done.assigned.files, &measured.files].into_iter().flatten();
        let files = files.map(|file| CommittedFile {
            path: file.path.clone(),
            rows: (!file.path.ends_with(".json")).then_some(file.rows),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        });
        let draft = CommitDraft {
            job: job.name.clone(),
            as_of: job.as_of,
            previous: self.identified.previous.clone(),
            files: files.collect(),
            run_record: record.to_bytes()?,
        };
        // A hundred thousand files are long, and no page tells of them.
        record.inputs = Vec::new();
        Ok((draft, record))
    }
}

/// What the page of the run is made of.
#[derive(Debug)]
struct Told {
    record: RunRecord,
    /// Tables that lie on the top of the folder: no row of them is a customer.
    files: Vec<CommittedFile>,
}

fn is_table(file: &CommittedFile) -> bool {
    file.path.ends_with(".parquet")
}

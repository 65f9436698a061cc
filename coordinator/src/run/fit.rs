//! The stage "fit": finds the model of one segmentation, by the rounds of its method.

use super::{
    driver::{Driver, json},
    previous::Before,
    rounds::{StageRounds, unexpected},
};
use crate::{
    methods::{self, AskShards, Fit, FitOutcome},
    protocol::stage,
    warning::Warning,
};
use arrow::datatypes::Schema;
use futures::future::{BoxFuture, FutureExt as _};
use segmenter_proto::{
    Error, Result, Watched,
    jobs::{Job, Refit, Segmentation},
    methods::{FittedModels, SegmentationModel, is_cluster_key},
    models::Population,
    v1::{FitAnswer, FitDone, FitTask, Stage, answer, task},
};
use segmenter_worker::{frame::FrameSchema, notes::Subject, words::Words};
use std::sync::Arc;

/// Fits a segmentation, with what is known of the population, the models of those above it, and what it was in the run before; `scopes` are the
/// schemas of all segmentations of the job.
///
/// # Errors
/// When there is nobody to fit: Data; else see the workers' stage.
async fn fit(
    rounds: &StageRounds<'_>,
    job: &Job,
    segmentation: usize,
    scopes: &[Schema],
    above: &FittedModels,
    (earlier, first_key): (Option<&SegmentationModel>, u32),
) -> Result<FitOutcome> {
    let missing = || Error::bug("a segmentation is not in its job");
    let own = job.segmentations.get(segmentation).ok_or_else(missing)?;
    let scope = scopes.get(segmentation).ok_or_else(missing)?;
    let models =
        serde_json::to_string(above).map_err(|error| Error::bug("models could not be written").caused_by(error))?;
    let (name, method) = (own.name.as_str(), &own.method);
    let (seed, min_cell, refit) = (job.seed, job.privacy.min_cell, own.refit);
    methods::fit(&Fit {
        shards: rounds,
        words: Words::of(&job.report.language),
        seed,
        min_cell,
        segmentation,
        name,
        method,
        scope,
        models,
        first_key,
        refit,
        earlier,
    })
    .await
}

impl Driver<'_> {
    /// Says whether the model of a segmentation is that of the run before.
    pub(super) fn is_frozen(&self, at: usize) -> bool {
        let own = self.prepared.spec.job.segmentations.get(at);
        own.is_some_and(|own| own.refit == Refit::Frozen)
            && self.before.is_some_and(|before| before.model(at).is_some())
    }

    /// Warns of what the job says of keys which no cluster has: keys that are gone are never given to others.
    fn unused_keys(&mut self, segmentation: &Segmentation, model: &SegmentationModel) {
        let job = &self.prepared.spec.job;
        let Some(space) = segmentation.method.spec().space() else { return };
        let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
        let own = |name: &str| name == segmentation.name;
        let personas = job.personas.iter().filter(|persona| own(&persona.segmentation));
        let exports = job.exports.iter().filter(|export| own(&export.segmentation));
        let said = std::iter::once(("`names`".to_owned(), space.names.keys().collect::<Vec<_>>()))
            .chain(personas.map(|persona| ("a persona".to_owned(), persona.segments.iter().collect())))
            .chain(exports.map(|export| (format!("export {}", export.name), export.segments.iter().collect())));
        let clusters: Vec<&str> = keys.iter().map(String::as_str).filter(|key| is_cluster_key(key)).collect();
        let mut texts = Vec::new();
        for (what, said) in said {
            let unused: Vec<&str> = said.into_iter().filter(|key| !keys.contains(key)).map(String::as_str).collect();
            if !unused.is_empty() {
                let (unused, clusters) = (unused.join(", "), clusters.join(", "));
                texts.push(format!("{what} has {unused}, which no cluster of this run has; they are {clusters}"));
            }
        }
        self.warnings
            .add(texts.into_iter().map(|text| Warning::of(Subject::Segmentation(segmentation.name.clone()), text)));
    }

    /// Fits every segmentation in turn; gives the models and what the log has of them.
    pub(super) async fn fits(&mut self, population: Population) -> Result<(FittedModels, Vec<(String, FitDone)>)> {
        let job = &self.prepared.spec.job;
        if let Some(model) = self.options.model {
            return Ok((model.models.clone(), Vec::new()));
        }
        let scopes = FrameSchema::of(&self.prepared.spec, &self.prepared.plan).scopes;
        let mut models = FittedModels { population, segmentations: Vec::new() };
        let next_keys = self.before.map(Before::next_keys).unwrap_or_default();
        let mut fits = Vec::new();
        for (number, segmentation) in job.segmentations.iter().enumerate() {
            let name = stage::fit(&segmentation.name);
            // What another build has written has no evidence that can be read: the fit is made again.
            let fitted = self.checkpoints.done::<FitDone>(&name)?.filter(|done| done.evidence.is_some());
            let done = match fitted {
                Some(done) => {
                    self.checkpoints.resumed(&name);
                    done
                }
                None => {
                    let progress = self.checkpoints.begin(&name, 0)?;
                    let first_key = next_keys.get(&segmentation.name).copied().unwrap_or(1);
                    let FitOutcome { model, evidence, warnings } = fit(
                        &self.rounds,
                        job,
                        number,
                        &scopes,
                        &models,
                        (self.before.and_then(|before| before.model(number)), first_key),
                    )
                    .await?;
                    let done = FitDone { model: json(&model)?, evidence: Some(evidence), warnings };
                    self.checkpoints.end(&name, progress, &self.rounds, &done).await?;
                    done
                }
            };
            let subject = || Subject::Segmentation(segmentation.name.clone());
            self.warnings.add(done.warnings.iter().map(|warning| Warning::of(subject(), warning)));
            let model: SegmentationModel = serde_json::from_str(&done.model)
                .map_err(|error| Error::bug("a model could not be read from the log").caused_by(error))?;
            self.unused_keys(segmentation, &model);
            models.segmentations.push(model);
            fits.push((segmentation.name.clone(), done));
        }
        Ok((models, fits))
    }
}

impl AskShards for StageRounds<'_> {
    fn ask(&self, work: FitTask) -> BoxFuture<'_, Result<FitAnswer>> {
        async move {
            match self.over_shards(Stage::Fit, task::Work::Fit(work), |_| {}).await? {
                answer::Result::Fit(answer) => Ok(answer),
                _ => Err(unexpected("fit")),
            }
        }
        .boxed()
    }

    fn watch(&self, round: u64, watched: Option<Watched>) {
        if let Some(watched) = watched {
            self.reporter.live().round(round, watched);
        }
    }

    fn traffic(&self) -> (u64, u64) {
        self.traffic()
    }

    fn compute(&self) -> &Arc<rayon::ThreadPool> {
        self.compute()
    }
}

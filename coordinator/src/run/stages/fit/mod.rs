//! The stage "fit": finds the model of one segmentation in rounds. A new method is a file here and a line in [`fit`].

mod bisecting;
mod features;
mod kmeans;
mod matrix;
mod mixture;
mod rfm;
mod rules;
mod stability;
mod starts;

use super::rounds::{Rounds, unexpected};
use arrow::datatypes::Schema;
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Method},
    models::{FittedModels, SegmentationModel},
    v1::{
        ColumnStatisticsAnswer, ColumnStatisticsRequest, FitAnswer, FitTask, PackTask, Stage, answer, fit_answer,
        fit_task, task,
    },
};

/// What a fit gives.
#[derive(Debug)]
pub struct FitOutcome {
    /// The model.
    pub model: SegmentationModel,
    /// For run.json.
    pub evidence: serde_json::Value,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// The rounds of one segmentation.
#[derive(Debug)]
pub struct Fit<'a> {
    rounds: &'a Rounds<'a>,
    job: &'a Job,
    segmentation: usize,
    /// The names that it may use, with their types.
    scope: &'a Schema,
    method: &'a Method,
    /// What is known of the population, and the models of the segmentations above, as JSON.
    models: String,
}

/// Fits a segmentation, with what is known of the population and the models of those above it; `scopes` are the schemas of all segmentations of the job.
///
/// # Errors
/// When there is nobody to fit: Data; else see the workers' stage.
pub async fn fit(
    rounds: &Rounds<'_>,
    job: &Job,
    segmentation: usize,
    scopes: &[Schema],
    above: &FittedModels,
) -> Result<FitOutcome> {
    let missing = || Error::bug("a segmentation is not in its job");
    let own = job.segmentations.get(segmentation).ok_or_else(missing)?;
    let scope = scopes.get(segmentation).ok_or_else(missing)?;
    let models =
        serde_json::to_string(above).map_err(|error| Error::bug("models could not be written").caused_by(error))?;
    let fit = Fit { rounds, job, segmentation, scope, models, method: &own.method };
    match &own.method {
        Method::Rfm(method) => rfm::fit(&fit, &own.name, method).await,
        Method::Kmeans(method) => kmeans::fit(&fit, &own.name, method).await,
        Method::Bisecting(method) => bisecting::fit(&fit, &own.name, method).await,
        Method::Mixture(method) => mixture::fit(&fit, &own.name, method).await,
        Method::Rules(method) => Ok(rules::fit(&own.name, method)),
    }
}

impl Fit<'_> {
    /// Asks every shard and gives the answer of all; `matrix` says how a worker that lacks a shard's matrix builds it.
    async fn round(
        &self,
        columns: &[String],
        matrix: Option<&PackTask>,
        round: fit_task::Round,
    ) -> Result<fit_answer::Round> {
        let work = task::Work::Fit(FitTask {
            segmentation: self.segmentation as u32,
            models: self.models.clone(),
            columns: columns.to_vec(),
            matrix: matrix.cloned(),
            features: Vec::new(),
            round: Some(round),
        });
        match self.rounds.over_shards(Stage::Fit, work, |_| {}).await? {
            answer::Result::Fit(FitAnswer { round: Some(round) }) => Ok(round),
            _ => Err(unexpected("fit")),
        }
    }

    /// A round of column statistics.
    async fn statistics(&self, columns: &[String], request: ColumnStatisticsRequest) -> Result<ColumnStatisticsAnswer> {
        match self.round(columns, None, fit_task::Round::Statistics(request)).await? {
            fit_answer::Round::Statistics(answer) => Ok(answer),
            _ => Err(unexpected("fit")),
        }
    }
}

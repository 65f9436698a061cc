//! The stage "fit": finds the model of one segmentation in rounds. A new method is a file here and a line in [`fit`].

mod kmeans;
mod rfm;
mod rules;

use super::rounds::{Rounds, unexpected};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Method},
    models::SegmentationModel,
    v1::{
        ColumnStatisticsAnswer, ColumnStatisticsRequest, FitAnswer, FitTask, Stage, answer, fit_answer, fit_task, task,
    },
};
use segmenter_worker::segmentation::transform::merge_column_statistics;

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
    rounds: &'a Rounds,
    job: &'a Job,
    shards: u32,
    segmentation: usize,
    /// Models of the segmentations above, as JSON.
    models: String,
}

/// Fits a segmentation, with the models of those above it.
///
/// # Errors
/// When there is nobody to fit: Data; else see the workers' stage.
pub async fn fit(
    rounds: &Rounds,
    job: &Job,
    shards: u32,
    segmentation: usize,
    above: &[SegmentationModel],
) -> Result<FitOutcome> {
    let own = job.segmentations.get(segmentation).ok_or_else(|| Error::bug("a segmentation is not in its job"))?;
    let models =
        serde_json::to_string(above).map_err(|error| Error::bug("models could not be written").caused_by(error))?;
    let fit = Fit { rounds, job, shards, segmentation, models };
    match &own.method {
        Method::Rfm(method) => rfm::fit(&fit, &own.name, method).await,
        Method::Kmeans(method) => kmeans::fit(&fit, &own.name, method).await,
        Method::Rules(method) => Ok(rules::fit(&own.name, method)),
    }
}

impl Fit<'_> {
    /// Asks every shard and hands each answer to `take`, in no particular order.
    async fn round(
        &self,
        columns: &[String],
        round: fit_task::Round,
        mut take: impl FnMut(fit_answer::Round) -> Result<()>,
    ) -> Result<()> {
        let work = task::Work::Fit(FitTask {
            segmentation: self.segmentation as u32,
            models: self.models.clone(),
            columns: columns.to_vec(),
            matrix: None,
            round: Some(round),
        });
        self.rounds
            .over_shards(Stage::Fit, self.shards, work, |_, result| match result {
                answer::Result::Fit(FitAnswer { round: Some(round) }) => take(round),
                _ => Err(unexpected("fit")),
            })
            .await
    }

    /// A round of column statistics.
    async fn statistics(&self, columns: &[String], request: ColumnStatisticsRequest) -> Result<ColumnStatisticsAnswer> {
        let mut total: Option<ColumnStatisticsAnswer> = None;
        self.round(columns, fit_task::Round::Statistics(request), |answer| {
            let fit_answer::Round::Statistics(answer) = answer else { return Err(unexpected("fit")) };
            match &mut total {
                None => total = Some(answer),
                Some(total) => merge_column_statistics(total, &answer)?,
            }
            Ok(())
        })
        .await?;
        total.ok_or_else(|| Error::bug("a round over no shards"))
    }
}

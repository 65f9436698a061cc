//! The stage "fit": finds the model of one segmentation, by the rounds of its method.

use super::rounds::{StageRounds, unexpected};
use crate::methods::{self, AskShards, Fit, FitOutcome};
use arrow::datatypes::Schema;
use futures::future::{BoxFuture, FutureExt as _};
use segmenter_proto::{
    Error, Result,
    jobs::Job,
    methods::FittedModels,
    v1::{FitAnswer, FitTask, Stage, answer, task},
};
use std::sync::Arc;

/// Fits a segmentation, with what is known of the population and the models of those above it; `scopes` are the schemas of all
/// segmentations of the job.
///
/// # Errors
/// When there is nobody to fit: Data; else see the workers' stage.
pub async fn fit(
    rounds: &StageRounds<'_>,
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
    let (name, method) = (own.name.as_str(), &own.method);
    methods::fit(&Fit { shards: rounds, seed: job.seed, segmentation, name, method, scope, models }).await
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

    fn traffic(&self) -> (u64, u64) {
        self.traffic()
    }

    fn compute(&self) -> &Arc<rayon::ThreadPool> {
        self.compute()
    }
}

//! What segments tell of spending in the outcome window, found in rounds over all customers.

use super::{
    measure::Measured,
    rounds::{StageRounds, unexpected},
};
use crate::rounds::drive;
use segmenter_proto::{
    Result,
    jobs::{Job, SourceKind},
    methods::SegmentationModel,
    v1::{AssignDone, MeasureTask, PredictionRequest, Stage, answer, task},
};
use segmenter_worker::measure::{Basis, PredictionScope, PredictionSolver};

/// Adds to what was measured what segments tell of spending; nothing where the window is not over, or there are no purchases.
///
/// # Errors
/// See the workers' stage.
pub async fn predict(
    rounds: &StageRounds<'_>,
    (models, models_json): (&[SegmentationModel], &str),
    (job, outcome): (&Job, Option<Basis>),
    assigned: &AssignDone,
    measured: &mut [Measured],
) -> Result<()> {
    let has_purchases = job.sources.iter().any(|source| source.kind == SourceKind::Transactions);
    if !has_purchases || outcome.is_none_or(|outcome| outcome.not_over().is_some()) {
        return Ok(());
    }
    let scopes = models.iter().zip(&assigned.segmentations).zip(&*measured).map(|((model, counts), measured)| {
        let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
        PredictionScope::of(&keys, &counts.customers, &measured.effectiveness)
    });
    let solver = PredictionSolver::new(scopes.collect())?;
    let ask = async |request: PredictionRequest| {
        let prediction = Some(request);
        let work = MeasureTask { models: models_json.to_owned(), prediction, ..MeasureTask::default() };
        match rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await? {
            answer::Result::Measure(answer) => answer.prediction.ok_or_else(|| unexpected("spending")),
            _ => Err(unexpected("measure")),
        }
    };
    let (found, _) = drive(rounds.compute(), solver, ask).await?;
    measured.iter_mut().zip(found).for_each(|(measured, found)| measured.prediction = found);
    Ok(())
}

//! The stage "population": what functions of the population in derived features have to know, found in rounds over all customers.

use super::rounds::{StageRounds, unexpected};
use crate::rounds::drive;
use segmenter_proto::{
    Error, Result,
    methods::FittedModels,
    models::{Population, PopulationCall},
    v1::{
        ColumnStatisticsAnswer, ColumnStatisticsRequest, FitAnswer, FitTask, PopulationRequest, Stage, answer,
        fit_answer, fit_task, task,
    },
};
use segmenter_worker::features::{DerivedPlan, PopulationSolver};

/// Adds the constants of all calls to what is `known`, layer by layer: a layer's calls look at derived features that need the constants of
/// the layers before.
///
/// # Errors
/// See the workers' stage.
pub async fn population(rounds: &StageRounds<'_>, derived: &DerivedPlan, mut known: Population) -> Result<Population> {
    for layer in derived.layers() {
        let functions = layer.iter().map(|&call| Ok(derived.call(call)?.2)).collect::<Result<_>>()?;
        let ask = async |request| round(rounds, &known, &layer, request).await;
        let (found, _) = drive(rounds.compute(), PopulationSolver::new(functions), ask).await?;
        for (&call, (customers, found)) in layer.iter().zip(found) {
            let (feature, text, _) = derived.call(call)?;
            let call = PopulationCall { feature: feature.to_owned(), call: text.to_owned(), customers, known: found };
            known.calls.push(call);
        }
    }
    Ok(known)
}

async fn round(
    rounds: &StageRounds<'_>,
    known: &Population,
    calls: &[usize],
    statistics: ColumnStatisticsRequest,
) -> Result<ColumnStatisticsAnswer> {
    let models = FittedModels { population: known.clone(), segmentations: Vec::new() };
    let models = serde_json::to_string(&models)
        .map_err(|error| Error::bug("what is known of the population could not be written").caused_by(error))?;
    let calls = calls.iter().map(|&call| call as u32).collect();
    let request = PopulationRequest { calls, statistics: Some(statistics) };
    let work = FitTask { models, round: Some(fit_task::Round::Population(request)), ..FitTask::default() };
    match rounds.over_shards(Stage::Fit, task::Work::Fit(work), |_| {}).await? {
        answer::Result::Fit(FitAnswer { round: Some(fit_answer::Round::Statistics(answer)) }) => Ok(answer),
        _ => Err(unexpected("population")),
    }
}

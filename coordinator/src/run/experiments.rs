//! The rows of `experiments.parquet`, and what is to be warned of.

use crate::warning::Warning;
use segmenter_proto::{
    Error, Result,
    jobs::{Experiment, Job},
    methods::FittedModels,
};
use segmenter_worker::{
    measure::{
        Basis, ExperimentGroups, ExperimentScope, ExperimentStatistic, experiment_rows as rows_of, unequal_arms,
    },
    results::ExperimentRow,
    words::Words,
};

/// Gives the rows of all experiments; of each there is a statistic over everybody, and one a segmentation.
///
/// # Errors
/// Bug only.
pub(super) fn experiment_table(
    job: &Job,
    models: &FittedModels,
    outcome: Option<Basis>,
    statistics: &[ExperimentStatistic],
) -> Result<Vec<ExperimentRow>> {
    let keys: Vec<Vec<String>> = models
        .segmentations
        .iter()
        .map(|model| model.segments().into_iter().map(|segment| segment.key).collect())
        .collect();
    let mut rows = Vec::new();
    for (experiment, statistics) in each(job, models, statistics)? {
        let Some((overall, by_segment)) = statistics.split_first() else { continue };
        let scope = ExperimentScope {
            experiment,
            own: &job.effectiveness.metrics,
            currency: job.currency.as_deref(),
            basis: basis(experiment, outcome)?,
            min_cell: job.privacy.min_cell,
            level: job.effectiveness.confidence.level(),
            words: Words::of(&job.report.language),
        };
        let divisions = models.segmentations.iter().zip(&keys).zip(by_segment).map(|((model, keys), statistic)| {
            let overlapping = model.model().overlapping();
            ExperimentGroups { segmentation: model.segmentation(), segment_keys: keys, overlapping, statistic }
        });
        rows.extend(rows_of(&scope, overall, &divisions.collect::<Vec<_>>())?);
    }
    Ok(rows)
}

/// Warns of arms that may not be comparable, and of customers who are left out.
///
/// # Errors
/// Bug only.
pub(super) fn experiment_warnings(
    job: &Job,
    models: &FittedModels,
    statistics: &[ExperimentStatistic],
) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    for (experiment, statistics) in each(job, models, statistics)? {
        let Some(overall) = statistics.first() else { continue };
        if let Some(p) = unequal_arms(experiment, overall) {
            warnings.push(Warning::of_run(format!(
                "experiment {}: the sizes of its arms do not fit `shares` (p = {p:.1e}): something else than the plan decided who is in \
                 which arm, and they may not be comparable; look for where customers are lost",
                experiment.name
            )));
        }
        let [in_two, in_other, late] = overall.left_out();
        for (count, why) in [
            (in_two, "stand in several arms"),
            (in_other, "stand in an arm that `shares` does not have"),
            (late, "were assigned when it was over"),
        ] {
            if count > 0 {
                let text = format!("experiment {}: {count} customers {why} and are left out", experiment.name);
                warnings.push(Warning::of_run(text));
            }
        }
    }
    Ok(warnings)
}

/// Gives each experiment with its statistics.
fn each<'a>(
    job: &'a Job,
    models: &FittedModels,
    statistics: &'a [ExperimentStatistic],
) -> Result<impl Iterator<Item = (&'a Experiment, &'a [ExperimentStatistic])>> {
    let of_each = models.segmentations.len() + 1;
    let experiments = &job.effectiveness.experiments;
    match statistics.len() == experiments.len() * of_each {
        true => Ok(experiments.iter().zip(statistics.chunks(of_each))),
        false => Err(Error::bug("experiments were measured over other segmentations")),
    }
}

/// Gives the window that ends with the experiment, as far as rows were seen.
fn basis(experiment: &Experiment, outcome: Option<Basis>) -> Result<Basis> {
    match outcome {
        Some(Basis::Outcome { newest, .. }) => Ok(Basis::Outcome { end: experiment.end, newest }),
        _ => Err(Error::bug("there is an experiment and no outcome window")),
    }
}

//! The stage "measure": profiles and effectiveness of every segment, exact sums first, then quartiles by rounds.

use super::rounds::{Rounds, unexpected};
use segmenter_proto::{
    Result,
    methods::SegmentationModel,
    statistics::{Fraction, QuantileSolver, QuantileTarget, f64_of_key, key_of_f64},
    v1::{MeasureAnswer, MeasureTask, QuantileRequest, Stage, answer, task},
};
use segmenter_worker::measure::{EffectivenessStatistic, FeatureStatistic, ProfileStatistic};

/// Positions of the features that profiles tell about, among those of `features/`.
pub type ProfiledFeatures<'a> = &'a [usize];

/// What was measured of one segmentation.
#[derive(Debug)]
pub struct Measured {
    /// Exact sums, a feature and segment.
    pub profile: ProfileStatistic,
    /// Exact sums, a segment.
    pub effectiveness: EffectivenessStatistic,
    /// p25, p50 and p75, a profiled feature and segment: feature-major.
    pub quartiles: Vec<[Option<f64>; 3]>,
}

/// Measures the segments of all segmentations.
///
/// # Errors
/// See the workers' stage.
pub async fn measure(
    rounds: &Rounds<'_>,
    models: &[SegmentationModel],
    models_json: &str,
    profiled: ProfiledFeatures<'_>,
    done: impl FnMut(u64),
) -> Result<Vec<Measured>> {
    let work = MeasureTask { models: models_json.to_owned(), statistics: true, ..MeasureTask::default() };
    let answer = answer_of(rounds.over_shards(Stage::Measure, task::Work::Measure(work), done).await?)?;
    if answer.profiles.len() != models.len() || answer.effectiveness.len() != models.len() {
        return Err(unexpected("measure"));
    }
    let statistics: Vec<(ProfileStatistic, EffectivenessStatistic)> = answer
        .profiles
        .iter()
        .zip(&answer.effectiveness)
        .map(|(profile, effectiveness)| {
            Ok((ProfileStatistic::from_message(profile)?, EffectivenessStatistic::from_message(effectiveness)?))
        })
        .collect::<Result<_>>()?;
    let quartiles = quartiles(rounds, models, models_json, profiled, &statistics).await?;
    Ok(statistics
        .into_iter()
        .zip(quartiles)
        .map(|((profile, effectiveness), quartiles)| Measured { profile, effectiveness, quartiles })
        .collect())
}

fn answer_of(result: answer::Result) -> Result<MeasureAnswer> {
    match result {
        answer::Result::Measure(answer) => Ok(answer),
        _ => Err(unexpected("measure")),
    }
}

/// Finds the quartiles of all numbers by segment, of all segmentations in the same rounds.
async fn quartiles(
    rounds: &Rounds<'_>,
    models: &[SegmentationModel],
    models_json: &str,
    profiled: ProfiledFeatures<'_>,
    merged: &[(ProfileStatistic, EffectivenessStatistic)],
) -> Result<Vec<Vec<[Option<f64>; 3]>>> {
    let mut solvers: Vec<QuantileSolver> =
        merged.iter().map(|(profile, _)| QuantileSolver::new(targets(profile, profiled))).collect();
    loop {
        let requests: Vec<Option<QuantileRequest>> = solvers.iter().map(QuantileSolver::request).collect();
        if requests.iter().all(Option::is_none) {
            break;
        }
        let open: Vec<bool> = requests.iter().map(Option::is_some).collect();
        let quantiles = requests.into_iter().map(Option::unwrap_or_default).collect();
        let work = MeasureTask { models: models_json.to_owned(), quantiles, ..MeasureTask::default() };
        let answer = rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await?;
        let totals = answer_of(answer)?.quantiles;
        for ((solver, total), _) in solvers.iter_mut().zip(&totals).zip(&open).filter(|(_, open)| **open) {
            solver.absorb(total)?;
        }
    }
    solvers
        .into_iter()
        .zip(merged)
        .zip(models)
        .map(|((solver, (profile, _)), model)| {
            let found = solver.results()?;
            let mut found = found.iter();
            let segments = model.segments().len();
            Ok(profile
                .features
                .iter()
                .flat_map(|feature| vec![is_number(feature); segments])
                .map(|number| match number {
                    true => quartiles_of(found.next()),
                    false => [None; 3],
                })
                .collect())
        })
        .collect()
}

fn quartiles_of(found: Option<&Vec<Option<i128>>>) -> [Option<f64>; 3] {
    let value = |at: usize| found.and_then(|found| found.get(at).copied().flatten()).map(f64_of_key);
    [value(0), value(1), value(2)]
}

/// One target a number and segment, feature-major.
fn targets(profile: &ProfileStatistic, profiled: ProfiledFeatures<'_>) -> Vec<QuantileTarget> {
    let shares = vec![Fraction::QUARTER, Fraction::HALF, Fraction::THREE_QUARTERS];
    let mut targets = Vec::new();
    for (feature, &column) in profile.features.iter().zip(profiled) {
        if let FeatureStatistic::Number { by_segment, .. } = feature {
            for (group, moments) in (0..).zip(by_segment) {
                targets.push(QuantileTarget {
                    column: column as u32,
                    group,
                    count: moments.n,
                    min: key_of_f64(f64::MIN),
                    max: key_of_f64(f64::MAX),
                    shares: shares.clone(),
                });
            }
        }
    }
    targets
}

fn is_number(feature: &FeatureStatistic) -> bool {
    matches!(feature, FeatureStatistic::Number { .. })
}

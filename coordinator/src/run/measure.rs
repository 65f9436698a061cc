//! The stage "measure": profiles and effectiveness of every segment, exact sums first, then quartiles by rounds.

use super::rounds::{StageRounds, unexpected};
use crate::rounds::drive;
use segmenter_proto::{
    Result, Rounds,
    methods::SegmentationModel,
    statistics::{Fraction, QuantileSolver, QuantileTarget, f64_of_key, key_of_f64},
    v1::{self, MeasureAnswer, MeasureTask, QuantileAnswer, QuantileRequest, Stage, answer, task},
};
use segmenter_worker::measure::{
    AffinityFound, CurveStatistic, CustomerMap, EffectivenessStatistic, ExperimentStatistic, FeatureStatistic,
    MessagesStatistic, PredictionStatistic, ProfileStatistic,
};

/// Positions of the features that profiles tell about, among those of `features/`.
pub type ProfiledFeatures<'a> = &'a [usize];

/// What was measured.
#[derive(Debug)]
pub struct AllMeasured {
    /// Of each segmentation.
    pub segmentations: Vec<Measured>,
    /// Of each experiment one over everybody, and one a segmentation.
    pub experiments: Vec<ExperimentStatistic>,
    /// Of each affinity.
    pub affinities: Vec<AffinityFound>,
    /// Of each segmentation that has a space.
    pub maps: Vec<CustomerMap>,
}

/// What was measured of one segmentation.
#[derive(Debug)]
pub struct Measured {
    /// Exact sums, a feature and segment.
    pub profile: ProfileStatistic,
    /// Exact sums, a segment.
    pub effectiveness: EffectivenessStatistic,
    /// The same over the outcome window; none of a job without one.
    pub outcome: Option<EffectivenessStatistic>,
    /// What segments tell of spending in that window; none where nothing can be known of it.
    pub prediction: Option<PredictionStatistic>,
    /// Gaps between orders; none without transactions.
    pub gaps: Option<CurveStatistic>,
    /// Days to the first purchase of the outcome window; none of a job without one, or without transactions.
    pub returns: Option<CurveStatistic>,
    /// What customers do with messages, and the same in the outcome window; none without messages and promotions.
    pub messages: Option<Messages>,
    /// p25, p50 and p75, a profiled feature and segment: feature-major.
    pub quartiles: Vec<[Option<f64>; 3]>,
}

/// What the customers of segments do with messages.
#[derive(Debug)]
pub struct Messages {
    /// Before `as_of`.
    pub before: MessagesStatistic,
    /// In the outcome window; none of a job without one.
    pub after: Option<MessagesStatistic>,
}

/// Measures the segments of all segmentations.
///
/// # Errors
/// See the workers' stage.
pub async fn measure(
    rounds: &StageRounds<'_>,
    models: &[SegmentationModel],
    models_json: &str,
    profiled: ProfiledFeatures<'_>,
    done: impl FnMut(u64),
) -> Result<AllMeasured> {
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
    let outcomes = answer.outcomes.iter().map(EffectivenessStatistic::from_message);
    let outcomes: Vec<EffectivenessStatistic> = outcomes.collect::<Result<_>>()?;
    let mut outcomes = outcomes.into_iter();
    let (mut gaps, mut returns) = (curves(&answer.gaps)?.into_iter(), curves(&answer.returns)?.into_iter());
    let experiments = answer.experiments.iter().map(ExperimentStatistic::from_message).collect::<Result<_>>()?;
    let quartiles = quartiles(rounds, models, models_json, profiled, &statistics).await?;
    let segmentations = statistics
        .into_iter()
        .zip(quartiles)
        .map(|((profile, effectiveness), quartiles)| Measured {
            profile,
            effectiveness,
            outcome: outcomes.next(),
            prediction: None,
            messages: None,
            gaps: gaps.next(),
            returns: returns.next(),
            quartiles,
        })
        .collect();
    Ok(AllMeasured { segmentations, experiments, affinities: Vec::new(), maps: Vec::new() })
}

fn curves(messages: &[v1::CurveStatistic]) -> Result<Vec<CurveStatistic>> {
    messages.iter().map(CurveStatistic::from_message).collect()
}

fn answer_of(result: answer::Result) -> Result<MeasureAnswer> {
    match result {
        answer::Result::Measure(answer) => Ok(answer),
        _ => Err(unexpected("measure")),
    }
}

/// Finds the quartiles of all numbers by segment, of all segmentations in the same rounds.
async fn quartiles(
    rounds: &StageRounds<'_>,
    models: &[SegmentationModel],
    models_json: &str,
    profiled: ProfiledFeatures<'_>,
    merged: &[(ProfileStatistic, EffectivenessStatistic)],
) -> Result<Vec<Vec<[Option<f64>; 3]>>> {
    let solvers = merged.iter().map(|(profile, _)| profile).zip(models);
    let solvers = solvers.map(|(profile, model)| QuantileSolver::new(targets(profile, profiled, model))).collect();
    let ask = async |quantiles| {
        let work = MeasureTask { models: models_json.to_owned(), quantiles, ..MeasureTask::default() };
        let answer = rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await?;
        Ok(answer_of(answer)?.quantiles)
    };
    let (found, _) = drive(rounds.compute(), AllQuantiles(solvers), ask).await?;
    found
        .into_iter()
        .zip(merged)
        .zip(models)
        .map(|((found, (profile, _)), model)| {
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

/// The quantiles of several segmentations, found in the same rounds.
struct AllQuantiles(Vec<QuantileSolver>);

impl Rounds for AllQuantiles {
    /// One a segmentation; it asks nothing where that is done.
    type Request = Vec<QuantileRequest>;
    type Answer = Vec<QuantileAnswer>;
    type Output = Vec<Vec<Vec<Option<i128>>>>;

    fn next_request(&self) -> Option<Vec<QuantileRequest>> {
        let requests: Vec<Option<QuantileRequest>> = self.0.iter().map(Rounds::next_request).collect();
        requests.iter().any(Option::is_some).then(|| requests.into_iter().map(Option::unwrap_or_default).collect())
    }

    fn absorb(&mut self, answer: Vec<QuantileAnswer>) -> Result<()> {
        let open = self.0.iter_mut().zip(answer).filter(|(solver, _)| solver.next_request().is_some());
        open.into_iter().try_for_each(|(solver, answer)| solver.absorb(answer))
    }

    fn finish(self) -> Result<Self::Output> {
        self.0.into_iter().map(Rounds::finish).collect()
    }
}

fn quartiles_of(found: Option<&Vec<Option<i128>>>) -> [Option<f64>; 3] {
    let value = |at: usize| found.and_then(|found| found.get(at).copied().flatten()).map(f64_of_key);
    [value(0), value(1), value(2)]
}

/// One target a number and segment, feature-major; what a statistic has of all customers beside the segments has none.
fn targets(
    profile: &ProfileStatistic,
    profiled: ProfiledFeatures<'_>,
    model: &SegmentationModel,
) -> Vec<QuantileTarget> {
    let segments = model.segments().len();
    let shares = vec![Fraction::QUARTER, Fraction::HALF, Fraction::THREE_QUARTERS];
    let mut targets = Vec::new();
    for (feature, &column) in profile.features.iter().zip(profiled) {
        if let FeatureStatistic::Number { by_segment, .. } = feature {
            for (group, moments) in (0..).zip(by_segment.iter().take(segments)) {
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

//! Adds answers to one task together: over the shards of one worker there, and over all workers in the coordinator.
//!
//! The merge is exact, so that any order and any grouping of the same shards gives the same statistic.

use crate::{
    export::merge_export_counts,
    lifetime::merge_lifetime_answers,
    measure::{
        CurveStatistic, EffectivenessStatistic, ExperimentStatistic, MessagesStatistic, PredictionStatistic,
        ProfileStatistic, merge_affinity_answers, merge_drivers_answers, merge_map_answers, merge_recommend_counts,
        merge_repeats,
    },
    notes::NoteCounter,
    previous::{merge_changes, merge_overlaps},
    segmentation::{
        bisecting::merge_bisecting_answers,
        kmeans::{merge_kmeans_answers, merge_matrix_statistics, merge_samples},
        mixture::merge_mixture_answers,
        transform::merge_column_statistics,
    },
};
use segmenter_proto::{
    Error, Result,
    statistics::merge_quantile_answers,
    v1::{
        AssignAnswer, FeatureCount, FitAnswer, FitTask, MeasureAnswer, MessagesAnswer, PredictionAnswer, SegmentCounts,
        answer, fit_answer, fit_task, task,
    },
};

/// Adds `more` to `total`, both answers to `work`.
///
/// # Errors
/// When they are not answers to the same work: Bug.
pub fn merge_answers(work: &task::Work, total: &mut answer::Result, more: answer::Result) -> Result<()> {
    match (work, total, more) {
        (task::Work::Fit(work), answer::Result::Fit(total), answer::Result::Fit(more)) => fit(work, total, more),
        (task::Work::Assign(_), answer::Result::Assign(total), answer::Result::Assign(more)) => assign(total, more),
        (task::Work::Measure(_), answer::Result::Measure(total), answer::Result::Measure(more)) => measure(total, more),
        _ => Err(unlike("stage")),
    }
}

fn unlike(what: &str) -> Error {
    Error::bug(format!("answers of another {what} cannot be added together"))
}

fn fit(work: &FitTask, total: &mut FitAnswer, more: FitAnswer) -> Result<()> {
    use fit_answer::Round::{Bisecting, Kmeans, Lifetime, Mixture, Overlap, Pack, Statistics};
    match (work.round.as_ref(), total.round.as_mut(), more.round) {
        (_, Some(Statistics(total)), Some(Statistics(more))) => merge_column_statistics(total, &more),
        (Some(fit_task::Round::Pack(work)), Some(Pack(total)), Some(Pack(more))) => {
            match (&mut total.statistics, &more.statistics) {
                (Some(total), Some(more)) => merge_matrix_statistics(total, more)?,
                _ => return Err(unlike("matrix")),
            }
            let (mine, others) = (total.sample.take().unwrap_or_default(), more.sample.unwrap_or_default());
            total.sample = Some(merge_samples(mine, others, work.sample as usize));
            Ok(())
        }
        (Some(fit_task::Round::Kmeans(work)), Some(Kmeans(total)), Some(Kmeans(more))) => {
            merge_kmeans_answers(work, total, more)
        }
        (Some(fit_task::Round::Bisecting(work)), Some(Bisecting(total)), Some(Bisecting(more))) => {
            merge_bisecting_answers(work, total, more)
        }
        (Some(fit_task::Round::Mixture(_)), Some(Mixture(total)), Some(Mixture(more))) => {
            merge_mixture_answers(total, &more)
        }
        (Some(fit_task::Round::Lifetime(_)), Some(Lifetime(total)), Some(Lifetime(more))) => {
            merge_lifetime_answers(total, &more)
        }
        (Some(fit_task::Round::Overlap(_)), Some(Overlap(total)), Some(Overlap(more))) => merge_overlaps(total, &more),
        _ => Err(unlike("round")),
    }
}

fn assign(total: &mut AssignAnswer, more: AssignAnswer) -> Result<()> {
    total.files.extend(more.files);
    add_overflows(&mut total.overflows, more.overflows);
    let mut notes = NoteCounter::default();
    notes.merge(&total.notes);
    notes.merge(&more.notes);
    total.notes = notes.to_message();
    total.measured.extend(more.measured);
    add_segment_counts(&mut total.segmentations, &more.segmentations);
    merge_changes(&mut total.changes, more.changes)
}

/// Adds counts of customers by segment together, one a segmentation.
pub fn add_segment_counts(total: &mut Vec<SegmentCounts>, more: &[SegmentCounts]) {
    total.resize_with(more.len().max(total.len()), SegmentCounts::default);
    for (total, more) in total.iter_mut().zip(more) {
        for (total, more) in [
            (&mut total.customers, &more.customers),
            (&mut total.holds, &more.holds),
            (&mut total.both, &more.both),
            (&mut total.reached, &more.reached),
        ] {
            total.resize(more.len().max(total.len()), 0);
            total.iter_mut().zip(more).for_each(|(total, more)| *total += more);
        }
    }
}

/// Adds counts of values that could not be computed together, sorted by feature.
pub fn add_overflows(total: &mut Vec<FeatureCount>, more: Vec<FeatureCount>) {
    for FeatureCount { feature, count } in more {
        match total.binary_search_by(|known| known.feature.cmp(&feature)) {
            Ok(at) => total[at].count += count,
            Err(at) => total.insert(at, FeatureCount { feature, count }),
        }
    }
}

fn prediction(total: &mut PredictionAnswer, more: &PredictionAnswer) -> Result<()> {
    match (&mut total.quantiles, &more.quantiles) {
        (Some(total), Some(more)) => merge_quantile_answers(total, more)?,
        (None, None) if total.statistics.len() == more.statistics.len() => {}
        _ => return Err(unlike("round")),
    }
    for (total, more) in total.statistics.iter_mut().zip(&more.statistics) {
        let mut merged = PredictionStatistic::from_message(total)?;
        merged.merge(&PredictionStatistic::from_message(more)?)?;
        *total = merged.to_message();
    }
    Ok(())
}

fn measure(total: &mut MeasureAnswer, more: MeasureAnswer) -> Result<()> {
    let fits = total.profiles.len() == more.profiles.len()
        && total.effectiveness.len() == more.effectiveness.len()
        && total.outcomes.len() == more.outcomes.len()
        && total.gaps.len() == more.gaps.len()
        && total.returns.len() == more.returns.len()
        && total.experiments.len() == more.experiments.len()
        && total.quantiles.len() == more.quantiles.len();
    if !fits {
        return Err(unlike("round"));
    }
    for (total, more) in total.profiles.iter_mut().zip(&more.profiles) {
        let mut merged = ProfileStatistic::from_message(total)?;
        merged.merge(&ProfileStatistic::from_message(more)?)?;
        *total = merged.to_message();
    }
    let effectiveness = total.effectiveness.iter_mut().zip(&more.effectiveness);
    for (total, more) in effectiveness.chain(total.outcomes.iter_mut().zip(&more.outcomes)) {
        let mut merged = EffectivenessStatistic::from_message(total)?;
        merged.merge(&EffectivenessStatistic::from_message(more)?)?;
        *total = merged.to_message();
    }
    let gaps = total.gaps.iter_mut().zip(&more.gaps);
    for (total, more) in gaps.chain(total.returns.iter_mut().zip(&more.returns)) {
        let mut merged = CurveStatistic::from_message(total)?;
        merged.merge(&CurveStatistic::from_message(more)?)?;
        *total = merged.to_message();
    }
    for (total, more) in total.experiments.iter_mut().zip(&more.experiments) {
        let mut merged = ExperimentStatistic::from_message(total)?;
        merged.merge(&ExperimentStatistic::from_message(more)?)?;
        *total = merged.to_message();
    }
    match (&mut total.prediction, &more.prediction) {
        (None, None) => {}
        (Some(total), Some(more)) => prediction(total, more)?,
        _ => return Err(unlike("round")),
    }
    match (&mut total.messages, &more.messages) {
        (None, None) => {}
        (Some(total), Some(more)) => messages(total, more)?,
        _ => return Err(unlike("round")),
    }
    match (&mut total.drivers, &more.drivers) {
        (None, None) => {}
        (Some(total), Some(more)) => merge_drivers_answers(total, more)?,
        _ => return Err(unlike("round")),
    }
    for (total, more) in total.quantiles.iter_mut().zip(&more.quantiles) {
        merge_quantile_answers(total, more)?;
    }
    match (&mut total.map, &more.map) {
        (None, None) => {}
        (Some(total), Some(more)) => merge_map_answers(total, more)?,
        _ => return Err(unlike("round")),
    }
    match (&mut total.repeat, &more.repeat) {
        (None, None) => {}
        (Some(total), Some(more)) => merge_repeats(total, more)?,
        _ => return Err(unlike("round")),
    }
    match (&mut total.recommend, more.recommend) {
        (None, None) => {}
        (Some(total), Some(more)) => {
            total.files.extend(more.files);
            merge_recommend_counts(total.counts.get_or_insert_default(), &more.counts.unwrap_or_default());
        }
        _ => return Err(unlike("round")),
    }
    match (&mut total.export, more.export) {
        (None, None) => {}
        (Some(total), Some(more)) => {
            total.files.extend(more.files);
            merge_export_counts(&mut total.counts, &more.counts)?;
        }
        _ => return Err(unlike("round")),
    }
    match (&mut total.affinity, more.affinity) {
        (None, None) => Ok(()),
        (Some(total), Some(more)) => merge_affinity_answers(total, more),
        _ => Err(unlike("round")),
    }
}

fn messages(total: &mut MessagesAnswer, more: &MessagesAnswer) -> Result<()> {
    for (total, more) in [(&mut total.before, &more.before), (&mut total.after, &more.after)] {
        match (total, more) {
            (None, None) => {}
            (Some(total), Some(more)) => {
                let mut merged = MessagesStatistic::from_message(total)?;
                merged.merge(&MessagesStatistic::from_message(more)?)?;
                *total = merged.to_message();
            }
            _ => return Err(unlike("round")),
        }
    }
    Ok(())
}

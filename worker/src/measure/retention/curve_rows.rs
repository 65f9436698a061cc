//! From counts by day to the rows of `repeat_curve.parquet`.

use super::curve::{CurveStatistic, Day, Step, add_days, kaplan_meier};
use crate::{
    measure::{effectiveness::Basis, groups::apart_from_all, inference::normal_quantile},
    results::RepeatCurveRow,
};
use segmenter_proto::{Error, Result, methods};
use std::collections::BTreeMap;

/// Which segmentation the curves are of.
#[derive(Debug, Clone, Copy)]
pub struct CurveScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// In sample, gaps between orders; of the outcome window, days to the first purchase.
    pub basis: Basis,
    /// Customers that a segment must have for its curve to be told.
    pub min_cell: u64,
    /// Of intervals, such as 0.95.
    pub level: f64,
}

/// Survival is a product of rounded factors: what is a half but for its rounding is a half.
const HALF: f64 = 0.5 * (1.0 + 1e-12);

/// Gives the curves of the population (without a key) and of each segment: a row a day on which somebody buys again, and one for the last
/// day that is known.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn curve_rows(scope: &CurveScope<'_>, statistic: &CurveStatistic) -> Result<Vec<RepeatCurveRow>> {
    let (by_segment, all) = apart_from_all(&statistic.by_group, scope.overlapping)?;
    if by_segment.len() != scope.segment_keys.len() {
        return Err(Error::bug(format!("curves of segmentation {} have other segments", scope.segmentation)));
    }
    let population = all.cloned().unwrap_or_else(|| {
        let mut population = BTreeMap::new();
        let segments = scope.segment_keys.iter().zip(by_segment);
        segments.filter(|(key, _)| *key != methods::OUT_OF_SCOPE).for_each(|(_, days)| add_days(&mut population, days));
        population
    });
    let mut rows = of_group(scope, None, &population);
    for (key, days) in scope.segment_keys.iter().zip(by_segment) {
        rows.extend(of_group(scope, Some(key), days));
    }
    Ok(rows)
}

fn of_group(scope: &CurveScope<'_>, key: Option<&str>, days: &BTreeMap<u32, Day>) -> Vec<RepeatCurveRow> {
    // A customer has one time in the outcome window; in sample any number of gaps, and one more that is still open.
    let of_day = |day: &Day| if scope.basis == Basis::InSample { day.censored } else { day.events + day.censored };
    let customers: u64 = days.values().map(of_day).sum();
    let nothing = Step { day: 0, at_risk: customers, counts: Day::default(), survival: 1.0, greenwood: None };
    if let Some(why) = why_nothing(scope, customers) {
        return vec![row(scope, key, &nothing, None, Err(why))];
    }
    let steps = kaplan_meier(days);
    let median = steps.iter().find(|step| step.survival <= HALF).map(|step| step.day);
    let last = steps.last().map_or(0, |step| step.day);
    let told = steps.iter().filter(|step| step.counts.events > 0 || step.day == last);
    told.map(|step| row(scope, key, step, median, Ok(()))).collect()
}

fn why_nothing(scope: &CurveScope<'_>, customers: u64) -> Option<String> {
    match (scope.basis.not_over(), customers) {
        (Some(why), _) => Some(why),
        (None, 0) => Some(match scope.basis {
            Basis::InSample => "no customers with an order".to_owned(),
            Basis::Outcome { .. } => "no customers".to_owned(),
        }),
        (None, customers) if customers < scope.min_cell => Some(format!("fewer than {} customers", scope.min_cell)),
        _ => None,
    }
}

fn row(
    scope: &CurveScope<'_>,
    key: Option<&str>,
    step: &Step,
    median: Option<u32>,
    told: Result<(), String>,
) -> RepeatCurveRow {
    let is_judged = scope.basis != Basis::InSample;
    let interval = match (&told, is_judged) {
        (Ok(()), true) => step.interval(normal_quantile(scope.level)),
        _ => None,
    };
    let reason = match &told {
        Err(why) => Some(why.clone()),
        Ok(()) if interval.is_some() => None,
        Ok(()) if !is_judged => Some("ci: the segments were made from these rows".to_owned()),
        Ok(()) if step.survival >= 1.0 => Some("ci: nobody has bought yet".to_owned()),
        Ok(()) => Some("ci: nobody is left".to_owned()),
    };
    let is_told = told.is_ok();
    RepeatCurveRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: key.map(str::to_owned),
        basis: scope.basis.name().to_owned(),
        curve: if is_judged { "first_purchase" } else { "gaps" }.to_owned(),
        day: i64::from(step.day),
        at_risk: i64::try_from(step.at_risk).unwrap_or(i64::MAX),
        events: is_told.then(|| i64::try_from(step.counts.events).unwrap_or(i64::MAX)),
        censored: is_told.then(|| i64::try_from(step.counts.censored).unwrap_or(i64::MAX)),
        not_yet: is_told.then_some(step.survival),
        bought: is_told.then_some(1.0 - step.survival),
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
        ci_level: interval.map(|_| scope.level),
        median_days: median.map(i64::from),
        reason,
    }
}

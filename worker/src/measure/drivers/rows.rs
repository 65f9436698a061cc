//! From exact sums to the rows of `drivers.parquet`.

use super::{
    explained::{Strength, Unknown, of_levels, of_numbers, p_value},
    outcome::{Bin, OutcomeBins, of_activity, of_spending},
    solver::DriversFound,
};
use crate::{
    measure::{
        effectiveness::Basis,
        inference::benjamini_hochberg,
        profile::{FeatureStatistic, ProfileStatistic},
    },
    results::DriverRow,
};
use segmenter_proto::{Error, Result, methods};

/// Of fewer customers nothing is claimed, and groups of fewer are compared together: tails of what they spend would decide.
pub const FEWEST_CLAIMED: u64 = 30;

/// What goes with the segments of which segmentation.
#[derive(Debug, Clone, Copy)]
pub struct SegmentDriversScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// Names of the features, and whether the segmentation was given each.
    pub features: &'a [(String, bool)],
    /// Customers that a figure must be of.
    pub min_cell: u64,
}

/// The features of one segmentation by rank.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedDrivers {
    /// The rows, the strongest first.
    pub rows: Vec<DriverRow>,
    /// Positions of the features that have a rank.
    pub ranked: Vec<usize>,
}

/// Ranks what tells segments apart, by the adjusted eta squared and the square of the adjusted V; of equal ones the first feature comes first.
///
/// Who is out of scope is in no segment. Where segments overlap there is no division that a feature could tell, and all is null.
///
/// # Errors
/// A bug where the statistic has other features than the scope.
pub fn segment_drivers(scope: &SegmentDriversScope<'_>, statistic: &ProfileStatistic) -> Result<RankedDrivers> {
    if statistic.features.len() != scope.features.len() {
        return Err(Error::bug(format!("drivers of segmentation {} have other features", scope.segmentation)));
    }
    let taken: Vec<bool> = scope.segment_keys.iter().map(|key| key != methods::OUT_OF_SCOPE).collect();
    let found = statistic.features.iter().map(|feature| of_feature(feature, &taken, scope));
    let found: Vec<(u64, Result<Strength, String>)> = found.collect();
    let ranked = ranked(found.iter().map(|(_, found)| found.as_ref().ok()));
    let row = |at: usize, rank: Option<usize>| {
        let (n, found) = &found[at];
        let (name, is_input) = &scope.features[at];
        let is_number = matches!(statistic.features[at], FeatureStatistic::Number { .. });
        let known = found.as_ref().ok();
        DriverRow {
            segmentation: Some(scope.segmentation.to_owned()),
            target: "segments".to_owned(),
            basis: Basis::InSample.name().to_owned(),
            driver: name.clone(),
            driver_kind: if is_number { "number" } else { "category" }.to_owned(),
            measure: if is_number { "eta_squared" } else { "cramers_v" }.to_owned(),
            value: known.map(|found| found.value),
            adjusted: known.map(|found| found.adjusted),
            groups: known.map(|found| found.groups as i64),
            n: *n as i64,
            rank: rank.map(|rank| rank as i64 + 1),
            is_input: Some(*is_input),
            p_value: None,
            q_value: None,
            tests: None,
            reason: found.as_ref().err().cloned(),
        }
    };
    let unranked = (0..found.len()).filter(|at| !ranked.contains(at)).map(|at| row(at, None));
    let rows = ranked.iter().enumerate().map(|(rank, at)| row(*at, Some(rank))).chain(unranked).collect();
    Ok(RankedDrivers { rows, ranked })
}

fn of_feature(
    feature: &FeatureStatistic,
    taken: &[bool],
    scope: &SegmentDriversScope<'_>,
) -> (u64, Result<Strength, String>) {
    let own = |counts: Vec<u64>| match (scope.overlapping, counts.last()) {
        (true, Some(all)) => *all,
        _ => counts.iter().zip(taken).filter(|(_, taken)| **taken).map(|(count, _)| count).sum(),
    };
    let n = match feature {
        FeatureStatistic::Number { by_segment, .. } => own(by_segment.iter().map(|moments| moments.n).collect()),
        FeatureStatistic::Category(counts) => own(counts.n().to_vec()),
    };
    if scope.overlapping {
        let why = "segments overlap: profiles.parquet has eta squared of each against those who are not in it";
        return (n, Err(why.to_owned()));
    }
    if n < scope.min_cell {
        return (n, Err(few(scope.min_cell)));
    }
    let found = match feature {
        FeatureStatistic::Number { by_segment, .. } => {
            let own = by_segment.iter().zip(taken).filter(|(_, taken)| **taken);
            of_numbers(own.map(|(moments, _)| moments))
        }
        FeatureStatistic::Category(counts) => match of_levels(counts, taken) {
            Some(found) => found,
            None => {
                let why = "levels are too many or too long to be counted: it is taken for an identifier or free text";
                return (n, Err(why.to_owned()));
            }
        },
    };
    (n, found.map_err(|unknown| unknown.told().to_owned()))
}

fn few(min_cell: u64) -> String {
    format!("fewer than {min_cell} customers have a value")
}

/// Gives the positions of what is known, the strongest first.
fn ranked<'a>(found: impl Iterator<Item = Option<&'a Strength>>) -> Vec<usize> {
    let mut known: Vec<(usize, f64)> =
        found.enumerate().filter_map(|(at, found)| Some((at, found?.strength))).collect();
    known.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    known.into_iter().map(|(at, _)| at).collect()
}

/// What may go with the outcome.
#[derive(Debug, Clone, Copy)]
pub struct OutcomeDriversScope<'a> {
    /// Names of the features, in the order of what was found.
    pub features: &'a [String],
    /// Segmentations with their keys.
    pub segmentations: &'a [(&'a str, Vec<String>)],
    /// What judges them.
    pub outcome: Basis,
    /// Customers that a figure must be of.
    pub min_cell: u64,
}

/// What groups explain of one target.
type Measure = fn(&[Bin]) -> Result<Strength, Unknown>;

/// A driver, what it is, and its customers in groups.
struct Driver<'a> {
    name: &'a str,
    kind: &'static str,
    groups: Vec<Bin>,
}

/// Ranks what explains revenue and purchases of the outcome window: features by groups of their values, and segmentations.
///
/// A number has at most ten groups of neighbours, of about as many customers each; a category one a level of the most frequent ones and one of the
/// others. Groups of fewer than 30 customers (or `min_cell`) are put together. Null rows where nothing is known yet.
pub fn outcome_drivers(scope: &OutcomeDriversScope<'_>, found: &DriversFound) -> Vec<DriverRow> {
    let fewest = FEWEST_CLAIMED.max(scope.min_cell);
    let not_over = scope.outcome.not_over();
    let mut bins = found.outcome.iter().flatten();
    let mut drivers = Vec::new();
    for (name, feature) in scope.features.iter().zip(&found.features) {
        let own = bins.next().map_or(&[][..], |own| &own.bins);
        let values = &own[..feature.values().min(own.len())];
        let is_number = matches!(feature.by, super::bins::Bins::Cuts(_));
        let groups = if is_number { OutcomeBins::neighbours(values) } else { values.to_vec() };
        drivers.push(Driver { name, kind: if is_number { "number" } else { "category" }, groups });
    }
    for (name, keys) in scope.segmentations {
        let own = bins.next().map_or(&[][..], |own| &own.bins);
        let in_scope = own.iter().zip(keys).filter(|(_, key)| *key != methods::OUT_OF_SCOPE);
        drivers.push(Driver { name, kind: "segmentation", groups: in_scope.map(|(bin, _)| *bin).collect() });
    }
    drivers.iter_mut().for_each(|driver| driver.groups = OutcomeBins::large_enough(&driver.groups, fewest));
    let targets: [(&str, Measure); 2] = [("revenue_per_customer", of_spending), ("conversion", of_activity)];
    targets.into_iter().flat_map(|(target, of)| of_target(scope, target, &drivers, of, &not_over)).collect()
}

fn of_target(
    scope: &OutcomeDriversScope<'_>,
    target: &str,
    drivers: &[Driver<'_>],
    of: Measure,
    not_over: &Option<String>,
) -> Vec<DriverRow> {
    let found = drivers.iter().map(|driver| {
        if let Some(why) = not_over {
            return Err(why.clone());
        }
        let n: u64 = driver.groups.iter().map(|group| group.customers).sum();
        let fewest = FEWEST_CLAIMED.max(scope.min_cell);
        match n < fewest {
            true => Err(few(fewest)),
            false => of(&driver.groups).map_err(|unknown| unknown.told().to_owned()),
        }
    });
    let found: Vec<Result<Strength, String>> = found.collect();
    let ranked = ranked(found.iter().map(|found| found.as_ref().ok()));
    let p_value = |at: usize| found[at].as_ref().ok().map(|found| p_value(found.value, found.n, found.groups));
    let p_values: Vec<f64> = ranked.iter().filter_map(|at| p_value(*at)).collect();
    let q_values = benjamini_hochberg(&p_values);
    let row = |at: usize, rank: Option<usize>| {
        let (driver, known) = (&drivers[at], found[at].as_ref().ok());
        DriverRow {
            segmentation: None,
            target: target.to_owned(),
            basis: scope.outcome.name().to_owned(),
            driver: driver.name.to_owned(),
            driver_kind: driver.kind.to_owned(),
            measure: "eta_squared".to_owned(),
            value: known.map(|found| found.value),
            adjusted: known.map(|found| found.adjusted),
            groups: known.map(|found| found.groups as i64),
            n: driver.groups.iter().map(|group| group.customers).sum::<u64>() as i64,
            rank: rank.map(|rank| rank as i64 + 1),
            is_input: None,
            p_value: p_value(at),
            q_value: rank.and_then(|rank| q_values.get(rank).copied()),
            tests: rank.map(|_| q_values.len() as i64),
            reason: found[at].as_ref().err().cloned(),
        }
    };
    let unranked = (0..found.len()).filter(|at| !ranked.contains(at)).map(|at| row(at, None));
    ranked.iter().enumerate().map(|(rank, at)| row(*at, Some(rank))).chain(unranked).collect()
}

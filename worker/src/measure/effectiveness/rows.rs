//! From the merged statistic to the rows of `effectiveness.parquet`.

use super::{
    metric::{Cell, Comparison, IN_SAMPLE, Measured, NamedMetric, OUT_OF_SCOPE, TOTAL, Why},
    own::OwnTotals,
    own_metric,
    registry::REGISTRY,
    totals::{EffectivenessStatistic, SegmentTotals},
};
use crate::{
    measure::{groups::apart_from_all, inference::benjamini_hochberg},
    results::EffectivenessRow,
};
use chrono::NaiveDate;
use segmenter_proto::{Error, Result, jobs::OwnMetric, methods};

/// Which segmentation is measured, and over what.
#[derive(Debug, Clone, Copy)]
pub struct EffectivenessScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// Which rows are measured.
    pub basis: Basis,
    /// Features end before this day, and the outcome window begins on it.
    pub as_of: NaiveDate,
    /// ISO 4217 code of every amount; none where there are no amounts.
    pub currency: Option<&'a str>,
    /// Whether there are transactions.
    pub has_purchases: bool,
    /// Metrics of the user's own, which are measured on outcomes.
    pub own: &'a [OwnMetric],
    /// Of intervals, such as 0.95.
    pub level: f64,
}

/// Which rows are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// All history, of which the segments were made: it describes them, and has no interval and no test.
    InSample,
    /// The window from `as_of` on, which no feature saw: it judges them.
    Outcome {
        /// The day before which the window ends.
        end: NaiveDate,
        /// The day of the newest row that was seen. The window is over where that is its last day, or later.
        newest: Option<NaiveDate>,
    },
}

impl Basis {
    /// Gives the word of the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::InSample => "in_sample",
            Self::Outcome { .. } => "outcome",
        }
    }

    /// Gives why nothing can be said yet.
    pub fn not_over(self) -> Option<String> {
        self.why_not_over().map(|why| why.to_string())
    }

    fn why_not_over(self) -> Option<Why> {
        match self {
            Self::Outcome { end, newest }
                if newest.and_then(|newest| newest.succ_opt()).is_none_or(|day| day < end) =>
            {
                Some(Why::NotOver { ends: end, newest })
            }
            _ => None,
        }
    }
}

/// Gives the rows of one segmentation, by segment and metric.
///
/// The population are all customers in scope, `no_purchases` among them, and the rest those of them who are not in the segment. Who is out of
/// scope has values, and is compared with nobody. The tests of one call are one family.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn effectiveness_rows(
    scope: &EffectivenessScope<'_>,
    statistic: &EffectivenessStatistic,
) -> Result<Vec<EffectivenessRow>> {
    let (by_segment, all) = apart_from_all(&statistic.by_segment, scope.overlapping)?;
    if by_segment.len() != scope.segment_keys.len() {
        return Err(Error::bug(format!("effectiveness of segmentation {} has other segments", scope.segmentation)));
    }
    let is_compared: Vec<bool> = scope.segment_keys.iter().map(|key| key != methods::OUT_OF_SCOPE).collect();
    let population = population_of(all, by_segment, &is_compared, SegmentTotals::merge);
    let own = scope.own.iter().zip(&statistic.own).map(|(metric, totals)| {
        let (by_segment, all) = apart_from_all(totals, scope.overlapping)?;
        Ok((metric, by_segment, population_of(all, by_segment, &is_compared, OwnTotals::merge)))
    });
    let own_metrics: Vec<(&OwnMetric, &[OwnTotals], OwnTotals)> = own.collect::<Result<_>>()?;
    let mut rows = Vec::new();
    for (segment, (key, own)) in scope.segment_keys.iter().zip(by_segment).enumerate() {
        let is_compared = is_compared[segment];
        let rest = if is_compared { population.without(own) } else { SegmentTotals::default() };
        let comparison = Comparison { level: scope.level, own, rest: &rest, population: &population };
        let metrics = REGISTRY.iter().filter(|metric| {
            (scope.has_purchases || !metric.needs_purchases())
                && (scope.basis != Basis::InSample || !metric.needs_outcome())
        });
        rows.extend(metrics.map(|metric| {
            let measured = said(scope.basis, is_compared, metric.measure(&comparison));
            row(scope, key, NamedMetric::of(*metric), measured)
        }));
        for (metric, by_segment, population) in &own_metrics {
            let own = &by_segment[segment];
            let rest = if is_compared { population.without(own) } else { OwnTotals::default() };
            let measured = own_metric::measure(metric.kind, own, &rest, population, scope.level);
            let measured = said(scope.basis, is_compared, measured);
            let mut row = row(scope, key, own_metric::named(metric), measured);
            let reasons = row.reason.take().into_iter().chain(own_metric::unknown(own));
            row.reason = reasons.reduce(|reasons, more| format!("{reasons}; {more}"));
            rows.push(row);
        }
    }
    let tested: Vec<f64> = rows.iter().filter_map(|row| row.p_value).collect();
    let mut q_values = benjamini_hochberg(&tested).into_iter();
    for row in rows.iter_mut().filter(|row| row.p_value.is_some()) {
        row.q_value = q_values.next();
        row.tests = Some(tested.len() as i64);
    }
    Ok(rows)
}

/// Gives what all in scope have: `all` where customers can be in several segments, and the sum of the segments otherwise.
fn population_of<T: Clone + Default>(
    all: Option<&T>,
    by_segment: &[T],
    is_compared: &[bool],
    merge: fn(&mut T, &T),
) -> T {
    all.cloned().unwrap_or_else(|| {
        let mut population = T::default();
        let in_scope = is_compared.iter().zip(by_segment).filter(|(is_compared, _)| **is_compared);
        in_scope.for_each(|(_, totals)| merge(&mut population, totals));
        population
    })
}

/// Leaves of a measure what can be said on its basis.
fn said(basis: Basis, is_compared: bool, measured: Measured) -> Measured {
    if let Some(why) = basis.why_not_over() {
        let n = measured.n;
        return Measured {
            value: Err(why),
            n,
            interval: Err(why),
            rest: Err(why),
            population: Err(why),
            p_value: Err(why),
        };
    }
    let mut said = measured;
    if !is_compared {
        (said.rest, said.p_value) = (Err(OUT_OF_SCOPE), Err(OUT_OF_SCOPE));
    }
    if basis == Basis::InSample {
        (said.interval, said.p_value) = (Err(IN_SAMPLE), Err(IN_SAMPLE));
    }
    said
}

fn row(scope: &EffectivenessScope<'_>, key: &str, metric: NamedMetric<'_>, measured: Measured) -> EffectivenessRow {
    let (window_start, window_end) = match scope.basis {
        Basis::InSample => (None, scope.as_of),
        Basis::Outcome { end, .. } => (Some(scope.as_of), end),
    };
    let index = match (measured.value, measured.population) {
        (Ok(_), Ok(_)) if metric.is_total => Err(TOTAL),
        (Ok(value), Ok(population)) if population > 0.0 => Ok(value / population),
        (Ok(_), Ok(_)) => Err(Why::Own("the population's value is not above 0")),
        (Err(why), _) | (_, Err(why)) => Err(why),
    };
    let lift = match (measured.value, measured.rest) {
        (Ok(_), Ok(_)) if metric.is_total => Err(TOTAL),
        (Ok(value), Ok(rest)) if rest > 0.0 => Ok(value / rest),
        (Ok(_), Ok(_)) => Err(Why::Own("the rest's value is not above 0")),
        (Err(why), _) | (_, Err(why)) => Err(why),
    };
    EffectivenessRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: key.to_owned(),
        metric: metric.name.to_owned(),
        basis: scope.basis.name().to_owned(),
        window_start,
        window_end,
        unit: metric.unit.as_str().to_owned(),
        currency: scope.currency.filter(|_| metric.unit.is_money()).map(str::to_owned),
        value: measured.value.ok(),
        n: i64::try_from(measured.n).unwrap_or(i64::MAX),
        ci_low: measured.interval.ok().map(|(low, _)| low),
        ci_high: measured.interval.ok().map(|(_, high)| high),
        ci_level: measured.interval.ok().map(|_| scope.level),
        rest_value: measured.rest.ok(),
        population_value: measured.population.ok(),
        index: index.ok(),
        lift: lift.ok(),
        p_value: measured.p_value.ok(),
        q_value: None,
        tests: None,
        reason: reason(&measured, index, lift),
    }
}

/// Gives why cells are null, as `cells: why; cells: why`, in the order of the columns.
fn reason(measured: &Measured, index: Cell, lift: Cell) -> Option<String> {
    let cells = [
        ("value", measured.value.err()),
        ("ci", measured.interval.err()),
        ("rest_value", measured.rest.err()),
        ("population_value", measured.population.err()),
        ("index", index.err()),
        ("lift", lift.err()),
        ("p_value, q_value", measured.p_value.err()),
    ];
    let mut by_why: Vec<(Why, Vec<&str>)> = Vec::new();
    for (cell, why) in cells {
        let Some(why) = why else { continue };
        match by_why.iter_mut().find(|(known, _)| *known == why) {
            Some((_, named)) => named.push(cell),
            None => by_why.push((why, vec![cell])),
        }
    }
    let parts: Vec<String> = by_why.iter().map(|(why, cells)| format!("{}: {why}", cells.join(", "))).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;

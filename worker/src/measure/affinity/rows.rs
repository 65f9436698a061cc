//! From counts to the rows of `affinity.parquet`.

use super::solver::{AffinityFound, ItemTotal, Pair};
use crate::{measure::inference::normal_quantile, results::AffinityRow};
use segmenter_proto::{
    Result,
    jobs::{Affinity, First},
    methods,
    pure_math::{exp, ln, sqrt},
};

/// How much more often two items go together than by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lift {
    /// The share of those with the first item that have the second, by the share of all that have it.
    pub lift: f64,
    /// Its interval.
    pub low: f64,
    /// The other end.
    pub high: f64,
}

impl Lift {
    /// Gives the lift of two items of which `n` have both, of `all`, and its interval at `level`: normal on the scale of the logarithm, with
    /// the variance of ln(n·all / (first·second)) by the delta method over the four cells of the table, 1/n − 1/first − 1/second + (2·lift − 1)/all.
    /// It is computed as ((first − n)·(second − n) + n²) / (n·first·second) − 1/all, which is 0 where it should be.
    pub fn of(n: u64, (first, second): (u64, u64), all: u64, level: f64) -> Self {
        let [both, first, second, all] = [n, first, second, all].map(|count| count as f64);
        // The same both ways.
        let lift = (both * all) / (first * second);
        let variance = ((first - both) * (second - both) + both * both) / (both * (first * second)) - 1.0 / all;
        let half = normal_quantile(level) * sqrt(variance.max(0.0));
        Self { lift, low: exp(ln(lift) - half), high: exp(ln(lift) + half) }
    }
}

/// Whose pairs rows are of.
struct Group<'a> {
    segment_key: Option<&'a String>,
    n: u64,
    items: Vec<ItemTotal>,
    pairs: &'a [Pair],
}

/// Gives the pairs of an affinity of which most is known to go together: of everybody, then of each segment, by first item.
///
/// # Errors
/// Bug only.
pub fn affinity_rows(
    affinity: &Affinity,
    segment_keys: &[String],
    found: &AffinityFound,
    level: f64,
) -> Result<Vec<AffinityRow>> {
    let everybody = Group {
        segment_key: None,
        n: found.totals.n,
        items: found.items.iter().map(|item| item.n).collect(),
        pairs: &found.pairs,
    };
    let mut rows = of_group(affinity, found, &everybody, level)?;
    let segments = segment_keys.iter().zip(&found.segments).filter(|(key, _)| *key != methods::OUT_OF_SCOPE);
    for (key, segment) in segments {
        let items = segment.items.clone();
        let group = Group { segment_key: Some(key), n: segment.n, items, pairs: &segment.pairs };
        rows.extend(of_group(affinity, found, &group, level)?);
    }
    Ok(rows)
}

fn of_group(affinity: &Affinity, found: &AffinityFound, group: &Group<'_>, level: f64) -> Result<Vec<AffinityRow>> {
    let bug = || segmenter_proto::Error::bug("a pair is of items that are not taken");
    let total = |item: u32| group.items.get(item as usize).copied().ok_or_else(bug);
    let mut directed: Vec<(Pair, Lift)> = Vec::with_capacity(2 * group.pairs.len());
    for pair in group.pairs {
        let mut add = |pair: Pair| -> Result<()> {
            let totals = (total(pair.first)?.first, total(pair.second)?.second);
            directed.push((pair, Lift::of(pair.n, totals, group.n, level)));
            Ok(())
        };
        add(*pair)?;
        if affinity.from == First::Bought {
            add(Pair { first: pair.second, second: pair.first, ..*pair })?;
        }
    }
    directed.sort_unstable_by(|(left, of_left), (right, of_right)| {
        (left.first.cmp(&right.first))
            .then_with(|| of_right.low.total_cmp(&of_left.low))
            .then_with(|| right.n.cmp(&left.n))
            .then_with(|| left.second.cmp(&right.second))
    });
    let mut rows = Vec::new();
    for own in directed.chunk_by(|(left, _), (right, _)| left.first == right.first) {
        for (rank, (pair, lift)) in (1..).zip(own.iter().take(affinity.top as usize)) {
            let name = |item: u32| found.items.get(item as usize).map(|item| item.name.clone()).ok_or_else(bug);
            let (n_item, n_then) = (total(pair.first)?.first, total(pair.second)?.second);
            let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            rows.push(AffinityRow {
                affinity: affinity.name.clone(),
                basis: "in_sample".to_owned(),
                segmentation: group.segment_key.and(affinity.segmentation.clone()),
                segment_key: group.segment_key.cloned(),
                item_was: affinity.from.word().to_owned(),
                within: affinity.within.word().to_owned(),
                item: name(pair.first)?,
                rank,
                then_item: name(pair.second)?,
                n: whole(group.n),
                n_item: whole(n_item),
                n_then: whole(n_then),
                n_both: whole(pair.n),
                customers: whole(pair.customers),
                support: pair.n as f64 / group.n as f64,
                confidence: pair.n as f64 / n_item as f64,
                lift: lift.lift,
                ci_low: lift.low,
                ci_high: lift.high,
                ci_level: level,
            });
        }
    }
    Ok(rows)
}

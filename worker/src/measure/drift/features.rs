//! How far features are from what they were: the stability index over the bins of the run before.

use super::psi::psi;
use crate::{
    measure::{BinnedFeature, Bins},
    results::{DistributionRow, DriftRow},
};

/// Bins that a number has in a stability index.
const BINS: u64 = 10;

/// A feature of both runs with the bins of then.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedFeature {
    /// Its name.
    pub name: String,
    /// Its bins, to be counted now.
    pub feature: BinnedFeature,
    /// Customers then, by bin, those without a value last.
    pub then: Vec<u64>,
}

impl ComparedFeature {
    /// Gives the customers of a run by the bins of this category, from what that run told of it; nobody in the bins of a number.
    pub fn counted(&self, now: &[DistributionRow]) -> Vec<u64> {
        let mut counts = vec![0; self.feature.bins()];
        let Bins::Levels(levels) = &self.feature.by else { return counts };
        let rows: Vec<&DistributionRow> = now.iter().filter(|row| row.feature == self.name).collect();
        // Last come the other levels, and those without a value.
        let named = rows.len().saturating_sub(2);
        for (at, row) in rows.iter().enumerate() {
            let own = row.level.as_ref().filter(|_| at < named);
            let bin = match own.and_then(|level| levels.iter().position(|known| known == level)) {
                _ if row.is_missing => levels.len() + 1,
                Some(bin) => bin,
                None => levels.len(),
            };
            counts[bin] += u64::try_from(row.customers).unwrap_or_default();
        }
        counts
    }
}

/// Gives the features of now that the run before has told the distribution of: `features` are their names, positions in `features/`, and whether
/// they are categories. Of a number adjacent bins are put together to about a tenth of customers each, the cut nearest to each decile.
pub fn compared_features<'a>(
    features: impl Iterator<Item = (&'a str, u32, bool)>,
    before: &[DistributionRow],
) -> Vec<ComparedFeature> {
    let compared = features.filter_map(|(name, column, is_category)| {
        let rows: Vec<&DistributionRow> = before.iter().filter(|row| row.feature == name).collect();
        let was_category = rows.iter().any(|row| row.level.is_some());
        if rows.is_empty() || is_category != was_category {
            return None;
        }
        let counts: Vec<u64> = rows.iter().map(|row| u64::try_from(row.customers).unwrap_or_default()).collect();
        let (known, missing) = counts.split_at(counts.len().saturating_sub(1));
        let (by, mut then) = match is_category {
            true => {
                // The last of them is that of the others, whatever a level may be called.
                let levels = rows.iter().filter_map(|row| row.level.clone());
                let levels = levels.take(known.len().saturating_sub(1)).collect();
                (Bins::Levels(levels), known.to_vec())
            }
            false => {
                let cuts: Vec<f64> = rows.iter().filter_map(|row| row.high).collect();
                tenths(&cuts, known)
            }
        };
        then.extend(missing);
        Some(ComparedFeature { name: name.to_owned(), feature: BinnedFeature { column, by }, then })
    });
    compared.collect()
}

/// Keeps of rising cuts those that are nearest to the deciles.
fn tenths(cuts: &[f64], customers: &[u64]) -> (Bins, Vec<u64>) {
    let all: u64 = customers.iter().sum();
    let below: Vec<u64> = customers
        .iter()
        .scan(0, |sum, own| {
            *sum += own;
            Some(*sum)
        })
        .collect();
    let mut kept: Vec<usize> = (1..BINS)
        .filter_map(|tenth| (0..cuts.len()).min_by_key(|at| (below[*at] * BINS).abs_diff(all * tenth)))
        .collect();
    kept.dedup();
    let mut counts = Vec::new();
    let mut before = 0;
    for at in &kept {
        counts.push(below[*at] - before);
        before = below[*at];
    }
    counts.push(all - before);
    (Bins::Cuts(kept.into_iter().map(|at| cuts[at]).collect()), counts)
}

/// Gives a row a feature of now, in the order of `names`; `now` are customers by the bins of `compared`, one after the other.
pub fn feature_drift(names: &[String], compared: &[ComparedFeature], now: &[Vec<u64>]) -> Vec<DriftRow> {
    let row = |name: &String| {
        let found = compared.iter().zip(now).find(|(feature, _)| feature.name == *name);
        let told_apart = found.filter(|(compared, _)| compared.feature.values() > 1);
        let value = told_apart.and_then(|(feature, now)| psi(&feature.then, now));
        let reason = match (found, value) {
            (None, _) => Some("the run before has not told how it is spread, or it was of another kind"),
            (Some(_), None) if told_apart.is_none() => {
                Some("its values then were too alike, or of too few customers, to tell bins apart")
            }
            (Some(_), None) => Some("one of the runs has no customers"),
            _ => None,
        };
        DriftRow {
            subject: "feature".to_owned(),
            name: name.clone(),
            segment_key: None,
            measure: "psi".to_owned(),
            value,
            previous_value: None,
            n: found.map(|(_, now)| now.iter().sum::<u64>() as i64),
            reason: reason.map(str::to_owned),
        }
    };
    names.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::OTHER_LEVELS;

    fn row(bin: i32, high: Option<f64>, level: Option<&str>, customers: i64) -> DistributionRow {
        DistributionRow {
            feature: "x".to_owned(),
            bin,
            low: None,
            high,
            level: level.map(str::to_owned),
            is_missing: false,
            customers,
            share: 0.0,
            std: None,
        }
    }

    #[test]
    fn a_number_is_compared_by_tenths_of_the_run_before() {
        let mut rows: Vec<DistributionRow> = (0..20)
            .map(|at| row(at + 1, (at < 19).then_some(f64::from(at)), None, if at == 3 { 100 } else { 50 }))
            .collect();
        rows.push(DistributionRow { is_missing: true, ..row(21, None, None, 9) });
        let found = compared_features([("x", 4, false), ("y", 5, false)].into_iter(), &rows);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].then.iter().sum::<u64>(), 1_059);
        assert_eq!(found[0].then.len(), 11);
        let Bins::Cuts(cuts) = &found[0].feature.by else { panic!() };
        assert_eq!((cuts.len(), found[0].feature.column), (9, 4));
        assert_eq!(found[0].then, [100, 150, 50, 100, 100, 150, 100, 100, 100, 100, 9]);
        assert!(compared_features([("x", 4, true)].into_iter(), &rows).is_empty(), "it was a number");
    }

    #[test]
    fn levels_are_compared_one_by_one_and_new_ones_are_one_bin() {
        let mut rows =
            vec![row(1, None, Some("a"), 60), row(2, None, Some("b"), 40), row(3, None, Some(OTHER_LEVELS), 0)];
        rows.push(DistributionRow { is_missing: true, ..row(4, None, None, 0) });
        let found = compared_features([("x", 0, true)].into_iter(), &rows);
        assert_eq!(found[0].feature.by, Bins::Levels(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(found[0].then, [60, 40, 0, 0]);
        let names = ["x".to_owned(), "z".to_owned()];
        let drift = feature_drift(&names, &found, &[vec![60, 40, 0, 0]]);
        assert_eq!((drift[0].value, drift[0].n, &drift[0].reason), (Some(0.0), Some(100), &None));
        assert!(drift[1].value.is_none() && drift[1].reason.is_some());
        assert_eq!(found[0].counted(&rows), [60, 40, 0, 0]);
    }

    #[test]
    fn a_level_may_be_called_as_the_others_are() {
        let mut rows = vec![
            row(1, None, Some(OTHER_LEVELS), 60),
            row(2, None, Some("b"), 40),
            row(3, None, Some(OTHER_LEVELS), 9),
        ];
        rows.push(DistributionRow { is_missing: true, ..row(4, None, None, 2) });
        let found = compared_features([("x", 0, true)].into_iter(), &rows);
        assert_eq!(found[0].feature.by, Bins::Levels(vec![OTHER_LEVELS.to_owned(), "b".to_owned()]));
        assert_eq!((found[0].then.clone(), found[0].counted(&rows)), (vec![60, 40, 9, 2], vec![60, 40, 9, 2]));
    }

    #[test]
    fn values_that_were_all_alike_tell_no_drift() {
        let rows = vec![row(1, None, None, 40), DistributionRow { is_missing: true, ..row(2, None, None, 0) }];
        let found = compared_features([("x", 0, false)].into_iter(), &rows);
        let drift = feature_drift(&["x".to_owned()], &found, &[vec![40, 0]]);
        assert!(drift[0].value.is_none() && drift[0].reason.as_ref().unwrap().contains("too alike"));
    }
}

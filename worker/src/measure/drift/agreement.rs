//! How far segmentations are from what they were: shares, agreement, and how many moved.

use super::psi::psi;
use crate::results::DriftRow;
use segmenter_proto::v1::{SegmentChanges, SegmentMove};
use std::collections::BTreeMap;

/// Why there is no value.
const NOBODY: &str = "no customer is in both runs";
const OVERLAP: &str = "segments overlap";

/// How many of the customers of both runs are in another segment now.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedShare {
    /// Name of the segmentation.
    pub segmentation: String,
    /// The share.
    pub share: f64,
    /// Customers of both runs.
    pub customers: u64,
}

/// Gives the customers of both runs, and how many of them moved.
fn in_both(changes: &SegmentChanges) -> (u64, u64) {
    let both = changes.moves.iter().filter(|moved| moved.before.is_some() && moved.now.is_some());
    both.fold((0, 0), |(all, moved), own| {
        (all + own.customers, moved + if own.before == own.now { 0 } else { own.customers })
    })
}

/// Gives how many moved, of each of these segmentations that no customer is in several segments of.
pub fn moved_shares<'a>(changes: impl Iterator<Item = (&'a SegmentChanges, bool)>) -> Vec<MovedShare> {
    let apart = changes.filter(|(_, overlapping)| !overlapping);
    let share = apart.filter_map(|(own, _)| {
        let (customers, moved) = in_both(own);
        let share = (customers > 0).then(|| moved as f64 / customers as f64)?;
        Some(MovedShare { segmentation: own.segmentation.clone(), share, customers })
    });
    share.collect()
}

/// Gives the rows of one segmentation: the stability index of the sizes of its segments, the adjusted Rand index (Hubert and Arabie 1985) and the
/// share of those who moved over customers of both runs, and by segment the share of customers and the Jaccard index of then and now over those of
/// both runs. Where segments overlap (`all` customers then and now), shares are of all customers, and the Jaccard index is over all of them too, since
/// it is not counted who of those that left a segment left the run.
pub fn segmentation_drift(changes: &SegmentChanges, overlapping: Option<[u64; 2]>) -> Vec<DriftRow> {
    let row = |segment_key: Option<&str>, measure: &str, value: Option<f64>, n: u64, reason: &str| DriftRow {
        subject: if segment_key.is_some() { "segment" } else { "segmentation" }.to_owned(),
        name: changes.segmentation.clone(),
        segment_key: segment_key.map(str::to_owned),
        measure: measure.to_owned(),
        value,
        previous_value: None,
        n: Some(n as i64),
        reason: value.is_none().then(|| reason.to_owned()),
    };
    let sizes = Sizes::of(&changes.moves, overlapping.is_some());
    let (then, now): (Vec<u64>, Vec<u64>) = sizes.0.values().map(|own| (own.then, own.now)).unzip();
    let [n_then, n_now] = overlapping.unwrap_or([then.iter().sum(), now.iter().sum()]);
    let (both, moved) = in_both(changes);
    let nobody = "one of the runs has no customers";
    let mut rows = vec![row(None, "psi", psi(&then, &now), n_now, nobody)];
    match overlapping.is_some() {
        true => rows.extend(["adjusted_rand_index", "moved_share"].map(|measure| row(None, measure, None, 0, OVERLAP))),
        false => {
            rows.push(row(None, "adjusted_rand_index", rand_index(&changes.moves), both, NOBODY));
            let share = (both > 0).then(|| moved as f64 / both as f64);
            rows.push(row(None, "moved_share", share, both, NOBODY));
        }
    }
    for (key, own) in &sizes.0 {
        let share = |customers: u64, n: u64| (n > 0).then(|| customers as f64 / n as f64);
        let now = row(Some(key), "share", share(own.now, n_now), n_now, nobody);
        rows.push(DriftRow { previous_value: share(own.then, n_then), ..now });
        let union = own.then_of_both + own.now_of_both - own.stayed;
        rows.push(row(Some(key), "jaccard", share(own.stayed, union), union, NOBODY));
    }
    rows
}

/// Customers by segment.
#[derive(Debug, Default)]
struct Sizes<'a>(BTreeMap<&'a str, Size>);

#[derive(Debug, Default)]
struct Size {
    then: u64,
    now: u64,
    /// Of customers who are in both runs; where segments overlap of all.
    then_of_both: u64,
    now_of_both: u64,
    stayed: u64,
}

impl<'a> Sizes<'a> {
    fn of(moves: &'a [SegmentMove], overlapping: bool) -> Self {
        let mut sizes = Self::default();
        for SegmentMove { before, now, customers, .. } in moves {
            let both = overlapping || before.is_some() && now.is_some();
            if let Some(before) = before {
                let own = sizes.0.entry(before).or_default();
                own.then += customers;
                own.then_of_both += if both { *customers } else { 0 };
                own.stayed += if before == now.as_ref().unwrap_or(&String::new()) { *customers } else { 0 };
            }
            if let Some(now) = now {
                let own = sizes.0.entry(now).or_default();
                own.now += customers;
                own.now_of_both += if both { *customers } else { 0 };
            }
        }
        sizes
    }
}

/// Gives the adjusted Rand index over the customers of both runs; 1 where both put all of them into one segment; none of nobody.
fn rand_index(moves: &[SegmentMove]) -> Option<f64> {
    let pairs = |n: u64| u128::from(n) * u128::from(n.saturating_sub(1)) / 2;
    let (mut then, mut now): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) = Default::default();
    let (mut together, mut all) = (0, 0);
    for own in moves {
        let (Some(before), Some(after)) = (&own.before, &own.now) else { continue };
        *then.entry(before).or_default() += own.customers;
        *now.entry(after).or_default() += own.customers;
        together += pairs(own.customers);
        all += own.customers;
    }
    if all == 0 {
        return None;
    }
    let sum = |sizes: &BTreeMap<&str, u64>| sizes.values().map(|n| pairs(*n)).sum::<u128>() as f64;
    let (then, now, all) = (sum(&then), sum(&now), pairs(all) as f64);
    let expected = if all == 0.0 { 0.0 } else { then * now / all };
    let most = f64::midpoint(then, now);
    Some(if most == expected { 1.0 } else { (together as f64 - expected) / (most - expected) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(before: &str, now: &str, customers: u64) -> SegmentMove {
        let key = |key: &str| (!key.is_empty()).then(|| key.to_owned());
        SegmentMove { before: key(before), now: key(now), customers, most: Vec::new() }
    }

    fn changes(moves: Vec<SegmentMove>) -> SegmentChanges {
        SegmentChanges { segmentation: "s".to_owned(), moves }
    }

    fn value(rows: &[DriftRow], key: Option<&str>, measure: &str) -> Option<f64> {
        rows.iter().find(|row| row.segment_key.as_deref() == key && row.measure == measure).unwrap().value
    }

    #[test]
    fn the_rand_index_is_that_of_the_textbook() {
        // The example of Hubert and Arabie's formula in scikit-learn: labels 0 0 1 1 and 0 0 1 2 give 0.571428…
        let moves = vec![moved("a", "x", 2), moved("b", "y", 1), moved("b", "z", 1)];
        assert!((rand_index(&moves).unwrap() - 4.0 / 7.0).abs() < 1e-15);
        assert_eq!(rand_index(&[moved("a", "b", 5), moved("", "b", 3)]), Some(1.0));
        assert_eq!(rand_index(&[moved("a", "", 5)]), None);
        assert_eq!(rand_index(&[moved("a", "x", 1), moved("a", "y", 1)]), Some(0.0));
    }

    #[test]
    fn shares_and_agreement_are_of_the_customers_they_say() {
        let moves =
            vec![moved("", "a", 10), moved("a", "", 20), moved("a", "a", 60), moved("a", "b", 20), moved("b", "b", 20)];
        let rows = segmentation_drift(&changes(moves.clone()), None);
        assert_eq!(value(&rows, None, "moved_share"), Some(0.2));
        assert_eq!(value(&rows, Some("a"), "jaccard"), Some(60.0 / 80.0));
        assert_eq!(value(&rows, Some("b"), "jaccard"), Some(0.5));
        let share = rows.iter().find(|row| row.segment_key.as_deref() == Some("a") && row.measure == "share").unwrap();
        assert_eq!((share.value, share.previous_value, share.n), (Some(70.0 / 110.0), Some(100.0 / 120.0), Some(110)));
        assert_eq!(value(&rows, None, "psi"), psi(&[100, 20], &[70, 40]));
        let shares = moved_shares([(&changes(moves.clone()), false), (&changes(moves.clone()), true)].into_iter());
        assert_eq!(shares, [MovedShare { segmentation: "s".to_owned(), share: 0.2, customers: 100 }]);
        let overlapping = segmentation_drift(
            &changes(vec![moved("a", "a", 50), moved("a", "", 20), moved("", "a", 30)]),
            Some([100, 200]),
        );
        let share = overlapping.iter().find(|row| row.measure == "share").unwrap();
        assert_eq!((share.value, share.previous_value, share.n), (Some(0.4), Some(0.7), Some(200)));
        assert_eq!(value(&overlapping, Some("a"), "jaccard"), Some(0.5));
        let of_all = overlapping.iter().find(|row| row.measure == "moved_share").unwrap();
        assert_eq!((of_all.value, of_all.reason.as_deref()), (None, Some(OVERLAP)));
    }
}

//! The rows of `migration.parquet`.

use crate::{measure::OTHER_LEVELS, results::MigrationRow};
use segmenter_proto::v1::{SegmentChanges, SegmentMove};
use std::{cmp::Reverse, collections::BTreeMap};

/// Features that are told of a move.
const MOST: usize = 3;

/// Gives the rows of one segmentation, sorted by both keys. `min_cell` is how many customers a claim about those who moved is of at least; where keys
/// are values of customers (`are_values`), levels of fewer are one.
pub fn migration_rows(changes: &SegmentChanges, are_values: bool, min_cell: u64) -> Vec<MigrationRow> {
    let moves: Vec<(SegmentMove, bool)> = match are_values {
        true => without_few(&changes.moves, min_cell),
        false => changes.moves.iter().map(|own| (own.clone(), own.before != own.now)).collect(),
    };
    let (mut then, mut now): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) = Default::default();
    for (own, _) in &moves {
        if let Some(before) = &own.before {
            *then.entry(before).or_default() += own.customers;
        }
        if let Some(after) = &own.now {
            *now.entry(after).or_default() += own.customers;
        }
    }
    let row = |(own, has_moved): &(SegmentMove, bool)| {
        let change = match (&own.before, &own.now) {
            (None, _) => "joined",
            (_, None) => "left",
            _ if *has_moved => "moved",
            _ => "stayed",
        };
        let share = |all: Option<&u64>| all.filter(|all| **all > 0).map(|all| own.customers as f64 / *all as f64);
        MigrationRow {
            segmentation: changes.segmentation.clone(),
            previous_segment_key: own.before.clone(),
            segment_key: own.now.clone(),
            change: change.to_owned(),
            customers: own.customers as i64,
            share_of_previous: share(own.before.as_deref().and_then(|key| then.get(key))),
            share_of_segment: share(own.now.as_deref().and_then(|key| now.get(key))),
            moved_most: moved_most(own, min_cell),
        }
    };
    moves.iter().map(row).collect()
}

/// Says which features moved most, of enough customers.
fn moved_most(own: &SegmentMove, min_cell: u64) -> Option<String> {
    let mut most: Vec<(&str, u64)> = own.most.iter().map(|of| (of.feature.as_str(), of.customers)).collect();
    most.retain(|(_, customers)| *customers >= min_cell.max(1));
    most.sort_by_key(|(feature, customers)| (Reverse(*customers), *feature));
    let share = |customers: u64| (customers as f64 / own.customers as f64 * 100.0).round();
    let told = most.iter().take(MOST).map(|(feature, customers)| format!("{feature} {} %", share(*customers)));
    Some(told.collect::<Vec<_>>().join(", ")).filter(|told| !told.is_empty())
}

/// Puts levels together that too few customers have, then and now. Who moved between two of them moved all the same.
fn without_few(moves: &[SegmentMove], min_cell: u64) -> Vec<(SegmentMove, bool)> {
    let mut customers: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for own in moves {
        for (at, key) in [&own.before, &own.now].into_iter().enumerate() {
            if let Some(key) = key {
                customers.entry(key).or_default()[at] += own.customers;
            }
        }
    }
    let shown = |key: &Option<String>| {
        let of = |key: &String| customers.get(key.as_str()).map_or(0, |[then, now]| *then.max(now));
        key.as_ref().map(|key| if of(key) < min_cell { OTHER_LEVELS.to_owned() } else { key.clone() })
    };
    let mut merged: BTreeMap<(Option<String>, Option<String>, bool), u64> = BTreeMap::new();
    for own in moves {
        *merged.entry((shown(&own.before), shown(&own.now), own.before != own.now)).or_default() += own.customers;
    }
    let moved =
        |((before, now, has_moved), customers)| (SegmentMove { before, now, customers, most: Vec::new() }, has_moved);
    merged.into_iter().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::v1::FeatureMoves;

    fn moved(before: &str, now: &str, customers: u64, most: &[(&str, u64)]) -> SegmentMove {
        let key = |key: &str| (!key.is_empty()).then(|| key.to_owned());
        let most = most
            .iter()
            .map(|(feature, customers)| FeatureMoves { feature: (*feature).to_owned(), customers: *customers });
        SegmentMove { before: key(before), now: key(now), customers, most: most.collect() }
    }

    #[test]
    fn shares_are_of_then_and_of_now() {
        let moves = vec![
            moved("", "b", 10, &[]),
            moved("a", "", 20, &[]),
            moved("a", "a", 50, &[]),
            moved("a", "b", 30, &[("monetary", 6), ("orders", 2), ("recency_days", 15)]),
        ];
        let rows = migration_rows(&SegmentChanges { segmentation: "s".to_owned(), moves }, false, 5);
        let told: Vec<(&str, i64, Option<f64>, Option<f64>)> = rows
            .iter()
            .map(|row| (row.change.as_str(), row.customers, row.share_of_previous, row.share_of_segment))
            .collect();
        assert_eq!(
            told,
            [
                ("joined", 10, None, Some(0.25)),
                ("left", 20, Some(0.2), None),
                ("stayed", 50, Some(0.5), Some(1.0)),
                ("moved", 30, Some(0.3), Some(0.75)),
            ]
        );
        assert_eq!(rows[3].moved_most.as_deref(), Some("recency_days 50 %, monetary 20 %"), "orders are of too few");
    }

    #[test]
    fn a_tier_of_few_customers_is_not_named() {
        let moves = vec![
            moved("gold", "gold", 40, &[]),
            moved("gold", "rare", 3, &[]),
            moved("rare", "gold", 2, &[]),
            moved("rare", "odd", 4, &[]),
            moved("rare", "rare", 12, &[]),
        ];
        let rows = migration_rows(&SegmentChanges { segmentation: "loyalty_tier".to_owned(), moves }, true, 20);
        let keys: Vec<(Option<&str>, Option<&str>, &str, i64)> = rows
            .iter()
            .map(|row| {
                let keys = (row.previous_segment_key.as_deref(), row.segment_key.as_deref());
                (keys.0, keys.1, row.change.as_str(), row.customers)
            })
            .collect();
        assert_eq!(
            keys,
            [
                (Some("gold"), Some("gold"), "stayed", 40),
                (Some("gold"), Some(OTHER_LEVELS), "moved", 3),
                (Some(OTHER_LEVELS), Some("gold"), "moved", 2),
                (Some(OTHER_LEVELS), Some(OTHER_LEVELS), "stayed", 12),
                (Some(OTHER_LEVELS), Some(OTHER_LEVELS), "moved", 4),
            ]
        );
    }
}

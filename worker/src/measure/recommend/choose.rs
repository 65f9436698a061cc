//! What one customer is recommended.

use super::rules::{Rule, Rules};
use segmenter_proto::v1;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

/// What is known of a customer, as positions of items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taste {
    /// What leads to others: bought, or wished for.
    pub from: BTreeSet<u32>,
    /// What was bought.
    pub bought: BTreeSet<u32>,
    /// What is to be recommended never.
    pub ignored: BTreeSet<u32>,
}

/// An item that is recommended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chosen {
    /// Place, from 1.
    pub rank: i32,
    /// What led to it, and how.
    pub rule: Rule,
}

/// Chooses up to `top` items: those that most of who have what the customer has have too, of equals the one with the larger lift, then by
/// name. Of several rules that lead to an item the same decides which is told. Why others are left out is counted.
pub fn choose(
    rules: &Rules,
    taste: &Taste,
    in_stock: impl Fn(u32) -> bool,
    top: usize,
    counts: &mut v1::RecommendCounts,
) -> Vec<Chosen> {
    let mut best: BTreeMap<u32, Rule> = BTreeMap::new();
    for rule in taste.from.iter().flat_map(|first| rules.of(*first)) {
        let known = best.entry(rule.second).or_insert(*rule);
        if order(rule, known).then(rule.first.cmp(&known.first)) == Ordering::Less {
            *known = *rule;
        }
    }
    best.retain(|item, _| {
        let left_out = match item {
            item if taste.ignored.contains(item) => &mut counts.ignored,
            item if taste.bought.contains(item) && !rules.is_again(*item) => &mut counts.bought_already,
            item if !in_stock(*item) => &mut counts.not_in_stock,
            _ => return true,
        };
        *left_out += 1;
        false
    });
    let mut chosen: Vec<Rule> = best.into_values().collect();
    chosen.sort_by(|left, right| order(left, right).then(left.second.cmp(&right.second)));
    (1..).zip(chosen.into_iter().take(top)).map(|(rank, rule)| Chosen { rank, rule }).collect()
}

/// The better first.
fn order(left: &Rule, right: &Rule) -> Ordering {
    right.confidence.total_cmp(&left.confidence).then(right.lift.total_cmp(&left.lift))
}

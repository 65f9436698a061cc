//! From trees to the rows of `rules.parquet`.

use super::{
    bins::BinnedFeature,
    rule::{NamedFeature, rule},
    tree::Tree,
};
use crate::{measure::effectiveness::Basis, results::RuleRow};

/// Which segmentation the rules give back.
#[derive(Debug, Clone, Copy)]
pub struct RulesScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// The features with their bins, in the order of the tree's.
    pub features: &'a [BinnedFeature],
    /// What conditions have to know of them.
    pub named: &'a [NamedFeature<'a>],
    /// Customers of a rule at least.
    pub fewest: u64,
}

/// Gives the rules of one segmentation, by segment and then from left to right, and the segments that have none.
///
/// Every customer meets one rule. All figures are of all customers.
pub fn rule_rows(scope: &RulesScope<'_>, tree: &Tree) -> Vec<RuleRow> {
    let Some(root) = tree.nodes.first() else { return Vec::new() };
    let all = root.size();
    let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
    let empty = RuleRow {
        segmentation: scope.segmentation.to_owned(),
        basis: Basis::InSample.name().to_owned(),
        rule_id: None,
        segment_key: None,
        rule: None,
        n: None,
        matched: None,
        precision: None,
        segment_customers: 0,
        recall: None,
        fidelity: None,
        largest_share: None,
        reason: None,
    };
    if scope.overlapping {
        let reason = "segments overlap, and are rules already: model.json has them".to_owned();
        return vec![RuleRow { segment_customers: all as i64, reason: Some(reason), ..empty }];
    }
    let largest_share = share(root.customers.iter().copied().max().unwrap_or_default(), all);
    if root.split.is_none() {
        let reason =
            format!("no condition that {} customers meet, and as many do not, tells segments apart", scope.fewest);
        return vec![RuleRow { segment_customers: all as i64, largest_share, reason: Some(reason), ..empty }];
    }
    let leaves = tree.leaves();
    let fidelity = share(leaves.iter().map(|(_, leaf)| leaf.customers[leaf.segment()]).sum(), all);
    let mut rows = Vec::new();
    for (segment, key) in scope.segment_keys.iter().enumerate() {
        let customers = root.customers.get(segment).copied().unwrap_or_default();
        let of_segment = RuleRow {
            segment_key: Some(key.clone()),
            segment_customers: customers as i64,
            fidelity,
            largest_share,
            ..empty.clone()
        };
        let own: Vec<_> = leaves.iter().filter(|(_, leaf)| leaf.segment() == segment).collect();
        for (way, leaf) in &own {
            let (n, matched) = (leaf.size(), leaf.customers[segment]);
            rows.push(RuleRow {
                rule_id: Some(rows.iter().filter(|row: &&RuleRow| row.rule_id.is_some()).count() as i64 + 1),
                rule: rule(way, scope.features, scope.named),
                n: Some(n as i64),
                matched: Some(matched as i64),
                precision: share(matched, n),
                recall: share(matched, customers),
                ..of_segment.clone()
            });
        }
        if own.is_empty() && customers > 0 {
            let reason = "no rule of a tree this shallow has most of its customers in this segment".to_owned();
            rows.push(RuleRow { reason: Some(reason), ..of_segment });
        }
    }
    rows
}

//! What is said of segments by their sizes: clusters of one customer or of nearly all, and rules that nobody meets.

use crate::warning::Warning;
use segmenter_proto::{
    methods::{NO_PURCHASES, OTHER, OUT_OF_SCOPE, SegmentationModel},
    v1::SegmentCounts,
};
use segmenter_worker::notes::{Subject, grouped};

/// Share of the customers in the clusters of a segmentation from which on one of them is said to hold nearly all.
const NEARLY_ALL: f64 = 0.95;
/// Segments that are named at most.
const NAMED: usize = 5;

/// Gives what is to be said of the sizes of segments, each with its segmentation; `fitted` says whether models are of this run: a
/// score can be of few customers, and a cluster of one of them is nothing special.
pub fn doubtful_sizes(models: &[SegmentationModel], counts: &[SegmentCounts], fitted: bool) -> Vec<Warning> {
    let mut said = Vec::new();
    for (model, counts) in models.iter().zip(counts) {
        let segments = model.segments();
        let keyed = |counts: &[u64]| {
            let keyed = segments.iter().map(|segment| segment.key.as_str()).zip(counts.to_vec());
            keyed.filter(|(key, _)| ![OTHER, OUT_OF_SCOPE, NO_PURCHASES].contains(key))
        };
        let sizes: Vec<(&str, u64)> = keyed(&counts.customers).collect();
        let own = model.model();
        let sentences = match own.empty() {
            Some((what, why)) => {
                // Whom a rule holds for, or who is in the segment.
                let met = if counts.holds.is_empty() { &counts.customers } else { &counts.holds };
                let met: Vec<(&str, u64)> = keyed(met).collect();
                let mut said = empty(&met, what, why);
                if !own.overlapping() {
                    let taken = sizes.iter().zip(&met).filter(|((_, customers), (_, met))| *customers == 0 && *met > 0);
                    said.extend(taken_by_others(&taken.map(|(_, met)| *met).collect::<Vec<_>>(), sizes.len(), what));
                }
                said
            }
            None if own.fitted().is_some() => clusters(&sizes, fitted),
            None => continue,
        };
        let subject = Subject::Segmentation(model.segmentation().to_owned());
        said.extend(sentences.into_iter().map(|sentence| Warning::of(subject.clone(), sentence)));
    }
    said
}

fn clusters(sizes: &[(&str, u64)], fitted: bool) -> Vec<String> {
    let all: u64 = sizes.iter().map(|(_, customers)| customers).sum();
    let mut said = Vec::new();
    let alone: Vec<&str> = sizes.iter().filter(|(_, customers)| *customers == 1).map(|(key, _)| *key).collect();
    if fitted && !alone.is_empty() && all > 1 {
        let what = match alone.as_slice() {
            [key] => format!("cluster {key} is one customer of {all}"),
            keys => {
                format!("{} of {} clusters are one customer each of {all} ({})", keys.len(), sizes.len(), listed(keys))
            }
        };
        said.push(format!(
            "{what}: an outlier rather than a group; a larger `winsorise` cuts such values, or a `where` leaves them out"
        ));
    }
    let largest = sizes.iter().max_by_key(|(_, customers)| *customers).filter(|_| sizes.len() > 1 && all > 0);
    if let Some((key, customers)) = largest
        && *customers as f64 >= NEARLY_ALL * all as f64
    {
        let advice = match fitted {
            true => "take features that differ among them, or a `transform` of those with a long tail",
            false => "they may be others than those whom the model was fitted to",
        };
        said.push(format!(
            "cluster {key} is {:.1} % of the customers ({customers} of {all}), so that the clusters tell few of them apart; {advice}",
            *customers as f64 / all as f64 * 100.0
        ));
    }
    let empty: Vec<&str> = sizes.iter().filter(|(_, customers)| *customers == 0).map(|(key, _)| *key).collect();
    if fitted && !empty.is_empty() {
        let noun = if empty.len() == 1 { "cluster" } else { "clusters" };
        said.push(format!("{noun} {}: no customers, since others are more probable for each", listed(&empty)));
    }
    said
}

/// Names the segments of which nobody is.
fn empty(sizes: &[(&str, u64)], what: &str, why: &str) -> Vec<String> {
    let empty: Vec<&str> = sizes.iter().filter(|(_, customers)| *customers == 0).map(|(key, _)| *key).collect();
    let those = match empty.as_slice() {
        [] => return Vec::new(),
        [one] => format!("{what} `{one}` has no customers"),
        several => format!("{} of {} {what}s have no customers ({})", several.len(), sizes.len(), listed(several)),
    };
    vec![format!("{those}: {why}")]
}

/// Names the segments that customers meet who are all in others; each with how many do.
fn taken_by_others(taken: &[(&str, u64)], of: usize, what: &str) -> Option<String> {
    let those = match taken {
        [] => return None,
        [(key, 1)] => format!("{what} `{key}` has no customers, and 1 who meets it"),
        [(key, met)] => format!("{what} `{key}` has no customers, and {} who meet it", grouped(*met)),
        several => {
            let keys: Vec<&str> = several.iter().map(|(key, _)| *key).collect();
            format!("{} of {of} {what}s have no customers, and some who meet them ({})", several.len(), listed(&keys))
        }
    };
    Some(format!("{those}: {what}s above take them all; order them otherwise, or let all count with match = \"all\""))
}

fn listed(keys: &[&str]) -> String {
    let more = if keys.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", keys[..keys.len().min(NAMED)].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::methods::{RuleMatch, RuleModel, RulesModel};

    #[test]
    fn a_cluster_of_one_customer_is_said() {
        let said = clusters(&[("c01", 20), ("c02", 19), ("c03", 1)], true);
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("cluster c03 is one customer of 40: an outlier"), "{said:?}");
        let said = clusters(&[("c01", 7), ("c02", 1), ("c03", 1)], true);
        assert!(said[0].starts_with("2 of 3 clusters are one customer each of 9 (c02, c03):"), "{said:?}");
        assert!(clusters(&[("c01", 20), ("c02", 2)], true).is_empty());
        assert!(clusters(&[("c01", 3), ("c02", 1)], false).is_empty(), "of a score");
        assert!(clusters(&[("c01", 1)], true).is_empty(), "one customer in all");
    }

    #[test]
    fn a_cluster_of_nearly_all_is_said() {
        let said = clusters(&[("c01", 3880), ("c02", 120)], true);
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("cluster c01 is 97.0 % of the customers (3880 of 4000)"), "{said:?}");
        assert!(clusters(&[("c01", 949), ("c02", 51)], true).is_empty());
        assert_eq!(clusters(&[("c01", 950), ("c02", 50)], true).len(), 1);
        assert_eq!(clusters(&[("c01", 0), ("c02", 50)], false).len(), 1, "of a score");
        assert!(clusters(&[("c01", 50)], true).is_empty(), "that nothing was divided is said elsewhere");
        assert_eq!(clusters(&[("c01", 39), ("c02", 1)], true).len(), 2);
    }

    /// Of three rules: customers by key (a, other, p, z) who are in each, and for whom each holds.
    fn said_of_rules(matching: RuleMatch, customers: [u64; 4], holds: [u64; 4]) -> Vec<String> {
        let rule = |key: &str| RuleModel { key: key.to_owned(), name: key.to_owned(), when: "true".to_owned() };
        let rules = ["a", "z", "p"].map(rule).to_vec();
        let model = SegmentationModel::Rules(RulesModel { segmentation: "targets".to_owned(), matching, rules });
        let counts = SegmentCounts { customers: customers.to_vec(), holds: holds.to_vec(), ..SegmentCounts::default() };
        doubtful_sizes(&[model], &[counts], false).iter().map(Warning::to_string).collect()
    }

    #[test]
    fn rules_that_nobody_meets_are_named() {
        let said = |customers| said_of_rules(RuleMatch::First, customers, customers);
        assert!(said([1, 0, 2, 3]).is_empty());
        assert_eq!(said([1, 9, 0, 3]), ["segmentation targets: rule `p` has no customers: nobody meets the condition"]);
        assert!(said([0, 9, 0, 3])[0].contains("2 of 3 rules have no customers (a, p):"));
    }

    #[test]
    fn rules_whose_customers_others_take_are_told_apart() {
        let said = said_of_rules(RuleMatch::First, [4, 2, 0, 0], [4, 2, 1, 0]);
        assert!(said[0].ends_with("rule `z` has no customers: nobody meets the condition"), "{said:?}");
        assert!(
            said[1].contains("rule `p` has no customers, and 1 who meets it: rules above take them all"),
            "{said:?}"
        );
        let said = said_of_rules(RuleMatch::First, [4, 2, 0, 0], [4, 2, 1, 4]);
        assert!(said.len() == 1 && said[0].contains("2 of 3 rules have no customers, and some who meet them (p, z)"));
        assert!(said_of_rules(RuleMatch::All, [4, 2, 0, 0], [4, 2, 1, 4]).is_empty(), "all count");
    }
}

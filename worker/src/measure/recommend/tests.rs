//! What is recommended, by hand, and against plain sets.

use super::*;
use proptest::prelude::*;
use segmenter_proto::v1;
use std::collections::BTreeSet;

fn rule(first: u32, second: u32, confidence: f64, lift: f64) -> Rule {
    Rule { first, second, confidence, lift, n_both: 20 }
}

/// Items a to e; e is bought again as a rule.
fn rules() -> Rules {
    let items = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    let of = [
        rule(0, 1, 0.5, 2.0),
        rule(0, 2, 0.5, 3.0),
        rule(0, 4, 0.9, 1.5),
        rule(1, 2, 0.6, 2.0),
        rule(1, 3, 0.1, 9.0),
        rule(1, 0, 0.7, 2.0),
    ];
    Rules::new(items, vec![false, false, false, false, true], of.to_vec()).unwrap()
}

fn set(of: &[u32]) -> BTreeSet<u32> {
    of.iter().copied().collect()
}

fn chosen(taste: &Taste, in_stock: impl Fn(u32) -> bool, top: usize) -> (Vec<(u32, u32)>, v1::RecommendCounts) {
    let mut counts = v1::RecommendCounts::default();
    let chosen = choose(&rules(), taste, in_stock, top, &mut counts);
    assert!((1..).zip(&chosen).all(|(rank, of)| of.rank == rank));
    (chosen.iter().map(|of| (of.rule.first, of.rule.second)).collect(), counts)
}

#[test]
fn the_best_rule_leads_to_each_item() {
    let taste = Taste { from: set(&[0, 1]), bought: set(&[0, 1]), ignored: set(&[]) };
    // e by 0.9, c by 0.6 from b and not by 0.5 from a, d; a and b are bought already.
    let (all, counts) = chosen(&taste, |_| true, 9);
    assert_eq!(all, [(0, 4), (1, 2), (1, 3)]);
    assert_eq!((counts.bought_already, counts.ignored, counts.not_in_stock), (2, 0, 0));
    assert_eq!(chosen(&taste, |_| true, 2).0, [(0, 4), (1, 2)]);
    // Of equals the larger lift is first.
    let one = Taste { from: set(&[0]), ..Taste::default() };
    assert_eq!(chosen(&one, |_| true, 9).0, [(0, 4), (0, 2), (0, 1)]);
    assert!(chosen(&Taste::default(), |_| true, 9).0.is_empty());
}

#[test]
fn what_is_not_to_be_recommended_is_counted_once() {
    // e is bought, and is bought again as a rule; c is ignored though it is not in stock either.
    let taste = Taste { from: set(&[0, 1]), bought: set(&[0, 1, 4]), ignored: set(&[2]) };
    let (all, counts) = chosen(&taste, |item| item != 2 && item != 3, 9);
    assert_eq!(all, [(0, 4)]);
    assert_eq!((counts.bought_already, counts.ignored, counts.not_in_stock), (2, 1, 1));
    let ignored = Taste { ignored: set(&[4]), ..taste };
    assert!(chosen(&ignored, |_| true, 9).0.iter().all(|(_, item)| *item != 4), "what is ignored never comes back");
}

#[test]
fn rules_travel() {
    let rules = rules();
    assert_eq!(Rules::from_message(&rules.to_message()).unwrap(), rules);
    assert_eq!((rules.position(b"c"), rules.position(b"x"), rules.name(2), rules.len()), (Some(2), None, "c", 6));
    assert!(Rules::new(vec!["a".to_owned()], vec![true], vec![rule(0, 1, 0.5, 1.0)]).is_err());
}

proptest! {
    #[test]
    fn nothing_is_recommended_that_is_not_to_be(
        of in proptest::collection::btree_map((0..8_u32, 0..8_u32), (1..9_u32, 1..9_u32), 0..40),
        (from, bought, ignored, stock) in (
            proptest::collection::btree_set(0..8_u32, 0..8), proptest::collection::btree_set(0..8_u32, 0..8),
            proptest::collection::btree_set(0..8_u32, 0..4), proptest::collection::btree_set(0..8_u32, 0..9),
        ),
        again in proptest::collection::vec(any::<bool>(), 8),
        top in 1..9_usize,
    ) {
        let all: Vec<Rule> = of.iter().map(|((first, second), (confidence, lift))| {
            rule(*first, *second, f64::from(*confidence) / 9.0, f64::from(*lift))
        }).collect();
        let items = (0..8).map(|item| format!("i{item}")).collect();
        let rules = Rules::new(items, again.clone(), all.clone()).unwrap();
        let taste = Taste { from: from.clone(), bought: bought.clone(), ignored: ignored.clone() };
        let mut counts = v1::RecommendCounts::default();
        let chosen = choose(&rules, &taste, |item| stock.contains(&item), top, &mut counts);
        let led: BTreeSet<u32> = all.iter().filter(|rule| from.contains(&rule.first)).map(|rule| rule.second).collect();
        let may: BTreeSet<u32> = led.iter().copied()
            .filter(|item| !ignored.contains(item) && (!bought.contains(item) || again[*item as usize]) && stock.contains(item)).collect();
        prop_assert_eq!(chosen.len(), may.len().min(top));
        prop_assert_eq!(counts.ignored + counts.bought_already + counts.not_in_stock, (led.len() - may.len()) as u64);
        for of in &chosen {
            prop_assert!(may.contains(&of.rule.second) && from.contains(&of.rule.first));
            let best = all.iter().filter(|rule| from.contains(&rule.first) && rule.second == of.rule.second).map(|rule| rule.confidence);
            prop_assert_eq!(best.fold(0.0, f64::max), of.rule.confidence);
        }
        prop_assert!(chosen.windows(2).all(|two| two[0].rule.confidence >= two[1].rule.confidence));
    }
}

//! Counts of items and pairs against a count of everything at once, over any shards; lift by hand, and how often its interval holds.

use super::*;
use crate::measure::{chance::Chance, groups::Groups};
use arrow::{array::BinaryArray, buffer::BooleanBuffer};
use proptest::prelude::*;
use segmenter_proto::{
    Rounds,
    jobs::{Affinity, First, Within},
    v1::affinity_request,
};
use std::collections::{BTreeMap, BTreeSet};

/// The lists of a customer: baskets, or what was wished for and what was bought.
type Own = Vec<BTreeSet<String>>;

fn packed(customers: &[Own]) -> BinaryArray {
    let pack = |own: &Own| {
        let mut packer = Packer::default();
        for list in own {
            packer.list(&list.iter().map(|name| PackedItem { name: name.as_bytes(), lines: 2 }).collect::<Vec<_>>());
        }
        packer.finish(1)
    };
    BinaryArray::from_iter_values(customers.iter().map(pack))
}

/// Who is in which of two segments; with `overlapping`, the even ones are in both.
fn groups(labels: &[u32], overlapping: bool) -> Groups<'_> {
    match overlapping {
        false => Groups::apart(labels, 2).unwrap(),
        true => Groups::Overlapping(vec![
            BooleanBuffer::from_iter(labels.iter().map(|_| true)),
            BooleanBuffer::from_iter(labels.iter().map(|label| *label == 0)),
        ]),
    }
}

/// Drives the rounds over so many shards; gives how many there were, too.
fn solved(
    customers: &[Own],
    labels: &[u32],
    overlapping: bool,
    scope: AffinityScope,
    shards: usize,
) -> (AffinityFound, usize) {
    let parts: Vec<(BinaryArray, Vec<u32>)> = (0..shards)
        .map(|shard| {
            let of = |at: &usize| at % shards == shard;
            let own: Vec<Own> = (0..customers.len()).filter(of).map(|at| customers[at].clone()).collect();
            (packed(&own), (0..customers.len()).filter(of).map(|at| labels[at]).collect())
        })
        .collect();
    let mut solver = AffinitySolver::new(vec![scope]);
    let mut rounds = 0;
    while let Some(request) = solver.next_request() {
        rounds += 1;
        assert!(affinity_memory(&request, 2) > 0 || matches!(request.of, Some(affinity_request::Of::Pairs(_))));
        let answers = parts.iter().rev().map(|(packed, labels)| {
            let groups = groups(labels, overlapping);
            affinity_answer(&request, scope.lists, packed, scope.segments.map(|_| &groups)).unwrap()
        });
        let total = answers.reduce(|mut total, more| {
            merge_affinity_answers(&mut total, more).unwrap();
            total
        });
        solver.absorb(total.unwrap()).unwrap();
    }
    (solver.finish().unwrap().remove(0), rounds)
}

fn scope(lists: AffinityLists) -> AffinityScope {
    AffinityScope { lists, max_items: 100, min_customers: 12, segments: Some(2) }
}

/// What is counted of some customers: baskets or customers with an item; of each first and each second item; of each pair, with its customers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    n: u64,
    first: BTreeMap<String, u64>,
    second: BTreeMap<String, u64>,
    pairs: BTreeMap<(String, String), (u64, BTreeSet<usize>)>,
}

fn counted<'a>(customers: impl Iterator<Item = (usize, &'a Own)>, lists: AffinityLists) -> Counted {
    let mut all = Counted::default();
    for (number, own) in customers {
        let tables: Vec<(&BTreeSet<String>, &BTreeSet<String>)> = match lists {
            AffinityLists::WishedAndBought => vec![(&own[0], &own[1])],
            _ => own.iter().map(|list| (list, list)).collect(),
        };
        for (first, second) in tables.iter().filter(|(first, second)| !first.is_empty() || !second.is_empty()) {
            all.n += 1;
            first.iter().for_each(|item| *all.first.entry(item.clone()).or_default() += 1);
            second.iter().for_each(|item| *all.second.entry(item.clone()).or_default() += 1);
            for one in *first {
                for other in second.iter().filter(|other| lists == AffinityLists::WishedAndBought || *other > one) {
                    let pair = all.pairs.entry((one.clone(), other.clone())).or_default();
                    pair.0 += 1;
                    pair.1.insert(number);
                }
            }
        }
    }
    all.pairs.retain(|_, (n, customers)| *n >= 20 && customers.len() >= 12);
    all
}

fn told(found: &AffinityFound, pairs: &[solver::Pair]) -> BTreeMap<(String, String), (u64, u64)> {
    let name = |item: u32| found.items[item as usize].name.clone();
    pairs.iter().map(|pair| ((name(pair.first), name(pair.second)), (pair.n, pair.customers))).collect()
}

fn expected(counted: &Counted) -> BTreeMap<(String, String), (u64, u64)> {
    counted.pairs.iter().map(|(pair, (n, customers))| (pair.clone(), (*n, customers.len() as u64))).collect()
}

fn customer() -> impl Strategy<Value = Own> {
    let list = proptest::collection::btree_set("[a-e]", 0..4);
    prop_oneof![4 => proptest::collection::vec(list, 1..4), 1 => Just(Vec::new())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn counts_are_those_of_counting_everything(
        customers in proptest::collection::vec(customer(), 60..220),
        kind in 0..3_usize,
        overlapping in any::<bool>(),
        shards in 1_usize..5,
    ) {
        let lists = [AffinityLists::Baskets, AffinityLists::Bought, AffinityLists::WishedAndBought][kind];
        let as_lists = |own: &Own| -> Own {
            let all = || own.iter().flatten().cloned().collect();
            match lists {
                AffinityLists::Baskets => own.clone(),
                AffinityLists::Bought => if own.is_empty() { Vec::new() } else { vec![all()] },
                AffinityLists::WishedAndBought => vec![own.first().cloned().unwrap_or_default(), own.get(1).cloned().unwrap_or_default()],
            }
        };
        let customers: Vec<Own> = customers.iter().map(as_lists).collect();
        let labels: Vec<u32> = (0..customers.len() as u32).map(|at| at % 2).collect();
        let (found, _) = solved(&customers, &labels, overlapping, scope(lists), shards);
        let all = counted(customers.iter().enumerate(), lists);
        prop_assert_eq!(found.totals.n, all.n);
        prop_assert_eq!(told(&found, &found.pairs), expected(&all));
        prop_assert_eq!(found.totals.lines_without_item, customers.len() as u64);
        for item in &found.items {
            let [first, second] = [&all.first, &all.second].map(|of| of.get(&item.name).copied().unwrap_or_default());
            prop_assert_eq!((item.n.first, item.n.second), (first, second));
        }
        for (group, segment) in found.segments.iter().enumerate() {
            let is_in = |at: usize| match overlapping {
                true => group == 0 || labels[at] == 0,
                false => labels[at] as usize == group,
            };
            let own = counted(customers.iter().enumerate().filter(|(at, _)| is_in(*at)), lists);
            prop_assert_eq!(segment.n, own.n);
            prop_assert_eq!(told(&found, &segment.pairs), expected(&own));
            for (item, total) in found.items.iter().zip(&segment.items) {
                let [first, second] = [&own.first, &own.second].map(|of| of.get(&item.name).copied().unwrap_or_default());
                prop_assert_eq!((total.first, total.second), (first, second));
            }
        }
    }
}

fn baskets(of: &[(&str, usize)]) -> Vec<Own> {
    let basket = |items: &str| items.split(' ').map(str::to_owned).collect::<BTreeSet<String>>();
    of.iter().flat_map(|(items, times)| vec![vec![basket(items)]; *times]).collect()
}

#[test]
fn the_most_bought_items_are_taken_and_the_others_told() {
    let customers = baskets(&[("a b", 40), ("c d", 30), ("b d", 25), ("e", 19)]);
    let labels = vec![0; customers.len()];
    let two = AffinityScope { max_items: 3, ..scope(AffinityLists::Baskets) };
    let (found, _) = solved(&customers, &labels, false, two, 3);
    let names: Vec<&str> = found.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "d"], "65, 55 and 40 baskets; c has 30, and e too few for any pair");
    assert_eq!((found.items_seen, found.items_left_out, found.totals.n), (5, 1, 114));
    assert_eq!((found.totals.lines, found.lines_taken), (2 * (80 + 60 + 50 + 19), 2 * (40 + 65 + 55)));
    assert_eq!(
        told(&found, &found.pairs).into_keys().collect::<Vec<_>>(),
        [("a", "b"), ("b", "d")].map(|(one, other)| (one.to_owned(), other.to_owned()))
    );
}

#[test]
fn items_that_do_not_fit_an_answer_come_in_several() {
    let item = |number: usize| format!("{number:03}{}", "x".repeat(300_000));
    let customers: Vec<Own> = (0..66).map(|at| vec![BTreeSet::from([item(at), item((at + 1) % 66)])]).collect();
    let scope = AffinityScope { segments: None, ..scope(AffinityLists::Baskets) };
    let (found, rounds) = solved(&customers, &vec![0; customers.len()], false, scope, 2);
    assert_eq!((found.items_seen, found.totals.n, found.totals.lines), (66, 66, 2 * 2 * 66));
    // Twenty names are six megabytes.
    assert!(rounds >= 4, "{rounds}");
}

fn affinity(from: First, top: u32) -> Affinity {
    Affinity {
        name: "pairs".to_owned(),
        of: "product_id".to_owned(),
        within: Within::Basket,
        from,
        segmentation: Some("halves".to_owned()),
        max_items: 100,
        top,
        query: String::new(),
    }
}

/// 200 baskets: a in 60, b in 50, both in 30; c in 100, with a in 20.
#[test]
fn rows_are_those_by_hand() {
    let customers = baskets(&[("a b", 30), ("a c", 20), ("a", 10), ("b", 20), ("c", 80), ("d", 40)]);
    let labels: Vec<u32> = (0..customers.len()).map(|at| u32::from(at >= 60)).collect();
    let (found, _) = solved(&customers, &labels, false, scope(AffinityLists::Baskets), 4);
    let rows =
        affinity_rows(&affinity(First::Bought, 10), &["one".to_owned(), "two".to_owned()], &found, 0.95).unwrap();
    let told: Vec<(Option<&str>, &str, i32, &str)> = rows
        .iter()
        .map(|row| (row.segment_key.as_deref(), row.item.as_str(), row.rank, row.then_item.as_str()))
        .collect();
    let of_all = [(None, "a", 1, "b"), (None, "a", 2, "c"), (None, "b", 1, "a"), (None, "c", 1, "a")];
    let of_one = of_all.map(|(_, item, rank, then)| (Some("one"), item, rank, then));
    // All that go together are among the first 60; b goes with a in every basket there, as far as it can.
    assert_eq!(told, [of_all, of_one].concat());
    let a_b = &rows[0];
    assert_eq!((a_b.n, a_b.n_item, a_b.n_then, a_b.n_both, a_b.customers), (200, 60, 50, 30, 30));
    assert_eq!((a_b.support, a_b.confidence, a_b.lift), (0.15, 0.5, 2.0));
    // 1/30 − 1/60 − 1/50 + 3/200 = 0.35/30.
    let half = 1.959_963_984_540_054 * (0.35_f64 / 30.0).sqrt();
    assert!(
        (a_b.ci_low - 2.0 * (-half).exp()).abs() < 1e-12 && (a_b.ci_high - 2.0 * half.exp()).abs() < 1e-12,
        "{a_b:?}"
    );
    let b_a = &rows[2];
    assert_eq!(
        (b_a.confidence, b_a.lift, b_a.ci_low),
        (0.6, 2.0, a_b.ci_low),
        "the other way it is as much more often"
    );
    assert_eq!((rows[4].n, rows[4].n_item, rows[4].lift), (60, 60, 1.0), "in a segment where everybody has a");
    let one = affinity_rows(&affinity(First::Bought, 1), &[], &found, 0.95).unwrap();
    assert_eq!(one.iter().map(|row| row.then_item.as_str()).collect::<Vec<_>>(), ["b", "a", "a"]);
    // What was wished for is no pair the other way round.
    let wished: Vec<Own> = customers.iter().map(|own| vec![own[0].clone(), BTreeSet::from(["a".to_owned()])]).collect();
    let (found, _) = solved(&wished, &labels, false, scope(AffinityLists::WishedAndBought), 2);
    let rows = affinity_rows(&affinity(First::Wished, 10), &[], &found, 0.95).unwrap();
    assert!(rows.iter().all(|row| row.then_item == "a" && row.lift == 1.0) && rows.len() == 4, "{rows:?}");
}

/// The interval of lift holds the truth about as often as it says.
#[test]
fn intervals_hold_the_truth() {
    let mut chance = Chance(11);
    for (both, first, second) in [(0.03, 0.1, 0.2), (0.1, 0.4, 0.5), (0.02, 0.2, 0.1)] {
        let (truth, all) = (both / (first * second), 3_000);
        const TIMES: usize = 2_000;
        let mut held = 0;
        for _ in 0..TIMES {
            let (mut n, mut with_first, mut with_second) = (0_u64, 0_u64, 0_u64);
            for _ in 0..all {
                let drawn = chance.share();
                let is_first = drawn < first;
                let is_second = drawn < both || (first..first + second - both).contains(&drawn);
                with_first += u64::from(is_first);
                with_second += u64::from(is_second);
                n += u64::from(is_first && is_second);
            }
            let lift = Lift::of(n, (with_first, with_second), all, 0.95);
            held += usize::from((lift.low..=lift.high).contains(&truth));
        }
        assert!((TIMES * 935 / 1000..=TIMES * 965 / 1000).contains(&held), "{held} of {TIMES} at lift {truth}");
    }
}

//! Bins, trees and outcomes over shards against plain loops over all customers.

use super::{explained::of_numbers, *};
use crate::measure::{
    chance::Chance,
    groups::Groups,
    profile::{Moments, ProfileStatistic},
};
use arrow::array::{ArrayRef, Float64Array, StringArray};
use segmenter_proto::{Rounds, v1};
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
struct Customers {
    labels: Vec<u32>,
    orders: Vec<Option<f64>>,
    noise: Vec<Option<f64>>,
    city: Vec<Option<String>>,
    bought: Vec<i64>,
    spent: Vec<i128>,
}

impl Customers {
    /// Who ordered more than 7 times is in segment 2, others in Radom in 1, the rest in 0; a tenth of them elsewhere by chance.
    fn drawn(count: usize) -> Self {
        let mut chance = Chance(5);
        let mut drawn = Self::default();
        for _ in 0..count {
            let orders = (chance.share() > 0.1).then(|| (chance.share() * 12.0).floor());
            let city = ["Radom", "Nisko", "Tczew"][(chance.share() * 2.999) as usize];
            let city = (chance.share() > 0.2).then(|| city.to_owned());
            let mut label = match (orders.is_some_and(|orders| orders > 7.0), city.as_deref()) {
                (true, _) => 2,
                (_, Some("Radom")) => 1,
                _ => 0,
            };
            if chance.share() < 0.1 {
                label = (chance.share() * 2.999) as u32;
            }
            drawn.labels.push(label);
            drawn.orders.push(orders);
            drawn.noise.push(Some(chance.normal() * 1000.0));
            drawn.city.push(city);
            let spent = (chance.share() * 100.0) as i128 * 10_000 * i128::from(label);
            drawn.bought.push(i64::from(spent > 0));
            drawn.spent.push(spent);
        }
        drawn
    }

    fn of(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut part = Self::default();
        for row in (0..self.labels.len()).filter(|row| keep(*row)) {
            part.labels.push(self.labels[row]);
            part.orders.push(self.orders[row]);
            part.noise.push(self.noise[row]);
            part.city.push(self.city[row].clone());
            part.bought.push(self.bought[row]);
            part.spent.push(self.spent[row]);
        }
        part
    }

    fn columns(&self) -> Vec<(String, ArrayRef)> {
        let number = |values: &[Option<f64>]| Arc::new(values.iter().copied().collect::<Float64Array>()) as ArrayRef;
        vec![
            ("orders".to_owned(), number(&self.orders)),
            ("noise".to_owned(), number(&self.noise)),
            ("city".to_owned(), Arc::new(self.city.iter().cloned().collect::<StringArray>())),
        ]
    }

    fn answer(&self, request: &v1::DriversRequest) -> v1::DriversAnswer {
        let columns = self.columns();
        let values = DriverValues {
            customers: self.labels.len(),
            features: columns.iter().map(|(name, column)| Some((name.as_str(), column))).collect(),
            groups: vec![Groups::apart(&self.labels, 3).unwrap()],
            assigned: vec![(&self.labels, 3)],
            outcome: Some((&self.bought, &self.spent)),
        };
        drivers_answer(request, &values).unwrap()
    }
}

fn solved(customers: &Customers, shards: usize) -> DriversFound {
    let parts: Vec<Customers> = (0..shards).map(|shard| customers.of(|row| row % shards == shard)).collect();
    let groups = Groups::apart(&customers.labels, 3).unwrap();
    let profile = ProfileStatistic::of_shard(&groups, &customers.columns()).unwrap();
    let size = |segment| customers.labels.iter().filter(|label| **label == segment).count() as u64;
    let mut solver = DriversSolver::new(DriversScope {
        features: FeatureScope::of(&profile, false, &[0, 1, 2], 30),
        columns: 3,
        trees: vec![TreeScope { customers: (0..3).map(size).collect(), ranked: vec![1, 2, 0] }],
        personas: vec![v1::PersonaGroup { segmentation: 0, segments: vec![0, 2] }],
        outcome: Some(customers.labels.len() as u64),
        fewest: 30,
    })
    .unwrap();
    while let Some(request) = solver.next_request() {
        let answers = parts.iter().rev().map(|part| part.answer(&request));
        let total = answers.reduce(|mut total, more| {
            merge_drivers_answers(&mut total, &more).unwrap();
            total
        });
        solver.absorb(total.unwrap()).unwrap();
    }
    solver.finish().unwrap()
}

fn named() -> [NamedFeature<'static>; 3] {
    let feature = |name, has_nulls| NamedFeature { name, is_boolean: false, has_nulls };
    [feature("orders", true), feature("noise", false), feature("city", true)]
}

#[test]
fn shards_change_nothing() {
    let customers = Customers::drawn(2000);
    assert_eq!(solved(&customers, 1), solved(&customers, 5));
}

#[test]
fn a_planted_tree_is_found_and_its_counts_are_those_of_all_customers() {
    let customers = Customers::drawn(4000);
    let found = solved(&customers, 3);
    let keys = ["c01", "c02", "c03"].map(str::to_owned);
    let scope = RulesScope {
        segmentation: "planted",
        segment_keys: &keys,
        overlapping: false,
        features: &found.features,
        named: &named(),
        fewest: 30,
    };
    let rows = rule_rows(&scope, &found.trees[0]);
    let rules: Vec<&str> = rows.iter().filter_map(|row| row.rule.as_deref()).collect();
    assert!(rules.contains(&"orders > 7"), "{rules:?}");
    assert!(rules.contains(&"(orders <= 7 or orders is null) and city = 'Radom'") || rules.len() > 3, "{rules:?}");
    // Nobody ordered more often than 11 times: who is beyond has no value.
    assert!(rules.iter().all(|rule| !rule.contains("> 11")), "{rules:?}");
    assert!(rules.iter().any(|rule| rule.contains("orders is null")), "{rules:?}");
    // Nine in ten follow the rules, and a third of the others by chance.
    let fidelity = rows[0].fidelity.unwrap();
    assert!((0.9..0.97).contains(&fidelity), "{fidelity}");
    assert_eq!(rows.iter().filter_map(|row| row.n).sum::<i64>(), 4000, "everybody meets one rule");
    let matched: i64 = rows.iter().filter_map(|row| row.matched).sum();
    assert_eq!(fidelity, matched as f64 / 4000.0);
    let large = rows.iter().find(|row| row.rule.as_deref() == Some("orders > 7")).unwrap();
    let many = |row: &usize| customers.orders[*row].is_some_and(|orders| orders > 7.0);
    let all: Vec<usize> = (0..4000).filter(many).collect();
    let own = all.iter().filter(|row| customers.labels[**row] == 2).count();
    assert_eq!((large.n, large.matched), (Some(all.len() as i64), Some(own as i64)));
    assert_eq!(large.segment_key.as_deref(), Some("c03"));
}

#[test]
fn what_bins_explain_is_that_of_a_loop() {
    let customers = Customers::drawn(3000);
    let found = solved(&customers, 4);
    let features = ["orders", "noise", "city"].map(str::to_owned);
    let segmentations = [("planted", vec!["c01".to_owned(), "c02".to_owned(), "c03".to_owned()])];
    let end = chrono::NaiveDate::from_ymd_opt(2026, 2, 1).unwrap();
    let scope = OutcomeDriversScope {
        features: &features,
        segmentations: &segmentations,
        outcome: crate::measure::Basis::Outcome { end, newest: Some(end) },
        min_cell: 20,
    };
    assert_eq!(scope.outcome.not_over(), None);
    let rows = outcome_drivers(&scope, &found);
    let row =
        |target: &str, driver: &str| rows.iter().find(|row| row.target == target && row.driver == driver).unwrap();
    // Winsorised at the 2,997th of 3,000.
    let mut sorted = customers.spent.clone();
    sorted.sort_unstable();
    let cap = sorted[2996];
    let mut groups = vec![Moments::default(); 3];
    for (label, spent) in customers.labels.iter().zip(&customers.spent) {
        groups[*label as usize].add(Some((*spent).min(cap) as f64 / 1e4)).unwrap();
    }
    let expected = of_numbers(groups.iter()).unwrap();
    let told = row("revenue_per_customer", "planted");
    assert!((told.value.unwrap() - expected.value).abs() < 1e-12, "{told:?}");
    assert_eq!((told.rank, told.n, told.groups), (Some(1), 3000, Some(3)));
    assert!(told.p_value.unwrap() < 1e-9 && told.tests == Some(4));
    let noise = row("revenue_per_customer", "noise");
    assert!(noise.p_value.unwrap() > 1e-3 && noise.adjusted.unwrap() < 0.01, "{noise:?}");
    assert!((5..=10).contains(&noise.groups.unwrap()));
    // Only who has a city counts.
    let known = customers.city.iter().flatten().count() as i64;
    assert_eq!(row("conversion", "city").n, known);
    let open = OutcomeDriversScope { outcome: crate::measure::Basis::Outcome { end, newest: None }, ..scope };
    let rows = outcome_drivers(&open, &DriversFound { outcome: None, ..found });
    assert!(rows.len() == 8 && rows.iter().all(|row| row.value.is_none() && row.rank.is_none()));
    assert!(rows[0].reason.as_ref().unwrap().contains("the window ends before 2026-02-01"));
}

#[test]
fn drivers_are_ranked_and_who_is_out_of_scope_is_left_out() {
    let customers = Customers::drawn(2000);
    let groups = Groups::apart(&customers.labels, 3).unwrap();
    let profile = ProfileStatistic::of_shard(&groups, &customers.columns()).unwrap();
    let features = [("orders", true), ("noise", false), ("city", false)].map(|(name, is)| (name.to_owned(), is));
    let keys = ["c01", "out_of_scope", "c02"].map(str::to_owned);
    let scope = SegmentDriversScope {
        segmentation: "planted",
        segment_keys: &keys,
        overlapping: false,
        features: &features,
        min_cell: 20,
    };
    let found = segment_drivers(&scope, &profile).unwrap();
    assert_eq!(found.ranked.len(), 3);
    let first = &found.rows[0];
    assert_eq!((first.driver.as_str(), first.rank, first.is_input), ("orders", Some(1), Some(true)));
    let inside = customers.labels.iter().zip(&customers.orders).filter(|(label, _)| **label != 1);
    let mut moments = vec![Moments::default(); 3];
    inside.for_each(|(label, orders)| moments[*label as usize].add(*orders).unwrap());
    assert_eq!(first.n as u64, moments.iter().map(|own| own.n).sum::<u64>());
    assert!((first.value.unwrap() - of_numbers(moments.iter()).unwrap().value).abs() < 1e-12);
    assert!(found.rows.iter().all(|row| row.p_value.is_none() && row.basis == "in_sample"));
    let few = segment_drivers(&SegmentDriversScope { min_cell: 5000, ..scope }, &profile).unwrap();
    assert!(few.ranked.is_empty() && few.rows[0].reason.as_deref() == Some("fewer than 5000 customers have a value"));
}

#[test]
fn medians_and_bins_of_personas_are_those_of_a_loop() {
    let customers = Customers::drawn(1001);
    let found = solved(&customers, 2);
    let mut own: Vec<f64> =
        (0..1001).filter(|row| customers.labels[*row] != 1).filter_map(|row| customers.orders[row]).collect();
    own.sort_by(f64::total_cmp);
    assert_eq!(found.medians[1][0], Some(own[own.len().div_ceil(2) - 1]));
    assert_eq!(found.medians[1][2], None);
    let members = customers.labels.iter().filter(|label| **label != 1).count() as u64;
    assert_eq!(found.bins[1].iter().map(|bins| bins.iter().sum()).collect::<Vec<u64>>(), [members; 3]);
    assert_eq!(found.bins[0][0].iter().sum::<u64>(), 1001);
    let nulls = (0..1001).filter(|row| customers.labels[*row] != 1 && customers.city[*row].is_none()).count() as u64;
    assert_eq!(found.bins[1][2].last(), Some(&nulls));
}

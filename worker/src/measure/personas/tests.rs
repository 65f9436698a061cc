//! Claims by hand.

use super::*;
use crate::{
    measure::drivers::{BinnedFeature, Bins},
    results::PersonaRow,
    words::Words,
};

/// 100 of 400 customers: 80 of them up to 10 days, and 20 later; of all 160 up to 10. 60 buy in the shop, 25 on the web, 15 by phone.
fn claims(change: impl Fn(&mut PersonaScope<'_>)) -> Vec<PersonaRow> {
    let keys = ["c01".to_owned(), "c03".to_owned()];
    let level = |levels: &[&str]| Bins::Levels(levels.iter().map(|level| (*level).to_owned()).collect());
    let bins: Vec<BinnedFeature> = [Bins::Cuts(vec![10.0, 50.0]), level(&["web", "shop", "phone"]), level(&["Radom"])]
        .into_iter()
        .zip(0..)
        .map(|(by, column)| BinnedFeature { column, by })
        .collect();
    let feature = |name, topic| PersonaFeature { name, is_input: name == "recency_days", topic };
    let features =
        [feature("recency_days", None), feature("channel_main", Some(Topic::Channel)), feature("city", None)];
    let own = [vec![80, 20, 0, 0], vec![25, 60, 15, 0, 0], vec![40, 40, 20]];
    let all = [vec![160, 120, 100, 20], vec![200, 120, 80, 0, 0], vec![80, 240, 80]];
    let medians = ([Some(6.49), None, None], [Some(123.0), None, None]);
    let missing = [(Topic::Bought, "no feature says it".to_owned())];
    let mut scope = PersonaScope {
        id: 2,
        title: "The regulars",
        notes: Some("Ask them first."),
        segmentation: "value",
        segment_keys: &keys,
        customers: (100, 400),
        revenue: Some((500.0, 1000.0)),
        features: &features,
        bins: &bins,
        own: &own,
        all: &all,
        medians: (&medians.0, &medians.1),
        ranked: &[0, 2, 1],
        missing: &missing,
        fewest: 30,
        words: Words::english(),
    };
    change(&mut scope);
    persona_rows(&scope)
}

fn of<'a>(rows: &'a [PersonaRow], claim: &str) -> Vec<&'a PersonaRow> {
    rows.iter().filter(|row| row.claim == claim).collect()
}

#[test]
fn every_claim_has_its_customers_beside_all() {
    let rows = claims(|_| ());
    let kinds: Vec<&str> = rows.iter().map(|row| row.claim.as_str()).collect();
    assert_eq!(kinds, ["size", "value", "number", "level", "channel", "buys", "typical", "note"]);
    assert_eq!(rows.iter().map(|row| row.claim_id).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row.persona_id == 2 && row.segment_keys == "c01, c03" && row.basis == "in_sample"));
    let number = of(&rows, "number")[0];
    // 80 of 100, 160 of 380: the last 20 have no value.
    assert_eq!(
        (number.comparison.as_deref(), number.value, number.n, number.known),
        (Some("<="), Some(10.0), Some(80), Some(100))
    );
    assert!((number.baseline.unwrap() - 160.0 / 380.0).abs() < 1e-15);
    assert!((number.lift.unwrap() - 0.8 / (160.0 / 380.0)).abs() < 1e-12 && number.is_input == Some(true));
    assert_eq!(number.sentence, "recency_days at most 10: 80 % of them, 42 % of all customers: 1.9 times as many.");
    let level = of(&rows, "level")[0];
    assert_eq!(
        (level.level.as_deref(), level.n, level.share, level.baseline),
        (Some("Radom"), Some(40), Some(0.5), Some(0.25))
    );
    let channel = of(&rows, "channel")[0];
    assert_eq!((channel.level.as_deref(), channel.share, channel.lift), (Some("shop"), Some(0.6), Some(2.0)));
    let value = of(&rows, "value")[0];
    assert_eq!((value.share, value.baseline, value.lift), (Some(0.5), Some(0.25), Some(2.0)));
    assert_eq!(
        value.sentence,
        "They brought 50 % of the revenue before as_of and are 25 % of all customers: 2.0 times their share."
    );
    let typical = of(&rows, "typical")[0];
    assert_eq!((typical.value, typical.population_value), (Some(6.5), Some(120.0)));
    assert_eq!(typical.sentence, "Typically recency_days is about 6.5 (of all customers 120).");
    assert_eq!(of(&rows, "buys")[0].reason.as_deref(), Some("no feature says it"));
    assert_eq!(of(&rows, "note")[0].sentence, "Ask them first.");
}

#[test]
fn nothing_is_claimed_of_few() {
    let rows = claims(|scope| scope.fewest = 61);
    // 60 in the shop are too few, and so are 40 in Radom.
    assert!(of(&rows, "level").is_empty());
    let channel = of(&rows, "channel")[0];
    assert_eq!((channel.n, channel.reason.as_deref()), (None, Some("no level has 61 customers of the persona")));
    assert!(rows.iter().all(|row| row.n.is_none_or(|n| n >= 61)));
    let none = claims(|scope| scope.customers = (29, 400));
    let kinds: Vec<&str> = none.iter().map(|row| row.claim.as_str()).collect();
    assert_eq!((kinds, none[0].n), (vec!["size", "note"], None));
    assert_eq!(none[0].sentence, "Nothing is claimed: fewer than 30 customers.");
}

#[test]
fn of_what_is_like_all_customers_nothing_is_said() {
    let all = [vec![160, 40, 0, 0], vec![100, 240, 60, 0, 0], vec![200, 200, 0]];
    let rows = claims(|scope| scope.all = Box::leak(Box::new(all.clone())));
    assert!(of(&rows, "number").is_empty() && of(&rows, "level").is_empty());
    assert_eq!(of(&rows, "channel")[0].lift, Some(1.0), "where they buy is said anyway");
}

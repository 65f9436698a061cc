//! From counts by bin to claims.

use super::sentences::{beside_all, called, compared, percent, times};
use crate::{
    measure::{
        drivers::{BinnedFeature, Bins, rounded, written},
        effectiveness::Basis,
    },
    results::PersonaRow,
    words::Words,
};

/// Claims about numbers.
const NUMBERS: usize = 5;
/// What a claim about a number differs from all customers in, at least.
const LEAST_OF_NUMBER: f64 = 0.1;
/// Claims about levels.
const LEVELS: usize = 5;
/// What a claim about a level differs from all customers in, at least.
const LEAST_OF_LEVEL: f64 = 0.05;
/// Categories of what is bought.
const BOUGHT: usize = 3;
/// Numbers that a typical customer is told by.
const TYPICAL: usize = 6;
/// Digits of a median: fewer than would tell who it is.
const DIGITS: usize = 2;

/// A persona, and what is known of its customers.
#[derive(Debug, Clone, Copy)]
pub struct PersonaScope<'a> {
    /// Its number, from 1.
    pub id: i64,
    /// What it is called.
    pub title: &'a str,
    /// What the job notes of it.
    pub notes: Option<&'a str>,
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of its segments.
    pub segment_keys: &'a [String],
    /// Its customers, and all.
    pub customers: (u64, u64),
    /// What they spent before `as_of`, and what all did; none where that is not known.
    pub revenue: Option<(f64, f64)>,
    /// The features, in the order of the bins.
    pub features: &'a [PersonaFeature<'a>],
    /// Their bins.
    pub bins: &'a [BinnedFeature],
    /// Customers by bin, of the persona.
    pub own: &'a [Vec<u64>],
    /// Customers by bin, of everybody.
    pub all: &'a [Vec<u64>],
    /// Medians of the persona, and of everybody.
    pub medians: (&'a [Option<f64>], &'a [Option<f64>]),
    /// Positions of features, those that tell segments apart most first.
    pub ranked: &'a [usize],
    /// Why channel or category is not known, where a feature would say it.
    pub missing: &'a [(Topic, String)],
    /// Customers of a claim at least.
    pub fewest: u64,
    /// The words that it is told in.
    pub words: &'a Words,
}

/// A feature that claims can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonaFeature<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether the segmentation was given it.
    pub is_input: bool,
    /// What it is about, where that has claims of its own.
    pub topic: Option<Topic>,
}

/// What claims of their own are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Where customers buy, or want to be written to.
    Channel,
    /// Which categories they buy.
    Bought,
}

impl Topic {
    fn claim(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Bought => "buys",
        }
    }
}

/// A share of the persona beside that of everybody.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shares {
    n: u64,
    of: u64,
    share: f64,
    baseline: f64,
}

impl Shares {
    /// Gives it of the bins that `holds`; none where fewer than `fewest` customers are left.
    fn of(scope: &PersonaScope<'_>, feature: usize, holds: impl Fn(usize) -> bool) -> Option<Self> {
        let values = scope.bins[feature].values();
        let sum = |counts: &[u64], wanted: &dyn Fn(usize) -> bool| -> u64 {
            counts.iter().take(values).enumerate().filter(|(bin, _)| wanted(*bin)).map(|(_, count)| count).sum()
        };
        let (own, all) = (scope.own.get(feature)?, scope.all.get(feature)?);
        let (n, of) = (sum(own, &holds), sum(own, &|_| true));
        let (all_n, all_of) = (sum(all, &holds), sum(all, &|_| true));
        if n < scope.fewest {
            return None;
        }
        Some(Self { n, of, share: n as f64 / of as f64, baseline: all_n as f64 / all_of as f64 })
    }

    fn difference(self) -> f64 {
        self.share - self.baseline
    }
}

/// Gives the claims of a persona: its size and value, numbers, levels, channel, what it buys, a typical customer, and the notes.
///
/// Of each number the cut counts at which the persona differs from all customers most, of those the five that differ most, and likewise of levels; of
/// equal ones the first. Nothing is claimed of fewer than `fewest` customers.
pub fn persona_rows(scope: &PersonaScope<'_>) -> Vec<PersonaRow> {
    let mut rows = Vec::new();
    let words = scope.words;
    let (own, all) = scope.customers;
    if own < scope.fewest {
        let reason = format!("fewer than {} customers", scope.fewest);
        let sentence = words.say("persona-nothing", [("reason", words.retold(&reason).into_owned().into())]);
        rows.push(PersonaRow { claim: "size".to_owned(), sentence, reason: Some(reason), ..PersonaRow::default() });
    } else {
        let share = own as f64 / all as f64;
        rows.push(PersonaRow {
            claim: "size".to_owned(),
            n: Some(own as i64),
            known: Some(all as i64),
            share: Some(share),
            sentence: words.say("persona-size", [("customers", own.into()), ("share", percent(words, share).into())]),
            ..PersonaRow::default()
        });
        rows.extend(value(scope));
        rows.extend(numbers(scope));
        rows.extend(levels(scope));
        rows.extend(topic(scope, Topic::Channel, 1));
        rows.extend(topic(scope, Topic::Bought, BOUGHT));
        rows.extend(typical(scope));
    }
    rows.extend(scope.notes.map(|notes| PersonaRow {
        claim: "note".to_owned(),
        sentence: notes.to_owned(),
        ..PersonaRow::default()
    }));
    let numbered = rows.into_iter().zip(1..).map(|(row, claim_id)| PersonaRow {
        persona_id: scope.id,
        persona: scope.title.to_owned(),
        basis: Basis::InSample.name().to_owned(),
        segmentation: scope.segmentation.to_owned(),
        segment_keys: scope.segment_keys.join(", "),
        claim_id,
        ..row
    });
    numbered.collect()
}

fn value(scope: &PersonaScope<'_>) -> Option<PersonaRow> {
    let (own, all) = scope.revenue.filter(|(own, all)| *all > 0.0 && *own >= 0.0)?;
    let (share, baseline) = (own / all, scope.customers.0 as f64 / scope.customers.1 as f64);
    Some(PersonaRow {
        claim: "value".to_owned(),
        n: Some(scope.customers.0 as i64),
        share: Some(share),
        baseline: Some(baseline),
        lift: Some(share / baseline),
        sentence: scope.words.say(
            "persona-value",
            [
                ("revenue", percent(scope.words, share).into()),
                ("share", percent(scope.words, baseline).into()),
                ("times", times(scope.words, share / baseline).into()),
            ],
        ),
        ..PersonaRow::default()
    })
}

fn row(scope: &PersonaScope<'_>, claim: &str, feature: usize, shares: Shares, sentence: String) -> PersonaRow {
    let of = scope.features[feature];
    PersonaRow {
        claim: claim.to_owned(),
        feature: Some(of.name.to_owned()),
        n: Some(shares.n as i64),
        known: Some(shares.of as i64),
        share: Some(shares.share),
        baseline: Some(shares.baseline),
        lift: (shares.baseline > 0.0).then(|| shares.share / shares.baseline),
        is_input: Some(of.is_input),
        sentence,
        ..PersonaRow::default()
    }
}

/// Keeps the claims that differ most, the first of equal ones.
fn strongest<T>(mut found: Vec<(f64, T)>, most: usize) -> Vec<T> {
    found.sort_by(|left, right| right.0.total_cmp(&left.0));
    found.into_iter().take(most).map(|(_, claim)| claim).collect()
}

fn numbers(scope: &PersonaScope<'_>) -> Vec<PersonaRow> {
    let mut found = Vec::new();
    for &feature in scope.ranked {
        let Bins::Cuts(cuts) = &scope.bins[feature].by else { continue };
        let mut best: Option<(Shares, bool, f64)> = None;
        for (at, cut) in cuts.iter().enumerate() {
            for is_up_to in [true, false] {
                let Some(shares) = Shares::of(scope, feature, |bin| (bin <= at) == is_up_to) else { continue };
                if best.is_none_or(|(most, ..)| shares.difference() > most.difference()) {
                    best = Some((shares, is_up_to, *cut));
                }
            }
        }
        let Some((shares, is_up_to, cut)) = best.filter(|(shares, ..)| shares.difference() >= LEAST_OF_NUMBER) else {
            continue;
        };
        let name = scope.features[feature].name;
        let told = beside_all(scope.words, shares.share, shares.baseline);
        let sentence = compared(scope.words, name, is_up_to, cut, told);
        let claim = PersonaRow {
            comparison: Some(if is_up_to { "<=" } else { ">" }.to_owned()),
            value: Some(cut),
            ..row(scope, "number", feature, shares, sentence)
        };
        found.push((shares.difference(), claim));
    }
    strongest(found, NUMBERS)
}

/// Gives the levels of a feature that may be named, with their shares.
fn named<'a>(scope: &'a PersonaScope<'_>, feature: usize) -> Vec<(&'a str, Shares)> {
    let Bins::Levels(levels) = &scope.bins[feature].by else { return Vec::new() };
    let shares =
        |(at, level): (usize, &'a String)| Some((level.as_str(), Shares::of(scope, feature, |bin| bin == at)?));
    levels.iter().enumerate().filter_map(shares).collect()
}

fn level_row(scope: &PersonaScope<'_>, claim: &str, feature: usize, (level, shares): (&str, Shares)) -> PersonaRow {
    let (words, name) = (scope.words, scope.features[feature].name);
    let told = beside_all(words, shares.share, shares.baseline);
    let sentence = words.say(
        "persona-level",
        [("feature", called(words, name).into()), ("level", level.into()), ("shares", told.into())],
    );
    PersonaRow {
        comparison: Some("=".to_owned()),
        level: Some(level.to_owned()),
        ..row(scope, claim, feature, shares, sentence)
    }
}

fn levels(scope: &PersonaScope<'_>) -> Vec<PersonaRow> {
    let mut found = Vec::new();
    for &feature in scope.ranked.iter().filter(|feature| scope.features[**feature].topic.is_none()) {
        for (level, shares) in named(scope, feature) {
            if shares.difference() >= LEAST_OF_LEVEL {
                found.push((shares.difference(), level_row(scope, "level", feature, (level, shares))));
            }
        }
    }
    strongest(found, LEVELS)
}

/// Gives the most frequent levels of the features about a topic, whether they differ or not.
fn topic(scope: &PersonaScope<'_>, topic: Topic, most: usize) -> Vec<PersonaRow> {
    let own = (0..scope.features.len()).filter(|feature| scope.features[*feature].topic == Some(topic));
    let mut rows = Vec::new();
    let mut is_there = false;
    for feature in own {
        is_there = true;
        let found = named(scope, feature).into_iter().map(|(level, shares)| (shares.share, (level, shares))).collect();
        rows.extend(strongest(found, most).into_iter().map(|found| level_row(scope, topic.claim(), feature, found)));
    }
    if rows.is_empty() {
        let why = match is_there {
            true => Some(format!("no level has {} customers of the persona", scope.fewest)),
            false => scope.missing.iter().find(|(of, _)| *of == topic).map(|(_, why)| why.clone()),
        };
        rows.extend(why.map(|reason| PersonaRow {
            claim: topic.claim().to_owned(),
            sentence: scope.words.say("not-known", [("reason", scope.words.retold(&reason).into_owned().into())]),
            reason: Some(reason),
            ..PersonaRow::default()
        }));
    }
    rows
}

fn typical(scope: &PersonaScope<'_>) -> Vec<PersonaRow> {
    let (own, all) = scope.medians;
    let known = scope.ranked.iter().filter_map(|&feature| {
        let median = own.get(feature).copied().flatten()?;
        let n: u64 = scope.own.get(feature)?.iter().take(scope.bins[feature].values()).sum();
        (n >= scope.fewest).then_some((feature, rounded(median, DIGITS), n))
    });
    let typical = known.take(TYPICAL).map(|(feature, median, n)| {
        let of_all = all.get(feature).copied().flatten().map(|median| rounded(median, DIGITS));
        let of = scope.features[feature];
        let words = scope.words;
        let told = |value: f64| words.written(&written(value));
        let (feature, value) = (called(words, of.name), told(median));
        let sentence = match of_all {
            Some(of_all) => words.say(
                "persona-typical",
                [("feature", feature.into()), ("value", value.into()), ("all", told(of_all).into())],
            ),
            None => words.say("persona-typical-alone", [("feature", feature.into()), ("value", value.into())]),
        };
        PersonaRow {
            claim: "typical".to_owned(),
            feature: Some(of.name.to_owned()),
            value: Some(median),
            n: Some(n as i64),
            population_value: of_all,
            is_input: Some(of.is_input),
            sentence,
            ..PersonaRow::default()
        }
    });
    typical.collect()
}

//! Each criterion by hand.

use super::{
    criterion::{ScorecardScope, Segment},
    rows::{CRITERIA, scorecard_rows},
};
use crate::{
    measure::{effectiveness::Basis, prediction::PredictivePower},
    results::{ProfileRow, ScorecardRow},
    words::Words,
};
use chrono::NaiveDate;
use segmenter_proto::v1::SelectionFigure;

fn profile(segment: &str, feature: &str, z_score: f64, eta_squared: f64) -> ProfileRow {
    ProfileRow {
        segmentation: "own".to_owned(),
        segment_key: segment.to_owned(),
        feature: feature.to_owned(),
        level: None,
        n: 1,
        nulls: 0,
        mean: None,
        std: None,
        p25: None,
        p50: None,
        p75: None,
        population_mean: None,
        z_score: Some(z_score),
        eta_squared: Some(eta_squared),
    }
}

fn figure(metric: &str, key: Option<&str>, value: f64) -> SelectionFigure {
    SelectionFigure {
        metric: metric.to_owned(),
        segment_key: key.map(str::to_owned),
        value: Some(value),
        n: 90,
        chosen: true,
        ..SelectionFigure::default()
    }
}

fn scope<'a>(profiles: &'a [ProfileRow], selection: &'a [SelectionFigure]) -> ScorecardScope<'a> {
    let segment = |key, customers, reachable| Segment { key, customers, reachable };
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    ScorecardScope {
        segmentation: "own",
        segments: vec![
            segment("a", 60, 30),
            segment("b", 30, 6),
            segment("c", 10, 10),
            segment("empty", 0, 0),
            segment("out_of_scope", 25, 0),
        ],
        customers: 125,
        overlapping: false,
        profiles: profiles.iter().collect(),
        selection,
        figures: &[],
        is_clustered: true,
        has_consents: true,
        has_purchases: true,
        outcome: Some(Basis::Outcome { end: day(10), newest: Some(day(9)) }),
        power: None,
        outcome_days: 9,
        min_cell: 20,
        level: 0.95,
        words: Words::english(),
    }
}

fn find<'a>(rows: &'a [ScorecardRow], measure: &str) -> &'a ScorecardRow {
    let mut found = rows.iter().filter(|row| row.measure == measure);
    let row = found.next().unwrap_or_else(|| panic!("no {measure}"));
    assert!(found.next().is_none(), "one {measure}");
    row
}

#[test]
fn sizes_similarity_distances_stability_and_reach_are_those_by_hand() {
    let profiles = [
        profile("a", "x", 0.5, 0.4),
        profile("b", "x", -0.2, 0.4),
        profile("c", "x", 0.4, 0.4),
        profile("a", "y", 0.1, 0.2),
        profile("b", "y", 0.3, 0.2),
        profile("c", "y", 0.1, 0.2),
    ];
    let selection = [
        figure("silhouette", None, 0.31),
        figure("jaccard", Some("a"), 0.9),
        figure("jaccard", Some("b"), 0.7),
        SelectionFigure { chosen: false, ..figure("jaccard", Some("1"), 0.1) },
    ];
    let rows = scorecard_rows(&scope(&profiles, &selection));
    let value = |measure: &str| find(&rows, measure).value.unwrap();
    assert_eq!((value("segments"), value("in_scope_share")), (3.0, 0.8));
    let largest = find(&rows, "largest_share");
    assert_eq!((largest.value, largest.comparison_value, largest.n), (Some(0.6), Some(1.0 / 3.0), 60));
    assert_eq!(find(&rows, "smallest_share").segment_key.as_deref(), Some("c"));
    let alike = find(&rows, "eta_squared");
    // Four groups with customers, out_of_scope among them, of 125.
    assert!((alike.value.unwrap() - 0.3).abs() < 1e-15 && alike.comparison_value == Some(3.0 / 124.0), "{alike:?}");
    assert_eq!((value("silhouette"), value("jaccard")), (0.31, 0.7));
    assert_eq!(find(&rows, "jaccard").segment_key.as_deref(), Some("b"));
    // c has fewer than 20 customers: a and b are left, 0.7 apart in x.
    let pair = find(&rows, "closest_pair");
    assert!((pair.value.unwrap() - 0.7).abs() < 1e-15 && pair.sentence.contains("a and b, differ most in x: by 0.70"));
    assert_eq!(value("reachable_share"), 0.46);
    let least = find(&rows, "least_reachable_share");
    assert_eq!((least.value, least.segment_key.as_deref()), (Some(0.2), Some("b")));
    let criteria: Vec<&str> = rows.iter().map(|row| row.criterion.as_str()).collect();
    let mut once = criteria.clone();
    once.dedup();
    assert_eq!(once, CRITERIA);
}

#[test]
fn what_is_not_known_says_why() {
    let mut own = scope(&[], &[]);
    (own.is_clustered, own.has_consents, own.outcome) = (false, false, None);
    let rows = scorecard_rows(&own);
    for (measure, why) in [
        ("eta_squared", "no feature is a number"),
        ("silhouette", "between clusters only"),
        ("closest_pair", "fewer than two segments"),
        ("jaccard", "not clusters"),
        ("reachable_share", "no source of kind consents"),
        ("r_squared", "no outcome window"),
    ] {
        let row = find(&rows, measure);
        assert!(row.value.is_none() && row.reason.as_ref().unwrap().contains(why), "{row:?}");
        assert!(row.sentence.starts_with("Not known: ") && row.verdict.is_none());
    }
    for row in &rows {
        assert_eq!(row.value.is_some(), row.reason.is_none(), "{row:?}");
    }
    own.outcome = Some(Basis::Outcome { end: NaiveDate::from_ymd_opt(2026, 1, 10).unwrap(), newest: None });
    own.overlapping = true;
    let rows = scorecard_rows(&own);
    assert!(find(&rows, "r_squared").reason.as_ref().unwrap().contains("the window ends before 2026-01-10"));
    assert!(find(&rows, "eta_squared").reason.as_ref().unwrap().contains("overlap"));
}

#[test]
fn a_verdict_follows_where_the_interval_leaves_out_0() {
    let power = PredictivePower {
        customers: 100,
        segments: 0.12,
        past: 0.2,
        random: 0.02,
        over_past: (-0.15, 0.01),
        over_random: (0.04, 0.16),
    };
    let own = ScorecardScope { power: Some(power), ..scope(&[], &[]) };
    let rows: Vec<ScorecardRow> =
        scorecard_rows(&own).into_iter().filter(|row| row.criterion == "predictive_power").collect();
    let [past, random] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((past.comparison.as_deref(), past.verdict.as_deref()), (Some("past_value"), None));
    assert_eq!((past.ci_low, past.ci_high, past.ci_level), (Some(-0.15), Some(0.01), Some(0.95)));
    assert!((past.difference.unwrap() + 0.08).abs() < 1e-15 && past.basis == "outcome");
    assert!(past.sentence.contains("cannot be said (difference -15.0 % to 1.0 %)"), "{}", past.sentence);
    assert_eq!((random.comparison.as_deref(), random.verdict.as_deref()), (Some("random_groups"), Some("better")));
    let worse = PredictivePower { over_past: (-0.15, -0.01), ..power };
    let rows = scorecard_rows(&ScorecardScope { power: Some(worse), ..own });
    let verdicts: Vec<_> = rows.iter().filter_map(|row| row.verdict.as_deref()).collect();
    assert_eq!(verdicts, ["worse", "better"]);
}

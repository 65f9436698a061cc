//! Curves against published ones and by hand.

use super::{
    CurveScope, CurveStatistic,
    curve::{Day, kaplan_meier},
    curve_rows,
};
use crate::{
    measure::{effectiveness::Basis, groups::Groups, inference::normal_quantile},
    results::RepeatCurveRow,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

#[test]
fn steps_and_intervals_are_the_published_ones() {
    // Remission of 21 patients with 6-mercaptopurine, in weeks (Freireich and others 1963), as R's survfit gives it with conf.type "log-log".
    let ended = [(6, 3), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1)];
    let went_on = [(6, 1), (9, 1), (10, 1), (11, 1), (17, 1), (19, 1), (20, 1), (25, 1), (32, 2), (34, 1), (35, 1)];
    let mut days: BTreeMap<u32, Day> = BTreeMap::new();
    ended.iter().for_each(|(day, count)| days.entry(*day).or_default().events += count);
    went_on.iter().for_each(|(day, count)| days.entry(*day).or_default().censored += count);
    let steps = kaplan_meier(&days);
    for (day, at_risk, survival, low, high) in [
        (6, 21, 0.857, 0.620, 0.952),
        (7, 17, 0.807, 0.563, 0.923),
        (10, 15, 0.753, 0.503, 0.889),
        (13, 12, 0.690, 0.432, 0.849),
        (16, 11, 0.627, 0.368, 0.805),
        (22, 7, 0.538, 0.268, 0.747),
        (23, 6, 0.448, 0.188, 0.680),
    ] {
        let step = steps.iter().find(|step| step.day == day).unwrap();
        let interval = step.interval(normal_quantile(0.95)).unwrap();
        assert_eq!(step.at_risk, at_risk, "{day}");
        for (found, expected) in [(step.survival, survival), (interval.0, low), (interval.1, high)] {
            assert!((found - expected).abs() < 5.1e-4, "{day}: {found} and {expected}");
        }
    }
}

fn scope<'a>(keys: &'a [String], basis: Basis, min_cell: u64) -> CurveScope<'a> {
    CurveScope { segmentation: "own", segment_keys: keys, overlapping: false, basis, min_cell, level: 0.95 }
}

fn over() -> Basis {
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    Basis::Outcome { end: day(31), newest: Some(day(30)) }
}

/// Customers of two segments and one out of scope: the day of the first purchase, and who has none by day 30.
fn statistic() -> (Vec<String>, CurveStatistic) {
    let keys = ["a", "b", "out_of_scope"].map(str::to_owned).to_vec();
    let times = [(5, true), (5, true), (9, true), (30, false), (2, true), (30, false), (30, false), (1, true)];
    let groups = Groups::apart(&[0, 0, 0, 0, 1, 1, 1, 2], 3).unwrap();
    let statistic = CurveStatistic::of_shard(&groups, times.len(), |row| Ok(vec![times[row]])).unwrap();
    (keys, statistic)
}

fn of<'a>(rows: &'a [RepeatCurveRow], key: Option<&str>) -> Vec<&'a RepeatCurveRow> {
    rows.iter().filter(|row| row.segment_key.as_deref() == key).collect()
}

#[test]
fn a_segment_has_a_row_a_day_on_which_somebody_buys_and_one_for_the_end() {
    let (keys, statistic) = statistic();
    let rows = curve_rows(&scope(&keys, over(), 1), &statistic).unwrap();
    let said: Vec<_> = of(&rows, Some("a"))
        .iter()
        .map(|row| (row.day, row.at_risk, row.events, row.not_yet, row.median_days))
        .collect();
    assert_eq!(
        said,
        [
            (5, 4, Some(2), Some(0.5), Some(5)),
            (9, 2, Some(1), Some(0.25), Some(5)),
            (30, 1, Some(0), Some(0.25), Some(5))
        ]
    );
    // The population has no customers who are out of scope, and never gets to the half.
    let all = of(&rows, None);
    assert_eq!(all.iter().map(|row| row.day).collect::<Vec<_>>(), [2, 5, 9, 30]);
    assert_eq!((all[0].at_risk, all[0].not_yet, all[0].bought), (7, Some(6.0 / 7.0), Some(1.0 - 6.0 / 7.0)));
    assert_eq!(all[3].median_days, Some(9), "3 of 7 have not bought");
    assert_eq!(of(&rows, Some("b")).last().unwrap().median_days, None);
    // By hand: S 6/7, Σ d/(n(n − d)) = 1/42, ln S = −0.1541507; off = 1.959964 · 0.1543033 / 0.1541507.
    let (low, high) = (all[0].ci_low.unwrap(), all[0].ci_high.unwrap());
    assert!((low - 0.334_054).abs() < 1e-4 && (high - 0.978_561).abs() < 1e-4, "{low} {high}");
    let gone = of(&rows, Some("out_of_scope"));
    assert_eq!(
        (gone[0].not_yet, gone[0].ci_low, gone[0].reason.as_deref()),
        (Some(0.0), None, Some("ci: nobody is left"))
    );
}

#[test]
fn what_cannot_be_told_says_why() {
    let (keys, statistic) = statistic();
    let rows = curve_rows(&scope(&keys, over(), 4), &statistic).unwrap();
    let few = of(&rows, Some("b"));
    assert_eq!((few.len(), few[0].at_risk, few[0].events, few[0].not_yet), (1, 3, None, None));
    assert_eq!(few[0].reason.as_deref(), Some("fewer than 4 customers"));
    let open = Basis::Outcome { end: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(), newest: None };
    let rows = curve_rows(&scope(&keys, open, 1), &statistic).unwrap();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.not_yet.is_none() && row.reason.as_ref().unwrap().contains("2026-01-31")));
}

#[test]
fn gaps_of_history_have_no_bands() {
    let keys = vec!["a".to_owned(), "b".to_owned()];
    // Two customers of a: gaps 10 and 20, and 15 and 5 days since; nobody of b ever bought.
    let times: [Vec<(u32, bool)>; 3] = [vec![(10, true), (20, true), (15, false)], vec![(5, false)], vec![]];
    let groups = Groups::apart(&[0, 0, 1], 2).unwrap();
    let statistic = CurveStatistic::of_shard(&groups, 3, |row| Ok(times[row].clone())).unwrap();
    let rows = curve_rows(&scope(&keys, Basis::InSample, 2), &statistic).unwrap();
    let own = of(&rows, Some("a"));
    // 5 is censored; 3 at risk on day 10, and 1 on day 20.
    assert_eq!(
        own.iter().map(|row| (row.day, row.at_risk, row.not_yet)).collect::<Vec<_>>(),
        [(10, 3, Some(2.0 / 3.0)), (20, 1, Some(0.0))]
    );
    assert!(own.iter().all(|row| row.curve == "gaps" && row.basis == "in_sample" && row.ci_low.is_none()));
    assert_eq!(own[0].median_days, Some(20));
    assert_eq!(of(&rows, Some("b"))[0].reason.as_deref(), Some("no customers with an order"));
    let rows = curve_rows(&scope(&keys, Basis::InSample, 3), &statistic).unwrap();
    assert_eq!(
        of(&rows, Some("a"))[0].reason.as_deref(),
        Some("fewer than 3 customers"),
        "three gaps of two customers"
    );
}

#[test]
fn any_cut_gives_the_same_curve() {
    let (_, whole) = statistic();
    let mut merged = CurveStatistic { by_group: vec![BTreeMap::new(); 3] };
    let times = [(5, true), (5, true), (9, true), (30, false), (2, true), (30, false), (30, false), (1, true)];
    for (time, label) in times.into_iter().zip([0, 0, 0, 0, 1, 1, 1, 2]).rev() {
        let groups = [label];
        let groups = Groups::apart(&groups, 3).unwrap();
        let part = CurveStatistic::of_shard(&groups, 1, |_| Ok(vec![time])).unwrap();
        merged.merge(&CurveStatistic::from_message(&part.to_message()).unwrap()).unwrap();
    }
    assert_eq!(merged, whole);
}

//! Which runs may go. Pure: what is found decides, and the time of asking.

use super::found::{FoundRun, State};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A run that was begun and of which nothing was written for so long is not under way any more.
pub const UNDER_WAY: TimeDelta = TimeDelta::days(2);

/// How many runs are to stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The newest of those that can be read.
    pub keep: usize,
    /// Of the others, those whose day or commit is not so long ago.
    pub younger_than: Option<TimeDelta>,
    /// The run that the job file is compared with, where it names one.
    pub pinned: Option<String>,
}

/// A run that stays, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Its id.
    pub run: String,
    /// A sentence.
    pub why: String,
}

/// What goes and what stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What goes, in the order in which it is deleted: the oldest first.
    pub delete: Vec<FoundRun>,
    /// What stays, the newest first.
    pub keep: Vec<Keep>,
}

/// Decides which runs go.
pub fn plan(runs: &[FoundRun], retention: &Retention, now: DateTime<Utc>) -> Plan {
    let mut runs: Vec<&FoundRun> = runs.iter().collect();
    runs.sort_by(|a, b| b.age().cmp(&a.age()));
    let whole: Vec<&FoundRun> = runs.iter().copied().filter(|run| run.is_whole()).collect();
    // The newest is never deleted, whatever is asked for.
    let newest = &whole[..retention.keep.max(1).min(whole.len())];
    let is_newest = |run: &FoundRun| newest.iter().any(|own| own.run == run.run);
    let pinned = retention.pinned.as_deref();
    let referring: Vec<&FoundRun> =
        runs.iter().copied().filter(|run| is_newest(run) || pinned == Some(run.run.as_str())).collect();
    let going_on: Vec<&FoundRun> = runs.iter().copied().filter(|run| is_under_way(run, now)).collect();
    let mut decided = Plan::default();
    for run in &runs {
        let why = match run.state {
            State::Committed | State::Damaged if is_newest(run) => Some("it is among the newest".to_owned()),
            State::Committed | State::Damaged if pinned == Some(run.run.as_str()) => {
                Some("the job file names it as output.previous".to_owned())
            }
            State::Committed | State::Damaged => referred(run, (&referring, &whole, &going_on), now).or_else(|| {
                let is_newer = newest.last().is_none_or(|last| run.age() > last.age());
                let damaged = run.state == State::Damaged && is_newer;
                damaged
                    .then(|| "it is damaged, and newer than a run that stays: look what happened to it".to_owned())
                    .or_else(|| young(run, retention.younger_than, now))
            }),
            State::Broken => {
                Some("its commit.json cannot be read: restore it, or delete the folder by hand".to_owned())
            }
            State::Begun => is_under_way(run, now).then(|| "it may be under way".to_owned()),
            State::Leftover => None,
        };
        match why {
            Some(why) => decided.keep.push(Keep { run: run.run.clone(), why }),
            None => decided.delete.push((*run).clone()),
        }
    }
    decided.delete.reverse();
    decided
}

fn is_under_way(run: &FoundRun, now: DateTime<Utc>) -> bool {
    // Of what has no time nobody knows.
    run.state == State::Begun && run.changed_at.is_none_or(|changed| now - changed < UNDER_WAY)
}

/// Says what refers to a run: one that stays for its own sake, one that is under way, or scores by its model.
fn referred(
    run: &FoundRun,
    (referring, whole, going_on): (&[&FoundRun], &[&FoundRun], &[&FoundRun]),
    now: DateTime<Utc>,
) -> Option<String> {
    if let Some(newer) = referring.iter().find(|newer| newer.previous.as_ref() == Some(&run.run)) {
        return Some(format!("run {} was compared with it", newer.run));
    }
    if let Some(begun) = going_on.iter().find(|begun| begun.previous.as_ref() == Some(&run.run)) {
        return Some(format!("run {}, which may be under way, is compared with it", begun.run));
    }
    // One that has not chosen yet is going to be compared with the newest of before its day.
    let before =
        |day: Option<NaiveDate>| whole.iter().find(|own| own.as_of < day).is_some_and(|own| own.run == run.run);
    let undecided = going_on.iter().filter(|begun| begun.previous.is_none());
    if let Some(begun) = undecided.into_iter().find(|begun| before(begun.as_of)) {
        return Some(format!("run {}, which may be under way, is compared with it", begun.run));
    }
    if run.used_at.is_some_and(|used| now - used < UNDER_WAY) {
        return Some("a score by its model, or an evaluation of it, may be under way".to_owned());
    }
    if let Some(export) = run.newest_exports.first() {
        return Some(format!("the newest list of export {export} is of it, and the next one is compared with that"));
    }
    match run.scores.len() {
        0 => None,
        1 => Some("a score by its model is there".to_owned()),
        scores => Some(format!("{scores} scores by its model are there")),
    }
}

/// Says that a run is not old enough: its day and its commit both count.
fn young(run: &FoundRun, younger_than: Option<TimeDelta>, now: DateTime<Utc>) -> Option<String> {
    let since = now - younger_than?;
    let day = run.as_of.is_some_and(|as_of| as_of > since.date_naive());
    let commit = run.committed_at.is_none_or(|committed| committed > since);
    (day || commit).then(|| "it is not old enough".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    /// A committed run of a day of November, committed on its day.
    fn run(day: u32) -> FoundRun {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, day);
        let at = as_of.and_then(|as_of| as_of.and_hms_opt(4, 0, 0)).map(|time| time.and_utc());
        FoundRun {
            run: format!("2026-11-{day:02}-0123456789ab"),
            state: State::Committed,
            as_of,
            sequence: 1,
            committed_at: at,
            changed_at: at,
            customers: Some(1),
            previous: None,
            damage: Vec::new(),
            files: 3,
            bytes: 10,
            scores: Vec::new(),
            evaluations: Vec::new(),
            exports: Vec::new(),
            newest_exports: Vec::new(),
            used_at: None,
        }
    }

    fn state(day: u32, state: State) -> FoundRun {
        FoundRun { state, sequence: 0, committed_at: None, ..run(day) }
    }

    /// The days that go, and of those that stay the reasons.
    fn decided(runs: &[FoundRun], retention: &Retention) -> (Vec<u32>, Vec<(u32, String)>) {
        let day = |run: &str| run[8..10].parse().unwrap();
        let Plan { delete, keep } = plan(runs, retention, now());
        assert_eq!(delete.len() + keep.len(), runs.len(), "every run is told");
        (
            delete.iter().map(|own| day(&own.run)).collect(),
            keep.into_iter().map(|own| (day(&own.run), own.why)).collect(),
        )
    }

    fn keep(keep: usize) -> Retention {
        Retention { keep, younger_than: None, pinned: None }
    }

    #[test]
    fn the_newest_stay_and_the_oldest_goes_first() {
        let runs = [run(3), run(1), run(5), run(2)];
        assert_eq!(decided(&runs, &keep(2)).0, [1, 2]);
        assert_eq!(decided(&runs, &keep(0)).0, [1, 2, 3], "the newest is never deleted");
        assert_eq!(decided(&runs, &keep(9)).0, [0; 0]);
        assert_eq!(plan(&[], &keep(2), now()), Plan::default());
    }

    #[test]
    fn what_a_run_under_way_was_begun_with_stays() {
        let begun = FoundRun { previous: Some(run(1).run), changed_at: Some(now()), ..state(3, State::Begun) };
        let retention = Retention { keep: 1, younger_than: None, pinned: None };
        let decided = plan(&[run(1), run(2), begun, run(4)], &retention, now());
        assert_eq!(decided.delete.iter().map(|run| run.run.clone()).collect::<Vec<_>>(), [run(2).run]);
    }

    #[test]
    fn the_run_of_the_newest_list_of_an_export_stays() {
        let exported = |day: u32, newest: bool| FoundRun {
            exports: vec!["crm".to_owned()],
            newest_exports: newest.then(|| "crm".to_owned()).into_iter().collect(),
            ..run(day)
        };
        let retention = Retention { keep: 1, younger_than: None, pinned: None };
        let decided = plan(&[exported(1, false), exported(2, true), run(3), run(4)], &retention, now());
        assert_eq!(decided.delete.iter().map(|run| run.run.clone()).collect::<Vec<_>>(), [run(1).run, run(3).run]);
        assert!(decided.keep[1].why.contains("export crm"), "{:?}", decided.keep);
    }

    #[test]
    fn what_is_referred_to_stays_and_is_named_with_whoever_refers_to_it() {
        let referring = |day: u32, previous: u32| FoundRun { previous: Some(run(previous).run), ..run(day) };
        // Each was compared with the one before; only what the newest refers to stays for that.
        let chain = [run(1), referring(2, 1), referring(3, 2), referring(4, 3)];
        let (delete, kept) = decided(&chain, &keep(1));
        assert_eq!(delete, [1, 2]);
        assert_eq!(kept[1], (3, "run 2026-11-04-0123456789ab was compared with it".to_owned()));
        let pinned = Retention { pinned: Some(run(2).run), ..keep(1) };
        let (delete, kept) = decided(&chain, &pinned);
        assert!(
            delete.is_empty() && kept[2].1.contains("output.previous") && kept[3].1.contains("2026-11-02"),
            "{kept:?}"
        );
        let used = |hours| FoundRun { used_at: Some(now() - TimeDelta::hours(hours)), ..run(1) };
        assert_eq!(decided(&[used(1), run(2), run(3)], &keep(1)).0, [2]);
        assert_eq!(decided(&[used(49), run(2), run(3)], &keep(1)).0, [1, 2]);
        let scored = FoundRun { scores: vec!["a".into(), "b".into()], ..run(1) };
        let (delete, kept) = decided(&[scored, run(2), run(3)], &keep(1));
        assert_eq!((delete, kept[1].1.as_str()), (vec![2], "2 scores by its model are there"));
    }

    #[test]
    fn a_run_that_may_be_under_way_stays_with_what_it_is_compared_with() {
        let changed =
            |hours: i64| FoundRun { changed_at: Some(now() - TimeDelta::hours(hours)), ..state(9, State::Begun) };
        let (delete, kept) = decided(&[run(7), run(8), run(10), changed(47)], &keep(1));
        assert_eq!(delete, [7]);
        assert_eq!((kept[1].1.as_str(), kept[2].0), ("it may be under way", 8));
        let (delete, _) = decided(&[run(7), run(8), run(10), changed(49)], &keep(1));
        assert_eq!(delete, [7, 8, 9]);
    }

    #[test]
    fn leftovers_go_and_what_cannot_be_read_stays() {
        let (delete, kept) = decided(&[state(1, State::Leftover), state(2, State::Broken), run(3)], &keep(1));
        assert_eq!(delete, [1]);
        assert!(kept[1].1.contains("by hand"), "{kept:?}");
    }

    #[test]
    fn damaged_runs_take_no_place_of_whole_ones() {
        let damaged = |day: u32| FoundRun { state: State::Damaged, ..run(day) };
        let (delete, kept) = decided(&[run(1), damaged(2), run(3), damaged(4), run(5), damaged(6)], &keep(2));
        assert_eq!(delete, [1, 2]);
        assert_eq!(kept.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [6, 5, 4, 3]);
        assert!(kept[0].1.contains("damaged"));
        let (delete, kept) = decided(&[damaged(1), damaged(2)], &keep(1));
        assert!(delete.is_empty() && kept.len() == 2, "without a whole run nobody knows better");
    }

    #[test]
    fn age_is_that_of_the_day_and_of_the_commit() {
        let old = |days: i64| Retention { younger_than: Some(TimeDelta::days(days)), ..keep(1) };
        let runs = [run(1), run(10), run(29)];
        assert_eq!(decided(&runs, &old(15)).0, [1, 10]);
        assert_eq!(decided(&runs, &old(25)).0, [1]);
        assert_eq!(decided(&runs, &old(400)).0, [0; 0]);
        let late = FoundRun { committed_at: Some(now()), ..run(1) };
        assert_eq!(decided(&[late, run(29)], &old(15)).0, [0; 0], "a day long ago, segmented today");
    }
}

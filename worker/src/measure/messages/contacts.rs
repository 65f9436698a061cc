//! The rows of `contacts.parquet`: how many messages customers get, who leaves because of them, and when messages are answered.

use super::{
    cells::About,
    fold::NUMBERS,
    scope::{Group, MessagesScope, TOO_MANY, count},
    statistic::{MessagesStatistic, Sums},
    times::{Time, Times},
};
use crate::results::ContactRow;
use segmenter_proto::Result;

/// Days of the week, from Monday.
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Gives the rows of the population (without a key) and of each segment: numbers of messages, then weekdays, then hours.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn contact_rows(scope: &MessagesScope<'_>, statistic: &MessagesStatistic) -> Result<Vec<ContactRow>> {
    let mut rows = Vec::new();
    for group in scope.groups(statistic)? {
        if statistic.untold.contains(&About::Contacts) {
            rows.push(ContactRow { reason: Some(TOO_MANY.to_owned()), ..named(scope, &group, "contacts", "") });
        } else {
            rows.extend(numbers(scope, &group, statistic));
        }
        for (about, measure) in [(About::Weekday, "weekday"), (About::Hour, "hour")] {
            rows.extend(times(scope, &group, statistic, (about, measure)));
        }
    }
    Ok(rows)
}

fn named(scope: &MessagesScope<'_>, group: &Group<'_>, measure: &str, level: &str) -> ContactRow {
    ContactRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: group.key.map(str::to_owned),
        basis: scope.basis.name().to_owned(),
        measure: measure.to_owned(),
        level: level.to_owned(),
        ..ContactRow::default()
    }
}

/// Customers by the number of messages that they got, and how many got too many.
fn numbers(scope: &MessagesScope<'_>, group: &Group<'_>, statistic: &MessagesStatistic) -> Vec<ContactRow> {
    let mut by_number: Vec<(usize, Sums)> = Vec::new();
    for (label, by_group) in statistic.of(About::Contacts) {
        let number = NUMBERS.iter().position(|number| Some(*number) == label).unwrap_or_default();
        by_number.push((number, group.sums(by_group)));
    }
    by_number.sort_by_key(|(number, _)| *number);
    let written: u64 = by_number.iter().filter(|(number, _)| *number > 0).map(|(_, sums)| sums.customers).sum();
    // Who had nothing to do with messages has no cell.
    let nothing = by_number.iter().find(|(number, _)| *number == 0).map(|(_, sums)| sums.clone()).unwrap_or_default();
    by_number.retain(|(number, sums)| *number > 0 && sums.customers > 0);
    by_number.insert(0, (0, Sums { customers: group.customers.saturating_sub(written), ..nothing }));
    let cap = scope.job.contacts.cap;
    let mut rows: Vec<ContactRow> = by_number
        .iter()
        .map(|(number, sums)| {
            let number = NUMBERS.get(*number).copied().unwrap_or_default();
            let level = if Some(&number) == NUMBERS.last() { format!("{number} or more") } else { number.to_owned() };
            let named = named(scope, group, "contacts", &level);
            if let Some(why) = scope.why_nothing(sums.customers) {
                return ContactRow { reason: Some(why), ..named };
            }
            let share = scope.share(sums.figures.left, sums.customers);
            ContactRow {
                customers: Some(count(sums.customers)),
                share: Some(sums.customers as f64 / group.customers as f64),
                unsubscribed: Some(count(sums.figures.left)),
                rate: share.value,
                ci_low: share.interval.map(|(low, _)| low),
                ci_high: share.interval.map(|(_, high)| high),
                ci_level: share.level,
                reason: scope.why_no_interval(),
                ..named
            }
        })
        .collect();
    if let Some(cap) = cap {
        let beyond = by_number.iter().filter(|(number, _)| *number > cap.messages as usize);
        let beyond: u64 = beyond.map(|(_, sums)| sums.customers).sum();
        let named = named(scope, group, "over_cap", &format!("more than {} in {} days", cap.messages, cap.days));
        rows.push(match scope.why_nothing(group.customers).or_else(|| scope.why_few(beyond)) {
            Some(why) => ContactRow { reason: Some(why), ..named },
            None => ContactRow {
                customers: Some(count(beyond)),
                share: Some(beyond as f64 / group.customers as f64),
                ..named
            },
        });
    }
    rows
}

/// Messages by when they were sent.
fn times(
    scope: &MessagesScope<'_>,
    group: &Group<'_>,
    statistic: &MessagesStatistic,
    (about, measure): (About, &str),
) -> Vec<ContactRow> {
    let all = statistic.of(About::Everything).next().map(|(_, by_group)| group.sums(by_group)).unwrap_or_default();
    let mut found: Vec<(usize, Sums)> = statistic
        .of(about)
        .map(|(label, by_group)| {
            let number = NUMBERS.iter().position(|number| Some(*number) == label).unwrap_or_default();
            (number, group.sums(by_group))
        })
        .filter(|(_, sums)| sums.customers > 0)
        .collect();
    found.sort_by_key(|(number, _)| *number);
    let level = |number: usize| match about {
        About::Weekday => number.checked_sub(1).and_then(|day| WEEKDAYS.get(day)).copied().unwrap_or_default(),
        _ => NUMBERS.get(number).copied().unwrap_or_default(),
    };
    let is_told = |sums: &Sums| scope.why_nothing(sums.customers).is_none();
    let told = found.iter().filter(|(_, sums)| is_told(sums)).map(|(_, sums)| &sums.figures);
    let judged = Times::of(&all.figures, &told.collect::<Vec<_>>(), scope.job.effectiveness.confidence.level());
    let mut judged = judged.0.into_iter();
    found
        .iter()
        .map(|(number, sums)| {
            let named = named(scope, group, measure, level(*number));
            if let Some(why) = scope.why_nothing(sums.customers) {
                return ContactRow { reason: Some(why), ..named };
            }
            let Time { rate, interval, shrunk, is_best } = judged.next().unwrap_or_default();
            let why = scope.why_no_interval();
            let interval = interval.filter(|_| why.is_none());
            let few = (why.is_none() && interval.is_none()).then(|| "ci: too few customers answered".to_owned());
            ContactRow {
                customers: Some(count(sums.customers)),
                delivered: Some(count(sums.figures.delivered)),
                answered: Some(count(sums.figures.responses)),
                rate,
                ci_low: interval.map(|(low, _)| low),
                ci_high: interval.map(|(_, high)| high),
                ci_level: interval.map(|_| scope.job.effectiveness.confidence.level()),
                shrunk,
                is_best: is_best.filter(|_| why.is_none()),
                reason: why.or(few),
                ..named
            }
        })
        .collect()
}

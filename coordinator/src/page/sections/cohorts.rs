//! Who comes back, by the month of the first order: a table that is coloured.

use crate::page::{
    data::{Row, RunData},
    model::{Block, Cell, Head, Part, Section, Table},
    words::percentage,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The newest cohorts, and months since, that are shown.
const COHORTS: usize = 24;
const MONTHS: i64 = 12;

/// Gives the section; none without purchases.
pub(super) fn cohorts(data: &RunData) -> Option<Section> {
    let mut cohorts: BTreeMap<NaiveDate, BTreeMap<i64, Row<'_>>> = BTreeMap::new();
    for row in data.rows("cohorts") {
        let (Some(cohort), Some(since)) = (row.day("cohort"), row.whole("months_since")) else { continue };
        if row.number("retention").is_some() && since <= MONTHS {
            cohorts.entry(cohort).or_default().insert(since, row);
        }
    }
    let newest: Vec<_> = cohorts.iter().rev().take(COHORTS).collect();
    let last =
        newest.iter().filter_map(|(_, months)| months.keys().next_back()).max().copied().filter(|last| *last > 0)?;
    let mean = |since: i64| {
        let known = cohorts.values().filter_map(|months| months.get(&since));
        let (active, all) = known.fold((0_i64, 0_i64), |(active, all), row| {
            (active + row.whole("active").unwrap_or_default(), all + row.whole("customers").unwrap_or_default())
        });
        (all > 0).then(|| active as f64 / all as f64)
    };
    let first = mean(1)?;
    let later = [6, 3].into_iter().find_map(|since| Some((since, mean(since)?)));
    let (words, unit) = (data.words, || ("unit", data.unit()));
    let first = ("first", percentage(words, first).into());
    let finding = match later {
        Some((since, share)) => {
            let later = ("later", percentage(words, share).into());
            words.say("cohorts-finding-later", [unit(), first, later, ("month", since.unsigned_abs().into())])
        }
        None => words.say("cohorts-finding", [unit(), first]),
    };
    let mut table = Table::new(words, words.say("cohorts-table", [unit()]), &["head-first-order"]);
    table.heads.push(Head::number(data.many()));
    table.heads.extend((1..=last).map(|since| Head::number(format!("+{since}"))));
    table.rows.extend(newest.iter().rev().map(|(cohort, months)| {
        let size = months.values().next().and_then(|row| row.whole("customers")).unwrap_or_default();
        let cells = (1..=last).map(|since| match months.get(&since).and_then(|row| row.number("retention")) {
            None => Cell::number(""),
            Some(share) => Cell::shaded(percentage(words, share), shade(share)),
        });
        [Cell::text(cohort.format("%Y-%m").to_string()), Cell::number(words.whole(size))]
            .into_iter()
            .chain(cells)
            .collect()
    }));
    let note = Part::Note(words.say("cohorts-note", [("months", COHORTS.into())]));
    Section::of(words.word("cohorts-title"), Vec::new(), vec![Block::new("", finding, vec![Part::Table(table), note])])
}

fn shade(share: f64) -> &'static str {
    match share {
        0.5.. => "n s5",
        0.25.. => "n s3",
        0.1.. => "n s1",
        _ => "n",
    }
}

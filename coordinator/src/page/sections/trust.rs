//! Whether a run can be relied on: what became of the rows, what was found wrong, how far the data drifted.

use super::{Limits, drift::drift, left_out};
use crate::page::{
    data::{Row, RunData, Segmentation},
    drawing::{Fated, fates},
    model::{Block, Cell, Form, Head, Item, Mark, Part, Picture, Section, Table, figure},
    words::{called, isolated, or_dash, percentage},
};
use segmenter_proto::{Fate, RowFates};
use segmenter_worker::words::Words;

/// Gives the section.
pub(super) fn trust(data: &RunData, all: &[Segmentation], limits: Limits) -> Option<Section> {
    let mut blocks = Vec::new();
    blocks.extend(rows(data));
    blocks.extend(checks(data, limits));
    blocks.extend(drift(data, all));
    Section::of(data.words.word("trust-title"), Vec::new(), blocks)
}

/// The sources in the order of the job.
fn sources(data: &RunData) -> Vec<(&str, &RowFates)> {
    let order = |name: &str| data.job.sources.iter().position(|(source, _)| source == name).unwrap_or(usize::MAX);
    let mut sources: Vec<(&str, &RowFates)> =
        data.record.rows.iter().map(|(name, fates)| (name.as_str(), fates)).collect();
    sources.sort_by_key(|(name, _)| order(name));
    sources
}

fn rows(data: &RunData) -> Option<Block> {
    let sources = sources(data);
    let (read, used) =
        sources.iter().fold((0_u64, 0_u64), |(read, used), (_, fates)| (read + fates.read, used + fates.used));
    if read == 0 {
        return None;
    }
    let words = data.words;
    let share = |used: u64, read: u64| percentage(words, if read == 0 { 0.0 } else { used as f64 / read as f64 });
    let met: Vec<Fate> =
        Fate::ALL.into_iter().filter(|fate| sources.iter().any(|(_, fates)| fates.of(*fate) > 0)).collect();
    let most_lost = met
        .iter()
        .filter(|fate| **fate != Fate::Used)
        .map(|fate| (sources.iter().map(|(_, fates)| fates.of(*fate)).sum::<u64>(), *fate))
        .max_by_key(|(rows, fate)| (*rows, std::cmp::Reverse(*fate)));
    let finding = match most_lost {
        None => words.say("rows-all", [("rows", read.into())]),
        Some((lost, fate)) => words.say(
            "rows-finding",
            [
                ("rows", read.into()),
                ("share", share(used, read).into()),
                ("fate", called_fate(words, fate).into()),
                ("lost", lost.into()),
            ],
        ),
    };
    let fated = sources.iter().map(|(name, fates)| {
        let lost: Vec<String> = fates
            .lost()
            .map(|(fate, rows)| format!("{} {}", called_fate(words, fate), words.whole(rows as i64)))
            .collect();
        Fated {
            name: (*name).to_owned(),
            read: fates.read,
            used: fates.used,
            told: words.say(
                "rows-told",
                [("share", share(fates.used, fates.read).into()), ("read", words.whole(fates.read as i64).into())],
            ),
            lost: lost.join(" · "),
        }
    });
    let fated: Vec<Fated> = fated.collect();
    let mut table = Table::new(words, words.word("rows-table"), &["head-source", "#head-read"]);
    table.heads.extend(met.iter().map(|fate| Head::number(called_fate(words, *fate))));
    table.rows.extend(sources.iter().map(|(name, fates)| {
        let numbers = std::iter::once(fates.read).chain(met.iter().map(|fate| fates.of(*fate)));
        let cells = numbers.map(|rows| Cell::number(words.whole(rows as i64)));
        std::iter::once(Cell::text(*name)).chain(cells).collect()
    }));
    let picture = Picture::new(words.word("rows-picture"), finding.as_str(), Form::Narrow, fates(&fated))
        .read(words.word("rows-caption"));
    let mut parts: Vec<Part> = figure(picture, table).into();
    parts.extend(rejected(data));
    Some(Block::new(words.word("rows-title"), finding, parts))
}

fn called_fate(words: &Words, fate: Fate) -> String {
    words.named("fate", &fate.word().replace(' ', "_")).unwrap_or_else(|| fate.word().to_owned())
}

/// Why rows were quarantined.
fn rejected(data: &RunData) -> Option<Part> {
    let words = data.words;
    let heads = ["head-source", "head-column", "head-reason", "#head-rows"];
    let mut table = Table::new(words, words.word("rejected-table"), &heads);
    for (source, reasons) in &data.record.rejected {
        table.rows.extend(reasons.iter().map(|reason| {
            vec![
                Cell::text(source),
                Cell::text(or_dash(reason.column.clone())),
                Cell::text(called(words, "rejected", &reason.reason_code)),
                Cell::number(words.whole(reason.rows as i64)),
            ]
        }));
    }
    (!table.rows.is_empty()).then_some(Part::Folded(table))
}

fn checks(data: &RunData, limits: Limits) -> Option<Block> {
    let checks: Vec<Row<'_>> = data.rows("quality").collect();
    if checks.is_empty() {
        return None;
    }
    let doubtful: Vec<Row<'_>> = checks.iter().copied().filter(|row| !row.is("action", "ok")).collect();
    let words = data.words;
    let finding = match doubtful.len() {
        0 => words.say("checks-none", [("checks", checks.len().into())]),
        many => words.say("checks-some", [("checks", checks.len().into()), ("found", many.into())]),
    };
    let mut items: Vec<Item> = Vec::new();
    items
        .extend(data.record.warnings.iter().take(limits.rows).map(|text| Item { mark: Mark::Bad, text: text.clone() }));
    items.extend(checks.iter().filter_map(|row| fresh(words, *row)));
    let mut parts = Vec::new();
    if !items.is_empty() {
        parts.push(Part::List(items));
    }
    let mut told: Vec<Row<'_>> = doubtful;
    let is_told = |row: &Row<'_>| row.is("action", "ok") && row.whole("rows_failed").unwrap_or_default() > 0;
    told.extend(checks.iter().copied().filter(is_told));
    let heads = [
        "head-source",
        "head-check",
        "head-column",
        "#head-found",
        "#head-of",
        "#head-share",
        "#head-limit",
        "head-action",
    ];
    let mut table = Table::new(words, words.word("checks-table"), &heads);
    let shown = told.len().min(limits.rows);
    table.rows.extend(told.iter().take(shown).map(|row| {
        let whole_of = |name: &str| Cell::number(words.whole(row.whole(name).unwrap_or_default()));
        vec![
            Cell::text(row.name("source")),
            Cell::text(called(words, "check", row.name("check_name"))),
            Cell::text(row.text("column_name").unwrap_or("–")),
            whole_of("rows_failed"),
            whole_of("rows_checked"),
            Cell::number(or_dash(row.number("failed_share").map(|share| percentage(words, share)))),
            Cell::number(or_dash(row.number("limit").map(|limit| words.number(limit)))),
            Cell::text(called(words, "action", row.name("action"))),
        ]
    }));
    if !table.rows.is_empty() {
        parts.push(Part::Folded(table));
        parts.extend(left_out(words, told.len(), shown, "quality"));
    }
    Some(Block::new(words.word("checks-title"), finding, parts))
}

/// How old the newest row is.
fn fresh(words: &Words, row: Row<'_>) -> Option<Item> {
    if !row.is("check_name", "freshness_hours") {
        return None;
    }
    let hours = row.number("value")?;
    let (id, age) = match hours {
        48.0.. => ("fresh-days", words.number((hours / 24.0).floor())),
        _ => ("fresh-hours", words.number(hours)),
    };
    let source = isolated(row.name("source"));
    Some(Item::neutral(words.say(id, [("source", source.into()), ("age", age.into())])))
}

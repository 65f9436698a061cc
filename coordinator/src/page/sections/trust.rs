//! Whether a run can be relied on: what became of the rows, what was found wrong, how far the data drifted.

use super::{Limits, drift::drift, left_out};
use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        drawing::{Fated, fates},
        model::{Block, Cell, Form, Head, Item, Mark, Part, Picture, Section, Table, figure},
        words::{counted, isolated, or_dash, percentage, readable},
    },
    report::{number, whole},
};
use segmenter_proto::{Fate, RowFates};

/// Gives the section.
pub(super) fn trust(data: &RunData, all: &[Segmentation], limits: Limits) -> Option<Section> {
    let mut blocks = Vec::new();
    blocks.extend(rows(data));
    blocks.extend(checks(data, limits));
    blocks.extend(drift(data, all));
    Section::of("Can it be relied on?", Vec::new(), blocks)
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
    let share = |used: u64, read: u64| percentage(if read == 0 { 0.0 } else { used as f64 / read as f64 });
    let met: Vec<Fate> =
        Fate::ALL.into_iter().filter(|fate| sources.iter().any(|(_, fates)| fates.of(*fate) > 0)).collect();
    let most_lost = met
        .iter()
        .filter(|fate| **fate != Fate::Used)
        .map(|fate| (sources.iter().map(|(_, fates)| fates.of(*fate)).sum::<u64>(), *fate))
        .max_by_key(|(rows, fate)| (*rows, std::cmp::Reverse(*fate)));
    let finding = match most_lost {
        None => format!("All {} were used.", counted(read, "row that was read", "rows that were read")),
        Some((rows, fate)) => format!(
            "Of {}, {} were used. The most frequent reason why a row was not is “{}” ({}).",
            counted(read, "row that was read", "rows that were read"),
            share(used, read),
            fate.word(),
            counted(rows, "row", "rows")
        ),
    };
    let fated = sources.iter().map(|(name, fates)| {
        let lost: Vec<String> =
            fates.lost().map(|(fate, rows)| format!("{} {}", fate.word(), whole(rows as i64))).collect();
        Fated {
            name: (*name).to_owned(),
            read: fates.read,
            used: fates.used,
            told: format!("{} of {} used", share(fates.used, fates.read), whole(fates.read as i64)),
            lost: lost.join(" · "),
        }
    });
    let fated: Vec<Fated> = fated.collect();
    let mut table = Table::new("Rows of each source by what became of them", &["Source", "#read"]);
    table.heads.extend(met.iter().map(|fate| Head::number(fate.word().to_owned())));
    table.rows.extend(sources.iter().map(|(name, fates)| {
        let numbers = std::iter::once(fates.read).chain(met.iter().map(|fate| fates.of(*fate)));
        let cells = numbers.map(|rows| Cell::number(whole(rows as i64)));
        std::iter::once(Cell::text(*name)).chain(cells).collect()
    }));
    let picture = Picture::new("Rows that were used", finding.as_str(), Form::Narrow, fates(&fated))
        .read("The filled part of a bar is the share of the source's rows that was used.");
    let mut parts: Vec<Part> = figure(picture, table).into();
    parts.extend(rejected(data));
    Some(Block::new("What became of the rows", finding, parts))
}

/// Why rows were quarantined.
fn rejected(data: &RunData) -> Option<Part> {
    let mut table = Table::new("Why rows were quarantined", &["Source", "Column", "Reason", "#Rows"]);
    for (source, reasons) in &data.record.rejected {
        table.rows.extend(reasons.iter().map(|reason| {
            vec![
                Cell::text(source),
                Cell::text(or_dash(reason.column.clone())),
                Cell::text(readable(&reason.reason_code)),
                Cell::number(whole(reason.rows as i64)),
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
    let total = counted(checks.len() as u64, "check was", "checks were");
    let finding = match doubtful.len() {
        0 => format!("{total} made, and none found anything to warn of."),
        many => {
            format!("{total} made; {} something to look at.", counted(many as u64, "of them found", "of them found"))
        }
    };
    let mut items: Vec<Item> = Vec::new();
    items
        .extend(data.record.warnings.iter().take(limits.rows).map(|text| Item { mark: Mark::Bad, text: text.clone() }));
    items.extend(checks.iter().filter_map(|row| fresh(*row)));
    let mut parts = Vec::new();
    if !items.is_empty() {
        parts.push(Part::List(items));
    }
    let mut told: Vec<Row<'_>> = doubtful;
    let is_told = |row: &Row<'_>| row.is("action", "ok") && row.whole("rows_failed").unwrap_or_default() > 0;
    told.extend(checks.iter().copied().filter(is_told));
    let caption = "Checks that found something";
    let mut table = Table::new(caption, &["Source", "Check", "Column", "#found", "#of", "#share", "#limit", "so"]);
    let shown = told.len().min(limits.rows);
    table.rows.extend(told.iter().take(shown).map(|row| {
        let whole_of = |name: &str| Cell::number(whole(row.whole(name).unwrap_or_default()));
        vec![
            Cell::text(row.name("source")),
            Cell::text(readable(row.name("check_name"))),
            Cell::text(row.text("column_name").unwrap_or("–")),
            whole_of("rows_failed"),
            whole_of("rows_checked"),
            Cell::number(or_dash(row.number("failed_share").map(percentage))),
            Cell::number(or_dash(row.number("limit").map(number))),
            Cell::text(row.name("action")),
        ]
    }));
    if !table.rows.is_empty() {
        parts.push(Part::Folded(table));
        parts.extend(left_out(told.len(), shown, "quality"));
    }
    Some(Block::new("What was checked", finding, parts))
}

/// How old the newest row is.
fn fresh(row: Row<'_>) -> Option<Item> {
    if !row.is("check_name", "freshness_hours") {
        return None;
    }
    let hours = row.number("value")?;
    let age = match hours {
        48.0.. => format!("{} days", number((hours / 24.0).floor())),
        _ => format!("{} hours", number(hours)),
    };
    let source = isolated(row.name("source"));
    Some(Item::neutral(format!("The newest row of {source} that was used is {age} older than the day of the run.")))
}

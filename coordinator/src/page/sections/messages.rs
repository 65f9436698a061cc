//! What customers of the segments do with what is sent to them, and what they get.

use super::{Limits, left_out};
use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        model::{Block, Cell, Part, Table},
        words::{isolated, listed, or_dash, percentage},
    },
    report::{number, whole},
};

/// How a column of a table is told.
#[derive(Debug, Clone, Copy)]
enum Told {
    Text,
    Whole,
    Number,
    Share,
}

/// A table of the run as it stands on the page: its name, its title, and its columns with their heads.
type Shown = (&'static str, &'static str, &'static [(&'static str, &'static str, Told)]);

const TABLES: [Shown; 5] = [
    (
        "channels",
        "By which channel they answer",
        &[
            ("channel", "Channel", Told::Text),
            ("customers", "#got something", Told::Whole),
            ("answered", "#answered", Told::Whole),
            ("answer_rate", "#answer rate", Told::Share),
            ("ci_low", "#from", Told::Share),
            ("ci_high", "#to", Told::Share),
            ("unsubscribed", "#unsubscribed", Told::Whole),
        ],
    ),
    (
        "offers",
        "What they do with offers",
        &[
            ("promotion", "Promotion", Told::Text),
            ("customers", "#got it", Told::Whole),
            ("response_rate", "#responded", Told::Share),
            ("buyers", "#bought with it", Told::Whole),
            ("revenue", "#revenue", Told::Number),
            ("margin_rate", "#margin", Told::Share),
        ],
    ),
    (
        "campaigns",
        "What campaigns bring",
        &[
            ("campaign", "Campaign", Told::Text),
            ("customers", "#reached", Told::Whole),
            ("answer_rate", "#answer rate", Told::Share),
            ("cost", "#cost", Told::Number),
            ("revenue", "#revenue", Told::Number),
            ("profit", "#profit", Told::Number),
        ],
    ),
    (
        "contacts",
        "How many messages they get, and when they answer",
        &[
            ("measure", "Measure", Told::Text),
            ("level", "Level", Told::Text),
            ("customers", "#customers", Told::Whole),
            ("share", "#share", Told::Share),
            ("delivered", "#delivered", Told::Whole),
            ("rate", "#rate", Told::Share),
        ],
    ),
    (
        "benefits",
        "What they get",
        &[
            ("tier", "Tier", Told::Text),
            ("customers", "#customers", Told::Whole),
            ("benefit", "Benefit", Told::Text),
            ("service_level", "Service", Told::Text),
        ],
    ),
];

/// Gives the blocks; what happened after the day of the run is told where it is known, else what happened before.
pub(super) fn messages(data: &RunData, own: &Segmentation, limits: Limits) -> Vec<Block> {
    TABLES.into_iter().filter_map(|shown| block(data, own, shown, limits)).collect()
}

fn block(data: &RunData, own: &Segmentation, (name, title, columns): Shown, limits: Limits) -> Option<Block> {
    let is_known = |row: &Row<'_>| row.text("reason").is_none();
    let all: Vec<Row<'_>> = data.rows_of(name, &own.name).filter(is_known).collect();
    let has_outcome = all.iter().any(|row| row.is("basis", "outcome"));
    let basis = if has_outcome { "outcome" } else { "in_sample" };
    let rows: Vec<Row<'_>> = all.into_iter().filter(|row| row.text("basis").is_none_or(|of| of == basis)).collect();
    if rows.is_empty() {
        return None;
    }
    let when = if has_outcome { "after the day of the run" } else { "before the day of the run" };
    let heads: Vec<&str> = std::iter::once("Segment").chain(columns.iter().map(|(_, head, _)| *head)).collect();
    let mut table = Table::new(format!("{title}, by segment, {when}"), &heads);
    let shown = rows.len().min(limits.rows);
    table.rows.extend(rows.iter().take(shown).map(|row| {
        let segment = row.text("segment_key").map_or_else(|| "all".to_owned(), |key| own.label(key));
        let cells = columns.iter().map(|(column, _, told)| cell(*row, column, *told));
        std::iter::once(Cell::text(segment)).chain(cells).collect()
    }));
    let finding = match name {
        "channels" => best_channels(&rows, own),
        _ => format!("As it was {when}."),
    };
    let mut parts = vec![Part::Folded(table)];
    parts.extend(left_out(rows.len(), shown, name));
    Some(Block::new(title, finding, parts))
}

fn cell(row: Row<'_>, column: &str, told: Told) -> Cell {
    match told {
        Told::Text => Cell::text(row.text(column).unwrap_or("–")),
        Told::Whole => Cell::number(or_dash(row.whole(column).map(whole))),
        Told::Number => Cell::number(or_dash(row.number(column).map(number))),
        Told::Share => Cell::number(or_dash(row.number(column).map(percentage))),
    }
}

/// Says which channel each segment answers by most.
fn best_channels(rows: &[Row<'_>], own: &Segmentation) -> String {
    let best = rows.iter().filter(|row| row.whole("rank") == Some(1)).filter_map(|row| {
        let segment = own.segment(row.text("segment_key")?)?.told();
        Some(format!("{segment} by {} ({})", isolated(row.text("channel")?), percentage(row.number("answer_rate")?)))
    });
    let best: Vec<String> = best.take(6).collect();
    if best.is_empty() {
        return String::new();
    }
    format!("They answer most: {}.", listed(&best))
}

//! What customers of the segments do with what is sent to them, and what they get.

use super::{Limits, left_out};
use crate::page::{
    data::{Row, RunData, Segmentation},
    model::{Block, Cell, Part, Table},
    words::{isolated, listed, or_dash, percentage},
};
use segmenter_worker::words::{Arg, Words};

/// How a column of a table is told.
#[derive(Debug, Clone, Copy)]
enum Told {
    Text,
    /// A name of the program.
    Named,
    Whole,
    Number,
    Share,
}

/// A table of the run as it stands on the page: its name, its title, and its columns with their heads.
type Shown = (&'static str, &'static str, &'static [(&'static str, &'static str, Told)]);

const TABLES: [Shown; 5] = [
    (
        "channels",
        "channels-title",
        &[
            ("channel", "head-channel", Told::Text),
            ("customers", "#head-got-something", Told::Whole),
            ("answered", "#head-answered", Told::Whole),
            ("answer_rate", "#head-answer-rate", Told::Share),
            ("ci_low", "#head-from", Told::Share),
            ("ci_high", "#head-to", Told::Share),
            ("unsubscribed", "#head-unsubscribed", Told::Whole),
        ],
    ),
    (
        "offers",
        "offers-title",
        &[
            ("promotion", "head-promotion", Told::Text),
            ("customers", "#head-got-it", Told::Whole),
            ("response_rate", "#head-responded", Told::Share),
            ("buyers", "#head-bought-with-it", Told::Whole),
            ("revenue", "#head-revenue", Told::Number),
            ("margin_rate", "#head-margin", Told::Share),
        ],
    ),
    (
        "campaigns",
        "campaigns-title",
        &[
            ("campaign", "head-campaign", Told::Text),
            ("customers", "#head-reached", Told::Whole),
            ("answer_rate", "#head-answer-rate", Told::Share),
            ("cost", "#head-cost", Told::Number),
            ("revenue", "#head-revenue", Told::Number),
            ("profit", "#head-profit", Told::Number),
        ],
    ),
    (
        "contacts",
        "contacts-title",
        &[
            ("measure", "head-measure", Told::Named),
            ("level", "head-level", Told::Named),
            ("customers", "#head-customers", Told::Whole),
            ("share", "#head-share", Told::Share),
            ("delivered", "#head-delivered", Told::Whole),
            ("rate", "#head-rate", Told::Share),
        ],
    ),
    (
        "benefits",
        "benefits-title",
        &[
            ("tier", "head-tier", Told::Text),
            ("customers", "#head-customers", Told::Whole),
            ("benefit", "head-benefit", Told::Text),
            ("service_level", "head-service", Told::Text),
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
    let words = data.words;
    let basis = || ("basis", Arg::from(basis));
    let title = words.word(title);
    let heads: Vec<&str> = std::iter::once("head-segment").chain(columns.iter().map(|(_, head, _)| *head)).collect();
    let mut table = Table::new(words, words.say("messages-table", [("title", (&title).into()), basis()]), &heads);
    let shown = rows.len().min(limits.rows);
    table.rows.extend(rows.iter().take(shown).map(|row| {
        let segment = row.text("segment_key").map_or_else(|| words.word("head-all"), |key| own.label(key));
        let cells = columns.iter().map(|(column, _, told)| cell(words, *row, column, *told));
        std::iter::once(Cell::text(segment)).chain(cells).collect()
    }));
    let finding = match name {
        "channels" => best_channels(words, &rows, own),
        _ => words.say("messages-finding", [basis()]),
    };
    let mut parts = vec![Part::Folded(table)];
    parts.extend(left_out(words, rows.len(), shown, name));
    Some(Block::new(title, finding, parts))
}

fn cell(words: &Words, row: Row<'_>, column: &str, told: Told) -> Cell {
    match told {
        Told::Text => Cell::text(row.text(column).unwrap_or("–")),
        Told::Named => {
            let name = row.text(column).unwrap_or("–");
            Cell::text(words.named("contact", name).unwrap_or_else(|| words.retold(name).into_owned()))
        }
        Told::Whole => Cell::number(or_dash(row.whole(column).map(|value| words.whole(value)))),
        Told::Number => Cell::number(or_dash(row.number(column).map(|value| words.number(value)))),
        Told::Share => Cell::number(or_dash(row.number(column).map(|share| percentage(words, share)))),
    }
}

/// Says which channel each segment answers by most.
fn best_channels(words: &Words, rows: &[Row<'_>], own: &Segmentation) -> String {
    let best = rows.iter().filter(|row| row.whole("rank") == Some(1)).filter_map(|row| {
        let segment = own.segment(row.text("segment_key")?)?.told();
        let (channel, rate) = (isolated(row.text("channel")?), percentage(words, row.number("answer_rate")?));
        let told = [("segment", segment.into()), ("channel", channel.into()), ("rate", rate.into())];
        Some(words.say("channels-best-of", told))
    });
    let best: Vec<String> = best.take(6).collect();
    if best.is_empty() {
        return String::new();
    }
    words.say("channels-best", [("channels", listed(words, &best).into())])
}

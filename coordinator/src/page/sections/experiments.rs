//! What experiments found, over everybody and in the segments.

use super::{Limits, left_out};
use crate::page::{
    data::{Row, RunData, Segmentation},
    drawing::{Interval, Kind, intervals},
    model::{Block, Cell, Form, Item, Part, Picture, Table, figure},
    words::{called, in_unit, isolated, metric, or_dash, with_range},
};
use segmenter_worker::words::Words;

/// Metrics of an experiment that have a picture.
const MOST: usize = 3;

/// Gives the block of a segmentation.
pub(super) fn experiments(data: &RunData, own: &Segmentation, limits: Limits) -> Option<Block> {
    let all: Vec<Row<'_>> = data.rows("experiments").filter(|row| row.text("segmentation").is_none()).collect();
    let of_segments: Vec<Row<'_>> = data.rows_of("experiments", &own.name).collect();
    let words = data.words;
    let (mut parts, mut items): (Vec<Part>, Vec<Item>) = Default::default();
    for whole_row in all.iter().take(MOST) {
        let same = |row: &&Row<'_>| {
            ["experiment", "metric", "arm"].iter().all(|name| row.text(name) == whole_row.text(name))
                && row.number("difference").is_some()
        };
        let rows: Vec<Row<'_>> = of_segments.iter().filter(same).copied().collect();
        items.push(Item::neutral(whole_row.name("sentence")));
        parts.extend(forest(words, own, *whole_row, &rows));
    }
    if of_segments.is_empty() {
        return None;
    }
    let heads = [
        "head-segment",
        "head-experiment",
        "head-metric",
        "head-arm",
        "#head-customers",
        "#head-value",
        "#head-control",
        "#head-difference",
        "#head-q-value",
    ];
    let mut table = Table::new(words, words.word("experiments-table"), &heads);
    let shown = of_segments.len().min(limits.rows);
    table.rows.extend(of_segments.iter().take(shown).map(|row| {
        let cell = |name: &str| {
            let told = row.number(name).map(|value| in_unit(words, value, row.name("unit"), row.text("currency")));
            Cell::number(or_dash(told))
        };
        vec![
            Cell::text(own.label(row.name("segment_key"))),
            Cell::text(row.name("experiment")),
            Cell::text(metric(words, row.name("metric"))),
            Cell::text(row.name("arm")),
            Cell::number(words.whole(row.whole("n").unwrap_or_default())),
            cell("value"),
            cell("control_value"),
            cell("difference"),
            Cell::number(or_dash(row.number("q_value").map(|q| words.number(q)))),
        ]
    }));
    parts.insert(0, Part::List(items));
    parts.push(Part::Folded(table));
    parts.extend(left_out(words, of_segments.len(), shown, "experiments"));
    Some(Block::new(words.word("experiments-title"), words.word("experiments-finding"), parts))
}

fn forest(words: &Words, own: &Segmentation, all: Row<'_>, rows: &[Row<'_>]) -> Vec<Part> {
    if rows.is_empty() {
        return Vec::new();
    }
    let told = |row: Row<'_>, value: f64| in_unit(words, value, row.name("unit"), row.text("currency"));
    let title = words.say(
        "experiments-picture",
        [
            ("experiment", isolated(all.name("experiment")).into()),
            ("arm", isolated(all.name("arm")).into()),
            ("control", isolated(all.name("control")).into()),
            ("word", called(words, "compared", &all.name("word").replace(' ', "_")).into()),
            ("metric", metric(words, all.name("metric")).into()),
        ],
    );
    let heads = ["head-segment", "#head-difference", "#head-from", "#head-to"];
    let mut table = Table::new(words, title.as_str(), &heads);
    let mut drawn: Vec<Interval> = Vec::new();
    for row in rows {
        let Some(value) = row.number("difference") else { continue };
        let (low, high) = (row.number("ci_low"), row.number("ci_high"));
        let name = own.label(row.name("segment_key"));
        let cell = |value: Option<f64>| Cell::number(or_dash(value.map(|value| told(*row, value))));
        table.rows.push(vec![Cell::text(name.as_str()), cell(Some(value)), cell(low), cell(high)]);
        let range = low.zip(high).map(|(low, high)| [told(*row, low), told(*row, high)]);
        drawn.push(Interval { name, low, value, high, told: with_range(words, told(*row, value), range) });
    }
    let drawing = intervals(words, &drawn, Kind::Uncertain, Some(0.0));
    let picture = Picture::new(title.as_str(), all.name("sentence"), Form::Narrow, drawing)
        .read(words.word("experiments-caption"));
    figure(picture, table).into()
}

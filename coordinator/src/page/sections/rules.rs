//! How the segments can be told apart: by which features, and by which rules.

use super::{Limits, left_out};
use crate::page::{
    data::{Row, RunData, Segmentation},
    drawing::{Bar, bars},
    model::{Block, Cell, Form, Part, Picture, Table, figure},
    words::{called, feature, isolated, listed, or_dash, percentage},
};
use crate::report::is_score;

/// Features that have a bar.
const MOST: usize = 10;

/// Gives the block.
pub(super) fn rules(data: &RunData, own: &Segmentation, limits: Limits) -> Option<Block> {
    let mut drivers: Vec<Row<'_>> = data
        .rows_of("drivers", &own.name)
        .filter(|row| row.is("target", "segments") && row.number("adjusted").is_some() && row.whole("rank").is_some())
        .collect();
    drivers.sort_by_key(|row| row.whole("rank"));
    let words = data.words;
    let mut parts: Vec<Part> = Vec::new();
    let names: Vec<String> = drivers
        .iter()
        .filter(|row| !is_score(row.name("driver")))
        .take(3)
        .map(|row| isolated(&feature(words, row.name("driver"))))
        .collect();
    let finding = match names.is_empty() {
        true => String::new(),
        false => words.say("rules-finding", [("features", listed(words, &names).into())]),
    };
    if !drivers.is_empty() {
        let told: Vec<Bar> = drivers
            .iter()
            .take(MOST)
            .map(|row| {
                let value = row.number("adjusted").unwrap_or_default();
                Bar { name: feature(words, row.name("driver")), value, told: words.number(value) }
            })
            .collect();
        let heads = ["head-feature", "head-measured-by", "#head-value", "#head-less-chance", "head-is-input"];
        let mut table = Table::new(words, words.word("rules-drivers-table"), &heads);
        table.rows.extend(drivers.iter().take(limits.rows).map(|row| {
            let is_input = words.word(if row.flag("is_input") { "yes" } else { "no" });
            vec![
                Cell::text(feature(words, row.name("driver"))),
                Cell::text(called(words, "association", row.name("measure"))),
                Cell::number(or_dash(row.number("value").map(|value| words.number(value)))),
                Cell::number(or_dash(row.number("adjusted").map(|value| words.number(value)))),
                Cell::text(is_input),
            ]
        }));
        let picture = Picture::new(words.word("rules-drivers-picture"), finding.as_str(), Form::Narrow, bars(&told))
            .read(words.word("rules-drivers-caption"));
        parts.extend(figure(picture, table));
    }
    let found: Vec<Row<'_>> = data.rows_of("rules", &own.name).filter(|row| row.text("rule").is_some()).collect();
    if !found.is_empty() {
        let heads = ["head-segment", "head-if", "#head-precision", "#head-recall", "#head-holds-for"];
        let mut table = Table::new(words, words.word("rules-table"), &heads);
        let shown = found.len().min(limits.rows);
        table.rows.extend(found.iter().take(shown).map(|row| {
            vec![
                Cell::text(own.label(row.name("segment_key"))),
                Cell::text(row.name("rule")),
                Cell::number(or_dash(row.number("precision").map(|share| percentage(words, share)))),
                Cell::number(or_dash(row.number("recall").map(|share| percentage(words, share)))),
                Cell::number(words.whole(row.whole("n").unwrap_or_default())),
            ]
        }));
        if let Some(fidelity) = found[0].number("fidelity") {
            let share = percentage(words, fidelity);
            parts.push(Part::Note(words.say("rules-fidelity", [("share", share.into()), ("unit", data.unit())])));
        }
        parts.push(Part::Folded(table));
        parts.extend(left_out(words, found.len(), shown, "rules"));
    }
    (!parts.is_empty()).then(|| Block::new(words.word("rules-title"), finding, parts))
}

//! How the segments can be told apart: by which features, and by which rules.

use super::{Limits, left_out, profiles::is_score};
use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        drawing::{Bar, bars},
        model::{Block, Cell, Form, Part, Picture, Table, figure},
        words::{isolated, listed, or_dash, percentage, readable},
    },
    report::{number, whole},
};

/// Features that have a bar.
const MOST: usize = 10;

/// Gives the block.
pub(super) fn rules(data: &RunData, own: &Segmentation, limits: Limits) -> Option<Block> {
    let mut drivers: Vec<Row<'_>> = data
        .rows_of("drivers", &own.name)
        .filter(|row| row.is("target", "segments") && row.number("adjusted").is_some() && row.whole("rank").is_some())
        .collect();
    drivers.sort_by_key(|row| row.whole("rank"));
    let mut parts: Vec<Part> = Vec::new();
    let names: Vec<String> = drivers
        .iter()
        .filter(|row| !is_score(row.name("driver")))
        .take(3)
        .map(|row| isolated(&readable(row.name("driver"))))
        .collect();
    let finding = match names.is_empty() {
        true => String::new(),
        false => format!("Who is in which segment shows most in {}.", listed(&names)),
    };
    if !drivers.is_empty() {
        let told: Vec<Bar> = drivers
            .iter()
            .take(MOST)
            .map(|row| {
                let value = row.number("adjusted").unwrap_or_default();
                Bar { name: readable(row.name("driver")), value, told: number(value) }
            })
            .collect();
        let heads = ["Feature", "measure", "#value", "#less chance", "given to the method"];
        let mut table = Table::new("How well each feature tells the segments apart", &heads);
        table.rows.extend(drivers.iter().take(limits.rows).map(|row| {
            let is_input = if row.flag("is_input") { "yes" } else { "no" };
            vec![
                Cell::text(readable(row.name("driver"))),
                Cell::text(readable(row.name("measure"))),
                Cell::number(or_dash(row.number("value").map(number))),
                Cell::number(or_dash(row.number("adjusted").map(number))),
                Cell::text(is_input),
            ]
        }));
        let picture = Picture::new(
            "Features that tell the segments apart",
            finding.as_str(),
            Form::Narrow,
            bars(&told),
        )
        .read("1: the feature alone says who is in which segment; 0: it says nothing. What chance gives is taken off.");
        parts.extend(figure(picture, table));
    }
    let found: Vec<Row<'_>> = data.rows_of("rules", &own.name).filter(|row| row.text("rule").is_some()).collect();
    if !found.is_empty() {
        let caption = "The segments as a few rules, and how well they give them back";
        let heads =
            ["Segment", "if", "#of whom it holds, so many are in it", "#of the segment, so many meet it", "#holds for"];
        let mut table = Table::new(caption, &heads);
        let shown = found.len().min(limits.rows);
        table.rows.extend(found.iter().take(shown).map(|row| {
            vec![
                Cell::text(own.label(row.name("segment_key"))),
                Cell::text(row.name("rule")),
                Cell::number(or_dash(row.number("precision").map(percentage))),
                Cell::number(or_dash(row.number("recall").map(percentage))),
                Cell::number(whole(row.whole("n").unwrap_or_default())),
            ]
        }));
        if let Some(fidelity) = found[0].number("fidelity") {
            let share = percentage(fidelity);
            parts.push(Part::Note(format!(
                "The rules below put {share} of all {} into the segment they are in.",
                data.job.many()
            )));
        }
        parts.push(Part::Folded(table));
        parts.extend(left_out(found.len(), shown, "rules"));
    }
    (!parts.is_empty()).then(|| Block::new("How to tell them apart", finding, parts))
}

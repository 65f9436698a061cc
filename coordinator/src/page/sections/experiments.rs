//! What experiments found, over everybody and in the segments.

use super::{Limits, left_out};
use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        drawing::{Interval, Kind, intervals},
        model::{Block, Cell, Form, Item, Part, Picture, Table, figure},
        words::{in_unit, isolated, or_dash, readable},
    },
    report::{number, whole},
};

/// Metrics of an experiment that have a picture.
const MOST: usize = 3;

/// Gives the block of a segmentation.
pub(super) fn experiments(data: &RunData, own: &Segmentation, limits: Limits) -> Option<Block> {
    let all: Vec<Row<'_>> = data.rows("experiments").filter(|row| row.text("segmentation").is_none()).collect();
    let of_segments: Vec<Row<'_>> = data.rows_of("experiments", &own.name).collect();
    let (mut parts, mut items): (Vec<Part>, Vec<Item>) = Default::default();
    for whole_row in all.iter().take(MOST) {
        let same = |row: &&Row<'_>| {
            ["experiment", "metric", "arm"].iter().all(|name| row.text(name) == whole_row.text(name))
                && row.number("difference").is_some()
        };
        let rows: Vec<Row<'_>> = of_segments.iter().filter(same).copied().collect();
        items.push(Item::neutral(whole_row.name("sentence")));
        parts.extend(forest(own, *whole_row, &rows));
    }
    if of_segments.is_empty() {
        return None;
    }
    let heads =
        ["Segment", "experiment", "metric", "arm", "#customers", "#value", "#control", "#difference", "#q value"];
    let mut table = Table::new("Experiments by segment", &heads);
    let shown = of_segments.len().min(limits.rows);
    table.rows.extend(of_segments.iter().take(shown).map(|row| {
        let cell = |name: &str| {
            let told = row.number(name).map(|value| in_unit(value, row.name("unit"), row.text("currency")));
            Cell::number(or_dash(told))
        };
        vec![
            Cell::text(own.label(row.name("segment_key"))),
            Cell::text(row.name("experiment")),
            Cell::text(readable(row.name("metric"))),
            Cell::text(row.name("arm")),
            Cell::number(whole(row.whole("n").unwrap_or_default())),
            cell("value"),
            cell("control_value"),
            cell("difference"),
            Cell::number(or_dash(row.number("q_value").map(number))),
        ]
    }));
    parts.insert(0, Part::List(items));
    parts.push(Part::Folded(table));
    parts.extend(left_out(of_segments.len(), shown, "experiments"));
    let finding = "What arms did beside their control, over everybody and then in each segment.";
    Some(Block::new("What experiments found", finding, parts))
}

fn forest(own: &Segmentation, all: Row<'_>, rows: &[Row<'_>]) -> Vec<Part> {
    if rows.is_empty() {
        return Vec::new();
    }
    let told = |row: Row<'_>, value: f64| in_unit(value, row.name("unit"), row.text("currency"));
    let title = format!(
        "{}, {} beside {}: {} in {}",
        isolated(all.name("experiment")),
        isolated(all.name("arm")),
        isolated(all.name("control")),
        all.name("word"),
        readable(all.name("metric"))
    );
    let mut table = Table::new(title.as_str(), &["Segment", "#difference", "#from", "#to"]);
    let mut drawn: Vec<Interval> = Vec::new();
    for row in rows {
        let Some(value) = row.number("difference") else { continue };
        let (low, high) = (row.number("ci_low"), row.number("ci_high"));
        let name = own.label(row.name("segment_key"));
        let cell = |value: Option<f64>| Cell::number(or_dash(value.map(|value| told(*row, value))));
        table.rows.push(vec![Cell::text(name.as_str()), cell(Some(value)), cell(low), cell(high)]);
        let range = match (low, high) {
            (Some(low), Some(high)) => format!(" ({} to {})", told(*row, low), told(*row, high)),
            _ => String::new(),
        };
        drawn.push(Interval { name, low, value, high, told: format!("{}{range}", told(*row, value)) });
    }
    let drawing = intervals(&drawn, Kind::Uncertain, Some(0.0));
    let picture = Picture::new(title.as_str(), all.name("sentence"), Form::Narrow, drawing)
        .read("The dashed line is no difference; an interval that crosses it may be chance.");
    figure(picture, table).into()
}

//! The scorecard: what speaks for each segmentation, and what against it.

use crate::page::{
    data::{Row, RunData, Segmentation},
    model::{Block, Item, Mark, Part, Section},
    words::{counted, isolated},
};

/// Gives the section.
pub(super) fn verdict(data: &RunData, all: &[Segmentation]) -> Option<Section> {
    let blocks = all.iter().filter_map(|own| {
        let rows: Vec<Row<'_>> = data.rows_of("scorecard", &own.name).collect();
        let (known, unknown): (Vec<Row<'_>>, Vec<Row<'_>>) = rows.iter().partition(|row| row.text("reason").is_none());
        let mut items: Vec<Item> = known.iter().map(|row| item(*row, own)).collect();
        items.extend(not_known(&unknown));
        let count = |mark: Mark| items.iter().filter(|item| item.mark == mark).count() as u64;
        let (good, bad) = (count(Mark::Good), count(Mark::Bad));
        let finding = match (good, bad) {
            (0, 0) => "Nothing here is clearly for or against it.".to_owned(),
            _ => format!(
                "{} for it (✓), {} against it (!).",
                counted(good, "finding speaks", "findings speak"),
                counted(bad, "speaks", "speak")
            ),
        };
        (!items.is_empty()).then(|| Block::new(isolated(&own.name), finding, vec![Part::List(items)]))
    });
    let blocks: Vec<Block> = blocks.collect();
    let lead = "What is said of the time before the day of the run describes the segments by the rows that made them; only what is said \
                of the time after it tests them.";
    Section::of("Are the segments any good?", vec![lead.to_owned()], blocks)
}

fn item(row: Row<'_>, own: &Segmentation) -> Item {
    let mut text = row.name("sentence").to_owned();
    if let Some(segment) = row.text("segment_key").and_then(|key| own.segment(key))
        && segment.has_name()
    {
        text.push_str(&format!(" ({} is {}.)", segment.key, segment.told()));
    }
    Item { mark: mark(row), text }
}

/// Says in one sentence why some figures are not known.
fn not_known(rows: &[Row<'_>]) -> Option<Item> {
    let mut reasons: Vec<&str> = Vec::new();
    for reason in rows.iter().filter_map(|row| row.text("reason")) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    (!reasons.is_empty()).then(|| Item::neutral(format!("What is not known: {}.", reasons.join("; "))))
}

/// A figure speaks for or against where its interval says so, or a convention does.
fn mark(row: Row<'_>) -> Mark {
    match (row.text("verdict"), row.text("comparison")) {
        (Some("better"), _) => Mark::Good,
        (Some("worse"), _) => Mark::Bad,
        (None, Some("convention")) => match (row.number("value"), row.number("comparison_value")) {
            (Some(value), Some(limit)) if value >= limit => Mark::Good,
            (Some(_), Some(_)) => Mark::Bad,
            _ => Mark::Neutral,
        },
        _ => Mark::Neutral,
    }
}

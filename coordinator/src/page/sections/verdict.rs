//! The scorecard: what speaks for each segmentation, and what against it.

use crate::page::{
    data::{Row, RunData, Segmentation},
    model::{Block, Item, Mark, Part, Section},
    words::isolated,
};
use segmenter_worker::words::Words;

/// Gives the section.
pub(super) fn verdict(data: &RunData, all: &[Segmentation]) -> Option<Section> {
    let words = data.words;
    let blocks = all.iter().filter_map(|own| {
        let rows: Vec<Row<'_>> = data.rows_of("scorecard", &own.name).collect();
        let (known, unknown): (Vec<Row<'_>>, Vec<Row<'_>>) = rows.iter().partition(|row| row.text("reason").is_none());
        let mut items: Vec<Item> = known.iter().map(|row| item(words, *row, own)).collect();
        items.extend(not_known(words, &unknown));
        let count = |mark: Mark| items.iter().filter(|item| item.mark == mark).count() as u64;
        let (good, bad) = (count(Mark::Good), count(Mark::Bad));
        let finding = match (good, bad) {
            (0, 0) => words.word("verdict-none"),
            _ => words.say("verdict-finding", [("good", good.into()), ("bad", bad.into())]),
        };
        (!items.is_empty()).then(|| Block::new(isolated(&own.name), finding, vec![Part::List(items)]))
    });
    let blocks: Vec<Block> = blocks.collect();
    Section::of(words.word("verdict-title"), vec![words.word("verdict-lead")], blocks)
}

fn item(words: &Words, row: Row<'_>, own: &Segmentation) -> Item {
    let mut text = row.name("sentence").to_owned();
    if let Some(segment) = row.text("segment_key").and_then(|key| own.segment(key))
        && segment.has_name()
    {
        let told = [("key", (&segment.key).into()), ("segment", segment.told().into())];
        text = format!("{text} {}", words.say("verdict-segment", told));
    }
    Item { mark: mark(row), text }
}

/// Says in one sentence why some figures are not known.
fn not_known(words: &Words, rows: &[Row<'_>]) -> Option<Item> {
    let mut reasons: Vec<&str> = Vec::new();
    for reason in rows.iter().filter_map(|row| row.text("reason")) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let told: Vec<_> = reasons.iter().map(|reason| words.retold(reason)).collect();
    (!told.is_empty()).then(|| Item::neutral(words.say("verdict-not-known", [("reasons", told.join("; ").into())])))
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

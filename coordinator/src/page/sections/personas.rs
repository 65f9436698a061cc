//! Personas: what is typical of some segments, each claim with its figures.

use super::Limits;
use crate::page::{
    data::RunData,
    model::{Block, Card, Part, Section},
};

/// Gives the section.
pub(super) fn personas(data: &RunData, limits: Limits) -> Option<Section> {
    let mut cards: Vec<(i64, Card)> = Vec::new();
    for row in data.rows("personas") {
        let id = row.whole("persona_id").unwrap_or_default();
        if cards.last().is_none_or(|(last, _)| *last != id) {
            let below = format!("{}: {}", row.name("segmentation"), row.name("segment_keys"));
            cards.push((id, Card { title: row.name("persona").to_owned(), below, lines: Vec::new() }));
        }
        if let Some((_, card)) = cards.last_mut() {
            card.lines.push(row.name("sentence").to_owned());
        }
    }
    let cards: Vec<Card> = cards.into_iter().map(|(_, card)| card).take(limits.cards).collect();
    let words = data.words;
    let block = Block::new("", "", vec![Part::Cards(cards.clone())]);
    (!cards.is_empty())
        .then(|| Section::of(words.word("personas-title"), vec![words.word("personas-lead")], vec![block]))
        .flatten()
}

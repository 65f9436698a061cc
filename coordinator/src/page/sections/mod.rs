//! What stands on the page of a run, a section or a block a file. What a run did not compute gives none.

mod affinity;
mod cohorts;
mod computed;
mod curves;
mod drift;
mod evidence;
mod experiments;
mod heat;
mod map;
mod map_words;
mod messages;
mod migration;
mod outcomes;
mod personas;
mod profiles;
mod rules;
mod segmentation;
mod sizes;
mod strips;
mod top;
mod trust;
mod value;
mod verdict;
mod worth;

pub(super) use drift::features_block;
pub(super) use migration::{Move, flow_block};
pub(super) use top::page;

use super::model::Part;
use segmenter_worker::words::Words;

/// How much a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Cells of all heat maps together.
    pub(super) cells: usize,
    /// Rows of all pictures of quantiles together.
    pub(super) strips: usize,
    /// Hexagons of all maps together.
    pub(super) hexagons: usize,
    /// Rows of a table.
    pub(super) rows: usize,
    /// Segments that have a card of their own.
    pub(super) cards: usize,
}

impl Limits {
    /// From the fullest page to one that is small whatever the run.
    pub(super) const ALL: [Self; 4] = [
        Self { cells: 3600, strips: 360, hexagons: 4000, rows: 120, cards: 60 },
        Self { cells: 1800, strips: 160, hexagons: 2000, rows: 60, cards: 40 },
        Self { cells: 800, strips: 60, hexagons: 800, rows: 30, cards: 20 },
        Self { cells: 200, strips: 0, hexagons: 0, rows: 12, cards: 6 },
    ];
}

/// Says that a table was cut.
pub(super) fn left_out(words: &Words, rows: usize, shown: usize, table: &str) -> Option<Part> {
    let more = rows.saturating_sub(shown);
    (more > 0).then(|| Part::Note(words.say("left-out", [("rows", more.into()), ("table", table.into())])))
}

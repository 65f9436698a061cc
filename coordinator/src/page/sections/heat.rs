//! A heat map of what sets the segments apart, in original units: a table that is coloured, so that it is its own text.

use super::{
    Limits,
    profiles::{Profile, WORTH_A_WORD},
};
use crate::page::{
    data::{RunData, Segment, Segmentation},
    model::{Block, Cell, Head, Part, Table},
    words::{isolated, listed, or_dash, percentage},
};

/// Gives the block; `of` is the number of segmentations that share the page.
pub(super) fn heat(
    data: &RunData,
    own: &Segmentation,
    profiles: &[Profile<'_>],
    of: usize,
    limits: Limits,
) -> Option<Block> {
    let segments: Vec<&Segment> = own.of_at_least(data.job.min_cell).collect();
    if segments.is_empty() || profiles.is_empty() {
        return None;
    }
    let words = data.words;
    let rows = (limits.cells / of.max(1) / (segments.len() + 2)).clamp(4, 30);
    let shown: Vec<&Profile<'_>> = profiles.iter().take(rows).collect();
    let most: Vec<String> = shown
        .iter()
        .take(3)
        .map(|profile| format!("{} ({})", isolated(&profile.label(words)), percentage(words, profile.explained)))
        .collect();
    let finding = words.say("heat-finding", [("features", listed(words, &most).into()), ("unit", data.unit())]);
    let mut table = Table::new(words, words.word("heat-table"), &["head-feature", "#head-all"]);
    table.heads.extend(segments.iter().map(|segment| Head::number(segment.label())));
    table.rows.extend(shown.iter().map(|profile| {
        let mut cells = vec![
            Cell::text(profile.label(words)),
            Cell::number(or_dash(profile.of_all.map(|all| profile.told(words, all)))),
        ];
        cells.extend(segments.iter().map(|segment| match profile.cells.get(segment.key.as_str()) {
            None => Cell::number("–"),
            Some(standing) => {
                let (class, sign) = shade(standing.z);
                Cell::shaded(format!("{}{sign}", profile.told(words, standing.mean)), class)
            }
        }));
        cells
    }));
    let mut parts = vec![Part::Table(table), Part::Note(words.word("heat-arrows"))];
    if profiles.len() > shown.len() {
        let more = profiles.len() - shown.len();
        parts.push(Part::Note(words.say("heat-more", [("features", more.into())])));
    }
    Some(Block::new(words.word("heat-title"), finding, parts))
}

/// Gives the class and the sign of a distance.
fn shade(z: f64) -> (&'static str, &'static str) {
    match z {
        1.0.. => ("n u3", " ↑↑"),
        0.5.. => ("n u2", " ↑"),
        WORTH_A_WORD.. => ("n u1", " ↗"),
        z if z <= -1.0 => ("n d3", " ↓↓"),
        z if z <= -0.5 => ("n d2", " ↓"),
        z if z <= -WORTH_A_WORD => ("n d1", " ↘"),
        _ => ("n", ""),
    }
}

//! A heat map of what sets the segments apart, in original units: a table that is coloured, so that it is its own text.

use super::{
    Limits,
    profiles::{Profile, WORTH_A_WORD},
};
use crate::page::{
    data::{RunData, Segment, Segmentation},
    model::{Block, Cell, Head, Part, Table},
    words::{isolated, listed, percentage},
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
    let rows = (limits.cells / of.max(1) / (segments.len() + 2)).clamp(4, 30);
    let shown: Vec<&Profile<'_>> = profiles.iter().take(rows).collect();
    let most: Vec<String> = shown
        .iter()
        .take(3)
        .map(|profile| format!("{} ({})", isolated(&profile.label()), percentage(profile.explained)))
        .collect();
    let finding = format!(
        "The segments differ most in {}: in brackets, how much of the differences between {} lies between segments.",
        listed(&most),
        data.job.many()
    );
    let mut table = Table::new(
        "Mean of each feature in each segment, beside that of all; shares of texts, true and false",
        &["Feature", "#all"],
    );
    table.heads.extend(segments.iter().map(|segment| Head::number(segment.label())));
    table.rows.extend(shown.iter().map(|profile| {
        let mut cells = vec![
            Cell::text(profile.label()),
            Cell::number(profile.of_all.map_or_else(|| "–".to_owned(), |all| profile.told(all))),
        ];
        cells.extend(segments.iter().map(|segment| match profile.cells.get(segment.key.as_str()) {
            None => Cell::number("–"),
            Some(standing) => {
                let (class, sign) = shade(standing.z);
                Cell::shaded(format!("{}{sign}", profile.told(standing.mean)), class)
            }
        }));
        cells
    }));
    let note = "Arrows and colours say how far a segment is from all: ↗ and ↘ a quarter of a standard deviation, ↑ and ↓ a half, ↑↑ and ↓↓ a \
                whole one and more.";
    let mut parts = vec![Part::Table(table), Part::Note(note.to_owned())];
    if profiles.len() > shown.len() {
        parts.push(Part::Note(format!(
            "{} features and levels in which the segments differ less are in profiles.parquet.",
            profiles.len() - shown.len()
        )));
    }
    Some(Block::new("What sets the segments apart", finding, parts))
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

//! How the customers of each segment are spread: the middle half of them, feature by feature.

use super::{
    Limits,
    profiles::{Profile, is_score},
};
use crate::{
    page::{
        data::{RunData, Segmentation},
        drawing::{Interval, Kind, intervals},
        model::{Block, Cell, Form, Part, Picture, Table, figure},
        words::{capital, isolated},
    },
    report::number,
};

/// Features that have a picture.
const MOST: usize = 6;

/// Gives the block; `of` is the number of segmentations that share the page.
pub(super) fn strips(
    data: &RunData,
    own: &Segmentation,
    profiles: &[Profile<'_>],
    of: usize,
    limits: Limits,
) -> Option<Block> {
    let segments = own.of_at_least(data.job.min_cell).count().max(1);
    let most = (limits.strips / of.max(1) / segments).min(MOST);
    let numbers = profiles
        .iter()
        .filter(|profile| !is_score(profile.feature))
        .filter(|profile| profile.cells.values().any(|own| own.quartiles.is_some()));
    let parts: Vec<Part> = numbers.take(most).flat_map(|profile| picture(data, own, profile)).collect();
    let finding = "Means hide how different those in a segment are from each other: a bar holds the middle half of them, and the ring is \
                   the middle one. Where bars overlap, the segments do too.";
    (!parts.is_empty()).then(|| Block::new("How alike they are within a segment", finding, parts))
}

fn picture(data: &RunData, own: &Segmentation, profile: &Profile<'_>) -> Vec<Part> {
    let label = profile.label();
    let rows = own.of_at_least(data.job.min_cell).filter_map(|segment| {
        let quartiles = profile.cells.get(segment.key.as_str())?.quartiles?;
        Some((segment, quartiles))
    });
    let rows: Vec<_> = rows.collect();
    let high = rows.iter().max_by(|(_, left), (_, right)| left[1].total_cmp(&right[1]));
    let low = rows.iter().min_by(|(_, left), (_, right)| left[1].total_cmp(&right[1]));
    let (Some((highest, high)), Some((lowest, low))) = (high, low) else { return Vec::new() };
    let description = format!(
        "{}: the middle half of {} lies between {} and {}, that of {} between {} and {}.",
        capital(&label),
        highest.told(),
        number(high[0]),
        number(high[2]),
        lowest.told(),
        number(low[0]),
        number(low[2])
    );
    let mut table = Table::new(
        format!("Quartiles of {}", isolated(&label)),
        &["Segment", "#a quarter has up to", "#half", "#three quarters"],
    );
    table.rows.extend(rows.iter().map(|(segment, quartiles)| {
        let cells = quartiles.iter().map(|value| Cell::number(number(*value)));
        std::iter::once(Cell::text(segment.label())).chain(cells).collect()
    }));
    let drawn: Vec<Interval> = rows
        .iter()
        .map(|(segment, [p25, p50, p75])| Interval {
            name: segment.label(),
            low: Some(*p25),
            value: *p50,
            high: Some(*p75),
            told: format!("{} to {}, half up to {}", number(*p25), number(*p75), number(*p50)),
        })
        .collect();
    let picture = Picture::new(
        capital(&label),
        description.as_str(),
        Form::Narrow,
        intervals(&drawn, Kind::Spread, profile.of_all),
    )
    .read(format!("{description} The dashed line is the mean of all."));
    figure(picture, table).into()
}

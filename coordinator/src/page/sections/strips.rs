//! How the customers of each segment are spread: the middle half of them, feature by feature.

use super::{Limits, profiles::Profile};
use crate::page::{
    data::{RunData, Segmentation},
    drawing::{Interval, Kind, intervals},
    model::{Block, Cell, Form, Part, Picture, Table, figure},
    words::{capital, isolated},
};
use crate::report::is_score;

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
    let (title, finding) = (data.words.word("strips-title"), data.words.word("strips-finding"));
    (!parts.is_empty()).then(|| Block::new(title, finding, parts))
}

fn picture(data: &RunData, own: &Segmentation, profile: &Profile<'_>) -> Vec<Part> {
    let words = data.words;
    let label = profile.label(words);
    let rows = own.of_at_least(data.job.min_cell).filter_map(|segment| {
        let quartiles = profile.cells.get(segment.key.as_str())?.quartiles?;
        Some((segment, quartiles))
    });
    let rows: Vec<_> = rows.collect();
    let high = rows.iter().max_by(|(_, left), (_, right)| left[1].total_cmp(&right[1]));
    let low = rows.iter().min_by(|(_, left), (_, right)| left[1].total_cmp(&right[1]));
    let (Some((highest, high)), Some((lowest, low))) = (high, low) else { return Vec::new() };
    let number = |value: f64| words.number(value);
    let description = words.say(
        "strips-description",
        [
            ("feature", capital(&label).into()),
            ("highest", highest.told().into()),
            ("highest-from", number(high[0]).into()),
            ("highest-to", number(high[2]).into()),
            ("lowest", lowest.told().into()),
            ("lowest-from", number(low[0]).into()),
            ("lowest-to", number(low[2]).into()),
        ],
    );
    let caption = words.say("strips-table", [("feature", isolated(&label).into())]);
    let heads = ["head-segment", "#head-first-quartile", "#head-half", "#head-third-quartile"];
    let mut table = Table::new(words, caption, &heads);
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
            told: words.say(
                "strips-told",
                [("low", number(*p25).into()), ("high", number(*p75).into()), ("half", number(*p50).into())],
            ),
        })
        .collect();
    let picture = Picture::new(
        capital(&label),
        description.as_str(),
        Form::Narrow,
        intervals(words, &drawn, Kind::Spread, profile.of_all),
    )
    .read(format!("{description} {}", words.word("strips-caption")));
    figure(picture, table).into()
}

//! What goes together.

use super::{Limits, left_out};
use crate::page::{
    data::{Row, RunData},
    drawing::{Interval, Kind, intervals},
    model::{Block, Cell, Form, Part, Picture, Section, Table, figure},
    words::{isolated, or_dash, percentage},
};
use segmenter_worker::words::Words;

/// Pairs that have a line in the picture.
const MOST: usize = 12;

/// Gives the section; none of a job without affinities.
pub(super) fn affinity(data: &RunData, limits: Limits) -> Option<Section> {
    let rows: Vec<Row<'_>> = data.rows("affinity").collect();
    let mut names: Vec<&str> = rows.iter().map(|row| row.name("affinity")).collect();
    names.dedup();
    let blocks: Vec<Block> = names.iter().filter_map(|name| block(data.words, &rows, name, limits)).collect();
    Section::of(data.words.word("affinity-title"), Vec::new(), blocks)
}

fn block(words: &Words, rows: &[Row<'_>], name: &str, limits: Limits) -> Option<Block> {
    let mut of: Vec<Row<'_>> = rows.iter().filter(|row| row.is("affinity", name)).copied().collect();
    let low = |row: &Row<'_>| row.number("ci_low").unwrap_or_default();
    let both = |row: &Row<'_>| row.whole("n_both").unwrap_or_default();
    let key = |row: &Row<'_>| (row.name("item").to_owned(), row.name("then_item").to_owned());
    of.sort_by(|left, right| {
        low(right).total_cmp(&low(left)).then(both(right).cmp(&both(left))).then_with(|| key(left).cmp(&key(right)))
    });
    // A pair stands there both ways round; as often as not with the same figures.
    let first = of.first()?;
    let finding = words.say(
        "affinity-finding",
        [
            ("was", first.name("item_was").into()),
            ("item", isolated(first.name("item")).into()),
            ("then", isolated(first.name("then_item")).into()),
            ("lift", words.number(first.number("lift")?).into()),
            ("low", words.number(low(first)).into()),
            ("high", words.number(first.number("ci_high")?).into()),
        ],
    );
    let pair = |row: &Row<'_>| format!("{} → {}", isolated(row.name("item")), isolated(row.name("then_item")));
    let drawn: Vec<Interval> = of
        .iter()
        .take(MOST)
        .filter_map(|row| {
            let value = row.number("lift")?;
            let (low, high) = (row.number("ci_low"), row.number("ci_high"));
            let told = words.say("affinity-times", [("lift", words.number(value).into())]);
            Some(Interval { name: pair(row), low, value, high, told })
        })
        .collect();
    let caption = words.say("affinity-table", [("name", isolated(name).into())]);
    let heads = [
        "head-item",
        "head-then-item",
        "#head-of-those-with-item",
        "#head-times-chance",
        "#head-from",
        "#head-to",
        "#head-with-both",
    ];
    let mut table = Table::new(words, caption, &heads);
    let shown = of.len().min(limits.rows);
    table.rows.extend(of.iter().take(shown).map(|row| {
        let cell = |name: &str| Cell::number(or_dash(row.number(name).map(|value| words.number(value))));
        vec![
            Cell::text(row.name("item")),
            Cell::text(row.name("then_item")),
            Cell::number(or_dash(row.number("confidence").map(|share| percentage(words, share)))),
            cell("lift"),
            cell("ci_low"),
            cell("ci_high"),
            Cell::number(words.whole(both(row))),
        ]
    }));
    let picture = Picture::new(
        words.say("affinity-picture", [("name", isolated(name).into())]),
        finding.as_str(),
        Form::Narrow,
        intervals(words, &drawn, Kind::Uncertain, Some(1.0)),
    )
    .read(words.word("affinity-caption"));
    let mut parts: Vec<Part> = figure(picture, table).into();
    parts.extend(left_out(words, of.len(), shown, "affinity"));
    Some(Block::new(isolated(name), finding, parts))
}

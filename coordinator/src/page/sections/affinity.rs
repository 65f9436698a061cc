//! What goes together.

use super::{Limits, left_out};
use crate::{
    page::{
        data::{Row, RunData},
        drawing::{Interval, Kind, intervals},
        model::{Block, Cell, Form, Part, Picture, Section, Table, figure},
        words::{isolated, percentage},
    },
    report::{number, whole},
};

/// Pairs that have a line in the picture.
const MOST: usize = 12;

/// Gives the section; none of a job without affinities.
pub(super) fn affinity(data: &RunData, limits: Limits) -> Option<Section> {
    let rows: Vec<Row<'_>> = data.rows("affinity").collect();
    let mut names: Vec<&str> = rows.iter().map(|row| row.name("affinity")).collect();
    names.dedup();
    let blocks: Vec<Block> = names.iter().filter_map(|name| block(&rows, name, limits)).collect();
    Section::of("What goes together", Vec::new(), blocks)
}

fn block(rows: &[Row<'_>], name: &str, limits: Limits) -> Option<Block> {
    let mut of: Vec<Row<'_>> = rows.iter().filter(|row| row.is("affinity", name)).copied().collect();
    let low = |row: &Row<'_>| row.number("ci_low").unwrap_or_default();
    let both = |row: &Row<'_>| row.whole("n_both").unwrap_or_default();
    let key = |row: &Row<'_>| (row.name("item").to_owned(), row.name("then_item").to_owned());
    of.sort_by(|left, right| {
        low(right).total_cmp(&low(left)).then(both(right).cmp(&both(left))).then_with(|| key(left).cmp(&key(right)))
    });
    // A pair stands there both ways round; as often as not with the same figures.
    let first = of.first()?;
    let finding = format!(
        "Who {} {} also bought {} {} times as often as chance would give (between {} and {}).",
        first.name("item_was"),
        isolated(first.name("item")),
        isolated(first.name("then_item")),
        number(first.number("lift")?),
        number(low(first)),
        number(first.number("ci_high")?)
    );
    let pair = |row: &Row<'_>| format!("{} → {}", isolated(row.name("item")), isolated(row.name("then_item")));
    let drawn: Vec<Interval> = of
        .iter()
        .take(MOST)
        .filter_map(|row| {
            let value = row.number("lift")?;
            let (low, high) = (row.number("ci_low"), row.number("ci_high"));
            Some(Interval { name: pair(row), low, value, high, told: format!("{} times", number(value)) })
        })
        .collect();
    let heads = ["Item", "then", "#of those with the item", "#times as often as chance", "#from", "#to", "#with both"];
    let mut table = Table::new(format!("Pairs of {}, those of which most is known first", isolated(name)), &heads);
    let shown = of.len().min(limits.rows);
    table.rows.extend(of.iter().take(shown).map(|row| {
        let cell = |name: &str| Cell::number(row.number(name).map_or_else(|| "–".to_owned(), number));
        vec![
            Cell::text(row.name("item")),
            Cell::text(row.name("then_item")),
            Cell::number(row.number("confidence").map_or_else(|| "–".to_owned(), percentage)),
            cell("lift"),
            cell("ci_low"),
            cell("ci_high"),
            Cell::number(whole(both(row))),
        ]
    }));
    let picture = Picture::new(
        format!("Pairs of {} that are surest", isolated(name)),
        finding.as_str(),
        Form::Narrow,
        intervals(&drawn, Kind::Uncertain, Some(1.0)),
    )
    .read("The dashed line is what chance would give.");
    let mut parts: Vec<Part> = figure(picture, table).into();
    parts.extend(left_out(of.len(), shown, "affinity"));
    Some(Block::new(isolated(name), finding, parts))
}

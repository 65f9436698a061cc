//! What the segments brought before the day of the run: a description, and no test of them.

use crate::page::{
    data::{Row, RunData, Segmentation},
    drawing::{Pair, pairs},
    model::{Block, Cell, Form, Head, Part, Picture, Table, figure},
    words::{in_unit, metric as called, or_dash, percentage},
};

/// Gives the block; none where nothing is bought.
pub(super) fn worth(data: &RunData, own: &Segmentation) -> Option<Block> {
    let rows: Vec<Row<'_>> =
        data.rows_of("effectiveness", &own.name).filter(|row| row.is("basis", "in_sample")).collect();
    let mut metrics: Vec<&str> = Vec::new();
    for row in &rows {
        let metric = row.name("metric");
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    let told: Vec<&_> = own.of_at_least(data.job.min_cell).collect();
    if metrics.len() < 2 || told.is_empty() {
        return None;
    }
    let of = |key: &str, metric: &str| {
        let mut found = rows.iter().filter(|row| row.is("segment_key", key));
        found.find(|row| row.is("metric", metric)).copied()
    };
    let (words, unit) = (data.words, || ("unit", data.unit()));
    let value = |row: Row<'_>| {
        let value = row.number("value")?;
        Some(match row.name("unit") {
            "customers" | "orders" => words.whole(value as i64),
            unit => in_unit(words, value, unit, row.text("currency")),
        })
    };
    let mut table = Table::new(words, words.say("worth-table", [unit()]), &["head-segment"]);
    table.heads.extend(metrics.iter().map(|metric| Head::number(called(words, metric))));
    table.rows.extend(told.iter().map(|segment| {
        let cells = metrics.iter().map(|metric| Cell::number(or_dash(of(&segment.key, metric).and_then(value))));
        std::iter::once(Cell::text(segment.label())).chain(cells).collect()
    }));
    let revenue = |key: &str| of(key, "revenue").and_then(|row| row.number("value"));
    let total: f64 = own.segments.iter().filter_map(|segment| revenue(&segment.key)).sum();
    if total <= 0.0 {
        return Some(Block::new(words.word("worth-title-without-revenue"), "", vec![Part::Folded(table)]));
    }
    let shares = told.iter().filter_map(|segment| Some((*segment, revenue(&segment.key)? / total)));
    let shares: Vec<_> = shares.collect();
    let best = shares.iter().max_by(|left, right| left.1.total_cmp(&right.1))?;
    let mut finding = words.say(
        "worth-finding",
        [
            ("segment", best.0.told().into()),
            ("share", percentage(words, best.0.share).into()),
            unit(),
            ("revenue", percentage(words, best.1).into()),
        ],
    );
    if own.overlapping {
        finding = format!("{finding} {}", words.word("worth-overlap"));
    }
    let drawn: Vec<Pair> = shares
        .iter()
        .map(|(segment, share)| Pair {
            name: segment.label(),
            values: [segment.share, share.max(0.0)],
            told: [
                words.say("worth-of-customers", [("share", percentage(words, segment.share).into()), unit()]),
                words.say("worth-of-revenue", [("share", percentage(words, *share).into())]),
            ],
        })
        .collect();
    let title = words.say("worth-picture", [unit()]);
    let picture = Picture::new(title, finding.as_str(), Form::Narrow, pairs(&drawn)).read(words.word("worth-caption"));
    Some(Block::new(words.word("worth-title"), finding, figure(picture, table).into()))
}

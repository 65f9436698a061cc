//! What the segments brought before the day of the run: a description, and no test of them.

use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        drawing::{Pair, pairs},
        model::{Block, Cell, Form, Head, Part, Picture, Table, figure},
        words::{in_unit, or_dash, percentage, readable},
    },
    report::whole,
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
    let value = |row: Row<'_>| {
        let value = row.number("value")?;
        Some(match row.name("unit") {
            "customers" | "orders" => whole(value as i64),
            unit => in_unit(value, unit, row.text("currency")),
        })
    };
    let many = data.job.many();
    let caption = format!("What {many} of each segment did before the day of the run");
    let mut table = Table::new(caption, &["Segment"]);
    table.heads.extend(metrics.iter().map(|metric| Head::number(readable(metric))));
    table.rows.extend(told.iter().map(|segment| {
        let cells = metrics.iter().map(|metric| Cell::number(or_dash(of(&segment.key, metric).and_then(value))));
        std::iter::once(Cell::text(segment.label())).chain(cells).collect()
    }));
    let revenue = |key: &str| of(key, "revenue").and_then(|row| row.number("value"));
    let total: f64 = own.segments.iter().filter_map(|segment| revenue(&segment.key)).sum();
    if total <= 0.0 {
        return Some(Block::new("What they did so far", "", vec![Part::Folded(table)]));
    }
    let shares = told.iter().filter_map(|segment| Some((*segment, revenue(&segment.key)? / total)));
    let shares: Vec<_> = shares.collect();
    let best = shares.iter().max_by(|left, right| left.1.total_cmp(&right.1))?;
    let mut finding = format!(
        "{} are {} of all {many} and brought {} of the revenue before the day of the run.",
        best.0.told(),
        percentage(best.0.share),
        percentage(best.1)
    );
    if own.overlapping {
        finding.push_str(
            " Segments overlap: what several brought is counted for each, and shares are of the sum over the segments.",
        );
    }
    let drawn: Vec<Pair> = shares
        .iter()
        .map(|(segment, share)| Pair {
            name: segment.label(),
            values: [segment.share, share.max(0.0)],
            told: [format!("{} of {many}", percentage(segment.share)), format!("{} of revenue", percentage(*share))],
        })
        .collect();
    let picture =
        Picture::new(format!("Share of {many} and of revenue"), finding.as_str(), Form::Narrow, pairs(&drawn)).read(
            "The segments were made from the same time, so this describes them; it does not say what they will do.",
        );
    Some(Block::new("What they brought so far", finding, figure(picture, table).into()))
}

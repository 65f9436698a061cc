//! What the segments did after the day of the run, with how sure that is: the test of the segments.

use super::Limits;
use crate::{
    page::{
        data::{Row, RunData, Segment, Segmentation},
        drawing::{Interval, Kind, intervals},
        model::{Block, Cell, Form, Item, Part, Picture, Table, figure},
        words::{capital, in_unit, or_dash, percentage, readable},
    },
    report::{number, whole},
};

/// Metrics that have a picture, those first that are asked for most.
const FIRST: [&str; 4] = ["revenue_per_customer", "conversion", "retention", "average_order_value"];
const MOST: usize = 6;
/// A difference is told for more than chance where so few of those that are told would be chance.
const SURE: f64 = 0.05;

/// Gives the block; none without an outcome window.
pub(super) fn outcomes(data: &RunData, own: &Segmentation, limits: Limits) -> Option<Block> {
    let rows: Vec<Row<'_>> =
        data.rows_of("effectiveness", &own.name).filter(|row| row.is("basis", "outcome")).collect();
    let first = rows.first()?;
    if let Some(reason) = rows.iter().all(|row| row.number("value").is_none()).then(|| first.text("reason")).flatten() {
        return Some(Block::new("What they did afterwards", format!("Not known yet: {reason}."), Vec::new()));
    }
    let mut metrics: Vec<&str> =
        FIRST.into_iter().filter(|metric| rows.iter().any(|row| row.is("metric", metric))).collect();
    for row in rows.iter().filter(|row| row.number("ci_low").is_some()) {
        let metric = row.name("metric");
        // It is the same as retention, seen from the other side.
        if !metrics.contains(&metric) && metric != "churn" {
            metrics.push(metric);
        }
    }
    let most = if limits.strips == 0 { 2 } else { MOST };
    let mut findings: Vec<String> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for metric in metrics.into_iter().take(most) {
        let of = own.of_at_least(data.job.min_cell).filter_map(|segment| {
            let mut found = rows.iter().filter(|row| row.is("segment_key", &segment.key));
            let row = found.find(|row| row.is("metric", metric))?;
            row.number("value").map(|_| (segment, *row))
        });
        let of: Vec<(&Segment, Row<'_>)> = of.collect();
        if let Some((finding, figure)) = forest(metric, &of) {
            findings.push(finding);
            parts.extend(figure);
        }
    }
    if parts.is_empty() {
        return None;
    }
    let window = match (first.day("window_start"), first.day("window_end")) {
        (Some(from), Some(to)) => {
            let [from, to] = [from, to].map(|day| day.format("%-d %B %Y").to_string());
            format!(
                "From {from} until the day before {to}: time that nothing that made the segments saw, so it tests them."
            )
        }
        _ => "Time that nothing that made the segments saw, so it tests them.".to_owned(),
    };
    let items: Vec<Item> = findings.into_iter().map(Item::neutral).collect();
    parts.insert(0, Part::List(items));
    Some(Block::new("What they did afterwards", window, parts))
}

/// Gives what a metric says, and its picture.
fn forest(metric: &str, rows: &[(&Segment, Row<'_>)]) -> Option<(String, [Part; 2])> {
    let value = |row: Row<'_>, name: &str| row.number(name);
    let told = |row: Row<'_>, value: f64| in_unit(value, row.name("unit"), row.text("currency"));
    let (best, row) = rows.iter().filter(|(segment, _)| !segment.is_rest()).max_by(|left, right| {
        let of = |(_, row): &(&Segment, Row<'_>)| value(*row, "value").unwrap_or_default();
        of(left).total_cmp(&of(right))
    })?;
    let differ = rows.iter().filter(|(_, row)| value(*row, "q_value").is_some_and(|q| q < SURE)).count();
    let between = match (value(*row, "ci_low"), value(*row, "ci_high"), value(*row, "ci_level")) {
        (Some(low), Some(high), Some(level)) => {
            format!(", between {} and {} with {} confidence", told(*row, low), told(*row, high), percentage(level))
        }
        _ => String::new(),
    };
    let rest = value(*row, "rest_value").map_or_else(String::new, |rest| format!("; all others {}", told(*row, rest)));
    let name = readable(metric);
    let finding = format!(
        "{}: highest in {} ({}{between}{rest}). {} from the others by more than chance explains.",
        capital(&name),
        best.told(),
        told(*row, value(*row, "value")?),
        match differ {
            0 => "No segment differs".to_owned(),
            1 => format!("One of {} segments differs", rows.len()),
            many => format!("{many} of {} segments differ", rows.len()),
        },
    );
    let drawn: Vec<Interval> = rows
        .iter()
        .filter_map(|(segment, row)| {
            let (low, high) = (value(*row, "ci_low"), value(*row, "ci_high"));
            let of = value(*row, "value")?;
            let range = match (low, high) {
                (Some(low), Some(high)) => format!(" ({} to {})", told(*row, low), told(*row, high)),
                _ => String::new(),
            };
            let told = format!("{}{range}", told(*row, of));
            Some(Interval { name: segment.label(), low, value: of, high, told })
        })
        .collect();
    let heads = ["Segment", "#value", "#from", "#to", "#all others", "#of", "#q value"];
    let mut table = Table::new(format!("{} of each segment after the day of the run", capital(&name)), &heads);
    table.rows.extend(rows.iter().map(|(segment, row)| {
        let cell = |name: &str| Cell::number(or_dash(value(*row, name).map(|value| told(*row, value))));
        vec![
            Cell::text(segment.label()),
            cell("value"),
            cell("ci_low"),
            cell("ci_high"),
            cell("rest_value"),
            Cell::number(whole(row.whole("n").unwrap_or_default())),
            Cell::number(or_dash(value(*row, "q_value").map(number))),
        ]
    }));
    let beside = value(*row, "population_value");
    let picture =
        Picture::new(capital(&name), finding.as_str(), Form::Narrow, intervals(&drawn, Kind::Uncertain, beside)).read(
            "The line through a point is how far the value may be off; the dashed line is the value of all in scope.",
        );
    Some((finding, figure(picture, table)))
}

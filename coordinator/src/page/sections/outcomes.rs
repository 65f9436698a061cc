//! What the segments did after the day of the run, with how sure that is: the test of the segments.

use super::Limits;
use crate::page::{
    data::{Row, RunData, Segment, Segmentation},
    drawing::{Interval, Kind, intervals},
    model::{Block, Cell, Form, Item, Part, Picture, Table, figure},
    words::{capital, in_unit, metric as called, or_dash, percentage, with_range},
};
use segmenter_worker::words::Words;

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
    let words = data.words;
    let title = words.word("outcomes-title");
    if let Some(reason) = rows.iter().all(|row| row.number("value").is_none()).then(|| first.text("reason")).flatten() {
        let unknown = words.say("not-known-yet", [("reason", words.retold(reason).into_owned().into())]);
        return Some(Block::new(title, unknown, Vec::new()));
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
        if let Some((finding, figure)) = forest(words, metric, &of) {
            findings.push(finding);
            parts.extend(figure);
        }
    }
    if parts.is_empty() {
        return None;
    }
    let window = match (first.day("window_start"), first.day("window_end")) {
        (Some(from), Some(to)) => {
            words.say("outcomes-window", [("from", words.day(from).into()), ("to", words.day(to).into())])
        }
        _ => words.word("outcomes-some-window"),
    };
    let items: Vec<Item> = findings.into_iter().map(Item::neutral).collect();
    parts.insert(0, Part::List(items));
    Some(Block::new(title, window, parts))
}

/// Gives what a metric says, and its picture.
fn forest(words: &Words, metric: &str, rows: &[(&Segment, Row<'_>)]) -> Option<(String, [Part; 2])> {
    let value = |row: Row<'_>, name: &str| row.number(name);
    let told = |row: Row<'_>, value: f64| in_unit(words, value, row.name("unit"), row.text("currency"));
    let (best, row) = rows.iter().filter(|(segment, _)| !segment.is_rest()).max_by(|left, right| {
        let of = |(_, row): &(&Segment, Row<'_>)| value(*row, "value").unwrap_or_default();
        of(left).total_cmp(&of(right))
    })?;
    let differ = rows.iter().filter(|(_, row)| value(*row, "q_value").is_some_and(|q| q < SURE)).count();
    let name = capital(&called(words, metric));
    let mut figures = told(*row, value(*row, "value")?);
    if let (Some(low), Some(high), Some(level)) =
        (value(*row, "ci_low"), value(*row, "ci_high"), value(*row, "ci_level"))
    {
        let (low, high, level) = (told(*row, low), told(*row, high), percentage(words, level));
        let between = [("low", low.into()), ("high", high.into()), ("level", level.into())];
        figures = format!("{figures}{}", words.say("outcomes-between", between));
    }
    if let Some(rest) = value(*row, "rest_value") {
        figures = format!("{figures}{}", words.say("outcomes-rest", [("value", told(*row, rest).into())]));
    }
    let highest = words.say(
        "outcomes-highest",
        [("metric", (&name).into()), ("segment", best.told().into()), ("figures", figures.into())],
    );
    let differ = words.say("outcomes-differ", [("differ", differ.into()), ("segments", rows.len().into())]);
    let finding = format!("{highest} {differ}");
    let drawn: Vec<Interval> = rows
        .iter()
        .filter_map(|(segment, row)| {
            let (low, high) = (value(*row, "ci_low"), value(*row, "ci_high"));
            let of = value(*row, "value")?;
            let range = low.zip(high).map(|(low, high)| [told(*row, low), told(*row, high)]);
            let told = with_range(words, told(*row, of), range);
            Some(Interval { name: segment.label(), low, value: of, high, told })
        })
        .collect();
    let heads =
        ["head-segment", "#head-value", "#head-from", "#head-to", "#head-all-others", "#head-of", "#head-q-value"];
    let mut table = Table::new(words, words.say("outcomes-table", [("metric", (&name).into())]), &heads);
    table.rows.extend(rows.iter().map(|(segment, row)| {
        let cell = |name: &str| Cell::number(or_dash(value(*row, name).map(|value| told(*row, value))));
        vec![
            Cell::text(segment.label()),
            cell("value"),
            cell("ci_low"),
            cell("ci_high"),
            cell("rest_value"),
            Cell::number(words.whole(row.whole("n").unwrap_or_default())),
            Cell::number(or_dash(value(*row, "q_value").map(|q| words.number(q)))),
        ]
    }));
    let beside = value(*row, "population_value");
    let drawing = intervals(words, &drawn, Kind::Uncertain, beside);
    let picture = Picture::new(name, finding.as_str(), Form::Narrow, drawing).read(words.word("outcomes-caption"));
    Some((finding, figure(picture, table)))
}

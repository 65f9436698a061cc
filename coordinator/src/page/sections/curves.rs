//! When they come back: how many have bought again by which day.

use super::Limits;
use crate::page::{
    data::{RunData, Segmentation},
    drawing::{Series, curves as drawn},
    model::{Block, Cell, Form, Head, Picture, Table, figure},
    words::{isolated, or_dash, percentage},
};
use segmenter_worker::words::Arg;
use std::collections::BTreeMap;

/// Days of the table.
const DAYS: [u32; 4] = [30, 90, 180, 365];
/// Corners of a curve.
const CORNERS: usize = 60;
/// Curves that can be told apart.
const CURVES: usize = 6;

/// A curve of days and the share that has bought, with the day by which half have.
#[derive(Debug, Default)]
struct Curve {
    days: Vec<(i64, f64)>,
    median: Option<i64>,
}

/// Gives the block; what happened afterwards is told where it is known, else what happened before.
pub(super) fn curves(data: &RunData, own: &Segmentation, limits: Limits) -> Option<Block> {
    let known = |basis: &str| {
        let mut curves: BTreeMap<Option<&str>, Curve> = BTreeMap::new();
        let rows = data.rows_of("repeat_curve", &own.name).filter(|row| row.is("basis", basis));
        for row in rows {
            let (Some(day), Some(bought)) = (row.whole("day"), row.number("bought")) else { continue };
            let curve = curves.entry(row.text("segment_key")).or_default();
            curve.days.push((day, bought));
            curve.median = row.whole("median_days");
        }
        curves.retain(|_, curve| curve.days.len() > 1);
        curves
    };
    let (basis, mut curves) = ("outcome", known("outcome"));
    let basis = if curves.is_empty() { "in_sample" } else { basis };
    if curves.is_empty() {
        curves = known(basis);
    }
    let told: Vec<_> = own
        .of_at_least(data.job.min_cell)
        .filter_map(|segment| Some((segment, curves.get(&Some(segment.key.as_str()))?)))
        .collect();
    if told.is_empty() {
        return None;
    }
    let words = data.words;
    let basis = || ("basis", Arg::from(basis));
    let title = words.say("curves-title", [basis()]);
    let fastest =
        told.iter().filter_map(|(segment, curve)| Some((curve.median?, *segment))).min_by_key(|(days, _)| *days);
    let finding = match fastest {
        Some((days, segment)) => {
            let days = u64::try_from(days).unwrap_or_default();
            words.say("curves-fastest", [basis(), ("segment", segment.told().into()), ("days", days.into())])
        }
        None => words.say("curves-none", [basis()]),
    };
    let mut series: Vec<Series> = Vec::new();
    for (segment, curve) in told.iter().take(if limits.strips == 0 { 3 } else { CURVES }) {
        let every = curve.days.len().div_ceil(CORNERS).max(1);
        let last = curve.days.len() - 1;
        let kept = curve.days.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last);
        let corners = std::iter::once([0.0, 0.0]).chain(kept.map(|(_, (day, bought))| [*day as f64, *bought]));
        series.push(Series { name: isolated(&segment.label()), corners: corners.collect() });
    }
    let by = |curve: &Curve, day: i64| {
        let is_known = curve.days.last().is_some_and(|(last, _)| *last >= day);
        let before = curve.days.iter().rev().find(|(own, _)| *own <= day).map_or(0.0, |(_, bought)| *bought);
        is_known.then(|| percentage(words, before))
    };
    let caption = words.say("curves-table", [basis()]);
    let mut table = Table::new(words, caption, &["head-segment", "#head-half-within-days"]);
    table.heads.extend(DAYS.map(|day| Head::number(words.say("curves-within", [("days", day.into())]))));
    table.rows.extend(told.iter().map(|(segment, curve)| {
        let days = DAYS.map(|day| Cell::number(or_dash(by(curve, day.into()))));
        let first = [Cell::text(segment.label()), Cell::number(or_dash(curve.median.map(|days| words.whole(days))))];
        first.into_iter().chain(days).collect()
    }));
    let drawing = drawn(words, &series, &words.say("curves-below", [basis()]));
    let mut picture = Picture::new(title.as_str(), finding.as_str(), Form::Wide, drawing);
    if told.len() > series.len() {
        picture = picture.read(words.say("curves-largest", [("segments", series.len().into())]));
    }
    Some(Block::new(title, finding, figure(picture, table).into()))
}

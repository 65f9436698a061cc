//! Where the customers of clusters lie on the plane in which they differ most, a small map a segment.

use super::{
    Limits,
    map_words::{self, Loading, Overlap},
};
use crate::page::{
    data::{Row, RunData, Segment, Segmentation},
    drawing::{Panel, hexagons},
    model::{Block, Cell, Form, Part, Picture, Table, figure},
    words::{or_dash, percentage},
};
use segmenter_worker::words::Words;
use std::collections::{BTreeMap, BTreeSet};

/// Width of a hexagon, as the table has it.
const WIDTH: f64 = 0.2;
/// Segments that have less in common lie apart.
const APART: f64 = 0.05;
/// An axis stands for features whose loading is at least this share of its largest, and for so many at most.
const SAID: (f64, usize) = (0.5, 3);
/// Segments of which less is drawn are not compared.
const ENOUGH: f64 = 0.5;

/// A segment as far as it is shown.
struct Shown<'a> {
    segment: &'a Segment,
    /// By the place of the hexagon, as bits that are the same for the same place.
    customers: BTreeMap<[u64; 2], f64>,
    hidden: i64,
}

impl Shown<'_> {
    fn drawn(&self) -> f64 {
        self.customers.values().sum()
    }

    fn centres(&self) -> impl Iterator<Item = ([f64; 2], f64)> {
        self.customers.iter().map(|(place, customers)| (place.map(f64::from_bits), *customers))
    }

    fn middle(&self, axis: usize) -> f64 {
        self.centres().map(|(centre, customers)| centre[axis] * customers).sum::<f64>() / self.drawn()
    }

    /// Gives the share of customers that two segments have in the same places.
    fn overlap(&self, other: &Self) -> f64 {
        let (own, of_other) = (self.drawn(), other.drawn());
        let both =
            self.customers.iter().filter_map(|(place, customers)| Some((customers, other.customers.get(place)?)));
        both.map(|(left, right)| (left / own).min(right / of_other)).sum()
    }
}

/// Gives the block; `of` is the number of segmentations that share the page.
pub(super) fn map(data: &RunData, own: &Segmentation, of: usize, limits: Limits) -> Option<Block> {
    let shown = shown(data, own);
    let axes: Vec<Row<'_>> = data.rows_of("map_axes", &own.name).collect();
    if shown.iter().all(|own| own.customers.is_empty()) || axes.is_empty() {
        return None;
    }
    let words = data.words;
    let said: Vec<Vec<Loading<'_>>> = [1, 2].map(|axis| said(&axes, axis)).into();
    let share: f64 = [1, 2].iter().filter_map(|axis| of_axis(&axes, *axis).next()?.number("variance_share")).sum();
    let compared: Vec<&Shown<'_>> =
        shown.iter().filter(|own| own.drawn() >= ENOUGH * own.segment.customers as f64).collect();
    let nearest: Vec<(&Shown<'_>, Option<(&Shown<'_>, f64)>)> =
        compared.iter().map(|own| (*own, nearest(own, &compared))).collect();
    let sentences = [map_words::shows(data, share), map_words::axes(data, &said), together(words, &nearest)];
    let finding = sentences.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    let (panels, left) = panels(words, &shown, limits.hexagons / of.max(1));
    let table = table(words, &shown, &nearest);
    let mut parts: Vec<Part> = Vec::new();
    if panels.is_empty() {
        parts.push(Part::Folded(table));
    } else {
        let ground: BTreeSet<[u64; 2]> = shown.iter().flat_map(|own| own.customers.keys().copied()).collect();
        let ground: Vec<[f64; 2]> = ground.into_iter().map(|place| place.map(f64::from_bits)).collect();
        let lines: Vec<String> = said.iter().enumerate().map(|(at, axis)| map_words::axis(words, at, axis)).collect();
        let drawing = hexagons(&panels, &ground, WIDTH, &lines);
        let picture = Picture::new(words.word("map-title"), finding.as_str(), Form::Narrow, drawing);
        parts.extend(figure(picture.read(map_words::how_to_read(data)), table));
    }
    parts.push(Part::Folded(table_of_axes(words, &axes, limits)));
    let (hidden, drawn): (i64, f64) =
        shown.iter().fold((0, 0.0), |(hidden, drawn), own| (hidden + own.hidden, drawn + own.drawn()));
    if hidden > 0 {
        parts.push(Part::Note(map_words::hidden(data, hidden, hidden + drawn as i64)));
    }
    let nowhere = shown.iter().filter(|own| own.customers.is_empty()).map(|own| own.segment.label());
    let nowhere: Vec<String> = nowhere.collect();
    if !nowhere.is_empty() {
        parts.push(Part::Note(map_words::nowhere(data, &nowhere)));
    }
    for (at, axis) in [1, 2].into_iter().enumerate() {
        let beyond = of_axis(&axes, axis).next().and_then(|row| row.whole("beyond")).filter(|beyond| *beyond > 0);
        parts.extend(beyond.map(|beyond| Part::Note(map_words::beyond(data, beyond, at))));
    }
    if left > 0 {
        parts.push(Part::Note(words.say("map-not-drawn", [("segments", left.into())])));
    }
    Some(Block::new(words.word("map-title"), finding, parts))
}

/// Gives the segments that have customers on the map, in their order.
fn shown<'a>(data: &'a RunData, own: &'a Segmentation) -> Vec<Shown<'a>> {
    let mut all: BTreeMap<&str, Shown<'_>> = BTreeMap::new();
    for row in data.rows_of("map", &own.name) {
        let Some((segment, customers)) = own.segment(row.name("segment_key")).zip(row.whole("customers")) else {
            continue;
        };
        let shown = all.entry(&segment.key).or_insert_with(|| Shown { segment, customers: BTreeMap::new(), hidden: 0 });
        match row.number("x").zip(row.number("y")) {
            Some((x, y)) => drop(shown.customers.insert([x, y].map(f64::to_bits), customers as f64)),
            None => shown.hidden += customers,
        }
    }
    own.segments.iter().filter_map(|segment| all.remove(segment.key.as_str())).collect()
}

fn of_axis<'a>(axes: &'a [Row<'a>], axis: i64) -> impl Iterator<Item = &'a Row<'a>> {
    axes.iter().filter(move |row| row.whole("axis") == Some(axis))
}

/// Gives what an axis stands for, the strongest first. What is not false is true, so that one of both is enough.
fn said<'a>(axes: &'a [Row<'a>], axis: i64) -> Vec<Loading<'a>> {
    let loading = |row: &'a Row<'a>| Loading {
        feature: row.name("feature"),
        level: row.text("level"),
        value: row.number("loading").unwrap_or_default(),
    };
    let all = of_axis(axes, axis).map(loading);
    let mut all: Vec<Loading<'_>> = all.filter(|own| !matches!(own.level, Some("false" | "(known)"))).collect();
    all.sort_by(|left, right| right.value.abs().total_cmp(&left.value.abs()));
    let most = all.first().map_or(0.0, |own| own.value.abs());
    all.into_iter().filter(|own| own.value.abs() >= most * SAID.0).take(SAID.1).collect()
}

/// Gives the segment that has most in common with one, and how much.
fn nearest<'a>(own: &Shown<'_>, all: &[&'a Shown<'a>]) -> Option<(&'a Shown<'a>, f64)> {
    let others = all.iter().filter(|other| other.segment.key != own.segment.key);
    let shared = others.map(|other| (*other, own.overlap(other)));
    // The first of equals.
    shared.fold(None, |found: Option<(&Shown<'_>, f64)>, other| match found {
        Some(known) if known.1 >= other.1 => Some(known),
        _ => Some(other),
    })
}

fn together(words: &Words, nearest: &[(&Shown<'_>, Option<(&Shown<'_>, f64)>)]) -> String {
    let shares = nearest.iter().filter_map(|(own, other)| Some((own, (*other)?)));
    let most = shares.clone().fold(None, |found: Option<Overlap>, (own, (other, share))| match found {
        Some(known) if known.share >= share => Some(known),
        _ => Some(Overlap { names: [own.segment.label(), other.segment.label()], share }),
    });
    let apart = shares.filter(|(_, (_, share))| *share < APART).map(|(own, _)| own.segment.label());
    map_words::overlaps(words, most.as_ref(), (&apart.collect::<Vec<_>>(), APART), nearest.len())
}

/// Gives the maps that there is room for, of the largest segments, and how many segments have none.
fn panels(words: &Words, shown: &[Shown<'_>], room: usize) -> (Vec<Panel>, usize) {
    let (mut panels, mut used): (Vec<Panel>, usize) = Default::default();
    let some = shown.iter().filter(|own| !own.customers.is_empty());
    for own in some.clone() {
        used += own.customers.len();
        if used > room {
            break;
        }
        let told = percentage(words, own.segment.share);
        panels.push(Panel { name: own.segment.label(), told, hexagons: own.centres().collect() });
    }
    let left = some.count() - panels.len();
    (panels, left)
}

fn table(words: &Words, shown: &[Shown<'_>], nearest: &[(&Shown<'_>, Option<(&Shown<'_>, f64)>)]) -> Table {
    let heads = [
        "head-segment",
        "#head-drawn",
        "#head-not-drawn",
        "#head-middle-across",
        "#head-middle-upwards",
        "#head-hexagons",
        "head-overlaps-most",
        "#head-share",
    ];
    let mut table = Table::new(words, words.word("map-table"), &heads);
    table.rows.extend(shown.iter().map(|own| {
        let other =
            nearest.iter().find(|(known, _)| known.segment.key == own.segment.key).and_then(|(_, other)| *other);
        let middle = |axis| (!own.customers.is_empty()).then(|| words.number(own.middle(axis)));
        vec![
            Cell::text(own.segment.label()),
            Cell::number(words.whole(own.drawn() as i64)),
            Cell::number(words.whole(own.hidden)),
            Cell::number(or_dash(middle(0))),
            Cell::number(or_dash(middle(1))),
            Cell::number(words.whole(own.customers.len() as i64)),
            Cell::text(or_dash(other.map(|(other, _)| other.segment.label()))),
            Cell::number(or_dash(other.map(|(_, share)| percentage(words, share)))),
        ]
    }));
    table
}

fn table_of_axes(words: &Words, axes: &[Row<'_>], limits: Limits) -> Table {
    let heads = ["head-feature", "#head-across", "#head-upwards"];
    let mut table = Table::new(words, words.word("map-axes-table"), &heads);
    let upwards: Vec<&Row<'_>> = of_axis(axes, 2).collect();
    let rows = of_axis(axes, 1).zip(upwards).take(limits.rows);
    table.rows.extend(rows.map(|(across, upwards)| {
        let loading = |row: &Row<'_>| Cell::number(or_dash(row.number("loading").map(|loading| words.number(loading))));
        vec![
            Cell::text(map_words::named(words, across.name("feature"), across.text("level"))),
            loading(across),
            loading(upwards),
        ]
    }));
    table
}

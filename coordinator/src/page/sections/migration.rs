//! Who went from which segment to which since the run before.

use crate::page::{
    data::{RunData, Segmentation},
    drawing::{Flow, flows},
    model::{Block, Cell, Form, Head, Part, Picture, Table, figure},
    words::{called, isolated, percentage, quoted},
};
use std::collections::BTreeMap;

/// Ways that the table has, those first that most went: segmentations of dozens of segments have thousands.
const MOST_WAYS: usize = 200;

/// So many went from one segment to another; none: was not, or is not, there.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) customers: u64,
    pub(crate) change: String,
}

/// Gives the block; none of a run that was compared with none.
pub(super) fn migration(data: &RunData, own: &Segmentation) -> Option<Block> {
    let moves = data.rows_of("migration", &own.name).filter_map(|row| {
        Some(Move {
            from: row.text("previous_segment_key").map(str::to_owned),
            to: row.text("segment_key").map(str::to_owned),
            customers: u64::try_from(row.whole("customers")?).ok()?,
            change: row.name("change").to_owned(),
        })
    });
    let title = data.words.word("migration-title");
    flow_block(&title, &moves.collect::<Vec<_>>(), data, &|key| own.label(key))
}

/// Gives the block of these moves; none where nobody was there.
pub(crate) fn flow_block(title: &str, moves: &[Move], data: &RunData, label: &dyn Fn(&str) -> String) -> Option<Block> {
    // Who went a way that few went could be known by it.
    let (words, unit, fewest) = (data.words, || ("unit", data.unit()), data.job.min_cell);
    let told: Vec<&Move> = moves.iter().filter(|own| own.customers >= fewest).collect();
    if told.is_empty() {
        return None;
    }
    let side = |of: &dyn Fn(&Move) -> &Option<String>| {
        let mut sizes: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        for own in &told {
            *sizes.entry(of(own).as_deref()).or_default() += own.customers;
        }
        let mut keys: Vec<(Option<&str>, u64)> = sizes.into_iter().collect();
        keys.sort_by(|left, right| {
            left.0.is_none().cmp(&right.0.is_none()).then(right.1.cmp(&left.1)).then(left.0.cmp(&right.0))
        });
        keys
    };
    let (came, left) = (words.word("migration-came"), words.word("migration-left"));
    let (before, now) = (side(&|own| &own.from), side(&|own| &own.to));
    let name = |key: Option<&str>, other: &str| key.map_or_else(|| other.to_owned(), label);
    let names = |side: &[(Option<&str>, u64)], other: &str| -> Vec<String> {
        side.iter()
            .map(|(key, customers)| format!("{} {}", isolated(&name(*key, other)), words.whole(*customers as i64)))
            .collect()
    };
    let at =
        |side: &[(Option<&str>, u64)], key: &Option<String>| side.iter().position(|(own, _)| *own == key.as_deref());
    let mut drawn: Vec<(usize, usize, &Move)> =
        told.iter().filter_map(|own| Some((at(&before, &own.from)?, at(&now, &own.to)?, *own))).collect();
    drawn.sort_by_key(|(from, to, _)| (*from, *to));
    let bands: Vec<Flow> = drawn
        .iter()
        .map(|(from, to, own)| Flow {
            from: *from,
            to: *to,
            customers: own.customers as f64,
            moved: own.change != "stayed",
        })
        .collect();
    let both: u64 = moves.iter().filter(|own| own.from.is_some() && own.to.is_some()).map(|own| own.customers).sum();
    let gone: u64 = moves.iter().filter(|own| own.change == "moved").map(|own| own.customers).sum();
    let mut finding = match both {
        0 => words.say("migration-none", [unit()]),
        _ => {
            let share = percentage(words, gone as f64 / both as f64);
            words.say("migration-moved", [("share", share.into()), unit()])
        }
    };
    if let Some(most) = told.iter().filter(|own| own.change == "moved").max_by_key(|own| own.customers) {
        let (from, to) = (name(most.from.as_deref(), &came), name(most.to.as_deref(), &left));
        let (from, to) = (quoted(words, &from), quoted(words, &to));
        let most = words
            .say("migration-most", [("customers", most.customers.into()), ("from", from.into()), ("to", to.into())]);
        finding = format!("{finding} {most}");
    }
    let mut sorted = told.clone();
    sorted.sort_by_key(|own| std::cmp::Reverse(own.customers));
    let mut table = Table::new(words, words.word("migration-table"), &["head-was-in", "head-is-in"]);
    table.heads.extend([Head::number(data.many()), Head::of(words, "head-change")]);
    table.rows.extend(sorted.iter().take(MOST_WAYS).map(|own| {
        vec![
            Cell::text(name(own.from.as_deref(), &came)),
            Cell::text(name(own.to.as_deref(), &left)),
            Cell::number(words.whole(own.customers as i64)),
            Cell::text(called(words, "change", &own.change)),
        ]
    }));
    let drawing = flows([&names(&before, &came), &names(&now, &left)], &bands);
    let caption = words.say("migration-caption", [("fewest", fewest.to_string().into())]);
    let picture = Picture::new(words.word("migration-picture"), finding.as_str(), Form::Wide, drawing).read(caption);
    let mut parts: Vec<Part> = figure(picture, table).into();
    if let Some(more) = sorted.len().checked_sub(MOST_WAYS).filter(|more| *more > 0) {
        parts.push(Part::Note(words.say("migration-left-out", [("ways", more.into())])));
    }
    Some(Block::new(title, finding, parts))
}

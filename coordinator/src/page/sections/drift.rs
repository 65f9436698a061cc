//! How far the data and the segments are from what they were in the run before.

use crate::page::{
    data::{Row, RunData, Segmentation},
    drawing::{Bar, bars},
    model::{Block, Cell, Form, Item, Part, Picture, Table, figure},
    words::{feature, isolated, listed, moved, percentage},
};
use segmenter_worker::words::Words;

/// Features that are told.
const MOST: usize = 10;

/// Gives the block; none of a run that was compared with none.
pub(super) fn drift(data: &RunData, all: &[Segmentation]) -> Option<Block> {
    let rows: Vec<Row<'_>> = data.rows("drift").collect();
    let features = rows.iter().filter(|row| row.is("subject", "feature") && row.is("measure", "psi"));
    let features: Vec<(String, f64)> =
        features.filter_map(|row| Some((row.name("name").to_owned(), row.number("value")?))).collect();
    let words = data.words;
    let mut block = features_block(words, features)?;
    let items = all.iter().filter_map(|own| {
        let of = |measure: &str| {
            let mut found = rows.iter().filter(|row| row.is("subject", "segmentation") && row.is("name", &own.name));
            found.find(|row| row.is("measure", measure))?.number("value")
        };
        let share = of("moved_share")?;
        let mut told = words.say(
            "drift-moved-share",
            [("share", percentage(words, share).into()), ("segmentation", isolated(&own.name).into())],
        );
        if let Some(index) = of("adjusted_rand_index") {
            told = format!("{told} {}", words.say("drift-agree", [("index", words.number(index).into())]));
        }
        Some(Item::neutral(told))
    });
    let items: Vec<Item> = items.collect();
    if !items.is_empty() {
        block.parts.push(Part::List(items));
    }
    Some(block)
}

/// Gives the block about features; none where none was compared.
pub(crate) fn features_block(words: &Words, mut features: Vec<(String, f64)>) -> Option<Block> {
    features
        .sort_by(|(left, psi_left), (right, psi_right)| psi_right.total_cmp(psi_left).then_with(|| left.cmp(right)));
    let (name, most) = features.first()?;
    let far: Vec<String> = features
        .iter()
        .filter(|(_, psi)| *psi >= 0.25)
        .map(|(name, _)| isolated(&feature(words, name)))
        .take(5)
        .collect();
    let finding = match far.len() {
        0 => words.say(
            "drift-none",
            [("feature", isolated(&feature(words, name)).into()), ("moved", moved(words, *most).into())],
        ),
        _ => words.say("drift-far", [("features", listed(words, &far).into())]),
    };
    let told: Vec<Bar> = features
        .iter()
        .take(MOST)
        .map(|(name, psi)| Bar {
            name: feature(words, name),
            value: *psi,
            told: format!("{} ({})", words.number(*psi), moved(words, *psi)),
        })
        .collect();
    let heads = ["head-feature", "#head-psi", "head-changed"];
    let mut table = Table::new(words, words.word("drift-table"), &heads);
    table.rows.extend(features.iter().map(|(name, psi)| {
        vec![Cell::text(feature(words, name)), Cell::number(words.number(*psi)), Cell::text(moved(words, *psi))]
    }));
    let picture = Picture::new(words.word("drift-picture"), finding.as_str(), Form::Narrow, bars(&told))
        .read(words.word("drift-caption"));
    Some(Block::new(words.word("drift-title"), finding, figure(picture, table).into()))
}

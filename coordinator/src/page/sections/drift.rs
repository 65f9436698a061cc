//! How far the data and the segments are from what they were in the run before.

use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        drawing::{Bar, bars},
        model::{Block, Cell, Form, Item, Part, Picture, Table, figure},
        words::{isolated, listed, moved, or_dash, percentage, readable},
    },
    report::number,
};

/// Features that are told.
const MOST: usize = 10;

/// Gives the block; none of a run that was compared with none.
pub(super) fn drift(data: &RunData, all: &[Segmentation]) -> Option<Block> {
    let rows: Vec<Row<'_>> = data.rows("drift").collect();
    let features = rows.iter().filter(|row| row.is("subject", "feature") && row.is("measure", "psi"));
    let features: Vec<(String, f64)> =
        features.filter_map(|row| Some((row.name("name").to_owned(), row.number("value")?))).collect();
    let mut block = features_block(features)?;
    let items = all.iter().filter_map(|own| {
        let of = |measure: &str| {
            let mut found = rows.iter().filter(|row| row.is("subject", "segmentation") && row.is("name", &own.name));
            found.find(|row| row.is("measure", measure))?.number("value")
        };
        let share = of("moved_share")?;
        let alike = of("adjusted_rand_index").map_or_else(String::new, |index| {
            format!(" The divisions agree by {} (1: the same, 0: as by chance).", number(index))
        });
        let name = isolated(&own.name);
        Some(Item::neutral(format!(
            "{} of those in both runs are in another segment of {name}.{alike}",
            percentage(share)
        )))
    });
    let items: Vec<Item> = items.collect();
    if !items.is_empty() {
        block.parts.push(Part::List(items));
    }
    Some(block)
}

/// Gives the block about features; none where none was compared.
pub(crate) fn features_block(mut features: Vec<(String, f64)>) -> Option<Block> {
    features
        .sort_by(|(left, psi_left), (right, psi_right)| psi_right.total_cmp(psi_left).then_with(|| left.cmp(right)));
    let (name, most) = features.first()?;
    let far: Vec<String> =
        features.iter().filter(|(_, psi)| *psi >= 0.25).map(|(name, _)| isolated(&readable(name))).take(5).collect();
    let finding = match far.len() {
        0 => format!(
            "No feature is spread much otherwise than in the run before: {}, which changed most, did so {}.",
            isolated(&readable(name)),
            moved(*most)
        ),
        _ => format!("Customers are spread otherwise than in the run before by {}.", listed(&far)),
    };
    let told: Vec<Bar> = features
        .iter()
        .take(MOST)
        .map(|(name, psi)| Bar {
            name: readable(name),
            value: *psi,
            told: format!("{} ({})", number(*psi), moved(*psi)),
        })
        .collect();
    let mut table = Table::new("How far each feature drifted", &["Feature", "#population stability index", "changed"]);
    table.rows.extend(features.iter().map(|(name, psi)| {
        vec![Cell::text(readable(name)), Cell::number(or_dash(Some(number(*psi)))), Cell::text(moved(*psi))]
    }));
    let picture = Picture::new("Features that drifted most", finding.as_str(), Form::Narrow, bars(&told))
        .read("Population stability index: below 0.1 is hardly a change, above 0.25 is worth a look.");
    Some(Block::new("Against the run before", finding, figure(picture, table).into()))
}

//! Two runs side by side, as a page.

use super::{
    data::{RunData, Segmentation},
    drawing::{Pair, pairs},
    gather::run_data,
    model::{Block, Cell, Form, Page, Picture, Section, Table, figure},
    render::render,
    sections::{Move, features_block, flow_block},
    words::{isolated, or_dash, percentage, quoted},
};
use crate::{
    protocol::{CommittedFile, RunRecord},
    report::{number, whole},
};
use bytes::Bytes;
use segmenter_proto::Result;
use segmenter_worker::{
    results::{DriftRow, MigrationRow},
    storage::Folder,
};

/// A committed run, as a page reads it.
#[derive(Debug, Clone, Copy)]
pub struct Committed<'a> {
    /// Its folder.
    pub results: &'a Folder,
    /// Its files.
    pub files: &'a [CommittedFile],
    /// Its `run.json`.
    pub record: &'a RunRecord,
}

/// Makes the page of two runs, the earlier first, and of what is different between them.
///
/// # Errors
/// A table is not what was committed: Data. The store fails: Dependency.
pub async fn compared_page(runs: [Committed<'_>; 2], migration: &[MigrationRow], drift: &[DriftRow]) -> Result<Bytes> {
    let [before, now] = runs;
    let before = run_data(before.results, before.files, before.record).await?;
    let now = run_data(now.results, now.files, now.record).await?;
    Ok(render(&page([&before, &now], migration, drift))?.into())
}

/// Gives the page.
pub(super) fn page(runs: [&RunData; 2], migration: &[MigrationRow], drift: &[DriftRow]) -> Page {
    let [before, now] = runs;
    let day = |data: &RunData| data.record.as_of.format("%-d %B %Y").to_string();
    let all = [before, now].map(Segmentation::all);
    let features = drift.iter().filter(|row| row.subject == "feature" && row.measure == "psi");
    let features = features_block(features.filter_map(|row| Some((row.name.clone(), row.value?))).collect());
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(Section::of("The data", Vec::new(), [rows(runs)].into_iter().chain(features).collect()));
    for own in &all[1] {
        let Some(then) = all[0].iter().find(|then| then.name == own.name) else { continue };
        let moves = migration.iter().filter(|row| row.segmentation == own.name).map(|row| Move {
            from: row.previous_segment_key.clone(),
            to: row.segment_key.clone(),
            customers: u64::try_from(row.customers).unwrap_or_default(),
            change: row.change.clone(),
        });
        let moves: Vec<Move> = moves.collect();
        let label = |key: &str| match own.segment(key) {
            Some(segment) => segment.label(),
            None => then.label(key),
        };
        let flow = flow_block("Who moved", &moves, now.job.many(), now.job.min_cell, &label);
        let blocks: Vec<Block> = sizes(then, own, drift).into_iter().chain(flow).collect();
        sections.extend(Section::of(format!("Segments by {}", isolated(&own.name)), Vec::new(), blocks));
    }
    let job = isolated(&now.record.job);
    Page {
        language: "en",
        title: format!("{job}: two runs compared"),
        heading: format!("{job}: {} beside {}", day(now), day(before)),
        lead: vec![format!(
            "What is different in run {} from what it was in run {}.",
            now.record.run, before.record.run
        )],
        facts: vec![
            ("Earlier run".to_owned(), before.record.run.clone()),
            ("As of".to_owned(), day(before)),
            ("Later run".to_owned(), now.record.run.clone()),
            ("As of ".to_owned(), day(now)),
        ],
        sections,
        footer: vec![format!(
            "Levels, segments and ways of fewer than {} {} have no figures here.",
            now.job.min_cell,
            now.job.many()
        )],
    }
    .numbered()
}

/// Rows of each source in both runs.
fn rows([before, now]: [&RunData; 2]) -> Block {
    let heads = ["Source", "#used then", "#used now", "#of those read then", "#of those read now"];
    let mut table = Table::new("Rows of each source that were used", &heads);
    let sources =
        now.record.rows.keys().chain(before.record.rows.keys().filter(|name| !now.record.rows.contains_key(*name)));
    for name in sources {
        let fates = [before, now].map(|data| data.record.rows.get(name));
        let used = fates.map(|fates| Cell::number(or_dash(fates.map(|fates| whole(fates.used as i64)))));
        let share = fates.map(|fates| {
            let share =
                fates.filter(|fates| fates.read > 0).map(|fates| percentage(fates.used as f64 / fates.read as f64));
            Cell::number(or_dash(share))
        });
        table.rows.push(std::iter::once(Cell::text(name)).chain(used).chain(share).collect());
    }
    Block::new("What was used", "", vec![super::model::Part::Table(table)])
}

/// Shares of the segments in both runs.
fn sizes(then: &Segmentation, now: &Segmentation, drift: &[DriftRow]) -> Option<Block> {
    let mut keys: Vec<&str> = now.segments.iter().map(|segment| segment.key.as_str()).collect();
    let gone = then.segments.iter().map(|segment| segment.key.as_str()).filter(|key| now.segment(key).is_none());
    keys.extend(gone);
    if keys.is_empty() {
        return None;
    }
    let share = |of: &Segmentation, key: &str| of.segment(key).map(|segment| segment.share);
    let label = |key: &str| if now.segment(key).is_some() { now.label(key) } else { then.label(key) };
    let told = |share: Option<f64>| share.map_or_else(|| "none".to_owned(), percentage);
    let drawn: Vec<Pair> = keys
        .iter()
        .map(|key| {
            let shares = [share(then, key), share(now, key)];
            Pair {
                name: label(key),
                values: shares.map(Option::unwrap_or_default),
                told: [format!("then {}", told(shares[0])), format!("now {}", told(shares[1]))],
            }
        })
        .collect();
    let change = |key: &str| share(now, key).unwrap_or_default() - share(then, key).unwrap_or_default();
    let most = keys.iter().copied().max_by(|left, right| change(left).abs().total_cmp(&change(right).abs()))?;
    let alike =
        drift.iter().find(|row| row.name == now.name && row.measure == "adjusted_rand_index").and_then(|row| row.value);
    let alike = alike.map_or_else(String::new, |index| {
        format!(" The two divisions agree by {} (1: the same, 0: as by chance).", number(index))
    });
    let finding = format!(
        "The share of {} changed most: {} then, {} now.{alike}",
        quoted(&label(most)),
        told(share(then, most)),
        told(share(now, most))
    );
    let mut table = Table::new("Size of each segment then and now", &["Segment", "Key", "#then", "#now"]);
    table.rows.extend(keys.iter().map(|key| {
        let shares = [share(then, key), share(now, key)].map(|share| Cell::number(told(share)));
        [Cell::text(label(key)), Cell::text(*key)].into_iter().chain(shares).collect()
    }));
    let picture = Picture::new("Share of each segment then and now", finding.as_str(), Form::Narrow, pairs(&drawn));
    Some(Block::new("How large the segments are", finding, figure(picture, table).into()))
}

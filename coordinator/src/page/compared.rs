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
use crate::protocol::{CommittedFile, RunRecord};
use bytes::Bytes;
use segmenter_proto::Result;
use segmenter_worker::{
    results::{DriftRow, MigrationRow},
    storage::Folder,
    words::Words,
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

/// Makes the page of two runs, the earlier first, and of what is different between them, in the language of the later.
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
    let words = now.words;
    let day = |data: &RunData| words.day(data.record.as_of);
    let all = [before, now].map(Segmentation::all);
    let features = drift.iter().filter(|row| row.subject == "feature" && row.measure == "psi");
    let features = features_block(words, features.filter_map(|row| Some((row.name.clone(), row.value?))).collect());
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(Section::of(
        words.word("compared-data"),
        Vec::new(),
        [rows(runs)].into_iter().chain(features).collect(),
    ));
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
        let flow = flow_block(&words.word("compared-moved"), &moves, now, &label);
        let blocks: Vec<Block> = sizes(words, then, own, drift).into_iter().chain(flow).collect();
        let title = words.say("segmentation-title", [("name", isolated(&own.name).into())]);
        sections.extend(Section::of(title, Vec::new(), blocks));
    }
    let job = isolated(&now.record.job);
    Page {
        language: words.code(),
        skip: words.word("page-skip"),
        contents: words.word("page-sections"),
        title: words.say("compared-title", [("job", (&job).into())]),
        heading: words
            .say("compared-heading", [("job", job.into()), ("now", day(now).into()), ("before", day(before).into())]),
        lead: vec![
            words.say("compared-lead", [("now", (&now.record.run).into()), ("before", (&before.record.run).into())]),
        ],
        facts: vec![
            (words.word("compared-earlier"), before.record.run.clone()),
            (words.word("fact-as-of"), day(before)),
            (words.word("compared-later"), now.record.run.clone()),
            (format!("{} ", words.word("fact-as-of")), day(now)),
        ],
        sections,
        footer: vec![
            words.say("compared-footer", [("fewest", now.job.min_cell.to_string().into()), ("unit", now.unit())]),
        ],
    }
    .numbered()
}

/// Rows of each source in both runs.
fn rows([before, now]: [&RunData; 2]) -> Block {
    let words = now.words;
    let heads = ["head-source", "#head-used-then", "#head-used-now", "#head-share-then", "#head-share-now"];
    let mut table = Table::new(words, words.word("compared-rows-table"), &heads);
    let sources =
        now.record.rows.keys().chain(before.record.rows.keys().filter(|name| !now.record.rows.contains_key(*name)));
    for name in sources {
        let fates = [before, now].map(|data| data.record.rows.get(name));
        let used = fates.map(|fates| Cell::number(or_dash(fates.map(|fates| words.whole(fates.used as i64)))));
        let share = fates.map(|fates| {
            let share = fates.filter(|fates| fates.read > 0).map(|fates| fates.used as f64 / fates.read as f64);
            let share = share.map(|share| percentage(words, share));
            Cell::number(or_dash(share))
        });
        table.rows.push(std::iter::once(Cell::text(name)).chain(used).chain(share).collect());
    }
    Block::new(words.word("compared-rows"), "", vec![super::model::Part::Table(table)])
}

/// Shares of the segments in both runs.
fn sizes(words: &Words, then: &Segmentation, now: &Segmentation, drift: &[DriftRow]) -> Option<Block> {
    let mut keys: Vec<&str> = now.segments.iter().map(|segment| segment.key.as_str()).collect();
    let gone = then.segments.iter().map(|segment| segment.key.as_str()).filter(|key| now.segment(key).is_none());
    keys.extend(gone);
    if keys.is_empty() {
        return None;
    }
    let share = |of: &Segmentation, key: &str| of.segment(key).map(|segment| segment.share);
    let label = |key: &str| if now.segment(key).is_some() { now.label(key) } else { then.label(key) };
    let told = |share: Option<f64>| share.map_or_else(|| words.word("compared-none"), |share| percentage(words, share));
    let drawn: Vec<Pair> = keys
        .iter()
        .map(|key| {
            let shares = [share(then, key), share(now, key)];
            Pair {
                name: label(key),
                values: shares.map(Option::unwrap_or_default),
                told: [
                    words.say("compared-then", [("share", told(shares[0]).into())]),
                    words.say("compared-now", [("share", told(shares[1]).into())]),
                ],
            }
        })
        .collect();
    let change = |key: &str| share(now, key).unwrap_or_default() - share(then, key).unwrap_or_default();
    let most = keys.iter().copied().max_by(|left, right| change(left).abs().total_cmp(&change(right).abs()))?;
    let alike =
        drift.iter().find(|row| row.name == now.name && row.measure == "adjusted_rand_index").and_then(|row| row.value);
    let mut finding = words.say(
        "compared-most",
        [
            ("segment", quoted(words, &label(most)).into()),
            ("then", told(share(then, most)).into()),
            ("now", told(share(now, most)).into()),
        ],
    );
    if let Some(index) = alike {
        finding = format!("{finding} {}", words.say("compared-agree", [("index", words.number(index).into())]));
    }
    let heads = ["head-segment", "head-key", "#head-then", "#head-now"];
    let mut table = Table::new(words, words.word("compared-sizes-table"), &heads);
    table.rows.extend(keys.iter().map(|key| {
        let shares = [share(then, key), share(now, key)].map(|share| Cell::number(told(share)));
        [Cell::text(label(key)), Cell::text(*key)].into_iter().chain(shares).collect()
    }));
    let picture = Picture::new(words.word("compared-sizes-picture"), finding.as_str(), Form::Narrow, pairs(&drawn));
    Some(Block::new(words.word("sizes-title"), finding, figure(picture, table).into()))
}

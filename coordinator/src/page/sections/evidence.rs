//! Why there are so many clusters, and whether they are found again.

use crate::page::{
    data::{Row, RunData, Segmentation},
    drawing::points,
    model::{Block, Cell, Form, Item, Mark, Part, Picture, Table, figure},
    words::{called, capital},
};
use segmenter_worker::words::Words;

/// What is drawn; the messages `reading-…` say how it is read.
const METRICS: [&str; 4] = ["calinski_harabasz", "silhouette", "jaccard", "bic"];

/// Gives the block; none where nothing was chosen.
pub(super) fn evidence(data: &RunData, own: &Segmentation) -> Option<Block> {
    let rows: Vec<Row<'_>> =
        data.rows_of("selection", &own.name).filter(|row| row.text("segment_key").is_none()).collect();
    let chosen = rows.iter().find(|row| row.flag("chosen"))?.whole("k")?;
    let words = data.words;
    let mut items: Vec<Item> = Vec::new();
    if let Some(none) = data.evidence(&own.name, "no_useful_groups") {
        items.push(Item { mark: Mark::Bad, text: sentence(&words.retold(none)) });
    }
    let of_segments =
        data.rows_of("selection", &own.name).filter(|row| row.flag("chosen") && row.is("metric", "jaccard"));
    let mut stable: Vec<(f64, String)> = of_segments
        .filter_map(|row| Some((row.number("value")?, own.segment(row.text("segment_key")?)?.told())))
        .collect();
    stable.sort_by(|left, right| left.0.total_cmp(&right.0).then_with(|| left.1.cmp(&right.1)));
    items.extend(stable.iter().map(|(jaccard, name)| Item {
        mark: if *jaccard >= 0.75 { Mark::Good } else { Mark::Bad },
        text: words.say(stability(*jaccard), [("segment", name.into()), ("index", words.number(*jaccard).into())]),
    }));
    let groups = u64::try_from(chosen).unwrap_or_default();
    let why = match data.evidence(&own.name, "why_k") {
        Some(why) => sentence(&words.retold(why)),
        None => words.say("evidence-groups", [("groups", groups.into())]),
    };
    let mut parts: Vec<Part> = Vec::new();
    for metric in METRICS {
        let of_sample = rows.iter().filter(|row| row.is("metric", metric) && row.is("scope", "sample"));
        let values: Vec<(i32, f64)> =
            of_sample.filter_map(|row| Some((i32::try_from(row.whole("k")?).ok()?, row.number("value")?))).collect();
        if values.len() > 1 {
            parts.extend(picture(words, metric, &values, chosen as i32));
        }
    }
    if !items.is_empty() {
        parts.push(Part::List(items));
    }
    Some(Block::new(words.word("evidence-title"), why, parts))
}

/// Gives the message that says how stable a cluster is by its Jaccard index, after Hennig (2007).
fn stability(jaccard: f64) -> &'static str {
    match jaccard {
        0.85.. => "evidence-stable-unchanged",
        0.75.. => "evidence-stable-mostly",
        0.6.. => "evidence-stable-in-outline",
        _ => "evidence-stable-hardly",
    }
}

fn picture(words: &Words, metric: &str, values: &[(i32, f64)], chosen: i32) -> [Part; 2] {
    let name = called(words, "index", metric);
    let at_chosen = values.iter().find(|(k, _)| *k == chosen).map_or_else(String::new, |(_, v)| words.number(*v));
    let description = words.say(
        "evidence-description",
        [
            ("index", (&name).into()),
            ("reading", called(words, "reading", metric).into()),
            ("value", at_chosen.into()),
            ("groups", chosen.unsigned_abs().into()),
        ],
    );
    let title = words.say("evidence-picture", [("index", (&name).into())]);
    let mut table = Table::new(words, title.as_str(), &["head-groups", "#head-value", "head-chosen"]);
    table.rows.extend(values.iter().map(|(k, value)| {
        let is_chosen = if *k == chosen { words.word("evidence-chosen") } else { String::new() };
        vec![Cell::text(k.to_string()), Cell::number(words.number(*value)), Cell::text(is_chosen)]
    }));
    let drawing = points(words, values, chosen);
    let picture = Picture::new(title, description.as_str(), Form::Narrow, drawing).read(description);
    figure(picture, table)
}

/// Evidence is said in halves of sentences.
fn sentence(text: &str) -> String {
    // A letter of a formula stays small.
    let text = if text.starts_with("k ") { text.trim().to_owned() } else { capital(text.trim()) };
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

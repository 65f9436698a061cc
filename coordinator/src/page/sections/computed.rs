//! How the page came about: methods, features, the job file.

use crate::page::{
    data::{RunData, Segmentation},
    model::{Block, Cell, Part, Section, Table, Verbatim},
    words::or_dash,
};

/// Gives the section.
pub(super) fn computed(data: &RunData, all: &[Segmentation]) -> Option<Section> {
    let record = &data.record;
    let words = data.words;
    let mut table = Table::new(words, words.word("computed-table"), &["head-what", "head-is"]);
    let mut add = |name: &str, value: String| table.rows.push(vec![Cell::text(name), Cell::text(value)]);
    add(&words.word("computed-job"), record.job.clone());
    add(&words.word("fact-run"), record.run.clone());
    add(&words.word("computed-as-of"), record.as_of.to_string());
    add(&words.word("computed-previous"), or_dash(record.previous.clone()));
    for (name, version) in &record.versions {
        add(&words.say("computed-version", [("name", name.into())]), version.clone());
    }
    for (name, kind) in &data.job.sources {
        add(&words.say("computed-source", [("name", name.into())]), kind.clone());
    }
    for own in all {
        let features = match own.features.is_empty() {
            true => String::new(),
            false => format!(": {}", own.features.join(", ")),
        };
        add(&words.say("computed-segmentation", [("name", (&own.name).into())]), format!("{}{features}", own.method));
        for (what, name) in [("computed-start", "start"), ("computed-stopped", "stopped")] {
            if let Some(text) = data.evidence(&own.name, name) {
                let text = words.named("fit", text).unwrap_or_else(|| text.to_owned());
                add(&words.say(what, [("name", (&own.name).into())]), text);
            }
        }
    }
    let parts = vec![
        Part::Folded(table),
        Part::Text(Verbatim { title: words.word("computed-job-file"), text: record.job_text.replace('\r', "") }),
        Part::Note(words.word("computed-note")),
    ];
    let finding = words.word("computed-finding");
    Section::of(words.word("computed-title"), Vec::new(), vec![Block::new("", finding, parts)])
}

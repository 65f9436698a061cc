//! How the page came about: methods, features, the job file.

use crate::page::{
    data::{RunData, Segmentation},
    model::{Block, Cell, Part, Section, Table, Verbatim},
    words::or_dash,
};

/// Gives the section.
pub(super) fn computed(data: &RunData, all: &[Segmentation]) -> Option<Section> {
    let record = &data.record;
    let mut table = Table::new("Settings", &["What", "is"]);
    let mut add = |name: &str, value: String| table.rows.push(vec![Cell::text(name), Cell::text(value)]);
    add("Job", record.job.clone());
    add("Run", record.run.clone());
    add("Day of the run (as_of)", record.as_of.to_string());
    add("Run before", or_dash(record.previous.clone()));
    for (name, version) in &record.versions {
        add(&format!("Version: {name}"), version.clone());
    }
    for (name, kind) in &data.job.sources {
        add(&format!("Source {name}"), kind.clone());
    }
    for own in all {
        let features = match own.features.is_empty() {
            true => String::new(),
            false => format!(": {}", own.features.join(", ")),
        };
        add(&format!("Segmentation {}", own.name), format!("{}{features}", own.method));
        for (what, name) in [("start", "start"), ("stopped", "stopped")] {
            if let Some(text) = data.evidence(&own.name, name) {
                add(&format!("{}: {what}", own.name), text.to_owned());
            }
        }
    }
    let parts = vec![
        Part::Folded(table),
        Part::Text(Verbatim { title: "The job file".to_owned(), text: record.job_text.replace('\r', "") }),
        Part::Note(
            "Every figure here is in a Parquet file beside this page; who is in which segment is in assignments/, and nowhere here.".to_owned(),
        ),
    ];
    let finding = "The page is made from the tables of the run alone. Intervals are at the level that the job asks for; differences are told \
                   for more than chance where, of all that are told so, one in twenty would be chance (q value below 0.05).";
    Section::of("How it was computed", Vec::new(), vec![Block::new("", finding, parts)])
}

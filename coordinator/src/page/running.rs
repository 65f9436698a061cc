//! The page of a run that is under way: how far it is, who works on it, and what is known of its rows by now. It is for those who run
//! jobs, so that it is in English as all that they read.

use super::{
    drawing::points,
    model::{Block, Cell, Form, Head, Item, Mark, Page, Part, Picture, Section, Table, figure},
    render::render_live,
    words::{capital, isolated, listed, or_dash},
};
use crate::{
    progress::bytes_for_people,
    report::{number, whole},
    status::{FitRounds, StageStatus, Status, WorkerState, WorkerStatus},
};
use segmenter_proto::{Fate, Result};
use segmenter_worker::words::Words;

/// Rounds of a fit that are drawn, the last ones.
const ROUNDS: usize = 15;

/// Makes the page of a run that is under way; none: of one that has not begun.
///
/// # Errors
/// It cannot be written (a bug).
pub fn running_page(status: Option<&Status>) -> Result<String> {
    render_live(&status.map_or_else(not_begun, page))
}

fn not_begun() -> Page {
    Page {
        title: "segmenter: a run that has not begun".to_owned(),
        heading: "The run has not begun yet".to_owned(),
        lead: vec!["The job is read and its inputs are looked at.".to_owned()],
        ..empty()
    }
}

/// Gives a page with nothing on it but what leads around.
fn empty() -> Page {
    let words = Words::english();
    Page {
        language: words.code(),
        skip: words.word("page-skip"),
        contents: words.word("page-sections"),
        ..Page::default()
    }
}

/// Gives an empty table; the heads of columns of numbers begin with `#`.
fn table(caption: &str, heads: &[&str]) -> Table {
    let head = |head: &&str| Head { text: head.trim_start_matches('#').to_owned(), is_number: head.starts_with('#') };
    Table { caption: caption.to_owned(), heads: heads.iter().map(head).collect(), rows: Vec::new() }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(count as i64), if count == 1 { one } else { many })
}

fn page(status: &Status) -> Page {
    let under_way = status.stages.last().filter(|stage| !stage.is_done);
    let lead = match under_way {
        Some(stage) => vec![capital(&how_far(stage))],
        None => vec!["It is between two stages.".to_owned()],
    };
    let mut lead = lead;
    if status.generation > 1 {
        let times = counted(status.generation - 1, "time", "times");
        lead.push(format!("It was interrupted and taken on again {times}; stages of before are not told."));
    }
    let sections = [
        warnings(status),
        Section::of("How far it is", Vec::new(), stages(status)),
        Section::of("Fits", Vec::new(), status.rounds.iter().map(rounds).collect()),
        Section::of("Who works on it", Vec::new(), workers(&status.workers).into_iter().collect()),
        Section::of("What became of the rows", Vec::new(), rows(status).into_iter().collect()),
    ];
    let at = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    Page {
        title: format!("{}: a run under way", isolated(&status.job)),
        heading: format!("{} is running", isolated(&status.job)),
        lead,
        facts: vec![
            ("As of".to_owned(), status.as_of.to_string()),
            ("Run".to_owned(), status.run.clone()),
            ("Results will be in".to_owned(), status.folder.clone()),
            ("Began".to_owned(), at(status.began_at)),
            ("Looked at".to_owned(), at(status.written_at)),
        ],
        sections: sections.into_iter().flatten().collect(),
        footer: vec![
            "The page looks every two seconds; what it shows is at /status.json too. It has no value of a customer."
                .to_owned(),
            "When the run is committed, its page is report.html among its results.".to_owned(),
        ],
        ..empty()
    }
    .numbered()
}

fn how_far(stage: &StageStatus) -> String {
    let mut text = format!("stage {} is under way for {} s", stage.stage, number(stage.seconds));
    if let Some([done, total]) = stage.tasks {
        text.push_str(&format!(": {} of {} tasks are done", whole(done as i64), whole(total as i64)));
    }
    if let Some(left) = stage.seconds_left {
        text.push_str(&format!(", about {} s are left of it", number(left)));
    }
    text + "."
}

fn warnings(status: &Status) -> Option<Section> {
    let items = status.warnings.iter().map(|text| Item { mark: Mark::Bad, text: text.clone() });
    let items: Vec<Item> = items.collect();
    let finding = counted(items.len() as u64, "warning so far.", "warnings so far.");
    let block = (!items.is_empty()).then(|| Block::new("", finding, vec![Part::List(items)]));
    Section::of("Warnings", Vec::new(), block.into_iter().collect())
}

fn stages(status: &Status) -> Vec<Block> {
    if status.stages.is_empty() {
        return Vec::new();
    }
    let heads = ["Stage", "state", "#seconds", "#left", "#rows", "#rows/s", "#bytes", "#workers", "#skew", "#retries"];
    let mut table = table("Stages", &heads);
    table.rows.extend(status.stages.iter().map(|stage| {
        let state = match (stage.is_done, stage.tasks) {
            (true, _) => "done".to_owned(),
            (false, Some([done, total])) => format!("{} of {} tasks", whole(done as i64), whole(total as i64)),
            (false, None) => "under way".to_owned(),
        };
        let rate = (stage.rows > 0 && stage.seconds >= 1.0).then(|| stage.rows as f64 / stage.seconds);
        let told = |text: Option<String>| Cell::number(or_dash(text));
        vec![
            Cell::text(&stage.stage),
            Cell::text(state),
            Cell::number(format!("{:.1}", stage.seconds)),
            told(stage.seconds_left.map(|left| format!("about {}", number(left)))),
            told((stage.rows > 0).then(|| whole(stage.rows as i64))),
            told(rate.map(|rate| whole(rate as i64))),
            told((stage.bytes > 0).then(|| bytes_for_people(stage.bytes))),
            told(stage.workers.filter(|workers| *workers > 0).map(|workers| whole(workers as i64))),
            told(stage.skew.map(|skew| format!("{skew:.2}"))),
            told(stage.retries.map(|retries| whole(retries as i64))),
        ]
    }));
    let done = status.stages.iter().filter(|stage| stage.is_done).count() as u64;
    let finding = format!("{} done.", counted(done, "stage is", "stages are"));
    vec![Block::new("", finding, vec![Part::Table(table)])]
}

fn rounds(of: &FitRounds) -> Block {
    let last = &of.values[of.values.len().saturating_sub(ROUNDS)..];
    let drawn: Vec<(i32, f64)> =
        last.iter().filter_map(|(round, value)| Some((i32::try_from(*round).ok()?, *value))).collect();
    let finding = match last {
        [.., (_, before), (round, now)] if *before != 0.0 => format!(
            "After round {round} the {} is {}, {:+.3} % against the round before.",
            of.figure,
            number(*now),
            (now - before) / before.abs() * 100.0
        ),
        [.., (round, now)] => format!("After round {round} the {} is {}.", of.figure, number(*now)),
        [] => String::new(),
    };
    let title = format!("{} by round of {}", capital(&of.figure), of.stage);
    let mut table = table(title.as_str(), &["Round", &format!("#{}", of.figure)]);
    table
        .rows
        .extend(last.iter().map(|(round, value)| vec![Cell::text(round.to_string()), Cell::number(number(*value))]));
    // No round is the chosen one.
    let picture = Picture::new(title.as_str(), finding.as_str(), Form::Narrow, points(Words::english(), &drawn, -1));
    Block::new(of.stage.as_str(), finding, figure(picture, table).into())
}

fn workers(workers: &[WorkerStatus]) -> Option<Block> {
    let there = workers.iter().filter(|worker| worker.state == WorkerState::There).count() as u64;
    let gone = workers.iter().filter(|worker| worker.state == WorkerState::Gone).count() as u64;
    let mut finding = format!("{} there.", counted(there, "worker is", "workers are"));
    if gone > 0 {
        finding.push_str(&format!(" {} gone.", counted(gone, "worker is", "workers are")));
    }
    let heads = ["Worker", "state", "#slots", "#running", "#done", "#failed or lost", "#busy seconds"];
    let mut table = table("Workers", &heads);
    table.rows.extend(workers.iter().map(|worker| {
        let state = match worker.state {
            WorkerState::There => "there".to_owned(),
            WorkerState::Leaving => "leaving".to_owned(),
            WorkerState::Gone => format!("gone: {}", worker.reason.as_deref().unwrap_or("not known why")),
        };
        let count = |count: u64| Cell::number(whole(count as i64));
        vec![
            Cell::text(&worker.name),
            Cell::text(state),
            count(worker.slots),
            count(worker.running),
            count(worker.done),
            count(worker.failed),
            Cell::number(format!("{:.1}", worker.busy_seconds)),
        ]
    }));
    (!workers.is_empty()).then(|| Block::new("", finding, vec![Part::Table(table)]))
}

fn rows(status: &Status) -> Option<Block> {
    let mut table = table("Rows of each source by what became of them", &["Source", "#read", "#used", "others"]);
    table.rows.extend(status.rows.iter().map(|(source, fates)| {
        let lost: Vec<String> =
            fates.lost().map(|(fate, rows)| format!("{} {}", whole(rows as i64), fate.word())).collect();
        vec![
            Cell::text(source),
            Cell::number(whole(fates.read as i64)),
            Cell::number(whole(fates.of(Fate::Used) as i64)),
            Cell::text(if lost.is_empty() { "none".to_owned() } else { listed(Words::english(), &lost) }),
        ]
    }));
    (!table.rows.is_empty()).then(|| Block::new("", "", vec![Part::Table(table)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_told_and_what_is_not_has_no_section() {
        let mut status = crate::status::example();
        let text = running_page(Some(&status)).unwrap();
        for told in [
            "Stage fit/value is under way for 12 s: 12 of 63 tasks are done, about 51 s are left of it.",
            "It was interrupted and taken on again 1 time",
            "After round 2 the inertia is 80, -20.000 % against the round before.",
            "1 worker is there. 1 worker is gone.",
            "gone: it said nothing for 10 s",
            "connect-src &#39;self&#39;",
            "2 rows are odd",
            "20,000,000",
        ] {
            assert!(text.contains(told), "no {told} in\n{text}");
        }
        (status.rounds, status.workers, status.warnings) = (Vec::new(), Vec::new(), Vec::new());
        status.rows.clear();
        let text = running_page(Some(&status)).unwrap();
        for gone in ["Fits", "Who works on it", "What became of the rows", "Warnings"] {
            assert!(!text.contains(gone), "{gone}");
        }
        assert!(running_page(None).unwrap().contains("has not begun yet"));
    }

    #[test]
    fn names_of_workers_and_sources_are_no_markup() {
        let mut status = crate::status::example();
        status.workers[0].name = "<script>alert(1)</script>".to_owned();
        status.warnings = vec!["</main><img src=x>".to_owned()];
        let text = running_page(Some(&status)).unwrap();
        assert!(!text.contains("<script>alert") && !text.contains("<img"), "{text}");
    }
}

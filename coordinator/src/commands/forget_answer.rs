//! What is to go of customers, or went, as people and programs read it.

use crate::{
    exports::ListFate,
    forget::{Begun, Ended, Forgetter, Found, Leaving, OfList, OfRun},
    progress::grouped,
};
use segmenter_proto::jobs::Job;
use segmenter_worker::program::json_line;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is told beside what was found.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Whether it is done, and not only listed.
    pub(super) done: bool,
    /// Whether one that was cut off was there.
    pub(super) was_begun: bool,
    /// Lists that have another fate than to have the rows that their run has now.
    pub(super) lists: Vec<(OfList, ListFate)>,
    /// Folders of removals that lie there now.
    pub(super) removals: Vec<String>,
}

impl Answer {
    pub(super) fn take(&mut self, ended: Ended) {
        self.lists.extend(ended.lists);
    }
}

/// Gives one object of JSON.
pub(super) fn for_programs(forgetter: &Forgetter<'_>, job: &Job, found: &Found, answer: &Answer) -> String {
    let begun = &found.begun;
    let runs: Vec<Value> = begun
        .runs
        .iter()
        .map(|run| {
            let (rows, texts) = sums(run);
            json!({
                "run": forgetter.place(&run.name, &run.run),
                "ids": run.found,
                "rows": rows,
                "texts": texts,
                "files": run.files.iter().map(|file| json!({ "path": file.path, "rows": file.rows, "texts": file.texts })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let lists = |lists: &[OfList]| -> Vec<Value> {
        lists.iter().map(|list| json!({ "export": list.export, "run": list.run })).collect()
    };
    let fates: Vec<Value> = answer
        .lists
        .iter()
        .map(|(list, fate)| json!({ "export": list.export, "run": list.run, "fate": word(*fate) }))
        .collect();
    json_line(&json!({
        "format_version": 1,
        "job": job.name,
        "done": answer.done,
        "was_begun": answer.was_begun,
        "ids": begun.ids.len(),
        "runs": runs,
        "exports": lists(&begun.lists),
        "lost_exports": fates,
        "to_be_imported": answer.removals,
        "delete": begun.leaving.iter().map(|leaving| leaving_for_people(forgetter, leaving)).collect::<Vec<_>>(),
        "cached_files": begun.cached_files,
        "named_in": found.named_in,
        "out_of_reach": out_of_reach(job),
    }))
}

/// Gives a line for each thing that goes, the sum, and what is out of reach.
pub(super) fn for_people(forgetter: &Forgetter<'_>, job: &Job, found: &Found, answer: &Answer) -> String {
    let begun = &found.begun;
    let mut lines: Vec<String> = Vec::new();
    if answer.was_begun && !answer.done {
        lines.push(
            "a forgetting was cut off, and some runs are damaged until it is ended: --yes ends it first".to_owned(),
        );
    }
    for run in &begun.runs {
        let (rows, texts) = sums(run);
        let place = forgetter.place(&run.name, &run.run);
        if rows > 0 {
            let files = run.files.iter().filter(|file| file.rows > 0).count() as u64;
            let files = count(files, "file", "files");
            lines.push(format!("rows    {place}  {} in {files} ({})", grouped(rows), tables(run)));
        }
        if texts > 0 {
            let texts = count(texts, "quarantined row loses its text", "quarantined rows lose their text");
            lines.push(format!("texts   {place}  {texts}, since nobody can say whose"));
        }
    }
    lines.extend(
        begun.lists.iter().map(|list| format!("list    export {} of run {}, written anew", list.export, list.run)),
    );
    if !answer.done {
        lines.extend(begun.removals.iter().map(|list| {
            format!("hand    removals of export {}, whose newest list is of run {}", list.export, list.run)
        }));
    }
    lines.extend(begun.leaving.iter().map(|leaving| format!("delete  {}", leaving_for_people(forgetter, leaving))));
    if begun.cached_files > 0 {
        lines
            .push(format!("delete  {} files of the cache, which the next run makes anew", grouped(begun.cached_files)));
    }
    lines.push(sum(begun, answer.done));
    for (list, fate) in &answer.lists {
        lines.push(format!("export {} of run {}: {}", list.export, list.run, sentence(*fate)));
    }
    if !answer.removals.is_empty() {
        lines.push(
            "to be imported by whoever imports these lists; they hold the keys of those who are forgotten, so afterwards `segmenter forget JOB --imported --yes`:"
                .to_owned(),
        );
        lines.extend(answer.removals.iter().map(|folder| format!("  {folder}")));
    }
    if !found.named_in.is_empty() {
        lines.push(format!(
            "their ids stand in the job file or a warning of {}, and stay there",
            found.named_in.join(", ")
        ));
    }
    lines.push("out of reach:".to_owned());
    lines.extend(out_of_reach(job).into_iter().map(|what| format!("  {what}")));
    lines.join("\n")
}

fn sum(begun: &Begun, done: bool) -> String {
    let rows: u64 = begun.runs.iter().map(|run| sums(run).0).sum();
    let ids = count(begun.ids.len() as u64, "id", "ids");
    if begun.is_nothing() {
        return format!("nothing is held of {ids}");
    }
    let runs = count(begun.runs.len() as u64, "run, score or evaluation", "runs, scores and evaluations");
    let lists = count(begun.lists.len() as u64, "list", "lists");
    let what = format!("{ids}, {} of {runs}, {lists}", count(rows, "row", "rows"));
    match done {
        true => format!("forgotten: {what}"),
        false => format!("would be forgotten: {what}; --yes forgets them"),
    }
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Gives the rows that go from a run, and those that lose their text.
fn sums(run: &OfRun) -> (u64, u64) {
    run.files.iter().fold((0, 0), |(rows, texts), file| (rows + file.rows, texts + file.texts))
}

/// Gives the rows that go by table.
fn tables(run: &OfRun) -> String {
    let mut tables: BTreeMap<&str, u64> = BTreeMap::new();
    for file in run.files.iter().filter(|file| file.rows > 0) {
        *tables.entry(file.path.split('/').next().unwrap_or_default()).or_default() += file.rows;
    }
    let told: Vec<String> = tables.iter().map(|(table, rows)| format!("{table} {}", grouped(*rows))).collect();
    told.join(", ")
}

fn leaving_for_people(forgetter: &Forgetter<'_>, leaving: &Leaving) -> String {
    match leaving {
        Leaving::Run { name, run } => {
            format!("{}, which was begun and nobody goes on with", forgetter.place(name, run))
        }
        Leaving::List { export, run } => {
            format!("export {export} of run {run}, which was begun and never handed over; `segmenter export` writes it")
        }
    }
}

fn word(fate: ListFate) -> &'static str {
    match fate {
        ListFate::Rewritten => "rewritten",
        ListFate::WithoutEarlier => "without_earlier",
        ListFate::Deleted => "deleted",
        ListFate::Gone => "gone",
    }
}

fn sentence(fate: ListFate) -> &'static str {
    match fate {
        ListFate::Rewritten => "written anew",
        ListFate::WithoutEarlier => {
            "the run that it was compared with is gone, so that nobody can say whose rows went then: all its rows are added ones now, and none is removed"
        }
        ListFate::Deleted => "its run is gone, so that nobody can say whose its rows were: it is deleted",
        ListFate::Gone => "it was gone",
    }
}

/// Says what is not looked at.
fn out_of_reach(job: &Job) -> Vec<String> {
    let mut told = vec![
        "the sources and exclude_list: they are not changed, and exclude_list keeps their customers out of runs to come".to_owned(),
    ];
    if job.identity.is_some() {
        told.push(
            "pairs of ids in sources: identity/ of the next run has their ids again, until the pairs are gone too"
                .to_owned(),
        );
    }
    told.extend(
        [
            "rows of sources that cannot be read: with quarantine = \"full\" the next run keeps their text again",
            "counts, means and models: they stay as they were computed; none is of a single customer",
            "columns of other customers that name them, such as who referred whom",
            "what other tools were handed, until the removals are imported",
            "earlier versions in a store that keeps them, backups and copies",
            "runs of other jobs and other outputs, files in --scratch of runs that were killed, logs and telemetry",
        ]
        .map(str::to_owned),
    );
    told
}

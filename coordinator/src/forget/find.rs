//! Finds what is held of customers, and what stands in the way of forgetting them. Nothing is changed.

use super::{
    begun::{Begun, Leaving, OfFile, OfList, OfRun},
    carry_out::Forgetter,
    held::Files,
    named::names_id,
    pool::on_threads,
    rows::Whom,
    tied::Tied,
};
use crate::{
    exports::{HandedOver, Lying, lying, next_removals},
    inventory::{FoundRun, State, UNDER_WAY, find_runs},
    protocol::{
        Commit, CommittedFile, Damage, RunRecord, commit_digest, damaged_by_content, damaged_by_size, damaged_run,
        read_commit, read_record,
    },
};
use chrono::{DateTime, Utc};
use segmenter_proto::{
    Error, Result,
    object_keys::{RunKeys, cache_folder, evaluations_of, exports_of, scores_by},
};
use std::collections::{BTreeMap, BTreeSet};

/// Whom a search is about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Any ids of theirs.
    pub ids: &'a BTreeSet<String>,
    /// Whether a forgetting that was cut off is looked past: files of it are neither here nor there.
    pub half_done: bool,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What is to go.
    pub begun: Begun,
    /// The ids that must be left out of every run to come: those that were asked for, and what the newest run links to them.
    pub to_be_excluded: BTreeSet<String>,
    /// Runs whose `run.json` names one of the ids in a text, such as the job file: they stay as they are.
    pub named_in: Vec<String>,
}

/// A run, a score or an evaluation that is committed.
#[derive(Debug)]
struct Committed {
    name: String,
    commit: Commit,
    was: String,
    record: RunRecord,
    ids: BTreeSet<String>,
}

impl Forgetter<'_> {
    /// Finds what is to go.
    ///
    /// # Errors
    /// A run, a score, an evaluation or a list may be under way: Dependency. Something is damaged: Data. The store cannot be read.
    pub fn find(&self, asked: Asked<'_>) -> Result<Found> {
        let runs = self.runtime.block_on(find_runs(self.output, self.job))?;
        let mut found = Found { to_be_excluded: asked.ids.clone(), ..Found::default() };
        found.begun.job = self.job.to_owned();
        let mut names: Vec<(String, String)> = Vec::new();
        for run in &runs {
            match run.state {
                State::Begun | State::Leftover => found.begun.leaving.push(nobodys(self.job, run)?),
                State::Broken => {
                    return Err(Error::data(format!("commit.json of run {} cannot be read", run.run)).with_hint(
                        "what it has of the customers cannot be told: restore it, or delete the folder of the run by hand",
                    ));
                }
                State::Committed | State::Damaged => names.push((self.job.to_owned(), run.run.clone())),
            }
        }
        for (below, run) in self.below()? {
            match self.runtime.block_on(read_commit(self.output, &RunKeys::new(&below, &run)))? {
                Some(_) => names.push((below, run)),
                None => {
                    let work = self.runtime.block_on(self.output.list(&RunKeys::new(&below, &run).work_folder()))?;
                    if work.iter().any(|object| is_recent(object.last_modified)) {
                        return Err(under_way(&self.place(&below, &run)));
                    }
                    found.begun.leaving.push(Leaving::Run { name: below, run });
                }
            }
        }
        let progress = self.progress.stage("look", names.len() as u64);
        let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, run) in &names {
            self.cancellation.check()?;
            let Some(committed) = self.committed(name, run, asked)? else { continue };
            let of_job = *name == self.job;
            if of_job && runs.iter().find(|run| run.is_committed()).is_some_and(|newest| newest.run == *run) {
                found.to_be_excluded.extend(committed.ids.iter().cloned());
            }
            if names_any(&committed) {
                found.named_in.push(self.place(name, run));
            }
            let of_run = self.of_run(&committed, asked.half_done)?;
            progress.add(1, 0, 0);
            found.begun.ids.extend(committed.ids);
            if let Some(of_run) = of_run {
                if of_job {
                    held.insert(run.clone(), exports_in(&of_run.files));
                }
                found.begun.runs.push(of_run);
            }
        }
        progress.finish(&Default::default());
        let there: BTreeSet<&str> =
            names.iter().filter(|(name, _)| *name == self.job).map(|(_, run)| run.as_str()).collect();
        self.lists(&mut found.begun, &held, &there)?;
        let cached = self.runtime.block_on(self.output.list(&cache_folder(self.job)))?;
        found.begun.cached_files = cached.len() as u64;
        Ok(found)
    }

    /// Gives the scores and evaluations that lie below a job, each with the name below which it stands.
    fn below(&self) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        for kind in [scores_by, evaluations_of] {
            for run in self.runtime.block_on(self.output.folders(&kind(self.job, "")))? {
                let name = kind(self.job, &run);
                let keys = RunKeys::new(&name, "");
                let mut own: BTreeSet<String> = BTreeSet::new();
                for folder in [keys.runs_folder(), keys.works_folder()] {
                    own.extend(self.runtime.block_on(self.output.folders(&folder))?);
                }
                found.extend(own.into_iter().map(|id| (name.clone(), id)));
            }
        }
        Ok(found)
    }

    /// Reads what a run says of itself; nothing where it is gone meanwhile.
    fn committed(&self, name: &str, run: &str, asked: Asked<'_>) -> Result<Option<Committed>> {
        let keys = RunKeys::new(name, run);
        let found = self.runtime.block_on(async {
            let Some(was) = commit_digest(self.output, &keys).await? else { return Ok(None) };
            let Some(commit) = read_commit(self.output, &keys).await? else { return Ok(None) };
            if !asked.half_done {
                refuse_damaged(&self.place(name, run), &damaged_by_size(self.output, &keys, &commit.files).await?)?;
            }
            Ok::<_, Error>(Some((was, commit, read_record(self.output, &keys).await?)))
        })?;
        let Some((was, commit, record)) = found else { return Ok(None) };
        let files = Files { output: self.output, runtime: self.runtime, keys: &keys };
        let ids = files.linked(&commit, asked.ids)?;
        Ok(Some(Committed { name: name.to_owned(), commit, was, record, ids }))
    }

    fn of_run(&self, committed: &Committed, half_done: bool) -> Result<Option<OfRun>> {
        let Committed { name, commit, was, record, ids } = committed;
        let keys = RunKeys::new(name, &commit.run);
        let files = Files { output: self.output, runtime: self.runtime, keys: &keys };
        let whom = Whom { ids: ids.iter().cloned().collect(), tied: Tied::of(&record.job_text) };
        let held = on_threads(self.threads, &commit.files, |file: &CommittedFile| {
            self.cancellation.check()?;
            files.held(file, &whom)
        })?;
        let (mut of_files, mut found): (Vec<OfFile>, BTreeSet<String>) = Default::default();
        for (file, ids) in held.into_iter().flatten() {
            of_files.push(file);
            found.extend(ids);
        }
        if of_files.is_empty() {
            return Ok(None);
        }
        if !half_done {
            let changing: BTreeSet<&str> = of_files.iter().map(|file| file.path.as_str()).collect();
            let changing: Vec<CommittedFile> =
                commit.files.iter().filter(|file| changing.contains(file.path.as_str())).cloned().collect();
            let damaged = damaged_by_content(self.output, &keys, &changing, |_| {});
            refuse_damaged(&self.place(name, &commit.run), &self.runtime.block_on(damaged)?)?;
        }
        Ok(Some(OfRun {
            name: name.clone(),
            run: commit.run.clone(),
            was: was.clone(),
            ids: ids.clone(),
            found: found.len() as u64,
            files: of_files,
        }))
    }

    /// Finds the lists that change: those with rows of a run that has some of theirs, or of one that is gone.
    fn lists(
        &self,
        begun: &mut Begun,
        held: &BTreeMap<String, BTreeSet<String>>,
        there: &BTreeSet<&str>,
    ) -> Result<()> {
        let Lying { lists, begun: half, removals } = self.runtime.block_on(lying(self.output, self.job))?;
        let has = |run: &str, export: &str| held.get(run).is_some_and(|exports| exports.contains(export));
        begun.removals_into = next_removals(&removals);
        for HandedOver { export, run, previous, removed, is_newest } in lists {
            let is_of_before = previous.as_deref().is_some_and(|earlier| has(earlier, &export));
            let lost_before = removed > 0 && previous.as_deref().is_some_and(|earlier| !there.contains(earlier));
            let is_own = has(&run, &export);
            let list = OfList { export, run };
            if is_own && is_newest {
                begun.removals.push(list.clone());
            }
            if is_own || is_of_before || lost_before || !there.contains(list.run.as_str()) {
                begun.lists.push(list);
            }
        }
        for (export, run) in half {
            let list = format!("{}/{run}", exports_of(self.job, &export));
            let objects = self.runtime.block_on(self.output.list(&list))?;
            if objects.iter().any(|object| is_recent(object.last_modified)) {
                return Err(Error::dependency(format!("export {export} of run {run} was begun and not written whole"))
                    .with_hint(format!(
                        "`segmenter export JOB --run {run} --name {export}` ends it; then give the same command again"
                    )));
            }
            begun.leaving.push(Leaving::List { export, run });
        }
        Ok(())
    }

    /// Names a run, a score or an evaluation for people.
    pub fn place(&self, name: &str, run: &str) -> String {
        match name.strip_prefix(self.job).map(|below| below.trim_start_matches('/')) {
            Some("") | None => run.to_owned(),
            Some(below) => format!("{below}/{run}"),
        }
    }
}

/// Gives what is deleted of a run that nobody can read, unless somebody may be going on with it.
fn nobodys(job: &str, run: &FoundRun) -> Result<Leaving> {
    if run.state == State::Begun && run.changed_at.is_none_or(is_recent) {
        return Err(under_way(&format!("run {}", run.run)));
    }
    Ok(Leaving::Run { name: job.to_owned(), run: run.run.clone() })
}

fn is_recent(changed: DateTime<Utc>) -> bool {
    Utc::now() - changed < UNDER_WAY
}

fn under_way(what: &str) -> Error {
    Error::dependency(format!("{what} may be under way, and would write the customers again")).with_hint(
        "run it to its end with the command that began it, or wait two days after its last sign; then give the same command again",
    )
}

fn refuse_damaged(place: &str, damaged: &[Damage]) -> Result<()> {
    if damaged.is_empty() {
        return Ok(());
    }
    Err(damaged_run(place, damaged).with_hint(
        "nothing is changed: what damaged files have of the customers cannot be told. Restore them from a copy, or delete the folder of the run, \
         commit.json first; then give the same command again",
    ))
}

/// Gives the exports of which a run has rows in these files.
fn exports_in(files: &[OfFile]) -> BTreeSet<String> {
    let names = files.iter().filter_map(|file| file.path.strip_prefix("exports/")?.split('/').next());
    names.map(str::to_owned).collect()
}

/// Says whether the job file or a warning of a run names one of its ids.
fn names_any(committed: &Committed) -> bool {
    let record = &committed.record;
    let texts = || record.warnings.iter().chain([&record.job_text]);
    // Of ids that are short numbers, every text has some.
    let ids = committed.ids.iter().filter(|id| id.chars().count() > 3);
    ids.into_iter().any(|id| texts().any(|text| names_id(text, id)))
}

//! Does what was written down, from wherever it was cut off.

use super::{
    begun::{Begun, Leaving, OfList, OfRun},
    held::Files,
    pool::on_threads,
    rows::Whom,
    tied::Tied,
};
use crate::{
    cancellation::Cancellation,
    exports::{ListFate, delete_list, write_again, write_removals},
    progress::Reporter,
    protocol::{
        CommittedFile, Forgotten, commit_digest, damaged_by_content, damaged_run, delete_work, read_commit,
        read_record, replace_commit,
    },
};
use segmenter_proto::{
    Result,
    object_keys::{RunKeys, cache_folder, forgetting_of},
};
use segmenter_worker::{failpoint::failpoint, storage::Folder};
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
};
use tokio::runtime::Handle;

/// Where a job's runs are, and with what they are worked on. All from a plain thread.
#[derive(Debug, Clone, Copy)]
pub struct Forgetter<'a> {
    /// The output of the job.
    pub output: &'a Folder,
    /// Runs the store's requests.
    pub runtime: &'a Handle,
    /// Name of the job.
    pub job: &'a str,
    /// For files that are looked at at the same time.
    pub threads: NonZeroUsize,
    /// Looked at between files.
    pub cancellation: &'a Cancellation,
    /// Hears how far it is.
    pub progress: &'a Reporter,
}

/// What came of it beside what was written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Lists whose fate is another one than to have the rows that their run has now.
    pub lists: Vec<(OfList, ListFate)>,
}

impl Forgetter<'_> {
    /// Forgets what `begun` says, which was found just now or is what another process left.
    ///
    /// # Errors
    /// A file is neither what it was nor what it is to be: Data. It was told to stop, or the store fails: the same command goes on.
    pub fn carry_out(&self, mut begun: Begun) -> Result<Ended> {
        self.runtime.block_on(begun.write(self.output))?;
        failpoint("forget.begun")?;
        let files: usize = begun.runs.iter().map(|run| run.files.len()).sum();
        let progress = self.progress.stage("forget", (files + begun.lists.len()) as u64);
        self.removals(&mut begun)?;
        let mut ended = Ended::default();
        for run in &begun.runs {
            self.cancellation.check()?;
            self.forget_in(run, |rows, bytes| progress.add(1, rows, bytes))?;
        }
        for list in &begun.lists {
            self.cancellation.check()?;
            let fate = self.runtime.block_on(write_again(self.output, self.job, &list.export, &list.run))?;
            failpoint("forget.list")?;
            progress.add(1, 0, 0);
            if fate != ListFate::Rewritten {
                ended.lists.push((list.clone(), fate));
            }
        }
        self.runtime.block_on(async {
            for leaving in &begun.leaving {
                self.leave(leaving).await?;
            }
            self.output.delete_prefix(&cache_folder(self.job)).await?;
            failpoint("forget.end")?;
            self.output.delete(&forgetting_of(self.job)).await
        })?;
        progress.finish(&Default::default());
        Ok(ended)
    }

    /// Tells whoever was handed the newest lists, unless that is done.
    fn removals(&self, begun: &mut Begun) -> Result<()> {
        if begun.removals_written {
            return Ok(());
        }
        let ids: BTreeMap<&str, &BTreeSet<String>> =
            begun.runs.iter().filter(|of| of.name == self.job).map(|of| (of.run.as_str(), &of.ids)).collect();
        for OfList { export, run } in &begun.removals {
            let Some(ids) = ids.get(run.as_str()) else { continue };
            let into = &begun.removals_into;
            let rows = write_removals(self.output, (self.job, export, run), ids, into);
            self.runtime.block_on(rows)?;
            failpoint("forget.removal")?;
        }
        begun.removals_written = true;
        self.runtime.block_on(begun.write(self.output))
    }

    /// Writes the commit of a run as it will be, and then its files.
    fn forget_in(&self, of: &OfRun, mut done: impl FnMut(u64, u64)) -> Result<()> {
        let keys = RunKeys::new(&of.name, &of.run);
        let files = Files { output: self.output, runtime: self.runtime, keys: &keys };
        let read = self.runtime.block_on(async {
            let was = commit_digest(self.output, &keys).await?;
            // Somebody may have deleted it since.
            match read_commit(self.output, &keys).await? {
                Some(commit) => {
                    Ok::<_, segmenter_proto::Error>(Some((was, commit, read_record(self.output, &keys).await?)))
                }
                None => Ok(None),
            }
        })?;
        let Some((was, mut commit, record)) = read else { return Ok(()) };
        let whom = Whom { ids: of.ids.iter().cloned().collect(), tied: Tied::of(&record.job_text) };
        let changing: BTreeSet<&str> = of.files.iter().map(|file| file.path.as_str()).collect();
        let of_these = |files: &[CommittedFile]| -> Vec<CommittedFile> {
            files.iter().filter(|file| changing.contains(file.path.as_str())).cloned().collect()
        };
        if was.as_ref() == Some(&of.was) {
            let before = of_these(&commit.files);
            let damaged = self.runtime.block_on(damaged_by_content(self.output, &keys, &before, |_| {}))?;
            if !damaged.is_empty() {
                return Err(damaged_run(&self.place(&of.name, &of.run), &damaged).with_hint(
                    "nothing of this run is changed yet: restore its files from a copy, and give the same command again",
                ));
            }
            let anew = on_threads(self.threads, &before, |file| {
                self.cancellation.check()?;
                files.foretold(&file.path, &whom)
            })?;
            let was = Forgotten { was: of.was.clone(), ids: of.found };
            commit = self.runtime.block_on(replace_commit(self.output, &keys, &commit, anew, was))?;
            failpoint("forget.commit")?;
        }
        let expected = of_these(&commit.files);
        let left = self.runtime.block_on(damaged_by_content(self.output, &keys, &expected, |_| {}))?;
        for file in &expected {
            if left.iter().any(|left| left.path == file.path) {
                self.cancellation.check()?;
                files.write(file, &whom)?;
                failpoint("forget.file")?;
            }
            let gone = of.files.iter().find(|own| own.path == file.path).map_or(0, |own| own.rows);
            done(gone, file.bytes);
        }
        let paths = expected.iter().map(|file| keys.result(&file.path)).collect::<Vec<_>>();
        self.runtime.block_on(self.output.sync(paths))
    }

    async fn leave(&self, leaving: &Leaving) -> Result<()> {
        match leaving {
            Leaving::List { export, run } => delete_list(self.output, self.job, export, run).await,
            Leaving::Run { name, run } => {
                let keys = RunKeys::new(name, run);
                // Somebody may have gone on with it, and ended it.
                if read_commit(self.output, &keys).await?.is_some() {
                    return Ok(());
                }
                delete_work(self.output, &keys).await?;
                self.output.delete_prefix(&keys.run_folder()).await
            }
        }
    }
}

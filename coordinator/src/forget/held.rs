//! What a file of a run holds of customers, and the file without it.

use super::{
    begun::OfFile,
    rows::{Told, Whom},
};
use crate::protocol::CommittedFile;
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::{
    results::{FinishedPart, PartReader, rewritten},
    storage::Folder,
};
use std::{collections::BTreeSet, io::Write};
use tokio::runtime::Handle;

/// The files of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) output: &'a Folder,
    pub(super) runtime: &'a Handle,
    pub(super) keys: &'a RunKeys,
}

impl Files<'_> {
    /// Gives what a file holds, and the ids of which it does; nothing where it has no row of a single customer.
    ///
    /// # Errors
    /// It is gone or damaged: Dependency or Data.
    pub(super) fn held(&self, file: &CommittedFile, whom: &Whom) -> Result<Option<(OfFile, BTreeSet<String>)>> {
        if !file.path.ends_with(".parquet") {
            return Ok(None);
        }
        let (mut part, told) = self.open(&file.path)?;
        let Some(told) = told else { return Ok(None) };
        let columns = told.columns(part.schema());
        let mut held = OfFile { path: file.path.clone(), rows: 0, texts: 0 };
        let mut found = BTreeSet::new();
        while let Some(batches) = part.next_batches(Some(&columns))? {
            for rows in batches {
                let judged = told.judge(&rows?, whom)?;
                held.rows += judged.rows();
                held.texts += judged.texts();
                found.extend(judged.found);
            }
        }
        Ok((held.rows + held.texts > 0).then_some((held, found)))
    }

    /// Says what a file will be without what it holds.
    ///
    /// # Errors
    /// As of [`Self::held`].
    pub(super) fn foretold(&self, path: &str, whom: &Whom) -> Result<CommittedFile> {
        let (part, told) = self.open(path)?;
        let told = told.ok_or_else(|| not_of_customers(path))?;
        let finished = rewritten(part, |rows| told.without(rows, whom), |_| Ok(()))?;
        Ok(described(path, &finished))
    }

    /// Writes a file without what it holds, which must come to what was foretold.
    ///
    /// # Errors
    /// As of [`Self::held`]; it is neither what it was nor what it will be: Data. The store fails.
    pub(super) fn write(&self, expected: &CommittedFile, whom: &Whom) -> Result<()> {
        let path = &expected.path;
        let (part, told) = self.open(path)?;
        let told = told.ok_or_else(|| not_of_customers(path))?;
        let key = self.keys.result(path);
        let mut writer = self.output.unsynced().blocking_writer(&key, self.runtime)?;
        let take = |bytes: bytes::Bytes| {
            // The writer's own error stands within, and says which object it is about.
            writer.write_all(&bytes).map_err(|error| match error.downcast::<Error>() {
                Ok(own) => own,
                Err(other) => Error::dependency(format!("{key} could not be written")).caused_by(other),
            })
        };
        let finished = rewritten(part, |rows| told.without(rows, whom), take)?;
        // Nothing is there before the writer ends: what is damaged is left for whoever restores it.
        if described(path, &finished) != *expected {
            return Err(Error::data(format!(
                "{} is neither what it was before customers were forgotten nor what it is without them",
                self.output.uri_of(&key)
            ))
            .with_hint("restore it from a copy of before, and give the same command again; or delete the folder of the run, commit.json first"));
        }
        writer.finish().map(drop)
    }

    /// Opens a table as it is now, whatever size it had once.
    pub(super) fn open(&self, path: &str) -> Result<(PartReader, Option<Told>)> {
        let key = self.keys.result(path);
        let found = self.runtime.block_on(self.output.head(&key))?;
        let found = found.ok_or_else(|| Error::data(format!("{} is gone", self.output.uri_of(&key))))?;
        let part = PartReader::open(self.output, self.runtime, &key, found.size)?;
        let told = Told::of(path, part.schema())?;
        Ok((part, told))
    }
}

fn not_of_customers(path: &str) -> Error {
    Error::data(format!("{path} has no rows of single customers any more"))
}

fn described(path: &str, finished: &FinishedPart) -> CommittedFile {
    CommittedFile {
        path: path.to_owned(),
        rows: Some(finished.rows),
        bytes: finished.bytes,
        sha256: finished.sha256.clone(),
    }
}

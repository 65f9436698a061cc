//! The sums over the answers of tasks of the partition, whatever order they come in.

use super::chunks::Gathered;
use segmenter_proto::{
    Result,
    v1::{PartitionAnswer, PartitionDone, RejectedCount, SourceFates},
};
use segmenter_worker::notes::NoteCounter;
use std::collections::BTreeMap;

/// The sums so far.
#[derive(Debug, Default)]
pub struct Totals {
    chunks: Gathered,
    fates: BTreeMap<u32, SourceFates>,
    rejected: BTreeMap<(u32, String, String), u64>,
    notes: NoteCounter,
}

impl Totals {
    /// Adds the answer of a task, whose chunks lie in one object of their own.
    ///
    /// # Errors
    /// More than 2³² objects: Bug.
    pub fn add(&mut self, answer: PartitionAnswer) -> Result<()> {
        for of_source in &answer.fates {
            let fates = self.fates.entry(of_source.source).or_default();
            fates.source = of_source.source;
            fates.merge(of_source);
        }
        for RejectedCount { source, column, reason_code, count } in answer.rejected {
            *self.rejected.entry((source, column, reason_code)).or_default() += count;
        }
        self.notes.merge(&answer.notes);
        self.chunks.add(answer.chunks)
    }

    /// Gives what became of the rows of each source.
    pub fn fates(&self) -> impl Iterator<Item = (u32, &SourceFates)> {
        self.fates.iter().map(|(source, fates)| (*source, fates))
    }

    /// Gives the columns for which rows of a source were quarantined, by name.
    pub fn rejected_columns(&self, source: u32) -> impl Iterator<Item = &str> {
        self.rejected.keys().filter(move |(of, ..)| *of == source).map(|(_, column, _)| column.as_str())
    }

    /// Gives all of it as the log holds it.
    pub fn into_done(self) -> PartitionDone {
        let rejected = self.rejected.into_iter().map(|((source, column, reason_code), count)| RejectedCount {
            source,
            column,
            reason_code,
            count,
        });
        let (objects, chunks) = self.chunks.into_columns();
        PartitionDone {
            objects,
            chunks: Some(chunks),
            fates: self.fates.into_values().collect(),
            rejected: rejected.collect(),
            notes: self.notes.to_message(),
            kept: Vec::new(),
        }
    }
}

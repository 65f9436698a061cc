//! The rows of a source as the partition cleans them, for who looks at them without shards.

use super::{columns::SourceColumns, currencies::expected_currency, fates::decide, strictness::Strictness};
use crate::{
    expression::Settings,
    notes::NoteCounter,
    reading::{Piece, ReadSpec, read},
    spec::{RunSpec, SourceSpec, midnight},
    storage::Storage,
};
use arrow::array::RecordBatch;
use segmenter_proto::{Error, Result, v1::SourceFates};
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// A source that is read.
#[derive(Debug)]
pub struct CleanedSource<'a> {
    spec: &'a RunSpec,
    source: &'a SourceSpec,
    columns: SourceColumns,
    strictness: Strictness,
    left_out: LeftOut,
}

/// What was read of a source, and what was left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeftOut {
    /// The source's name.
    pub source: String,
    /// What became of the rows; of those that only a run can judge (by time, by customer) nothing stands here.
    pub fates: SourceFates,
    /// Rows that the run would quarantine, by column and reason code.
    pub rejected: BTreeMap<(String, String), u64>,
    /// Whether all rows were read.
    pub is_whole: bool,
}

impl<'a> CleanedSource<'a> {
    /// Opens a source of a run, to evaluate what the run evaluates and the names of `more`.
    ///
    /// # Errors
    /// There is no such source, or its expressions do not fit, which was checked before: Bug.
    pub fn open(spec: &'a RunSpec, number: usize, more: &[String]) -> Result<Self> {
        let source = spec.sources.get(number).ok_or_else(|| Error::bug(format!("the run has no source {number}")))?;
        let mut wanted = source.wanted.clone();
        wanted.extend(more.iter().filter(|name| !source.wanted.contains(name)).cloned());
        let settings = Settings::of(&spec.job)?;
        let columns = SourceColumns::compile(&source.source, &wanted, source.file_schema()?.as_ref(), &settings)?
            .known_before(&source.source, midnight(spec.job.as_of, &spec.job.timezone)?);
        let strictness = Strictness::of(spec, &SourceSpec { wanted, ..source.clone() }, &columns)?;
        let left_out = LeftOut { source: source.source.name.clone(), ..LeftOut::default() };
        Ok(Self { spec, source, columns, strictness, left_out })
    }

    /// Reads pieces, in batches of at most so many rows; `take` gets the rows that are kept and says whether more is wanted.
    ///
    /// A row that would stop a run is left out like every other that cannot be read, and one in another currency is kept.
    ///
    /// # Errors
    /// A file is broken or changed: Data. The store fails: Dependency.
    pub fn read(
        &mut self,
        (storage, runtime): (&Storage, &Handle),
        pieces: &[Piece],
        batch_rows: usize,
        take: &mut dyn FnMut(RecordBatch) -> Result<bool>,
    ) -> Result<()> {
        let Self { spec, source, columns, strictness, left_out } = self;
        let job = &spec.job;
        let reading =
            ReadSpec::of(&source.source, columns.file_columns(), source.file_schema()?, &job.timezone, false)?;
        let mut notes = NoteCounter::default();
        for piece in pieces {
            let mut notes = notes.of_file(0, &piece.file.uri);
            for rows in read(storage, runtime, piece, &reading, batch_rows)? {
                let fates = &mut left_out.fates;
                let decided = decide(
                    &source.source,
                    expected_currency(job, &source.source),
                    columns,
                    strictness,
                    rows?,
                    fates,
                    &mut notes,
                )?;
                for row in decided.rejected {
                    *left_out.rejected.entry((row.column.unwrap_or_default(), row.code)).or_default() += 1;
                }
                if !take(decided.kept)? {
                    return Ok(());
                }
            }
        }
        left_out.is_whole = true;
        Ok(())
    }

    /// Gives what was read and left out.
    pub fn left_out(self) -> LeftOut {
        self.left_out
    }
}

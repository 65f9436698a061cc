//! What a value that cannot be read does: to its row, or to the run.

use crate::{
    expression,
    spec::{RunSpec, SourceRole, SourceSpec},
};
use segmenter_proto::{Error, Result, jobs::SourceKind};
use std::collections::BTreeSet;

/// What a value that cannot be read does, by the name that has it.
///
/// A column of a customers source is null where it cannot be read: a customer does not vanish with a bad `age`. Where it decides who is
/// left out the run stops, since nobody may be addressed because of a value that cannot be read. Elsewhere its row is quarantined.
#[derive(Debug, Default)]
pub struct Strictness {
    lenient: BTreeSet<String>,
    fatal: BTreeSet<String>,
    is_list: bool,
}

impl Strictness {
    /// Gives what holds for a source of a run.
    ///
    /// # Errors
    /// When an expression cannot be parsed; it was checked before.
    pub fn of(spec: &RunSpec, source: &SourceSpec) -> Result<Self> {
        if source.role == SourceRole::Exclusion {
            return Ok(Self { is_list: true, ..Self::default() });
        }
        if source.source.kind != SourceKind::Customers {
            return Ok(Self::default());
        }
        let exclude = spec.job.population.exclude.as_ref().filter(|_| source.role == SourceRole::Population);
        let fatal = exclude.map(|exclude| expression::names(exclude)).transpose()?;
        let fatal: BTreeSet<String> = fatal.into_iter().flatten().collect();
        let filter = source.source.filter.as_ref().map(|filter| expression::names(filter)).transpose()?;
        let needed = |name: &String| {
            name == "customer_id" || fatal.contains(name) || filter.iter().flatten().any(|needed| needed == name)
        };
        let lenient = source.wanted.iter().filter(|name| !needed(name)).cloned().collect();
        Ok(Self { lenient, fatal, is_list: false })
    }

    /// Says whether a name is null where it cannot be read.
    pub fn is_lenient(&self, name: &str) -> bool {
        self.lenient.contains(name)
    }

    /// Says whether a value of a name that cannot be read stops the run.
    pub fn is_fatal(&self, name: &str) -> bool {
        self.fatal.contains(name)
    }

    /// Says whether the rows are ids to leave out: any that cannot be read stops the run.
    pub fn is_list(&self) -> bool {
        self.is_list
    }
}

/// A row that stops the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatalRow {
    /// 1-based row in the file.
    pub row_number: u64,
    /// The column or name; none where the row as a whole is broken.
    pub column: Option<String>,
    /// Why it cannot be read.
    pub reason: String,
}

impl FatalRow {
    /// Gives the error with which the run stops.
    pub fn error(&self, source: &SourceSpec, file: &str) -> Error {
        let Self { row_number, column, reason } = self;
        let what = column.as_ref().map(|column| format!("{column}: ")).unwrap_or_default();
        match source.role {
            SourceRole::Exclusion => Error::data(format!(
                "exclude_list: row {row_number} of {file} cannot be read: {what}{reason}"
            ))
            .with_hint("correct the row or take it out of the file: whom it excludes is not known, so the run does not go on without it"),
            _ => Error::data(format!(
                "source {}: row {row_number} of {file} cannot be read, and exclude in [population] needs it: {what}{reason}",
                source.source.name
            ))
            .with_hint("correct the value, or read the column as text and say in exclude what such a value means"),
        }
    }
}

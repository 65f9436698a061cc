//! What a row or a value that cannot be read does: to its row, or to the run.

use super::columns::SourceColumns;
use crate::{
    expression::{self, Scalar, Settings},
    spec::{RunSpec, SourceRole, SourceSpec},
};
use arrow::{
    array::{Array, BooleanArray, RecordBatch},
    compute::filter_record_batch,
};
use segmenter_proto::{
    Error, Result,
    jobs::{Duplicates, SourceKind},
    kinds::RowsOf,
};
use std::collections::BTreeSet;

/// What a row or a value that cannot be read does.
///
/// A column of a customers source is null where it cannot be read: a customer does not vanish with a bad `age`. Elsewhere the row is
/// quarantined. Where the source says who is left out, by `exclude` or as the list of ids, a quarantined row stops the run: it may be the
/// one that says so, and with `keep = "last"` an older row would stand in its place.
#[derive(Debug, Default)]
pub struct Strictness {
    lenient: BTreeSet<String>,
    opt_outs: OptOuts,
}

/// What the rows of a source say of who is left out.
#[derive(Debug, Default)]
enum OptOuts {
    /// Nothing.
    #[default]
    None,
    /// Each is an id to leave out.
    List,
    /// Each may say of two ids that they are two persons'.
    Pairs,
    /// `exclude` says it, and reads these names.
    Exclude(Box<Scalar>, BTreeSet<String>),
}

impl Strictness {
    /// Gives what holds for a source of a run, whose rows are evaluated as `columns`.
    ///
    /// # Errors
    /// When an expression does not fit the columns; it was checked before.
    pub fn of(spec: &RunSpec, source: &SourceSpec, columns: &SourceColumns) -> Result<Self> {
        if source.role == SourceRole::Exclusion {
            return Ok(Self { lenient: BTreeSet::new(), opt_outs: OptOuts::List });
        }
        if source.source.kind == SourceKind::Identities {
            // A pair whose confidence cannot be read links nobody, and may keep two apart all the same.
            let lenient = ["confidence", "reason"].map(str::to_owned).into();
            let keeps_apart = source.source.column("same").is_some();
            return Ok(Self { lenient, opt_outs: if keeps_apart { OptOuts::Pairs } else { OptOuts::None } });
        }
        if !matches!(source.source.kind.kind().rows, RowsOf::One(_)) {
            return Ok(Self::default());
        }
        let exclude = spec.job.population.exclude.as_ref().filter(|_| source.role == SourceRole::Population);
        let opt_outs = match exclude {
            None => OptOuts::None,
            Some(exclude) => {
                let settings = Settings::of(&spec.job)?;
                let names = expression::names(exclude)?.into_iter().collect();
                OptOuts::Exclude(Box::new(Scalar::parse_condition(exclude, columns.schema(), &settings)?), names)
            }
        };
        let mut needed = BTreeSet::from([source.source.owner_id().to_owned()]);
        if let Some(filter) = &source.source.filter {
            needed.extend(expression::names(filter)?);
        }
        if let OptOuts::Exclude(_, names) = &opt_outs {
            needed.extend(names.iter().cloned());
            // Which row of a customer is the last decides as much as what stands in it.
            if let Duplicates::KeepLast(by) = &source.source.duplicates {
                needed.insert(by.clone());
            }
        }
        let lenient = source.wanted.iter().filter(|name| !needed.contains(*name)).cloned().collect();
        Ok(Self { lenient, opt_outs })
    }

    /// Says whether a name is null where it cannot be read.
    pub fn is_lenient(&self, name: &str) -> bool {
        self.lenient.contains(name)
    }

    /// Says whether the rows are ids to leave out.
    pub fn is_list(&self) -> bool {
        matches!(self.opt_outs, OptOuts::List)
    }

    /// Says whether a row that is quarantined stops the run.
    pub fn is_closed(&self) -> bool {
        !matches!(self.opt_outs, OptOuts::None)
    }

    /// Says whether `exclude` reads a name.
    pub fn excludes_by(&self, name: &str) -> bool {
        matches!(&self.opt_outs, OptOuts::Exclude(_, names) if names.contains(name))
    }

    /// Gives the first of these rows without an id that `exclude` leaves out, or on which it fails: an opt-out of nobody knows whom.
    ///
    /// # Errors
    /// Bug only.
    pub fn opt_out_of_nobody(&self, batch: &RecordBatch, without_id: &[usize]) -> Result<Option<usize>> {
        let OptOuts::Exclude(exclude, _) = &self.opt_outs else { return Ok(None) };
        if without_id.is_empty() {
            return Ok(None);
        }
        let mut mask = vec![false; batch.num_rows()];
        without_id.iter().for_each(|&row| mask[row] = true);
        let rows = filter_record_batch(batch, &BooleanArray::from(mask))
            .map_err(|error| Error::bug("rows could not be filtered").caused_by(error))?;
        let (truths, errors) = exclude.evaluate_truths(&rows)?;
        let left_out = (0..truths.len()).filter(|&row| truths.is_valid(row) && truths.value(row));
        let first = left_out.chain(errors.iter().map(|error| error.row)).min();
        Ok(first.map(|row| without_id[row]))
    }
}

/// A row that stops the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatalRow {
    /// 1-based row in the file.
    pub row_number: u64,
    /// What is wrong with it.
    pub fault: FatalFault,
}

/// What is wrong with a row that stops the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FatalFault {
    /// It cannot be read: the column or name, none where the row as a whole is broken, and why.
    Unreadable(Option<String>, String),
    /// The same of a value that `exclude` reads.
    UnreadableExclude(String, String),
    /// It has no id, and `exclude` leaves it out.
    OfNobody,
}

impl FatalRow {
    /// Gives the error with which the run stops.
    pub fn error(&self, source: &SourceSpec, file: &str) -> Error {
        let (Self { row_number, fault }, id) = (self, source.source.owner_id());
        let is_list = source.role == SourceRole::Exclusion;
        let are_pairs = source.source.kind == SourceKind::Identities;
        let (place, needs) = match (is_list, are_pairs) {
            (true, _) => ("exclude_list".to_owned(), ""),
            (_, true) => (format!("source {}", source.source.name), ", and it may keep two ids apart"),
            _ => (format!("source {}", source.source.name), ", and exclude in [population] needs it"),
        };
        let unreadable = |column: Option<&String>, reason: &str| {
            let what = column.map(|column| format!("{column}: ")).unwrap_or_default();
            Error::data(format!("{place}: row {row_number} of {file} cannot be read{needs}: {what}{reason}"))
        };
        let who = match (is_list, are_pairs) {
            (true, _) => "whom it excludes",
            (_, true) => "who is another person",
            _ => "who is left out",
        };
        match fault {
            FatalFault::Unreadable(column, reason) => unreadable(column.as_ref(), reason).with_hint(format!(
                "correct the row or take it out of the file: {who} is not known, so the run does not go on without it"
            )),
            FatalFault::UnreadableExclude(column, reason) => unreadable(Some(column), reason)
                .with_hint("correct the value, or read the column as text and say in exclude what such a value means"),
            FatalFault::OfNobody => Error::data(format!(
                "{place}: row {row_number} of {file} has no {id}, and exclude in [population] leaves it out: whom is not known"
            ))
            .with_hint(format!(
                "give the row its id; where such rows are nobody's, where = \"{id} is not null\" in the source leaves them out",
            )),
        }
    }
}

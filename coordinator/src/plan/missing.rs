//! Expressions that do not fit the names in their scope; a name that is missing is told once, however many expressions use it.

use super::offline::at;
use crate::checks::JobError;
use crate::job::JobFile;
use arrow::datatypes::Schema;
use segmenter_worker::expression::{Scalar, Settings, unknown_names};
use std::collections::BTreeMap;

/// Names that were missing, each with where its error stands and how many expressions have used it since.
#[derive(Debug, Default)]
pub(super) struct Missing {
    seen: BTreeMap<String, (usize, u32)>,
    /// Whether what is known may be somebody's values.
    may_be_data: bool,
}

impl Missing {
    /// Adds the errors of the names that `sql` uses and that are not among `known`, but for those that were told before; says
    /// whether there are any.
    pub(super) fn check(
        &mut self,
        file: &JobFile,
        path: &str,
        sql: &str,
        known: &Schema,
        errors: &mut Vec<JobError>,
    ) -> bool {
        let known: Vec<&str> = known.fields().iter().map(|field| field.name().as_str()).collect();
        // What is no expression at all has other errors.
        let unknown = unknown_names(sql, &known, self.may_be_data).unwrap_or_default();
        let any = !unknown.is_empty();
        for (name, error) in unknown {
            match self.seen.get_mut(&name) {
                Some((_, more)) => *more += 1,
                None => {
                    self.seen.insert(name, (errors.len(), 0));
                    errors.push(at(file, path, error.into()));
                }
            }
        }
        any
    }

    /// Says of each name how many other expressions use it.
    pub(super) fn finish(self, errors: &mut [JobError]) {
        for (at, more) in self.seen.into_values().filter(|(_, more)| *more > 0) {
            let Some(error) = errors.get_mut(at) else { continue };
            let others = match more {
                1 => "one other expression uses it".to_owned(),
                more => format!("{more} other expressions use it"),
            };
            error.hint = Some(error.hint.take().map_or_else(|| others.clone(), |hint| format!("{hint}; {others}")));
        }
    }
}

/// Gives what is wrong with expressions over the columns of `table`, each with its dotted path; `may_be_data` says that these may be
/// the values of a first row.
pub(super) fn unfit_expressions<'a>(
    file: &JobFile,
    expressions: impl Iterator<Item = (String, &'a str)>,
    table: &Schema,
    may_be_data: bool,
    settings: &Settings,
) -> Vec<JobError> {
    let (mut errors, mut missing) = (Vec::new(), Missing { may_be_data, ..Missing::default() });
    for (path, sql) in expressions {
        if !missing.check(file, &path, sql, table, &mut errors)
            && let Err(error) = Scalar::parse(sql, table, settings)
        {
            errors.push(at(file, &path, error.into()));
        }
    }
    missing.finish(&mut errors);
    errors
}

//! Reference tables: every worker holds all of their rows, so there is a limit to them.

use super::SourceInputs;
use segmenter_proto::{
    Error, Result,
    jobs::{Source, SourceKind},
};

/// Gives the rows that customers have; those of reference tables lie with no shard.
pub fn rows_of_customers(inputs: &[SourceInputs]) -> u64 {
    let of_customers = inputs.iter().filter(|inputs| inputs.source.kind.owner().is_some());
    of_customers.fold(0, |rows, inputs| rows.saturating_add(inputs.estimated_rows()))
}

/// Gives the ids that pairs link, which lie with the shards of customers too.
pub fn ids_of_pairs(inputs: &[SourceInputs]) -> u64 {
    let pairs = inputs.iter().filter(|inputs| inputs.source.kind == SourceKind::Identities);
    pairs.fold(0, |ids, inputs| ids.saturating_add(inputs.estimated_rows().saturating_mul(2)))
}

/// Refuses reference tables that are too large, as far as their files tell and all of their rows are used.
///
/// # Errors
/// Data, with the count.
pub fn check_references(inputs: &[SourceInputs]) -> Result<()> {
    let whole = inputs.iter().filter(|inputs| inputs.source.filter.is_none());
    whole.into_iter().try_for_each(|inputs| check_rows(&inputs.source, inputs.rows().unwrap_or(0)))
}

/// Refuses a reference table of more rows than it may have.
///
/// # Errors
/// Data, with the count.
pub fn check_rows(source: &Source, rows: u64) -> Result<()> {
    match source.max_rows {
        Some(most) if rows > most => Err(Error::data(format!(
            "source {} has {rows} rows, and a reference table has at most {most}: every worker holds all of them",
            source.name
        ))
        .with_hint("leave out with where what queries do not need, or raise max_rows of the source")),
        _ => Ok(()),
    }
}

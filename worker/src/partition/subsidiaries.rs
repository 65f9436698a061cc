//! Which company each company belongs to, scattered by the one it belongs to: how many a company has is not seen within its own row.

use crate::spec::{SourceRole, SourceSpec};
use arrow::array::{AsArray, RecordBatch, StringArray};
use segmenter_proto::{
    Error, Result,
    jobs::{Duplicates, SourceKind},
};

/// The source number of these ids, which travel to the shards of the companies that others belong to.
pub const SUBSIDIARIES: u32 = u32::MAX - 2;

/// The name of the company that another belongs to.
const PARENT: &str = "parent_id";

/// Says whether the rows of a source tell which companies belong to which. Where one of several rows of a company is kept, a shard does not
/// know which of them it is.
pub fn tells_subsidiaries(source: &SourceSpec) -> bool {
    source.source.kind == SourceKind::Accounts
        && source.source.is_of_population()
        && source.role != SourceRole::Exclusion
        && source.source.duplicates == Duplicates::Error
        && source.kept.iter().any(|column| column.name == PARENT)
}

/// Gives, of each row that names another company as the one that it belongs to, that company's id.
///
/// # Errors
/// Bug only.
pub(super) fn parents(rows: &RecordBatch, own: &StringArray) -> Result<StringArray> {
    let named = rows.column_by_name(PARENT).and_then(|ids| ids.as_string_opt::<i32>());
    let named = named.ok_or_else(|| Error::bug("rows do not say which company they belong to"))?;
    let others = named.iter().zip(own).filter(|(parent, own)| parent != own);
    Ok(StringArray::from_iter_values(others.filter_map(|(parent, _)| parent)))
}

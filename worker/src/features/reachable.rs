//! Whether a customer can be written to by some channel; segments are measured by it, and no feature sees it.

use super::queries::{Computed, QueryFeatures};
use crate::{
    spec::RunSpec,
    sql::{Catalogue, Room, ShardTables},
};
use arrow::{
    array::ArrayRef,
    datatypes::{DataType, Field},
};
use segmenter_proto::{
    Error, Result,
    jobs::{DefaultValue, SourceKind, SqlFeatures, Unit},
};
use std::collections::BTreeMap;

/// Whether the latest consent to some channel is given; not a feature.
pub const REACHABLE: &str = "__reachable";

/// The query over all consents.
#[derive(Debug)]
pub(super) struct ReachablePlan(QueryFeatures);

impl ReachablePlan {
    /// Compiles it; none of a job without consents.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn compile(spec: &RunSpec) -> Result<Option<Self>> {
        let mut consents = spec.job.sources.iter().filter(|source| source.kind == SourceKind::Consents).peekable();
        if consents.peek().is_none() {
            return Ok(None);
        }
        let with_times = consents.any(|source| source.column("time").is_some());
        let nobody = BTreeMap::from([("reachable".to_owned(), DefaultValue::Truth(false))]);
        let features =
            SqlFeatures { name: "reachable".to_owned(), query: query(with_times, spec.job.unit), defaults: nobody };
        QueryFeatures::told_as("whom channels reach".to_owned(), &Catalogue::of(spec)?, &features).map(Self).map(Some)
    }

    pub(super) fn field() -> Field {
        Field::new(REACHABLE, DataType::Boolean, true)
    }

    /// Gives a value a customer.
    ///
    /// # Errors
    /// See [`QueryFeatures::compute`].
    pub(super) fn compute(&self, tables: &ShardTables<'_>, room: Room<'_>) -> Result<ArrayRef> {
        let Computed { values, .. } = self.0.compute(tables, room)?;
        values.into_iter().next().ok_or_else(|| Error::bug("nobody knows whom channels reach"))
    }
}

/// The latest consent to a channel decides; of several at one time, or without times, all must be given, and what is not known is not. Of a
/// company that is segmented, the latest of all its people's counts.
fn query(with_times: bool, unit: Unit) -> String {
    let id = unit.key();
    let place = match with_times {
        true => format!("rank() over (partition by {id}, cast(channel as text) order by time desc nulls last)"),
        false => "1".to_owned(),
    };
    format!(
        "select {id}, bool_or(granted) as reachable from (select {id}, channel, bool_and(granted) as granted from (select \
         {id}, cast(channel as text) as channel, coalesce(granted, false) as granted, {place} as place from consents) \
         where place = 1 and channel is not null group by {id}, channel) group by {id}"
    )
}

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
    jobs::{DefaultValue, Job, OWN_ID, SourceKind, SqlFeatures},
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
        if !spec.job.sources.iter().any(|source| source.kind == SourceKind::Consents) {
            return Ok(None);
        }
        let nobody = BTreeMap::from([("reachable".to_owned(), DefaultValue::Truth(false))]);
        let query = query(&spec.job);
        let features = SqlFeatures { name: "reachable".to_owned(), query, defaults: nobody };
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

/// Gives SQL for the consents that decide, each with its `channel` and whether it is `granted`: the latest of each customer to a channel, of several at
/// one time, or without times, all of them, and one without a time is older than those with one. Each id that is linked to a person has its own,
/// since one that is withdrawn is so for the person; of a company that is segmented, the latest of all its people's counts. What is not known is
/// not granted.
pub fn deciding_consents(job: &Job) -> String {
    let id = job.unit.key();
    let mut consents = job.sources.iter().filter(|source| source.kind == SourceKind::Consents);
    let with_times = consents.any(|source| source.column("time").is_some());
    let own_id = if job.keeps_own_ids(SourceKind::Consents) { format!("\"{OWN_ID}\", ") } else { String::new() };
    let place = match with_times {
        true => {
            format!("rank() over (partition by {id}, {own_id}cast(channel as text) order by time desc nulls last)")
        }
        false => "1".to_owned(),
    };
    format!(
        "select {id}, channel, granted from (select {id}, cast(channel as text) as channel, coalesce(granted, false) as granted, {place} as \
         place from consents) where place = 1"
    )
}

fn query(job: &Job) -> String {
    let (id, consents) = (job.unit.key(), deciding_consents(job));
    format!(
        "select {id}, bool_or(granted) as reachable from (select {id}, channel, bool_and(granted) as granted from ({consents}) where channel \
         is not null group by {id}, channel) group by {id}"
    )
}

//! The features of a shard's customers as one table.

use super::{
    plan::{FeaturePlan, PresetPlan},
    purchases::{Purchases, sums_to_decimal},
    queries::QueryFeatures,
};
use crate::{
    expression::Aggregated,
    notes::{FEATURES, Note, NoteCounter},
    shard::Shard,
    spec::{RunSpec, window_start},
    sql::{Room, ShardTables},
};
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use segmenter_proto::{Error, Result, jobs::SourceKind, v1::FeatureCount};
use std::sync::Arc;

/// The features of a shard.
#[derive(Debug)]
pub struct ShardFeatures {
    /// A row a customer, in the schema of the plan.
    pub table: RecordBatch,
    /// Values that were too large for their type and became null.
    pub overflows: Vec<FeatureCount>,
    /// What was noted of the features.
    pub notes: NoteCounter,
}

/// Computes the features of a shard; `room` is for queries.
///
/// # Errors
/// When a sum does not fit its type or an expression fails on the rows: Data.
pub fn compute(spec: &RunSpec, plan: &FeaturePlan, shard: &Shard, room: Room<'_>) -> Result<ShardFeatures> {
    let zone = spec.zone()?;
    let mut columns: Vec<ArrayRef> = vec![Arc::new(shard.customers.clone())];
    let mut overflows = Vec::new();
    let mut notes = NoteCounter::default();
    let every_source: Vec<String> = spec
        .sources
        .iter()
        .filter(|source| source.source.kind == SourceKind::Transactions)
        .map(|source| source.source.name.clone())
        .collect();
    let all_history = Purchases::sum(spec, shard, &every_source, None)?;
    let tables = plan.has_queries().then(|| ShardTables::new(spec, shard)).transpose()?;
    let of_query = |query: &QueryFeatures, columns: &mut Vec<ArrayRef>, overflows: &mut Vec<FeatureCount>| {
        let tables = tables.as_ref().ok_or_else(|| Error::bug("a query has no tables"))?;
        let (values, lost) = query.compute(tables, room)?;
        columns.extend(values);
        if lost > 0 {
            let of_all = query.fields().into_iter();
            overflows.extend(of_all.map(|field| FeatureCount { feature: field.name().clone(), count: lost }));
        }
        Ok::<(), Error>(())
    };
    for preset in &plan.presets {
        let (preset, family) = match preset {
            PresetPlan::Purchases(preset, family) => (preset, family),
            PresetPlan::Query(query) => {
                of_query(query, &mut columns, &mut overflows)?;
                continue;
            }
        };
        let start = window_start(&spec.job, preset.window_days)?;
        let of_window;
        let purchases = if start.is_none() && preset.sources == every_source {
            &all_history
        } else {
            of_window = Purchases::sum(spec, shard, &preset.sources, start)?;
            &of_window
        };
        columns.extend(family.compute(purchases, spec.job.as_of, zone)?);
    }
    for custom in &plan.custom {
        let Aggregated { values, lost, filtered } = custom.compute(spec, shard)?;
        columns.push(values);
        let feature = custom.field().name().clone();
        if filtered.asked > 0 {
            notes.add(FEATURES, Note::FilterNull, &feature, filtered.null, filtered.asked);
        }
        if lost > 0 {
            overflows.push(FeatureCount { feature, count: lost });
        }
    }
    for query in &plan.queries {
        of_query(query, &mut columns, &mut overflows)?;
    }
    for attribute in &plan.attributes {
        columns.push(attribute.compute(shard)?);
    }
    columns.push(Arc::new(Int64Array::from(all_history.orders)));
    columns.push(sums_to_decimal("revenue", all_history.gross.into_iter().map(Some))?);
    columns.push(sums_to_decimal("revenue", all_history.net.into_iter().map(Some))?);
    let table = RecordBatch::try_new(plan.schema(), columns)
        .map_err(|error| Error::bug("features do not fit their schema").caused_by(error))?;
    Ok(ShardFeatures { table, overflows, notes })
}

//! The features of a shard's customers as one table.

use super::{
    messages::Folded,
    outcome,
    plan::{Feature, FeaturePlan},
    queries::{Computed, QueryFeatures},
};
use crate::{
    measure::Cohorts,
    notes::{FEATURES, Note, NoteCounter},
    shard::Shard,
    spec::RunSpec,
    sql::{Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, Decimal128Array, Int64Array, RecordBatch},
    datatypes::Field,
};
use segmenter_proto::{Error, Result, v1::FeatureCount};
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
    /// Who comes back, by the month of the first order.
    pub cohorts: Cohorts,
}

/// Computes the features of a shard; `room` is for queries.
///
/// # Errors
/// When a customer has several rows in a query, a value that every customer has cannot be computed (Data), or one customer does not fit
/// into memory (Resources).
pub fn compute(spec: &RunSpec, plan: &FeaturePlan, shard: &Shard, room: Room<'_>) -> Result<ShardFeatures> {
    let tables = ShardTables::new(spec, shard)?;
    let mut columns: Vec<ArrayRef> = vec![Arc::new(shard.customers.clone())];
    let mut told = Told::default();
    let history = match &plan.history {
        Some(query) => Some((query.fields(), query.compute(&tables, room)?)),
        None => None,
    };
    for feature in &plan.computed {
        match (feature, &history) {
            (Feature::Of(query), _) => columns.extend(told.of(query, query.compute(&tables, room)?)),
            (Feature::OfHistory, Some((_, computed))) => columns.extend(computed.values.iter().cloned()),
            (Feature::OfHistory, None) => return Err(Error::bug("there is no history")),
        }
    }
    for attribute in &plan.attributes {
        columns.push(attribute.compute(shard)?);
    }
    columns.extend(totals(history, shard.customers.len())?);
    if let Some(outcome) = &plan.outcome {
        columns.extend(outcome.compute(spec, shard, room, &mut told.overflows)?);
    }
    for experiment in &plan.experiments {
        columns.extend(experiment.compute(spec, shard, room, &mut told.overflows)?);
    }
    if let Some(reachable) = &plan.reachable {
        columns.push(reachable.compute(&tables, room)?);
    }
    let mut cohorts = Cohorts::default();
    if let Some(retention) = &plan.retention {
        let (found, gaps) = retention.compute(spec, &tables, shard.customers.len(), room)?;
        cohorts = found;
        columns.push(gaps);
    }
    if let Some(messages) = &plan.messages {
        let after = ShardTables::of_outcome(spec, shard)?;
        let Folded { columns: found, lost } = messages.compute(spec, &tables, &after, room)?;
        if lost > 0 {
            told.overflows.push(FeatureCount { feature: "what messages brought".to_owned(), count: lost });
        }
        columns.extend(found);
    }
    for affinity in &plan.affinities {
        columns.push(affinity.compute(&tables, shard.customers.len(), room)?);
    }
    if let Some(taste) = &plan.taste {
        columns.extend(taste.compute(&tables, shard.customers.len(), room)?);
    }
    columns.extend(plan.exported.compute(shard, &tables, room)?);
    columns.extend(plan.lifetimes.compute(&tables, room, &mut told.overflows)?);
    let table = RecordBatch::try_new(plan.schema(), columns)
        .map_err(|error| Error::bug("features do not fit their schema").caused_by(error))?;
    Ok(ShardFeatures { table, overflows: told.overflows, notes: told.notes, cohorts })
}

/// What is to be said of features.
#[derive(Debug, Default)]
struct Told {
    overflows: Vec<FeatureCount>,
    notes: NoteCounter,
}

impl Told {
    /// Notes what a query could not compute; gives its columns.
    fn of(&mut self, query: &QueryFeatures, computed: Computed) -> Vec<ArrayRef> {
        let Computed { values, lost, filtered, .. } = computed;
        for field in query.fields() {
            if filtered.asked > 0 {
                self.notes.add(FEATURES, Note::FilterNull, field.name(), filtered.null, filtered.asked);
            }
            if lost > 0 {
                self.overflows.push(FeatureCount { feature: field.name().clone(), count: lost });
            }
        }
        values
    }
}

/// Gives orders, purchases and purchases less refunds of all history.
fn totals(history: Option<(Vec<Field>, Computed)>, customers: usize) -> Result<[ArrayRef; 3]> {
    let Some((fields, computed)) = history else {
        let nothing = || Decimal128Array::from(vec![0; customers]).with_precision_and_scale(28, 4);
        let nothing = || nothing().map_err(|error| Error::bug("zero is no amount").caused_by(error));
        return Ok([Arc::new(Int64Array::from(vec![0; customers])), Arc::new(nothing()?), Arc::new(nothing()?)]);
    };
    outcome::totals(&fields, computed)
}

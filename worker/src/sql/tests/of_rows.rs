//! Aggregates of groups of rows, computed as custom features are.

use super::{
    super::{Constants, FilterCounts, Query, References, Room, ShardTables},
    world::{PLENTY, of_source, spec},
};
use crate::{
    expression::{Aggregate, ExpressionError, Settings, seen},
    notes::NoteCounter,
    shard::Shard,
};
use arrow::{
    array::{Array, ArrayRef, BooleanArray, RecordBatch, Scalar, StringArray},
    compute::{filter_record_batch, kernels::zip::zip},
    datatypes::{Field, Schema},
};
use segmenter_proto::jobs::{SourceKind, Unit};
use std::{collections::BTreeSet, sync::Arc};

/// A value a group, and what could not be computed.
pub(crate) struct Grouped {
    pub(crate) values: ArrayRef,
    pub(crate) lost: u64,
    pub(crate) filtered: FilterCounts,
}

/// Computes an aggregate of each of `count` groups; `groups` has the number of each row's group, and rows where `keep` is not true belong to none.
pub(crate) fn grouped(
    sql: &str,
    rows: &RecordBatch,
    groups: &[u32],
    count: usize,
    keep: Option<&BooleanArray>,
) -> Result<Grouped, ExpressionError> {
    let settings = Settings::new("Europe/Warsaw").unwrap();
    let aggregate = Aggregate::parse(sql, &rows.schema(), &settings)?;
    let id = |group: u32| format!("{group:06}");
    let customers: StringArray = (0..count as u32).map(|group| Some(id(group))).collect();
    let ids: StringArray = groups.iter().map(|group| Some(id(*group))).collect();
    let mut fields = vec![Field::new("customer_id", ids.data_type().clone(), false)];
    fields.extend(rows.schema().fields().iter().map(|field| field.as_ref().clone()));
    let columns = std::iter::once(Arc::new(ids) as ArrayRef).chain(rows.columns().iter().cloned());
    let mut all = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect()).unwrap();
    if let Some(keep) = keep {
        all = filter_record_batch(&all, keep).unwrap();
    }
    let shard = Shard {
        sources: vec![of_source(0, &all, &customers)],
        outcome: Vec::new(),
        customers,
        subsidiaries: Vec::new(),
        quarantine: Vec::new(),
        fates: Vec::new(),
        duplicate_customers: Vec::new(),
        notes: NoteCounter::default(),
    };
    let spec = spec(&[("rows", SourceKind::Transactions, all)]);
    let query = Query::of_expression(
        "x",
        &aggregate,
        &seen(&rows.schema(), settings.zone()),
        Unit::Customer,
        BTreeSet::from([0]),
        None,
    );
    let scratch = tempfile::tempdir().unwrap();
    let (references, constants) = (References::default(), Constants::default());
    let room = Room { memory: PLENTY, scratch: scratch.path(), references: &references, constants: &constants };
    let answer = query.answer(&ShardTables::new(&spec, &shard).unwrap(), room).unwrap();
    let mut values = Arc::clone(&answer.columns[0]);
    if let Some(default) = aggregate.without_rows().unwrap() {
        values = zip(&BooleanArray::from(answer.has_row), &values, &Scalar::new(default)).unwrap();
    }
    assert_eq!(values.data_type(), aggregate.data_type(), "{sql}");
    Ok(Grouped { values, lost: answer.lost, filtered: answer.filtered })
}

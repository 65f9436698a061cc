//! What the expressions of an export may name.

use crate::{
    expression::recommendation_column,
    features::{FeaturePlan, exported_column},
    frame::{Frame, FrameSchema, Labels},
    spec::RunSpec,
};
use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use segmenter_proto::{Error, Result, jobs::Recommendations};
use std::sync::Arc;

/// The key of the segment that a customer is in.
const SEGMENT_KEY: &str = "segment_key";
/// Its name for people.
const SEGMENT_NAME: &str = "segment_name";

/// Gives the columns that expressions of exports may name, with their types: the id, the segment, features and constants, scores, segmentations, columns of
/// customers, and recommendations. Where two have one name, the first is meant.
pub fn export_scope(spec: &RunSpec, plan: &FeaturePlan) -> Schema {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let mut fields = vec![text(spec.job.unit.key()), text(SEGMENT_KEY), text(SEGMENT_NAME)];
    let whole = FrameSchema::of(spec, plan).whole;
    fields.extend(whole.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)));
    fields.extend(plan.exported().map(|field| field.clone().with_nullable(true)));
    fields.extend((1..=ranks(spec)).map(|rank| text(&recommendation_column(rank))));
    let mut known: Vec<Field> = Vec::with_capacity(fields.len());
    for field in fields {
        if known.iter().all(|other| other.name() != field.name()) {
            known.push(field);
        }
    }
    Schema::new(known)
}

/// Gives how many items a customer is recommended at most.
fn ranks(spec: &RunSpec) -> u32 {
    spec.job.recommendations.as_ref().map_or(0, |Recommendations { top, .. }| *top)
}

/// Gives those columns of a shard's customers; `segment` is one a customer, and `recommended` one column a rank.
///
/// # Errors
/// Bug only.
pub fn export_table(
    scope: &Schema,
    frame: &Frame,
    (labels, segment): (&Labels, &[u32]),
    recommended: &[StringArray],
) -> Result<RecordBatch> {
    let named = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new(segment.iter().map(|segment| Some(of(*segment as usize))).collect::<StringArray>())
    };
    let rank_of = |name: &str| (0..recommended.len()).find(|at| recommendation_column(*at as u32 + 1) == name);
    let column = |name: &str| -> Result<ArrayRef> {
        match name {
            SEGMENT_KEY => Ok(named(&|segment| labels.segments[segment].key.clone())),
            SEGMENT_NAME => Ok(named(&|segment| labels.segments[segment].name.clone())),
            name => {
                if let Some(rank) = rank_of(name) {
                    return Ok(Arc::new(recommended[rank].clone()));
                }
                let own = || frame.table.column_by_name(name).cloned();
                let of_customers = || frame.table.column_by_name(&exported_column(name)).cloned();
                own().or_else(of_customers).ok_or_else(|| Error::bug(format!("an export lacks {name}")))
            }
        }
    };
    let columns = scope.fields().iter().map(|field| column(field.name())).collect::<Result<Vec<_>>>()?;
    // The types are those that the columns have, which the scope promised.
    RecordBatch::try_new(Arc::new(scope.clone()), columns)
        .map_err(|error| Error::bug("what exports look at does not fit its schema").caused_by(error))
}

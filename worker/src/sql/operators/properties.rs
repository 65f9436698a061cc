use arrow::datatypes::SchemaRef;
use datafusion_physical_expr::EquivalenceProperties;
use datafusion_physical_plan::{
    Partitioning, PlanProperties,
    execution_plan::{Boundedness, EmissionType},
};
use std::sync::Arc;

/// What every operator here says of itself: one partition, no order promised, ends when its rows end.
pub(in crate::sql) fn properties(schema: SchemaRef) -> Arc<PlanProperties> {
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(schema),
        Partitioning::UnknownPartitioning(1),
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

//! Operators of our own, beside the engine's.

mod chain;
mod guarded;
mod leaf;

pub(super) use chain::Chain;
pub(super) use guarded::{Guarded, Lost, Part};
pub(super) use leaf::Leaf;

/// What every operator here says of itself: one partition, no order promised, ends when its rows end.
fn properties(schema: arrow::datatypes::SchemaRef) -> std::sync::Arc<datafusion_physical_plan::PlanProperties> {
    use datafusion_physical_plan::execution_plan::{Boundedness, EmissionType};
    std::sync::Arc::new(datafusion_physical_plan::PlanProperties::new(
        datafusion_physical_expr::EquivalenceProperties::new(schema),
        datafusion_physical_plan::Partitioning::UnknownPartitioning(1),
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

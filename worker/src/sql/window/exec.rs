//! The operator: collects its input, sorts it, and gives out whole partitions with the columns of the calls.

use arrow::datatypes::Schema;
use datafusion_common::Result;
use datafusion_common::tree_node::TreeNodeRecursion;
use datafusion_execution::memory_pool::MemoryConsumer;
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use datafusion_physical_expr::{Distribution, EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion_physical_plan::execution_plan::{Boundedness, CardinalityEffect, EmissionType};
use datafusion_physical_plan::stream::RecordBatchStreamAdapter;
use datafusion_physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties, ReplaceChildrenOptions,
};
use futures::{TryStreamExt, stream};
use std::fmt::{Debug, Formatter};
use std::sync::Arc;

use super::check::bug;
use super::collect::{Work, output};
use super::plan::WindowPlan;

/// All columns of the input, followed by a column for each call. Rows come out in an order that is not promised.
#[derive(Debug)]
pub(crate) struct WindowExec {
    input: Arc<dyn ExecutionPlan>,
    plan: Arc<WindowPlan>,
    properties: Arc<PlanProperties>,
}

impl WindowExec {
    /// Makes the operator over an input of one partition.
    ///
    /// # Errors
    /// The plan does not fit the input.
    pub(crate) fn try_new(input: Arc<dyn ExecutionPlan>, plan: WindowPlan) -> Result<Self> {
        Self::over(input, Arc::new(plan))
    }

    fn over(input: Arc<dyn ExecutionPlan>, plan: Arc<WindowPlan>) -> Result<Self> {
        if input.output_partitioning().partition_count() != 1 {
            return Err(bug("a window has an input of one partition"));
        }
        let fields = input.schema();
        plan.check(&fields)?;
        let added = plan.calls.iter().map(|call| Arc::new(call.field(&fields)));
        let schema = Schema::new(fields.fields().iter().cloned().chain(added).collect::<Vec<_>>());
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::new(schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Ok(Self { input, plan, properties: Arc::new(properties) })
    }
}

impl DisplayAs for WindowExec {
    fn fmt_as(&self, _: DisplayFormatType, to: &mut Formatter<'_>) -> std::fmt::Result {
        let WindowPlan { partition, order, calls, .. } = self.plan.as_ref();
        let order = order.iter().map(|(column, _)| column).collect::<Vec<_>>();
        write!(to, "WindowExec: partition={partition:?}, order={order:?}, calls={}", calls.len())
    }
}

impl ExecutionPlan for WindowExec {
    fn name(&self) -> &'static str {
        "WindowExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::SinglePartition])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::over(input, Arc::clone(&self.plan))?)),
            Err(_) => Err(bug("a window has one input")),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, Arc::clone(&context))?;
        let reservation = MemoryConsumer::new("WindowExec").register(context.memory_pool());
        let (plan, schema) = (Arc::clone(&self.plan), self.schema());
        let work = Work { plan, schema: Arc::clone(&schema), reservation, context };
        let batches = stream::once(output(input, work)).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }
}

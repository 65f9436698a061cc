//! Counts what filters of aggregates say.

use super::{guarded::Lost, properties::properties};
use arrow::array::Array;
use datafusion_common::{Result, exec_err, tree_node::TreeNodeRecursion};
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
    stream::RecordBatchStreamAdapter,
};
use futures::StreamExt;
use std::{fmt, sync::Arc};

/// Gives its input's rows, and counts on how many a filter was neither true nor false.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Asked {
    input: Arc<dyn ExecutionPlan>,
    /// Where the input has the filters' truths.
    filters: Vec<usize>,
    lost: Arc<Lost>,
    properties: Arc<PlanProperties>,
}

impl Asked {
    pub(in crate::sql) fn new(input: Arc<dyn ExecutionPlan>, filters: Vec<usize>, lost: &Arc<Lost>) -> Self {
        let properties = properties(input.schema());
        Self { input, filters, lost: Arc::clone(lost), properties }
    }
}

impl DisplayAs for Asked {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Asked")
    }
}

impl ExecutionPlan for Asked {
    fn name(&self) -> &'static str {
        "Asked"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
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
            Ok([input]) => Ok(Arc::new(Self { input, ..Self::clone(&self) })),
            Err(_) => exec_err!("Asked has one input"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        let (filters, lost) = (self.filters.clone(), Arc::clone(&self.lost));
        let counted = rows.inspect(move |rows| {
            if let Ok(rows) = rows {
                let null: usize = filters.iter().map(|&filter| rows.column(filter).null_count()).sum();
                lost.asked((rows.num_rows() * filters.len()) as u64, null as u64);
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), counted)))
    }
}

//! Aggregates a customer. Customers are numbered, so that a row's group is known and nothing is looked up.

use super::properties::properties;
use crate::sql::tables::BATCH;
use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array},
    compute::filter_record_batch,
    datatypes::{Field, Schema, UInt32Type},
};
use datafusion_common::{Result, exec_err, internal_err, tree_node::TreeNodeRecursion};
use datafusion_execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryConsumer};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use datafusion_physical_expr::{PhysicalExpr, aggregate::AggregateFunctionExpr};
use datafusion_physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
    stream::RecordBatchStreamAdapter,
};
use futures::{StreamExt, TryStreamExt};
use std::{fmt, ops::Range, sync::Arc};

/// Gives a row a customer who has one: the customer, and what the functions give.
///
/// What it takes in memory does not go to disk: a part of fewer customers takes less.
#[derive(Debug, Clone)]
pub(in crate::sql) struct ByCustomer {
    input: Arc<dyn ExecutionPlan>,
    /// The customers that the input may have.
    customers: Range<u32>,
    /// Where the input has the customer's number.
    customer: usize,
    calls: Vec<Call>,
    properties: Arc<PlanProperties>,
}

/// A function over columns of the input.
#[derive(Debug, Clone)]
struct Call {
    function: Arc<AggregateFunctionExpr>,
    filter: Option<Arc<dyn PhysicalExpr>>,
}

impl ByCustomer {
    /// Groups by the column `customer`, whose name the output has.
    pub(in crate::sql) fn try_new(
        input: Arc<dyn ExecutionPlan>,
        customers: Range<u32>,
        customer: &str,
        functions: Vec<Arc<AggregateFunctionExpr>>,
        filters: Vec<Option<Arc<dyn PhysicalExpr>>>,
    ) -> Result<Self> {
        let known = input.schema();
        let at = known.index_of(customer)?;
        let mut fields = vec![known.field(at).clone()];
        fields.extend(functions.iter().map(|function| {
            let field: Field = function.field().as_ref().clone();
            field.with_name(function.name())
        }));
        let schema = Arc::new(Schema::new(fields));
        let calls = functions.into_iter().zip(filters).map(|(function, filter)| Call { function, filter }).collect();
        Ok(Self { input, customers, customer: at, calls, properties: properties(schema) })
    }

    /// Takes all rows in, and gives the groups.
    async fn groups(self, context: Arc<TaskContext>) -> Result<Vec<RecordBatch>> {
        let reservation = MemoryConsumer::new("ByCustomer").register(context.memory_pool());
        let mut rows = self.input.execute(0, context)?;
        let count = self.customers.len();
        let mut has_row = vec![false; count];
        let accumulators = self.calls.iter().map(|call| call.function.create_groups_accumulator());
        let mut accumulators: Vec<Box<dyn GroupsAccumulator>> = accumulators.collect::<Result<_>>()?;
        let mut groups: Vec<usize> = Vec::with_capacity(BATCH);
        while let Some(batch) = rows.try_next().await? {
            groups.clear();
            for &number in batch.column(self.customer).as_primitive::<UInt32Type>().values() {
                let group = number.wrapping_sub(self.customers.start) as usize;
                match has_row.get_mut(group) {
                    Some(has_row) => *has_row = true,
                    None => return internal_err!("a row of a customer who is not of the part"),
                }
                groups.push(group);
            }
            for (call, accumulator) in self.calls.iter().zip(&mut accumulators) {
                let arguments = call.function.expressions();
                let arguments =
                    arguments.iter().map(|argument| argument.evaluate(&batch)?.into_array(batch.num_rows()));
                let arguments: Vec<ArrayRef> = arguments.collect::<Result<_>>()?;
                let filter = match &call.filter {
                    Some(filter) => Some(filter.evaluate(&batch)?.into_array(batch.num_rows())?),
                    None => None,
                };
                let filter: Option<&BooleanArray> = filter.as_ref().map(|filter| filter.as_boolean());
                accumulator.update_batch(&arguments, &groups, filter, count)?;
            }
            let taken: usize = accumulators.iter().map(|accumulator| accumulator.size()).sum();
            reservation.try_resize(taken + count)?;
        }
        let customers = UInt32Array::from_iter_values(self.customers.clone());
        let mut columns: Vec<ArrayRef> = vec![Arc::new(customers)];
        if has_row.contains(&true) {
            for accumulator in &mut accumulators {
                columns.push(accumulator.evaluate(EmitTo::All)?);
            }
        } else {
            return Ok(Vec::new());
        }
        let all = RecordBatch::try_new(self.schema(), columns)?;
        let found = match has_row.contains(&false) {
            true => filter_record_batch(&all, &BooleanArray::from(has_row))?,
            false => all,
        };
        let starts = (0..found.num_rows()).step_by(BATCH);
        Ok(starts.map(|start| found.slice(start, BATCH.min(found.num_rows() - start))).collect())
    }
}

impl DisplayAs for ByCustomer {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ByCustomer")
    }
}

impl ExecutionPlan for ByCustomer {
    fn name(&self) -> &'static str {
        "ByCustomer"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        look: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for call in &self.calls {
            for expr in call.function.expressions().iter().chain(&call.filter) {
                if look(expr)? == TreeNodeRecursion::Stop {
                    return Ok(TreeNodeRecursion::Stop);
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self { input, ..Self::clone(&self) })),
            Err(_) => exec_err!("ByCustomer has one input"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let groups = self.clone().groups(context);
        let batches = futures::stream::once(groups).map_ok(|batches| futures::stream::iter(batches).map(Ok));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches.try_flatten())))
    }
}

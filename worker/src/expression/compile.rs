//! From a translated expression to one that evaluates batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt8Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{DFSchema, DataFusionError, Result as EngineResult, ScalarValue};
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_expr::simplify::SimplifyContext;
use datafusion_expr::{Expr, ExprSchemable, Operator};
use datafusion_optimizer::simplify_expressions::ExprSimplifier;
use datafusion_physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};

/// Compiles `expr` over `schema`: coerced, checked for overflow everywhere, constants computed.
pub(crate) fn compile(expr: Expr, schema: &SchemaRef) -> EngineResult<Arc<dyn PhysicalExpr>> {
    let known = Arc::new(DFSchema::try_from(Arc::clone(schema))?);
    let coerced = coerce(expr, &known)?;
    let compiled = create_physical_expr(&coerced, &known, &ExecutionProps::new(), &PhysicalPlanningContext::default())?;
    let one_row = one_row()?;
    compiled.transform_up(|part| fold(checked(part), &one_row)).map(|done| done.data)
}

/// Gives the type of `expr` over `schema`, as it is after coercion.
pub(crate) fn type_of(expr: Expr, schema: &SchemaRef) -> EngineResult<DataType> {
    let known = Arc::new(DFSchema::try_from(Arc::clone(schema))?);
    coerce(expr, &known)?.get_type(known.as_ref())
}

fn coerce(expr: Expr, schema: &Arc<DFSchema>) -> EngineResult<Expr> {
    let context = SimplifyContext::builder().with_schema(Arc::clone(schema)).build();
    ExprSimplifier::new(context).coerce(expr, schema)
}

/// Computes an expression without columns.
pub(crate) fn constant(expr: Expr) -> EngineResult<ScalarValue> {
    let compiled = compile(expr, &Arc::new(Schema::empty()))?;
    ScalarValue::try_from_array(&value(compiled.as_ref(), &one_row()?)?, 0)
}

/// Evaluates to an array of the batch's length.
pub(crate) fn value(compiled: &dyn PhysicalExpr, rows: &RecordBatch) -> EngineResult<ArrayRef> {
    compiled.evaluate(rows)?.into_array(rows.num_rows())
}

/// Makes integer and decimal arithmetic fail where it would wrap around.
fn checked(part: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    match part.downcast_ref::<BinaryExpr>() {
        Some(binary) if matches!(binary.op(), Operator::Plus | Operator::Minus | Operator::Multiply) => Arc::new(
            BinaryExpr::new(Arc::clone(binary.left()), *binary.op(), Arc::clone(binary.right()))
                .with_fail_on_overflow(true),
        ),
        _ => part,
    }
}

/// Computes a part whose inputs are all constants; errors stay for the rows that meet them.
fn fold(part: Arc<dyn PhysicalExpr>, one_row: &RecordBatch) -> EngineResult<Transformed<Arc<dyn PhysicalExpr>>> {
    let inputs = part.children();
    let is_constant = !inputs.is_empty() && inputs.iter().all(|input| input.downcast_ref::<Literal>().is_some());
    if !is_constant || part.downcast_ref::<Column>().is_some() {
        return Ok(Transformed::no(part));
    }
    let computed = value(part.as_ref(), one_row).and_then(|array| ScalarValue::try_from_array(&array, 0));
    match computed {
        Ok(value) => Ok(Transformed::yes(Arc::new(Literal::new(value)))),
        Err(_) => Ok(Transformed::no(part)),
    }
}

fn one_row() -> Result<RecordBatch, DataFusionError> {
    let schema = Arc::new(Schema::new(vec![Field::new("nothing", DataType::UInt8, true)]));
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    Ok(RecordBatch::try_new_with_options(schema, vec![Arc::new(UInt8Array::from(vec![0]))], &options)?)
}

//! Computes columns that may fail on a row. Such a row takes its customer with it, or the query where it is nobody's: a sum without one
//! of its rows would be a wrong answer.

use super::{super::failure::through_engine, properties::properties};
use crate::expression::{DIVIDER, evaluate_rows, in_range};
use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StructArray},
    datatypes::{Field, Schema, UInt32Type},
};
use datafusion_common::{Result, exec_err, tree_node::TreeNodeRecursion};
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
    stream::RecordBatchStreamAdapter,
};
use futures::StreamExt;
use segmenter_proto::Error;
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// The customers of whom something could not be computed. A set, so that what is computed twice counts once.
#[derive(Debug, Default)]
pub(in crate::sql) struct Lost(Mutex<BTreeSet<u32>>);

impl Lost {
    fn add(&self, customers: impl IntoIterator<Item = u32>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(customers);
    }

    /// Gives them, leaving none.
    pub(in crate::sql) fn take(&self) -> BTreeSet<u32> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A column of the output.
#[derive(Debug, Clone)]
pub(in crate::sql) enum Part {
    /// Computed.
    Computed(Arc<dyn PhysicalExpr>),
    /// The value of an aggregate, out of (value, lost) at this place of the input.
    Opened(usize),
}

/// Computes columns, and notes the customers of rows on which that fails.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Guarded {
    input: Arc<dyn ExecutionPlan>,
    parts: Vec<Part>,
    /// Where the input has the number of the row's customer; none where rows are nobody's, and such a row fails the query.
    customer: Option<usize>,
    lost: Arc<Lost>,
    properties: Arc<PlanProperties>,
}

impl Guarded {
    pub(in crate::sql) fn try_new(
        input: Arc<dyn ExecutionPlan>,
        parts: Vec<(Part, String)>,
        customer: Option<usize>,
        lost: &Arc<Lost>,
    ) -> Result<Self> {
        let known = input.schema();
        let fields = parts.iter().map(|(part, name)| {
            let data_type = match part {
                Part::Computed(expr) => expr.data_type(&known)?,
                Part::Opened(at) => match known.field(*at).data_type() {
                    arrow::datatypes::DataType::Struct(fields) if fields.len() == 2 => fields[0].data_type().clone(),
                    other => return exec_err!("{other} is no aggregate that can be lost"),
                },
            };
            Ok(Field::new(name, data_type, true))
        });
        let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>>>()?));
        let parts = parts.into_iter().map(|(part, _)| part).collect();
        Ok(Self { input, parts, customer, lost: Arc::clone(lost), properties: properties(schema) })
    }

    fn compute(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let schema = self.schema();
        let columns = self.parts.iter().zip(schema.fields()).map(|(part, field)| -> Result<ArrayRef> {
            match part {
                Part::Computed(expr) => {
                    let (values, errors) = evaluate_rows(expr.as_ref(), rows).map_err(through_engine)?;
                    let fitting = in_range(&values)?;
                    if let Some(first) = errors.first() {
                        self.lose(rows, field, &first.reason, errors.iter().map(|error| error.row))?;
                    }
                    if fitting.null_count() > values.null_count() {
                        let gone = (0..rows.num_rows()).filter(|row| fitting.is_null(*row) && !values.is_null(*row));
                        self.lose(rows, field, TOO_LARGE, gone)?;
                    }
                    Ok(fitting)
                }
                Part::Opened(at) => {
                    let opened: &StructArray = rows.column(*at).as_struct();
                    let lost = opened.column(1).as_boolean();
                    let is_lost = |row: &usize| opened.is_valid(*row) && lost.is_valid(*row) && lost.value(*row);
                    self.lose(rows, field, TOO_LARGE, (0..rows.num_rows()).filter(is_lost))?;
                    Ok(Arc::clone(opened.column(0)))
                }
            }
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }

    /// Notes whose rows cannot be computed.
    ///
    /// # Errors
    /// They are nobody's: there is nobody whose value could be null for it.
    fn lose(&self, rows: &RecordBatch, of: &Field, why: &str, mut failed: impl Iterator<Item = usize>) -> Result<()> {
        let Some(customer) = self.customer else {
            return match failed.next() {
                None => Ok(()),
                Some(_) => Err(through_engine(not_computed(of.name(), why))),
            };
        };
        let customers = rows.column(customer).as_primitive::<UInt32Type>();
        self.lost.add(failed.map(|row| customers.value(row)));
        Ok(())
    }
}

/// Why a value is lost that is beyond its type.
const TOO_LARGE: &str = "it is beyond its type";

fn not_computed(id: &str, why: &str) -> Error {
    let what = match id.split(DIVIDER).next().unwrap_or_default() {
        "" => "a value of the query".to_owned(),
        name => format!("`{name}`"),
    };
    Error::data(format!("{what} cannot be computed on a row: {why}"))
        .with_hint("try_cast gives null where cast fails; keep such rows out in where, or compute with a larger type")
}

impl DisplayAs for Guarded {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Guarded")
    }
}

impl ExecutionPlan for Guarded {
    fn name(&self) -> &'static str {
        "Guarded"
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
        for part in &self.parts {
            if let Part::Computed(expr) = part
                && look(expr)? == TreeNodeRecursion::Stop
            {
                return Ok(TreeNodeRecursion::Stop);
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
            Err(_) => exec_err!("Guarded has one input"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        let guarded = self.clone();
        let computed = rows.map(move |rows| guarded.compute(&rows?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), computed)))
    }
}

//! Computes columns that may fail on a row. Such a row takes its customer with it: a sum without one of its rows would be a
//! wrong answer. A row of a reference table, which has none, gets a flag, and takes those customers with it that it meets; at a prompt it
//! takes the query with it.

use super::{super::failure::through_engine, properties::properties};
use crate::expression::{DIVIDER, evaluate_rows, in_range};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StructArray},
    datatypes::{DataType, Field, Schema, UInt32Type},
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
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a plan could not compute, of one run of it.
#[derive(Debug, Default)]
pub(in crate::sql) struct Lost(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    /// A set, so that what is computed twice counts once.
    customers: BTreeSet<u32>,
    /// Rows on which a condition failed, by its column.
    failed: BTreeMap<String, u64>,
    filters: FilterCounts,
}

/// How often filters of aggregates, as in `sum(x) filter (where …)`, were asked about a row, and how often they were null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FilterCounts {
    /// Rows, a filter.
    pub(crate) asked: u64,
    /// Those on which it was neither true nor false, and did not fail.
    pub(crate) null: u64,
}

impl Lost {
    fn add(&self, customers: impl IntoIterator<Item = u32>) {
        self.told().customers.extend(customers);
    }

    fn failed(&self, column: &str, rows: u64) {
        if rows > 0 {
            *self.told().failed.entry(column.to_owned()).or_default() += rows;
        }
    }

    /// Counts rows on which filters were asked, and those on which they were null, for whatever reason.
    pub(super) fn asked(&self, rows: u64, null: u64) {
        let mut told = self.told();
        told.filters.asked += rows;
        told.filters.null += null;
    }

    /// Gives the customers of whom something could not be computed, leaving none.
    pub(in crate::sql) fn take(&self) -> BTreeSet<u32> {
        std::mem::take(&mut self.told().customers)
    }

    /// Gives what filters said, of which these are the columns, one a filter.
    pub(in crate::sql) fn filters(&self, columns: &[String]) -> FilterCounts {
        let told = self.told();
        let failed: u64 = columns.iter().filter_map(|column| told.failed.get(column)).sum();
        FilterCounts { null: told.filters.null.saturating_sub(failed), ..told.filters }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Who answers for a row on which something fails.
#[derive(Debug, Clone)]
pub(in crate::sql) enum Owner {
    /// Its customer, whose number the input has at this place. A row also fails where it met one of a reference table that did: which the
    /// input says at the places `met`.
    Customer { number: usize, met: Vec<usize>, lost: Arc<Lost> },
    /// Nobody: a column of this name says it, in which the input's own, where it has one, goes on.
    Nobody { flag: String },
    /// The query: at a prompt rows are nobody's, and one that fails ends it.
    Query,
}

/// Computes columns, and notes rows on which that fails.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Guarded {
    input: Arc<dyn ExecutionPlan>,
    parts: Vec<Part>,
    owner: Owner,
    properties: Arc<PlanProperties>,
}

impl Guarded {
    pub(in crate::sql) fn try_new(
        input: Arc<dyn ExecutionPlan>,
        mut parts: Vec<(Part, String)>,
        owner: Owner,
    ) -> Result<Self> {
        let known = input.schema();
        if let Owner::Nobody { flag } = &owner {
            parts.retain(|(_, name)| name != flag);
        }
        let fields = parts.iter().map(|(part, name)| {
            let data_type = match part {
                Part::Computed(expr) => expr.data_type(&known)?,
                Part::Opened(at) => match known.field(*at).data_type() {
                    DataType::Struct(fields) if fields.len() == 2 => fields[0].data_type().clone(),
                    other => return exec_err!("{other} is no aggregate that can be lost"),
                },
            };
            Ok(Field::new(name, data_type, true))
        });
        let mut fields = fields.collect::<Result<Vec<_>>>()?;
        if let Owner::Nobody { flag } = &owner {
            fields.push(Field::new(flag, DataType::Boolean, true));
        }
        let schema = Arc::new(Schema::new(fields));
        let parts = parts.into_iter().map(|(part, _)| part).collect();
        Ok(Self { input, parts, owner, properties: properties(schema) })
    }

    fn compute(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let schema = self.schema();
        let mut failed: BTreeSet<usize> = BTreeSet::new();
        let columns = self.parts.iter().zip(schema.fields()).map(|(part, field)| -> Result<ArrayRef> {
            match part {
                Part::Computed(expr) => {
                    let (values, errors) = evaluate_rows(expr.as_ref(), rows).map_err(through_engine)?;
                    let fitting = in_range(&values)?;
                    if let Some(first) = errors.first() {
                        self.owner.allows(field, &first.reason)?;
                    }
                    if let Owner::Customer { lost, .. } = &self.owner {
                        lost.failed(field.name(), errors.len() as u64);
                    }
                    failed.extend(errors.iter().map(|error| error.row));
                    if fitting.null_count() > values.null_count() {
                        self.owner.allows(field, TOO_LARGE)?;
                        failed
                            .extend((0..rows.num_rows()).filter(|row| fitting.is_null(*row) && !values.is_null(*row)));
                    }
                    Ok(fitting)
                }
                Part::Opened(at) => {
                    let opened: &StructArray = rows.column(*at).as_struct();
                    let lost = opened.column(1).as_boolean();
                    let is_lost = |row: &usize| opened.is_valid(*row) && lost.is_valid(*row) && lost.value(*row);
                    let before = failed.len();
                    failed.extend((0..rows.num_rows()).filter(is_lost));
                    if failed.len() > before {
                        self.owner.allows(field, TOO_LARGE)?;
                    }
                    Ok(Arc::clone(opened.column(0)))
                }
            }
        });
        let mut columns = columns.collect::<Result<Vec<_>>>()?;
        columns.extend(self.owner.answer(rows, failed));
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }
}

impl Owner {
    /// Says that a row may fail.
    ///
    /// # Errors
    /// There is nobody whose value could be null for it: Data.
    fn allows(&self, of: &Field, why: &str) -> Result<()> {
        match self {
            Self::Customer { .. } | Self::Nobody { .. } => Ok(()),
            Self::Query => Err(through_engine(not_computed(of.name(), why))),
        }
    }

    /// Notes the rows that failed; gives the column that says it, where there is one.
    fn answer(&self, rows: &RecordBatch, mut failed: BTreeSet<usize>) -> Option<ArrayRef> {
        let flagged = |at: usize| {
            let flags = rows.column(at).as_boolean();
            (0..flags.len()).filter(move |row| flags.is_valid(*row) && flags.value(*row))
        };
        match self {
            Self::Customer { number, met, lost } => {
                met.iter().for_each(|at| failed.extend(flagged(*at)));
                let customers = rows.column(*number).as_primitive::<UInt32Type>();
                lost.add(failed.into_iter().map(|row| customers.value(row)));
                None
            }
            Self::Nobody { flag } => {
                if let Ok(before) = rows.schema().index_of(flag) {
                    failed.extend(flagged(before));
                }
                let flags: BooleanArray = (0..rows.num_rows()).map(|row| Some(failed.contains(&row))).collect();
                Some(Arc::new(flags))
            }
            Self::Query => None,
        }
    }
}

/// Why a value is lost that is beyond its type.
const TOO_LARGE: &str = "it is beyond its type";

fn not_computed(id: &str, why: &str) -> Error {
    let what = match id.split_once(DIVIDER) {
        Some((name, _)) if !name.is_empty() => format!("`{name}`"),
        _ => "a value of the query".to_owned(),
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

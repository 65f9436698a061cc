//! From relations to the engine's operators, for one part of a shard: one partition, an aggregate in one step.
//!
//! This is done anew for every shard: it takes a quarter of a millisecond, and nothing is shared between threads.

use super::{
    aggregates::{Exact, exact},
    catalogue::Rows,
    constants::{Constants, with_constants},
    customers::with_ids,
    failing::can_fail,
    failure::through_engine,
    flags::{all_flagged, flag_in, met, or_flagged, owner, projected},
    operators::{Asked, ByCustomer, Chain, Guarded, Leaf, Lost, Part},
    order::ordered,
    references::References,
    relation::{Column, GroupCall, Node, Relation, Window, columns_of},
    tables::ShardTables,
    windows::windowed,
};
use crate::expression::{Kernel, compile};
use arrow::{
    array::StringArray,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion_common::{JoinSide, JoinType, NullEquality, Result, ScalarValue};
use datafusion_expr::Expr;
use datafusion_physical_expr::{
    PhysicalExpr,
    aggregate::AggregateExprBuilder,
    expressions::{Column as PhysicalColumn, lit},
};
use datafusion_physical_plan::{
    ExecutionPlan,
    aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy},
    filter::FilterExec,
    joins::{
        HashJoinExec, PartitionMode,
        utils::{ColumnIndex, JoinFilter},
    },
};
use std::{collections::BTreeSet, fmt::Debug, ops::Range, sync::Arc};

pub(super) type Plan = Arc<dyn ExecutionPlan>;
type Needed = BTreeSet<String>;

/// The rows at the bottom of a plan.
pub(super) trait Leaves: Debug {
    /// Gives the columns `names` of a table, as `schema` has them.
    fn leaf(&self, rows: &Rows, names: &[&str], schema: &SchemaRef) -> Result<Plan>;

    /// Gives the ids of the customers by their numbers.
    fn ids(&self) -> &Arc<StringArray>;

    /// Gives the numbers of the customers; none where rows are nobody's.
    fn customers(&self) -> Range<u32> {
        0..0
    }
}

/// Some customers of a shard.
#[derive(Debug)]
pub(super) struct PartOfShard<'a> {
    pub(super) tables: &'a ShardTables<'a>,
    pub(super) references: &'a References,
    /// Ordinals of the customers.
    pub(super) customers: Range<u32>,
}

impl Leaves for PartOfShard<'_> {
    fn leaf(&self, rows: &Rows, names: &[&str], schema: &SchemaRef) -> Result<Plan> {
        let rows = self.tables.scan(rows, names, schema, &self.customers, self.references)?;
        Ok(Arc::new(Leaf::new(Arc::clone(schema), rows)))
    }

    fn ids(&self) -> &Arc<StringArray> {
        self.tables.ids()
    }

    fn customers(&self) -> Range<u32> {
        self.customers.clone()
    }
}

/// Makes plans over tables.
#[derive(Debug)]
pub(super) struct Lowering<'a> {
    pub(super) leaves: &'a dyn Leaves,
    pub(super) lost: &'a Arc<Lost>,
    pub(super) constants: &'a Constants,
    /// Whether it is counted on how many rows filters of aggregates are null.
    pub(super) counts_filters: bool,
}

impl Lowering<'_> {
    /// Gives a plan whose output has at least the needed columns, by their ids.
    ///
    /// # Errors
    /// The engine refuses an expression, which is a bug: it was typed before.
    pub(super) fn lower(&self, relation: &Relation, needed: &Needed) -> Result<Plan> {
        // Whose a row is is always known: who fails on it is lost.
        let mut needed = needed.clone();
        needed.extend(relation.owners.first().cloned());
        needed.extend(relation.free.as_ref().map(|free| free.flag.clone()));
        match &relation.node {
            Node::Scan { rows, columns } => {
                let mut wanted: Vec<&(String, Column)> =
                    columns.iter().filter(|(_, column)| needed.contains(&column.id)).collect();
                if wanted.is_empty() {
                    // Rows that are only counted.
                    wanted.extend(columns.first());
                }
                let fields = wanted.iter().map(|(_, column)| Field::new(&column.id, column.stored_type(), true));
                let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
                let names: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
                self.leaves.leaf(rows, &names, &schema)
            }
            Node::Extend { input, computed } => self.extend(input, computed, &needed),
            Node::Filter { input, condition } => self.filter(input, condition, &needed),
            Node::Aggregate { input, keys, calls } => self.aggregate(relation, input, keys, calls, &needed),
            Node::Window { input, window } => self.window(relation, input, window, &needed),
            Node::Join { left, right, on, pairs, keeps_left } => {
                let plan = self.join((left, right), on, pairs.as_ref(), *keeps_left, &needed)?;
                met(relation, (left, right), plan, self.lost)
            }
            Node::Ordered { input, by, skip, fetch } => {
                let mut below = needed.clone();
                below.extend(by.iter().map(|(column, _)| column.id.clone()));
                ordered(self.lower(input, &below)?, by, *skip, *fetch)
            }
            Node::Union { inputs, columns } => self.union(relation, inputs, columns, &needed),
        }
    }

    fn extend(&self, input: &Relation, computed: &[(Expr, Column)], needed: &Needed) -> Result<Plan> {
        let (wanted, below) = split(computed, needed);
        let plan = self.lower(input, &below)?;
        let mut parts = kept(&plan, |id| needed.contains(id));
        for (expr, column) in &wanted {
            parts.push((Part::Computed(self.compile(expr, &plan)?), column.id.clone()));
        }
        let fails = wanted.iter().any(|(expr, _)| can_fail(expr));
        self.project(input, plan, parts, fails)
    }

    fn filter(&self, input: &Relation, condition: &Expr, needed: &Needed) -> Result<Plan> {
        let mut below = needed.clone();
        below.extend(columns_of(condition));
        let plan = self.lower(input, &below)?;
        if !can_fail(condition) {
            let truth = or_flagged(input, self.compile(condition, &plan)?, &plan);
            return Ok(Arc::new(FilterExec::try_new(truth, plan)?));
        }
        let mut parts = kept(&plan, |id| needed.contains(id));
        parts.push((Part::Computed(self.compile(condition, &plan)?), CONDITION.to_owned()));
        let plan = self.project(input, plan, parts, true)?;
        let truth = or_flagged(input, column(&plan, CONDITION)?, &plan);
        let filtered: Plan = Arc::new(FilterExec::try_new(truth, plan)?);
        let parts = kept(&filtered, |id| id != CONDITION);
        self.project(input, filtered, parts, false)
    }

    fn aggregate(
        &self,
        relation: &Relation,
        input: &Relation,
        keys: &[Column],
        calls: &[GroupCall],
        needed: &Needed,
    ) -> Result<Plan> {
        let first = calls.first();
        let mut calls: Vec<&GroupCall> = calls.iter().filter(|call| needed.contains(&call.result.id)).collect();
        if keys.is_empty() && calls.is_empty() {
            // There is one row, whatever is looked at of it.
            calls.extend(first);
        }
        let mut below: Needed = keys.iter().map(|key| key.id.clone()).collect();
        for call in &calls {
            below.extend(call.arguments.iter().chain(&call.filter).map(|column| column.id.clone()));
        }
        let mut plan = self.lower(input, &below)?;
        let filters: Vec<&Column> = calls.iter().filter_map(|call| call.filter.as_ref()).collect();
        if self.counts_filters && !filters.is_empty() {
            let places = filters.iter().map(|filter| Ok(plan.schema().index_of(&filter.id)?));
            plan = Arc::new(Asked::new(Arc::clone(&plan), places.collect::<Result<_>>()?, self.lost));
        }
        let schema = plan.schema();
        let groups =
            keys.iter().map(|key| Ok((column(&plan, &key.id)?, key.id.clone()))).collect::<Result<Vec<_>>>()?;
        let (mut functions, mut filters, mut lossy) = (Vec::new(), Vec::new(), BTreeSet::new());
        for call in &calls {
            let mut arguments =
                call.arguments.iter().map(|argument| column(&plan, &argument.id)).collect::<Result<Vec<_>>>()?;
            let types = arguments.iter().map(|argument| argument.data_type(&schema)).collect::<Result<Vec<_>>>()?;
            let Exact { function, can_be_lost } =
                exact(call.kernel, &types, &call.result.data_type).map_err(through_engine)?;
            if can_be_lost {
                lossy.insert(call.result.id.clone());
            }
            if arguments.is_empty() {
                arguments.push(lit(ScalarValue::Boolean(Some(true))));
            }
            let built = AggregateExprBuilder::new(function, arguments).schema(Arc::clone(&schema));
            functions.push(Arc::new(built.alias(&call.result.id).build()?));
            filters.push(call.filter.as_ref().map(|filter| column(&plan, &filter.id)).transpose()?);
        }
        if let Some(flag) = flag_in(input, &plan) {
            let Exact { function, .. } =
                exact(Kernel::Any, &[DataType::Boolean], &DataType::Boolean).map_err(through_engine)?;
            let built = AggregateExprBuilder::new(function, vec![column(&plan, flag)?]).schema(Arc::clone(&schema));
            functions.push(Arc::new(built.alias(flag).build()?));
            filters.push(None);
        }
        let plan: Plan = match keys {
            // One customer alone may take more than there is: the engine's operator goes to disk.
            [key] if key.is_customer && self.leaves.customers().len() > 1 => {
                Arc::new(ByCustomer::try_new(plan, self.leaves.customers(), &key.id, functions, filters)?)
            }
            _ => {
                let groups = PhysicalGroupBy::new_single(groups);
                Arc::new(AggregateExec::try_new(AggregateMode::Single, groups, functions, filters, plan, schema)?)
            }
        };
        self.open(relation, plan, &lossy)
    }

    fn window(&self, relation: &Relation, input: &Relation, wanted: &Window, needed: &Needed) -> Result<Plan> {
        let results: Needed = wanted.calls.iter().map(|call| call.result.id.clone()).collect();
        let calls: Vec<_> = wanted.calls.iter().filter(|call| needed.contains(&call.result.id)).collect();
        let mut below: Needed = needed.difference(&results).cloned().collect();
        if calls.is_empty() {
            return self.lower(input, &below);
        }
        let sorted = wanted.partition.iter().chain(wanted.order.iter().map(|(by, _)| by)).chain(&wanted.ties);
        below.extend(sorted.map(|column| column.id.clone()));
        for call in &calls {
            below.extend(call.arguments.iter().chain(&call.filter).map(|column| column.id.clone()));
        }
        let plan = self.lower(input, &below)?;
        let (plan, lossy) = windowed(plan, wanted, &calls)?;
        let plan = self.open(relation, plan, &lossy)?;
        match flag_in(relation, &plan) {
            Some(flag) => all_flagged(plan, flag),
            None => Ok(plan),
        }
    }

    fn join(
        &self,
        (left, right): (&Relation, &Relation),
        on: &[(Column, Column)],
        pairs: Option<&Expr>,
        keeps_left: bool,
        needed: &Needed,
    ) -> Result<Plan> {
        let (mut of_left, mut of_right) = (needed.clone(), needed.clone());
        of_left.extend(on.iter().map(|(left, _)| left.id.clone()));
        of_right.extend(on.iter().map(|(_, right)| right.id.clone()));
        for id in pairs.map(columns_of).unwrap_or_default() {
            of_left.insert(id.clone());
            of_right.insert(id);
        }
        // Of rows that are nobody's what is looked up stands behind, as people write it.
        let is_behind = right.free.is_some() || (left.owners.is_empty() && right.owners.is_empty());
        let (left, right) = (self.lower(left, &of_left)?, self.lower(right, &of_right)?);
        let on = on.iter().map(|(a, b)| Ok((column(&left, &a.id)?, column(&right, &b.id)?)));
        let on = on.collect::<Result<Vec<_>>>()?;
        // The side that is looked up is held in memory: of a left join the right one, so that the left one streams, and a reference table.
        let kind = if keeps_left { JoinType::Right } else { JoinType::Inner };
        let (build, probe, on) = match keeps_left || is_behind {
            true => (right, left, on.into_iter().map(|(a, b)| (b, a)).collect()),
            false => (left, right, on),
        };
        let pairs = pairs.map(|pairs| self.pairs(pairs, &build, &probe)).transpose()?;
        let join = HashJoinExec::try_new(
            build,
            probe,
            on,
            pairs,
            &kind,
            None,
            PartitionMode::CollectLeft,
            NullEquality::NullEqualsNothing,
            false,
        )?;
        Ok(Arc::new(join))
    }

    /// Compiles a condition on pairs of rows.
    fn pairs(&self, condition: &Expr, build: &Plan, probe: &Plan) -> Result<JoinFilter> {
        let (mut fields, mut places) = (Vec::new(), Vec::new());
        for id in columns_of(condition) {
            let (plan, side) = match build.schema().index_of(&id) {
                Ok(_) => (build, JoinSide::Left),
                Err(_) => (probe, JoinSide::Right),
            };
            let index = plan.schema().index_of(&id)?;
            fields.push(plan.schema().field(index).clone().with_nullable(true));
            places.push(ColumnIndex { index, side });
        }
        let schema = Arc::new(Schema::new(fields));
        let condition = compile(self.bound(condition)?, &schema)?;
        Ok(JoinFilter::new(condition, places, schema))
    }

    fn union(
        &self,
        whole: &Relation,
        inputs: &[(Relation, Vec<Column>)],
        columns: &[Column],
        needed: &Needed,
    ) -> Result<Plan> {
        let places: Vec<usize> = (0..columns.len()).filter(|at| needed.contains(&columns[*at].id)).collect();
        let fields = places.iter().map(|at| Field::new(&columns[*at].id, columns[*at].stored_type(), true));
        let mut fields = fields.collect::<Vec<_>>();
        // Of rows that belong to nobody, whether something of them failed.
        let flag = whole.free.as_ref().filter(|free| free.may_fail).map(|free| free.flag.as_str());
        fields.extend(flag.map(|flag| Field::new(flag, DataType::Boolean, true)));
        let schema = Arc::new(Schema::new(fields));
        let mut plans = Vec::with_capacity(inputs.len());
        for (relation, of_input) in inputs {
            let below: Needed = places.iter().map(|at| of_input[*at].id.clone()).collect();
            let plan = self.lower(relation, &below)?;
            let parts = places
                .iter()
                .map(|at| Ok((Part::Computed(column(&plan, &of_input[*at].id)?), columns[*at].id.clone())));
            let mut parts = parts.collect::<Result<Vec<_>>>()?;
            if let Some(flag) = flag {
                let own = flag_in(relation, &plan).map_or_else(|| Ok(lit(false)), |own| column(&plan, own))?;
                parts.push((Part::Computed(own), flag.to_owned()));
            }
            plans.push(self.project(relation, plan, parts, false)?);
        }
        Ok(Arc::new(Chain::new(plans, schema)))
    }

    /// Takes the values of aggregates that can be lost out of their pairs.
    fn open(&self, relation: &Relation, plan: Plan, lossy: &Needed) -> Result<Plan> {
        if lossy.is_empty() {
            return Ok(plan);
        }
        let schema = plan.schema();
        let parts = schema.fields().iter().enumerate().map(|(at, field)| {
            let part = match lossy.contains(field.name()) {
                true => Part::Opened(at),
                false => Part::Computed(Arc::new(PhysicalColumn::new(field.name(), at))),
            };
            (part, field.name().clone())
        });
        let parts = parts.collect();
        self.project(relation, plan, parts, true)
    }

    fn project(&self, input: &Relation, plan: Plan, parts: Vec<(Part, String)>, fails: bool) -> Result<Plan> {
        if fails {
            let owner = owner(input, &plan, Vec::new(), self.lost)?;
            return Ok(Arc::new(Guarded::try_new(plan, parts, owner)?));
        }
        projected(plan, parts)
    }

    fn compile(&self, expr: &Expr, plan: &Plan) -> Result<Arc<dyn PhysicalExpr>> {
        compile(self.bound(expr)?, &plan.schema())
    }

    /// Puts in what is known only now: ids of customers, and constants of the population.
    fn bound(&self, expr: &Expr) -> Result<Expr> {
        with_constants(with_ids(expr.clone(), self.leaves.ids())?, self.constants)
    }
}

/// The column of a condition that may fail, until it has filtered.
const CONDITION: &str = "condition";

/// Gives the computed columns that are needed, and what is needed below them.
fn split<'c>(computed: &'c [(Expr, Column)], needed: &Needed) -> (Vec<&'c (Expr, Column)>, Needed) {
    let wanted: Vec<&(Expr, Column)> = computed.iter().filter(|(_, column)| needed.contains(&column.id)).collect();
    let mut below = needed.clone();
    for (_, column) in computed {
        below.remove(&column.id);
    }
    below.extend(wanted.iter().flat_map(|(expr, _)| columns_of(expr)));
    (wanted, below)
}

/// Gives the columns of a plan that go on as they are.
pub(super) fn kept(plan: &Plan, is_kept: impl Fn(&str) -> bool) -> Vec<(Part, String)> {
    let schema = plan.schema();
    let columns = schema.fields().iter().enumerate().filter(|(_, field)| is_kept(field.name()));
    columns
        .map(|(at, field)| {
            let column: Arc<dyn PhysicalExpr> = Arc::new(PhysicalColumn::new(field.name(), at));
            (Part::Computed(column), field.name().clone())
        })
        .collect()
}

pub(super) fn column(plan: &Plan, id: &str) -> Result<Arc<dyn PhysicalExpr>> {
    Ok(Arc::new(PhysicalColumn::new(id, plan.schema().index_of(id)?)))
}

//! The flag of rows that belong to nobody, from step to step, and at last to the customers who meet them.

use super::{
    lower::{Plan, column, kept},
    operators::{Guarded, Lost, Owner, Part},
    relation::Relation,
    window::{Frame, WindowCall, WindowExec, WindowFunction, WindowPlan},
};
use crate::expression::Kernel;
use arrow::datatypes::DataType;
use datafusion_common::{Result, internal_err};
use datafusion_expr::Operator;
use datafusion_physical_expr::{PhysicalExpr, expressions::BinaryExpr};
use datafusion_physical_plan::projection::ProjectionExec;
use std::sync::Arc;

/// Gives the flag of a relation's rows, where its plan has one: where something that is needed may fail.
pub(super) fn flag_in<'r>(relation: &'r Relation, plan: &Plan) -> Option<&'r str> {
    let free = relation.free.as_ref()?;
    plan.schema().index_of(&free.flag).is_ok().then_some(free.flag.as_str())
}

/// Says who answers for the rows of a relation; `met` are the places of flags that came with a join.
pub(super) fn owner(relation: &Relation, plan: &Plan, met: Vec<usize>, lost: &Arc<Lost>) -> Result<Owner> {
    if let Some(free) = &relation.free {
        return Ok(Owner::Nobody { flag: free.flag.clone() });
    }
    // Only at a prompt rows are nobody's and of no reference table.
    let Some(owner) = relation.owners.first() else { return Ok(Owner::Query) };
    Ok(Owner::Customer { number: plan.schema().index_of(owner)?, met, lost: Arc::clone(lost) })
}

/// Gives a condition that rows with the flag pass too: what they would have been is not known.
pub(super) fn or_flagged(input: &Relation, truth: Arc<dyn PhysicalExpr>, plan: &Plan) -> Arc<dyn PhysicalExpr> {
    match flag_in(input, plan).and_then(|flag| column(plan, flag).ok()) {
        Some(flag) => Arc::new(BinaryExpr::new(truth, Operator::Or, flag)),
        None => truth,
    }
}

/// Passes the flags of the sides of a join on: to the customers who met such rows, or, where both sides belong to nobody, as one flag.
pub(super) fn met(
    relation: &Relation,
    (left, right): (&Relation, &Relation),
    plan: Plan,
    lost: &Arc<Lost>,
) -> Result<Plan> {
    let flags: Vec<&str> = [left, right].into_iter().filter_map(|side| flag_in(side, &plan)).collect();
    if flags.is_empty() {
        return Ok(plan);
    }
    let mut parts = kept(&plan, |id| !flags.contains(&id));
    if relation.free.is_none() {
        let met = flags.iter().map(|flag| Ok(plan.schema().index_of(flag)?)).collect::<Result<_>>()?;
        let owner = owner(relation, &plan, met, lost)?;
        return Ok(Arc::new(Guarded::try_new(plan, parts, owner)?));
    }
    let flags = flags.iter().map(|flag| column(&plan, flag)).collect::<Result<Vec<_>>>()?;
    let any = flags.into_iter().reduce(|one, other| Arc::new(BinaryExpr::new(one, Operator::Or, other)));
    let flag = relation.free.as_ref().map(|free| free.flag.clone());
    parts.extend(any.map(Part::Computed).zip(flag));
    projected(plan, parts)
}

/// Gives all rows the flag where one has it: a window looks from each at the others.
pub(super) fn all_flagged(plan: Plan, flag: &str) -> Result<Plan> {
    const ANY: &str = "any";
    let call = WindowCall {
        name: ANY.to_owned(),
        function: WindowFunction::Aggregate(Kernel::Any),
        arguments: vec![plan.schema().index_of(flag)?],
        filter: None,
        frame: Frame::whole(),
        data_type: DataType::Boolean,
    };
    let window = WindowPlan { partition: Vec::new(), order: Vec::new(), ties: Vec::new(), calls: vec![call] };
    let plan: Plan = Arc::new(WindowExec::try_new(plan, window)?);
    let mut parts = kept(&plan, |id| id != flag && id != ANY);
    parts.push((Part::Computed(column(&plan, ANY)?), flag.to_owned()));
    projected(plan, parts)
}

/// Gives columns that cannot fail.
pub(super) fn projected(plan: Plan, parts: Vec<(Part, String)>) -> Result<Plan> {
    let parts = parts.into_iter().map(|(part, id)| match part {
        Part::Computed(expr) => Ok((expr, id)),
        Part::Opened(_) => internal_err!("an aggregate that can be lost is opened under guard"),
    });
    Ok(Arc::new(ProjectionExec::try_new(parts.collect::<Result<Vec<_>>>()?, plan)?))
}

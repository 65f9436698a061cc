//! Rows in an order, and the first of them.

use super::{
    lower::{Plan, column},
    relation::Column,
};
use arrow::compute::SortOptions;
use datafusion_common::Result;
use datafusion_physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion_physical_plan::{limit::GlobalLimitExec, sorts::sort::SortExec};
use std::sync::Arc;

/// Rows that are kept in memory where only the first ones are wanted; more are sorted as all rows are, which can go to disk.
const KEPT_IN_MEMORY: usize = 10_000;

/// Sorts the rows of a plan, and passes over `skip` of them and over what comes after `fetch`.
///
/// # Errors
/// Bug only.
pub(super) fn ordered(plan: Plan, by: &[(Column, SortOptions)], skip: usize, fetch: Option<usize>) -> Result<Plan> {
    let keys = by.iter().map(|(by, options)| Ok(PhysicalSortExpr::new(column(&plan, &by.id)?, *options)));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    let wanted = fetch.map(|fetch| fetch.saturating_add(skip)).filter(|rows| (1..=KEPT_IN_MEMORY).contains(rows));
    let plan: Plan = match LexOrdering::new(keys) {
        Some(keys) => Arc::new(SortExec::new(keys, plan).with_fetch(wanted)),
        None => plan,
    };
    Ok(match (skip, fetch) {
        (0, None) => plan,
        (skip, fetch) => Arc::new(GlobalLimitExec::new(plan, skip, fetch)),
    })
}

//! From a query's text to relations: names resolved, types checked, and proved to look at one customer at a time.
//!
//! What breaks that promise is refused where it stands, with what to add. A table is of customers, and so is everything
//! that is made of tables: grouping, windows, joins and unions keep the customer, or are refused.

mod aggregate;
mod from;
mod join;
mod query;
mod select;
mod union;
mod windows;

pub(super) use aggregate::{arguments, renamed};
pub(super) use query::{Binder, Bound};

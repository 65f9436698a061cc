//! From a query's text to relations: names resolved, types checked, and proved to look at one customer at a time.
//!
//! What breaks that promise is refused where it stands, with what to add. A table is of customers, and so is everything
//! that is made of tables: grouping, windows, joins and unions keep the customer, or are refused. At a prompt nothing is promised: the
//! same steps are bound over all rows at once, and rows have an order.

mod aggregate;
mod from;
mod join;
mod order;
mod query;
mod select;
mod union;
mod windows;

pub(super) use aggregate::{arguments, renamed};
pub(super) use from::with_dots;
pub(super) use query::{Binder, Bound};

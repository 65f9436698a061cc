//! Aggregates as the engine runs them: exact, and the same in any order of rows, batches and merged states.
//!
//! - Results have the bits that the kernels of expressions give (`expression::kernels`).
//! - An aggregate that does not fit into memory is written to disk as states, sorted by group, and merged in any order:
//!   every state holds all that the result depends on.
//! - A result that can be lost is `Struct { value, lost }`.

mod answer;
mod count;
mod distinct;
mod entropy;
mod extreme;
mod floats;
mod function;
mod gathered;
mod lists;
mod rows;
#[cfg(test)]
mod tests;
mod totals;
mod truth;
mod values;
mod whole;

pub(crate) use function::{Exact, exact};

//! SQL expressions of the job file: parsed, checked against what is allowed, and evaluated.
//!
//! - Names match exactly as written; functions stand in one list, which is what a user sees too.
//! - The same rows give the same bits in any order and on any platform: sums are exact, logarithms are our own.
//! - What cannot be computed is an error of that row and never a wrong number.

mod aggregate;
mod aggregate_functions;
mod aggregate_kernels;
mod calendar;
mod casts;
mod compile;
mod error;
mod faults;
mod float_sum;
mod function_calls;
mod input;
mod literals;
mod operand;
mod operators;
mod real_functions;
mod registry;
mod rows;
mod scalar;
mod scalar_functions;
mod scope;
mod settings;
mod syntax;
mod temporal;
#[cfg(test)]
mod tests;
mod translate;
mod types;
mod value_functions;
mod zone;

pub use aggregate::{Aggregate, Aggregated, FilterCounts};
pub use error::{ExpressionError, Position};
pub use registry::{FunctionDoc, functions};
pub use rows::{RowError, RowErrorKind};
pub use scalar::Scalar;
pub use scope::Scope;
pub use settings::Settings;
pub use syntax::{names, texts, unknown_names};
pub use types::type_name;

//! SQL expressions of the job file: parsed, checked against what is allowed, and evaluated.
//!
//! - Names match exactly as written; functions stand in one list, which is what a user sees too.
//! - The same rows give the same bits in any order and on any platform: sums are exact, logarithms are our own.
//! - What cannot be computed is an error of that row and never a wrong number.

mod aggregate;
mod aggregate_arguments;
mod aggregate_functions;
pub(crate) mod aggregate_kernels;
mod calendar;
mod casts;
mod compile;
mod contact_functions;
mod decimal_functions;
mod derived;
mod error;
mod exported;
mod exposed;
mod faults;
mod float_sum;
mod function_calls;
mod input;
mod literals;
mod names;
mod operand;
mod operators;
mod over;
mod parameters;
mod population;
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
mod window_functions;
mod zone;

// What queries are built of: the same typing, kernels and treatment of rows that fail.
pub(crate) use aggregate_functions::{Kernel, find as find_aggregate};
pub(crate) use compile::compile;
#[cfg(test)]
pub(crate) use compile::value;
pub(crate) use float_sum::FloatSum;
pub(crate) use function_calls::result_name;
pub(crate) use input::{finish, in_range, prepare, result_type, seen, seen_type};
pub(crate) use names::Names;
pub(crate) use operand::{DIVIDER, Operand, unify, wider};
pub(crate) use operators::condition;
pub(crate) use over::{OverBound, OverCall, OverFrame, OverFunction};
pub(crate) use population::RANKS;
pub(crate) use rows::evaluate_rows;
pub(crate) use syntax::{near, own_name, parse_query, subquery_in_query, unknown_name};
pub(crate) use translate::{AggregateCall, Place, Translator, check_result};
pub(crate) use zone::instant_type;

pub use aggregate::Aggregate;
pub use derived::{Call, Derived, DerivedSyntax};
pub(crate) use error::position_of;
pub use error::{ExpressionError, Position};
pub use exported::{ExportSyntax, recommendation_column};
pub use exposed::{Exposed, ExposedByQuery, exposed, exposed_by_query};
pub use population::PopulationFunction;
pub use registry::{FunctionDoc, functions};
pub use rows::{RowError, RowErrorKind};
pub use scalar::Scalar;
pub use scope::Scope;
pub use settings::Settings;
pub use syntax::{QueryNames, names, query_names, texts, unknown_names};
pub use types::type_name;

//! The scalar functions, by what they work on.

mod calls;
mod choice;
mod number;
mod parameters;
mod personal;
mod text;
mod time;

use super::registry::ScalarFunction;

/// All scalar functions.
pub(super) static ALL: &[&[ScalarFunction]] = &[
    choice::FUNCTIONS,
    number::FUNCTIONS,
    parameters::FUNCTIONS,
    personal::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

//! The scalar functions, by what they work on.

mod calls;
mod choice;
mod contact;
mod number;
mod parameters;
mod personal;
mod text;
mod time;

pub(super) use contact::CONTACTS;

use super::registry::ScalarFunction;

/// All scalar functions.
pub(super) static ALL: &[&[ScalarFunction]] = &[
    choice::FUNCTIONS,
    contact::FUNCTIONS,
    number::FUNCTIONS,
    parameters::FUNCTIONS,
    personal::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

//! What the contract promises about expressions.

mod aggregates;
mod exported;
mod functions;
mod hints;
mod meaning;
mod population;
mod refusals;
mod rows;
mod statistics;
mod tables;
mod times;

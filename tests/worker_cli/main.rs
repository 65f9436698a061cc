//! What a person sees of `segmenter-worker`: help, refusals, exit codes and signals of the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod help;
mod program;
mod refusals;
mod waiting;

//! Kills, changes and bad weather: what a run survives, and with which promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod bad_weather;
mod changed_input;
mod conditional_writes;
mod kills;
mod signals;
mod two_coordinators;

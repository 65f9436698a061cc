//! What people type and read: commands, exit codes and messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod bad_data;
mod bad_jobs;
mod bad_places;
mod commands;
mod docs;
mod folders;
mod hints;
mod hints_of_inputs;
mod hints_of_privacy;
mod hints_of_stores;
mod init;
mod sql_mistakes;
mod streams;
mod terminal;

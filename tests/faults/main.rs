//! Kills, changes and bad weather: what a run survives, and with which promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod bad_weather;
mod cache;
mod canaries;
mod changed_input;
mod conditional_writes;
mod coordinators;
mod damage;
mod durable;
mod forget;
mod full_disk;
mod gc;
mod hanging;
mod keys;
mod kills;
mod listeners;
mod messages;
mod metrics;
mod partition_of_network;
mod security;
mod signals;
mod store;
mod strangers;
mod two_coordinators;
mod workers;

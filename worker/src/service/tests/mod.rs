//! The worker's life against a coordinator and an engine of the tests, over real connections.

mod coming;
mod fake_coordinator;
mod fake_engines;
mod fencing;
mod leaving;
mod tasks;
mod world;

//! The documentation: what is generated is what the program says, commands run, links lead somewhere.

mod commands;
mod generated;
mod job_file;
mod links;
mod metrics;
mod outputs;
mod pages;

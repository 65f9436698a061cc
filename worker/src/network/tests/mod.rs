//! Real servers and clients on loopback: who comes in, and what the others are told.

mod authority;
mod certificates;
mod files;
mod service;
mod tokens;

//! A run that is watched while it goes on: its page, and `/status.json` for programs.

mod server;

pub use server::serve;

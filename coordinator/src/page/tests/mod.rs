//! Pages of runs that are made up: what stands on them, what does not, and that browsers, readers and printers can take them.

mod contents;
mod fixture;
mod hostile;
#[path = "../../../../tests/harness/html.rs"]
mod html;
mod language;

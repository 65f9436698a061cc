//! What both programs do alike around their work: resources, sizes and durations as typed, logs, errors and panics as read.

mod allocator;
mod budget;
mod duration;
mod errors;
mod limits;
mod logging;
mod memory;
mod panics;
mod resources;
mod size;

pub use allocator::{give_back, install as install_allocator, keep_freed};
pub use budget::DataBudget;
pub use duration::{format_duration, parse_duration};
pub use errors::{REPORT_IT, colour, for_people, for_programs, json_line, printable, report, say};
pub use limits::survive_file_limits;
pub use logging::install as install_logging;
pub use panics::install as install_panics;
pub use resources::{Machine, ResourceArguments, Resources};
pub use size::parse_size;

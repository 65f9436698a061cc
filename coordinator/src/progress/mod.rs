//! What a run says while it works: a bar a stage on a terminal, else a JSON line an event, on stderr.

mod format;
mod live;
mod reporter;
mod sink;
mod stage;
mod throttle;

pub use format::{bytes_for_people, grouped};
pub use live::Live;
pub use reporter::{Reporter, Style};
pub use stage::{Progress, StageProgress, StageTotals};

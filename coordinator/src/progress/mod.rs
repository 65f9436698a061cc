//! What a run says while it works: a bar a stage on a terminal, else a JSON line an event, on stderr.

mod crew;
mod format;
mod live;
mod reporter;
mod sink;
mod stage;
mod throttle;

pub use crew::{Crew, Hand, Presence};
pub use format::{bytes_for_people, grouped};
pub use live::{Live, RoundsOfStage};
pub use reporter::{Loudness, Reporter, Style};
pub use stage::{Progress, StageProgress, StageTotals, took};

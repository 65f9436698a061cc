//! OpenLineage: which data a run read and wrote, for catalogues. Told when a run is taken on and when it ends, in `lineage.jsonl` of the
//! run's folder and to `OPENLINEAGE_URL`; that it cannot be told is warned of, and changes nothing else.

mod emitter;
mod event;
mod facets;
mod file;
mod names;
mod run_id;
mod settings;
mod written;

pub use emitter::{LINEAGE_LIMIT, Lineage};
pub use event::Ended;
pub use settings::{LineageSettings, Parent};
pub use written::Written;

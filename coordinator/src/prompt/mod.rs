//! Questions to a committed run: its tables, its sources as they are now, and answers as people and programs read them.

mod channels;
mod listing;
mod output;
mod personal;
mod run_tables;
mod sources;
mod text;

pub use channels::{channels, reach_feature, reach_query};
pub use listing::{listing, listing_schema};
pub use output::{Answer, AnswerFormat, Target};
pub(crate) use output::{Cells, NdjsonColumns, csv_line};
pub use personal::personal_columns;
pub use run_tables::{RunTable, run_tables};
pub use sources::{PREFIX, differences, open_source};
pub use text::in_text;

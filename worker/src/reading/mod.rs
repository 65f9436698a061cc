//! Reads sources: finds and pins their files, cuts them into pieces, and decodes the columns that a job uses.
//!
//! - A pinned file is read only while it is what it was when it was pinned; a change stops the run.
//! - No type is guessed: text stays text unless the job declares a type.
//! - A bad cell or row never stops a reader; it is reported with its row number. A bad file does.
//! - Memory is bounded by the batch (text) or the row group (Parquet), never by the file.

mod agreement;
mod cells;
mod compression;
mod content;
mod content_hash;
mod converted;
mod csv;
mod csv_record;
mod encodings;
mod facts;
mod glance;
mod header;
mod inputs;
mod json_object;
mod late_keys;
mod layout;
mod ndjson;
mod nested;
mod object;
mod parameters;
mod parquet;
mod parquet_decoder;
mod parquet_types;
mod pieces;
mod pinned;
mod pruning;
mod reader;
mod rows;
mod spec;
mod text;
mod widening;
mod window;

pub use agreement::{Agreement, LackingColumn, agreement};
pub use content_hash::content_hash;
pub use encodings::{KNOWN_ENCODINGS, encoding_name};
pub use facts::{FileFacts, RowGroupFacts, inspect};
pub use glance::{Glance, glance};
pub use inputs::{InputOptions, Listing, Skipped, list_inputs};
pub use late_keys::late_keys;
pub use pieces::{Piece, pieces};
pub use pinned::{Compression, PinnedFile};
pub use reader::{PieceReader, read};
pub use rows::{BrokenRow, CellError, NotText, RowNumbers, Rows};
pub use spec::ReadSpec;

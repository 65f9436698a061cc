//! The one partition: all rows of a customer, from every source, land in the shard of its id, typed and cleaned on the way.

mod amounts;
mod chunk_writer;
mod chunks;
mod cleaned;
mod columns;
mod currencies;
mod fates;
mod identifiers;
mod odd_ids;
mod oddities;
mod order_owners;
mod places;
mod requests;
mod row_checks;
mod scatter;
mod spill;
mod strictness;
mod subsidiaries;
mod task;
mod trimmed_ids;

pub use amounts::{divide_half_away, to_money};
pub use chunk_writer::ChunkWriter;
pub use chunks::{ChunkReader, STORED_ROWS, StoredRows, chunks_object, decode_chunk, task_of_chunks};
pub use cleaned::{CleanedSource, LeftOut};
pub use columns::{SourceColumns, source_schema};
pub(crate) use currencies::told_code;
pub use fates::{JudgedBatch, RejectedRow, decide};
pub use identifiers::canonical_ids;
pub use order_owners::{ORDER_OWNERS, count_owners, is_order_owners};
pub use places::RowPlaces;
pub use requests::{Request, requests};
pub use scatter::{ReadyChunk, Scatter};
pub use strictness::Strictness;
pub use subsidiaries::{SUBSIDIARIES, tells_subsidiaries};
pub use task::{PartitionContext, QUARANTINE, batch_rows, compile_source, partition};
pub use trimmed_ids::TRIMMED_IDS;

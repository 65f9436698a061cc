//! `lineage.jsonl`: the events of a run, a line each, in its folder. No commit lists it: it has clocks, begins before the commit and ends
//! behind it, and each program that took the run on adds its lines.

use crate::protocol::LINEAGE;
use segmenter_proto::{Result, object_keys::RunKeys};
use segmenter_worker::storage::Folder;
use serde_json::Value;

/// Adds events to the file of a run.
pub(super) async fn append(output: &Folder, job: &str, run: &str, events: &[Value]) -> Result<()> {
    let key = RunKeys::new(job, run).result(LINEAGE);
    // No store appends, and the file is small.
    let mut text = output.get(&key).await?.map(|bytes| bytes.to_vec()).unwrap_or_default();
    for event in events {
        text.extend_from_slice(event.to_string().as_bytes());
        text.push(b'\n');
    }
    output.put(&key, text).await
}

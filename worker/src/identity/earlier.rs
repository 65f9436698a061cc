//! Who was a person in an earlier run.

use super::{
    emit::Emit,
    node::node_of,
    pairs::send,
    rows::{EARLIER, Nodes},
};
use arrow::array::StringArray;
use segmenter_proto::Result;

/// Sends the ids of persons on.
///
/// # Errors
/// The work folder or scratch fails.
pub fn earlier(ids: &StringArray, emit: &mut Emit) -> Result<()> {
    let mut rows: Nodes<1> = Nodes::default();
    ids.iter().flatten().for_each(|id| rows.push([node_of(id)]));
    send(emit, EARLIER, &rows)
}

//! Ids as numbers of one size, so that links can be counted, sorted and sent.

use sha2::{Digest, Sha256};

/// An id: the first 128 bits of the SHA-256 of its text.
///
/// Of ten billion ids two share theirs once in 10¹⁹ times, and nobody can make two that do, as could be done with a faster hash by whoever
/// chooses ids; where the texts of two ids of one node meet, the run stops.
pub type Node = u128;

/// Gives the node of an id.
pub fn node_of(id: &str) -> Node {
    let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
    digest[..16].iter().fold(0, |node, byte| node << 8 | Node::from(*byte))
}

/// Gives the shard of a node.
pub fn shard_of_node(node: Node, shards: u32) -> u32 {
    (((node >> 64) * u128::from(shards)) >> 64) as u32
}

//! Bisecting k-means (Steinbach, Karypis and Kumar 2000, "A comparison of document clustering techniques"): the group of the largest
//! inertia is split in two, again and again, so that groups are nested.
//!
//! The coordinator drives [`BisectingFit`] over all shards, which answer with a [`LeafRows`] or, for the root, the whole matrix
//! ([`answer_leaf`]); [`assign_leaves`] writes the result. Rows find their leaf by going down the tree in exact integers.

mod assign;
mod evidence;
mod fit;
#[cfg(test)]
mod fit_tests;
mod model;
mod shard;
mod tree;

pub use assign::assign_leaves;
pub use evidence::{BisectingEvidence, bisecting_evidence};
pub use fit::{BisectingFit, BisectingRequest};
pub use model::model_of;
pub use shard::{LeafRows, Nodes, answer_leaf, merge_bisecting_answers};
pub use tree::{Node, SplitDone, Tree};

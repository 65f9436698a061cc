//! What is found on the sample, in memory: starts, the number of clusters, and the evidence for it.

pub(super) mod choice;
mod decision;
pub(super) mod evidence;
pub(super) mod gap;
pub(super) mod lloyd;
pub(super) mod part;
pub(super) mod restarts;
pub(super) mod stability;

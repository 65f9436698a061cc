//! Rows on the grid: what their columns are, where they lie, the centroids beside them, and the sample of them.

pub(super) mod centroids;
pub(super) mod layout;
pub(super) mod matrix;
pub(super) mod pack;
pub(super) mod sample;
pub(super) mod stored;

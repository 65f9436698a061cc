//! How customers are divided: transforms, clusters, scores.

pub mod bisecting;
pub mod kmeans;
pub mod mixture;
pub mod rfm;
pub mod transform;

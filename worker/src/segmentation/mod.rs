//! How customers are divided: transforms, clusters, scores.

pub mod kmeans;
pub mod rfm;
pub mod transform;

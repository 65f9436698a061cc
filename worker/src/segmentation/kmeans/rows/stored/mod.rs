//! Where rows lie while a fit goes through them: in memory, or in a file of the scratch folder that is mapped to memory.

mod ids;
mod map;
mod tiles;

pub use ids::Ids;
pub(in crate::segmentation::kmeans) use tiles::Tiles;

#[cfg(test)]
mod tests;

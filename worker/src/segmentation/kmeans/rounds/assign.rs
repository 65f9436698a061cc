//! The final assignment of a shard's rows by a model.

use segmenter_proto::{
    Error, Result,
    methods::{KmeansModel, distance_of, margin_of},
};

use crate::segmentation::kmeans::{
    kernel::{Instructions, NearestTwo, Points},
    rows::{
        centroids::Centroids,
        matrix::{LANES, Matrix},
    },
};

/// Where one row belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowAssignment {
    /// Index into [`KmeansModel::clusters`].
    pub cluster: u32,
    /// Euclidean distance to the centroid, in scaled space.
    pub distance: f32,
    /// (d2 − d1) / d2.
    pub margin: f32,
}

/// Assigns every row of a matrix made by the model's own features; equals [`KmeansModel::assign`] row by row.
pub fn assign_rows(model: &KmeansModel, matrix: &Matrix) -> Result<Vec<RowAssignment>> {
    let order = model.by_tie_rank();
    let units = order.iter().flat_map(|cluster| model.clusters[*cluster].centroid_units.iter().copied()).collect();
    let centroids = Centroids::new(matrix.dimensions(), units)?;
    if centroids.count() != model.clusters.len() {
        return Err(Error::bug("a model does not fit the matrix of its own features"));
    }
    let (points, by) = (Points::of(matrix.layout(), &centroids), Instructions::best());
    let mut assignments = Vec::with_capacity(matrix.rows());
    for tile in 0..matrix.tiles() {
        let nearest = NearestTwo::among(&points, matrix, tile, by);
        assignments.extend((0..LANES.min(matrix.rows_of_tile(tile))).map(|lane| {
            let second = Some(nearest.second[lane]).filter(|second| *second != u64::MAX);
            RowAssignment {
                cluster: order[usize::from(nearest.labels[lane])] as u32,
                distance: distance_of(nearest.first[lane]),
                margin: margin_of(nearest.first[lane], second),
            }
        }));
    }
    Ok(assignments)
}

//! The final assignment of a shard's rows by a model.

use std::collections::BTreeMap;

use segmenter_proto::{
    Error, Result,
    methods::{BisectingModel, distance_of, margin_of},
};

use super::super::kmeans::{Centroids, Matrix, RowAssignment, visit_nearest};

/// Assigns every row of a matrix made by the model's own features, as an index into [`BisectingModel::leaves`]; equals
/// [`BisectingModel::assign`] row by row.
///
/// # Errors
/// On a tree with a path that leads nowhere: Bug.
pub fn assign_leaves(model: &BisectingModel, matrix: &Matrix) -> Result<Vec<RowAssignment>> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::from([("1", 0)]);
    for side in model.splits.iter().flat_map(|split| &split.sides) {
        let next = numbers.len();
        numbers.insert(&side.path, next);
    }
    let number = |path: &str| numbers.get(path).copied().ok_or_else(|| nowhere(path));
    let mut nodes = vec![0; matrix.rows()];
    let mut margins = vec![1.0_f32; matrix.rows()];
    for split in &model.splits {
        let node = number(&split.path)?;
        let [first, second] = &split.sides;
        let sides = [number(&first.path)?, number(&second.path)?];
        let units = [first.centroid_units.as_slice(), second.centroid_units.as_slice()].concat();
        let centroids = Centroids::new(matrix.dimensions(), units)?;
        let known = nodes.clone();
        visit_nearest(
            matrix,
            &centroids,
            |rows| known[rows].contains(&node),
            |row, near| {
                if known[row] == node {
                    nodes[row] = sides[near.cluster];
                    margins[row] = margins[row].min(margin_of(near.first, near.second));
                }
            },
        );
    }
    let mut assigned = vec![RowAssignment { cluster: 0, distance: 0.0, margin: 1.0 }; matrix.rows()];
    let mut found = 0;
    for (cluster, leaf) in (0..).zip(&model.leaves) {
        let node = number(&leaf.path)?;
        let centroid = Centroids::new(matrix.dimensions(), leaf.centroid_units.clone())?;
        visit_nearest(
            matrix,
            &centroid,
            |rows| nodes[rows].contains(&node),
            |row, near| {
                if nodes[row] == node {
                    assigned[row] = RowAssignment { cluster, distance: distance_of(near.first), margin: margins[row] };
                    found += 1;
                }
            },
        );
    }
    match found == matrix.rows() {
        true => Ok(assigned),
        false => Err(nowhere("of every row")),
    }
}

fn nowhere(path: &str) -> Error {
    Error::bug(format!("a tree of clusters has no node or leaf {path}"))
}

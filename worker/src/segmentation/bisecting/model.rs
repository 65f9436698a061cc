//! From a grown tree to what `model.json` says.

use segmenter_proto::{
    methods::{BisectingModel, LeafModel, LeafStop, SplitModel, SplitSide, centroid_values},
    models::{FeatureModel, GRID},
};

use super::{fit::rms_distance, tree::Tree};

/// Gives the model of a tree.
pub fn model_of(segmentation: &str, features: Vec<FeatureModel>, tree: &Tree) -> BisectingModel {
    let nodes = tree.nodes();
    let splits = tree.splits().iter().enumerate().map(|(position, split)| {
        let side = |side: usize| SplitSide {
            path: tree.sides(position)[side].path.clone(),
            centroid_units: split.centroids.get(side).to_vec(),
        };
        SplitModel { path: nodes[split.node].path.clone(), sides: [side(0), side(1)] }
    });
    let splits = splits.collect();
    let leaves = tree.leaves().into_iter().map(|leaf| &nodes[leaf]);
    let (leaves, smallest_ids) = leaves
        .map(|leaf| {
            let scaled: Vec<f64> = leaf.mean.iter().map(|unit| f64::from(*unit) / GRID).collect();
            let model = LeafModel {
                key: String::new(),
                name: String::new(),
                path: leaf.path.clone(),
                parent: leaf.path.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
                stopped: leaf.stop.unwrap_or(LeafStop::EnoughLeaves),
                customers: leaf.rows,
                centroid_units: leaf.mean.clone(),
                centroid_scaled: scaled,
                centroid_original: centroid_values(&features, &leaf.mean),
                rms_distance: rms_distance(leaf.inertia, leaf.rows),
            };
            (model, leaf.smallest_id.clone())
        })
        .unzip();
    let leaves = BisectingModel::key_leaves(leaves, smallest_ids);
    let next_key = leaves.len() as u32 + 1;
    BisectingModel { segmentation: segmentation.to_owned(), filter: None, features, splits, leaves, next_key }
}

//! What all methods of clusters begin with: the way of the features to the grid, the shards' matrices, and a sample of them.

use super::{Fit, features::find_features, fit::unexpected};
use segmenter_proto::{
    Error, Result,
    models::FeatureModel,
    v1::{MatrixStatistics, PackTask, fit_answer, fit_task},
};
use segmenter_worker::segmentation::kmeans::{Layout, SampleRow, layout_of, sample_rows, sample_size};
use serde_json::{Value, json};

/// What building the matrices gave.
pub struct Packed {
    /// The ways of the features to the grid.
    pub features: Vec<FeatureModel>,
    /// The columns of the matrices.
    pub layout: Layout,
    /// A sample of the rows, in order of hash.
    pub sample: Vec<SampleRow>,
    /// What was counted on the way.
    pub counted: MatrixStatistics,
    /// How a worker that lacks a shard's matrix builds it.
    pub task: PackTask,
}

/// Decides the transforms, builds the matrices and draws the sample, of the columns that the method says.
pub async fn pack(fit: &Fit<'_>) -> Result<Packed> {
    let space = fit.method.spec().space().ok_or_else(|| Error::bug("a method without a space is to be packed"))?;
    let mut features = find_features(fit, space).await?;
    let layout = layout_of(&features)?;
    let size = sample_size(layout.columns());
    let transforms = serde_json::to_string(&features)
        .map_err(|error| Error::bug("transforms could not be written").caused_by(error))?;
    let task = PackTask { features: transforms, sample: size as u32 };
    let answer = fit.round(&space.features, None, fit_task::Round::Pack(task.clone())).await?;
    let fit_answer::Round::Pack(answer) = answer else { return Err(unexpected()) };
    let counted = answer.statistics.unwrap_or_default();
    let share = |count: u64| if counted.rows == 0 { 0.0 } else { count as f64 / counted.rows as f64 };
    for ((feature, clipped), cut) in features.iter_mut().zip(&counted.clipped).zip(&counted.cut) {
        if let FeatureModel::Number(feature) = feature {
            (feature.clipped_share, feature.cut_share) = (share(*clipped), share(*cut));
        }
    }
    let sample = sample_rows(answer.sample.unwrap_or_default(), layout.columns())?;
    Ok(Packed { features, layout, sample, counted, task })
}

/// Share of customers beyond ±8 from which on a feature is warned of.
const CLIPPED: f64 = 0.01;

/// Warns of features that do not tell customers apart as they should.
pub fn doubtful(features: &[FeatureModel]) -> impl Iterator<Item = String> {
    features.iter().filter_map(|feature| {
        let name = feature.name();
        match feature {
            FeatureModel::Category(_) if feature.is_constant() => {
                Some(format!("feature {name} has no two values that are frequent enough to tell customers apart"))
            }
            FeatureModel::Number(_) if feature.is_constant() => {
                Some(format!("feature {name} has one value only and does not tell customers apart"))
            }
            FeatureModel::Number(number) if number.clipped_share > CLIPPED => Some(format!(
                "feature {name}: {:.1} % of the customers lie beyond 8 units after scaling and count as 8; scale it, or transform it",
                number.clipped_share * 100.0
            )),
            _ => None,
        }
    })
}

/// Says how many rounds over all shards there were, and the bytes to and from other processes since `before`.
pub fn rounds_since(fit: &Fit<'_>, before: (u64, u64), count: u64) -> Value {
    let after = fit.shards.traffic();
    json!({
        "count": count,
        "sent_bytes": after.0.saturating_sub(before.0),
        "received_bytes": after.1.saturating_sub(before.1),
    })
}

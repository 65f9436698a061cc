//! Names and types of a frame, known before any data is seen.

use crate::{features::FeaturePlan, spec::RunSpec};
use arrow::datatypes::{DataType, Field, Schema};
use segmenter_proto::{jobs::Job, methods::Method};

/// What a segmentation adds to the frame and what expressions of each may use.
#[derive(Debug)]
pub struct FrameSchema {
    /// In scope of each segmentation, in the order of the job: features, constants, scores, and keys of those above it.
    pub scopes: Vec<Schema>,
    /// The columns of `features/` behind the id: features and scores.
    pub features: Vec<Field>,
    /// In scope of what looks at the whole frame: as of a segmentation below all others.
    pub whole: Schema,
}

impl FrameSchema {
    /// Gives the schema of a run's frames.
    pub fn of(spec: &RunSpec, plan: &FeaturePlan) -> Self {
        let mut features: Vec<Field> = plan.shown().cloned().collect();
        // Constants of the population stand in frames, and in no result; nor do columns that are shown blunted alone.
        let mut fields = plan.features().to_vec();
        fields.extend(plan.constants().fields());
        let mut scopes = Vec::new();
        for (at, segmentation) in spec.job.segmentations.iter().enumerate() {
            scopes.push(Schema::new(fields.clone()));
            if let Method::Rfm(_) = segmentation.method {
                let scores = score_names(&spec.job, at).map(|name| Field::new(name, DataType::Int8, true));
                fields.extend(scores.iter().cloned());
                features.extend(scores);
            }
            fields.push(Field::new(&segmentation.name, DataType::Utf8, false));
        }
        Self { scopes, features, whole: Schema::new(fields) }
    }
}

/// Gives the names of the r, f and m scores of an rfm segmentation: plain for the first of the job, with the name of
/// the segmentation for others.
pub fn score_names(job: &Job, segmentation: usize) -> [String; 3] {
    let is_rfm = |segmentation: &&segmenter_proto::jobs::Segmentation| matches!(segmentation.method, Method::Rfm(_));
    let first = !job.segmentations.iter().take(segmentation).any(|above| is_rfm(&above));
    let suffix = match job.segmentations.get(segmentation) {
        Some(own) if !first => format!("_{}", own.name),
        _ => String::new(),
    };
    ["r_score", "f_score", "m_score"].map(|name| format!("{name}{suffix}"))
}

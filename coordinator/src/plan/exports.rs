//! Checks exports against the features and columns that the run will have.

use super::offline::at;
use crate::checks::JobError;
use crate::job::JobFile;
use segmenter_worker::{
    export::{CompiledExport, export_scope},
    features::FeaturePlan,
    spec::RunSpec,
};

/// Gives what is wrong with exports, each at its place: the first thing of each.
pub fn check_exports(file: &JobFile, spec: &RunSpec, plan: &FeaturePlan) -> Vec<JobError> {
    if spec.job.exports.is_empty() {
        return Vec::new();
    }
    let scope = export_scope(spec, plan);
    let exports = spec.job.exports.iter().enumerate();
    let unfit = exports.filter_map(|(number, export)| {
        let (key, error) = CompiledExport::compile(export, &scope, spec).err()?;
        Some(at(file, &format!("export[{number}].{key}"), error.into()))
    });
    unfit.collect()
}

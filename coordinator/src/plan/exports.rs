//! Checks exports against the features and columns that the run will have.

use super::offline::at;
use crate::checks::JobError;
use crate::job::JobFile;
use segmenter_proto::jobs::Export;
use segmenter_worker::{
    export::{CompiledExport, export_scope},
    features::FeaturePlan,
    spec::RunSpec,
};

/// Gives what is wrong with exports, each at its place.
pub fn check_exports(file: &JobFile, spec: &RunSpec, plan: &FeaturePlan) -> Vec<JobError> {
    if spec.job.exports.is_empty() {
        return Vec::new();
    }
    let scope = export_scope(spec, plan);
    let mut errors = Vec::new();
    for (number, export) in spec.job.exports.iter().enumerate() {
        for part in parts(export, spec.job.unit.key()) {
            if let Err((key, error)) = CompiledExport::compile(&part, &scope, spec) {
                errors.push(at(file, &format!("export[{number}].{key}"), error.into()));
            }
        }
    }
    errors
}

/// Gives exports of one expression each, so that what is wrong with one hides no other; `id` fits always.
fn parts(export: &Export, id: &str) -> Vec<Export> {
    let bare = Export { filter: None, key: id.to_owned(), columns: Vec::new(), ..export.clone() };
    let mut parts = vec![
        Export { filter: export.filter.clone(), ..bare.clone() },
        Export { key: export.key.clone(), ..bare.clone() },
    ];
    parts.extend(export.columns.iter().map(|column| Export { columns: vec![column.clone()], ..bare.clone() }));
    parts
}

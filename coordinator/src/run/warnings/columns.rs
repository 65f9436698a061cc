//! Columns that some files of a source lack.

use super::warning::Warning;
use crate::plan::SourceInputs;
use segmenter_worker::{notes::Subject, spec::SourceRole};

/// Warns of columns that are null since some files lack them.
pub fn lacking_columns(inputs: &[SourceInputs]) -> Vec<Warning> {
    let of_source = |inputs: &SourceInputs| {
        let subject = match inputs.role {
            SourceRole::Exclusion => Subject::ExcludeList,
            _ => Subject::Source(inputs.source.name.clone()),
        };
        inputs.lacking_columns().map(|text| Warning::of(subject.clone(), text)).collect::<Vec<_>>()
    };
    inputs.iter().flat_map(of_source).collect()
}

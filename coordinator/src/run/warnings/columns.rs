//! Columns that some files of a source lack, and files that are no part of it for their names.

use crate::plan::SourceInputs;
use crate::warning::Warning;
use segmenter_worker::{
    notes::{Subject, grouped},
    spec::SourceRole,
};

/// Warns of columns that are null since some files lack them.
pub fn lacking_columns(inputs: &[SourceInputs]) -> Vec<Warning> {
    let of_source = |inputs: &SourceInputs| {
        let warnings = inputs.lacking_columns().map(|text| Warning::of(subject(inputs), text));
        warnings.collect::<Vec<_>>()
    };
    inputs.iter().flat_map(of_source).collect()
}

/// Warns of files that are skipped for their names.
pub fn skipped_files(inputs: &[SourceInputs]) -> Vec<Warning> {
    let of_source = |inputs: &SourceInputs| {
        let first = inputs.skipped.first.as_ref()?;
        let files = match inputs.skipped.files {
            1 => format!("1 file is skipped, since its name starts with _ or .: {first}"),
            files => {
                format!(
                    "{} files are skipped, since their names start with _ or ., such as {first}",
                    grouped(files as u64)
                )
            }
        };
        Some(Warning::of(subject(inputs), format!("{files}; what holds rows is read under another name")))
    };
    inputs.iter().filter_map(of_source).collect()
}

fn subject(inputs: &SourceInputs) -> Subject {
    match inputs.role {
        SourceRole::Exclusion => Subject::ExcludeList,
        _ => Subject::Source(inputs.source.name.clone()),
    }
}

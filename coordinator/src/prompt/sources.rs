//! The sources of a job as tables: as their files are now, with what a run read of them beside.

use crate::{
    job::JobFile,
    plan::{SourceInputs, source_of},
    protocol::PinnedInput,
};
use segmenter_proto::{Result, jobs::OWN_ID};
use segmenter_worker::{
    expression::Settings,
    partition::source_schema,
    reading::{Piece, pieces},
    spec::{KeptColumn, SourceSpec},
    storage::Storage,
};
use std::collections::BTreeMap;

/// What stands in front of a source's name in a query.
pub const PREFIX: &str = "source.";

/// Finds the files of a source of a job, by its position, and compiles all the names that it maps.
///
/// # Errors
/// The source has no files, or its expressions do not fit them; see [`crate::plan::prepare`].
pub async fn open_source(file: &JobFile, number: usize, storage: &Storage) -> Result<(SourceInputs, SourceSpec)> {
    let (inputs, spec) = source_of(file, number, storage).await?;
    let settings = Settings::of(&file.job)?;
    // The id that rows are weighed by is nothing that the job maps.
    let mapped = spec.source.columns.iter().filter(|column| column.name != OWN_ID);
    let names: Vec<String> = mapped.map(|column| column.name.clone()).collect();
    let schema = source_schema(&spec.source, &names, inputs.schema.as_ref(), &settings)?;
    Ok((inputs, SourceSpec { kept: KeptColumn::of(&schema), ..spec }))
}

impl SourceInputs {
    /// Cuts the files into pieces, in their order.
    pub fn pieces(&self) -> Vec<Piece> {
        self.files.iter().flat_map(|(file, facts)| pieces(file, facts)).collect()
    }
}

/// Says in what the files of a source are not those that a run read; none where they are.
pub fn differences(inputs: &SourceInputs, read: &[PinnedInput]) -> Option<String> {
    let name = &inputs.source.name;
    let mut known: BTreeMap<&str, &PinnedInput> = BTreeMap::new();
    known.extend(read.iter().filter(|input| input.source == *name).map(|input| (input.uri.as_str(), input)));
    let (mut changed, mut new) = (0, 0);
    for (file, _) in &inputs.files {
        match known.remove(file.uri.as_str()) {
            None => new += 1,
            Some(then) => changed += usize::from(then.bytes != file.size || then.etag != file.etag),
        }
    }
    let counts = [(changed, "changed"), (new, "new"), (known.len(), "gone")];
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} file{} {what}", if *count == 1 { "" } else { "s" }))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

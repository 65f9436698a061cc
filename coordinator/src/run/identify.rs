//! Which run a job and its inputs make.

use crate::{
    course::KnownInput,
    plan::Prepared,
    protocol::{Identity, ObjectFolder, PinnedInput, choose_run, previous_run},
};
use segmenter_proto::{Result, jobs::Job};

/// A run's name, and the run before it.
#[derive(Debug, Clone)]
pub struct Identified {
    /// The run's id.
    pub run: String,
    /// The run that it is compared with: what would be chosen now, and once the run is begun what was.
    pub previous: Option<String>,
}

/// Gives the inputs of a prepared run as they are told, sorted.
pub fn pinned_inputs(prepared: &Prepared) -> Vec<PinnedInput> {
    let files = prepared
        .inputs
        .iter()
        .flat_map(|of_source| of_source.files.iter().map(|(file, _)| (&of_source.source.name, file)));
    let pinned = files.map(|(source, file)| PinnedInput {
        source: source.clone(),
        uri: file.uri.clone(),
        bytes: file.size,
        etag: file.etag.clone(),
        version: file.version.clone(),
        sha256: file.sha256.clone(),
    });
    let mut inputs: Vec<PinnedInput> = pinned.collect();
    inputs.sort();
    inputs
}

/// Gives the sources of a prepared run as others are told of them.
pub fn known_inputs(prepared: &Prepared) -> Vec<KnownInput> {
    let pinned = pinned_inputs(prepared);
    let told = prepared.inputs.iter().map(|of_source| {
        let source = &of_source.source;
        let files = pinned.iter().filter(|file| file.source == source.name);
        let columns = of_source.schema.fields().iter();
        let columns = columns.map(|field| (field.name().clone(), field.data_type().to_string())).collect();
        KnownInput::of(&source.name, &source.uri, files, columns)
    });
    told.collect()
}

/// Finds the name of a prepared run; of a score, `model` is the checksum of its model.
///
/// # Errors
/// When the store fails.
pub async fn identify<F: ObjectFolder>(
    folder: &F,
    job: &Job,
    prepared: &Prepared,
    model: Option<&str>,
    new_run: bool,
) -> Result<Identified> {
    let previous = previous_run(folder, job).await?;
    let identity = Identity::new(job, &pinned_inputs(prepared), model)?;
    let run = choose_run(folder, &identity, new_run).await?;
    Ok(Identified { run, previous })
}

//! One source of a job, without the others.

use super::{
    inputs::SourceInputs,
    prepare::{Wrong, refuse, source_spec, sources},
};
use crate::job::JobFile;
use segmenter_proto::{Error, Result};
use segmenter_worker::{expression::Settings, spec::SourceSpec, storage::Storage};

/// Finds the files of a source, by its position in the job, and compiles its expressions.
///
/// # Errors
/// See [`super::prepare`].
pub async fn source_of(file: &JobFile, number: usize, storage: &Storage) -> Result<(SourceInputs, SourceSpec)> {
    let job = &file.job;
    let found = sources(job).into_iter().nth(number);
    let (source, role) = found.ok_or_else(|| Error::bug(format!("the job has no source {number}")))?;
    let inputs = SourceInputs::find(storage, &source, role, job).await?;
    let settings = Settings::of(job)?;
    match source_spec(file, job, number, &inputs, &settings) {
        Ok(spec) => Ok((inputs, spec)),
        Err(Wrong::Other(error)) => Err(error),
        Err(Wrong::Job(errors)) => {
            refuse(file, errors)?;
            Err(Error::bug("a source with errors was not refused"))
        }
    }
}

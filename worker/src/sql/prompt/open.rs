//! Opens the tables of a run.

use super::tables::PromptRows;
use crate::{
    reading::{Compression, PinnedFile, inspect},
    storage::{Folder, Location, ObjectInfo, Storage},
};
use arrow::datatypes::Schema;
use segmenter_proto::{
    Error, Result,
    jobs::{CsvOptions, FileFormat},
};
use std::sync::Arc;

/// A file of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFile {
    /// What the store says of it; its key is relative to the folder.
    pub object: ObjectInfo,
    /// A column that has one value in all rows of the file, and stands in front of its own.
    pub constant: Option<(String, String)>,
}

/// Opens a table of Parquet files that have the same columns.
///
/// # Errors
/// There is no file, or the first one is damaged: Data. The store fails: Dependency.
pub async fn open_files(storage: &Storage, folder: &Folder, files: &[RunFile]) -> Result<PromptRows> {
    let pinned = files.iter().map(|file| pinned(folder, file)).collect::<Result<Vec<_>>>()?;
    let first = pinned.first().ok_or_else(|| Error::bug("a table has no file"))?;
    let facts = inspect(storage, first, &CsvOptions::default(), &[]).await?;
    let is_constant = |name: &str| first.partition_values.iter().any(|(known, _)| known == name);
    let (in_front, own): (Vec<_>, Vec<_>) =
        facts.schema.fields().iter().cloned().partition(|field| is_constant(field.name()));
    let schema = Schema::new(in_front.into_iter().chain(own).collect::<Vec<_>>());
    Ok(PromptRows::Files { files: pinned, schema: Arc::new(schema) })
}

fn pinned(folder: &Folder, file: &RunFile) -> Result<PinnedFile> {
    let object = file.object.clone();
    let location = Location::parse(&folder.uri_of(&object.key))?;
    let constant = file.constant.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
    Ok(PinnedFile {
        uri: location.uri,
        store: location.store,
        key: location.path.to_string(),
        size: object.size,
        etag: object.etag,
        version: object.version,
        sha256: None,
        last_modified: object.last_modified,
        format: FileFormat::Parquet,
        compression: Compression::None,
        partition_values: constant.collect(),
    })
}

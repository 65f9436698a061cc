//! The files of a source, as they are now.

use arrow::datatypes::SchemaRef;
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{
    Result,
    jobs::{Job, Source},
};
use segmenter_worker::{
    expression,
    reading::{FileFacts, InputOptions, PinnedFile, ReadSpec, agreed_schema, inspect, list_inputs},
    spec::SourceRole,
    storage::Storage,
};

/// Headers and footers that are read at the same time, at least and at most: more of small files, since each is a wait and no load.
const INSPECTED_AT_ONCE: [u64; 2] = [16, 128];
/// Bytes of files that are inspected at the same time beyond the least.
const INSPECTED_BYTES: u64 = 32 << 20;

/// Schemas that are held once, whatever the number of files that have them.
const KINDS_OF_FILES: usize = 16;

/// A source with its files, pinned.
#[derive(Debug)]
pub struct SourceInputs {
    /// The source.
    pub source: Source,
    /// What its ids do.
    pub role: SourceRole,
    /// Its files, with what their headers and footers say.
    pub files: Vec<(PinnedFile, FileFacts)>,
    /// The files' own columns that the source's expressions read, with the types as which they are read.
    pub schema: SchemaRef,
    /// All columns of the files, for expressions to be checked against and for hints.
    pub every_column: SchemaRef,
}

impl SourceInputs {
    /// Finds a source's files and reads their headers and footers.
    ///
    /// # Errors
    /// When there are none, they are damaged, or disagree: Data; when the store fails: Dependency.
    pub async fn find(storage: &Storage, source: &Source, role: SourceRole, job: &Job) -> Result<Self> {
        let (as_of, timezone) = (job.as_of, &job.timezone);
        let pinned = list_inputs(storage, &source.uri, &InputOptions::of(source, as_of)).await?;
        let at_once = inspected_at_once(pinned.iter().map(|file| file.size).max().unwrap_or_default());
        let mut files: Vec<(PinnedFile, FileFacts)> = stream::iter(pinned)
            .map(|file| async move {
                let facts = inspect(storage, &file, &source.csv).await?;
                Ok::<_, segmenter_proto::Error>((file, facts))
            })
            .buffered(at_once)
            .try_collect()
            .await?;
        share_schemas(&mut files);
        let (schema, every_column) = table_schema(source, &files, timezone)?;
        Ok(Self { source: source.clone(), role, files, schema, every_column })
    }

    /// Gives the rows of all files, where their format tells.
    pub fn rows(&self) -> Option<u64> {
        self.files.iter().map(|(_, facts)| facts.rows).sum()
    }

    /// Gives the bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(file, _)| file.size).sum()
    }

    /// Gives the rows of all files, by the beginnings of those whose format does not tell.
    pub fn estimated_rows(&self) -> u64 {
        self.files.iter().fold(0, |rows, (_, facts)| rows.saturating_add(facts.estimated_rows))
    }
}

fn inspected_at_once(largest: u64) -> usize {
    let [least, most] = INSPECTED_AT_ONCE;
    (INSPECTED_BYTES / largest.max(1)).clamp(least, most) as usize
}

/// Lets files of the same columns hold them once: a hundred thousand files are of a few kinds.
fn share_schemas(files: &mut [(PinnedFile, FileFacts)]) {
    let mut known: Vec<SchemaRef> = Vec::new();
    for (_, facts) in files {
        match known.iter().rev().find(|schema| **schema == facts.schema) {
            Some(schema) => facts.schema = schema.clone(),
            None if known.len() < KINDS_OF_FILES => known.push(facts.schema.clone()),
            None => {}
        }
    }
}

/// Gives the columns that the source's expressions read, and all of the files. Of the first, columns that no file has are
/// left out: the expression that names one is told so at its place in the job file.
fn table_schema(source: &Source, files: &[(PinnedFile, FileFacts)], timezone: &str) -> Result<(SchemaRef, SchemaRef)> {
    let mut used: Vec<String> = Vec::new();
    for column in &source.columns {
        used.extend(expression::names(&column.expression)?);
    }
    used.sort();
    used.dedup();
    used.retain(|name| files.iter().any(|(_, facts)| facts.schema.field_with_name(name).is_ok()));
    let own = agreed_schema(files, &used)?;
    let Some((first, _)) = files.first() else { return Ok((own.clone(), own)) };
    let all = own.fields().iter().map(|field| field.name().clone()).collect();
    let read_as = |names| ReadSpec::of(source, names, timezone, false)?.schema(first, &own);
    Ok((read_as(used)?, read_as(all)?))
}

//! The files of a source, as they are now.

use arrow::datatypes::{Schema, SchemaRef};
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{
    Error, Result,
    jobs::{FileFormat, Job, Source},
};
use segmenter_worker::{
    expression,
    reading::{
        Agreement, FileFacts, InputOptions, LackingColumn, Listing, PinnedFile, RowGroupFacts, Skipped, agreement,
        content_hash, inspect, late_keys, list_inputs,
    },
    spec::SourceRole,
    storage::Storage,
};
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};
use tokio::{runtime::Handle, task::spawn_blocking};

/// Headers and footers that are read at the same time, at least and at most: more of small files, since each is a wait and no load.
const INSPECTED_AT_ONCE: [u64; 2] = [16, 128];
/// Bytes of files that are inspected at the same time beyond the least.
const INSPECTED_BYTES: u64 = 32 << 20;

/// Schemas that are held once, whatever the number of files that have them.
const KINDS_OF_FILES: usize = 16;

/// Bytes that an allocation takes beside what is asked for, with what is rounded up.
const ALLOCATION: usize = 16;

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
    /// Columns that the source's expressions read and some files lack.
    pub lacking: Vec<LackingColumn>,
    /// Whether the first line of its files, which is to be their header, has none of the names that the expressions use.
    pub may_lack_header: bool,
    /// Files that are no part of it for their names alone.
    pub skipped: Skipped,
}

impl SourceInputs {
    /// Finds a source's files and reads their headers and footers.
    ///
    /// # Errors
    /// When there are none, they are damaged, or disagree: Data; when the store fails: Dependency.
    pub async fn find(storage: &Storage, source: &Source, role: SourceRole, job: &Job) -> Result<Self> {
        let complete = role == SourceRole::Exclusion;
        let options = InputOptions { complete, ..InputOptions::of(source, job.as_of) };
        let Listing { files: mut pinned, skipped } = list_inputs(storage, &source.uri, &options).await?;
        if role == SourceRole::Exclusion {
            // It is small, and nobody may be missed: what stands in it tells more than size and time.
            for file in &mut pinned {
                file.sha256 = Some(content_hash(storage, file).await?);
            }
        }
        let at_once = inspected_at_once(pinned.iter().map(|file| file.size).max().unwrap_or_default());
        let used = used_columns(source)?;
        let mut files: Vec<(PinnedFile, FileFacts)> = stream::iter(pinned)
            .map(|file| {
                let used = &used;
                async move {
                    let facts = inspect(storage, &file, &source.csv, used).await?;
                    Ok::<_, Error>((file, facts))
                }
            })
            .buffered(at_once)
            .try_collect()
            .await?;
        share_schemas(&mut files);
        find_late_keys(storage, source, &used, &mut files).await?;
        let Agreement { schema: every_column, lacking } = agreement(&files, &used, &source.types)?;
        refuse_lacking_opt_outs(source, role, job, &lacking)?;
        let read = every_column.fields().iter().filter(|field| used.binary_search(field.name()).is_ok());
        let mut read: Vec<_> = read.cloned().collect();
        read.sort_by(|a, b| a.name().cmp(b.name()));
        let schema = Arc::new(Schema::new(read));
        let may_lack_header = may_lack_header(source, &used, &files, &every_column);
        Ok(Self { source: source.clone(), role, files, schema, every_column, lacking, may_lack_header, skipped })
    }

    /// Says which columns some files lack, a sentence a column.
    pub fn lacking_columns(&self) -> impl Iterator<Item = String> {
        let all = self.files.len();
        self.lacking.iter().map(move |LackingColumn { name, files, first }| {
            format!("column {name} is null in {files} of {all} files, which lack it, such as {first}")
        })
    }

    /// Gives the rows of all files, where their format tells.
    pub fn rows(&self) -> Option<u64> {
        self.files.iter().map(|(_, facts)| facts.rows).sum()
    }

    /// Gives the bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(file, _)| file.size).sum()
    }

    /// Gives the bytes of memory that what is known of the files takes.
    pub fn memory(&self) -> u64 {
        let of_file = |(file, facts): &(PinnedFile, FileFacts)| {
            let parts = file.partition_values.iter().flat_map(|(name, value)| [Some(name), value.as_ref()]);
            let of_store = [Some(&file.uri), Some(&file.store), Some(&file.key)];
            let of_content = [file.etag.as_ref(), file.version.as_ref(), file.sha256.as_ref()];
            let texts =
                of_store.into_iter().chain(of_content).chain(parts).flatten().map(|text| text.len() + ALLOCATION);
            let groups = facts.row_groups.capacity() * size_of::<RowGroupFacts>();
            size_of::<(PinnedFile, FileFacts)>() + texts.sum::<usize>() + groups
        };
        self.files.iter().map(of_file).sum::<usize>() as u64
    }

    /// Gives the rows of all files, by the beginnings of those whose format does not tell.
    pub fn estimated_rows(&self) -> u64 {
        self.files.iter().fold(0, |rows, (_, facts)| rows.saturating_add(facts.estimated_rows))
    }
}

/// Refuses files that lack a column which says who is left out: where it is null, nobody is.
fn refuse_lacking_opt_outs(source: &Source, role: SourceRole, job: &Job, lacking: &[LackingColumn]) -> Result<()> {
    let (place, decides) = match role {
        SourceRole::Exclusion => ("exclude_list".to_owned(), used_columns(source)?),
        SourceRole::Population => {
            let exclude = job.population.exclude.as_deref().map(expression::names).transpose()?.unwrap_or_default();
            let mut decides = Vec::new();
            for column in source.columns.iter().filter(|column| exclude.contains(&column.name)) {
                decides.extend(expression::names(&column.expression)?);
            }
            (format!("source {}", source.name), decides)
        }
        SourceRole::Member => return Ok(()),
    };
    let Some(LackingColumn { name, first, .. }) = lacking.iter().find(|column| decides.contains(&column.name)) else {
        return Ok(());
    };
    let (needs, who) = match role {
        SourceRole::Exclusion => ("", "whom it excludes"),
        _ => (", and exclude in [population] needs it", "who is left out"),
    };
    Err(Error::data(format!("{place}: {first} has no column {name}, which other files have{needs}")).with_hint(format!(
        "{who} is not known, so the run does not go on without it: give each file that column, or name the files that have it in uri"
    )))
}

/// Says whether the files have a header of their own that has none of the names that the expressions use, in whatever case.
fn may_lack_header(source: &Source, used: &[String], files: &[(PinnedFile, FileFacts)], columns: &Schema) -> bool {
    let Some((first, _)) = files.first().filter(|(file, _)| file.format == FileFormat::Csv && source.csv.header) else {
        return false;
    };
    let in_path = |name: &str| first.partition_values.iter().any(|(known, _)| known == name);
    let used: HashSet<String> = used.iter().map(|name| name.to_lowercase()).collect();
    let own = columns.fields().iter().filter(|field| !in_path(field.name()));
    !own.into_iter().any(|field| used.contains(&field.name().to_lowercase()))
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

/// Gives the files' own columns that a source's expressions name, sorted. One that no file has stays out of the schemas: the
/// expression that names it is told so at its place in the job file.
fn used_columns(source: &Source) -> Result<Vec<String>> {
    let mut used = BTreeSet::new();
    for column in &source.columns {
        used.extend(expression::names(&column.expression)?);
    }
    Ok(used.into_iter().collect())
}

/// Looks through whole files of NDJSON for used keys that none of their beginnings has, and adds those that are there.
async fn find_late_keys(
    storage: &Storage,
    source: &Source,
    used: &[String],
    files: &mut [(PinnedFile, FileFacts)],
) -> Result<()> {
    let known: HashSet<&str> =
        files.iter().flat_map(|(_, facts)| facts.schema.fields()).map(|field| field.name().as_str()).collect();
    let missing: Vec<String> = used.iter().filter(|name| !known.contains(name.as_str())).cloned().collect();
    let ndjson: Vec<PinnedFile> =
        files.iter().filter(|(file, _)| file.format == FileFormat::Ndjson).map(|(file, _)| file.clone()).collect();
    let Some((_, facts)) = files.first_mut().filter(|_| !missing.is_empty() && !ndjson.is_empty()) else {
        return Ok(());
    };
    let (storage, csv, runtime) = (storage.clone(), source.csv.clone(), Handle::current());
    let looking = spawn_blocking(move || late_keys(&storage, &runtime, &ndjson, &csv, missing));
    let found = looking.await.map_err(|error| Error::bug("looking for keys of NDJSON failed").caused_by(error))??;
    *facts = facts.with_keys(&found);
    Ok(())
}

//! Finds a source's files and pins them.

use super::object::pin;
use super::pinned::{Compression, PinnedFile, format_of, partition_values};
use super::pruning::{in_words, prune};
use crate::storage::{Location, Storage, dangling_links, failure};
use chrono::NaiveDate;
use futures::{StreamExt, TryStreamExt};
use globset::{GlobBuilder, GlobMatcher};
use object_store::{Error as StoreError, ObjectMeta, ObjectStoreExt};
use segmenter_proto::jobs::{FileFormat, Partitions, Source};
use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is asked of a source's files.
#[derive(Debug, Clone)]
pub struct InputOptions<'a> {
    /// Their format; none: by their names.
    pub format: Option<FileFormat>,
    /// Pruning by a `k=v` path part.
    pub partitions: Option<&'a Partitions>,
    /// The day that `partitions` counts from.
    pub as_of: NaiveDate,
    /// Whether a skipped file is refused: a list of opt-outs is all that was meant, or none.
    pub complete: bool,
}

/// The files that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Pinned, by rising uri.
    pub files: Vec<PinnedFile>,
    /// Those that are left out.
    pub skipped: Skipped,
}

/// Files whose names start with `_` or `.`, or lie in such folders; what programs are known to leave beside data does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub files: usize,
    /// The first of them, below the source's uri.
    pub first: Option<String>,
}

impl<'a> InputOptions<'a> {
    /// Asks what `source` asks.
    pub fn of(source: &'a Source, as_of: NaiveDate) -> Self {
        Self { format: source.format, partitions: source.partitions.as_ref(), as_of, complete: false }
    }
}

/// Requests at a time where a listing does not tell etags.
const PARALLEL: usize = 16;

/// Finds and pins the files at `uri`, by rising uri: a file, a folder with all that lies below, or a glob (`*` and `?`
/// within a path part, `**` across, `[…]`, `{a,b}`; where it matches a folder, all that lies below).
///
/// Names that start with `_` or `.` are skipped and counted, below the folder or the fixed part of the glob.
///
/// # Errors
///
/// The data's fault: no files, a table of another kind (Delta, Iceberg, Hudi), mixed or unknown formats, a partition
/// that is not a date. A dependency's: the store cannot be reached or refuses.
pub async fn list_inputs(storage: &Storage, uri: &str, options: &InputOptions<'_>) -> Result<Listing> {
    let root = Root::parse(uri)?;
    let store = storage.store(&root.location.store)?;
    let single = if root.may_be_file() {
        match store.head(&root.location.path).await {
            Ok(meta) => Some(meta),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(failure("read", uri, error)),
        }
    } else {
        None
    };
    let (metas, hidden) = match single {
        Some(meta) => (vec![(String::new(), meta)], Vec::new()),
        None => root.list(storage).await?,
    };
    let unmarked = || hidden.iter().filter(|name| !is_marker(name));
    let skipped = Skipped { files: unmarked().count(), first: unmarked().next().cloned() };
    if let Some(first) = skipped.first.as_ref().filter(|_| options.complete) {
        return Err(Error::data(format!(
            "{uri} has the file {first}, which is skipped, as all whose names start with _ or ."
        ))
        .with_hint("nobody on a list of opt-outs may be missed: rename the file, or move it elsewhere"));
    }
    let mut files = Vec::with_capacity(metas.len());
    for (relative, meta) in metas {
        if let Some(file) = root.describe(&relative, &meta, options.format)? {
            files.push(file);
        }
    }
    let found = files.len();
    if let Some(partitions) = options.partitions {
        files = prune(files, partitions, options.as_of)?;
    }
    if files.is_empty() {
        let outside = options.partitions.map(|partitions| (found, in_words(partitions, options.as_of)));
        return Err(root.no_files(&hidden, outside));
    }
    files.sort_by(|a, b| a.uri.cmp(&b.uri));
    one_format(&files)?;
    let pinned = futures::stream::iter(files).map(|file| pin(storage, file)).buffered(PARALLEL);
    Ok(Listing { files: pinned.try_collect().await?, skipped })
}

/// Names of files and folders that Hadoop, Spark, table formats and desktops leave beside data.
const MARKERS: [&str; 9] = [
    "_SUCCESS",
    "_metadata",
    "_common_metadata",
    "_temporary",
    "_delta_log",
    "_spark_metadata",
    ".hoodie",
    ".DS_Store",
    ".ipynb_checkpoints",
];

/// Says whether a skipped path is one that programs leave beside data, with no rows in it.
fn is_marker(path: &str) -> bool {
    path.split('/').any(|part| {
        MARKERS.contains(&part)
            || ["_committed_", "_started_", "._"].iter().any(|start| part.starts_with(start))
            || part.ends_with(".crc")
    })
}

/// Where a listing starts, and which of its keys are meant.
struct Root {
    location: Location,
    glob: Option<GlobMatcher>,
    written: String,
}

impl Root {
    fn parse(uri: &str) -> Result<Self> {
        let plain = || Ok(Self { location: Location::parse(uri)?, glob: None, written: uri.to_owned() });
        let scheme = uri.find("://").map_or(0, |at| at + 3);
        let Some(special) = uri[scheme..].find(['*', '?', '[', '{']).map(|at| scheme + at) else { return plain() };
        // A file whose name looks like a glob is itself.
        if scheme == 0 && std::path::Path::new(uri).exists() {
            return plain();
        }
        let split = uri[scheme..special].rfind('/').map(|at| scheme + at);
        let (base, pattern) = match split {
            Some(at) => (&uri[..=at], &uri[at + 1..]),
            None if scheme == 0 => ("", uri),
            None => return Err(Error::job(format!("{uri} has a pattern in the name of its bucket"))),
        };
        let glob = GlobBuilder::new(pattern.trim_end_matches('/'))
            .literal_separator(true)
            .build()
            .map_err(|error| Error::job(format!("{uri} is not a valid pattern: {}", error.kind())).caused_by(error))?;
        let location = Location::parse(base)?;
        Ok(Self { location, glob: Some(glob.compile_matcher()), written: uri.to_owned() })
    }

    fn may_be_file(&self) -> bool {
        self.glob.is_none() && !self.location.folder_only && !self.location.path.as_ref().is_empty()
    }

    /// Lists what is meant, by path below the root, and the names that were skipped.
    async fn list(&self, storage: &Storage) -> Result<(Vec<(String, ObjectMeta)>, Vec<String>)> {
        let store = storage.store(&self.location.store)?;
        let prefix = self.location.path.as_ref();
        let listing = match store.list(Some(&self.location.path)).try_collect::<Vec<_>>().await {
            Ok(listing) => listing,
            Err(StoreError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(failure("list", &self.written, error)),
        };
        self.refuse_dangling_links()?;
        let (mut found, mut hidden, mut tables) = (Vec::new(), Vec::new(), BTreeMap::new());
        for meta in listing {
            let key = meta.location.as_ref();
            let relative = key.strip_prefix(prefix).unwrap_or(key).trim_start_matches('/').to_owned();
            tables.extend(foreign_table(&relative));
            if relative.is_empty() || !self.matches(&relative) {
                continue;
            }
            if relative.split('/').any(|part| part.starts_with(['_', '.'])) {
                hidden.push(relative);
            } else {
                found.push((relative, meta));
            }
        }
        self.refuse_tables(&tables, &found)?;
        hidden.sort();
        Ok((found, hidden))
    }

    /// Refuses files that belong to a table whose own log decides which files and rows count.
    fn refuse_tables(&self, tables: &BTreeMap<String, &'static str>, found: &[(String, ObjectMeta)]) -> Result<()> {
        let stored = |name: &str| [".parquet", ".orc", ".avro"].iter().any(|ending| name.ends_with(ending));
        let below = |folder: &str, path: &str| {
            folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        for (folder, table) in tables {
            if found.iter().any(|(relative, _)| below(folder, relative) && stored(relative)) {
                let uri = crate::storage::join_uri(&self.location.uri, folder);
                return Err(Error::data(format!("{} is {table}", uri.trim_end_matches('/'))).with_hint(
                    "its log says which files and rows count; read as plain files, erased rows would come back: export it first",
                ));
            }
        }
        Ok(())
    }

    /// A listing leaves out links that lead nowhere, and with them rows that somebody counts on.
    fn refuse_dangling_links(&self) -> Result<()> {
        let Some(root) = self.location.local_path() else { return Ok(()) };
        let is_meant = |link: &PathBuf| {
            let relative = link.strip_prefix(&root).ok().and_then(|relative| relative.to_str());
            relative.is_none_or(|relative| {
                self.matches(relative) && !relative.split('/').any(|part| part.starts_with(['_', '.']))
            })
        };
        match dangling_links(&root).into_iter().find(is_meant) {
            None => Ok(()),
            Some(link) => Err(Error::data(format!("{} is a link to a file that does not exist", link.display()))
                .with_hint("restore the file, or delete the link")),
        }
    }

    /// Says whether the pattern matches the path or a folder above it.
    fn matches(&self, relative: &str) -> bool {
        let Some(glob) = &self.glob else { return true };
        let folders = relative.match_indices('/').map(|(at, _)| &relative[..at]);
        folders.chain([relative]).any(|path| glob.is_match(path))
    }

    /// Describes a listed object; none for the empty objects that stand for folders in some stores.
    fn describe(&self, relative: &str, meta: &ObjectMeta, format: Option<FileFormat>) -> Result<Option<PinnedFile>> {
        let uri = crate::storage::join_uri(&self.location.uri, relative);
        let uri = if self.location.uri == "." || self.location.uri.is_empty() { relative.to_owned() } else { uri };
        let name = uri.rsplit('/').next().unwrap_or_default();
        if meta.size == 0 && !name.contains('.') {
            return Ok(None);
        }
        let (format, compression) = format_of(&uri, name, format)?;
        let path = uri.split_once("://").map_or(uri.as_str(), |(_, path)| path);
        Ok(Some(PinnedFile {
            partition_values: partition_values(path),
            store: self.location.store.clone(),
            key: meta.location.to_string(),
            size: meta.size,
            etag: meta.e_tag.clone(),
            version: meta.version.clone(),
            sha256: None,
            last_modified: meta.last_modified,
            format,
            compression: if format == FileFormat::Parquet { Compression::None } else { compression },
            uri,
        }))
    }

    fn no_files(&self, hidden: &[String], outside: Option<(usize, String)>) -> Error {
        let uri = &self.written;
        let missing = self.location.local_path().is_some_and(|path| !path.exists());
        if missing {
            return Error::data(format!(
                "{} does not exist",
                if self.glob.is_some() { &self.location.uri } else { uri }
            ));
        }
        let mut skipped = Vec::new();
        if let Some(first) = hidden.first() {
            skipped.push(format!("{} whose names start with _ or ., such as {first}", hidden.len()));
        }
        if let Some((count, range)) = outside.filter(|(count, _)| *count > 0) {
            skipped.push(format!("{count} outside {range}"));
        }
        match skipped.is_empty() {
            true => Error::data(format!("no files in {uri}")),
            false => Error::data(format!("no files in {uri}: skipped {}", skipped.join("; "))),
        }
    }
}

/// Tells the folder of a table whose own log decides which files count, and of which kind it is.
fn foreign_table(relative: &str) -> Option<(String, &'static str)> {
    let (folders, name) = relative.rsplit_once('/')?;
    let parts: Vec<&str> = folders.split('/').collect();
    let above = |log: &str| parts.iter().position(|part| *part == log).map(|at| parts[..at].join("/"));
    if let Some(folder) = above("_delta_log") {
        Some((folder, "a Delta Lake table"))
    } else if let Some(folder) = above(".hoodie") {
        Some((folder, "a Hudi table"))
    } else if parts.last() == Some(&"metadata") && name.ends_with(".metadata.json") {
        Some((parts[..parts.len() - 1].join("/"), "an Iceberg table"))
    } else {
        None
    }
}

fn one_format(files: &[PinnedFile]) -> Result<()> {
    let Some(first) = files.first() else { return Ok(()) };
    match files.iter().find(|file| file.format != first.format) {
        None => Ok(()),
        Some(other) => Err(Error::data(format!(
            "the files of one source differ in format: {} is {}, {} is {}",
            first.uri,
            format_name(first.format),
            other.uri,
            format_name(other.format)
        ))
        .with_hint("give each format a source of its own, or a glob that matches one of them")),
    }
}

fn format_name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Parquet => "Parquet",
        FileFormat::Csv => "CSV",
        FileFormat::Ndjson => "NDJSON",
    }
}

#[cfg(test)]
#[path = "inputs_tests.rs"]
mod tests;

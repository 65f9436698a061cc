//! A file as it was when the run began.

use chrono::{DateTime, Utc};
use segmenter_proto::jobs::FileFormat;
use segmenter_proto::{Error, Result};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A file as it was when the run began; stands in `run.json`, in the run id and in every task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedFile {
    /// As a person reads it: the source's `uri` and the path below it.
    pub uri: String,
    /// The store: `file://`, or scheme and bucket.
    pub store: String,
    /// The key in the store; of a local file its absolute path without the leading slash.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// Changes with the content; of a local file made of inode, time and size.
    pub etag: Option<String>,
    /// The store's name of this version, where it keeps several.
    pub version: Option<String>,
    /// SHA-256 of its content in hexadecimal, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When it was written, by the store's clock.
    pub last_modified: DateTime<Utc>,
    /// How it is encoded.
    pub format: FileFormat,
    /// How its name says that it is compressed as a whole; its first bytes decide. Parquet never is.
    pub compression: Compression,
    /// The `k=v` parts of its path, in their order, percent-decoded; none for Hive's null.
    pub partition_values: Vec<(String, Option<String>)>,
}

/// How a text file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, of one or several members.
    Gzip,
    /// Zstandard, of one or several frames.
    Zstd,
}

impl PinnedFile {
    /// Gives the error of data that this file breaks.
    pub(super) fn broken(&self, what: impl std::fmt::Display) -> Error {
        Error::data(format!("{}: {what}", self.uri))
    }
}

/// Tells a file's compression and, where its name says it, its format.
pub(super) fn by_name(name: &str) -> (Option<FileFormat>, Compression) {
    let lower = name.to_ascii_lowercase();
    let (stem, compression) = if let Some(stem) = lower.strip_suffix(".gz") {
        (stem, Compression::Gzip)
    } else if let Some(stem) = lower.strip_suffix(".zst") {
        (stem, Compression::Zstd)
    } else {
        (lower.as_str(), Compression::None)
    };
    let format = match stem.rsplit_once('.').map(|(_, extension)| extension) {
        Some("parquet" | "pq") => Some(FileFormat::Parquet),
        Some("csv" | "tsv") => Some(FileFormat::Csv),
        Some("ndjson" | "jsonl") => Some(FileFormat::Ndjson),
        _ => None,
    };
    (format, compression)
}

/// Says whether a file's name promises tabs between its fields.
pub(super) fn is_tab_separated(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".tsv", ".tsv.gz", ".tsv.zst"].iter().any(|ending| lower.ends_with(ending))
}

/// Settles a file's format from its name, or as `declared`.
///
/// # Errors
///
/// The data's fault where neither says it, or where Parquet is compressed as a whole.
pub(super) fn format_of(uri: &str, name: &str, declared: Option<FileFormat>) -> Result<(FileFormat, Compression)> {
    let (named, compression) = by_name(name);
    let format = declared.or(named).ok_or_else(|| {
        Error::data(format!("the format of {uri} does not show in its name"))
            .with_hint("set format = \"parquet\", \"csv\" or \"ndjson\" in the source, or a glob that leaves it out")
    })?;
    if named == Some(FileFormat::Parquet) && compression != Compression::None {
        return Err(Error::data(format!("{uri} is compressed as a whole, and Parquet is compressed inside"))
            .with_hint("uncompress the file"));
    }
    Ok((format, compression))
}

/// Gives the `k=v` parts among the folders of `path`, percent-decoded.
pub(super) fn partition_values(path: &str) -> Vec<(String, Option<String>)> {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let mut values: Vec<(String, Option<String>)> = Vec::new();
    for (name, value) in folders.split('/').filter_map(|part| part.split_once('=')).filter(|(name, _)| !name.is_empty())
    {
        let value = percent_decoded(value);
        let value = (!value.is_empty() && value != "__HIVE_DEFAULT_PARTITION__").then_some(value);
        let name = percent_decoded(name);
        match values.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => values.push((name, value)),
        }
    }
    values
}

/// Undoes `%41`; what is not such a code, or would not be UTF-8, stays as it is.
fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_format_and_compression() {
        assert_eq!(by_name("a.CSV.gz"), (Some(FileFormat::Csv), Compression::Gzip));
        assert_eq!(by_name("a.jsonl.zst"), (Some(FileFormat::Ndjson), Compression::Zstd));
        assert_eq!(by_name("part-0.snappy.parquet"), (Some(FileFormat::Parquet), Compression::None));
        assert_eq!(by_name("a.txt"), (None, Compression::None));
        assert!(is_tab_separated("x.TSV.gz") && !is_tab_separated("x.csv"));
        assert!(format_of("d/a.txt", "a.txt", None).unwrap_err().message.contains("d/a.txt"));
        assert_eq!(format_of("a.txt.gz", "a.txt.gz", Some(FileFormat::Csv)).unwrap().1, Compression::Gzip);
        assert!(format_of("a.parquet.gz", "a.parquet.gz", None).is_err());
    }

    #[test]
    fn path_parts_become_values() {
        let value = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        assert_eq!(
            partition_values("lake/dt=2026-01-01/shop%20name=Krak%C3%B3w%2F1/k=v.csv"),
            [value("dt", "2026-01-01"), value("shop name", "Kraków/1")]
        );
        assert_eq!(partition_values("a=__HIVE_DEFAULT_PARTITION__/x"), [("a".to_owned(), None)]);
        assert_eq!(partition_values("a=100%/b=x=y/=z/x"), [value("a", "100%"), value("b", "x=y")]);
    }
}

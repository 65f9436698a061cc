//! Where a URI points: which store, and which key in it.

use object_store::path::Path;
use segmenter_proto::{Error, Result};
use std::path::{Component, PathBuf};
use url::Url;

/// The name of the store of local files.
pub(crate) const LOCAL: &str = "file://";

/// A place in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// `file://`, or scheme and bucket: `s3://lake`.
    pub(crate) store: String,
    /// The key in the store; of a local file its absolute path without the leading slash.
    pub(crate) path: Path,
    /// As the user wrote it, without a slash at the end; for messages.
    pub(crate) uri: String,
    /// Whether it was written with a slash at the end, so that it can only be a folder.
    pub(crate) folder_only: bool,
}

impl Location {
    /// Reads a path (relative or absolute), `file://`, `s3://bucket/prefix`, `gs://bucket/prefix` or
    /// `az://container/prefix`.
    ///
    /// # Errors
    ///
    /// The job's fault: an unknown scheme, no bucket, or a name that no store can hold.
    pub(crate) fn parse(uri: &str) -> Result<Self> {
        let folder_only = uri.ends_with('/');
        let trimmed = uri.trim_end_matches('/');
        let shown = if trimmed.is_empty() || trimmed.ends_with(':') { uri } else { trimmed };
        let (store, path) = match uri.split_once("://") {
            None => (LOCAL.to_owned(), local_key(uri, uri)?),
            Some(("file", _)) => {
                let path = Url::parse(uri).ok().and_then(|url| url.to_file_path().ok());
                let path = path.and_then(|path| path.into_os_string().into_string().ok()).ok_or_else(|| {
                    Error::job(format!("{uri} is not a local path"))
                        .with_hint("write file:///absolute/path, or the path alone")
                })?;
                (LOCAL.to_owned(), local_key(&path, uri)?)
            }
            Some((scheme @ ("s3" | "s3a" | "gs" | "az"), rest)) => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    return Err(Error::job(format!("{uri} names no bucket")));
                }
                let scheme = if scheme == "s3a" { "s3" } else { scheme };
                (format!("{scheme}://{bucket}"), parse_key(key, uri)?)
            }
            Some((scheme, _)) => {
                return Err(Error::job(format!("{uri}: unknown scheme {scheme}"))
                    .with_hint("a path, file://, s3://, gs:// or az:// is expected"));
            }
        };
        Ok(Self { store, path, uri: shown.to_owned(), folder_only })
    }

    /// Gives the place `key` below this one.
    pub(crate) fn join(&self, key: &str) -> Result<Self> {
        let uri = join_uri(&self.uri, key);
        let path = parse_key(&format!("{}/{key}", self.path), &uri)?;
        Ok(Self { store: self.store.clone(), path, uri, folder_only: false })
    }

    /// Gives the path in the file system, of a local file.
    pub(crate) fn local_path(&self) -> Option<PathBuf> {
        (self.store == LOCAL).then(|| PathBuf::from(format!("/{}", self.path)))
    }
}

/// Gives the URI of `key` below `uri`.
pub(crate) fn join_uri(uri: &str, key: &str) -> String {
    match (uri.trim_end_matches('/'), key.trim_matches('/')) {
        (_, "") => uri.to_owned(),
        ("", key) if uri.is_empty() => key.to_owned(),
        (root, key) => format!("{root}/{key}"),
    }
}

/// Reads a key as it stands (no percent-encoding is undone), without empty parts.
fn parse_key(key: &str, uri: &str) -> Result<Path> {
    let parts: Vec<&str> = key.split('/').filter(|part| !part.is_empty()).collect();
    Path::parse(parts.join("/")).map_err(|error| Error::job(format!("{uri} is not a valid path")).caused_by(error))
}

/// Gives the key of a local path: absolute, without `.` and `..`.
fn local_key(path: &str, uri: &str) -> Result<Path> {
    let path = if path.is_empty() { "." } else { path };
    let absolute =
        std::path::absolute(path).map_err(|error| Error::job(format!("{uri} is not a valid path")).caused_by(error))?;
    let climbs = absolute.components().any(|part| part == Component::ParentDir);
    let plain = match absolute.canonicalize() {
        // Only where it must: resolving links would tie a pinned input to where a link led on one machine.
        Ok(real) if climbs => real,
        _ => absolute.components().fold(PathBuf::new(), |mut path, part| {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                part => path.push(part),
            }
            path
        }),
    };
    let text = plain.to_str().ok_or_else(|| Error::job(format!("{uri} is not valid UTF-8")))?;
    parse_key(text, uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_scheme() {
        let location = Location::parse("s3://lake/crm/clients/").unwrap();
        assert_eq!((location.store.as_str(), location.path.as_ref()), ("s3://lake", "crm/clients"));
        assert!(location.folder_only);
        assert_eq!(location.uri, "s3://lake/crm/clients");
        assert_eq!(Location::parse("gs://b").unwrap().path.as_ref(), "");
        assert_eq!(Location::parse("az://c/a//b").unwrap().path.as_ref(), "a/b");
        assert_eq!(Location::parse("s3://b/a%20b").unwrap().path.as_ref(), "a%20b");
        let local = Location::parse("file:///data/my%20dir/x.csv").unwrap();
        assert_eq!((local.store.as_str(), local.path.as_ref()), (LOCAL, "data/my dir/x.csv"));
    }

    #[test]
    fn local_paths_become_absolute_and_keep_what_the_user_wrote() {
        let here = std::env::current_dir().unwrap();
        let location = Location::parse("./a/../b#c%20d").unwrap();
        assert_eq!(location.local_path().unwrap(), here.join("b#c%20d"));
        assert_eq!(location.uri, "./a/../b#c%20d");
        assert_eq!(Location::parse("orders/").unwrap().join("x/y.csv").unwrap().uri, "orders/x/y.csv");
        assert_eq!(Location::parse("/").unwrap().join("x").unwrap().uri, "/x");
    }

    #[test]
    fn refuses_what_no_store_holds() {
        for uri in ["ftp://host/x", "s3:///x", "s3://b/../x"] {
            assert_eq!(Location::parse(uri).unwrap_err().fault, segmenter_proto::Fault::Job, "{uri}");
        }
    }
}

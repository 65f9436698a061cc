//! What OpenLineage calls a data set: the store as its namespace, and the path in it.

use std::path::Path;

/// Letters that make a part of a path a pattern.
const PATTERN: [char; 4] = ['*', '?', '[', '{'];

/// A data set by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DatasetName {
    /// The store: `s3://lake`, or `file`.
    pub(super) namespace: String,
    /// The path in it.
    pub(super) name: String,
}

impl DatasetName {
    /// Names a source or an output by its URI; of a pattern the folder above it. Relative paths are below `current`.
    pub(super) fn of(uri: &str, current: &Path) -> Self {
        let (namespace, path) = match uri.split_once("://") {
            Some(("file", path)) => ("file".to_owned(), path.to_owned()),
            Some((scheme, rest)) => {
                let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
                let scheme = if scheme == "s3a" { "s3" } else { scheme };
                (format!("{scheme}://{bucket}"), path.to_owned())
            }
            None => ("file".to_owned(), current.join(uri).to_string_lossy().into_owned()),
        };
        let plain: Vec<&str> = path.split('/').take_while(|part| !part.contains(PATTERN)).collect();
        // `.` and `..` would make two names of one place.
        let mut parts: Vec<&str> = Vec::new();
        for part in plain.into_iter().filter(|part| !part.is_empty() && *part != ".") {
            match part {
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        let root = if namespace == "file" { "/" } else { "" };
        let name = match parts.as_slice() {
            // A bucket as a whole.
            [] => "/".to_owned(),
            parts => format!("{root}{}", parts.join("/")),
        };
        Self { namespace, name }
    }

    /// Names what lies below it.
    pub(super) fn below(&self, path: &str) -> Self {
        Self { namespace: self.namespace.clone(), name: format!("{}/{path}", self.name.trim_end_matches('/')) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_one_name_however_it_is_written() {
        let name = |uri: &str| {
            let DatasetName { namespace, name } = DatasetName::of(uri, Path::new("/home/me"));
            format!("{namespace} {name}")
        };
        assert_eq!(name("orders/a.parquet"), "file /home/me/orders/a.parquet");
        assert_eq!(name("./orders/../lake/"), "file /home/me/lake");
        assert_eq!(name("/lake/orders"), "file /lake/orders");
        assert_eq!(name("file:///lake/orders/"), "file /lake/orders");
        assert_eq!(name("s3://lake/orders/day=*/*.parquet"), "s3://lake orders");
        assert_eq!(name("s3a://lake/orders/{a,b}.csv"), "s3://lake orders");
        assert_eq!(name("gs://lake"), "gs://lake /");
        let out = DatasetName::of("s3://lake", Path::new("/")).below("club/features");
        assert_eq!((out.namespace.as_str(), out.name.as_str()), ("s3://lake", "/club/features"));
    }
}

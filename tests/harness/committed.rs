//! A committed run read back as a user's tool would read it, and checked against its own `commit.json`.

use super::{Fates, Ran, Table};
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Every file of a committed run, by its path in the run's folder.
#[derive(Debug, Clone)]
pub struct CommittedRun {
    /// Where it stands.
    pub folder: String,
    /// Contents by path, `commit.json` among them.
    pub files: BTreeMap<String, Bytes>,
}

impl CommittedRun {
    /// Reads the local run that a process printed.
    #[track_caller]
    pub fn of(ran: &Ran) -> Self {
        Self::local(ran.run_folder())
    }

    /// Reads a run in a local folder, given as a path or a `file://` URI.
    #[track_caller]
    pub fn local(folder: &str) -> Self {
        let path = Path::new(folder.strip_prefix("file://").unwrap_or(folder));
        let mut files = BTreeMap::new();
        collect(path, path, &mut files);
        Self::checked(folder, files)
    }

    /// Takes the files of a run and asserts that they are exactly those which `commit.json` lists.
    #[track_caller]
    pub fn checked(folder: &str, mut files: BTreeMap<String, Bytes>) -> Self {
        // It has clocks and ends behind the commit, so no commit lists it.
        files.remove("lineage.jsonl");
        let run = Self { folder: folder.to_owned(), files };
        let listed = run.listed();
        let found: Vec<_> = run.files.keys().filter(|path| *path != "commit.json").collect();
        assert_eq!(listed.keys().collect::<Vec<_>>(), found, "files that commit.json lists, and files in {folder}");
        for (path, entry) in listed {
            let bytes = &run.files[&path];
            assert_eq!(entry["bytes"].as_u64(), Some(bytes.len() as u64), "bytes of {path}");
            assert_eq!(entry["sha256"].as_str(), Some(sha256(bytes).as_str()), "checksum of {path}");
            if path.ends_with(".parquet") {
                assert_eq!(entry["rows"].as_u64(), Some(Table::parquet(bytes).rows.len() as u64), "rows of {path}");
            }
        }
        run
    }

    fn listed(&self) -> BTreeMap<String, Value> {
        let commit = self.json("commit.json");
        let files = commit["files"].as_array().expect("commit.json has a list of files");
        files.iter().map(|file| (file["path"].as_str().unwrap().to_owned(), file.clone())).collect()
    }

    /// Gives a JSON file, asserting that it carries a format version.
    #[track_caller]
    pub fn json(&self, path: &str) -> Value {
        let bytes = self.files.get(path).unwrap_or_else(|| panic!("no {path} in {}", self.folder));
        let value: Value = serde_json::from_slice(bytes).unwrap();
        assert!(value["format_version"].is_u64(), "{path} carries no format_version");
        value
    }

    /// Gives a table: a file such as `segments.parquet`, or the parts of a folder such as `features` in their order.
    #[track_caller]
    pub fn table(&self, name: &str) -> Table {
        let folder = format!("{name}/");
        let mut parts = self.files.iter().filter(|(path, _)| *path == name || path.starts_with(&folder));
        let (_, first) = parts.next().unwrap_or_else(|| panic!("no {name} in {}", self.folder));
        let mut table = Table::parquet(first);
        parts.for_each(|(_, part)| table.append(Table::parquet(part)));
        table
    }

    /// Gives the parts of a folder one by one, by path.
    pub fn parts(&self, folder: &str) -> Vec<(&str, Table)> {
        let folder = format!("{folder}/");
        let parts = self.files.iter().filter(|(path, _)| path.starts_with(&folder) && path.ends_with(".parquet"));
        parts.map(|(path, bytes)| (path.as_str(), Table::parquet(bytes))).collect()
    }

    /// Gives the assignments of a segmentation.
    pub fn assignments(&self, segmentation: &str) -> Table {
        self.table(&format!("assignments/{segmentation}"))
    }

    /// Gives `segment_key` by customer, or by whoever else is segmented.
    pub fn keys(&self, segmentation: &str) -> BTreeMap<String, String> {
        let assignments = self.assignments(segmentation);
        let keys = assignments.lookup(assignments.id(), "segment_key");
        keys.into_iter().map(|(id, key)| (id, key.unwrap())).collect()
    }

    /// Gives one feature by customer, or by whoever else is segmented.
    pub fn feature(&self, name: &str) -> BTreeMap<String, Option<String>> {
        let features = self.table("features");
        features.lookup(features.id(), name)
    }

    /// Gives the names of the segmentations that have assignments.
    pub fn segmentations(&self) -> Vec<String> {
        let folders = self.files.keys().filter_map(|path| path.strip_prefix("assignments/")?.split('/').next());
        let mut names: Vec<_> = folders.map(str::to_owned).collect();
        names.dedup();
        names
    }

    /// Gives what `run.json` says that the run warned of.
    #[track_caller]
    pub fn warnings(&self) -> Vec<String> {
        let run = self.json("run.json");
        let warnings = run["warnings"].as_array().expect("run.json has a list of warnings").iter();
        warnings.map(|warning| warning.as_str().expect("a warning is a text").to_owned()).collect()
    }

    /// Asserts that the run warned of what has all of these words, and gives the warning.
    #[track_caller]
    pub fn warned_of(&self, words: &[&str]) -> String {
        let warnings = self.warnings();
        let found = warnings.iter().find(|warning| words.iter().all(|word| warning.contains(word)));
        found.unwrap_or_else(|| panic!("no warning with {words:?} among {warnings:#?}")).clone()
    }

    /// Gives of a check of `quality.parquet` how many rows failed it, and how many were checked.
    #[track_caller]
    pub fn noted(&self, check: &str) -> (u64, u64) {
        self.noted_in(&[("check_name", check)])
    }

    /// Gives the same of the check of one column.
    #[track_caller]
    pub fn noted_of(&self, check: &str, column: &str) -> (u64, u64) {
        self.noted_in(&[("check_name", check), ("column_name", column)])
    }

    #[track_caller]
    fn noted_in(&self, wanted: &[(&str, &str)]) -> (u64, u64) {
        let row = self.table("quality.parquet").only(wanted);
        let number = |name: &str| row[name].as_ref().unwrap().parse().unwrap();
        (number("rows_failed"), number("rows_checked"))
    }

    /// Gives what became of the rows of a source, from `run.json`.
    #[track_caller]
    pub fn fates(&self, source: &str) -> Fates {
        Fates::of(&self.json("run.json"), source)
    }

    /// Gives one cell of `effectiveness.parquet`'s column `value`, of the rows that made the segments.
    #[track_caller]
    pub fn metric(&self, segmentation: &str, segment_key: &str, metric: &str) -> Option<f64> {
        let wanted =
            [("segmentation", segmentation), ("segment_key", segment_key), ("metric", metric), ("basis", "in_sample")];
        self.table("effectiveness.parquet").only(&wanted)["value"].as_ref().map(|value| value.parse().unwrap())
    }
}

/// Gives the hex SHA-256 of bytes.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Bytes>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap().into());
        }
    }
}

//! The two digests of design.md, by table and by file, so that a difference names what differs.

use super::committed::sha256;
use super::{CommittedRun, Table};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Digest by table of what the results say: equal for any shards, input layout, threads, memory and failures.
pub type LogicalDigest = BTreeMap<String, String>;

/// Digest by file of the results as they stand: equal for any threads, memory and failures.
pub type ByteDigest = BTreeMap<String, String>;

impl CommittedRun {
    /// Gives the logical digest: rows of every table in key order across its parts, and `model.json`.
    pub fn logical_digest(&self) -> LogicalDigest {
        let mut digest = LogicalDigest::new();
        for segmentation in self.segmentations() {
            let name = format!("assignments/{segmentation}");
            digest.insert(name.clone(), rows_digest(&self.table(&name)));
        }
        let folders = self.files.keys().filter_map(|path| path.strip_prefix("membership/")?.split('/').next());
        for name in folders.map(|name| format!("membership/{name}")).collect::<BTreeSet<_>>() {
            digest.insert(name.clone(), rows_digest(&self.table(&name)));
        }
        let folders = ["recommendations", "changes"];
        let told =
            folders.into_iter().filter(|name| self.files.keys().any(|path| path.starts_with(&format!("{name}/"))));
        let others = self.files.keys().filter(|path| path.ends_with(".parquet") && !path.contains('/'));
        for name in others.map(String::as_str).filter(|name| *name != "quality.parquet").chain(["features"]).chain(told)
        {
            digest.insert(name.to_owned(), rows_digest(&self.table(name)));
        }
        digest.insert("model.json".to_owned(), sha256(&self.files["model.json"]));
        digest
    }

    /// Gives the byte digest: every file but `run.json` and `commit.json`, which tell of times; the page without the
    /// name of its run and the job file.
    pub fn byte_digest(&self) -> ByteDigest {
        let told = |path: &str| path != "run.json" && path != "commit.json";
        let files = self.files.iter().filter(|(path, _)| told(path));
        files.map(|(path, bytes)| (path.clone(), sha256(&self.without_names(path, bytes)))).collect()
    }

    /// The page names its run and holds the job file: the answer is the same under another name, and where the job file names other folders.
    fn without_names<'a>(&self, path: &str, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if path != "report.html" {
            return Cow::Borrowed(bytes);
        }
        let run = self.json("run.json")["run"].as_str().unwrap().to_owned();
        let text = String::from_utf8(bytes.to_vec()).unwrap().replace(&run, "RUN");
        let (before, job) = text.split_once("<pre").expect("the page holds the job file");
        let (_, after) = job.split_once("</pre>").unwrap();
        Cow::Owned(format!("{before}{after}").into_bytes())
    }
}

/// Hashes the schema and the rows, sorted by all their values from the left: every table's key stands in its first
/// columns and is unique, so this is key order.
fn rows_digest(table: &Table) -> String {
    let mut rows = table.rows.clone();
    rows.sort();
    let mut text = table.described().join(",");
    for row in rows {
        text.push('\n');
        for value in row {
            // Length before value: no two different rows are written alike, and null is not the empty text.
            match value {
                Some(value) => text.push_str(&format!("{}:{value},", value.len())),
                None => text.push_str("-,"),
            }
        }
    }
    sha256(text.as_bytes())
}

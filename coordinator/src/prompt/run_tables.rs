//! The tables of a committed run.

use crate::protocol::Commit;
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::{
    sql::prompt::RunFile,
    storage::{Folder, ObjectInfo},
};
use std::collections::BTreeMap;

/// A table of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTable {
    /// As queries name it: `features`, `segments`, `assignments.value`.
    pub name: String,
    /// Its files, in the order of their paths.
    pub files: Vec<RunFile>,
}

/// The folders that have a folder a segmentation.
const BY_SEGMENTATION: [&str; 2] = ["assignments", "membership"];

/// Finds the tables of a run, by name: every Parquet file on the top, every folder of such files, assignments and members of each segmentation, and
/// those of all together with the name of theirs.
///
/// # Errors
/// A file is not what was committed by its size: Data. The store cannot be read: Dependency.
pub async fn run_tables(folder: &Folder, commit: &Commit) -> Result<Vec<RunTable>> {
    let keys = RunKeys::new(&commit.job, &commit.run);
    let objects = folder.list(&keys.run_folder()).await?;
    let objects: BTreeMap<String, ObjectInfo> =
        objects.into_iter().map(|object| (object.key.clone(), object)).collect();
    let mut tables: BTreeMap<String, Vec<RunFile>> = BTreeMap::new();
    let mut paths: Vec<&str> = commit.files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    for path in paths {
        let Some(stem) = path.strip_suffix(".parquet") else { continue };
        // How to reach customers is for other tools alone.
        if stem.starts_with("exports/") {
            continue;
        }
        let gone = || Error::bug(format!("{path} is gone, and its size was looked at"));
        let object = objects.get(&keys.result(path)).ok_or_else(gone)?;
        let file = |constant| RunFile { object: object.clone(), constant };
        match stem.split('/').collect::<Vec<_>>().as_slice() {
            [name] | [name, _] => tables.entry((*name).to_owned()).or_default().push(file(None)),
            [name, of, _] => {
                tables.entry(format!("{name}.{of}")).or_default().push(file(None));
                if BY_SEGMENTATION.contains(name) {
                    let of = ("segmentation".to_owned(), (*of).to_owned());
                    tables.entry((*name).to_owned()).or_default().push(file(Some(of)));
                }
            }
            _ => {}
        }
    }
    Ok(tables.into_iter().map(|(name, files)| RunTable { name, files }).collect())
}

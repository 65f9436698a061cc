//! The run whose export another is compared with.

use super::manifest::{FORMAT_VERSION, Manifest};
use crate::protocol::{Commit, ObjectFolder, date_of};
use segmenter_proto::{Error, Result, jobs::Against, object_keys::exports_of};
use segmenter_worker::storage::Folder;
use serde::Deserialize;

/// The name of the file that makes an export.
pub(super) const MANIFEST: &str = "manifest.json";
/// The name of its copy while an export is written anew: until that is done, who was handed over is what it says.
pub(super) const DELIVERED: &str = "delivered.json";
/// The files of which one says that a run's export was handed over.
pub const MADE_BY: [&str; 2] = [MANIFEST, DELIVERED];

/// Says whether a run's export was handed over.
///
/// # Errors
/// The store's failure.
pub async fn was_delivered(folder: &Folder, job: &str, export: &str, run: &str) -> Result<bool> {
    for made_by in MADE_BY {
        if folder.head(&format!("{}/{run}/{made_by}", exports_of(job, export))).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Finds the run that an export of `commit` is compared with; none: there is none, or none is wanted.
///
/// # Errors
/// The job names a run that has not written the export: Job. The store cannot be read.
pub(super) async fn earlier<F: ObjectFolder>(
    folder: &F,
    commit: &Commit,
    export: &str,
    against: &Against,
) -> Result<Option<String>> {
    match against {
        Against::None => Ok(None),
        Against::Run(run) => match read_delivered(folder, &commit.job, export, run).await? {
            Some(_) => Ok(Some(run.clone())),
            None => Err(Error::job(format!("export {export}: run {run} has not written it"))
                .with_hint(
                    "against = \"latest\" is the newest run that has; \"none\" hands over every row as an added one",
                )
                .at_key("export".to_owned())),
        },
        Against::Latest => newest(folder, commit, export).await,
    }
}

/// Finds the newest run that wrote an export, of an earlier or the same `as_of`. The date stands in the run's id, so that few manifests are read.
async fn newest<F: ObjectFolder>(folder: &F, commit: &Commit, export: &str) -> Result<Option<String>> {
    let mut runs = folder.folders(&exports_of(&commit.job, export)).await?;
    // Removals of those who are forgotten stand beside.
    runs.retain(|run| *run != commit.run && date_of(run).is_some());
    runs.sort();
    let mut found: Option<Manifest> = None;
    while let Some(run) = runs.pop() {
        let is_of_day = |day: &str| run.starts_with(&format!("{day}-"));
        if found.as_ref().is_some_and(|found| !is_of_day(&found.as_of.to_string())) {
            break;
        }
        let Some(manifest) = read_delivered(folder, &commit.job, export, &run).await? else { continue };
        let is_newer =
            found.as_ref().is_none_or(|found| (found.sequence, &found.run) < (manifest.sequence, &manifest.run));
        if manifest.as_of <= commit.as_of && is_newer {
            found = Some(manifest);
        }
    }
    Ok(found.map(|manifest| manifest.run))
}

/// Reads what says that a run's export was handed over, which outlasts an attempt to write it anew.
pub(super) async fn read_delivered<F: ObjectFolder>(
    folder: &F,
    job: &str,
    export: &str,
    run: &str,
) -> Result<Option<Manifest>> {
    match read_manifest(folder, job, export, run).await? {
        Some(manifest) => Ok(Some(manifest)),
        None => read(folder, &format!("{}/{run}/{DELIVERED}", exports_of(job, export))).await,
    }
}

/// Reads the manifest of a run's export; none where it is not written.
///
/// # Errors
/// A newer version of this program wrote it, or it is damaged: Data. The store cannot be read.
pub(super) async fn read_manifest<F: ObjectFolder>(
    folder: &F,
    job: &str,
    export: &str,
    run: &str,
) -> Result<Option<Manifest>> {
    read(folder, &format!("{}/{run}/{MANIFEST}", exports_of(job, export))).await
}

async fn read<F: ObjectFolder>(folder: &F, key: &str) -> Result<Option<Manifest>> {
    /// Read first, so that a newer file is told from a broken one.
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let Some(bytes) = folder.get(key).await? else { return Ok(None) };
    let damaged = |error| {
        Error::data(format!("{key} is damaged"))
            .with_hint("delete it, and `segmenter export JOB --run R` writes the export of that run again")
            .caused_by(error)
    };
    let version: Version = serde_json::from_slice(&bytes).map_err(damaged)?;
    if version.format_version > FORMAT_VERSION {
        let found = version.format_version;
        return Err(Error::data(format!(
            "{key} has format_version {found}, this program reads up to {FORMAT_VERSION}"
        ))
        .with_hint("use the newer version of segmenter that wrote it"));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::super::manifest::{Customers, Rows};
    use super::*;
    use crate::protocol::{MemoryFolder, small_commit};
    use segmenter_proto::jobs::Delivery;

    async fn written(folder: &MemoryFolder, run: &str, sequence: u64) {
        let manifest = Manifest {
            format_version: 1,
            job: "club".to_owned(),
            export: "mail".to_owned(),
            run: run.to_owned(),
            as_of: run[..10].parse().unwrap(),
            sequence,
            previous: None,
            definition: String::new(),
            delivery: Delivery::default(),
            columns: Vec::new(),
            customers: Customers::default(),
            rows: Rows::default(),
            files: Vec::new(),
        };
        let key = format!("club/exports/mail/{run}/manifest.json");
        folder.put(&key, serde_json::to_vec(&manifest).unwrap().into()).await.unwrap();
    }

    #[tokio::test]
    async fn it_is_the_newest_that_is_not_later_and_was_written_whole() {
        let folder = MemoryFolder::default();
        let commit = |run: &str| Commit { as_of: run[..10].parse().unwrap(), ..small_commit(run) };
        let own = commit("2026-11-21-00000000000a");
        let found = async |own: &Commit| earlier(&folder, own, "mail", &Against::Latest).await.unwrap();
        assert_eq!(found(&own).await, None);
        written(&folder, "2026-11-19-00000000000f", 1).await;
        written(&folder, "2026-11-20-00000000000b", 1).await;
        written(&folder, "2026-11-20-000000000001", 2).await;
        written(&folder, "2026-11-22-000000000001", 1).await;
        folder.put("club/exports/mail/2026-11-21-00000000000c/full/part-00001.csv", "x".into()).await.unwrap();
        assert_eq!(found(&own).await.as_deref(), Some("2026-11-20-000000000001"));
        written(&folder, &own.run, 2).await;
        assert_eq!(found(&own).await.as_deref(), Some("2026-11-20-000000000001"), "itself is not before it");
        written(&folder, "2026-11-21-00000000000d", 1).await;
        assert_eq!(found(&own).await.as_deref(), Some("2026-11-21-00000000000d"));
        let list = "club/exports/mail/2026-11-21-00000000000d";
        let manifest = folder.get(&format!("{list}/manifest.json")).await.unwrap().unwrap();
        folder.put(&format!("{list}/delivered.json"), manifest).await.unwrap();
        folder.delete(&format!("{list}/manifest.json")).await.unwrap();
        assert_eq!(found(&own).await.as_deref(), Some("2026-11-21-00000000000d"), "it is written anew");
        let none = earlier(&folder, &own, "mail", &Against::None).await.unwrap();
        let named = earlier(&folder, &own, "mail", &Against::Run("2026-11-19-00000000000f".to_owned())).await.unwrap();
        assert_eq!((none, named.as_deref()), (None, Some("2026-11-19-00000000000f")));
        let error =
            earlier(&folder, &own, "mail", &Against::Run("2026-11-18-000000000000".to_owned())).await.unwrap_err();
        assert!(error.fault.exit_code() == 2 && error.message.contains("has not written it"));
    }
}

//! Writes the files of one export of a committed run.

use super::{
    blocks::{Blocks, Shape, columns_of},
    compare::{Fate, compare},
    earlier::{DELIVERED, MANIFEST, earlier, read_manifest},
    files::{Files, Place},
    form::Form,
    manifest::{Customers, FORMAT_VERSION, Manifest, Rows},
    merged::Merged,
    pinned::{BEGUN, Pinned},
};
use crate::protocol::{Commit, ExportRecord, definition_of, read_commit};
use arrow::datatypes::SchemaRef;
use segmenter_proto::{
    Error, Result,
    jobs::{Delivery, Export},
    object_keys::{RunKeys, exports_of},
};
use segmenter_worker::{failpoint::failpoint, results::PartReader, storage::Folder};
use std::{collections::BTreeSet, sync::Arc};
use tokio::runtime::Handle;

/// The folders of an export: all rows, and what became of them.
const FOLDERS: [&str; 4] = ["full", "added", "changed", "removed"];

/// An export that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What the job says of it now.
    pub export: &'a Export,
    /// The run.
    pub commit: &'a Commit,
    /// Whom its parts have.
    pub record: &'a ExportRecord,
    /// Whether it is written however many rows go.
    pub accept_removed: bool,
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// Where its files are.
    pub folder: String,
    /// How it ended.
    pub status: Status,
    /// What `manifest.json` says, or would.
    pub manifest: Manifest,
}

/// How an export ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its files are written.
    Written,
    /// They were written before, as they would be now.
    WrittenBefore,
    /// More rows would go than may; nothing is written.
    Withheld,
}

impl Status {
    /// Gives its word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::WrittenBefore => "written_before",
            Self::Withheld => "withheld",
        }
    }
}

/// Writes the files of an export, unless they are there or too many rows would go. Asked again, it writes the same bytes; with another delivery, it is
/// written anew.
///
/// # Errors
/// The run's parts are of another export than the job's (Job); they, or those of the run before, are gone or damaged; the store fails.
pub async fn deliver(output: &Folder, asked: Asked<'_>) -> Result<Delivered> {
    let Asked { export, commit, record, .. } = asked;
    if record.definition != definition_of(export)? {
        return Err(Error::job(format!("run {} has other rows for export {} than the job file says", commit.run, export.name))
            .with_hint("what an export's rows are made of is a part of the run: `segmenter run` makes one by the file as it is; `format`, limits, `against` and `max_removed_share` may differ"));
    }
    let folder = output.folder(&format!("{}/{}", exports_of(&commit.job, &export.name), commit.run))?;
    let there = read_manifest(output, &commit.job, &export.name, &commit.run).await?;
    let there = there.filter(|manifest| manifest.delivery == export.delivery);
    if let Some(manifest) = &there
        && are_there(&folder, manifest).await?
    {
        return Ok(Delivered {
            folder: folder.uri().to_owned(),
            status: Status::WrittenBefore,
            manifest: manifest.clone(),
        });
    }
    let begun = Pinned::read(&folder).await?.filter(|begun| begun.delivery == export.delivery);
    let previous = match (&there, begun) {
        (Some(manifest), _) => manifest.previous.clone(),
        (None, Some(begun)) => begun.previous,
        (None, None) => earlier(output, commit, &export.name, &export.delivery.against).await?,
    };
    let lists = |previous| Lists {
        output: output.clone(),
        commit: commit.clone(),
        export: export.name.clone(),
        delivery: export.delivery.clone(),
        previous,
    };
    let counted = on_thread(lists(previous), |lists| lists.count()).await?;
    let manifest = |counted: &Counted, previous: &Option<String>| manifest(asked, counted, previous.clone());
    let was_accepted = there.is_some();
    let share = counted.0.rows.removed_share();
    if share > export.delivery.max_removed_share && !asked.accept_removed && !was_accepted {
        let manifest = manifest(&counted.0, &counted.1);
        return Ok(Delivered { folder: folder.uri().to_owned(), status: Status::Withheld, manifest });
    }
    let pinned = Pinned { previous: counted.1, delivery: export.delivery.clone() };
    set_aside(&folder).await?;
    let pinned = pinned.decide(&folder).await?;
    failpoint("export.begun")?;
    let to = folder.clone();
    let (counted, previous) = on_thread(lists(pinned.previous), move |lists| lists.write(&to)).await?;
    failpoint("export.written")?;
    let manifest = manifest(&counted, &previous);
    finish(&folder, &manifest).await?;
    Ok(Delivered { folder: folder.uri().to_owned(), status: Status::Written, manifest })
}

/// From here on there is no export until the last file is written; that there was one is not forgotten, or the next run would not tell who is to go.
pub(super) async fn set_aside(folder: &Folder) -> Result<()> {
    if let Some(delivered) = folder.get(MANIFEST).await? {
        folder.put(DELIVERED, delivered).await?;
        folder.delete(MANIFEST).await?;
    }
    Ok(())
}

/// Says whether all files are there, by their sizes.
async fn are_there(folder: &Folder, manifest: &Manifest) -> Result<bool> {
    for file in &manifest.files {
        if folder.head(&file.path).await?.is_none_or(|found| found.size != file.bytes) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Deletes what an attempt with other limits left, and writes the manifest.
pub(super) async fn finish(folder: &Folder, manifest: &Manifest) -> Result<()> {
    let listed: BTreeSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    for found in folder.list("").await? {
        if ![BEGUN, DELIVERED].contains(&found.key.as_str()) && !listed.contains(found.key.as_str()) {
            folder.delete(&found.key).await?;
        }
    }
    folder.sync(listed.iter().map(|path| (*path).to_owned())).await?;
    let mut text = serde_json::to_vec_pretty(manifest)
        .map_err(|cause| Error::bug("manifest.json cannot be written").caused_by(cause))?;
    text.push(b'\n');
    folder.put(MANIFEST, text).await?;
    folder.delete(DELIVERED).await
}

fn manifest(asked: Asked<'_>, counted: &Counted, previous: Option<String>) -> Manifest {
    let Asked { export, commit, record, .. } = asked;
    let customers = Customers {
        selected: record.selected,
        without_consent: record.without_consent,
        without_contact: record.without_contact,
        unusable_contact: record.unusable_contact,
        without_key: record.without_key,
        held_out: record.held_out,
        same_key: counted.same_key,
        not_computed: record.not_computed,
    };
    let customers = match commit.forgotten.is_empty() {
        true => customers,
        false => customers.without_forgotten(counted.rows.full),
    };
    Manifest {
        format_version: FORMAT_VERSION,
        job: commit.job.clone(),
        export: export.name.clone(),
        run: commit.run.clone(),
        as_of: commit.as_of,
        sequence: commit.sequence,
        previous,
        definition: record.definition.clone(),
        delivery: export.delivery.clone(),
        columns: export.columns.iter().map(|column| column.header.clone()).collect(),
        customers,
        rows: counted.rows,
        files: counted.files.clone(),
    }
}

/// What the threads that read and write know.
pub(super) struct Lists {
    pub(super) output: Folder,
    pub(super) commit: Commit,
    /// Its name.
    pub(super) export: String,
    pub(super) delivery: Delivery,
    pub(super) previous: Option<String>,
}

/// What was counted, and the files.
pub(super) struct Counted {
    pub(super) rows: Rows,
    pub(super) same_key: u64,
    pub(super) files: Vec<super::manifest::DeliveredFile>,
}

/// Works on a thread that may wait for the store; gives the run before back.
pub(super) async fn on_thread<F>(lists: Lists, work: F) -> Result<(Counted, Option<String>)>
where
    F: FnOnce(&Lists) -> Result<Counted> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(move || {
        let counted = work(&lists)?;
        Ok((counted, lists.previous))
    });
    done.await.map_err(|error| Error::bug("an export's thread was lost").caused_by(error))?
}

impl Lists {
    /// Counts what would come and go.
    fn count(&self) -> Result<Counted> {
        let runtime = Handle::current();
        let (mut now, mut before) = self.open(&runtime, |schema| Shape { schema, form: None })?;
        let rows = compare(&mut now.0, before.as_mut(), |_, _| Ok(()))?;
        Ok(Counted { rows, same_key: now.0.same_key, files: Vec::new() })
    }

    pub(super) fn write(&self, folder: &Folder) -> Result<Counted> {
        let runtime = Handle::current();
        let delivery = &self.delivery;
        let (mut now, mut before) = self.open(&runtime, |schema| {
            let form = Some(Arc::new(Form::of(delivery, &schema)));
            Shape { schema, form }
        })?;
        let Shape { schema, form } = now.1.clone();
        let form = form.ok_or_else(|| Error::bug("rows are written in no form"))?;
        let place = Place { folder: folder.unsynced(), runtime, delivery: delivery.clone(), schema, form };
        let [mut full, mut added, mut changed, mut removed] = {
            let [full, added, changed, removed] = FOLDERS.map(|name| Files::new(&place, name));
            [full?, added?, changed?, removed?]
        };
        let rows = compare(&mut now.0, before.as_mut(), |fate, row| {
            match fate {
                Fate::Added => added.put(row)?,
                Fate::Changed => changed.put(row)?,
                Fate::Removed => return removed.put(row),
                Fate::Unchanged => {}
            }
            full.put(row)
        })?;
        let mut files = Vec::new();
        for folder in [added, changed, full, removed] {
            files.extend(folder.finish()?);
        }
        Ok(Counted { rows, same_key: now.0.same_key, files })
    }

    /// Opens the parts of both runs, in the columns of this one.
    fn open(&self, runtime: &Handle, shape: impl Fn(SchemaRef) -> Shape) -> Result<((Merged, Shape), Option<Merged>)> {
        let parts = self.parts(&self.commit, runtime)?;
        let schema = parts.first().map(|part| columns_of(part.schema()));
        let shape =
            shape(schema.ok_or_else(|| {
                Error::data(format!("run {} has no part of export {}", self.commit.run, self.export))
            })?);
        let merged = |parts: Vec<PartReader>| {
            Merged::new(parts.into_iter().map(|part| Blocks::new(part, shape.clone())).collect())
        };
        let before = match &self.previous {
            None => None,
            Some(run) => {
                let keys = RunKeys::new(&self.commit.job, run);
                let commit = runtime.block_on(read_commit(&self.output, &keys))?;
                let commit = commit.ok_or_else(|| {
                    Error::data(format!("export {}: run {run}, which wrote it before, is gone", self.export)).with_hint(
                        "put it back; or say against = \"none\" in its [[export]], which hands over every row as an added one and no removed one",
                    )
                })?;
                Some(merged(self.parts(&commit, runtime)?)?)
            }
        };
        Ok(((merged(parts)?, shape.clone()), before))
    }

    pub(super) fn parts(&self, commit: &Commit, runtime: &Handle) -> Result<Vec<PartReader>> {
        let keys = RunKeys::new(&commit.job, &commit.run);
        let folder = format!("exports/{}/", self.export);
        let parts = commit.files.iter().filter(|file| file.path.starts_with(&folder));
        parts.map(|file| PartReader::open(&self.output, runtime, &keys.result(&file.path), file.bytes)).collect()
    }
}

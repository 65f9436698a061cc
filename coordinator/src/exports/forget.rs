//! Lists that were handed over, of which customers are to go: first whoever was handed the newest is told, then each is written anew.

use super::{
    blocks::{Blocks, Shape, columns_of},
    compare::{Fate, compare},
    deliver::{Counted, Lists, finish, on_thread, set_aside},
    earlier::{MADE_BY, read_delivered, read_manifest},
    files::{Files, Place},
    form::Form,
    manifest::{Customers, Manifest, Rows},
    merged::Merged,
    pinned::{BEGUN, Pinned},
};
use crate::protocol::{Commit, date_of, read_commit};
use segmenter_proto::{
    Error, Result,
    object_keys::{RunKeys, exports_of},
};
use segmenter_worker::storage::Folder;
use std::{collections::BTreeSet, sync::Arc};
use tokio::runtime::Handle;

/// What the names of folders with removals begin with.
const REMOVALS: &str = "forget-";

/// A list that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// Name of the export.
    pub export: String,
    /// The run whose customers it has.
    pub run: String,
    /// The run whose list it is compared with.
    pub previous: Option<String>,
    /// Rows of that one which it says are gone.
    pub removed: u64,
    /// Whether no later one was handed over.
    pub is_newest: bool,
}

/// What lies below the exports of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lying {
    /// Lists, by export and run.
    pub lists: Vec<HandedOver>,
    /// Lists that were begun and never handed over: export and run.
    pub begun: Vec<(String, String)>,
    /// Removals that were handed over for those who were forgotten before: export and folder.
    pub removals: Vec<(String, String)>,
}

/// Finds what lies below the exports of a job.
///
/// # Errors
/// A manifest is damaged, or newer than this program: Data. The store cannot be read.
pub async fn lying(output: &Folder, job: &str) -> Result<Lying> {
    let mut found = Lying::default();
    for export in output.folders(&exports_of(job, "")).await? {
        let mut newest = None;
        let from = found.lists.len();
        for run in output.folders(&exports_of(job, &export)).await? {
            if date_of(&run).is_none() {
                if run.starts_with(REMOVALS) {
                    found.removals.push((export.clone(), run));
                }
                continue;
            }
            match read_delivered(output, job, &export, &run).await? {
                None => found.begun.push((export.clone(), run)),
                Some(manifest) => {
                    newest = newest.max(Some((manifest.as_of, manifest.sequence, run.clone())));
                    let Manifest { previous, rows: Rows { removed, .. }, .. } = manifest;
                    found.lists.push(HandedOver { export: export.clone(), run, previous, removed, is_newest: false });
                }
            }
        }
        for list in found.lists.iter_mut().skip(from) {
            list.is_newest = newest.as_ref().is_some_and(|(_, _, run)| *run == list.run);
        }
    }
    Ok(found)
}

/// Gives the name of the next folder with removals.
pub fn next_removals(removals: &[(String, String)]) -> String {
    let numbers = removals.iter().filter_map(|(_, folder)| folder.strip_prefix(REMOVALS)?.parse::<u64>().ok());
    format!("{REMOVALS}{}", numbers.max().unwrap_or_default() + 1)
}

/// Writes what becomes of the list of a run where these customers go: whose key goes, and rows in which another customer of the same key takes their
/// place. What was written before is left alone; nothing is written where the list has none of them.
///
/// # Errors
/// The run's parts are gone or damaged; the store fails.
pub async fn write_removals(
    output: &Folder,
    list: (&str, &str, &str),
    ids: &BTreeSet<String>,
    into: &str,
) -> Result<Option<Rows>> {
    let (job, export, run) = list;
    if let Some(there) = read_manifest(output, job, export, into).await? {
        return Ok(Some(there.rows));
    }
    let (Some(manifest), Some(commit)) =
        (read_delivered(output, job, export, run).await?, read_commit(output, &RunKeys::new(job, run)).await?)
    else {
        return Ok(None);
    };
    let folder = output.folder(&format!("{}/{into}", exports_of(job, export)))?;
    let (to, ids) = (folder.clone(), Arc::new(ids.clone()));
    let counted = on_thread(lists(output, &manifest, commit, None), move |lists| lists.removals(&to, ids)).await?.0;
    let rows = counted.rows;
    if rows.removed + rows.changed == 0 {
        delete_list(output, job, export, into).await?;
        return Ok(None);
    }
    let (previous, files) = (Some(run.to_owned()), counted.files);
    finish(&folder, &Manifest { previous, rows, files, customers: Customers::default(), ..manifest }).await?;
    Ok(Some(rows))
}

/// What became of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFate {
    /// It has the rows that its run has now.
    Rewritten,
    /// The run that it was compared with is gone, so that it is one without an earlier list now.
    WithoutEarlier,
    /// Its run is gone, so that nobody can say whose rows they were.
    Deleted,
    /// It was not there any more.
    Gone,
}

/// Writes a list anew, of what its run and the one that it is compared with have now.
///
/// # Errors
/// Parts of a run are gone or damaged; the store fails.
pub async fn write_again(output: &Folder, job: &str, export: &str, run: &str) -> Result<ListFate> {
    let Some(manifest) = read_delivered(output, job, export, run).await? else { return Ok(ListFate::Gone) };
    let Some(commit) = read_commit(output, &RunKeys::new(job, run)).await? else {
        delete_list(output, job, export, run).await?;
        return Ok(ListFate::Deleted);
    };
    let previous = match &manifest.previous {
        Some(earlier) if read_commit(output, &RunKeys::new(job, earlier)).await?.is_some() => Some(earlier.clone()),
        _ => None,
    };
    let fate = if previous == manifest.previous { ListFate::Rewritten } else { ListFate::WithoutEarlier };
    let folder = output.folder(&format!("{}/{run}", exports_of(job, export)))?;
    set_aside(&folder).await?;
    folder.delete(BEGUN).await?;
    Pinned { previous: previous.clone(), delivery: manifest.delivery.clone() }.decide(&folder).await?;
    let to = folder.clone();
    let lists = lists(output, &manifest, commit, previous);
    let (Counted { rows, same_key, files }, previous) = on_thread(lists, move |lists| lists.write(&to)).await?;
    let customers = Customers { same_key, ..manifest.customers };
    let customers = customers.without_forgotten(rows.full);
    finish(&folder, &Manifest { previous, rows, files, customers, ..manifest }).await?;
    Ok(fate)
}

/// Deletes a list, or removals, what makes it first.
///
/// # Errors
/// The store's failure.
pub async fn delete_list(output: &Folder, job: &str, export: &str, run: &str) -> Result<()> {
    let list = format!("{}/{run}", exports_of(job, export));
    for made_by in MADE_BY {
        output.delete(&format!("{list}/{made_by}")).await?;
    }
    output.delete_prefix(&list).await
}

fn lists(output: &Folder, manifest: &Manifest, commit: Commit, previous: Option<String>) -> Lists {
    let (export, delivery) = (manifest.export.clone(), manifest.delivery.clone());
    Lists { output: output.clone(), commit, export, delivery, previous }
}

impl Lists {
    fn removals(&self, folder: &Folder, ids: Arc<BTreeSet<String>>) -> Result<Counted> {
        let runtime = Handle::current();
        let parts = self.parts(&self.commit, &runtime)?;
        let gone = || Error::data(format!("run {} has no part of export {}", self.commit.run, self.export));
        let schema = columns_of(parts.first().ok_or_else(gone)?.schema());
        let form = Arc::new(Form::of(&self.delivery, &schema));
        let shape = Shape { schema: Arc::clone(&schema), form: Some(Arc::clone(&form)) };
        let mut before = Merged::new(parts.into_iter().map(|part| Blocks::new(part, shape.clone())).collect())?;
        let parts = self.parts(&self.commit, &runtime)?.into_iter();
        let without = parts.map(|part| Blocks::new(part, shape.clone()).without(Arc::clone(&ids)));
        let mut now = Merged::new(without.collect())?;
        let place = Place { folder: folder.unsynced(), runtime, delivery: self.delivery.clone(), schema, form };
        let (mut changed, mut removed) = (Files::new(&place, "changed")?, Files::new(&place, "removed")?);
        let rows = compare(&mut now, Some(&mut before), |fate, row| match fate {
            Fate::Changed => changed.put(row),
            Fate::Removed => removed.put(row),
            Fate::Added | Fate::Unchanged => Ok(()),
        })?;
        let mut files = changed.finish()?;
        files.extend(removed.finish()?);
        Ok(Counted { rows, same_key: now.same_key, files })
    }
}

#[cfg(test)]
mod tests {
    use super::next_removals;

    #[test]
    fn removals_are_numbered_on() {
        let of = |folders: &[&str]| {
            folders.iter().map(|folder| ("mail".to_owned(), (*folder).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(next_removals(&[]), "forget-1");
        assert_eq!(next_removals(&of(&["forget-2", "forget-10", "forget-old"])), "forget-11");
    }
}

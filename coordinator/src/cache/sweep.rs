//! What of the cache nobody takes any more.

use super::{
    entry::decode,
    of_run::{INDEX, KEPT, USED},
    open::Cache,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{Error, Result, jobs::Job, object_keys::cache_folder, v1::CacheEntry};
use segmenter_worker::storage::{Folder, ObjectInfo};
use std::collections::BTreeSet;

/// The last runs count whose entries stay: one that was tried with another file of the job is not to cost the next day a full reading.
const LAST_RUNS: usize = 3;
/// What is younger may be of a run that is under way, and is not named anywhere yet.
const UNDER_WAY: TimeDelta = TimeDelta::days(2);
/// Entries that are read at the same time.
const AT_ONCE: usize = 16;

/// What can go, and what stays.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Keys below the output of what can go: entries first, so that none is left without its chunks.
    pub delete: Vec<String>,
    /// Their bytes.
    pub deleted_bytes: u64,
    /// Objects that stay.
    pub kept: u64,
    /// Their bytes.
    pub kept_bytes: u64,
}

/// Finds what of a job's cache can go: entries that are older than the job wants them, or that none of its last runs took; chunks of no entry;
/// what has another number of shards; and all of it where the job keeps no rows any more. What is younger than two days stays.
///
/// # Errors
/// The store fails.
pub async fn find_unused(output: &Folder, job: &Job, now: DateTime<Utc>) -> Result<Sweep> {
    let root = cache_folder(&job.name);
    let objects = output.list(&root).await?;
    let is_old = |object: &ObjectInfo| now - object.last_modified >= UNDER_WAY;
    let own = match &job.cache {
        Some(_) => Cache::shards_of(output, &job.name).await?.map(|shards| format!("{root}/{shards}")),
        None => None,
    };
    let of_folder = |name: &str| -> Vec<&ObjectInfo> {
        let Some(own) = &own else { return Vec::new() };
        let prefix = format!("{own}/{name}/");
        objects.iter().filter(|object| object.key.starts_with(&prefix)).collect()
    };
    let (mut staying, mut used) = (BTreeSet::new(), None);
    let mut lists = of_folder(USED);
    lists.sort_by_key(|list| (std::cmp::Reverse(list.last_modified), list.key.clone()));
    for list in lists.into_iter().take(LAST_RUNS) {
        staying.insert(list.key.as_str());
        let text = output.get(&list.key).await?.unwrap_or_default();
        let names: &mut BTreeSet<String> = used.get_or_insert_default();
        names.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
    }
    let oldest = job.cache.as_ref().map(|cache| (now - TimeDelta::days(cache.max_age_days.into())).timestamp());
    let entries: Vec<(&ObjectInfo, Option<CacheEntry>)> = stream::iter(of_folder(INDEX))
        .map(|object| async move {
            let bytes = output.get(&object.key).await?;
            Ok::<_, Error>((object, bytes.and_then(|bytes| decode(&bytes))))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut chunks = BTreeSet::new();
    for (object, entry) in &entries {
        let name = object.key.rsplit('/').next().unwrap_or_default();
        let is_taken = used.as_ref().is_none_or(|used| used.contains(name)) || !is_old(object);
        let is_young = |entry: &&CacheEntry| oldest.is_some_and(|oldest| entry.made_at as i64 >= oldest);
        if let Some(entry) = entry.as_ref().filter(is_young).filter(|_| is_taken) {
            staying.insert(object.key.as_str());
            chunks.extend(entry.rows.iter().flat_map(|rows| &rows.objects).map(String::as_str));
        }
    }
    let is_chunk = |key: &str| {
        let object = own.as_ref().and_then(|own| key.strip_prefix(own.as_str())?.strip_prefix('/'));
        object.is_some_and(|object| object.starts_with(KEPT) && chunks.contains(object))
    };
    let form = format!("{root}/cache.json");
    let mut sweep = Sweep::default();
    let (mut entries, mut others) = (Vec::new(), Vec::new());
    let is_entry = |key: &str| own.as_ref().is_some_and(|own| key.starts_with(&format!("{own}/{INDEX}/")));
    for object in &objects {
        let key = object.key.as_str();
        let is_kept = staying.contains(key) || is_chunk(key) || (key == form && own.is_some());
        // An entry that is too old goes whoever wants it.
        if is_kept || (!is_entry(key) && !is_old(object)) {
            (sweep.kept, sweep.kept_bytes) = (sweep.kept + 1, sweep.kept_bytes + object.size);
            continue;
        }
        sweep.deleted_bytes += object.size;
        if is_entry(key) { entries.push(key.to_owned()) } else { others.push(key.to_owned()) }
    }
    sweep.delete = entries.into_iter().chain(others).collect();
    Ok(sweep)
}

/// Deletes what can go. A run that takes some of it in this moment reads its files instead.
///
/// # Errors
/// The store fails.
pub async fn sweep(output: &Folder, unused: &Sweep) -> Result<()> {
    for key in &unused.delete {
        output.delete(key).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::entry::{encode, entry};
    use super::*;
    use crate::protocol::job;
    use segmenter_proto::{jobs, v1::PartitionDone};
    use segmenter_worker::storage::Storage;

    /// A job whose cache has entries `a` and `b`, each with an object of its own, an object of none, and a folder of other shards.
    async fn output() -> (tempfile::TempDir, Folder, Job) {
        let root = tempfile::tempdir().unwrap();
        let output = Storage::with_environment([]).open(root.path().to_str().unwrap()).unwrap();
        let job = Job { name: "demo".to_owned(), cache: Some(jobs::Cache { max_age_days: 30 }), ..job() };
        Cache::open(&output, "demo", 4).await.unwrap();
        let made_at = Utc::now().timestamp() as u64;
        for name in ["a", "b"] {
            let rows = PartitionDone { objects: vec![format!("kept/{name}-1")], ..PartitionDone::default() };
            output.put(&format!("demo/_cache/4/index/{name}"), encode(entry(&[1], 0, made_at, rows))).await.unwrap();
            output.put(&format!("demo/_cache/4/kept/{name}-1"), "rows").await.unwrap();
        }
        output.put("demo/_cache/4/kept/a-0", "rows").await.unwrap();
        output.put("demo/_cache/2/index/c", "entry").await.unwrap();
        (root, output, job)
    }

    async fn gone(output: &Folder, job: &Job, days: i64) -> Vec<String> {
        let found = find_unused(output, job, Utc::now() + TimeDelta::days(days)).await.unwrap();
        found.delete.into_iter().map(|key| key.trim_start_matches("demo/_cache/").to_owned()).collect()
    }

    #[tokio::test]
    async fn what_the_last_runs_took_stays_and_the_rest_goes_when_nobody_can_be_at_it() {
        let (_root, output, job) = output().await;
        assert_eq!(gone(&output, &job, 0).await, [""; 0], "a run may be under way");
        let strays = ["2/index/c", "4/kept/a-0"];
        assert_eq!(gone(&output, &job, 3).await, strays, "no run has said what it took");
        output.put("demo/_cache/4/used/run-1", "b").await.unwrap();
        assert_eq!(gone(&output, &job, 3).await, ["4/index/a", "2/index/c", "4/kept/a-0", "4/kept/a-1"]);
        output.put("demo/_cache/4/used/run-2", "a\nb").await.unwrap();
        assert_eq!(gone(&output, &job, 3).await, strays);
        let found = find_unused(&output, &job, Utc::now() + TimeDelta::days(3)).await.unwrap();
        sweep(&output, &found).await.unwrap();
        assert_eq!(gone(&output, &job, 3).await, [""; 0]);
        assert!(output.head("demo/_cache/4/kept/a-1").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn what_is_too_old_goes_and_all_where_no_rows_are_kept_any_more() {
        let (_root, output, job) = output().await;
        output.put("demo/_cache/4/used/run-1", "a\nb").await.unwrap();
        assert_eq!(gone(&output, &job, 29).await, ["2/index/c", "4/kept/a-0"]);
        let all = gone(&output, &job, 31).await;
        assert!(all.starts_with(&["4/index/a".to_owned(), "4/index/b".to_owned()]), "{all:?}");
        assert!(!all.contains(&"cache.json".to_owned()) && all.len() == 6, "{all:?}");
        let without = Job { cache: None, ..job };
        assert_eq!(gone(&output, &without, 3).await.len(), 8);
        assert_eq!(gone(&output, &without, 1).await, [""; 0]);
    }
}

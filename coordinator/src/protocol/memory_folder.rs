//! An object store in memory that can be told to fail and to let others in between.

use super::folder::ObjectFolder;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, memory::InMemory, path::Path};
use segmenter_proto::{Error, Result};
use segmenter_worker::storage::PutNew;
use std::{
    collections::{BTreeMap, VecDeque},
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What a create-only write does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The work is done.
    None,
    /// Nothing is written; the store says conflict.
    ExistsButNobodyWrote,
    /// It is written; the reply is lost, and the client's own retry is answered "exists".
    WrittenThenExists,
    /// It is written; the reply is lost for good.
    WrittenThenError,
    /// Nothing is written; a retry helps.
    Error,
    /// Nothing is written; a retry does not help.
    Refused,
}

/// Objects in memory; clones share them and have their own faults and turns.
#[derive(Debug, Default)]
pub(crate) struct MemoryFolder {
    store: Arc<InMemory>,
    faults: Mutex<VecDeque<Fault>>,
    /// How often each next operation lets others run first.
    turns: Mutex<VecDeque<u8>>,
    /// Reads, and objects that listings told of.
    asked: Asked,
}

/// What a client asked of the store, for tests of how that grows.
#[derive(Debug, Default)]
struct Asked {
    gets: AtomicUsize,
    listed: AtomicUsize,
}

impl MemoryFolder {
    /// Another client of the same objects, with its own faults and turns.
    pub(crate) fn client(&self, faults: Vec<Fault>, turns: Vec<u8>) -> Self {
        Self {
            store: Arc::clone(&self.store),
            faults: Mutex::new(faults.into()),
            turns: Mutex::new(turns.into()),
            asked: Asked::default(),
        }
    }

    /// Makes the next create-only writes fail so.
    pub(crate) fn inject<const N: usize>(&self, faults: [Fault; N]) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// Makes create-only writes fail so, after `whole` that do not.
    pub(crate) fn inject_after<const N: usize>(&self, whole: usize, faults: [Fault; N]) {
        self.faults.lock().unwrap().extend(std::iter::repeat_n(Fault::None, whole));
        self.inject(faults);
    }

    /// Says whether every fault has fired.
    pub(crate) fn all_injected(&self) -> bool {
        self.faults.lock().unwrap().is_empty()
    }

    /// Gives how many reads there were, and how many names listings told.
    pub(crate) fn asked(&self) -> (usize, usize) {
        (self.asked.gets.load(Ordering::Relaxed), self.asked.listed.load(Ordering::Relaxed))
    }

    async fn turn(&self) {
        let turns = self.turns.lock().unwrap().pop_front().unwrap_or(0);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    async fn create(&self, key: &str, bytes: Bytes) -> Result<PutNew> {
        match self.store.put_opts(&Path::from(key), bytes.into(), PutOptions::from(PutMode::Create)).await {
            Ok(_) => Ok(PutNew::Created),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(PutNew::Exists),
            Err(error) => Err(Error::dependency(error.to_string())),
        }
    }
}

impl ObjectFolder for MemoryFolder {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.turn().await;
        self.asked.gets.fetch_add(1, Ordering::Relaxed);
        match self.store.get(&Path::from(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.unwrap())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::dependency(error.to_string())),
        }
    }

    async fn get_range_if_whole(&self, key: &str, range: Range<u64>) -> Result<Option<Bytes>> {
        let whole = self.get(key).await?;
        Ok(whole
            .filter(|bytes| bytes.len() as u64 >= range.end)
            .map(|bytes| bytes.slice(range.start as usize..range.end as usize)))
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        self.turn().await;
        self.store.put(&Path::from(key), bytes.into()).await.unwrap();
        Ok(())
    }

    async fn sync(&self, _keys: Vec<String>) -> Result<()> {
        Ok(())
    }

    async fn put_new(&self, key: &str, bytes: Bytes) -> Result<PutNew> {
        self.turn().await;
        let fault = self.faults.lock().unwrap().pop_front().unwrap_or(Fault::None);
        let answer = match fault {
            Fault::None => self.create(key, bytes).await,
            Fault::ExistsButNobodyWrote => Ok(PutNew::Exists),
            Fault::WrittenThenExists => self.create(key, bytes).await.map(|_| PutNew::Exists),
            Fault::WrittenThenError => {
                self.create(key, bytes).await?;
                Err(Error::dependency("the reply was lost"))
            }
            Fault::Error => Err(Error::dependency("503")),
            Fault::Refused => Err(Error::job("403")),
        };
        // A reply takes its time too: what was true when it was sent may not be when it arrives.
        self.turn().await;
        answer
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        self.turn().await;
        let found: Vec<_> = self.store.list(Some(&Path::from(prefix))).try_collect().await.unwrap();
        let mut keys: Vec<String> =
            found.into_iter().map(|meta: object_store::ObjectMeta| meta.location.to_string()).collect();
        keys.sort();
        self.asked.listed.fetch_add(keys.len(), Ordering::Relaxed);
        Ok(keys)
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        self.turn().await;
        let found = self.store.list_with_delimiter(Some(&Path::from(prefix))).await.unwrap().common_prefixes;
        self.asked.listed.fetch_add(found.len(), Ordering::Relaxed);
        Ok(found.iter().filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    async fn sizes(&self, prefix: &str) -> Result<BTreeMap<String, u64>> {
        self.turn().await;
        let found: Vec<object_store::ObjectMeta> =
            self.store.list(Some(&Path::from(prefix))).try_collect().await.unwrap();
        Ok(found.into_iter().map(|meta| (meta.location.to_string(), meta.size)).collect())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.turn().await;
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::dependency(error.to_string())),
        }
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<()> {
        for key in self.list(prefix).await? {
            self.delete(&key).await?;
        }
        Ok(())
    }
}

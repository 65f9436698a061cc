//! The seam to the object store under `<output.uri>`: what the lifecycle asks of it and no more.

use bytes::Bytes;
use segmenter_proto::Result;
use segmenter_worker::storage::{Folder, PutNew};
use std::{collections::BTreeMap, future::Future, ops::Range};

/// Objects by key, relative to one root.
///
/// - A write is visible whole or not at all, and to every later read.
/// - An error of a write says nothing about whether it happened.
pub trait ObjectFolder: Send + Sync {
    /// Gives an object's bytes; none where there is no such object.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Bytes>>> + Send;

    /// Gives the bytes `range` of an object; none where there is no object, or one that ends before they do.
    fn get_range_if_whole(&self, key: &str, range: Range<u64>) -> impl Future<Output = Result<Option<Bytes>>> + Send;

    /// Writes an object, over an older one too.
    fn put(&self, key: &str, bytes: Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Writes an object unless there is one.
    fn put_new(&self, key: &str, bytes: Bytes) -> impl Future<Output = Result<PutNew>> + Send;

    /// Gives the keys below `prefix` (a folder, without `/` at its end), sorted.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// Gives the sizes of the objects below `prefix` (a folder, without `/` at its end), by key.
    fn sizes(&self, prefix: &str) -> impl Future<Output = Result<BTreeMap<String, u64>>> + Send;

    /// Waits until objects outlive a power cut.
    fn sync(&self, keys: Vec<String>) -> impl Future<Output = Result<()>> + Send;

    /// Deletes an object; one that is not there is no error.
    fn delete(&self, key: &str) -> impl Future<Output = Result<()>> + Send;

    /// Deletes all below `prefix` (a folder, without `/` at its end).
    fn delete_prefix(&self, prefix: &str) -> impl Future<Output = Result<()>> + Send;

    /// Gives the names of the folders directly below `prefix`, sorted; what they hold is not listed.
    fn folders(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>>> + Send;
}

impl ObjectFolder for Folder {
    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        Self::get(self, key).await
    }

    async fn get_range_if_whole(&self, key: &str, range: Range<u64>) -> Result<Option<Bytes>> {
        Self::get_range_if_whole(self, key, range).await
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        Self::put(self, key, bytes).await
    }

    async fn put_new(&self, key: &str, bytes: Bytes) -> Result<PutNew> {
        Self::put_new(self, key, bytes).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(Self::list(self, prefix).await?.into_iter().map(|object| object.key).collect())
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        Self::folders(self, prefix).await
    }

    async fn sizes(&self, prefix: &str) -> Result<BTreeMap<String, u64>> {
        Ok(Self::list(self, prefix).await?.into_iter().map(|object| (object.key, object.size)).collect())
    }

    async fn sync(&self, keys: Vec<String>) -> Result<()> {
        Self::sync(self, keys).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        Self::delete(self, key).await
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<()> {
        Self::delete_prefix(self, prefix).await
    }
}

//! Makes stores from the environment, one a bucket.

use super::folder::Folder;
use super::local::LocalStore;
use super::location::{LOCAL, Location};
use super::room::Room;
use super::uploads::Uploads;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, RetryConfig};
use object_store::{ObjectStore, multipart::MultipartStore};
use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Every store that a run touches; cheap to clone, and one connection pool a bucket.
#[derive(Debug, Clone)]
pub struct Storage {
    inner: Arc<Inner>,
    room: Room,
}

#[derive(Debug)]
struct Inner {
    environment: BTreeMap<String, String>,
    stores: Mutex<BTreeMap<String, Opened>>,
}

/// A store by its two faces.
#[derive(Debug, Clone)]
struct Opened {
    store: Arc<dyn ObjectStore>,
    uploads: Option<Uploads>,
}

impl Opened {
    fn with_uploads<S: ObjectStore + MultipartStore>(store: S) -> Self {
        let store = Arc::new(store);
        Self { uploads: Some(Uploads::new(Arc::clone(&store) as Arc<dyn MultipartStore>)), store }
    }
}

impl Storage {
    /// Takes credentials and endpoints from the environment: `AWS_*`, `GOOGLE_*`, `AZURE_*`.
    pub fn from_environment() -> Self {
        let text = |name: std::ffi::OsString| name.into_string().ok();
        Self::with_environment(std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))))
    }

    /// Takes credentials and endpoints from these variables instead of the process's.
    pub fn with_environment(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let environment = variables
            .into_iter()
            .filter(|(name, _)| ["AWS_", "GOOGLE_", "AZURE_"].iter().any(|prefix| name.starts_with(prefix)))
            .collect();
        Self { inner: Arc::new(Inner { environment, stores: Mutex::default() }), room: Room::default() }
    }

    /// Gives the same stores to readers that together hold no more than so many bytes of what is not decoded yet, whatever their number.
    #[must_use]
    pub fn reading_within(&self, bytes: u64) -> Self {
        Self { inner: Arc::clone(&self.inner), room: Room::of(bytes) }
    }

    /// Gives the room that readers have.
    pub(crate) fn room(&self) -> Room {
        self.room.clone()
    }

    /// Puts `store` in the place of a store: `file://`, or scheme and bucket as in `s3://lake`.
    ///
    /// For decorators that count, limit or break requests, and for stores in memory.
    pub fn mount(&self, name: &str, store: Arc<dyn ObjectStore>) {
        self.stores().insert(name.to_owned(), Opened { store, uploads: None });
    }

    /// Opens a folder: a path (relative or absolute), `file://`, `s3://bucket/prefix`, `gs://…` or `az://…`.
    ///
    /// Nothing is read or created; a local folder appears with its first file.
    ///
    /// # Errors
    ///
    /// The job's fault where the URI is not one; a dependency's where the environment lacks what the store needs.
    pub fn open(&self, uri: &str) -> Result<Folder> {
        let location = Location::parse(uri)?;
        let Opened { store, uploads } = self.opened(&location.store)?;
        Ok(Folder::new(store, location, uploads))
    }

    /// Gives the store named `name`, as in [`Self::mount`].
    pub(crate) fn store(&self, name: &str) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.opened(name)?.store)
    }

    fn opened(&self, name: &str) -> Result<Opened> {
        if let Some(opened) = self.stores().get(name) {
            return Ok(opened.clone());
        }
        let opened = self.inner.build(name)?;
        Ok(self.stores().entry(name.to_owned()).or_insert(opened).clone())
    }

    fn stores(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Opened>> {
        // A map of handles is whole whatever happened to the thread that held the lock.
        self.inner.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn build(&self, name: &str) -> Result<Opened> {
        let unset = |error: object_store::Error| {
            Error::dependency(format!("the environment lacks what {name} needs: {error}"))
                .with_hint("set the store's variables: AWS_*, GOOGLE_* or AZURE_*")
                .caused_by(error)
        };
        match name.split_once("://") {
            _ if name == LOCAL => Ok(Opened { store: Arc::new(LocalStore::default()), uploads: None }),
            Some(("s3", bucket)) => {
                self.check_plain_http()?;
                let builder = AmazonS3Builder::new().with_conditional_put(S3ConditionalPut::ETagMatch);
                let builder = self.configured("AWS_", builder, |builder, key: AmazonS3ConfigKey, value| {
                    builder.with_config(key, value)
                });
                let store = builder.with_bucket_name(bucket).with_retry(retries()).build().map_err(unset)?;
                Ok(Opened::with_uploads(store))
            }
            Some(("gs", bucket)) => {
                let builder = GoogleCloudStorageBuilder::new();
                let builder = self.configured("GOOGLE_", builder, |builder, key: GoogleConfigKey, value| {
                    builder.with_config(key, value)
                });
                let store = builder.with_bucket_name(bucket).with_retry(retries()).build().map_err(unset)?;
                Ok(Opened::with_uploads(store))
            }
            Some(("az", container)) => {
                let builder = MicrosoftAzureBuilder::new();
                let builder = self.configured("AZURE_", builder, |builder, key: AzureConfigKey, value| {
                    builder.with_config(key, value)
                });
                let store = builder.with_container_name(container).with_retry(retries()).build().map_err(unset)?;
                Ok(Opened::with_uploads(store))
            }
            _ => Err(Error::bug(format!("no store is named {name}"))),
        }
    }

    /// Hands each variable that starts with `prefix` and is known to the store to its builder.
    fn configured<B, K: std::str::FromStr>(&self, prefix: &str, builder: B, set: impl Fn(B, K, &str) -> B) -> B {
        self.environment.iter().filter(|(name, _)| name.starts_with(prefix)).fold(builder, |builder, (name, value)| {
            match name.to_ascii_lowercase().parse() {
                Ok(key) => set(builder, key, value),
                Err(_) => builder,
            }
        })
    }

    /// Without this check a plain endpoint fails late, after all retries and without naming the variable.
    fn check_plain_http(&self) -> Result<()> {
        let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
            .iter()
            .find_map(|name| Some((name, self.environment.get(*name)?)));
        let allowed = self.environment.get("AWS_ALLOW_HTTP").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match endpoint {
            Some((name, url)) if url.starts_with("http://") && !allowed => {
                Err(Error::dependency(format!("{name} is {url}, which is not encrypted"))
                    .with_hint("set AWS_ALLOW_HTTP=true if that is meant, or use https://"))
            }
            _ => Ok(()),
        }
    }
}

/// Retries what may pass by itself (5xx, throttling, connections that break or time out), up to 10 times with pauses
/// from 0.1 s doubling to 5 s: about half a minute, which rides out a throttled prefix or a failover, and still tells a
/// person within a minute or so that the endpoint is wrong. Two minutes at most keeps a request's signature valid.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 10,
        retry_timeout: Duration::from_secs(120),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage(variables: &[(&str, &str)]) -> Storage {
        Storage::with_environment(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn an_endpoint_in_the_clear_must_be_allowed() {
        let keys =
            [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];
        let error = storage(&keys).open("s3://lake/x").unwrap_err();
        assert!(error.message.contains("AWS_ENDPOINT_URL"), "{}", error.message);
        let allowed: Vec<_> = keys.into_iter().chain([("AWS_ALLOW_HTTP", "true")]).collect();
        let store = storage(&allowed).store("s3://lake").unwrap();
        assert_eq!(store.to_string(), "AmazonS3(lake)");
    }

    #[test]
    fn a_bucket_has_one_store_and_half_a_credential_is_named() {
        let storage = storage(&[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")]);
        let (a, b) = (storage.store("s3://lake").unwrap(), storage.store("s3://lake").unwrap());
        assert!(Arc::ptr_eq(&a, &b));
        let half = self::storage(&[("AWS_ACCESS_KEY_ID", "a")]).open("s3://lake").unwrap_err();
        assert_eq!(half.fault, segmenter_proto::Fault::Dependency);
        assert!(half.message.contains("SecretAccessKey"), "{}", half.message);
        assert!(self::storage(&[]).open("az://box/x").is_err(), "no account");
    }
}

//! A place on S3 for one test: on the server inside this process, or on the real one that `SEGMENTER_TEST_S3_ENDPOINT` names
//! (with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and a bucket in `SEGMENTER_TEST_S3_BUCKET`).

use super::s3_server::{ACCESS_KEY, BUCKET, SECRET_KEY};
use super::{CommittedRun, Mood, Ran, S3Proxy, S3Server};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, UpdateVersion};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Runtime;

/// A bucket's prefix that no other test uses, with a client of its own.
#[derive(Debug)]
pub struct S3 {
    /// What the program must find in its environment.
    pub environment: Vec<(String, String)>,
    bucket: String,
    prefix: String,
    store: AmazonS3,
    runtime: Runtime,
}

impl S3 {
    /// Gives a place on the server that all tests of this process share.
    pub fn shared() -> Self {
        static SERVER: OnceLock<S3Server> = OnceLock::new();
        let set = |name: &str| std::env::var(name).ok();
        match set("SEGMENTER_TEST_S3_ENDPOINT") {
            Some(endpoint) => Self::at(
                &endpoint,
                &set("AWS_ACCESS_KEY_ID").expect("AWS_ACCESS_KEY_ID of SEGMENTER_TEST_S3_ENDPOINT"),
                &set("AWS_SECRET_ACCESS_KEY").expect("AWS_SECRET_ACCESS_KEY of SEGMENTER_TEST_S3_ENDPOINT"),
                &set("SEGMENTER_TEST_S3_BUCKET").unwrap_or(BUCKET.to_owned()),
            ),
            None => Self::on(SERVER.get_or_init(|| S3Server::start(Mood::default()))),
        }
    }

    /// Gives a place on a server of the test's own.
    pub fn on(server: &S3Server) -> Self {
        Self::at(&server.endpoint(), ACCESS_KEY, SECRET_KEY, BUCKET)
    }

    fn at(endpoint: &str, access_key: &str, secret_key: &str, bucket: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let prefix = format!("t{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let environment = [
            ("AWS_ENDPOINT", endpoint),
            ("AWS_ACCESS_KEY_ID", access_key),
            ("AWS_SECRET_ACCESS_KEY", secret_key),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ALLOW_HTTP", "true"),
        ];
        let store = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_access_key_id(access_key)
            .with_secret_access_key(secret_key)
            .with_region("us-east-1")
            .with_allow_http(true)
            .with_bucket_name(bucket)
            .build()
            .unwrap();
        Self {
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            bucket: bucket.to_owned(),
            prefix,
            store,
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        }
    }

    /// Gives what the program must find in its environment to reach this place by a proxy.
    pub fn environment_through(&self, proxy: &S3Proxy) -> Vec<(String, String)> {
        let endpoint =
            |name: &str, value: &String| if name == "AWS_ENDPOINT" { proxy.endpoint() } else { value.clone() };
        self.environment.iter().map(|(name, value)| (name.clone(), endpoint(name, value))).collect()
    }

    /// Gives the names of all objects below a name.
    pub fn list(&self, name: &str) -> Vec<String> {
        let prefix = self.path(name);
        let listed: Vec<_> = self.runtime.block_on(self.store.list(Some(&prefix)).try_collect()).unwrap();
        let below = |object: object_store::ObjectMeta| object.location.as_ref()[prefix.as_ref().len() + 1..].to_owned();
        listed.into_iter().map(below).collect()
    }

    /// Gives the `s3://` URI of a name in this place.
    pub fn uri(&self, name: &str) -> String {
        format!("s3://{}/{}/{name}", self.bucket, self.prefix)
    }

    /// Writes an object.
    pub fn put(&self, name: &str, contents: impl Into<Bytes>) {
        let contents: Bytes = contents.into();
        self.runtime.block_on(self.store.put(&self.path(name), contents.into())).unwrap();
    }

    /// Writes an object that must not exist, and says whether it did not.
    pub fn create(&self, name: &str, contents: impl Into<Bytes>) -> Result<(), object_store::Error> {
        let contents: Bytes = contents.into();
        let options = PutOptions::from(PutMode::Create);
        self.runtime.block_on(self.store.put_opts(&self.path(name), contents.into(), options)).map(drop)
    }

    /// Replaces an object that must still have this etag.
    pub fn replace(&self, name: &str, etag: &str, contents: impl Into<Bytes>) -> Result<(), object_store::Error> {
        let contents: Bytes = contents.into();
        let version = UpdateVersion { e_tag: Some(etag.to_owned()), version: None };
        let options = PutOptions::from(PutMode::Update(version));
        self.runtime.block_on(self.store.put_opts(&self.path(name), contents.into(), options)).map(drop)
    }

    /// Reads an object, if it still has this etag where one is given.
    pub fn get(&self, name: &str, if_match: Option<&str>) -> Result<(Bytes, String), object_store::Error> {
        let options = object_store::GetOptions { if_match: if_match.map(str::to_owned), ..Default::default() };
        self.runtime.block_on(async {
            let found = self.store.get_opts(&self.path(name), options).await?;
            let etag = found.meta.e_tag.clone().unwrap_or_default();
            Ok((found.bytes().await?, etag))
        })
    }

    /// Reads the run that a process printed.
    #[track_caller]
    pub fn committed(&self, ran: &Ran) -> CommittedRun {
        let folder = ran.run_folder();
        let root = format!("s3://{}/", self.bucket);
        let prefix = Path::from(folder.strip_prefix(&root).unwrap_or_else(|| panic!("{folder} is not in {root}")));
        let files = self.runtime.block_on(async {
            let listed: Vec<_> = self.store.list(Some(&prefix)).try_collect().await.unwrap();
            let mut files = BTreeMap::new();
            for object in listed {
                let bytes = self.store.get(&object.location).await.unwrap().bytes().await.unwrap();
                let name = object.location.as_ref().strip_prefix(prefix.as_ref()).unwrap().trim_start_matches('/');
                files.insert(name.to_owned(), bytes);
            }
            files
        });
        CommittedRun::checked(folder, files)
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }
}

//! An S3 server inside the test process, so that the tests need nothing installed.

use super::s3_faithful::Faithful;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::net::{Ipv4Addr, SocketAddr};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub(super) const ACCESS_KEY: &str = "test-access-key";
pub(super) const SECRET_KEY: &str = "test-secret-key";
pub(super) const BUCKET: &str = "segmenter-tests";

/// How often a server fails and what it does not promise; never and nothing, unless said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mood {
    /// Every so many requests, one is refused with 503 and has no effect.
    pub refuse_every: Option<u64>,
    /// Every so many requests, one takes effect and is answered with 500.
    pub lose_reply_every: Option<u64>,
    /// Writes that must create overwrite.
    pub overwrites: bool,
}

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    _runtime: Runtime,
    folder: TempDir,
}

impl S3Server {
    /// Starts a server with one bucket on a free port of the loopback interface.
    pub fn start(mood: Mood) -> Self {
        let folder = tempfile::Builder::new().prefix("segmenter-s3-").tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(Faithful::new(FileSystem::new(folder.path()).unwrap(), mood));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();

        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { continue };
                let service = service.clone();
                tokio::spawn(async move {
                    // A client that goes away in the middle is what the tests are about.
                    let _ = Builder::new().serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { address, _runtime: runtime, folder }
    }

    /// Gives how many uploads of several parts were begun and not ended: `s3s-fs` keeps a file of each beside its buckets.
    pub fn open_uploads(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload-")).count()
    }

    /// Gives how many parts the server keeps of such uploads.
    pub fn parts_of_uploads(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload_id-")).count()
    }

    /// Gives the server's URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

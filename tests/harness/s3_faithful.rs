//! `s3s-fs` with the conditional requests of S3 as S3 promises them.
//!
//! `s3s-fs` 0.14 looks whether an object exists and writes it later, so two creators may both win, and its reads know no
//! `If-Match`. Here every change of a key excludes every other, from the first look to the last byte, and reads are
//! refused with 412 where the object is no longer the one that was asked for. Requests can also be made to fail.

use super::s3_server::Mood;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

const STRIPES: usize = 64;

/// The file system with locks and moods.
#[derive(Debug)]
pub(super) struct Faithful {
    inner: FileSystem,
    locks: Vec<RwLock<()>>,
    mood: Mood,
    requests: AtomicU64,
}

impl Faithful {
    pub(super) fn new(inner: FileSystem, mood: Mood) -> Self {
        let locks = (0..STRIPES).map(|_| RwLock::new(())).collect();
        Self { inner, locks, mood, requests: AtomicU64::new(0) }
    }

    fn lock(&self, key: &str) -> &RwLock<()> {
        let hash = key.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
        &self.locks[hash % STRIPES]
    }

    async fn reading(&self, key: &str) -> RwLockReadGuard<'_, ()> {
        self.lock(key).read().await
    }

    async fn writing(&self, key: &str) -> RwLockWriteGuard<'_, ()> {
        self.lock(key).write().await
    }

    /// Fails the request before it did anything, if it is its turn.
    fn admit(&self) -> S3Result<u64> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        match self.mood.refuse_every {
            Some(every) if number.is_multiple_of(every) => Err(s3_error!(SlowDown, "this server is in a bad mood")),
            _ => Ok(number),
        }
    }

    /// Fails the request after it did everything, if it is its turn: the client cannot know.
    fn answer<T>(&self, number: u64, done: S3Result<T>) -> S3Result<T> {
        match self.mood.lose_reply_every {
            Some(every) if number.is_multiple_of(every) => {
                done.and(Err(s3_error!(InternalError, "the reply was lost")))
            }
            _ => done,
        }
    }

    async fn etag(&self, bucket: &str, key: &str) -> S3Result<Option<ETag>> {
        let input = HeadObjectInput { bucket: bucket.to_owned(), key: key.to_owned(), ..Default::default() };
        Ok(self.inner.head_object(request(input)).await?.output.e_tag)
    }

    async fn check(&self, bucket: &str, key: &str, if_match: Option<&ETagCondition>) -> S3Result<()> {
        let Some(ETagCondition::ETag(expected)) = if_match else { return Ok(()) };
        match self.etag(bucket, key).await? {
            Some(found) if found.strong_cmp(expected) => Ok(()),
            _ => Err(s3_error!(PreconditionFailed, "the object is another one")),
        }
    }
}

fn request<T>(input: T) -> S3Request<T> {
    S3Request {
        input,
        method: Default::default(),
        uri: Default::default(),
        headers: Default::default(),
        extensions: Default::default(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    }
}

/// Passes operations on that touch no object's contents.
macro_rules! pass {
    ($($operation:ident: $input:ty => $output:ty;)*) => {
        #[async_trait::async_trait]
        impl S3 for Faithful {
            $(async fn $operation(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                let number = self.admit()?;
                self.answer(number, self.inner.$operation(request).await)
            })*

            async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
                let number = self.admit()?;
                let GetObjectInput { bucket, key, if_match, .. } = &request.input;
                let _reading = self.reading(key).await;
                self.check(bucket, key, if_match.as_ref()).await?;
                self.answer(number, self.inner.get_object(request).await)
            }

            async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
                let number = self.admit()?;
                let HeadObjectInput { bucket, key, if_match, .. } = &request.input;
                let _reading = self.reading(key).await;
                self.check(bucket, key, if_match.as_ref()).await?;
                self.answer(number, self.inner.head_object(request).await)
            }

            async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
                let number = self.admit()?;
                if self.mood.overwrites {
                    request.input.if_none_match = None;
                }
                let key = request.input.key.clone();
                let _writing = self.writing(&key).await;
                self.answer(number, self.inner.put_object(request).await)
            }

            async fn delete_object(
                &self,
                request: S3Request<DeleteObjectInput>,
            ) -> S3Result<S3Response<DeleteObjectOutput>> {
                let number = self.admit()?;
                let key = request.input.key.clone();
                let _writing = self.writing(&key).await;
                self.answer(number, self.inner.delete_object(request).await)
            }

            async fn complete_multipart_upload(
                &self,
                request: S3Request<CompleteMultipartUploadInput>,
            ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
                // Never refused: `s3s-fs` cannot complete an upload twice, so a lost reply could not be retried.
                let key = request.input.key.clone();
                let _writing = self.writing(&key).await;
                self.inner.complete_multipart_upload(request).await
            }
        }
    };
}

pass! {
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput;
    copy_object: CopyObjectInput => CopyObjectOutput;
    create_bucket: CreateBucketInput => CreateBucketOutput;
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput;
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput;
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput;
    head_bucket: HeadBucketInput => HeadBucketOutput;
    list_buckets: ListBucketsInput => ListBucketsOutput;
    list_objects: ListObjectsInput => ListObjectsOutput;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output;
    list_parts: ListPartsInput => ListPartsOutput;
    upload_part: UploadPartInput => UploadPartOutput;
}

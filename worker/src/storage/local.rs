//! Files of this machine as a store.
//!
//! `object_store` has one; this one differs from it in two things:
//!
//! - What is written is on the disk when the write returns: the bytes before the file gets its name, and the name with its
//!   folders. A power cut leaves a whole file or none. Work files, which have checksums and can be made again, and results, which
//!   are waited for together ([`sync_files`]), say [`Unsynced`].
//! - Files whose names end with `#` and digits are files like others. `object_store` keeps such names for what it is just
//!   writing, hides them in listings and refuses to read them, so that inputs of that name would be left out in silence, and
//!   what killed writers leave would stay for ever.

use async_trait::async_trait;
use futures::{FutureExt, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
    local::LocalFileSystem, path::Path,
};
use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path as FilePath, PathBuf},
};

/// Says of a write that it need not outlive a power cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unsynced;

/// Local files.
#[derive(Debug, Default)]
pub(super) struct LocalStore {
    inner: LocalFileSystem,
}

impl std::fmt::Display for LocalStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(formatter)
    }
}

#[async_trait]
impl ObjectStore for LocalStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let synced = options.extensions.get::<Unsynced>().is_none();
        let path = path_of(location);
        match options.mode {
            PutMode::Overwrite if !synced && !is_hidden(location) => {
                self.inner.put_opts(location, payload, options).await
            }
            PutMode::Overwrite => {
                blocking(move || write(&path, &payload, synced, &|from, to| fs::rename(from, to))).await
            }
            PutMode::Create => blocking(move || write(&path, &payload, synced, &link)).await,
            PutMode::Update(_) => self.inner.put_opts(location, payload, options).await,
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if !is_hidden(location) {
            return self.inner.get_opts(location, options).await;
        }
        let (location, path) = (location.clone(), path_of(location));
        blocking(move || {
            let file = File::open(&path).map_err(|error| failed(&path, error))?;
            let meta = describe(location, &file.metadata().map_err(|error| failed(&path, error))?);
            options.check_preconditions(&meta)?;
            let range = match options.range {
                Some(range) => range.as_range(meta.size).map_err(|error| generic(&path, error))?,
                None => 0..meta.size,
            };
            Ok(GetResult {
                payload: GetResultPayload::File(file, path),
                meta,
                range,
                attributes: Attributes::default(),
            })
        })
        .await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let delete = |location: Result<Path>| async {
            let location = location?;
            let path = path_of(&location);
            blocking(move || fs::remove_file(&path).map_err(|error| failed(&path, error))).await?;
            Ok(location)
        };
        locations.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let root = prefix.map_or_else(|| PathBuf::from("/"), path_of);
        let hidden = blocking(move || Ok(hidden_files(&root))).map(|found| match found {
            Ok(found) => futures::stream::iter(found).map(Ok).boxed(),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        });
        self.inner.list(prefix).chain(hidden.flatten_stream()).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}

/// Says whether `object_store` keeps a name for itself: it ends with `#` and digits.
pub(super) fn is_hidden(location: &Path) -> bool {
    let ending = location.filename().and_then(|name| name.split_once('#')).map(|(_, ending)| ending);
    ending.is_some_and(|ending| !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_digit()))
}

fn path_of(location: &Path) -> PathBuf {
    PathBuf::from(format!("/{location}"))
}

/// Writes aside, and gives the file its name with `appear` when it is whole.
fn write(
    path: &FilePath,
    payload: &PutPayload,
    synced: bool,
    appear: &dyn Fn(&FilePath, &FilePath) -> io::Result<()>,
) -> Result<PutResult> {
    let (mut file, aside) = create_aside(path).map_err(|error| failed(path, error))?;
    let filled = payload.iter().try_for_each(|bytes| file.write_all(bytes));
    let filled = filled.and_then(|()| if synced { file.sync_all() } else { Ok(()) });
    let meta = filled.and_then(|()| file.metadata());
    // Some network file systems write when a file is closed.
    drop(file);
    let appeared = meta.and_then(|meta| appear(&aside, path).map(|()| meta));
    if appeared.is_err() {
        // What matters is why it could not be written.
        let _ = fs::remove_file(&aside);
    }
    let meta = appeared.map_err(|error| failed(path, error))?;
    if synced {
        sync_folders_above(path).map_err(|error| failed(path, error))?;
    }
    Ok(PutResult { e_tag: Some(etag(&meta)), version: None })
}

/// Gives the file its name if nothing else has it.
fn link(aside: &FilePath, path: &FilePath) -> io::Result<()> {
    fs::hard_link(aside, path)?;
    // A stray of that kind is deleted with the strays of killed writers.
    let _ = fs::remove_file(aside);
    Ok(())
}

/// Opens a new file beside `path`, in a folder that is made where it is not there.
fn create_aside(path: &FilePath) -> io::Result<(File, PathBuf)> {
    let mut number = 1_u64;
    let mut makes_folder = true;
    loop {
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!("#{number}"));
        let aside = PathBuf::from(aside);
        match OpenOptions::new().write(true).create_new(true).open(&aside) {
            Ok(file) => return Ok((file, aside)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            // Once, whether or not it is there by now: another writer may have made it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound && makes_folder => {
                makes_folder = false;
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Makes sure of a file's name, and of those of all folders above: whoever made them may have been killed before it did.
fn sync_folders_above(path: &FilePath) -> io::Result<()> {
    let mut folders = path.ancestors().skip(1);
    folders.next().map_or(Ok(()), sync_folder)?;
    // Those far above may be closed to this user, and were there long before.
    folders.for_each(|folder| drop(sync_folder(folder)));
    Ok(())
}

/// Files that are waited for at the same time: a disk writes many at once.
const SYNCED_AT_ONCE: usize = 16;

/// Waits until files are on the disk, and then for their names, with those of all folders above; gives the path that failed.
pub(super) async fn sync_files(paths: Vec<PathBuf>) -> std::result::Result<(), (PathBuf, io::Error)> {
    let folders: BTreeSet<PathBuf> = paths.iter().filter_map(|path| path.parent()).map(PathBuf::from).collect();
    let above: BTreeSet<PathBuf> =
        folders.iter().flat_map(|folder| folder.ancestors().skip(1)).map(PathBuf::from).collect();
    sync_all(paths, |file| File::open(file)?.sync_all()).await?;
    sync_all(folders.iter().cloned(), sync_folder).await?;
    // Those far above may be closed to this user, and were there long before.
    let far = above.difference(&folders).cloned();
    sync_all(far, |folder| sync_folder(folder).or(Ok(()))).await
}

async fn sync_all(
    paths: impl IntoIterator<Item = PathBuf>,
    sync: fn(&FilePath) -> io::Result<()>,
) -> std::result::Result<(), (PathBuf, io::Error)> {
    let one = |path: PathBuf| async move {
        let shared = path.clone();
        let synced = tokio::task::spawn_blocking(move || sync(&shared)).await.unwrap_or_else(|cause| Err(cause.into()));
        synced.map_err(|error| (path, error))
    };
    futures::stream::iter(paths).map(one).buffer_unordered(SYNCED_AT_ONCE).try_collect().await
}

/// Makes sure of the names in a folder.
pub(super) fn sync_folder(folder: &FilePath) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems have nothing to sync there.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Gives the files below `root` that a listing of `object_store` hides. What cannot be read it tells of itself.
fn hidden_files(root: &FilePath) -> Vec<ObjectMeta> {
    let mut found = Vec::new();
    walk(root, &mut |path| {
        let Ok(location) = Path::from_absolute_path(path) else { return };
        if let (true, Ok(meta)) = (is_hidden(&location), fs::metadata(path))
            && meta.is_file()
        {
            found.push(describe(location, &meta));
        }
    });
    found
}

/// Gives the links below `root` that lead nowhere.
pub(crate) fn dangling_links(root: &FilePath) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(root, &mut |path| {
        if path.is_symlink() && matches!(fs::metadata(path), Err(error) if error.kind() == ErrorKind::NotFound) {
            found.push(path.to_owned());
        }
    });
    found.sort();
    found
}

/// Goes through all that lies below `root` and is no folder, through links too.
fn walk(root: &FilePath, look: &mut dyn FnMut(&FilePath)) {
    walk_below(root, &mut Vec::new(), look);
}

fn walk_below(folder: &FilePath, above: &mut Vec<PathBuf>, look: &mut dyn FnMut(&FilePath)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            walk_below(&path, above, look);
        } else if kind.is_symlink() && path.is_dir() {
            // A link to a folder above would lead in a circle, which the listing says.
            let Ok(real) = path.canonicalize() else { continue };
            let circle = above.contains(&real) || folder.canonicalize().is_ok_and(|folder| folder.starts_with(&real));
            if !circle {
                above.push(real);
                walk_below(&path, above, look);
                above.pop();
            }
        } else {
            look(&path);
        }
    }
}

fn describe(location: Path, meta: &Metadata) -> ObjectMeta {
    let last_modified = meta.modified().map(Into::into).unwrap_or_default();
    ObjectMeta { location, last_modified, size: meta.len(), e_tag: Some(etag(meta)), version: None }
}

/// As `object_store` makes it of local files: inode, time and size.
fn etag(meta: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    let since = meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    format!("{:x}-{:x}-{:x}", meta.ino(), since.unwrap_or_default().as_micros(), meta.len())
}

fn failed(path: &FilePath, error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::NotFound { path: path.display().to_string(), source: error.into() },
        ErrorKind::AlreadyExists => Error::AlreadyExists { path: path.display().to_string(), source: error.into() },
        _ => generic(path, error),
    }
}

fn generic(_path: &FilePath, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Generic { store: "LocalFileSystem", source: Box::new(error) }
}

/// Runs `work` on a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await?,
        Err(_) => work(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;
    use object_store::ObjectStoreExt;

    #[tokio::test]
    async fn names_that_end_with_a_number_are_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a b/c")).unwrap();
        fs::write(folder.path().join("a b/c/x.csv#1"), "12345").unwrap();
        fs::write(folder.path().join("a b/x.csv"), "1").unwrap();
        let store = LocalStore::default();
        let root = Path::from_absolute_path(folder.path()).unwrap();
        let listed: Vec<ObjectMeta> = store.list(Some(&root)).try_collect().await.unwrap();
        let mut names: Vec<&str> = listed.iter().filter_map(|meta| meta.location.filename()).collect();
        names.sort_unstable();
        assert_eq!(names, ["x.csv", "x.csv#1"]);
        let hidden = &listed.iter().find(|meta| meta.size == 5).unwrap().location;
        assert_eq!(store.get(hidden).await.unwrap().bytes().await.unwrap(), "12345");
        assert_eq!(store.get_range(hidden, 1..3).await.unwrap(), "23");
        assert_eq!(store.head(hidden).await.unwrap().e_tag, listed.iter().find(|meta| meta.size == 5).unwrap().e_tag);
        store.delete(hidden).await.unwrap();
        assert!(matches!(store.get(hidden).await.unwrap_err(), Error::NotFound { .. }));
    }

    #[tokio::test]
    async fn etags_are_those_of_a_listing() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::default();
        let location = Path::from_absolute_path(folder.path().join("new/x")).unwrap();
        let written = store.put(&location, "abc".into()).await.unwrap();
        assert_eq!(store.head(&location).await.unwrap().e_tag, written.e_tag);
        let again = store.put_opts(&location, "x".into(), PutMode::Create.into()).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })));
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1, "nothing is left aside");
    }

    #[test]
    fn links_that_lead_nowhere_are_found_and_circles_end() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("in/deep")).unwrap();
        fs::create_dir_all(at("elsewhere")).unwrap();
        for (to, from) in
            [("gone", "in/a"), ("../../gone", "in/deep/b"), ("../elsewhere", "in/c"), ("..", "in/deep/up")]
        {
            std::os::unix::fs::symlink(to, at(from)).unwrap();
        }
        std::os::unix::fs::symlink("gone", at("elsewhere/d")).unwrap();
        assert_eq!(dangling_links(&at("in")), [at("in/a"), at("in/c/d"), at("in/deep/b")]);
    }
}

//! The cache of a job: where it lies, and how many shards it has.

use segmenter_proto::{Error, Result, object_keys::cache_folder};
use segmenter_worker::storage::{Folder, PutNew};
use serde::{Deserialize, Serialize};

/// A cache that would have so many times its shards today is made anew: shards grow with the rows, and a run works on whole ones.
const OUTGROWN: u32 = 4;

/// What `cache.json` says.
#[derive(Debug, Serialize, Deserialize)]
struct Form {
    format_version: u32,
    shards: u32,
}

const FORMAT_VERSION: u32 = 1;

/// The cache of a job.
#[derive(Debug, Clone)]
pub struct Cache {
    /// The folder below the output that holds it.
    pub path: String,
    /// How many shards its chunks are of.
    pub shards: u32,
    pub(super) folder: Folder,
}

/// A cache that was found or made.
#[derive(Debug)]
pub struct Opened {
    /// It.
    pub cache: Cache,
    /// What is told of it, where it is another one than before.
    pub told: Option<String>,
}

impl Cache {
    /// Opens the cache of a job, or makes one of `shards` shards. The number stays, whatever the rows become, unless they outgrow it.
    ///
    /// # Errors
    /// The store fails, or the cache is of a later version of this program.
    pub async fn open(output: &Folder, job: &str, shards: u32) -> Result<Opened> {
        let key = form_of(job);
        let made = form(shards)?;
        let (known, told) = match read(output, &key).await? {
            Some(known) if is_outgrown(known, shards) => {
                output.put(&key, made).await?;
                let text = format!(
                    "the rows have outgrown the cache, which has {known} shards where they want {shards}: a new one is made, and all files are read once more"
                );
                (shards, Some(text))
            }
            Some(known) => (known, None),
            None => match output.put_new(&key, made).await? {
                PutNew::Created => (shards, None),
                // Another run made it in this moment.
                PutNew::Exists => (read(output, &key).await?.unwrap_or(shards), None),
            },
        };
        Ok(Opened { cache: Self::of_shards(output, job, known)?, told })
    }

    /// Gives the cache of a job that has so many shards.
    ///
    /// # Errors
    /// The job's name is no path: Job.
    pub fn of_shards(output: &Folder, job: &str, shards: u32) -> Result<Self> {
        let path = format!("{}/{shards}", cache_folder(job));
        // What is lost is made again.
        let folder = output.folder(&path)?.unsynced();
        Ok(Self { path, shards, folder })
    }

    /// Gives the number of shards that a job's cache has; none where there is none.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn shards_of(output: &Folder, job: &str) -> Result<Option<u32>> {
        read(output, &form_of(job)).await
    }

    /// Gives the cache that [`Self::open`] would find; none where it would make one. Writes nothing.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn find(output: &Folder, job: &str, shards: u32) -> Result<Option<Self>> {
        match Self::shards_of(output, job).await? {
            Some(known) if !is_outgrown(known, shards) => Self::of_shards(output, job, known).map(Some),
            _ => Ok(None),
        }
    }
}

/// Says whether a cache of so many shards is made anew where the rows want as many as `shards`.
fn is_outgrown(known: u32, shards: u32) -> bool {
    shards / OUTGROWN >= known
}

fn form_of(job: &str) -> String {
    format!("{}/cache.json", cache_folder(job))
}

fn form(shards: u32) -> Result<Vec<u8>> {
    serde_json::to_vec(&Form { format_version: FORMAT_VERSION, shards })
        .map_err(|error| Error::bug("the form of the cache cannot be written").caused_by(error))
}

async fn read(output: &Folder, key: &str) -> Result<Option<u32>> {
    let Some(bytes) = output.get(key).await? else { return Ok(None) };
    match serde_json::from_slice::<Form>(&bytes) {
        Ok(Form { format_version: FORMAT_VERSION, shards }) if shards > 0 => Ok(Some(shards)),
        _ => Err(Error::dependency(format!(
            "{} cannot be read: it is damaged, or of a later version of segmenter",
            output.uri_of(key)
        ))
        .with_hint("delete the folder that it lies in: a run makes it again")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_worker::storage::Storage;

    #[tokio::test]
    async fn the_number_of_shards_stays_until_the_rows_outgrow_it() {
        let root = tempfile::tempdir().unwrap();
        let output = Storage::with_environment([]).open(root.path().to_str().unwrap()).unwrap();
        assert_eq!(Cache::shards_of(&output, "demo").await.unwrap(), None);
        for (wanted, shards, told) in [(3, 3, false), (1, 3, false), (11, 3, false), (12, 12, true), (3, 12, false)] {
            let Opened { cache, told: text } = Cache::open(&output, "demo", wanted).await.unwrap();
            assert_eq!((cache.shards, text.is_some()), (shards, told), "{wanted}");
            assert_eq!(cache.path, format!("demo/_cache/{shards}"));
        }
        output.put("demo/_cache/cache.json", "{\"format_version\":2,\"shards\":3}").await.unwrap();
        let error = Cache::open(&output, "demo", 3).await.unwrap_err();
        assert!(error.message.contains("_cache/cache.json") && error.hint.is_some(), "{error:?}");
    }
}

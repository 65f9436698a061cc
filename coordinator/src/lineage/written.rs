//! What a run wrote: its files, and the columns of its tables as the footers tell.

use crate::protocol::{CommittedFile, read_commit};
use bytes::Bytes;
use futures::{StreamExt, stream};
use parquet::{arrow::parquet_to_arrow_schema, errors::ParquetError, file::metadata::ParquetMetaDataReader};
use segmenter_proto::{Result, object_keys::RunKeys};
use segmenter_worker::storage::Folder;
use std::collections::BTreeMap;

/// Tables whose footers are read at the same time.
const AT_ONCE: usize = 16;
/// Bytes at the end of a file that are read first, and at most.
const FOOTER: [u64; 2] = [32 << 10, 4 << 20];

/// What a run wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Its files.
    pub files: Vec<CommittedFile>,
    /// Columns of tables with their types, by the table's name; of those that could be read.
    pub columns: BTreeMap<String, Vec<(String, String)>>,
}

impl Written {
    /// Finds what a committed run wrote.
    ///
    /// # Errors
    /// Its commit cannot be read.
    pub async fn by_run(output: &Folder, job: &str, run: &str) -> Result<Self> {
        let keys = RunKeys::new(job, run);
        let files = read_commit(output, &keys).await?.map(|commit| commit.files).unwrap_or_default();
        let mut firsts: BTreeMap<&str, &CommittedFile> = BTreeMap::new();
        for file in files.iter().filter(|file| file.path.ends_with(".parquet")) {
            firsts.entry(table(&file.path)).or_insert(file);
        }
        let columns = stream::iter(firsts)
            .map(|(table, file)| async { Some((table.to_owned(), columns(output, &keys, file).await?)) })
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        Ok(Self { files, columns })
    }
}

/// Gives the table that a file is of: its folder, or the file itself.
pub(super) fn table(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(folder, _)| folder)
}

/// Reads the columns of a file; none where they cannot be read, since nothing hangs on them.
async fn columns(output: &Folder, keys: &RunKeys, file: &CommittedFile) -> Option<Vec<(String, String)>> {
    let key = keys.result(&file.path);
    let mut wanted = FOOTER[0];
    loop {
        let start = file.bytes.saturating_sub(wanted);
        let end: Bytes = output.get_range_if_whole(&key, start..file.bytes).await.ok().flatten()?;
        let mut reader = ParquetMetaDataReader::new();
        match reader.try_parse_sized(&end, file.bytes) {
            Ok(()) => {
                let metadata = reader.finish().ok()?;
                let metadata = metadata.file_metadata();
                let schema = parquet_to_arrow_schema(metadata.schema_descr(), metadata.key_value_metadata()).ok()?;
                let column = |name: &String, kind: &dyn ToString| (name.clone(), kind.to_string());
                return Some(schema.fields().iter().map(|field| column(field.name(), field.data_type())).collect());
            }
            Err(ParquetError::NeedMoreData(more)) if more as u64 > wanted && more as u64 <= FOOTER[1] => {
                wanted = more as u64;
            }
            Err(_) => return None,
        }
    }
}

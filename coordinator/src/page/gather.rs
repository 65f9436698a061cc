//! From the files of a run to its page.

use super::{
    data::{Rows, RunData, TABLES},
    render::render,
    sections::{Limits, page},
};
use crate::protocol::{CommittedFile, RunRecord};
use bytes::Bytes;
use segmenter_proto::{Error, Result};
use segmenter_worker::storage::Folder;
use std::collections::BTreeMap;

/// Larger pages are made again with less on them.
const LARGEST: usize = 900_000;

/// Makes the page of a run whose files lie in `results`.
///
/// # Errors
/// A table is not what `files` says: Data. The store fails: Dependency.
pub async fn run_page(results: &Folder, files: &[CommittedFile], record: &RunRecord) -> Result<Bytes> {
    page_of(&run_data(results, files, record).await?)
}

/// Reads what a page is made of.
pub(super) async fn run_data(results: &Folder, files: &[CommittedFile], record: &RunRecord) -> Result<RunData> {
    let mut tables = BTreeMap::new();
    for (name, unless) in TABLES {
        let path = format!("{name}.parquet");
        let Some(known) = files.iter().find(|file| file.path == path) else { continue };
        let broken = |how: &str| {
            Error::data(format!("{} {how}", results.uri_of(&path)))
                .with_hint("see with `segmenter verify` what else is damaged, or run the same work anew with --new-run")
        };
        let bytes = results.get(&path).await?.ok_or_else(|| broken("is gone"))?;
        if CommittedFile::of(&path, None, &bytes).sha256 != known.sha256 {
            return Err(broken("is not what was committed"));
        }
        tables.insert(name.to_owned(), Rows::read(&path, bytes, unless)?);
    }
    Ok(RunData::new(record.clone(), tables))
}

/// Gives the page of a run, with less on it where it would be too large.
pub(super) fn page_of(data: &RunData) -> Result<Bytes> {
    let mut text = String::new();
    for limits in Limits::ALL {
        text = render(&page(data, limits))?;
        if text.len() <= LARGEST {
            break;
        }
    }
    Ok(text.into())
}

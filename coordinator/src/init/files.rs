//! Finds the tables below a place: which files are parts of one, and which are none.

use super::sniff::is_table;
use chrono::Utc;
use segmenter_proto::{Error, Result, jobs::FileFormat};
use segmenter_worker::{
    reading::{InputOptions, Listing, PinnedFile, glance, list_inputs},
    storage::Storage,
};
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// Tables that are looked at; a folder of more is no folder of a job.
const TABLES: usize = 64;
/// Bytes of a file whose name does not say what it is, in which a table is looked for.
const TRIED: u64 = 1 << 30;

/// A table that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// What the job file will say: a file, a folder or a glob.
    pub(super) uri: String,
    /// Its files, by rising uri.
    pub(super) files: Vec<PinnedFile>,
}

/// A file that is no table, with the reason.
pub(super) type PassedOver = (String, String);

/// What was found at some places.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) tables: Vec<Found>,
    /// Files that are no tables, with the reason.
    pub(super) passed_over: Vec<PassedOver>,
}

/// Looks at all places: files, folders with all that lies below, and globs.
///
/// # Errors
/// A place that is not there or has no files; a file that was named and is no table.
pub(super) fn find(places: &[String], storage: &Storage, runtime: &Handle) -> Result<Places> {
    let mut found = Places::default();
    for place in places {
        let written = place.split_once("://").map_or(place.as_str(), |(_, rest)| rest);
        let is_glob = written.contains(['*', '?', '{']);
        let listing = match is_glob {
            true => Vec::new(),
            // What is wrong with the place is said when its files are asked for.
            false => runtime.block_on(async { storage.open(place)?.list("").await }).unwrap_or_default(),
        };
        // A glob, a file, or what is not there: as it was written.
        if is_glob || listing.iter().all(|object| object.key.is_empty()) {
            let format = named_format(place).or_else(|| tried_format(place, storage, runtime));
            let files = listed(place, format, storage, runtime)?;
            found.tables.push(Found { uri: place.clone(), files });
            continue;
        }
        let keys = listing.iter().map(|object| (object.key.clone(), object.size));
        below(place, keys.collect(), storage, runtime, &mut found)?;
    }
    if found.tables.len() > TABLES {
        return Err(too_many(found.tables.len()));
    }
    Ok(found)
}

fn too_many(tables: usize) -> Error {
    Error::data(format!("{tables} tables were found, and {TABLES} at most are looked at"))
        .with_hint("name the files or folders that the job is about")
}

/// Finds the tables below a folder.
fn below(place: &str, keys: Vec<(String, u64)>, storage: &Storage, runtime: &Handle, found: &mut Places) -> Result<()> {
    let root = place.trim_end_matches('/');
    let uri_of = |key: &str| if root == "." { key.to_owned() } else { format!("{root}/{key}") };
    let mut parts: BTreeMap<(String, String, &'static str), Vec<String>> = BTreeMap::new();
    let mut left = 0;
    for (key, size) in &keys {
        if key.split('/').any(|part| part.starts_with(['_', '.'])) {
            continue;
        }
        let uri = uri_of(key);
        let format = match named_format(key) {
            Some(format) => Ok(format),
            None if may_be_text(key) && *size <= TRIED => {
                tried_format(&uri, storage, runtime).ok_or("it is no table of lines")
            }
            None => Err(other_format(key)),
        };
        match format {
            Ok(_) if *size == 0 => found.passed_over.push((key.clone(), "it is empty".to_owned())),
            Ok(format) => parts.entry((folder_of(key), stem_of(key), name_of(format))).or_default().push(key.clone()),
            Err(reason) => {
                left += 1;
                found.passed_over.push((key.clone(), reason.to_owned()));
            }
        }
    }
    if parts.len() > TABLES {
        return Err(too_many(parts.len()));
    }
    let alone = parts.len() == 1 && left == 0;
    for ((_, _, format), keys_of_table) in parts {
        let uri = match keys_of_table.as_slice() {
            // Where files are called parts, the folder is the table.
            [key] if stem_of(key) == "part" && is_alone_in_folder(key, &keys) => match key.rsplit_once('/') {
                Some((folder, _)) => uri_of(folder),
                None => place.to_owned(),
            },
            [key] => uri_of(key),
            _ if alone => place.to_owned(),
            several => uri_of(&glob_of(several, &keys)),
        };
        let format =
            [FileFormat::Parquet, FileFormat::Csv, FileFormat::Ndjson].into_iter().find(|of| name_of(*of) == format);
        match listed(&uri, format, storage, runtime) {
            Ok(files) => found.tables.push(Found { uri, files }),
            Err(error) => found.passed_over.push((uri, error.to_string())),
        }
    }
    if found.tables.is_empty() {
        return Err(Error::data(format!("no table was found in {place}")).with_hint(
            "Parquet, CSV and NDJSON can be read (also .gz and .zst); export other formats, such as spreadsheets, to one of them",
        ));
    }
    Ok(())
}

fn is_alone_in_folder(key: &str, all: &[(String, u64)]) -> bool {
    let folder = |key: &str| key.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let own = folder(key);
    all.iter().filter(|(other, _)| other.starts_with(&own)).count() == 1
}

fn listed(uri: &str, format: Option<FileFormat>, storage: &Storage, runtime: &Handle) -> Result<Vec<PinnedFile>> {
    let options = InputOptions { format, partitions: None, as_of: Utc::now().date_naive(), complete: false };
    let Listing { files, .. } = runtime.block_on(list_inputs(storage, uri, &options))?;
    Ok(files)
}

fn name_of(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Parquet => "parquet",
        FileFormat::Csv => "csv",
        FileFormat::Ndjson => "ndjson",
    }
}

/// The end of a name, without that of its compression.
fn extension(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or_default();
    let bare = name.trim_end_matches(".gz").trim_end_matches(".zst");
    bare.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The format that a name promises.
fn named_format(key: &str) -> Option<FileFormat> {
    match extension(key).to_ascii_lowercase().as_str() {
        "parquet" | "pq" => Some(FileFormat::Parquet),
        "csv" | "tsv" => Some(FileFormat::Csv),
        "ndjson" | "jsonl" => Some(FileFormat::Ndjson),
        _ => None,
    }
}

fn may_be_text(key: &str) -> bool {
    ["txt", "json", "dat", "tab", "asc"].contains(&extension(key).to_ascii_lowercase().as_str())
}

fn other_format(key: &str) -> &'static str {
    match extension(key).to_ascii_lowercase().as_str() {
        "xlsx" | "xls" | "ods" => "it is a spreadsheet: export it as CSV",
        "avro" | "orc" | "feather" | "arrow" | "db" | "sqlite" | "sas7bdat" | "sav" | "dta" => {
            "export it as Parquet or CSV"
        }
        "zip" | "7z" | "tar" | "rar" => "it is an archive: unpack it",
        _ => "it is no table",
    }
}

/// Looks into a file whose name does not tell its format.
fn tried_format(uri: &str, storage: &Storage, runtime: &Handle) -> Option<FileFormat> {
    let as_text = listed(uri, Some(FileFormat::Csv), storage, runtime).ok()?;
    let text = runtime.block_on(glance(storage, as_text.first()?)).ok()?.text;
    let objects = || text.lines().filter(|line| !line.trim().is_empty()).take(20);
    let is_object = |line: &str| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).is_ok();
    match objects().next()?.starts_with(['{', '[']) {
        true => objects().all(is_object).then_some(FileFormat::Ndjson),
        false => is_table(&text).then_some(FileFormat::Csv),
    }
}

/// The folder that a table lies in: partitions (`day=2026-01-01`) and folders of digits alone are parts of it.
fn folder_of(key: &str) -> String {
    let folders = key.rsplit_once('/').map_or("", |(folders, _)| folders);
    let is_part = |part: &&str| part.contains('=') || part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    folders.split('/').filter(|part| !is_part(part)).collect::<Vec<_>>().join("/")
}

/// What the names of a table's parts have in common: letters before the first digit that is a number of its own.
fn stem_of(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    if stem.starts_with("part-") {
        return "part".to_owned();
    }
    let parts = stem.split(['-', '_', ' ']).filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
    let named: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if named.is_empty() { "part".to_owned() } else { named.join("_") }
}

/// A glob that matches these files of a folder and no other.
fn glob_of(several: &[String], all: &[(String, u64)]) -> String {
    let folder = |key: &str| key.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let name = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
    let ending = |key: &str| name(key).split_once('.').map_or(String::new(), |(_, ending)| ending.to_owned());
    let first = folder(&several[0]);
    let common = several.iter().fold(first.clone(), |common, key| {
        let folder = folder(key);
        let same = common.split('/').zip(folder.split('/')).take_while(|(a, b)| a == b);
        same.map(|(part, _)| part).collect::<Vec<_>>().join("/")
    });
    let base = if common.is_empty() { String::new() } else { format!("{common}/") };
    let is_flat = several.iter().all(|key| folder(key) == common);
    let end = ending(&several[0]);
    let is_like = |key: &str| key.starts_with(&base) && ending(key) == end && (!is_flat || folder(key) == common);
    let like = all.iter().filter(|(key, _)| is_like(key)).count();
    let one_end = several.iter().all(|key| ending(key) == end);
    if one_end && like == several.len() {
        return if is_flat { format!("{base}*.{end}") } else { format!("{base}**/*.{end}") };
    }
    let below: Vec<&str> = several.iter().map(|key| key.strip_prefix(&base).unwrap_or(key)).collect();
    format!("{base}{{{}}}", below.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_table_have_a_stem_in_common() {
        assert_eq!(stem_of("x/orders_2024_01.csv"), stem_of("x/orders_2024_02.csv.gz"));
        assert_eq!(stem_of("part-00000-ab12.parquet"), "part");
        assert_eq!(stem_of("2024-01-01.csv"), "part");
        assert_ne!(stem_of("online_retail_2010_2011.parquet"), stem_of("online_retail_II_2009_2010.parquet"));
        assert_eq!(folder_of("orders/day=2026-01-01/part-0.parquet"), "orders");
        assert_eq!(folder_of("orders/2026/01/a.csv"), "orders");
    }

    #[test]
    fn a_glob_matches_the_parts_and_nothing_else() {
        let all = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), 1)).collect::<Vec<_>>();
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<String>>();
        let parts = keys(&["a/o_1.csv", "a/o_2.csv"]);
        assert_eq!(glob_of(&parts, &all(&["a/o_1.csv", "a/o_2.csv", "README.md"])), "a/*.csv");
        assert_eq!(glob_of(&parts, &all(&["a/o_1.csv", "a/o_2.csv", "a/x.csv"])), "a/{o_1.csv,o_2.csv}");
        let nested = keys(&["o/day=1/a.parquet", "o/day=2/a.parquet"]);
        assert_eq!(glob_of(&nested, &all(&["o/day=1/a.parquet", "o/day=2/a.parquet", "p.csv"])), "o/**/*.parquet");
    }
}

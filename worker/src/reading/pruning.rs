//! Leaves out files by the date in a `k=v` part of their path.

use super::pinned::PinnedFile;
use chrono::{Days, NaiveDate};
use segmenter_proto::jobs::{PartitionRange, Partitions};
use segmenter_proto::{Error, Result};

/// Keeps the files whose `partitions.column` lies in the range.
///
/// # Errors
///
/// The data's fault, naming the folder, where a file has no such part or its value is not a date.
pub(super) fn prune(files: Vec<PinnedFile>, partitions: &Partitions, as_of: NaiveDate) -> Result<Vec<PinnedFile>> {
    let dated = files
        .into_iter()
        .map(|file| Ok((partition_date(&file, &partitions.column)?, file)))
        .collect::<Result<Vec<_>>>()?;
    let (from, to) = match partitions.take {
        PartitionRange::Last => {
            let last = dated.iter().map(|(date, _)| *date).filter(|date| *date <= as_of).max();
            match last {
                Some(last) => (last, last),
                None => return Ok(Vec::new()),
            }
        }
        PartitionRange::Days(from, to) => (
            from.map_or(NaiveDate::MIN, |days| shifted(as_of, days)),
            to.map_or(NaiveDate::MAX, |days| shifted(as_of, days)),
        ),
    };
    Ok(dated.into_iter().filter(|(date, _)| (from..=to).contains(date)).map(|(_, file)| file).collect())
}

/// Says in words what [`prune`] keeps.
pub(super) fn in_words(partitions: &Partitions, as_of: NaiveDate) -> String {
    let column = &partitions.column;
    match partitions.take {
        PartitionRange::Last => format!("{column} up to {as_of}"),
        PartitionRange::Days(from, to) => {
            let bound = |days: Option<i64>| days.map_or(String::from("…"), |days| shifted(as_of, days).to_string());
            format!("{column} from {} to {}", bound(from), bound(to))
        }
    }
}

fn partition_date(file: &PinnedFile, column: &str) -> Result<NaiveDate> {
    let value = file.partition_values.iter().find(|(name, _)| name == column).map(|(_, value)| value);
    let folder = file.uri.rsplit_once('/').map_or(file.uri.as_str(), |(folder, _)| folder);
    match value {
        Some(Some(text)) => parse_date(text).ok_or_else(|| {
            Error::data(format!("{folder}: {column}={text} is not a date"))
                .with_hint("partitions needs dates such as 2026-11-21 or 20261121")
        }),
        Some(None) => Err(Error::data(format!("{folder}: {column} has no date"))),
        None => Err(Error::data(format!("{}: its path has no part {column}=…", file.uri))
            .with_hint("partitions.column names a k=v part of every file's path")),
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let format = match text.len() {
        10 => "%Y-%m-%d",
        8 => "%Y%m%d",
        _ => return None,
    };
    NaiveDate::parse_from_str(text, format).ok()
}

fn shifted(date: NaiveDate, days: i64) -> NaiveDate {
    let amount = Days::new(days.unsigned_abs());
    if days < 0 {
        date.checked_sub_days(amount).unwrap_or(NaiveDate::MIN)
    } else {
        date.checked_add_days(amount).unwrap_or(NaiveDate::MAX)
    }
}

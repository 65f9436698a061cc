//! Tables that are parts of one: files of the same columns in one folder.

use super::sample::{SampledColumn, SampledSource, name_of};
use std::collections::HashMap;

/// Columns below which two tables of the same columns may well be two.
const COLUMNS: usize = 3;
/// Rows that tell a copy from a part.
const COMPARED: usize = 20;

/// Joins tables of the same columns in one folder; gives copies of another with the reason to pass them over.
pub(super) fn join_parts(tables: Vec<SampledSource>) -> (Vec<SampledSource>, Vec<(String, String)>) {
    let mut joined: Vec<SampledSource> = Vec::new();
    let mut copies = Vec::new();
    for table in tables {
        let Some(first) = joined.iter_mut().find(|known| are_parts(known, &table)) else {
            joined.push(table);
            continue;
        };
        match begins_alike(first, &table) {
            true => copies.push((table.uri, format!("a copy of {}", first_of(&first.uri)))),
            false => join(first, table),
        }
    }
    let mut kept: Vec<SampledSource> = Vec::new();
    for table in joined {
        // The same table in two formats, as `profile.csv` and `profile.json`.
        match kept.iter().find(|known| stem_of(&known.uri) == stem_of(&table.uri) && known.format != table.format) {
            Some(same) => copies.push((table.uri, format!("{} has its name", name_of(&same.uri)))),
            None => kept.push(table),
        }
    }
    (kept, copies)
}

/// The first of a list of files.
fn first_of(uri: &str) -> &str {
    name_of(uri).trim_start_matches('{').split(',').next().unwrap_or_default()
}

fn folder_of(uri: &str) -> &str {
    uri.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn stem_of(uri: &str) -> (&str, &str) {
    (folder_of(uri), name_of(uri).split('.').next().unwrap_or_default())
}

fn are_parts(one: &SampledSource, other: &SampledSource) -> bool {
    let names = |table: &SampledSource| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let types = |table: &SampledSource| table.columns.iter().map(|column| column.data_type.clone()).collect::<Vec<_>>();
    let plain = |uri: &str| !uri.contains(['*', '?', '[']) && !name_of(uri).is_empty();
    one.format == other.format
        && one.csv == other.csv
        && one.columns.len() >= COLUMNS
        && one.csv.header
        && folder_of(&one.uri) == folder_of(&other.uri)
        && plain(&one.uri)
        && plain(&other.uri)
        && !other.uri.contains(['{', '}', ','])
        && names(one) == names(other)
        && types(one) == types(other)
}

/// Whether the first rows are the same: those of a copy.
fn begins_alike(one: &SampledSource, other: &SampledSource) -> bool {
    let rows = one.rows.min(other.rows).min(COMPARED);
    one.columns.iter().zip(&other.columns).all(|(a, b)| {
        let first = |column: &SampledColumn| column.rows.iter().take_while(|row| **row < rows).count();
        a.samples[..first(a)] == b.samples[..first(b)]
    })
}

/// Adds a table's files and samples to another.
fn join(first: &mut SampledSource, more: SampledSource) {
    let list = |uri: &str| name_of(uri).trim_start_matches('{').trim_end_matches('}').to_owned();
    let names = format!("{{{},{}}}", list(&first.uri), list(&more.uri));
    let folder = folder_of(&first.uri);
    first.uri = if folder.is_empty() { names } else { format!("{folder}/{names}") };
    first.append(more.columns, more.rows);
    first.whole &= more.whole;
    first.bytes += more.bytes;
}

impl SampledSource {
    /// Adds the samples of a later file; columns that only it has are left out, as not every file has them.
    pub(super) fn append(&mut self, columns: Vec<SampledColumn>, rows: usize) {
        let before = self.rows;
        let mut known: HashMap<String, _> =
            self.columns.iter_mut().map(|column| (column.name.clone(), column)).collect();
        for column in columns {
            if let Some(known) = known.get_mut(&column.name) {
                known.rows.extend(column.rows.iter().map(|row| row + before));
                known.samples.extend(column.samples);
            }
        }
        self.rows += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{sample::sample_csv, take::of_text};
    use super::*;
    use segmenter_proto::jobs::FileFormat;

    fn table(uri: &str, lines: &str) -> SampledSource {
        of_text(uri, FileFormat::Csv, sample_csv(lines), lines.to_owned())
    }

    #[test]
    fn files_of_the_same_columns_are_one_table_and_copies_are_none() {
        let north = table("in/north.csv", "id,day,total\n1,2024-01-01,2.5\n");
        let south = table("in/south.csv", "id,day,total\n7,2024-01-02,3.5\n");
        let west = table("in/west.csv", "id,day,total\n9,2024-01-02,3.5\n");
        let copy = table("in/north (1).csv", "id,day,total\n1,2024-01-01,2.5\n");
        let other = table("in/rates.csv", "code,rate,day\nPLN,4.3,2024-01-01\n");
        let (tables, copies) = join_parts(vec![north, south, copy, west, other]);
        let uris: Vec<&str> = tables.iter().map(|table| table.uri.as_str()).collect();
        assert_eq!(uris, ["in/{north.csv,south.csv,west.csv}", "in/rates.csv"]);
        assert_eq!((tables[0].rows, tables[0].columns[0].samples.join(" ").as_str()), (3, "1 7 9"));
        assert_eq!(copies, [("in/north (1).csv".to_owned(), "a copy of north.csv".to_owned())]);
    }
}

//! Takes the samples that the guesses are made from.

use super::parameters::{is_looked_at, with_keys};
use super::sample::{
    Kept, SampledColumn, SampledSource, SampledText, sample_batch, sample_csv, sample_ndjson, without_repeated,
};
use arrow::{array::RecordBatch, compute::concat_batches, datatypes::Schema};
use segmenter_proto::{
    Error, Result,
    jobs::{CsvOptions, FileFormat},
};
use segmenter_worker::{
    reading::{Compression, FileFacts, Glance, Piece, PinnedFile, ReadSpec, glance, inspect, read},
    storage::Storage,
    values::parse_timezone,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};
use tokio::runtime::Handle;

/// Rows of Parquet that are decoded at a time.
const BATCH_ROWS: usize = 8192;
/// Batches of a long file, from each of its ends, of which all rows are kept: where the next file begins, it may have the same.
const WHOLE_BATCHES: usize = 2;
/// Rows that are kept of each of the others.
const KEPT_ROWS: usize = 500;
/// Batches of the last row group that are looked at.
const BATCHES: usize = 256;
/// A Parquet file of so many rows is looked at as a whole.
const WHOLE_ROWS: u64 = 30_000;
/// A text file of so many bytes is looked at as a whole.
const WHOLE_BYTES: u64 = 1 << 20;

/// Looks at the first and the last file of a table: names mostly rise with time. None where they have other columns, and are no parts of one
/// table.
///
/// # Errors
/// What is wrong with the files or their store.
pub(super) fn sampled(
    uri: &str,
    files: &[PinnedFile],
    storage: &Storage,
    runtime: &Handle,
) -> Result<Option<SampledSource>> {
    let Some(first) = files.first() else { return Err(Error::data(format!("no files in {uri}"))) };
    let mut look = looked_at(uri, first, storage, runtime)?;
    if let [_, .., last] = files {
        let more = looked_at(uri, last, storage, runtime)?;
        let has = |look: &SampledSource, name: &str| look.columns.iter().any(|column| column.name == name);
        let common = look.columns.iter().filter(|column| has(&more, &column.name)).count();
        // Columns come and go over the years; other tables have hardly any in common.
        if common * 2 < look.columns.len().max(more.columns.len()) {
            return Ok(None);
        }
        look.append(more.columns, more.rows);
        look.whole &= more.whole && files.len() == 2;
    }
    let (columns, repeated) = without_repeated(look.columns);
    Ok(Some(SampledSource { columns, repeated, bytes: files.iter().map(|file| file.size).sum(), ..look }))
}

/// A table of text as it was seen.
pub(super) fn of_text(uri: &str, format: FileFormat, sampled: SampledText, text: String) -> SampledSource {
    let SampledText { csv, columns, rows } = sampled;
    SampledSource {
        uri: uri.to_owned(),
        format,
        csv,
        encoding_is_certain: true,
        repeated: Vec::new(),
        columns,
        rows,
        whole: true,
        bytes: text.len() as u64,
        kept: Kept::Text(text),
        path: Vec::new(),
    }
}

fn looked_at(uri: &str, file: &PinnedFile, storage: &Storage, runtime: &Handle) -> Result<SampledSource> {
    if file.format == FileFormat::Parquet {
        return sample_parquet(uri, file, storage, runtime);
    }
    let Glance { text, encoding, encoding_is_certain } = runtime.block_on(glance(storage, file))?;
    let sampled = match file.format {
        FileFormat::Ndjson => sample_ndjson(&text),
        _ => sample_csv(&text),
    };
    let mut look = of_text(uri, file.format, sampled, text);
    look.csv.encoding = encoding;
    look.encoding_is_certain = encoding_is_certain;
    look.columns = with_path(file, look.columns, look.rows);
    look.path = file.partition_values.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    look.whole = file.size <= WHOLE_BYTES && file.compression == Compression::None;
    Ok(look)
}

/// Adds the `k=v` parts of a text file's path, which are columns too.
fn with_path(file: &PinnedFile, mut columns: Vec<SampledColumn>, rows: usize) -> Vec<SampledColumn> {
    for (name, value) in &file.partition_values {
        if !columns.iter().any(|column| column.name == *name) {
            let mut column = SampledColumn::new(name.clone(), None);
            (0..rows).for_each(|row| value.iter().for_each(|value| column.push(row, value.clone())));
            columns.push(column);
        }
    }
    columns
}

/// Takes all rows of a short file; of a long one the first rows, and some of every batch of the last row group: times rise within most
/// files.
fn sample_parquet(uri: &str, file: &PinnedFile, storage: &Storage, runtime: &Handle) -> Result<SampledSource> {
    let facts = runtime.block_on(inspect(storage, file, &CsvOptions::default(), &[]))?;
    let fields = facts.schema.fields().iter().filter(|field| is_looked_at(field.data_type()));
    let spec = ReadSpec {
        columns: fields.map(|field| field.name().clone()).collect(),
        csv: CsvOptions::default(),
        types: BTreeMap::new(),
        timezone: parse_timezone("UTC")?,
        agreed: Arc::new(Schema::empty()),
        raw: false,
    };
    let all: u64 = facts.row_groups.iter().map(|group| group.rows).sum();
    let whole = all <= WHOLE_ROWS;
    let mut kept: Vec<RecordBatch> = Vec::new();
    let mut latest: VecDeque<RecordBatch> = VecDeque::new();
    for (piece, batches) in parts(file, &facts, whole) {
        for rows in read(storage, runtime, &piece, &spec, BATCH_ROWS)?.take(batches) {
            let batch = rows?.batch;
            match whole || kept.len() < WHOLE_BATCHES {
                true => kept.push(batch),
                false => latest.push_back(batch),
            }
            if let Some(batch) = older(&mut latest) {
                let rows = KEPT_ROWS.min(batch.num_rows());
                kept.push(batch.slice(batch.num_rows() - rows, rows));
            }
        }
    }
    kept.extend(latest);
    let schema = spec.schema(&facts.schema);
    let rows = concat_batches(&schema, &kept)
        .map_err(|error| Error::bug("batches of one file have different columns").caused_by(error))?;
    let columns = with_keys(&rows, sample_batch(&rows)?)?;
    let sampled = SampledText { csv: CsvOptions::default(), columns, rows: rows.num_rows() };
    Ok(SampledSource { whole, kept: Kept::Rows(rows), ..of_text(uri, FileFormat::Parquet, sampled, String::new()) })
}

/// Gives a batch that is not among the last any more.
fn older(latest: &mut VecDeque<RecordBatch>) -> Option<RecordBatch> {
    if latest.len() > WHOLE_BATCHES { latest.pop_front() } else { None }
}

/// All row groups of a short file; of a long one the first for its head, and the last whole. With them the number of batches that are
/// read of each.
fn parts(file: &PinnedFile, facts: &FileFacts, whole: bool) -> Vec<(Piece, usize)> {
    let piece = |at: usize| {
        let before: u64 = facts.row_groups[..at].iter().map(|group| group.rows).sum();
        let group = facts.row_groups[at];
        Piece {
            file: file.clone(),
            row_groups: Some(at..at + 1),
            first_row: before + 1,
            rows: Some(group.rows),
            bytes: group.bytes,
        }
    };
    let filled: Vec<usize> = (0..facts.row_groups.len()).filter(|at| facts.row_groups[*at].rows > 0).collect();
    match filled.as_slice() {
        all if whole => all.iter().map(|at| (piece(*at), BATCHES)).collect(),
        [] => Vec::new(),
        [only] => vec![(piece(*only), BATCHES)],
        [first, .., last] => vec![(piece(*first), WHOLE_BATCHES), (piece(*last), BATCHES)],
    }
}

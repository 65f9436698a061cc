//! A job file for files that are there: takes the samples that the guesses are made from.

use super::{
    demo::InitSummary,
    from::{JobText, job_from},
    sample::{SampledColumn, SampledSource, sample_batch, sample_csv, sample_ndjson, without_repeated},
};
use crate::synth::refuse_existing;
use arrow::{array::RecordBatch, compute::concat_batches, datatypes::Schema};
use chrono::Utc;
use segmenter_proto::{
    Error, Result,
    jobs::{CsvOptions, FileFormat},
};
use segmenter_worker::{
    reading::{
        FileFacts, Glance, InputOptions, Listing, Piece, PinnedFile, ReadSpec, glance, inspect, list_inputs, read,
    },
    storage::Storage,
    values::parse_timezone,
};
use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    sync::Arc,
};
use tokio::runtime::Handle;

/// Rows of Parquet that are decoded at a time.
const BATCH_ROWS: usize = 8192;
/// Rows that are kept of a batch.
const KEPT_ROWS: usize = 500;
/// Batches of the last row group that are looked at.
const BATCHES: usize = 256;

/// Writes `segmenter.toml` over the files at `uri` into `dir`, which is made where it is missing; on a plain thread, since
/// `runtime` does the requests.
///
/// # Errors
/// A job error where the file exists (nothing is overwritten); else what is wrong with the files or their store.
pub fn write_from(dir: &Path, uri: &str, storage: &Storage, runtime: &Handle) -> Result<InitSummary> {
    let dir = if dir == Path::new(".") { Path::new("") } else { dir };
    let job_file = dir.join("segmenter.toml");
    refuse_existing(&[&job_file])?;
    let today = Utc::now().date_naive();
    let source = sampled(uri, storage, runtime)?;
    let JobText { text, is_whole } = job_from(&source, today);
    let failed = |cause: std::io::Error| {
        Error::dependency(format!("cannot write {}: {cause}", job_file.display())).caused_by(cause)
    };
    if dir != Path::new("") {
        fs::create_dir_all(dir).map_err(failed)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(&job_file).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    Ok(InitSummary { job_file, tables: None, is_whole })
}

/// Looks at the first and the last file: names mostly rise with time.
fn sampled(uri: &str, storage: &Storage, runtime: &Handle) -> Result<SampledSource> {
    let options = InputOptions { format: None, partitions: None, as_of: Utc::now().date_naive(), complete: false };
    let Listing { files, .. } = runtime.block_on(list_inputs(storage, uri, &options))?;
    let (first, last) = match files.as_slice() {
        [] => return Err(Error::data(format!("no files in {uri}"))),
        [only] => (only, None),
        [first, .., last] => (first, Some(last)),
    };
    let mut look = looked_at(first, storage, runtime)?;
    if let Some(last) = last {
        let more = looked_at(last, storage, runtime)?;
        append(&mut look.columns, more.columns);
    }
    let (columns, repeated) = without_repeated(look.columns);
    let (csv, encoding_is_certain) = (look.csv, look.encoding_is_certain);
    Ok(SampledSource { uri: uri.to_owned(), format: first.format, csv, encoding_is_certain, repeated, columns })
}

/// What was seen of one file.
struct Look {
    csv: CsvOptions,
    encoding_is_certain: bool,
    columns: Vec<SampledColumn>,
}

fn looked_at(file: &PinnedFile, storage: &Storage, runtime: &Handle) -> Result<Look> {
    if file.format == FileFormat::Parquet {
        let columns = sample_parquet(file, storage, runtime)?;
        return Ok(Look { csv: CsvOptions::default(), encoding_is_certain: true, columns });
    }
    let Glance { text, encoding, encoding_is_certain } = runtime.block_on(glance(storage, file))?;
    let (csv, columns) = match file.format {
        FileFormat::Ndjson => (CsvOptions::default(), sample_ndjson(&text)),
        _ => sample_csv(&text),
    };
    Ok(Look { csv: CsvOptions { encoding, ..csv }, encoding_is_certain, columns: with_path(file, columns) })
}

/// Adds the samples of a later file; columns that only it has are left out, as not every file has them.
fn append(columns: &mut [SampledColumn], more: Vec<SampledColumn>) {
    let mut known: HashMap<String, &mut SampledColumn> =
        columns.iter_mut().map(|column| (column.name.clone(), column)).collect();
    for column in more {
        if let Some(known) = known.get_mut(&column.name) {
            known.samples.extend(column.samples);
        }
    }
}

/// Adds the `k=v` parts of a text file's path, which are columns too.
fn with_path(file: &PinnedFile, mut columns: Vec<SampledColumn>) -> Vec<SampledColumn> {
    for (name, value) in &file.partition_values {
        if !columns.iter().any(|column| column.name == *name) {
            columns.push(SampledColumn {
                name: name.clone(),
                data_type: None,
                samples: value.iter().cloned().collect(),
            });
        }
    }
    columns
}

/// Takes the first rows, and some of every batch of the last row group: times rise within most files.
fn sample_parquet(file: &PinnedFile, storage: &Storage, runtime: &Handle) -> Result<Vec<SampledColumn>> {
    let facts = runtime.block_on(inspect(storage, file, &CsvOptions::default(), &[]))?;
    let fields = facts.schema.fields().iter().filter(|field| !field.data_type().is_nested());
    let spec = ReadSpec {
        columns: fields.map(|field| field.name().clone()).collect(),
        csv: CsvOptions::default(),
        types: BTreeMap::new(),
        timezone: parse_timezone("UTC")?,
        agreed: Arc::new(Schema::empty()),
        raw: false,
    };
    let mut kept: Vec<RecordBatch> = Vec::new();
    for (piece, batches) in parts(file, &facts) {
        for rows in read(storage, runtime, &piece, &spec, BATCH_ROWS)?.take(batches) {
            let batch = rows?.batch;
            // The last rows are the latest ones.
            let from = if batches == 1 { 0 } else { batch.num_rows().saturating_sub(KEPT_ROWS) };
            kept.push(batch.slice(from, KEPT_ROWS.min(batch.num_rows() - from)));
        }
    }
    let schema = spec.schema(&facts.schema);
    let all = concat_batches(&schema, &kept)
        .map_err(|error| Error::bug("batches of one file have different columns").caused_by(error))?;
    sample_batch(&all)
}

/// The first row group for its head, and the last one whole; the number of batches that are read of each.
fn parts(file: &PinnedFile, facts: &FileFacts) -> Vec<(Piece, usize)> {
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
    match (filled.first(), filled.last()) {
        (Some(first), Some(last)) => vec![(piece(*first), 1), (piece(*last), BATCHES)],
        _ => Vec::new(),
    }
}

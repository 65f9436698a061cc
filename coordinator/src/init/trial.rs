//! Tries a job that was written: it is validated, and runs on what was looked at.

use super::{sample::Kept, table::Table};
use crate::{
    cancellation::Cancellation,
    course::Course,
    job::{JobFile, parse},
    metrics::RunMetrics,
    plan::prepare,
    progress::Reporter,
    run::{RunOptions, run},
};
use chrono::Utc;
use parquet::arrow::ArrowWriter;
use segmenter_proto::{Error, Result, jobs::FileFormat};
use segmenter_worker::{metrics::Metrics, program::Resources, storage::Storage};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tokio::runtime::Handle;

/// Where a trial runs, and what it may use.
pub(super) struct Trial<'a> {
    pub(super) storage: &'a Storage,
    pub(super) runtime: &'a Handle,
    pub(super) resources: &'a Resources,
    pub(super) cancellation: &'a Cancellation,
}

/// How a trial went.
#[derive(Debug)]
pub(super) struct Tried {
    /// Rows that were read.
    pub(super) rows: u64,
    /// Whether those are all.
    pub(super) whole: bool,
    /// Segmentations in the order of the job, with how many segments have customers and the share of the largest.
    pub(super) segmentations: Vec<(String, usize, f64)>,
    pub(super) warnings: Vec<String>,
}

impl Trial<'_> {
    /// Checks the job against its sources, and runs it: small sources as they are, samples of the others. Nothing stays.
    ///
    /// # Errors
    /// What `validate` and `run` would say.
    pub(super) fn of(&self, text: &str, path: &Path, tables: &[&Table]) -> Result<Tried> {
        let today = |zone| Utc::now().with_timezone(&zone).date_naive();
        let file = parse(text.to_owned(), path.display().to_string(), None, today, |_| None)?;
        self.runtime.block_on(prepare(&file, self.storage, None))?;
        let folder = self.resources.scratch.join(format!("segmenter-init-{}", std::process::id()));
        let tried = self.within(&folder, file, tables);
        // What is left in it is of no use, however the trial went.
        let _ = fs::remove_dir_all(&folder);
        tried
    }

    fn within(&self, folder: &Path, mut file: JobFile, tables: &[&Table]) -> Result<Tried> {
        fs::create_dir_all(folder).map_err(|cause| unwritable(folder, cause))?;
        for (number, (source, table)) in file.job.sources.iter_mut().zip(tables).enumerate() {
            if table.source.whole {
                continue;
            }
            let sample = write_sample(&folder.join(format!("sample-{number}")), table)?;
            source.uri = sample.to_string_lossy().into_owned();
            source.format = Some(table.source.format);
            "utf-8".clone_into(&mut source.csv.encoding);
        }
        file.job.output.uri = folder.join("results").to_string_lossy().into_owned();
        let mut metrics = Metrics::new();
        let outcome = self.runtime.block_on(run(&RunOptions {
            file: &file,
            storage: self.storage,
            shards: None,
            new_run: false,
            threads: self.resources.threads,
            memory: self.resources.memory,
            scratch: &folder.join("work"),
            runtime: self.runtime.clone(),
            reporter: &Reporter::silent(),
            cancellation: self.cancellation,
            cluster: None,
            metrics: RunMetrics::register(&mut metrics),
            course: &Course::default(),
            model: None,
            sizes: None,
        }))?;
        let mut by_name: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
        for segment in outcome.segments.as_array().into_iter().flatten() {
            let (name, share) =
                (segment["segmentation"].as_str().unwrap_or_default(), segment["share"].as_f64().unwrap_or_default());
            let (count, largest) = by_name.entry(name).or_default();
            *count += usize::from(segment["customers"].as_u64().unwrap_or_default() > 0);
            *largest = largest.max(share);
        }
        let named = |name: &String| by_name.get(name.as_str()).map(|(count, largest)| (name.clone(), *count, *largest));
        Ok(Tried {
            rows: outcome.rows.iter().map(|(_, fates)| fates.read).sum(),
            whole: tables.iter().all(|table| table.source.whole),
            segmentations: file.job.segmentations.iter().filter_map(|of| named(&of.name)).collect(),
            warnings: outcome.warnings,
        })
    }
}

/// Writes what was looked at as a file of the same columns.
fn write_sample(path: &Path, table: &Table) -> Result<PathBuf> {
    // Columns of the path are read from a path again.
    let folder = table
        .source
        .path
        .iter()
        .fold(path.to_path_buf(), |folder, (name, value)| folder.join(format!("{name}={value}")));
    if !table.source.path.is_empty() {
        fs::create_dir_all(&folder).map_err(|cause| unwritable(&folder, cause))?;
    }
    let path = if table.source.path.is_empty() { folder } else { folder.join("sample") };
    let path = path.with_extension(match table.source.format {
        FileFormat::Parquet => "parquet",
        FileFormat::Csv => "csv",
        FileFormat::Ndjson => "ndjson",
    });
    match &table.source.kept {
        Kept::Text(text) => fs::write(&path, text).map_err(|cause| unwritable(&path, cause))?,
        Kept::Rows(rows) => {
            let file = fs::File::create(&path).map_err(|cause| unwritable(&path, cause))?;
            let failed = |cause| Error::dependency(format!("cannot write {}", path.display())).caused_by(cause);
            let mut writer = ArrowWriter::try_new(file, rows.schema(), None).map_err(failed)?;
            writer.write(rows).map_err(failed)?;
            writer.close().map_err(failed)?;
        }
    }
    Ok(path)
}

fn unwritable(path: &Path, cause: std::io::Error) -> Error {
    Error::dependency(format!("cannot write {}: {cause}", path.display()))
        .with_hint("--scratch says where files for the while are written")
        .caused_by(cause)
}

//! A job over files that are there: found, looked at, written, and tried.

use super::{
    block::percent,
    files::{Found, PassedOver, Places, find},
    job::{JobText, job_text},
    parts::join_parts,
    sample::{SampledSource, name_of},
    table::Table,
    take::sampled,
    trial::{Trial, Tried},
};
use crate::{cancellation::Cancellation, progress::grouped, synth::refuse_existing};
use chrono::Utc;
use segmenter_proto::{Error, Fault, Result};
use segmenter_worker::{program::Resources, reading::PinnedFile, storage::Storage};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};
use tokio::runtime::Handle;

/// Share of customers in one segment above which a segmentation hardly tells them apart.
const LUMP: f64 = 0.9;
/// Things to check that the message has room for; all stand in the file.
const TOLD: usize = 5;

/// Where `init` looks and writes.
#[derive(Debug)]
pub struct Look<'a> {
    /// The folder of the job file.
    pub dir: &'a Path,
    /// Files, folders and globs.
    pub from: &'a [String],
    /// Opens them.
    pub storage: &'a Storage,
    /// Does its requests.
    pub runtime: &'a Handle,
    /// What the trial may use.
    pub resources: &'a Resources,
    /// Raised when the process is told to stop.
    pub cancellation: &'a Cancellation,
}

/// A job that was written.
#[derive(Debug)]
pub struct LookSummary {
    /// The job file, as a person would type it.
    pub job_file: PathBuf,
    /// Three lines: what was found, what became of it, what to check.
    pub told: [String; 3],
    /// Why it does not run, where it does not.
    pub failure: Option<Error>,
}

impl Look<'_> {
    /// Writes `segmenter.toml` over the files into the folder, which is made where it is missing, and tries it; on a plain thread, since the
    /// runtime does the requests.
    ///
    /// # Errors
    /// A job error where the file exists (nothing is overwritten); else what is wrong with the files or their store. A job that does not run is
    /// written all the same, and says why in the summary.
    pub fn write(&self) -> Result<LookSummary> {
        let dir = if self.dir == Path::new(".") { Path::new("") } else { self.dir };
        let job_file = dir.join("segmenter.toml");
        refuse_existing(&[&job_file])?;
        let Places { tables: found, mut passed_over } = find(self.from, self.storage, self.runtime)?;
        let (looks, mut left) = self.looks(&found)?;
        passed_over.append(&mut left);
        let (looks, mut left) = join_parts(looks);
        passed_over.append(&mut left);
        let tables: Vec<Table> = looks.into_iter().map(Table::new).collect();
        let output = dir.join("segments").to_string_lossy().into_owned();
        let mut job = job_text(&tables, &job_name(&self.from[0]), &output, Utc::now().date_naive());
        let sources: Vec<&Table> = job.sources.iter().filter_map(|at| tables.get(*at)).collect();
        let tried = match &job.lacks {
            Some(lacks) => Err(no_job(lacks)),
            None => self.tried(&mut job, &job_file, &sources),
        };
        write_new(dir, &job_file, &job.text)?;
        let told = told(&job_file, &job, &passed_over, tried.as_ref().ok());
        Ok(LookSummary { job_file, told, failure: tried.err() })
    }

    /// Tries the job; where it does not run with groups, such as of two customers, without them.
    fn tried(&self, job: &mut JobText, job_file: &Path, sources: &[&Table]) -> Result<Tried> {
        let trial = Trial {
            storage: self.storage,
            runtime: self.runtime,
            resources: self.resources,
            cancellation: self.cancellation,
        };
        let error = match trial.of(&job.text, job_file, sources) {
            Err(error) if matches!(error.fault, Fault::Job | Fault::Data) => error,
            tried => return tried,
        };
        let simpler = without_groups(&job.text);
        match trial.of(&simpler, job_file, sources) {
            Ok(tried) => {
                job.text = simpler;
                job.checks.push(format!("no groups by kmeans: {error}"));
                Ok(tried)
            }
            Err(_) => Err(error),
        }
    }

    /// Looks at all tables; gives those that cannot be read with the reason.
    fn looks(&self, found: &[Found]) -> Result<(Vec<SampledSource>, Vec<PassedOver>)> {
        let named = self.from.len() == found.len();
        let (mut looks, mut left) = (Vec::new(), Vec::new());
        for Found { uri, files } in found {
            let whole = sampled(uri, files, self.storage, self.runtime);
            let each = match whole {
                Ok(None) => files.iter().map(|file| (file.uri.clone(), std::slice::from_ref(file))).collect(),
                Ok(Some(look)) => {
                    looks.push(look);
                    continue;
                }
                // Who names a file wants that one.
                Err(error) if named => return Err(error),
                Err(error) => {
                    left.push((uri.clone(), error.to_string()));
                    continue;
                }
            };
            let each: Vec<(String, &[PinnedFile])> = each;
            for (uri, file) in each {
                match sampled(&uri, file, self.storage, self.runtime) {
                    Ok(look) => looks.extend(look),
                    Err(error) => left.push((uri, error.to_string())),
                }
            }
        }
        Ok((looks, left))
    }
}

fn no_job(lacks: &str) -> Error {
    Error::data(format!("no job that runs can be made of this: {lacks}")).with_hint(
        "a job needs a table with a column that names the customer, and something that differs between customers",
    )
}

/// Leaves out segmentations by kmeans.
fn without_groups(text: &str) -> String {
    let blocks = text.split("\n\n").filter(|block| !block.contains("method   = \"kmeans\""));
    let mut text = blocks.collect::<Vec<_>>().join("\n\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn write_new(dir: &Path, job_file: &Path, text: &str) -> Result<()> {
    let failed = |cause: std::io::Error| {
        Error::dependency(format!("cannot write {}: {cause}", job_file.display())).caused_by(cause)
    };
    if dir != Path::new("") {
        fs::create_dir_all(dir).map_err(failed)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(job_file).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// The job's name: that of the place.
fn job_name(place: &str) -> String {
    let name = super::text::source_name(place, segmenter_proto::jobs::SourceKind::Customers);
    name.replace('_', "-")
}

/// What was found, what became of it, what to check.
fn told(job_file: &Path, job: &JobText, passed_over: &[PassedOver], tried: Option<&Tried>) -> [String; 3] {
    let mut found =
        format!("found: {}", if job.found.is_empty() { "no source".to_owned() } else { job.found.join(", ") });
    let left = passed_over.iter().chain(&job.unused).map(|(uri, reason)| format!("{} ({reason})", name_of(uri)));
    let left: Vec<String> = left.collect();
    if !left.is_empty() {
        found.push_str(&format!("; passed over: {}", left.join(", ")));
    }
    let mut made = format!("wrote {}", job_file.display());
    let mut checks: Vec<String> = job.checks.clone();
    if let Some(tried) = tried {
        let segments: Vec<String> = tried
            .segmentations
            .iter()
            .map(|(name, count, largest)| {
                let plural = if *count == 1 { "" } else { "s" };
                format!("{name} {count} segment{plural} (the largest {})", percent(*largest))
            })
            .collect();
        let how = if tried.whole { "ran on all of" } else { "ran on a sample of" };
        made.push_str(&format!(", which {how} {} rows: {}", grouped(tried.rows), segments.join(", ")));
        let lumps = tried.segmentations.iter().filter(|(name, _, largest)| *largest > LUMP && name != "targets");
        checks.extend(lumps.map(|(name, ..)| format!("{name}: nearly all customers are in one segment")));
        let no_groups = tried.warnings.iter().filter(|warning| warning.contains("no useful groups"));
        checks.extend(no_groups.cloned());
    }
    let more = checks.len().saturating_sub(TOLD);
    let mut check = match checks.is_empty() {
        true => "check: nothing stands out".to_owned(),
        false => format!("check: {}", checks[..checks.len().min(TOLD)].join("; ")),
    };
    if more > 0 {
        check.push_str(&format!("; and {more} more, at CHECK in the file"));
    }
    [found, made, check]
}

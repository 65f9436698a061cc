//! What `segmenter plan` says, for a person and for a program.

use crate::progress::{bytes_for_people, grouped};
use segmenter_worker::program::printable;
use serde::Serialize;

/// What a run would read, need and write.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanSummary {
    /// 1.
    pub format_version: u32,
    /// Name of the job.
    pub job: String,
    /// Features see only what happened before this date.
    pub as_of: chrono::NaiveDate,
    /// The run's id.
    pub run: String,
    /// The folder that would be written, as a URI.
    pub folder: String,
    /// Whether that run is committed: nothing would be done.
    pub committed: bool,
    /// The run it would be compared with.
    pub previous: Option<String>,
    /// What would be read, in the order of the job.
    pub sources: Vec<PlannedSource>,
    /// What the cache has of it; none where the job keeps no rows, or has not yet.
    pub cached: Option<CachedFiles>,
    /// Number of shards.
    pub shards: u32,
    /// Stages in their order.
    pub stages: Vec<PlannedStage>,
    /// Bytes of memory that a worker needs at least.
    pub memory_needed: u64,
    /// Bytes of memory that it may use.
    pub memory_budget: u64,
    /// Bytes of work files at most; none: not known.
    pub scratch_needed: Option<u64>,
    /// Files and folders that would be written below `folder`.
    pub writes: Vec<String>,
}

/// Files whose rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CachedFiles {
    /// All of them.
    pub files: u64,
    /// Those of which nothing would be read.
    pub taken: u64,
}

/// What would be read of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedSource {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub uri: String,
    /// Files that would be read.
    pub files: u64,
    /// Rows in them; none where the format does not tell.
    pub rows: Option<u64>,
    /// Bytes of them.
    pub bytes: u64,
}

/// A stage and its pieces of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedStage {
    /// Its name in the log.
    pub name: String,
    /// Tasks: pieces of input, or shards.
    pub tasks: u64,
    /// What it does, in a few words.
    pub does: String,
}

impl PlanSummary {
    /// Writes the plan for a person.
    pub fn to_text(&self) -> String {
        let mut text = format!("job {}, as of {}\n\nreads\n", self.job, self.as_of);
        for source in &self.sources {
            text.push_str(&source.to_text(self.sources.iter().map(|source| source.name.chars().count()).max()));
        }
        if let Some(CachedFiles { files, taken }) = self.cached {
            text.push_str(&format!("  the cache has the rows of {} of {} files\n", grouped(taken), grouped(files)));
        }
        text.push_str(&format!("\nstages ({} shards)\n", grouped(self.shards.into())));
        for stage in &self.stages {
            text.push_str(&format!("  {:<20} {:>8} tasks  {}\n", stage.name, grouped(stage.tasks), stage.does));
        }
        text.push_str(&format!(
            "\nneeds\n  memory   {} a worker; {} may be used\n",
            bytes_for_people(self.memory_needed),
            bytes_for_people(self.memory_budget)
        ));
        if let Some(bytes) = self.scratch_needed {
            text.push_str(&format!("  scratch  up to {}\n", bytes_for_people(bytes)));
        }
        text.push_str(&format!("\nwrites\n  run {}\n  {}\n", self.run, printable(&self.folder)));
        for path in &self.writes {
            text.push_str(&format!("    {}\n", printable(path)));
        }
        text.push_str(&match &self.previous {
            Some(previous) => format!("compared with {previous}\n"),
            None => "compared with no earlier run\n".to_owned(),
        });
        if self.committed {
            text.push_str("\nthis run is committed: nothing would be done; --new-run runs it again\n");
        }
        text
    }

    /// Writes the plan for a program, as indented JSON.
    pub fn to_json(&self) -> String {
        // A struct of numbers and texts is always JSON; null would be seen at once.
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}\n")
    }
}

impl PlannedSource {
    fn to_text(&self, name_width: Option<usize>) -> String {
        let rows = self.rows.map_or("rows not known".to_owned(), |rows| format!("{} rows", grouped(rows)));
        format!(
            "  {:<width$}  {:>7} file{} {:>22}  {:>7}  {}\n",
            self.name,
            grouped(self.files),
            if self.files == 1 { " " } else { "s" },
            rows,
            bytes_for_people(self.bytes),
            printable(&self.uri),
            width = name_width.unwrap_or(0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> PlanSummary {
        let source = |name: &str, files, rows, bytes| PlannedSource {
            name: name.to_owned(),
            uri: format!("s3://lake/{name}/"),
            files,
            rows,
            bytes,
        };
        let stage =
            |name: &str, tasks, does: &str| PlannedStage { name: name.to_owned(), tasks, does: does.to_owned() };
        PlanSummary {
            format_version: 1,
            job: "club-daily".to_owned(),
            as_of: "2026-11-21".parse().unwrap(),
            run: "2026-11-21-0123456789ab".to_owned(),
            folder: "s3://lake/segments/club-daily/runs/2026-11-21-0123456789ab".to_owned(),
            committed: false,
            previous: Some("2026-11-20-0123456789ab".to_owned()),
            sources: vec![
                source("customers", 1, Some(2_000_000), 61_000_000),
                source("orders", 1_096, Some(20_000_000), 412_000_000),
                source("tills", 16, None, 8_100_000),
            ],
            cached: Some(CachedFiles { files: 1_113, taken: 1_096 }),
            shards: 64,
            stages: vec![
                stage("partition", 1_113, "rows of a customer into its shard"),
                stage("fit/behaviour", 64, "k-means, 4 to 9 segments"),
            ],
            memory_needed: 268_435_456,
            memory_budget: 8_589_934_592,
            scratch_needed: Some(900_000_000),
            writes: vec!["assignments/behaviour/ (64 files)".to_owned(), "segments.parquet".to_owned()],
        }
    }

    #[test]
    fn a_person_reads_it_at_a_glance() {
        insta::assert_snapshot!(plan().to_text());
    }

    #[test]
    fn a_program_reads_the_same_numbers() {
        let read: serde_json::Value = serde_json::from_str(&plan().to_json()).unwrap();
        assert_eq!(read["sources"][1]["rows"], 20_000_000);
        assert_eq!(read["sources"][2]["rows"], serde_json::Value::Null);
        assert_eq!(read["run"], "2026-11-21-0123456789ab");
    }

    #[test]
    fn a_committed_run_says_that_nothing_would_be_done() {
        let text = PlanSummary { committed: true, previous: None, ..plan() }.to_text();
        assert!(text.contains("nothing would be done; --new-run"), "{text}");
        assert!(text.contains("compared with no earlier run"), "{text}");
    }
}

//! `run.json`: what a person who asks about a run is told. It holds timings, so no two runs have the same bytes.

use super::{folder::ObjectFolder, identity::PinnedInput, plain_json::to_pretty_json};
use bytes::Bytes;
use chrono::NaiveDate;
use segmenter_proto::{
    ALGORITHM_VERSION, Error, Result, RowFates,
    jobs::{Job, Language},
    object_keys::RunKeys,
};
use segmenter_worker::notes::Noted;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// 1.
    pub format_version: u32,
    /// Name of the job.
    pub job: String,
    /// The run's id.
    pub run: String,
    /// Features saw only what happened before this date.
    pub as_of: NaiveDate,
    /// The run that this one was compared with.
    pub previous: Option<String>,
    /// Of a score: the run whose model it is by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The language that it is told in, where that is not English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The job file as it was written, before `${NAME}` is filled in.
    pub job_text: String,
    /// Versions by what they are of.
    pub versions: BTreeMap<String, String>,
    /// Number of shards.
    pub shards: u32,
    /// How many coordinators the run took.
    pub generations: u64,
    /// Every input file as pinned.
    pub inputs: Vec<PinnedInput>,
    /// What became of every row, a source.
    pub rows: BTreeMap<String, RowFates>,
    /// Why rows were quarantined, a source that has such rows.
    #[serde(default)]
    pub rejected: BTreeMap<String, Vec<RejectedReason>>,
    /// What was noted of rows beside their fate, a source of which something was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, Vec<NotedRows>>,
    /// What the list of excluded ids came to, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_list: Option<ListedIds>,
    /// What became of pairs of ids, where ids are linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<LinkedIds>,
    /// What affinities counted, in the order of the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affinity: Vec<AffinityRecord>,
    /// What was recommended, and what was left out; of a job that recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendations: Option<RecommendationsRecord>,
    /// Whom each export has, by its name; of a job with exports.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exports: BTreeMap<String, ExportRecord>,
    /// Time and volume a stage, in their order; stages that an earlier coordinator did say so.
    pub stages: Vec<StageTiming>,
    /// Evidence for the number of clusters and their quality, a segmentation; why it stopped.
    pub clustering: BTreeMap<String, Value>,
    /// What the run warned of.
    pub warnings: Vec<String>,
}

impl RunRecord {
    /// Makes a record that has its names and nothing else yet.
    pub fn new(job: &Job, job_text: &str, run: &str, previous: Option<&str>) -> Self {
        let versions = [
            ("segmenter", env!("CARGO_PKG_VERSION").to_owned()),
            ("algorithm", ALGORITHM_VERSION.to_string()),
            ("commit_format", "1".to_owned()),
        ];
        Self {
            format_version: 1,
            job: job.name.clone(),
            run: run.to_owned(),
            as_of: job.as_of,
            previous: previous.map(str::to_owned),
            model: None,
            language: Some(job.report.language.clone()).filter(|language| *language != Language::default()),
            job_text: job_text.to_owned(),
            versions: versions.into_iter().map(|(name, version)| (name.to_owned(), version)).collect(),
            shards: 0,
            generations: 1,
            inputs: Vec::new(),
            rows: BTreeMap::new(),
            rejected: BTreeMap::new(),
            notes: BTreeMap::new(),
            exclude_list: None,
            identity: None,
            affinity: Vec::new(),
            recommendations: None,
            exports: BTreeMap::new(),
            stages: Vec::new(),
            clustering: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Gives the bytes of `run.json`.
    ///
    /// # Errors
    /// A number in the evidence is not finite (a bug).
    pub fn to_bytes(&self) -> Result<Bytes> {
        let text = to_pretty_json(self).map_err(|cause| Error::bug("run.json cannot be written").caused_by(cause))?;
        Ok(text.into())
    }
}

/// Reads the record of a committed run.
///
/// # Errors
/// The store fails, or what stands there cannot be read: a newer version wrote it.
pub async fn read_record<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<RunRecord> {
    let path = format!("{}/run.json", keys.run_folder());
    let missing = || Error::dependency(format!("{path} is gone"));
    let bytes = folder.get(&path).await?.ok_or_else(missing)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Error::data(format!("{path} is damaged"))
            .with_hint("see with `segmenter verify` what else is, or run the same work anew with --new-run")
            .caused_by(error)
    })
}

/// Quarantined rows that have the same thing wrong with the same column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedReason {
    /// The column; null where the row as a whole is broken.
    pub column: Option<String>,
    /// As in `quarantine/`.
    pub reason_code: String,
    /// How many.
    pub rows: u64,
}

/// What became of pairs of ids, and of the components that they make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedIds {
    /// The run whose ids persons keep; null where there is none.
    pub earlier: Option<String>,
    /// Rounds over the links until nothing changed, the last one that found so included.
    pub rounds: u32,
    /// Pairs that link two ids.
    pub linking_pairs: u64,
    /// Pairs that say of two ids that they are apart.
    pub apart_pairs: u64,
    /// Pairs that are left out for too little confidence, or none.
    pub unsure_pairs: u64,
    /// Pairs that are left out because `same` is null.
    pub undecided_pairs: u64,
    /// Pairs of an id with itself, which say nothing.
    pub pairs_of_one_id: u64,
    /// Different ids of all linking pairs.
    pub ids: u64,
    /// Components that became persons.
    pub persons: u64,
    /// Their ids.
    pub linked_ids: u64,
    /// Ids of components with more ids than may be, which are left as they were.
    pub too_many_ids: u64,
    /// Those components.
    pub too_large_components: u64,
    /// Ids of components that would join two ids that are apart, which are left as they were.
    pub kept_apart_ids: u64,
    /// Those components.
    pub kept_apart_components: u64,
    /// Ids of the largest component.
    pub largest_component: u64,
    /// Persons whose id is one that a person had in the earlier run.
    pub kept_persons: u64,
    /// Persons of the earlier run who are one with another now.
    pub joined_persons: u64,
}

/// What an affinity counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffinityRecord {
    /// Its name.
    pub name: String,
    /// Baskets or customers with an item.
    pub n: u64,
    /// Customers with an item.
    pub customers: u64,
    /// Rows with an item.
    pub lines: u64,
    /// Rows without one, which count for nothing.
    pub lines_without_item: u64,
    /// Rows of the items that were looked at.
    pub lines_taken: u64,
    /// Different items.
    pub items: u64,
    /// Those that were looked at.
    pub items_taken: u64,
    /// Items that may be of a pair and were not looked at, since `max_items` is fewer.
    pub items_left_out: u64,
    /// Pairs with enough baskets and customers to be told.
    pub pairs: u64,
    /// Those of them that were left out for being too many.
    pub pairs_left_out: u64,
}

/// What was recommended, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecommendationsRecord {
    /// The affinity whose pairs led to items.
    pub affinity: String,
    /// Its pairs that are known to go together, which led to items.
    pub pairs: u64,
    /// Those that were left out for being too many.
    pub pairs_left_out: u64,
    /// All customers.
    pub customers: u64,
    /// Those to whom something is recommended.
    pub recommended_customers: u64,
    /// Rows of `recommendations/`.
    pub rows: u64,
    /// Customers whom the channel does not reach.
    pub without_consent: u64,
    /// Customers and items that pairs led to and that are left out: the customer ignores the item.
    pub ignored: u64,
    /// The customer has it, and it is not bought again as a rule.
    pub bought_already: u64,
    /// The table of products does not say that it is in stock.
    pub not_in_stock: u64,
}

/// Whom an export has. Those who are selected are the sum of those who are left out and of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// SHA-256 of what its rows are made of, in hex.
    pub definition: String,
    /// Customers in its segments for whom `where` holds.
    pub selected: u64,
    /// Those whom its channel does not reach.
    pub without_consent: u64,
    /// Of whom no contact is known.
    pub without_contact: u64,
    /// Of whom only contacts are known that cannot be used.
    pub unusable_contact: u64,
    /// Without a key.
    pub without_key: u64,
    /// Held back.
    pub held_out: u64,
    /// Rows in the parts of the run.
    pub rows: u64,
    /// Values that could not be computed, and are null.
    pub not_computed: u64,
}

/// What the list of excluded ids came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedIds {
    /// Different ids.
    pub ids: u64,
    /// Those that a source has.
    pub matched: u64,
}

/// What was noted of rows beside their fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedRows {
    /// The note; its check in `quality.parquet` is this with `_share`.
    pub note: String,
    /// The column; null where the row as a whole is meant.
    pub column: Option<String>,
    /// How many.
    pub rows: u64,
    /// Of how many that were looked at.
    pub checked: u64,
    /// The file of the first, where it is known.
    pub first_file: Option<String>,
    /// Its row, 1-based.
    pub first_row: Option<u64>,
}

impl From<Noted> for NotedRows {
    fn from(noted: Noted) -> Self {
        let (first_file, first_row) = noted.first.map(|first| (first.file, first.row)).unzip();
        let note = noted.note.entry().name.to_owned();
        Self { note, column: noted.column, rows: noted.count, checked: noted.checked, first_file, first_row }
    }
}

/// What one stage took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTiming {
    /// The stage's name in the log.
    pub stage: String,
    /// Wall time; 0 for a stage that an earlier coordinator did.
    pub seconds: f64,
    /// Rows that it went through.
    pub rows: u64,
    /// Bytes that it read or wrote.
    pub bytes: u64,
    /// Workers that took part.
    #[serde(default)]
    pub workers: u64,
    /// Attempts after a task's first, because that one failed or was lost.
    #[serde(default)]
    pub retries: u64,
    /// Attempts beside one that took long.
    #[serde(default)]
    pub copies: u64,
    /// How much longer the busiest worker worked than the mean one: 1 is even.
    #[serde(default)]
    pub skew: Option<f64>,
    /// Bytes of tasks that were sent to other processes.
    #[serde(default)]
    pub sent_bytes: u64,
    /// Bytes of answers that came from other processes.
    #[serde(default)]
    pub received_bytes: u64,
    /// Whether an earlier coordinator did it and this one found it in the log.
    pub resumed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_reads_back_as_it_was_written() {
        let mut record = RunRecord::new(&crate::protocol::identity::tests::job(), "name = \"${X}\"", "r", Some("q"));
        record.clustering.insert("behaviour".to_owned(), serde_json::json!({"k": 5}));
        record.stages.push(StageTiming {
            stage: "fit/a".to_owned(),
            seconds: 0.25,
            rows: 1,
            bytes: 2,
            ..StageTiming::default()
        });
        let read: RunRecord = serde_json::from_slice(&record.to_bytes().unwrap()).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.job_text, "name = \"${X}\"");
    }
}

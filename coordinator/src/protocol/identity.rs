//! The run's id: `<as_of>-<12 hex>` of all that decides the results, and of nothing else.

use super::{commit::hex, folder::ObjectFolder};
use chrono::NaiveDate;
use segmenter_proto::{
    ALGORITHM_VERSION, Error, Result,
    jobs::{Export, Job},
    object_keys::RunKeys,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// How many repeats of one piece of work `--new-run` goes through before it gives up.
const MAX_REPEATS: u32 = 10_000;

/// An input file as it was when the run was planned; every read of it is bound to this version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PinnedInput {
    /// Name of the source.
    pub source: String,
    /// Where the file lies.
    pub uri: String,
    /// Size in bytes.
    pub bytes: u64,
    /// The store's tag of this content.
    pub etag: Option<String>,
    /// The store's version of the object, where it keeps versions.
    pub version: Option<String>,
    /// SHA-256 of the content in hex, of the list of excluded ids alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// All that decides a run's results.
#[derive(Debug, Clone)]
pub struct Identity {
    job: String,
    as_of: NaiveDate,
    /// Of all that decides the results.
    hash: Sha256,
}

impl Identity {
    /// Gathers what decides which run it is: the job with its `as_of` resolved, the inputs, the algorithm, and of a score the checksum of the
    /// model. The run that it is compared with is none of it, unless the job names one: it is chosen when the run begins and recorded, so that
    /// asking for the same job and inputs again finds the committed run, whatever was committed since.
    ///
    /// # Errors
    /// The job cannot be written as JSON (a bug).
    pub fn new(job: &Job, inputs: &[PinnedInput], model: Option<&str>) -> Result<Self> {
        let mut sorted: Vec<&PinnedInput> = inputs.iter().collect();
        sorted.sort();
        // One object of JSON with sorted keys. Its inputs, which can be a hundred thousand, are written one by one.
        let mut hash = Sha256::new();
        hash.update(format!("{{\"algorithm_version\":{ALGORITHM_VERSION},\"inputs\":["));
        for (number, input) in sorted.into_iter().enumerate() {
            hash.update(if number == 0 { "" } else { "," });
            hash.update(text(input)?);
        }
        hash.update(format!("],\"job\":{}", text(job)?));
        // Null unless customers are scored.
        hash.update(format!(",\"model\":{}}}", text(&model)?));
        Ok(Self { job: job.name.clone(), as_of: job.as_of, hash })
    }

    /// Gives the run's id; `repeat` is 0, or counts the deliberate repeats of the same work.
    pub fn run_id(&self, repeat: u32) -> String {
        let mut hash = self.hash.clone();
        if repeat > 0 {
            hash.update(format!("\nrepeat {repeat}"));
        }
        format!("{}-{}", self.as_of, &hex(&hash.finalize())[..12])
    }
}

/// Gives the SHA-256 of what the rows of an export are made of, in hex: the same where two runs have the same rows for the same customers.
///
/// # Errors
/// The export cannot be written as JSON (a bug).
pub fn definition_of(export: &Export) -> Result<String> {
    Ok(hex(&Sha256::digest(text(export)?)))
}

/// Gives the JSON of a part of what decides the results.
fn text(part: &impl Serialize) -> Result<String> {
    let value = serde_json::to_value(part);
    Ok(canonical(value.map_err(|cause| Error::bug("the job cannot be written as JSON").caused_by(cause))?).to_string())
}

/// How many repeats may be gone between two that are there.
const GAP: u32 = 1_000;

/// Chooses the id to run under. With `new_run` it is the first repeat that nobody has begun; else the last that somebody has, to go on
/// with it or find it committed. Repeats before that one may have been deleted.
///
/// # Errors
/// The store cannot be read.
pub async fn choose_run<F: ObjectFolder>(folder: &F, identity: &Identity, new_run: bool) -> Result<String> {
    let mut begun = None;
    for repeat in 0..MAX_REPEATS {
        let run = identity.run_id(repeat);
        if !is_begun(folder, &RunKeys::new(&identity.job, &run)).await? {
            if new_run {
                return Ok(run);
            }
            let later = later_repeat(folder, identity, repeat).await?;
            return Ok(later.or(begun).unwrap_or(run));
        }
        begun = Some(run);
    }
    Err(Error::job(format!("the same work was repeated {MAX_REPEATS} times")).with_hint("leave --new-run out"))
}

/// Finds the last repeat after this one that somebody has begun.
async fn later_repeat<F: ObjectFolder>(folder: &F, identity: &Identity, repeat: u32) -> Result<Option<String>> {
    let any = RunKeys::new(&identity.job, "");
    let mut there = folder.folders(&any.runs_folder()).await?;
    there.extend(folder.folders(&any.works_folder()).await?);
    let of_day = format!("{}-", identity.as_of);
    let there: BTreeSet<String> = there.into_iter().filter(|run| run.starts_with(&of_day)).collect();
    // Most days have one run, and that is the one that is not there.
    let repeats = if there.is_empty() { 0 } else { GAP };
    for later in (1..=repeats).rev().map(|further| identity.run_id(repeat + further)) {
        if there.contains(&later) && is_begun(folder, &RunKeys::new(&identity.job, &later)).await? {
            return Ok(Some(later));
        }
    }
    Ok(None)
}

/// Says whether there is anything of a run, whole or damaged.
async fn is_begun<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<bool> {
    Ok(folder.get(&keys.commit()).await?.is_some() || folder.get(&keys.log(1)).await?.is_some())
}

/// Sorts the keys of every object, so that the order of a struct's fields is not part of the id.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> =
                map.into_iter().map(|(key, value)| (key, canonical(value))).collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(values) => Value::Array(values.into_iter().map(canonical).collect()),
        other => other,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{protocol::commit::tests::small_commit, protocol::memory_folder::MemoryFolder};
    use segmenter_proto::jobs::{
        Contacts, DriftLimits, Effectiveness, Features, Output, Population, Previous, Privacy, Quality,
        QuarantineDetail, Report, Unit,
    };

    pub(crate) fn job() -> Job {
        Job {
            name: "club".to_owned(),
            unit: Unit::Customer,
            as_of: "2026-11-21".parse().unwrap(),
            timezone: "Europe/Warsaw".to_owned(),
            currency: Some("PLN".to_owned()),
            seed: 7,
            output: Output {
                uri: "/lake/segments".to_owned(),
                quarantine: QuarantineDetail::Keys,
                previous: Previous::Latest,
            },
            fx: None,
            identity: None,
            population: Population { from: None, exclude: None, exclude_list: None },
            sources: Vec::new(),
            quality: Quality {
                max_quarantined_share: Some(0.001),
                max_anonymous_share: None,
                gates: Vec::new(),
                checks: Vec::new(),
                drift: DriftLimits::default(),
            },
            privacy: Privacy::default(),
            features: Features {
                presets: Vec::new(),
                custom: Vec::new(),
                sql: Vec::new(),
                derived: Vec::new(),
                constants: Vec::new(),
            },
            segmentations: Vec::new(),
            effectiveness: Effectiveness::default(),
            contacts: Contacts::default(),
            affinities: Vec::new(),
            recommendations: None,
            personas: Vec::new(),
            benefits: None,
            exports: Vec::new(),
            report: Report::default(),
            cache: None,
        }
    }

    fn input(uri: &str, etag: &str) -> PinnedInput {
        PinnedInput {
            source: "orders".to_owned(),
            uri: uri.to_owned(),
            bytes: 10,
            etag: Some(etag.to_owned()),
            version: None,
            sha256: None,
        }
    }

    fn id(job: &Job, inputs: &[PinnedInput]) -> String {
        Identity::new(job, inputs, None).unwrap().run_id(0)
    }

    #[test]
    fn the_id_is_of_one_object_of_json_with_sorted_keys() {
        for inputs in [vec![], vec![input("b", "2"), input("a", "1")]] {
            let mut sorted = inputs.clone();
            sorted.sort();
            let whole = serde_json::json!({
                "model": null,
                "job": serde_json::to_value(job()).unwrap(),
                "inputs": serde_json::to_value(&sorted).unwrap(),
                "algorithm_version": ALGORITHM_VERSION,
            });
            let whole = format!("{}\nrepeat 2", canonical(whole));
            let identity = Identity::new(&job(), &inputs, None).unwrap();
            assert_eq!(identity.run_id(2), format!("2026-11-21-{}", &hex(&Sha256::digest(whole))[..12]));
        }
    }

    #[test]
    fn the_same_work_has_the_same_id_in_any_order_of_its_inputs() {
        let (a, b) = (input("a", "1"), input("b", "2"));
        let run = id(&job(), &[a.clone(), b.clone()]);
        assert_eq!(run, id(&job(), &[b, a]));
        assert!(run.starts_with("2026-11-21-"));
        assert_eq!(run.len(), "2026-11-21-".len() + 12);
    }

    #[test]
    fn whatever_changes_the_result_changes_the_id() {
        let (mut other_seed, mut named) = (job(), job());
        other_seed.seed = 8;
        named.output.previous = Previous::Run("2026-11-20-000000000000".to_owned());
        let inputs = [input("a", "1")];
        let ids = [
            id(&job(), &inputs),
            id(&other_seed, &inputs),
            id(&job(), &[input("a", "2")]),
            id(&job(), &[PinnedInput { sha256: Some("0a".to_owned()), ..input("a", "1") }]),
            id(&job(), &[]),
            id(&named, &inputs),
            Identity::new(&job(), &inputs, None).unwrap().run_id(1),
            Identity::new(&job(), &inputs, Some("0a1b")).unwrap().run_id(0),
        ];
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn the_order_of_fields_is_not_part_of_the_id() {
        let left = canonical(serde_json::json!({"b": [{"y": 1, "x": 2}], "a": null}));
        let right = canonical(serde_json::json!({"a": null, "b": [{"x": 2, "y": 1}]}));
        assert_eq!(left.to_string(), right.to_string());
    }

    #[tokio::test]
    async fn a_new_run_is_one_that_nobody_has_begun_and_else_the_last_one_goes_on() {
        let folder = MemoryFolder::default();
        let identity = Identity::new(&job(), &[], None).unwrap();
        let choose = |new_run| choose_run(&folder, &identity, new_run);
        let first = choose(false).await.unwrap();
        assert_eq!(choose(true).await.unwrap(), first, "nothing is begun");
        let begin = async |run: &str| folder.put(&RunKeys::new("club", run).log(1), "damaged".into()).await.unwrap();
        let finish = async |run: &str| {
            let keys = RunKeys::new("club", run);
            folder.put(&keys.commit(), small_commit(run).to_bytes().unwrap()).await.unwrap();
            folder.delete(&keys.log(1)).await.unwrap();
        };
        begin(&first).await;
        assert_eq!(choose(false).await.unwrap(), first, "killed: it goes on");
        let second = choose(true).await.unwrap();
        assert_ne!(second, first, "begun anew");
        begin(&second).await;
        assert_eq!(choose(false).await.unwrap(), second);
        finish(&second).await;
        assert_eq!(choose(false).await.unwrap(), second, "the work is done, whatever became of the first try");
        let third = choose(true).await.unwrap();
        assert!(third != first && third != second);
        finish(&first).await;
        assert_eq!(choose(false).await.unwrap(), second);
        folder.delete_prefix(&RunKeys::new("club", &first).run_folder()).await.unwrap();
        assert_eq!(choose(false).await.unwrap(), second, "the work is done, although its first run was deleted");
        assert_eq!(choose(true).await.unwrap(), first, "whose id is free");
    }
}

//! Whom exports have: a part of `exports/` and `arms/` a shard, of which files for other tools are made when the run is committed.

use super::rounds::{StageRounds, unexpected};
use crate::protocol::{ExportRecord, definition_of};
use segmenter_proto::{
    Result,
    jobs::{Export, Job},
    v1::{ExportCounts, ExportRequest, MeasureTask, ResultFile, Stage, answer, task},
};
use segmenter_worker::export::merge_export_counts;
use std::collections::BTreeMap;

/// What was written.
#[derive(Debug, Default)]
pub struct Exported {
    /// Sorted by path.
    pub files: Vec<ResultFile>,
    /// Whom each export has, by its name.
    pub records: BTreeMap<String, ExportRecord>,
}

/// Writes `exports/` and `arms/`; behind `recommendations/`, which they may tell of.
///
/// # Errors
/// See the workers' stage.
pub async fn export_rows(rounds: &StageRounds<'_>, job: &Job, models_json: &str) -> Result<Exported> {
    if job.exports.is_empty() {
        return Ok(Exported::default());
    }
    let mut files = Vec::new();
    let mut counts = vec![ExportCounts::default(); job.exports.len()];
    let work = |_| {
        let export = Some(ExportRequest {});
        Ok(task::Work::Measure(MeasureTask { models: models_json.to_owned(), export, ..MeasureTask::default() }))
    };
    rounds
        .each_shard(Stage::Measure, 0..rounds.shards(), work, |_, result| {
            let answer::Result::Measure(answer) = result else { return Err(unexpected("measure")) };
            let answer = answer.export.ok_or_else(|| unexpected("exports"))?;
            merge_export_counts(&mut counts, &answer.counts)?;
            files.extend(answer.files);
            Ok(())
        })
        .await?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let record = |(export, counts): (&Export, ExportCounts)| Ok((export.name.clone(), record(export, &counts)?));
    let records = job.exports.iter().zip(counts).map(record).collect::<Result<_>>()?;
    Ok(Exported { files, records })
}

fn record(export: &Export, counts: &ExportCounts) -> Result<ExportRecord> {
    Ok(ExportRecord {
        definition: definition_of(export)?,
        selected: counts.selected,
        without_consent: counts.without_consent,
        without_contact: counts.without_contact,
        unusable_contact: counts.unusable_contact,
        without_key: counts.without_key,
        held_out: counts.held_out,
        rows: counts.rows,
        not_computed: counts.not_computed,
    })
}

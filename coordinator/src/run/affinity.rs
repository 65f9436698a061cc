//! What goes together, found in rounds over all customers, and what is told of it.

use super::rounds::{StageRounds, unexpected};
use crate::{protocol::AffinityRecord, rounds::drive, warning::Warning};
use segmenter_proto::{
    Result,
    jobs::{Affinity, Job},
    methods::SegmentationModel,
    v1::{AffinityRequest, MeasureTask, Stage, answer, task},
};
use segmenter_worker::{
    features::affinity_lists,
    measure::{AffinityFound, AffinityScope, AffinitySolver, FEWEST_TOGETHER, affinity_rows},
    results::AffinityRow,
};

/// Counts what goes together, an affinity after the other.
///
/// # Errors
/// See the workers' stage.
pub async fn go_together(
    rounds: &StageRounds<'_>,
    job: &Job,
    (models, models_json): (&[SegmentationModel], &str),
) -> Result<Vec<AffinityFound>> {
    let scope = |affinity: &Affinity| AffinityScope {
        lists: affinity_lists(affinity),
        max_items: affinity.max_items as usize,
        min_customers: job.privacy.min_cell,
        segments: model_of(affinity, models).map(|model| model.segments().len()),
    };
    let solver = AffinitySolver::new(job.affinities.iter().map(scope).collect());
    let ask = async |request: AffinityRequest| {
        let affinity = Some(request);
        let work = MeasureTask { models: models_json.to_owned(), affinity, ..MeasureTask::default() };
        match rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await? {
            answer::Result::Measure(answer) => answer.affinity.ok_or_else(|| unexpected("affinity")),
            _ => Err(unexpected("measure")),
        }
    };
    Ok(drive(rounds.compute(), solver, ask).await?.0)
}

fn model_of<'a>(affinity: &Affinity, models: &'a [SegmentationModel]) -> Option<&'a SegmentationModel> {
    let name = affinity.segmentation.as_ref()?;
    models.iter().find(|model| model.segmentation() == name)
}

/// Gives the rows of `affinity.parquet`.
///
/// # Errors
/// Bug only.
pub fn affinity_table(job: &Job, models: &[SegmentationModel], found: &[AffinityFound]) -> Result<Vec<AffinityRow>> {
    let mut rows = Vec::new();
    for (affinity, found) in job.affinities.iter().zip(found) {
        let segments = model_of(affinity, models).map(SegmentationModel::segments).unwrap_or_default();
        let keys: Vec<String> = segments.into_iter().map(|segment| segment.key).collect();
        rows.extend(affinity_rows(affinity, &keys, found, job.effectiveness.confidence.level())?);
    }
    Ok(rows)
}

/// Gives what run.json says of the affinities.
pub fn affinity_records(job: &Job, found: &[AffinityFound]) -> Vec<AffinityRecord> {
    let record = |(affinity, found): (&Affinity, &AffinityFound)| AffinityRecord {
        name: affinity.name.clone(),
        n: found.totals.n,
        customers: found.totals.customers,
        lines: found.totals.lines,
        lines_without_item: found.totals.lines_without_item,
        lines_taken: found.lines_taken,
        items: found.items_seen,
        items_taken: found.items.len() as u64,
        items_left_out: found.items_left_out,
        pairs: found.pairs.len() as u64,
        pairs_left_out: found.pairs_left_out,
    };
    job.affinities.iter().zip(found).map(record).collect()
}

/// Says what was left out for being too many.
pub fn affinity_warnings(job: &Job, found: &[AffinityFound]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (affinity, found) in job.affinities.iter().zip(found) {
        let unit = match affinity.within {
            segmenter_proto::jobs::Within::Basket => "baskets",
            segmenter_proto::jobs::Within::Customer => job.unit.many(),
        };
        if found.items_left_out > 0 {
            warnings.push(Warning::of_run(format!(
                "affinity {}: {} items with {FEWEST_TOGETHER} or more {unit} are not looked at; the {} that are have {:.1} % of the lines. \
                 Raise `max_items`, or take `of` a name with fewer values",
                affinity.name,
                found.items_left_out,
                found.items.len(),
                100.0 * found.lines_taken as f64 / found.totals.lines.max(1) as f64
            )));
        }
        if found.pairs_left_out > 0 {
            warnings.push(Warning::of_run(format!(
                "affinity {}: {} pairs are left out, those with the fewest {unit}; {} are kept. Lower `max_items`, or take `of` a name with \
                 fewer values",
                affinity.name,
                found.pairs_left_out,
                found.pairs.len()
            )));
        }
    }
    warnings
}

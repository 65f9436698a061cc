//! What is recommended: rules by what goes together, then a part of `recommendations/` a shard.

use super::{
    affinity::affinity_table,
    rounds::{StageRounds, unexpected},
};
use crate::{protocol::RecommendationsRecord, warning::Warning};
use segmenter_proto::{
    Result,
    jobs::{Affinity, Job, Recommendations},
    v1::{
        MeasureAnswer, MeasureTask, RecommendCounts, RecommendRequest, RepeatAnswer, RepeatRequest, ResultFile, Stage,
        answer, task,
    },
};
use segmenter_worker::{
    measure::{AffinityFound, Rule, Rules, merge_recommend_counts},
    results::AffinityRow,
};
use std::collections::BTreeMap;

/// Rules that are told to every shard: what a task holds with room to spare.
const MOST_RULES: usize = 200_000;

/// What was recommended.
#[derive(Debug, Default)]
pub struct Recommended {
    /// Sorted by path.
    pub files: Vec<ResultFile>,
    /// None of a job that recommends nothing.
    pub record: Option<RecommendationsRecord>,
    /// What is to be known of it.
    pub warnings: Vec<Warning>,
}

/// Writes `recommendations/`.
///
/// # Errors
/// See the workers' stage.
pub async fn recommend(
    rounds: &StageRounds<'_>,
    job: &Job,
    models_json: &str,
    found: &[AffinityFound],
) -> Result<Recommended> {
    let Some(recommendations) = &job.recommendations else { return Ok(Recommended::default()) };
    let mut all = job.affinities.iter().zip(found);
    let named = |(affinity, _): &(&Affinity, &AffinityFound)| affinity.name == recommendations.affinity;
    let Some((affinity, found)) = all.find(named) else { return Err(unexpected("affinity")) };
    // Only pairs of everybody: a rule of a segment would be one of fewer.
    let of_everybody = Affinity { segmentation: None, ..affinity.clone() };
    let own = Job { affinities: vec![of_everybody], ..job.clone() };
    let mut pairs = affinity_table(&own, &[], std::slice::from_ref(found))?;
    pairs.retain(|pair| pair.ci_low > 1.0);
    let left_out = keep_most(&mut pairs);
    let items: Vec<String> = found.items.iter().map(|item| item.name.clone()).collect();
    let repeats = repeats(rounds, models_json, &items).await?;
    let rules = rules(items, &pairs, &repeats, recommendations, job.privacy.min_cell)?;
    let (files, counts) = written(rounds, models_json, &rules).await?;
    let mut warnings = Vec::new();
    if left_out > 0 {
        warnings.push(Warning::of_run(format!(
            "recommendations: {left_out} pairs that could lead to items are left out, those of the smallest confidence; {MOST_RULES} are used. \
             Lower `top` or `max_items` of affinity {}",
            affinity.name
        )));
    }
    let record = Some(RecommendationsRecord {
        affinity: affinity.name.clone(),
        pairs: rules.len() as u64,
        pairs_left_out: left_out,
        customers: counts.customers,
        recommended_customers: counts.recommended,
        rows: counts.rows,
        without_consent: counts.without_consent,
        ignored: counts.ignored,
        bought_already: counts.bought_already,
        not_in_stock: counts.not_in_stock,
    });
    Ok(Recommended { files, record, warnings })
}

/// Keeps the pairs of the largest confidence; of equals those of the larger lift, then the first by name. Gives how many are left out.
fn keep_most(pairs: &mut Vec<AffinityRow>) -> u64 {
    let left_out = pairs.len().saturating_sub(MOST_RULES);
    if left_out > 0 {
        pairs.sort_by(|left, right| {
            (right.confidence.total_cmp(&left.confidence))
                .then(right.lift.total_cmp(&left.lift))
                .then_with(|| (&left.item, &left.then_item).cmp(&(&right.item, &right.then_item)))
        });
        pairs.truncate(MOST_RULES);
    }
    left_out as u64
}

/// Makes rules of pairs. An item is bought again as a rule where enough of its buyers, who are not few, bought it on several days.
fn rules(
    items: Vec<String>,
    pairs: &[AffinityRow],
    repeats: &RepeatAnswer,
    recommendations: &Recommendations,
    min_cell: u64,
) -> Result<Rules> {
    let again = repeats.buyers.iter().zip(&repeats.repeaters).map(|(buyers, repeaters)| {
        *buyers >= min_cell.max(1) && *repeaters as f64 >= recommendations.again * *buyers as f64
    });
    let again = again.collect();
    let at: BTreeMap<&str, u32> = items.iter().map(String::as_str).zip(0..).collect();
    let position = |item: &str| at.get(item).copied().ok_or_else(|| unexpected("items"));
    let rule = |pair: &AffinityRow| {
        Ok(Rule {
            first: position(&pair.item)?,
            second: position(&pair.then_item)?,
            confidence: pair.confidence,
            lift: pair.lift,
            n_both: u64::try_from(pair.n_both).unwrap_or_default(),
        })
    };
    let rules = pairs.iter().map(rule).collect::<Result<_>>()?;
    Rules::new(items, again, rules)
}

fn measured(result: answer::Result) -> Result<MeasureAnswer> {
    match result {
        answer::Result::Measure(answer) => Ok(answer),
        _ => Err(unexpected("measure")),
    }
}

async fn repeats(rounds: &StageRounds<'_>, models_json: &str, items: &[String]) -> Result<RepeatAnswer> {
    let repeat = Some(RepeatRequest { items: items.to_vec() });
    let work = MeasureTask { models: models_json.to_owned(), repeat, ..MeasureTask::default() };
    let answer = rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await?;
    measured(answer)?.repeat.ok_or_else(|| unexpected("buyers"))
}

async fn written(
    rounds: &StageRounds<'_>,
    models_json: &str,
    rules: &Rules,
) -> Result<(Vec<ResultFile>, RecommendCounts)> {
    let (mut files, mut counts) = (Vec::new(), RecommendCounts::default());
    let request = rules.to_message();
    let work = |_| {
        let references = rounds.references()?;
        let recommend = Some(RecommendRequest { references, ..request.clone() });
        Ok(task::Work::Measure(MeasureTask { models: models_json.to_owned(), recommend, ..MeasureTask::default() }))
    };
    rounds
        .each_shard(Stage::Measure, 0..rounds.shards(), work, |_, result| {
            let answer = measured(result)?.recommend.ok_or_else(|| unexpected("recommendations"))?;
            merge_recommend_counts(&mut counts, &answer.counts.unwrap_or_default());
            files.extend(answer.files);
            Ok(())
        })
        .await?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok((files, counts))
}

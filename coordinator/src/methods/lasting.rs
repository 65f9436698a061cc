//! Keys that last: a cluster keeps the key of the earlier one that most of its customers were in.

use super::{Fit, fit::unexpected, matching::greatest_overlap};
use segmenter_proto::{
    Error, Result,
    methods::{FittedModels, SegmentationModel, is_cluster_key, number_of_key, written_key},
    v1::{OverlapRequest, fit_answer, fit_task},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The keys of clusters that were just found.
#[derive(Debug, Default)]
pub(super) struct LastingKeys {
    /// The key that each gets in the place of the one by size; empty where there is nothing to keep.
    pub(super) of: BTreeMap<String, String>,
    /// The next number that no cluster along the chain of runs had; 0 where there is no earlier run.
    pub(super) next: u32,
    /// What the clusters that keep their key were called.
    pub(super) names: BTreeMap<String, String>,
    /// For run.json; null where there is no earlier run.
    pub(super) described: Value,
}

/// Finds the keys of a model's clusters: those of the run before, where there is one that divided by clusters too.
///
/// An earlier cluster and one of now can be one if at least half of the smaller of the two, of customers of both runs, are in both. Of all ways to pair
/// such clusters the one is taken in which most customers stay; the others get the next numbers that were never used.
///
/// # Errors
/// See the workers' stage.
pub(super) async fn lasting_keys(fit: &Fit<'_>, model: &SegmentationModel) -> Result<LastingKeys> {
    let keys = |model: &SegmentationModel| -> Vec<String> { model.segments().into_iter().map(|own| own.key).collect() };
    let Some(earlier) = fit.earlier.filter(|earlier| earlier.model().fitted().is_some()) else {
        // Clusters of runs before that one may have had keys, which are not given again.
        return Ok(if fit.first_key > 1 { new_keys(&keys(model), fit.first_key) } else { LastingKeys::default() });
    };
    let cannot = |error| Error::bug("models could not be written").caused_by(error);
    let mut models: FittedModels = serde_json::from_str(&fit.models).map_err(cannot)?;
    models.segmentations.push(model.clone());
    let models = serde_json::to_string(&models).map_err(cannot)?;
    let found = match fit.round_by(models, fit_task::Round::Overlap(OverlapRequest {})).await? {
        fit_answer::Round::Overlap(found) => found,
        _ => return Err(unexpected()),
    };
    let (then, now) = (keys(earlier), keys(model));
    if (found.before as usize, found.now as usize) != (then.len(), now.len()) {
        return Err(unexpected());
    }
    let both: Vec<Vec<u64>> = found.both.chunks(now.len().max(1)).map(<[u64]>::to_vec).collect();
    Ok(matched(earlier, &then, &now, &both))
}

/// Gives all clusters keys from a number on.
fn new_keys(now: &[String], mut next: u32) -> LastingKeys {
    let (mut of, mut new) = (BTreeMap::new(), Vec::new());
    for key in now.iter().filter(|key| is_cluster_key(key)) {
        let given = written_key(next);
        new.push(given.clone());
        of.insert(key.clone(), given);
        next += 1;
    }
    let described = json!({ "kept": [], "new": new, "gone": [] });
    LastingKeys { of, next, names: BTreeMap::new(), described }
}

fn matched(earlier: &SegmentationModel, then: &[String], now: &[String], both: &[Vec<u64>]) -> LastingKeys {
    let of_then: Vec<u64> = both.iter().map(|own| own.iter().sum()).collect();
    let of_now: Vec<u64> = (0..now.len()).map(|at| both.iter().map(|own| own[at]).sum()).collect();
    // Who is in no cluster was and is none to be matched.
    let may = |row: usize, column: usize| {
        is_cluster_key(&then[row])
            && is_cluster_key(&now[column])
            && both[row][column].saturating_mul(2) >= of_then[row].min(of_now[column])
    };
    let matched = greatest_overlap(both, may);
    let mut next = earlier.model().next_key().unwrap_or_default();
    next = then.iter().filter_map(|key| number_of_key(key)).map(|number| number + 1).fold(next.max(1), u32::max);
    let (mut of, mut kept) = (BTreeMap::new(), Vec::new());
    for (row, column) in matched.iter().enumerate() {
        let Some(column) = *column else { continue };
        of.insert(now[column].clone(), then[row].clone());
        kept.push(json!({
            "key": then[row],
            "customers_before": of_then[row],
            "customers_now": of_now[column],
            "customers_in_both": both[row][column],
        }));
    }
    let is_matched = |row: usize| matched[row].is_some();
    let gone: Vec<&String> = then
        .iter()
        .enumerate()
        .filter(|(row, key)| is_cluster_key(key) && !is_matched(*row))
        .map(|(_, key)| key)
        .collect();
    let mut new = Vec::new();
    for key in now.iter().filter(|key| is_cluster_key(key)) {
        if !of.contains_key(key) {
            let given = written_key(next);
            new.push(given.clone());
            of.insert(key.clone(), given);
            next += 1;
        }
    }
    let names = earlier.segments().into_iter().filter(|own| of.values().any(|key| *key == own.key));
    let names = names.map(|own| (own.key, own.name)).collect();
    let described = json!({ "kept": kept, "new": new, "gone": gone });
    LastingKeys { of, next, names, described }
}

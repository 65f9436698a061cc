//! What clusters are called.

use super::{fit::Fit, lasting::LastingKeys};
use crate::report::{Standing, suggest_names};
use segmenter_proto::methods::ClusterSpace;
use serde_json::{Map, Value};

/// Names clusters, each given by its key and the place of its name: as the job says, else as it was called in the run before while that is still
/// true of it, else as is suggested. Gives what those are called that the job does not name, by their keys, for run.json.
pub(super) fn name_clusters<'a>(
    fit: &Fit<'_>,
    space: &ClusterSpace,
    clusters: impl Iterator<Item = (&'a str, &'a mut String)>,
    standings: &[Vec<Standing>],
    lasting: &LastingKeys,
) -> Value {
    let clusters: Vec<(&str, &mut String)> = clusters.collect();
    let earlier: Vec<Option<&str>> =
        clusters.iter().map(|(key, _)| lasting.names.get(*key).map(String::as_str)).collect();
    let mut suggestions = Map::new();
    for ((key, place), suggested) in clusters.into_iter().zip(suggest_names(fit.words, standings, &earlier)) {
        *place = match space.names.get(key) {
            Some(name) => name.clone(),
            None => {
                let is_taken = |name: &String| space.names.values().any(|taken| taken == name);
                let free = (2..).map(|number| format!(" {number}"));
                let mut ends = std::iter::once(String::new()).chain(free);
                let end = ends.find(|end| !is_taken(&format!("{suggested}{end}"))).unwrap_or_default();
                let name = suggested + &end;
                suggestions.insert(key.to_owned(), name.clone().into());
                name
            }
        };
    }
    Value::Object(suggestions)
}

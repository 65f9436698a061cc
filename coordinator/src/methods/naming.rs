//! What clusters are called.

use super::lasting::LastingKeys;
use crate::report::{Standing, SuggestedName, suggest_names};
use segmenter_proto::{methods::ClusterSpace, v1::ToldName};
use serde_json::{Map, Value};

/// Names clusters, each given by its key and the place of its name: as the job says, else as it was called in the run before while that is still
/// true of it, else as is suggested. Gives what each is called wherever it is told, which holds no value of customers.
pub(super) fn name_clusters<'a>(
    space: &ClusterSpace,
    clusters: impl Iterator<Item = (&'a str, &'a mut String)>,
    standings: &[Vec<Standing>],
    lasting: &LastingKeys,
) -> Vec<ToldName> {
    let clusters: Vec<(&str, &mut String)> = clusters.collect();
    let earlier: Vec<Option<&str>> =
        clusters.iter().map(|(key, _)| lasting.names.get(*key).map(String::as_str)).collect();
    let suggested = suggest_names(standings, &earlier);
    let name = |((key, place), suggested): ((&str, &mut String), SuggestedName)| {
        let (name, told) = match space.names.get(key) {
            Some(name) => (name.clone(), name.clone()),
            None => {
                let is_taken = |name: &String| space.names.values().any(|taken| taken == name);
                let free = (2..).map(|number| format!(" {number}"));
                let mut ends = std::iter::once(String::new()).chain(free);
                let end = ends.find(|end| !is_taken(&format!("{}{end}", suggested.name))).unwrap_or_default();
                (suggested.name + &end, suggested.told + &end)
            }
        };
        *place = name;
        ToldName { segment_key: key.to_owned(), name: told }
    };
    clusters.into_iter().zip(suggested).map(name).collect()
}

/// Describes what clusters are called that the job does not name, by their keys.
pub(super) fn suggestions(space: &ClusterSpace, told: &[ToldName]) -> Value {
    let suggested = told.iter().filter(|told| !space.names.contains_key(&told.segment_key));
    Value::Object(suggested.map(|told| (told.segment_key.clone(), told.name.clone().into())).collect::<Map<_, _>>())
}

//! What a job says of clusters by their keys, which another run may give to others.

use crate::warning::Warning;
use segmenter_proto::{
    jobs::Job,
    methods::{ClusterSpace, Condition},
};
use segmenter_worker::{
    expression::{names, texts},
    notes::Subject,
};

/// What is said of every such key.
const WHY: &str = "keys are by falling size until there is a run before whose keys they keep, so another first run, or one with `previous = \"none\"`, can give them to other customers";

/// Warns of rules and `names` that go by keys such as `c01`, which a job that fits its clusters anew cannot rely on where they do not keep those of
/// a run before: `lasts` says of which segmentations they do.
pub fn cluster_key_warnings(job: &Job, lasts: impl Fn(usize) -> bool) -> Vec<Warning> {
    let mut clusters: Vec<&str> = Vec::new();
    let mut warnings = Vec::new();
    for (at, segmentation) in job.segmentations.iter().enumerate() {
        let name = segmentation.name.as_str();
        let warning = |text: String| Warning::of(Subject::Segmentation(name.to_owned()), text);
        let spec = segmentation.method.spec();
        warnings.extend(of_rules(&spec.conditions(), &clusters).map(warning));
        let Some(ClusterSpace { names: named, .. }) = spec.space() else { continue };
        if lasts(at) {
            continue;
        }
        clusters.push(name);
        if !named.is_empty() {
            let keys: Vec<&str> = named.keys().map(String::as_str).collect();
            warnings.push(warning(format!(
                "`names` goes by the keys of clusters ({}): {WHY}; the names in `model.json` stay with the \
                 clusters of one run, which `segmenter score` keeps",
                listed(&keys)
            )));
        }
    }
    warnings
}

fn of_rules(conditions: &[Condition<'_>], clusters: &[&str]) -> Option<String> {
    let by_key = conditions.iter().filter_map(|condition| match condition {
        Condition::When { key, sql, .. } => uses_keys(sql, clusters).then_some(*key),
        Condition::Where(_) => None,
    });
    let by_key: Vec<&str> = by_key.collect();
    let rules = match by_key.as_slice() {
        [] => return None,
        [rule] => format!("rule `{rule}` goes by the key of a cluster"),
        rules => format!("{} rules go by keys of clusters ({})", rules.len(), listed(rules)),
    };
    Some(format!(
        "{rules}: {WHY}; conditions on features, as in `monetary > 5000`, mean the same in every run, and \
         `segmenter score` keeps the clusters of one run"
    ))
}

/// Says whether a condition compares clusters with what can be a key of theirs, or a part or pattern of one: `c01`, `c`, `c0%`.
fn uses_keys(sql: &str, clusters: &[&str]) -> bool {
    let is_key = |text: &str| {
        text.strip_prefix('c')
            .is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_digit() || "%_".contains(letter)))
    };
    // An expression that cannot be parsed has an error of its own.
    names(sql).unwrap_or_default().iter().any(|name| clusters.contains(&name.as_str()))
        && texts(sql).unwrap_or_default().iter().any(|text| is_key(text))
}

fn listed(names: &[&str]) -> String {
    let more = if names.len() > 5 { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(5)].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_go_by_keys_are_found() {
        let clusters = ["behaviour", "Tiers"];
        for sql in [
            "behaviour = 'c02'",
            "'c01' <> behaviour and monetary > 5",
            "behaviour in ('no_purchases', 'c10')",
            "behaviour like 'c0%'",
            "\"Tiers\" = concat('c', '01')",
            "case when behaviour = 'c01' then true else false end",
        ] {
            assert!(uses_keys(sql, &clusters), "{sql}");
        }
        for sql in [
            "behaviour <> 'no_purchases'",
            "value = 'champions' and behaviour <> 'out_of_scope'",
            "city = 'c01'",
            "behaviour is not null and city = 'cracow'",
            "monetary > 5",
            "no expression (",
        ] {
            assert!(!uses_keys(sql, &clusters), "{sql}");
        }
    }
}

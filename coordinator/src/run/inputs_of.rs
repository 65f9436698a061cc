//! Which features a segmentation was given, whatever way they took there.

use segmenter_proto::{
    Result,
    jobs::{DerivedFeature, Job},
    methods::{Condition, Method},
};
use segmenter_worker::{
    expression::{self, DerivedSyntax},
    features::derived_features,
    frame::score_names,
};
use std::collections::BTreeSet;

/// Says of each feature whether a segmentation was given it, or something that it is made of.
///
/// Derived features count as what they are made of, and so do scores and segments of segmentations above.
///
/// # Errors
/// Job, where an expression cannot be read; it was checked before.
pub(super) fn inputs_of(job: &Job, segmentation: &str, features: &[String]) -> Result<Vec<bool>> {
    let derived = derived_features(job);
    let own = job.segmentations.iter().find(|own| own.name == segmentation);
    let given = own.map_or(Ok(Vec::new()), |own| names_of(&own.method))?;
    let ground = ground(job, &derived, given.clone())?;
    let is_input = |feature: &String| {
        let own = self::ground(job, &derived, vec![feature.clone()])?;
        Ok(given.contains(feature) || own.iter().any(|name| ground.contains(name)))
    };
    features.iter().map(is_input).collect()
}

/// Gives the names that a method looks at.
///
/// # Errors
/// Job, where an expression cannot be read; it was checked before.
pub fn names_of(method: &Method) -> Result<Vec<String>> {
    let spec = method.spec();
    let mut names: Vec<String> = spec.space().map_or(Vec::new(), |space| space.features.clone());
    if let Method::Rfm(method) = method {
        names.extend([&method.recency, &method.frequency, &method.monetary].map(Clone::clone));
    }
    for sql in spec.conditions().iter().map(Condition::sql).chain(spec.value()) {
        names.extend(expression::names(sql)?);
    }
    Ok(names)
}

/// Gives what names are made of in the end.
fn ground(job: &Job, derived: &[DerivedFeature], names: Vec<String>) -> Result<BTreeSet<String>> {
    let (mut open, mut seen, mut found) = (names, BTreeSet::new(), BTreeSet::new());
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) || job.features.constants.iter().any(|constant| constant.name == name) {
            continue;
        }
        let is_score = |at: &usize| {
            let scored = matches!(job.segmentations[*at].method, Method::Rfm(_));
            scored && score_names(job, *at).contains(&name)
        };
        let above = job.segmentations.iter().position(|own| own.name == name);
        let scored = (0..job.segmentations.len()).find(is_score);
        match (derived.iter().find(|feature| feature.name == name), above.or(scored)) {
            (Some(feature), _) => {
                let read = DerivedSyntax::parse(&feature.expression)?;
                open.extend(read.names()?.into_iter().map(|(name, _)| name));
            }
            (None, Some(at)) => open.extend(names_of(&job.segmentations[at].method)?),
            (None, None) => {
                found.insert(name);
            }
        }
    }
    Ok(found)
}

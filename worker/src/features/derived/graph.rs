//! In which order derived features are computed: each behind those that it is made of.

use crate::{
    expression::{DerivedSyntax, ExpressionError},
    families::family,
};
use segmenter_proto::{
    Error, Result,
    jobs::{DerivedFeature, Job, Preset},
};

/// Gives the derived features of a job: those of its presets, then its own.
pub fn derived_features(job: &Job) -> Vec<DerivedFeature> {
    let mut all: Vec<DerivedFeature> = job.features.presets.iter().flat_map(preset_derived).collect();
    all.extend(job.features.derived.iter().cloned());
    all
}

/// Gives the derived features of a preset: their names, and those of the features that they are made of, with its suffix.
fn preset_derived(preset: &Preset) -> Vec<DerivedFeature> {
    let Some(family) = family(&preset.name) else { return Vec::new() };
    let with_suffix = |name: &str| format!("{name}{}", preset.suffix);
    let of_family = |name: &str| family.feature_names().any(|known| known == name).then(|| with_suffix(name));
    let derived = family.derived.iter().map(|column| DerivedFeature {
        name: with_suffix(column.name),
        // A test reads the files; one that cannot be read is refused where it is compiled.
        expression: DerivedSyntax::renamed(column.formula, of_family).unwrap_or_else(|_| column.formula.to_owned()),
    });
    derived.collect()
}

/// Gives the calls of functions of the population in the derived features of a job, each with its feature.
///
/// # Errors
/// An expression cannot be read: Job.
pub fn population_calls(job: &Job) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for feature in derived_features(job) {
        let read = DerivedSyntax::parse(&feature.expression).map_err(|error| named(&feature.name, error.into()))?;
        all.extend(read.calls().map(|call| (feature.name.clone(), call.to_owned())));
    }
    Ok(all)
}

/// Checks that no derived feature is made of itself; gives the position, among those of the job alone, of one that is, with what is to be
/// said. Expressions that cannot be read are passed over.
pub fn check_graph(features: &[DerivedFeature]) -> Option<(usize, Error)> {
    let read = |feature: &DerivedFeature| DerivedSyntax::parse(&feature.expression).ok();
    let graph = Graph::of(features, &features.iter().map(read).collect::<Vec<_>>());
    graph.order().err()
}

/// Names the feature in front of an error.
pub(super) fn named(feature: &str, error: Error) -> Error {
    Error { message: format!("feature {feature}: {}", error.message), ..error }
}

/// What derived features are made of, by their positions.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    features: &'a [DerivedFeature],
    uses: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(features: &'a [DerivedFeature], read: &[Option<DerivedSyntax>]) -> Self {
        let find = |name: &str| features.iter().position(|feature| feature.name == name);
        let uses = read.iter().map(|read| {
            let names: Result<Vec<_>, ExpressionError> = read.as_ref().map_or(Ok(Vec::new()), DerivedSyntax::names);
            names.unwrap_or_default().iter().filter_map(|(name, _)| find(name)).collect()
        });
        Self { features, uses: uses.collect() }
    }

    /// Gives those that a feature is made of.
    pub(super) fn uses(&self, feature: usize) -> &[usize] {
        self.uses.get(feature).map_or(&[], Vec::as_slice)
    }

    /// Gives the order in which they can be computed; else the position of one that is made of itself, and by which way.
    pub(super) fn order(&self) -> Result<Vec<usize>, (usize, Error)> {
        let mut order: Vec<usize> = Vec::new();
        loop {
            let is_open = |at: &usize| !order.contains(at);
            let ready = |at: &usize| self.uses(*at).iter().all(|used| order.contains(used));
            let next: Vec<usize> = (0..self.features.len()).filter(is_open).filter(ready).collect();
            if next.is_empty() {
                break;
            }
            order.extend(next);
        }
        match (0..self.features.len()).find_map(|at| Some((at, self.way_back(at)?))) {
            None => Ok(order),
            Some((at, way)) => {
                let name = |at: usize| self.features.get(at).map_or("", |feature| feature.name.as_str());
                let way: Vec<&str> = way.into_iter().map(name).collect();
                let message = format!("feature {} is made of itself: a cycle, {}", name(at), way.join(" → "));
                Err((at, Error::job(message).with_hint("leave one of them out of the expression of another")))
            }
        }
    }

    /// Gives the way from a feature to itself by what it is made of.
    fn way_back(&self, from: usize) -> Option<Vec<usize>> {
        let mut ways = vec![vec![from]];
        let mut seen = Vec::new();
        while let Some(way) = ways.pop() {
            for &next in self.uses(*way.last()?) {
                let longer: Vec<usize> = way.iter().copied().chain([next]).collect();
                if next == from {
                    return Some(longer);
                }
                if !seen.contains(&next) {
                    seen.push(next);
                    ways.push(longer);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(all: &[(&str, &str)]) -> Vec<DerivedFeature> {
        let of = |(name, expression): &(&str, &str)| DerivedFeature {
            name: (*name).to_owned(),
            expression: (*expression).to_owned(),
        };
        all.iter().map(of).collect()
    }

    #[test]
    fn the_order_of_the_file_does_not_matter() {
        let all = features(&[("c", "b + population_zscore(a)"), ("b", "a * 2"), ("a", "monetary"), ("d", "a")]);
        let read: Vec<_> = all.iter().map(|feature| DerivedSyntax::parse(&feature.expression).ok()).collect();
        assert_eq!(Graph::of(&all, &read).order().unwrap(), [2, 1, 3, 0]);
        assert!(check_graph(&all).is_none());
    }

    #[test]
    fn a_cycle_is_named_with_its_way() {
        let all = features(&[("ok", "a"), ("a", "b + 1"), ("b", "population_bin(c, 2)"), ("c", "a")]);
        let (at, error) = check_graph(&all).unwrap();
        assert_eq!((at, error.message.as_str()), (1, "feature a is made of itself: a cycle, a → b → c → a"));
        let (at, error) = check_graph(&features(&[("x", "x")])).unwrap();
        assert_eq!((at, error.message.as_str()), (0, "feature x is made of itself: a cycle, x → x"));
    }
}

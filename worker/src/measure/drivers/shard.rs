//! The shard's side: keys for quantiles, then customers by bin. One feature is looked at after the other.

use super::{bins::BinnedFeature, outcome::OutcomeBins, tree::Places};
use crate::{measure::groups::Groups, segmentation::transform::feature_values};
use arrow::array::{Array, ArrayRef};
use segmenter_proto::{
    Error, Result,
    statistics::{QuantileCounter, key_of_f64},
    v1,
};
use std::collections::{BTreeMap, btree_map::Entry};

/// What is known of a shard's customers.
pub struct DriverValues<'a> {
    /// Customers of the shard.
    pub customers: usize,
    /// The features, in the order of `features/`: name and values; none of those that profiles do not tell about.
    pub features: Vec<Option<(&'a str, &'a ArrayRef)>>,
    /// Who is in which segment, a segmentation.
    pub groups: Vec<Groups<'a>>,
    /// Who is assigned to which of so many segments, a segmentation; where segments overlap, to the first.
    pub assigned: Vec<(&'a [u32], usize)>,
    /// Orders and spending in the outcome window; none of a job without one, or without purchases.
    pub outcome: Option<(&'a [i64], &'a [i128])>,
}

impl std::fmt::Debug for DriverValues<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DriverValues").field("customers", &self.customers).finish_non_exhaustive()
    }
}

/// Answers one request over a shard.
///
/// # Errors
/// Bug only: a request that no solver makes, or values of different lengths.
pub fn drivers_answer(request: &v1::DriversRequest, values: &DriverValues<'_>) -> Result<v1::DriversAnswer> {
    values.check()?;
    let personas = request.personas.iter().map(|persona| values.members(persona)).collect::<Result<Vec<_>>>()?;
    if let Some(quantiles) = &request.quantiles {
        let quantiles = Some(values.quantiles(quantiles, &personas)?);
        return Ok(v1::DriversAnswer { quantiles, ..v1::DriversAnswer::default() });
    }
    let features = request.features.iter().map(BinnedFeature::from_message).collect::<Result<Vec<_>>>()?;
    let trees = request.trees.iter().map(|tree| Places::of(tree, features.len())).collect::<Result<Vec<_>>>()?;
    if trees.len() != values.assigned.len() {
        return Err(Error::bug("trees of other segmentations are asked for"));
    }
    let leaves = values.leaves(&features, &trees)?;
    let mut answer = v1::DriversAnswer::default();
    let mut by_persona = vec![Vec::new(); if request.bins { personas.len() + 1 } else { 0 }];
    // Of each tree by candidate; they are put in order at the end.
    let mut by_tree: Vec<BTreeMap<usize, Vec<u64>>> = vec![BTreeMap::new(); trees.len()];
    for (at, feature) in features.iter().enumerate() {
        let of_trees: Vec<usize> =
            (0..trees.len()).filter(|tree| request.trees[*tree].candidates.contains(&(at as u32))).collect();
        if !request.bins && of_trees.is_empty() {
            continue;
        }
        let codes = values.codes(feature)?;
        if request.bins {
            let everybody = (0..values.customers).map(|row| codes[row]);
            by_persona[0].extend(counted(everybody, feature.bins()));
            for (own, members) in by_persona[1..].iter_mut().zip(&personas) {
                let codes = members.iter().map(|row| codes[*row]);
                own.extend(counted(codes, feature.bins()));
            }
            if let Some(outcome) = values.outcome.filter(|_| request.cap.is_some()) {
                let code = |row: usize| usize::from(codes[row]);
                answer.outcome.push(outcome_of(outcome, request, feature.bins(), code).to_message());
            }
        }
        for tree in of_trees {
            let (labels, segments) = values.assigned[tree];
            let mut counts = vec![0_u64; trees[tree].open * feature.bins() * segments];
            for (row, leaf) in leaves[tree].iter().enumerate().filter_map(|(row, leaf)| Some((row, (*leaf)?))) {
                let cell = (leaf as usize * feature.bins() + usize::from(codes[row])) * segments;
                counts[cell + labels[row] as usize] += 1;
            }
            by_tree[tree].insert(at, counts);
        }
    }
    if let Some(outcome) = values.outcome.filter(|_| request.bins && request.cap.is_some()) {
        for (labels, segments) in &values.assigned {
            answer.outcome.push(outcome_of(outcome, request, *segments, |row| labels[row] as usize).to_message());
        }
    }
    answer.personas = by_persona.into_iter().map(|customers| v1::BinCounts { customers }).collect();
    for ((request, tree), counts) in request.trees.iter().zip(&trees).zip(&by_tree) {
        answer.trees.push(in_order(request, tree, counts)?);
    }
    Ok(answer)
}

fn counted(codes: impl Iterator<Item = u8>, bins: usize) -> Vec<u64> {
    let mut counts = vec![0; bins];
    codes.for_each(|code| counts[usize::from(code)] += 1);
    counts
}

fn outcome_of(
    (orders, spent): (&[i64], &[i128]),
    request: &v1::DriversRequest,
    bins: usize,
    bin: impl Fn(usize) -> usize,
) -> OutcomeBins {
    let cap = request.cap.map_or(i128::MAX, i128::from);
    let mut found = OutcomeBins::empty(bins);
    for (row, (orders, spent)) in orders.iter().zip(spent).enumerate() {
        found.bins[bin(row)].add(*orders > 0, (*spent).min(cap));
    }
    found
}

/// Puts counts by candidate, leaf, bin and segment into the order of leaves, then candidates.
fn in_order(request: &v1::TreeRequest, tree: &Places, counts: &BTreeMap<usize, Vec<u64>>) -> Result<v1::BinCounts> {
    let mut customers = Vec::new();
    for leaf in 0..tree.open {
        for candidate in &request.candidates {
            let own = counts.get(&(*candidate as usize));
            let own = own.ok_or_else(|| Error::bug("a tree asks for a feature that is not there"))?;
            let cells = own.len() / tree.open;
            customers.extend_from_slice(&own[leaf * cells..(leaf + 1) * cells]);
        }
    }
    Ok(v1::BinCounts { customers })
}

impl DriverValues<'_> {
    fn check(&self) -> Result<()> {
        let lengths = self.features.iter().flatten().map(|(_, column)| column.len());
        let lengths = lengths.chain(self.assigned.iter().map(|(labels, _)| labels.len()));
        let lengths = lengths.chain(self.outcome.iter().flat_map(|(orders, spent)| [orders.len(), spent.len()]));
        let outside =
            self.assigned.iter().any(|(labels, segments)| labels.iter().any(|own| *own as usize >= *segments));
        match outside || lengths.into_iter().any(|length| length != self.customers) {
            true => Err(Error::bug("what goes with segments is not known of all customers")),
            false => Ok(()),
        }
    }

    fn feature(&self, column: u32) -> Result<(&str, &ArrayRef)> {
        let found = self.features.get(column as usize).copied().flatten();
        found.ok_or_else(|| Error::bug(format!("there is no feature {column}")))
    }

    fn codes(&self, feature: &BinnedFeature) -> Result<Vec<u8>> {
        let (name, column) = self.feature(feature.column)?;
        feature.codes(name, column)
    }

    /// Gives the customers of a persona.
    fn members(&self, persona: &v1::PersonaGroup) -> Result<Vec<usize>> {
        let missing = || Error::bug("a persona is of a segmentation that is not there");
        let groups = self.groups.get(persona.segmentation as usize).ok_or_else(missing)?;
        let mut is_member = vec![false; self.customers];
        groups.each(self.customers, |group, customer| {
            is_member[customer] |= persona.segments.iter().any(|segment| *segment as usize == group);
            Ok(())
        })?;
        Ok((0..self.customers).filter(|row| is_member[*row]).collect())
    }

    fn quantiles(&self, request: &v1::QuantileRequest, personas: &[Vec<usize>]) -> Result<v1::QuantileAnswer> {
        let mut counter = QuantileCounter::new(request)?;
        let asked: Vec<u32> = counter.columns().collect();
        for column in asked {
            if column as usize == self.features.len() {
                let (_, spent) =
                    self.outcome.ok_or_else(|| Error::bug("spending is asked of a job without an outcome"))?;
                counter.count(column, spent.iter().map(|spent| (0, *spent)));
                continue;
            }
            let (name, values) = self.feature(column)?;
            let values = feature_values(name, values)?;
            counter.count(column, values.iter().flatten().map(|value| (0, key_of_f64(value))));
            for (group, members) in (1..).zip(personas) {
                let known = members.iter().filter(|row| values.is_valid(**row));
                counter.count(column, known.map(|row| (group, key_of_f64(values.value(*row)))));
            }
        }
        Ok(counter.finish())
    }

    /// Gives the open leaf of each customer, a tree.
    fn leaves(&self, features: &[BinnedFeature], trees: &[Places]) -> Result<Vec<Vec<Option<u32>>>> {
        let mut codes: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for feature in trees.iter().flat_map(Places::features) {
            if let Entry::Vacant(place) = codes.entry(feature) {
                place.insert(self.codes(&features[feature])?);
            }
        }
        let code = |feature: usize, row: usize| codes.get(&feature).map_or(u8::MAX, |codes| codes[row]);
        let of_tree = |tree: &Places| {
            let leaf = |row: usize| tree.leaf(|feature| code(feature, row)).map(|leaf| leaf as u32);
            match tree.open {
                0 => Vec::new(),
                _ => (0..self.customers).map(leaf).collect(),
            }
        };
        Ok(trees.iter().map(of_tree).collect())
    }
}

/// Adds `more` to `total`, both answers to one request.
///
/// # Errors
/// Bug where they are not.
pub fn merge_drivers_answers(total: &mut v1::DriversAnswer, more: &v1::DriversAnswer) -> Result<()> {
    let unlike = || Error::bug("answers about drivers to another request cannot be added together");
    match (&mut total.quantiles, &more.quantiles) {
        (Some(total), Some(more)) => segmenter_proto::statistics::merge_quantile_answers(total, more)?,
        (None, None) => {}
        _ => return Err(unlike()),
    }
    let shape = |answer: &v1::DriversAnswer| (answer.outcome.len(), answer.personas.len(), answer.trees.len());
    if shape(total) != shape(more) {
        return Err(unlike());
    }
    for (total, more) in total.outcome.iter_mut().zip(&more.outcome) {
        let mut merged = OutcomeBins::from_message(total)?;
        merged.merge(&OutcomeBins::from_message(more)?)?;
        *total = merged.to_message();
    }
    let counts = total.personas.iter_mut().zip(&more.personas);
    for (total, more) in counts.chain(total.trees.iter_mut().zip(&more.trees)) {
        if total.customers.len() != more.customers.len() {
            return Err(unlike());
        }
        total.customers.iter_mut().zip(&more.customers).for_each(|(total, more)| *total += more);
    }
    Ok(())
}

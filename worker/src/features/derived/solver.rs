//! The coordinator's side of the rounds that find what functions of the population know: exact, whatever the shards.
//!
//! Bins, ranks and the top are cut at values of nearest rank; means and spreads come from exact sums in two rounds; the most frequent
//! texts are counted in two. All calls of a layer share their rounds.

use crate::expression::{PopulationFunction, RANKS};
use segmenter_proto::{
    Error, Result, Rounds,
    models::{PopulationValue, Spread},
    statistics::{CentralSums, Fraction, QuantileSolver, QuantileTarget, Summary, f64_of_key, key_of_f64},
    v1,
};
use std::cmp::Reverse;

/// One in so many customers must have a text that is named: rarer ones are not counted.
const RAREST: u64 = 100;

/// Finds the constants of some calls by rounds over all customers.
#[derive(Debug)]
pub struct PopulationSolver {
    functions: Vec<PopulationFunction>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    First,
    Later(Box<Later>),
}

#[derive(Debug)]
struct Later {
    summaries: Vec<Summary>,
    sums: Option<Vec<CentralSums>>,
    quantiles: QuantileSolver,
    names: Vec<v1::LevelNames>,
    levels: Option<Vec<v1::ColumnLevels>>,
}

impl PopulationSolver {
    /// Starts with nothing known.
    pub fn new(functions: Vec<PopulationFunction>) -> Self {
        Self { functions, phase: Phase::First }
    }

    fn numbers(&self) -> impl Iterator<Item = PopulationFunction> {
        self.functions.iter().copied().filter(|function| !function.is_of_text())
    }

    fn has_texts(&self) -> bool {
        self.functions.iter().any(|function| function.is_of_text())
    }
}

impl Rounds for PopulationSolver {
    type Request = v1::ColumnStatisticsRequest;
    type Answer = v1::ColumnStatisticsAnswer;
    type Output = Vec<(u64, PopulationValue)>;

    fn next_request(&self) -> Option<v1::ColumnStatisticsRequest> {
        let transform = v1::ValueTransform::None.into();
        let views = vec![v1::ColumnView { transform, ..v1::ColumnView::default() }; self.numbers().count()];
        match &self.phase {
            Phase::First => Some(v1::ColumnStatisticsRequest {
                views,
                summaries: true,
                levels: self.has_texts().then(v1::LevelsRequest::default),
                ..v1::ColumnStatisticsRequest::default()
            }),
            Phase::Later(later) => {
                let centres = match later.sums {
                    Some(_) => Vec::new(),
                    None => later.summaries.iter().map(|summary| summary.mean().unwrap_or(0.0)).collect(),
                };
                let open = later.levels.is_none() && !later.names.is_empty();
                let levels = open.then(|| v1::LevelsRequest { counted: later.names.clone() });
                let quantiles = later.quantiles.next_request();
                let asks = !centres.is_empty() || levels.is_some() || quantiles.is_some();
                asks.then_some(v1::ColumnStatisticsRequest { views, summaries: false, centres, quantiles, levels })
            }
        }
    }

    fn absorb(&mut self, answer: v1::ColumnStatisticsAnswer) -> Result<()> {
        let levels = answer.levels.as_ref().map(|levels| levels.columns.clone());
        let phase = std::mem::replace(&mut self.phase, Phase::First);
        self.phase = match phase {
            Phase::First => {
                let summaries: Vec<Summary> =
                    answer.summaries.iter().map(Summary::from_message).collect::<Result<_>>()?;
                if summaries.len() != self.numbers().count() {
                    return Err(Error::bug("summaries of another number of calls than were asked about"));
                }
                let targets = (0..).zip(self.numbers()).zip(&summaries);
                let targets = targets.map(|((column, function), summary)| target(column, function, summary));
                let quantiles = QuantileSolver::new(targets.collect::<Result<_>>()?);
                let names = levels.unwrap_or_default().into_iter();
                let names = names.map(|column| v1::LevelNames { names: column.names }).collect();
                let has_spread = self.numbers().any(|function| function == PopulationFunction::Zscore);
                let sums = (!has_spread).then(Vec::new);
                Phase::Later(Box::new(Later { summaries, sums, quantiles, names, levels: None }))
            }
            Phase::Later(mut later) => {
                if later.sums.is_none() {
                    let sums = answer.central_sums.iter().map(CentralSums::from_message);
                    later.sums = Some(sums.collect::<Result<_>>()?);
                }
                if let Some(answer) = answer.quantiles {
                    later.quantiles.absorb(answer)?;
                }
                if later.levels.is_none() {
                    later.levels = levels;
                }
                Phase::Later(later)
            }
        };
        Ok(())
    }

    fn finish(self) -> Result<Vec<(u64, PopulationValue)>> {
        let unfinished = || Error::bug("constants of the population were asked for before the last round");
        let Phase::Later(later) = self.phase else { return Err(unfinished()) };
        let Later { summaries, sums, quantiles, names, levels } = *later;
        let (sums, mut cuts) = (sums.ok_or_else(unfinished)?, quantiles.finish()?.into_iter());
        let mut texts = names.into_iter().zip(levels.unwrap_or_default());
        let mut number = 0;
        let mut known = Vec::new();
        for function in self.functions {
            if let PopulationFunction::TopValues(most) = function {
                let (names, counted) = texts.next().unwrap_or_default();
                known.push((
                    counted.rows - counted.nulls,
                    PopulationValue::Values(most_frequent(names.names, &counted, most)),
                ));
                continue;
            }
            let summary = summaries.get(number).ok_or_else(unfinished)?;
            let cuts: Vec<f64> = cuts.next().ok_or_else(unfinished)?.into_iter().flatten().map(f64_of_key).collect();
            let value = match function {
                PopulationFunction::Zscore => PopulationValue::Spread(spread(summary, sums.get(number))),
                _ => PopulationValue::Cuts(cuts),
            };
            known.push((summary.count, value));
            number += 1;
        }
        Ok(known)
    }
}

/// Gives the positions at which a function cuts the values of the population.
fn target(column: u32, function: PopulationFunction, summary: &Summary) -> Result<QuantileTarget> {
    let count = summary.count;
    let shares = match function {
        _ if count == 0 => Vec::new(),
        PopulationFunction::Bin(bins) => {
            (1..u64::from(bins)).map(|bin| Fraction::new(bin, bins.into())).collect::<Result<_>>()?
        }
        // Above the cut at ceil(r (n - 1) / 1000) are those of whom r thousandths of the others are smaller.
        PopulationFunction::PercentRank => (1..=RANKS)
            .map(|rank| {
                let position = (u128::from(rank) * u128::from(count - 1)).div_ceil(u128::from(RANKS)).max(1);
                Fraction::new(u64::try_from(position).unwrap_or(count), count)
            })
            .collect::<Result<_>>()?,
        PopulationFunction::IsTop(share) => vec![Fraction::from_share(share)?.complement()],
        PopulationFunction::Zscore | PopulationFunction::TopValues(_) => Vec::new(),
    };
    let key = |value: Option<f64>| value.map_or(0, key_of_f64);
    Ok(QuantileTarget { column, group: 0, count, min: key(summary.min), max: key(summary.max), shares })
}

/// Gives mean and standard deviation; none of no values, and where some lie too far out for their squares.
fn spread(summary: &Summary, sums: Option<&CentralSums>) -> Option<Spread> {
    let sums = sums.filter(|sums| sums.count == summary.count && sums.count > 0)?;
    let variance = sums.squares.value() / sums.count as f64;
    Some(Spread { mean: summary.mean()?, standard_deviation: variance.sqrt() })
}

/// Gives the texts that most customers have, the first of the alphabet where as many have two.
fn most_frequent(names: Vec<String>, counted: &v1::ColumnLevels, most: u32) -> Vec<String> {
    let mut kept: Vec<(u64, String)> = counted.counts.iter().copied().zip(names).collect();
    kept.retain(|(count, _)| *count > 0 && count * RAREST >= counted.rows);
    kept.sort_by(|(left, one), (right, other)| (Reverse(left), one).cmp(&(Reverse(right), other)));
    kept.into_iter().take(most as usize).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::transform::{FeatureColumn, column_statistics, merge_column_statistics};
    use PopulationFunction::{Bin, IsTop, PercentRank, TopValues, Zscore};
    use arrow::array::{Float64Array, StringArray};
    use proptest::prelude::*;

    /// All of a column's calls, asked of so many shards.
    fn solved(numbers: &[Option<f64>], texts: &[Option<String>], shards: usize) -> Vec<(u64, PopulationValue)> {
        let functions = vec![Bin(10), TopValues(2), PercentRank, Zscore, IsTop(0.05)];
        let mut solver = PopulationSolver::new(functions.clone());
        let of_shard = |shard: usize| -> Vec<FeatureColumn> {
            let numbers: Float64Array = numbers.iter().skip(shard).step_by(shards).copied().collect();
            let texts: StringArray = texts.iter().skip(shard).step_by(shards).cloned().collect();
            let column = |function: &PopulationFunction| match function.is_of_text() {
                true => FeatureColumn::Text(texts.clone()),
                false => FeatureColumn::Number(numbers.clone()),
            };
            functions.iter().map(column).collect()
        };
        while let Some(request) = solver.next_request() {
            let mut total = column_statistics(&request, &of_shard(0)).unwrap();
            for shard in 1..shards {
                merge_column_statistics(&mut total, &column_statistics(&request, &of_shard(shard)).unwrap()).unwrap();
            }
            solver.absorb(total).unwrap();
        }
        solver.finish().unwrap()
    }

    fn texts_of(numbers: &[Option<f64>]) -> Vec<Option<String>> {
        numbers.iter().map(|number| number.map(|number| format!("t{}", number as i64 % 5))).collect()
    }

    fn below(all: &[f64], value: f64) -> usize {
        all.iter().filter(|other| **other < value).count()
    }

    proptest! {
        #[test]
        fn constants_are_those_of_sorted_values(
            numbers in prop::collection::vec(prop::option::of(prop_oneof![(-9i32..9).prop_map(f64::from), -1e9f64..1e9]), 0..90),
            shards in 1usize..4,
        ) {
            let texts = texts_of(&numbers);
            let known = solved(&numbers, &texts, shards);
            prop_assert_eq!(&known, &solved(&numbers, &texts, 1));
            let all: Vec<f64> = numbers.iter().flatten().copied().collect();
            prop_assert!(known.iter().all(|(customers, _)| *customers == all.len() as u64));
            let cuts = |at: usize| match &known[at].1 {
                PopulationValue::Cuts(cuts) => cuts.clone(),
                other => panic!("{other:?}"),
            };
            let (bins, ranks, top) = (cuts(0), cuts(2), cuts(4));
            for value in &all {
                let smaller = below(&all, *value);
                let bin = (1..10).filter(|i| smaller >= (i * all.len()).div_ceil(10)).count();
                prop_assert_eq!(bins.partition_point(|cut| cut < value), bin);
                let rank = if all.len() == 1 { 0 } else { 1000 * smaller / (all.len() - 1) };
                prop_assert_eq!(ranks.partition_point(|cut| cut < value), rank);
                prop_assert_eq!(top[0] < *value, smaller * 100 >= 95 * all.len());
            }
        }
    }

    #[test]
    fn nobody_and_one_and_all_alike_have_constants_too() {
        let none = solved(&[None, None], &[None, None], 2);
        assert_eq!(none[0], (0, PopulationValue::Cuts(Vec::new())));
        assert_eq!(none[1], (0, PopulationValue::Values(Vec::new())));
        assert_eq!(none[3], (0, PopulationValue::Spread(None)));
        let one = solved(&[Some(3.0)], &[Some("a".to_owned())], 1);
        assert_eq!(
            (one[0].clone(), one[4].clone()),
            ((1, PopulationValue::Cuts(vec![3.0; 9])), (1, PopulationValue::Cuts(vec![3.0])))
        );
        assert_eq!(one[3].1, PopulationValue::Spread(Some(Spread { mean: 3.0, standard_deviation: 0.0 })));
        let alike = solved(&[Some(0.1); 7], &texts_of(&[Some(0.1); 7]), 3);
        assert_eq!(alike[3].1, PopulationValue::Spread(Some(Spread { mean: 0.1, standard_deviation: 0.0 })));
    }

    #[test]
    fn the_most_frequent_texts_come_first_and_ties_by_the_alphabet() {
        let texts: Vec<Option<String>> =
            ["b", "a", "c", "b", "a", "d"].iter().map(|text| Some((*text).to_owned())).chain([None]).collect();
        let known = solved(&[Some(1.0); 7], &texts, 2);
        assert_eq!(known[1], (6, PopulationValue::Values(vec!["a".to_owned(), "b".to_owned()])));
    }
}

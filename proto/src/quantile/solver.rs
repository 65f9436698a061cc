//! The coordinator's side: narrows brackets of keys until every position has its key.

use super::Fraction;
use crate::{Error, Result, Rounds, v1};

/// Brackets asked about in one round; the rest wait for the next.
const MOST_BRACKETS: usize = 1 << 15;
/// Bins of all histograms of one answer: at most a few megabytes.
const ALL_BINS: usize = 1 << 20;
/// Values collected by all shards in one round.
const ALL_VALUES: usize = 1 << 18;
/// More bins than this for one bracket would not spare a round.
const MOST_BINS: usize = 4096;

/// What is asked about one column (of one group).
#[derive(Debug, Clone)]
pub struct QuantileTarget {
    /// The caller's number of the column; shards are asked by it.
    pub column: u32,
    /// The caller's number of the group; shards are asked by it.
    pub group: u32,
    /// Values that are not null.
    pub count: u64,
    /// A key at or below the smallest value's.
    pub min: i128,
    /// A key at or above the largest value's.
    pub max: i128,
    /// The shares whose quantiles are wanted.
    pub shares: Vec<Fraction>,
}

/// Finds the quantiles of many targets at once: keys by target and share, in the order of the targets and their shares; none where a
/// target has no values. Answers that do not add up to the counts that are known are refused: a shard is missing, or came twice.
#[derive(Debug)]
pub struct QuantileSolver {
    results: Vec<Vec<Option<i128>>>,
    open: Vec<Bracket>,
}

/// Keys that hold at least one wanted position.
#[derive(Debug, Clone)]
struct Bracket {
    target: usize,
    column: u32,
    group: u32,
    low: i128,
    high: i128,
    /// Values with a key inside.
    count: u64,
    wanted: Vec<Wanted>,
}

/// A wanted quantile: the share's index and its position, from 1, within the bracket; rising.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    share: usize,
    position: u64,
}

impl QuantileSolver {
    /// Starts with nothing known but counts and ranges.
    pub fn new(targets: Vec<QuantileTarget>) -> Self {
        let mut solver =
            Self { results: targets.iter().map(|target| vec![None; target.shares.len()]).collect(), open: vec![] };
        for (index, target) in targets.into_iter().enumerate().filter(|(_, target)| target.count > 0) {
            let (low, high) = (target.min.min(target.max), target.max);
            let mut wanted: Vec<Wanted> = target
                .shares
                .iter()
                .enumerate()
                .map(|(share, fraction)| Wanted { share, position: fraction.position(target.count) })
                .collect();
            wanted.sort_by_key(|wanted| wanted.position);
            let QuantileTarget { column, group, count, .. } = target;
            solver.settle_or_keep(Bracket { target: index, column, group, low, high, count, wanted });
        }
        solver
    }

    fn asked(&self) -> usize {
        self.open.len().min(MOST_BRACKETS)
    }

    /// Goes through bins (or, without a shift, distinct values) and keeps those that hold a wanted position.
    fn narrow(&mut self, bracket: &Bracket, counts: &v1::QuantileCounts, shift: Option<u32>) -> Result<()> {
        let mut wanted = bracket.wanted.as_slice();
        let mut below = 0;
        for (index, &count) in counts.counts.iter().enumerate() {
            let inside = wanted.partition_point(|wanted| wanted.position <= below + count);
            if inside > 0 {
                let (low, high) = bracket.bin(index, counts, shift)?;
                // Where all values are one, their key is known at once and not bit by bit.
                let low = counts.smallest.map_or(low, |smallest| low.max(smallest.into()));
                let high = counts.largest.map_or(high, |largest| high.min(largest.into()));
                let wanted = wanted[..inside]
                    .iter()
                    .map(|wanted| Wanted { share: wanted.share, position: wanted.position - below })
                    .collect();
                self.settle_or_keep(Bracket { low, high, count, wanted, ..*bracket });
            }
            wanted = &wanted[inside..];
            below += count;
        }
        if wanted.is_empty() { Ok(()) } else { Err(Error::bug("a wanted position lies beyond the number of values")) }
    }

    fn settle_or_keep(&mut self, bracket: Bracket) {
        if bracket.low < bracket.high {
            self.open.push(bracket);
            return;
        }
        for wanted in &bracket.wanted {
            self.results[bracket.target][wanted.share] = Some(bracket.low);
        }
    }
}

impl Rounds for QuantileSolver {
    type Request = v1::QuantileRequest;
    type Answer = v1::QuantileAnswer;
    type Output = Vec<Vec<Option<i128>>>;

    fn next_request(&self) -> Option<v1::QuantileRequest> {
        let asked = self.asked();
        let brackets: Vec<_> = self.open[..asked].iter().map(|bracket| bracket.request(asked)).collect();
        (!brackets.is_empty()).then_some(v1::QuantileRequest { brackets })
    }

    fn absorb(&mut self, answer: v1::QuantileAnswer) -> Result<()> {
        let asked = self.asked();
        if answer.brackets.len() != asked {
            return Err(Error::bug("a quantile answer does not fit its request"));
        }
        let adds_up =
            |(bracket, counts): (&Bracket, &v1::QuantileCounts)| counts.counts.iter().sum::<u64>() == bracket.count;
        if !self.open.iter().zip(&answer.brackets).all(adds_up) {
            return Err(Error::bug("the answers to a quantile request do not add up to the known number of values"));
        }
        let brackets: Vec<_> = self.open.drain(..asked).collect();
        for (bracket, counts) in brackets.into_iter().zip(&answer.brackets) {
            let shift = match bracket.bins(asked) {
                0 => None,
                bins => Some(bracket.shift(bins)),
            };
            self.narrow(&bracket, counts, shift)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Vec<Option<i128>>>> {
        if self.open.is_empty() {
            Ok(self.results)
        } else {
            Err(Error::bug("quantiles were asked for before the last round"))
        }
    }
}

impl Bracket {
    fn request(&self, asked: usize) -> v1::QuantileBracket {
        let bins = self.bins(asked);
        v1::QuantileBracket {
            column: self.column,
            group: self.group,
            low: Some(self.low.into()),
            high: Some(self.high.into()),
            shift: self.shift(bins),
            bins: bins as u32,
        }
    }

    /// The number of bins when this many brackets are asked at once; 0: few values are left and are collected.
    fn bins(&self, asked: usize) -> usize {
        let few = (ALL_VALUES / asked).clamp(8, MOST_BINS) as u64;
        if self.count <= few && self.width() <= u128::from(u64::MAX) {
            0
        } else {
            (ALL_BINS / asked).clamp(32, MOST_BINS)
        }
    }

    /// The smallest shift that brings every key's offset below the number of bins.
    fn shift(&self, bins: usize) -> u32 {
        if bins == 0 {
            return 0;
        }
        let width_bits = u128::BITS - self.width().leading_zeros();
        width_bits.saturating_sub(bins.ilog2())
    }

    fn width(&self) -> u128 {
        self.high.wrapping_sub(self.low) as u128
    }

    /// The lowest and highest key of a bin, or the one key of a collected value.
    fn bin(&self, index: usize, counts: &v1::QuantileCounts, shift: Option<u32>) -> Result<(i128, i128)> {
        let missing = || Error::bug("a quantile answer holds keys outside of its bracket");
        let first = match shift {
            None => u128::from(*counts.offsets.get(index).ok_or_else(missing)?),
            Some(shift) => (index as u128) << shift,
        };
        if first > self.width() {
            return Err(missing());
        }
        let more = shift.map_or(0, |shift| (1u128 << shift) - 1).min(self.width() - first);
        let low = self.low.wrapping_add(first as i128);
        Ok((low, low.wrapping_add(more as i128)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        quantile::{QuantileCounter, f64_of_key, key_of_f64, merge_quantile_answers},
        v1::QuantileAnswer,
    };
    use proptest::prelude::*;
    use prost::Message;

    fn shares() -> Vec<Fraction> {
        [0.0, 0.005, 0.25, 0.5, 0.75, 0.995, 1.0].map(|share| Fraction::from_share(share).unwrap()).to_vec()
    }

    /// Answers from this many shards, the first value in the first; checks every answer's size.
    fn solve(
        columns: &[Vec<(u32, i128)>],
        targets: Vec<QuantileTarget>,
        shards: usize,
    ) -> (Vec<Vec<Option<i128>>>, usize) {
        let mut solver = QuantileSolver::new(targets);
        let mut rounds = 0;
        while let Some(request) = solver.next_request() {
            rounds += 1;
            let request = v1::QuantileRequest::decode(request.encode_to_vec().as_slice()).unwrap();
            let mut total: Option<QuantileAnswer> = None;
            for shard in (0..shards).rev() {
                let mut counter = QuantileCounter::new(&request).unwrap();
                for column in counter.columns().collect::<Vec<_>>() {
                    counter.count(column, columns[column as usize].iter().skip(shard).step_by(shards).copied());
                }
                let answer = counter.finish();
                assert!(answer.encoded_len() < 16 << 20);
                match &mut total {
                    None => total = Some(answer),
                    Some(total) => merge_quantile_answers(total, &answer).unwrap(),
                }
            }
            solver.absorb(total.unwrap()).unwrap();
        }
        (solver.finish().unwrap(), rounds)
    }

    fn targets_of(columns: &[Vec<(u32, i128)>], groups: u32) -> Vec<QuantileTarget> {
        let mut targets = vec![];
        for (column, values) in columns.iter().enumerate() {
            for group in 0..groups {
                let of_group = || values.iter().filter(|(g, _)| *g == group).map(|(_, key)| *key);
                targets.push(QuantileTarget {
                    column: column as u32,
                    group,
                    count: of_group().count() as u64,
                    min: values.iter().map(|(_, key)| *key).min().unwrap_or(0),
                    max: of_group().max().unwrap_or(0),
                    shares: shares(),
                });
            }
        }
        targets
    }

    fn sorted_answer(columns: &[Vec<(u32, i128)>], target: &QuantileTarget) -> Vec<Option<i128>> {
        let mut keys: Vec<_> =
            columns[target.column as usize].iter().filter(|(g, _)| *g == target.group).map(|(_, key)| *key).collect();
        keys.sort_unstable();
        let key = |fraction: &Fraction| keys.get(fraction.position(keys.len() as u64) as usize - 1).copied();
        target.shares.iter().map(key).collect()
    }

    fn key() -> impl Strategy<Value = i128> {
        prop_oneof![
            (-5i128..5),
            any::<f64>().prop_filter("a number", |x| !x.is_nan()).prop_map(key_of_f64),
            any::<i128>()
        ]
    }

    proptest! {
        #[test]
        fn equals_the_sorted_values(
            columns in prop::collection::vec(prop::collection::vec((0u32..3, key()), 0..80), 1..4),
            shards in 1usize..4,
        ) {
            let targets = targets_of(&columns, 3);
            let expected: Vec<_> = targets.iter().map(|target| sorted_answer(&columns, target)).collect();
            prop_assert_eq!(solve(&columns, targets, shards).0, expected);
        }
    }

    #[test]
    fn many_skewed_values_take_few_rounds() {
        let value = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / 1e6;
        let columns = vec![(0..300_000).map(|i| (0, key_of_f64(value(i).powi(9)))).collect::<Vec<_>>()];
        let targets = targets_of(&columns, 1);
        let expected = sorted_answer(&columns, &targets[0]);
        let (results, rounds) = solve(&columns, targets, 3);
        assert_eq!(results, [expected]);
        assert!(rounds <= 3, "{rounds} rounds");
        assert!(f64_of_key(results[0][3].unwrap()) > 0.0);
    }

    #[test]
    fn more_brackets_than_fit_one_request_take_turns() {
        let columns: Vec<Vec<(u32, i128)>> = vec![(0..120_000).map(|i| (i / 3, i128::from(i % 7))).collect()];
        let targets: Vec<_> = (0..40_000)
            .map(|group| QuantileTarget { column: 0, group, count: 3, min: 0, max: 6, shares: vec![Fraction::HALF] })
            .collect();
        let expected: Vec<_> = targets.iter().map(|target| sorted_answer(&columns, target)).collect();
        assert_eq!(solve(&columns, targets, 2).0, expected);
    }

    #[test]
    fn a_lost_shard_is_noticed() {
        let columns: Vec<Vec<(u32, i128)>> = vec![(0..10).map(|i| (0, i)).collect()];
        let mut solver = QuantileSolver::new(targets_of(&columns, 1));
        let mut counter = QuantileCounter::new(&solver.next_request().unwrap()).unwrap();
        counter.count(0, columns[0][1..].iter().copied());
        assert!(solver.absorb(counter.finish()).is_err());
        assert!(solver.finish().is_err());
    }
}

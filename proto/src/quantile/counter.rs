//! The shard's side of a round.

use std::collections::BTreeMap;

use crate::{Error, Result, v1};

/// Counts one shard's keys for one request; its answer merges with those of other shards.
#[derive(Debug)]
pub struct QuantileCounter {
    /// Brackets by column and group.
    columns: BTreeMap<u32, Vec<Vec<usize>>>,
    brackets: Vec<Bracket>,
}

#[derive(Debug)]
struct Bracket {
    low: i128,
    width: u128,
    shift: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Counts by bin, and the smallest and largest key − low.
    Histogram(Vec<u64>, u128, u128),
    /// Key − low, with repeats, as they come.
    Values(Vec<u64>),
}

impl QuantileCounter {
    /// Starts with nothing counted; fails on a request that no solver makes.
    pub fn new(request: &v1::QuantileRequest) -> Result<Self> {
        let mut columns: BTreeMap<u32, Vec<Vec<usize>>> = BTreeMap::new();
        let mut brackets = Vec::with_capacity(request.brackets.len());
        for (index, bracket) in request.brackets.iter().enumerate() {
            let groups = columns.entry(bracket.column).or_default();
            let group = bracket.group as usize;
            if groups.len() <= group {
                groups.resize_with(group + 1, Vec::new);
            }
            groups[group].push(index);
            brackets.push(Bracket::new(bracket)?);
        }
        Ok(Self { columns, brackets })
    }

    /// Gives the columns that are asked about, rising.
    pub fn columns(&self) -> impl Iterator<Item = u32> + '_ {
        self.columns.keys().copied()
    }

    /// Counts values of a column, each with its group, that are not null; what is not asked about is passed over.
    pub fn count(&mut self, column: u32, values: impl IntoIterator<Item = (u32, i128)>) {
        let Some(groups) = self.columns.get(&column) else { return };
        for (group, key) in values {
            for index in groups.get(group as usize).into_iter().flatten() {
                self.brackets[*index].count(key);
            }
        }
    }

    /// Gives the shard's answer.
    pub fn finish(self) -> v1::QuantileAnswer {
        v1::QuantileAnswer { brackets: self.brackets.into_iter().map(Bracket::finish).collect() }
    }
}

impl Bracket {
    fn new(message: &v1::QuantileBracket) -> Result<Self> {
        let refused = || Error::bug("a quantile request with an impossible bracket was received");
        let low = message.low.map(i128::from).ok_or_else(refused)?;
        let high = message.high.map(i128::from).ok_or_else(refused)?;
        let width = high.wrapping_sub(low) as u128;
        let possible = low <= high
            && match message.bins {
                0 => width <= u128::from(u64::MAX),
                bins => width.checked_shr(message.shift).is_some_and(|last| last < u128::from(bins)),
            };
        if !possible {
            return Err(refused());
        }
        let kind = match message.bins {
            0 => Kind::Values(vec![]),
            bins => Kind::Histogram(vec![0; bins as usize], u128::MAX, 0),
        };
        Ok(Self { low, width, shift: message.shift, kind })
    }

    #[inline]
    fn count(&mut self, key: i128) {
        // A key below wraps around to beyond the width.
        let offset = key.wrapping_sub(self.low) as u128;
        if offset > self.width {
            return;
        }
        match &mut self.kind {
            Kind::Histogram(counts, smallest, largest) => {
                counts[(offset >> self.shift) as usize] += 1;
                *smallest = offset.min(*smallest);
                *largest = offset.max(*largest);
            }
            Kind::Values(offsets) => offsets.push(offset as u64),
        }
    }

    fn finish(self) -> v1::QuantileCounts {
        match self.kind {
            Kind::Histogram(mut counts, smallest, largest) => {
                counts.truncate(counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1));
                let key = |offset: u128| (smallest <= largest).then(|| self.low.wrapping_add(offset as i128).into());
                v1::QuantileCounts { counts, offsets: vec![], smallest: key(smallest), largest: key(largest) }
            }
            Kind::Values(mut values) => {
                values.sort_unstable();
                let (mut offsets, mut counts) = (vec![], vec![]);
                for repeats in values.chunk_by(|left, right| left == right) {
                    offsets.push(repeats[0]);
                    counts.push(repeats.len() as u64);
                }
                v1::QuantileCounts { counts, offsets, smallest: None, largest: None }
            }
        }
    }
}

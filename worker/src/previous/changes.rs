//! Who came, left and moved since the run before: the rows of `changes/`, and counts of all moves.

use super::{
    pairs::{Pair, pairs},
    side::Side,
};
use crate::{
    results::{ChangeRow, changes_batch},
    spec::PreviousRun,
};
use arrow::array::{Array, RecordBatch, StringArray};
use hashbrown::HashMap;
use segmenter_proto::{
    Error, Result,
    methods::OTHER,
    v1::{FeatureMoves, SegmentChanges, SegmentMove},
};
use std::collections::BTreeMap;

/// Customers whose rows are made at a time.
const PIECE: usize = 1 << 16;
/// A change of less than so many standard deviations is none worth a word, as in profiles and names.
const WORTH_A_WORD: f64 = 0.25;
/// Features that are named as those that moved most.
const MOST: usize = 3;

/// A shard's customers of two runs.
#[derive(Debug)]
pub struct Changes<'a> {
    /// What both have.
    run: &'a PreviousRun,
    before: Side<'a>,
    now: Side<'a>,
}

/// Customers of one move, and of how many each number is the one that moved most.
#[derive(Debug, Default)]
struct Moved {
    customers: u64,
    most: HashMap<usize, u64>,
}

/// Moves by the keys then and now, a segmentation, and last of tiers.
type Counts<'a> = Vec<HashMap<(Option<&'a str>, Option<&'a str>), Moved>>;

/// A move of one customer.
#[derive(Debug, Clone, Copy)]
struct Move<'a> {
    segmentation: usize,
    before: Option<&'a str>,
    now: Option<&'a str>,
}

impl<'a> Changes<'a> {
    /// Lays the customers of two runs side by side; `run` says what both have.
    pub fn new(run: &'a PreviousRun, before: Side<'a>, now: Side<'a>) -> Self {
        Self { run, before, now }
    }

    /// Hands the rows of `changes/` to `write` in pieces, whose ids are named `id`, and gives counts of all moves.
    ///
    /// # Errors
    /// Those of `write`; else Bug.
    pub fn write<T>(
        &self,
        id: &str,
        write: impl FnOnce(&mut dyn Iterator<Item = Result<RecordBatch>>) -> Result<T>,
    ) -> Result<(T, Vec<SegmentChanges>)> {
        let mut counts = self.no_counts();
        let mut all = pairs(self.before.customers, self.now.customers).peekable();
        let mut begun = false;
        let mut pieces = std::iter::from_fn(|| {
            if begun && all.peek().is_none() {
                return None;
            }
            begun = true;
            let mut rows = Vec::new();
            for pair in all.by_ref().take(PIECE) {
                if let Err(error) = self.of_pair(pair, &mut counts, &mut rows) {
                    return Some(Err(error));
                }
            }
            Some(changes_batch(id, &rows))
        });
        let written = write(&mut pieces)?;
        Ok((written, self.told(counts)))
    }

    /// Gives counts of all moves.
    ///
    /// # Errors
    /// Bug only.
    pub fn counts(&self) -> Result<Vec<SegmentChanges>> {
        let mut counts = self.no_counts();
        let mut rows = Vec::new();
        for pair in pairs(self.before.customers, self.now.customers) {
            self.of_pair(pair, &mut counts, &mut rows)?;
            rows.clear();
        }
        Ok(self.told(counts))
    }

    fn no_counts(&self) -> Counts<'_> {
        let segmentations = self.run.segmentations.len() + usize::from(self.run.tier.is_some());
        (0..segmentations).map(|_| HashMap::new()).collect()
    }

    fn of_pair<'b>(&'b self, pair: Pair, counts: &mut Counts<'b>, rows: &mut Vec<ChangeRow<'b>>) -> Result<()> {
        let customer_id = match (pair.now, pair.before) {
            (Some(now), _) => self.now.customers.value(now),
            (None, Some(before)) => self.before.customers.value(before),
            (None, None) => return Err(Error::bug("a customer of neither run")),
        };
        let tier = |tiers: &'b Option<StringArray>, row| tiers.as_ref().and_then(|tiers| valid(tiers, row));
        let (previous_tier, tier) = (tier(&self.before.tiers, pair.before), tier(&self.now.tiers, pair.now));
        let mut furthest: Option<Vec<usize>> = None;
        for Move { segmentation, before, now } in self.moves(pair, (previous_tier, tier)) {
            let cell = counts[segmentation].entry((before, now)).or_default();
            cell.customers += 1;
            let change = match (before, now) {
                (None, Some(_)) => "joined",
                (Some(_), None) => "left",
                (Some(before), Some(now)) if before != now => "moved",
                _ => continue,
            };
            let mut moved_most = None;
            if let ("moved", Some(before), Some(now)) = (change, pair.before, pair.now) {
                let furthest = furthest.get_or_insert_with(|| self.furthest(before, now));
                if let Some(first) = furthest.first() {
                    *cell.most.entry(*first).or_default() += 1;
                    let names = furthest.iter().map(|at| self.run.numbers[*at].name.as_str());
                    moved_most = Some(names.collect::<Vec<_>>().join(", "));
                }
            }
            let (previous_segment_key, segment_key) = (before, now);
            let segmentation = self.name(segmentation);
            rows.push(ChangeRow {
                customer_id,
                segmentation,
                previous_segment_key,
                segment_key,
                change,
                previous_tier,
                tier,
                moved_most,
            });
        }
        Ok(())
    }

    /// Gives where a customer was and is, those who stayed too; a move to nowhere from nowhere is none.
    fn moves<'b>(&'b self, pair: Pair, tiers: (Option<&'b str>, Option<&'b str>)) -> Vec<Move<'b>> {
        let mut moves = Vec::new();
        for (segmentation, own) in self.run.segmentations.iter().enumerate() {
            if own.overlapping {
                self.entered(segmentation, pair, &mut moves);
                continue;
            }
            let key = |side: &Side<'a>, row: Option<usize>| row.and_then(|row| side.key(segmentation, row));
            moves.push(Move { segmentation, before: key(&self.before, pair.before), now: key(&self.now, pair.now) });
        }
        if tiers != (None, None) {
            moves.push(Move { segmentation: self.run.segmentations.len(), before: tiers.0, now: tiers.1 });
        }
        moves
    }

    /// Adds which of several segments a customer was and is in, each as a move of its own.
    fn entered<'b>(&'b self, segmentation: usize, pair: Pair, moves: &mut Vec<Move<'b>>) {
        let mut both: BTreeMap<&str, [bool; 2]> = BTreeMap::new();
        for (at, side, row) in [(0, &self.before, pair.before), (1, &self.now, pair.now)] {
            let Some((row, own)) = row.zip(side.segmentations.get(segmentation)) else { continue };
            for (key, who) in own.keys.iter().zip(own.members.iter().flatten()) {
                if *key != OTHER && who.value(row) {
                    both.entry(key).or_default()[at] = true;
                }
            }
        }
        let side = |is: bool, key| is.then_some(key);
        moves.extend(both.into_iter().map(|(key, [was, is])| Move {
            segmentation,
            before: side(was, key),
            now: side(is, key),
        }));
    }

    /// Gives the numbers that moved most, in standard deviations of the run before.
    fn furthest(&self, before: usize, now: usize) -> Vec<usize> {
        let moved = |at: usize| {
            let (then, values, std) = (&self.before.numbers[at], &self.now.numbers[at], self.run.numbers[at].std);
            let known = std > 0.0 && then.is_valid(before) && values.is_valid(now);
            known.then(|| (at, (values.value(now) - then.value(before)).abs() / std))
        };
        let mut far: Vec<(usize, f64)> =
            (0..self.run.numbers.len()).filter_map(moved).filter(|(_, by)| *by >= WORTH_A_WORD).collect();
        far.sort_by(|(a, by_a), (b, by_b)| by_b.total_cmp(by_a).then(a.cmp(b)));
        far.into_iter().take(MOST).map(|(at, _)| at).collect()
    }

    fn name(&self, segmentation: usize) -> &str {
        let own = self.run.segmentations.get(segmentation).map(|own| own.name.as_str());
        own.or(self.run.tier.as_deref()).unwrap_or_default()
    }

    fn told(&self, counts: Counts<'_>) -> Vec<SegmentChanges> {
        let of_move = |((before, now), moved): ((Option<&str>, Option<&str>), Moved)| {
            let most = moved.most.into_iter();
            let most =
                most.map(|(at, customers)| FeatureMoves { feature: self.run.numbers[at].name.clone(), customers });
            let mut most: Vec<FeatureMoves> = most.collect();
            most.sort_by(|a, b| a.feature.cmp(&b.feature));
            let (before, now) = (before.map(str::to_owned), now.map(str::to_owned));
            SegmentMove { before, now, customers: moved.customers, most }
        };
        let of = |(segmentation, moves): (usize, HashMap<_, _>)| {
            let mut moves: Vec<SegmentMove> = moves.into_iter().map(of_move).collect();
            moves.sort_by(|a, b| (&a.before, &a.now).cmp(&(&b.before, &b.now)));
            SegmentChanges { segmentation: self.name(segmentation).to_owned(), moves }
        };
        counts.into_iter().enumerate().map(of).collect()
    }
}

fn valid(values: &StringArray, row: Option<usize>) -> Option<&str> {
    row.filter(|row| values.is_valid(*row)).map(|row| values.value(row))
}

/// Adds what changed in some shards to what changed in others.
///
/// # Errors
/// When they are of other segmentations: Bug.
pub fn merge_changes(total: &mut Vec<SegmentChanges>, more: Vec<SegmentChanges>) -> Result<()> {
    if total.is_empty() {
        *total = more;
        return Ok(());
    }
    let unlike = || Error::bug("changes of different segmentations do not merge");
    if total.len() != more.len() {
        return Err(unlike());
    }
    for (total, more) in total.iter_mut().zip(more) {
        if total.segmentation != more.segmentation {
            return Err(unlike());
        }
        for moved in more.moves {
            let place =
                total.moves.binary_search_by(|known| (&known.before, &known.now).cmp(&(&moved.before, &moved.now)));
            match place {
                Err(at) => total.moves.insert(at, moved),
                Ok(at) => {
                    let known = &mut total.moves[at];
                    known.customers += moved.customers;
                    for most in moved.most {
                        match known.most.binary_search_by(|other| other.feature.cmp(&most.feature)) {
                            Ok(at) => known.most[at].customers += most.customers,
                            Err(at) => known.most.insert(at, most),
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

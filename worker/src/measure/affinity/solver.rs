//! The coordinator's side: which items are taken, then which pairs of them there are, over everybody and by segment.

use super::{
    cells::{Cells, MOST_CELLS, steps},
    shard::{AffinityLists, seconds_of},
};
use segmenter_proto::{
    Error, Result, Rounds,
    v1::{self, affinity_answer, affinity_request},
};

/// Pairs of fewer baskets or customers are not told: their lift says nothing.
pub const FEWEST_TOGETHER: u64 = 20;
/// Pairs that are kept, the most frequent first.
const MOST_PAIRS: usize = 1 << 20;
/// Pairs and segments that are kept.
const MOST_PAIRS_OF_SEGMENTS: usize = 1 << 22;
/// Bytes of the names of the items that are taken.
const MOST_TEXT: usize = 4 << 20;

/// What is known of an affinity before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AffinityScope {
    /// What the lists of customers are.
    pub lists: AffinityLists,
    /// Most items that are taken.
    pub max_items: usize,
    /// Customers that a pair must have to be told.
    pub min_customers: u64,
    /// Number of segments; none where pairs are not counted by segment.
    pub segments: Option<usize>,
}

/// What was found of an affinity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AffinityFound {
    /// Over all items.
    pub totals: v1::AffinityTotals,
    /// Different items.
    pub items_seen: u64,
    /// Items with [`FEWEST_TOGETHER`] baskets or customers, which may be of a pair, that were not taken.
    pub items_left_out: u64,
    /// Lines of those that were taken.
    pub lines_taken: u64,
    /// Those that were taken, sorted.
    pub items: Vec<TakenItem>,
    /// Pairs with enough baskets or customers that were not kept.
    pub pairs_left_out: u64,
    /// Those that were kept, by their items.
    pub pairs: Vec<Pair>,
    /// By segment; empty without.
    pub segments: Vec<OfSegment>,
}

/// An item that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenItem {
    /// Its name.
    pub name: String,
    /// Baskets or customers that have it.
    pub n: ItemTotal,
    lines: u64,
}

/// Baskets or customers that have an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ItemTotal {
    /// As the first of a pair.
    pub first: u64,
    /// As the second.
    pub second: u64,
}

/// Two items, by their positions among those that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The first; the one that comes first by name, where both were bought.
    pub first: u32,
    /// The second.
    pub second: u32,
    /// Baskets or customers with both.
    pub n: u64,
    /// Customers with both.
    pub customers: u64,
}

/// What was found of a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfSegment {
    /// Baskets or customers with an item.
    pub n: u64,
    /// One an item that is taken.
    pub items: Vec<ItemTotal>,
    /// Those of the pairs with enough baskets or customers here too.
    pub pairs: Vec<Pair>,
}

/// What is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Items from this hash on.
    Items(u64),
    /// Pairs whose first item is from here up to there.
    Pairs(usize, usize),
    /// The items from here up to there, by segment.
    ItemsOfSegments(usize, usize),
    /// The pairs from here up to there, by segment.
    PairsOfSegments(usize, usize),
}

/// Finds what goes together, an affinity after the other.
#[derive(Debug)]
pub struct AffinitySolver {
    scopes: Vec<AffinityScope>,
    done: Vec<AffinityFound>,
    /// Of the affinity that is asked about.
    found: AffinityFound,
    step: Step,
}

impl AffinitySolver {
    /// Starts with what is known of each affinity.
    pub fn new(scopes: Vec<AffinityScope>) -> Self {
        Self { scopes, done: Vec::new(), found: AffinityFound::default(), step: Step::Items(0) }
    }

    fn scope(&self) -> Option<&AffinityScope> {
        self.scopes.get(self.done.len())
    }

    fn names(&self) -> Vec<String> {
        self.found.items.iter().map(|item| item.name.clone()).collect()
    }

    /// Goes on behind a step that is done.
    fn go_on(&mut self) -> Result<()> {
        let scope = *self.scope().ok_or_else(|| Error::bug("there is no such affinity"))?;
        let items = self.found.items.len();
        let from = match self.step {
            Step::Items(_) => Step::Pairs(0, 0),
            step => step,
        };
        let pairs_from = |first: usize| {
            let mut cells = 0;
            let mut last = first;
            while last < items {
                cells += seconds_of(last, items, scope.lists).len();
                if cells > MOST_CELLS && last > first {
                    break;
                }
                last += 1;
            }
            Step::Pairs(first, last)
        };
        let next = match from {
            Step::Pairs(_, last) if last < items => Some(pairs_from(last)),
            Step::Pairs(..) => {
                keep_most(&mut self.found, MOST_PAIRS.min(MOST_PAIRS_OF_SEGMENTS / scope.segments.unwrap_or(1).max(1)));
                self.found.pairs.sort_unstable_by_key(|pair| (pair.first, pair.second));
                match scope.segments {
                    Some(segments) if !self.found.pairs.is_empty() => {
                        let nobody = OfSegment { items: vec![ItemTotal::default(); items], ..OfSegment::default() };
                        self.found.segments = vec![nobody; segments];
                        Some(Step::ItemsOfSegments(0, items.min(most(2 * segments))))
                    }
                    _ => None,
                }
            }
            Step::ItemsOfSegments(_, last) if last < items => {
                Some(Step::ItemsOfSegments(last, items.min(last + most(2 * self.found.segments.len()))))
            }
            Step::ItemsOfSegments(..) => Some(self.pairs_of_segments(0)),
            Step::PairsOfSegments(_, last) if last < self.found.pairs.len() => Some(self.pairs_of_segments(last)),
            Step::PairsOfSegments(..) | Step::Items(_) => None,
        };
        match next {
            Some(step) => self.step = step,
            None => {
                self.done.push(std::mem::take(&mut self.found));
                self.step = Step::Items(0);
            }
        }
        Ok(())
    }

    fn pairs_of_segments(&self, first: usize) -> Step {
        Step::PairsOfSegments(first, self.found.pairs.len().min(first + most(self.found.segments.len())))
    }

    fn take_items(&mut self, scope: AffinityScope, from: u64, answer: v1::ItemCounts) -> Result<()> {
        if from == 0 {
            self.found.totals = answer.totals.ok_or_else(unlike)?;
        }
        self.found.items_seen += answer.items.len() as u64;
        for v1::ItemCount { item, lines, first, second } in answer.items {
            let second = if scope.lists == AffinityLists::WishedAndBought { second } else { first };
            if first.max(second) >= FEWEST_TOGETHER {
                self.found.items.push(TakenItem { name: item, n: ItemTotal { first, second }, lines });
            }
        }
        let more = self.found.items.len() > 4 * scope.max_items;
        if more || answer.upto.is_none() {
            keep_most_bought(&mut self.found, scope.max_items);
        }
        match answer.upto {
            Some(upto) if upto <= from => Err(Error::bug("items do not go on")),
            Some(upto) => {
                self.step = Step::Items(upto);
                Ok(())
            }
            None => {
                self.found.lines_taken = self.found.items.iter().map(|item| item.lines).sum();
                self.found.items.sort_unstable_by(|left, right| left.name.cmp(&right.name));
                self.go_on()
            }
        }
    }

    fn take_pairs(&mut self, scope: AffinityScope, cells: &Cells) {
        let items = self.found.items.len() as u64;
        for (at, key) in cells.keys.iter().enumerate() {
            let (n, customers) = cells.at(at);
            if n >= FEWEST_TOGETHER && customers >= scope.min_customers {
                let (first, second) = ((key / items) as u32, (key % items) as u32);
                self.found.pairs.push(Pair { first, second, n, customers });
            }
        }
        if self.found.pairs.len() > 2 * MOST_PAIRS {
            keep_most(&mut self.found, MOST_PAIRS);
        }
    }

    fn take_items_of_segments(&mut self, scope: AffinityScope, (first, last): (usize, usize), cells: &Cells) {
        let segments = self.found.segments.len();
        let of_side = (last - first) * segments;
        for (group, segment) in self.found.segments.iter_mut().enumerate() {
            (segment.n, _) = cells.get(group as u64);
            for item in first..last {
                let key = segments + (item - first) * segments + group;
                let (n, _) = cells.get(key as u64);
                let second = match scope.lists {
                    AffinityLists::WishedAndBought => cells.get((key + of_side) as u64).0,
                    AffinityLists::Baskets | AffinityLists::Bought => n,
                };
                if let Some(total) = segment.items.get_mut(item) {
                    *total = ItemTotal { first: n, second };
                }
            }
        }
    }

    fn take_pairs_of_segments(&mut self, scope: AffinityScope, first: usize, cells: &Cells) -> Result<()> {
        let segments = self.found.segments.len();
        for (at, key) in cells.keys.iter().enumerate() {
            let (n, customers) = cells.at(at);
            if n < FEWEST_TOGETHER || customers < scope.min_customers {
                continue;
            }
            let (pair, group) = (first + *key as usize / segments, *key as usize % segments);
            let pair = *self.found.pairs.get(pair).ok_or_else(unlike)?;
            let segment = self.found.segments.get_mut(group).ok_or_else(unlike)?;
            segment.pairs.push(Pair { n, customers, ..pair });
        }
        Ok(())
    }
}

fn unlike() -> Error {
    Error::bug("an answer about items does not fit its request")
}

/// Gives how many things can be counted at a time of which each has so many counts.
fn most(counts: usize) -> usize {
    (MOST_CELLS / counts.max(1)).max(1)
}

/// Keeps the items that most baskets or customers have; of equals the first by name.
fn keep_most_bought(found: &mut AffinityFound, most: usize) {
    found.items.sort_unstable_by(|left, right| {
        let both = |item: &TakenItem| item.n.first + item.n.second;
        both(right).cmp(&both(left)).then_with(|| left.name.cmp(&right.name))
    });
    let mut bytes = 0;
    let fit = found.items.iter().take_while(|item| {
        bytes += item.name.len();
        bytes <= MOST_TEXT
    });
    let kept = fit.count().min(most);
    found.items_left_out += (found.items.len() - kept) as u64;
    found.items.truncate(kept);
}

/// Keeps the pairs that most baskets or customers have; of equals the first by their items.
fn keep_most(found: &mut AffinityFound, most: usize) {
    if found.pairs.len() > most {
        found.pairs.sort_unstable_by(|left, right| {
            right.n.cmp(&left.n).then_with(|| (left.first, left.second).cmp(&(right.first, right.second)))
        });
        found.pairs_left_out += (found.pairs.len() - most) as u64;
        found.pairs.truncate(most);
    }
}

impl Rounds for AffinitySolver {
    type Request = v1::AffinityRequest;
    type Answer = v1::AffinityAnswer;
    type Output = Vec<AffinityFound>;

    fn next_request(&self) -> Option<v1::AffinityRequest> {
        use affinity_request::Of;
        self.scope()?;
        let of = match self.step {
            Step::Items(from) => Of::Items(v1::ItemsRequest { from }),
            Step::Pairs(first, last) => {
                Of::Pairs(v1::PairsRequest { items: self.names(), first: first as u32, last: last as u32 })
            }
            Step::ItemsOfSegments(first, last) => Of::ItemsOfSegments(v1::ItemsOfSegmentsRequest {
                items: self.names(),
                first: first as u32,
                last: last as u32,
            }),
            Step::PairsOfSegments(first, last) => {
                let items = self.found.items.len() as u64;
                let pairs = self.found.pairs.get(first..last).unwrap_or_default();
                let keys: Vec<u64> =
                    pairs.iter().map(|pair| u64::from(pair.first) * items + u64::from(pair.second)).collect();
                Of::PairsOfSegments(v1::PairsOfSegmentsRequest { items: self.names(), pairs: steps(&keys) })
            }
        };
        Some(v1::AffinityRequest { affinity: self.done.len() as u32, of: Some(of) })
    }

    fn absorb(&mut self, answer: v1::AffinityAnswer) -> Result<()> {
        let scope = *self.scope().ok_or_else(unlike)?;
        let cells = match (self.step, answer.of) {
            (Step::Items(from), Some(affinity_answer::Of::Items(items))) => {
                return self.take_items(scope, from, items);
            }
            (Step::Items(_), _) => return Err(unlike()),
            (_, Some(affinity_answer::Of::Cells(cells))) => Cells::from_message(&cells)?,
            _ => return Err(unlike()),
        };
        match self.step {
            Step::Items(_) => return Err(unlike()),
            Step::Pairs(..) => self.take_pairs(scope, &cells),
            Step::ItemsOfSegments(first, last) => self.take_items_of_segments(scope, (first, last), &cells),
            Step::PairsOfSegments(first, _) => self.take_pairs_of_segments(scope, first, &cells)?,
        }
        self.go_on()
    }

    fn finish(self) -> Result<Self::Output> {
        match self.done.len() == self.scopes.len() {
            true => Ok(self.done),
            false => Err(Error::bug("affinities were asked for before the last round")),
        }
    }
}

//! The shards' side: what a question about items and pairs comes to over the customers of a shard.

use super::{
    cells::{BYTES_A_CELL, Cells, Counters, MOST_CELLS, from_steps},
    items::{ItemCounter, memory_of_items, merge_items},
    packed::Lists,
};
use crate::measure::groups::Groups;
use arrow::array::{Array, BinaryArray};
use hashbrown::HashMap;
use segmenter_proto::{
    Error, Result,
    v1::{self, affinity_answer, affinity_request},
};

/// What the lists of customers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AffinityLists {
    /// Baskets.
    Baskets,
    /// One of all that was bought.
    Bought,
    /// What was wished for, and what was bought.
    WishedAndBought,
}

/// Gives the bytes that an answer takes while it is made; `segments` is how many there are, where they are asked for.
pub fn affinity_memory(request: &v1::AffinityRequest, segments: usize) -> u64 {
    use affinity_request::Of::{Items, ItemsOfSegments, Pairs, PairsOfSegments};
    let of_range = |first: u32, last: u32| last.saturating_sub(first) as usize;
    let cells = match &request.of {
        Some(Items(_)) | None => return memory_of_items(),
        Some(ItemsOfSegments(asked)) => segments * (1 + 2 * of_range(asked.first, asked.last)),
        Some(Pairs(asked)) => (of_range(asked.first, asked.last) * asked.items.len()).min(MOST_CELLS),
        Some(PairsOfSegments(asked)) => segments * asked.pairs.len(),
    };
    cells as u64 * BYTES_A_CELL
}

/// Answers a request of the solver over a shard's customers; `groups` are asked for where segments are.
///
/// # Errors
/// Bug only.
pub fn affinity_answer(
    request: &v1::AffinityRequest,
    lists: AffinityLists,
    packed: &BinaryArray,
    groups: Option<&Groups<'_>>,
) -> Result<v1::AffinityAnswer> {
    use affinity_request::Of::{Items, ItemsOfSegments, Pairs, PairsOfSegments};
    let groups = || groups.ok_or_else(|| Error::bug("an affinity without a segmentation is asked for segments"));
    let of = match &request.of {
        Some(Items(asked)) => affinity_answer::Of::Items(items(asked, lists, packed)?),
        Some(ItemsOfSegments(asked)) => cells(items_of_segments(asked, lists, packed, groups()?)?),
        Some(Pairs(asked)) => cells(pairs(asked, lists, packed)?),
        Some(PairsOfSegments(asked)) => cells(pairs_of_segments(asked, lists, packed, groups()?)?),
        None => return Err(Error::bug("an affinity is asked for nothing")),
    };
    Ok(v1::AffinityAnswer { of: Some(of) })
}

fn cells(cells: Cells) -> affinity_answer::Of {
    affinity_answer::Of::Cells(cells.to_message())
}

/// Adds answers to one request together.
///
/// # Errors
/// A bug where they are not answers to the same request.
pub fn merge_affinity_answers(total: &mut v1::AffinityAnswer, more: v1::AffinityAnswer) -> Result<()> {
    use affinity_answer::Of::{Cells as OfCells, Items};
    total.of = Some(match (total.of.take(), more.of) {
        (Some(Items(total)), Some(Items(more))) => Items(merge_items(total, more)?),
        (Some(OfCells(total)), Some(OfCells(more))) => {
            cells(Cells::from_message(&total)?.merge(Cells::from_message(&more)?)?)
        }
        _ => return Err(Error::bug("answers about other items do not merge")),
    });
    Ok(())
}

fn items(asked: &v1::ItemsRequest, lists: AffinityLists, packed: &BinaryArray) -> Result<v1::ItemCounts> {
    let mut counter = ItemCounter::new(asked.from);
    let mut totals = v1::AffinityTotals::default();
    for row in 0..packed.len() {
        let mut own = Lists::of(packed.value(row))?;
        totals.lines_without_item += own.lines_without_item;
        let (mut with_items, mut number) = (0, 0);
        loop {
            let (mut any, is_second) = (false, lists == AffinityLists::WishedAndBought && number == 1);
            let there = own.next(|item| {
                any = true;
                totals.lines += item.lines;
                counter.add(item.name, |tally| {
                    tally.lines += item.lines;
                    if is_second { tally.second += 1 } else { tally.first += 1 }
                });
                Ok(())
            })?;
            if !there {
                break;
            }
            number += 1;
            with_items += u64::from(any);
        }
        let customers = u64::from(with_items > 0);
        totals.customers += customers;
        totals.n += if lists == AffinityLists::Baskets { with_items } else { customers };
    }
    counter.finish(totals)
}

/// Looks the items that are taken up by their names.
struct Taken<'a>(HashMap<&'a [u8], u32>);

impl<'a> Taken<'a> {
    fn of(items: &'a [String]) -> Self {
        Self((0..).zip(items).map(|(at, item)| (item.as_bytes(), at)).collect())
    }

    /// Gives the lists of a customer, of each the positions of items that are taken, which rise.
    fn lists(&self, packed: &[u8], into: &mut Vec<List>) -> Result<()> {
        let mut own = Lists::of(packed)?;
        let lists = usize::try_from(own.len()).map_err(|_| Error::bug("a customer has too many baskets"))?;
        if into.len() < lists {
            into.resize_with(lists, List::default);
        }
        into.truncate(lists);
        for list in into {
            list.items.clear();
            list.has_any = false;
            own.next(|item| {
                list.has_any = true;
                list.items.extend(self.0.get(item.name));
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Items of a basket, or of a customer.
#[derive(Debug, Default)]
struct List {
    items: Vec<u32>,
    has_any: bool,
}

/// Counts, by group, baskets or customers with any item, and those with each item from `first` up to `last`: keys are the group, then behind all
/// groups (item − first) · groups + group for the first of a pair, and behind those the same for the second, where that is another.
fn items_of_segments(
    asked: &v1::ItemsOfSegmentsRequest,
    lists: AffinityLists,
    packed: &BinaryArray,
    groups: &Groups<'_>,
) -> Result<Cells> {
    let segments = groups.segments();
    let range = range(asked.first, asked.last, asked.items.len())?;
    let of_side = range.len() * segments;
    check(segments + 2 * of_side)?;
    let mut counters = Counters::new(segments + 2 * of_side, lists == AffinityLists::Baskets);
    let taken = Taken::of(&asked.items);
    let (mut own, mut members) = (Vec::new(), Vec::new());
    for row in 0..packed.len() {
        taken.lists(packed.value(row), &mut own)?;
        groups.segments_of(row, &mut members);
        let is_one = lists != AffinityLists::Baskets;
        let mut counted = false;
        for (number, list) in own.iter().enumerate().filter(|(_, list)| list.has_any) {
            let side = if lists == AffinityLists::WishedAndBought { number.min(1) * of_side } else { 0 };
            for &group in &members {
                if !(is_one && counted) {
                    counters.count(group, row);
                }
                for item in list.items.iter().map(|item| *item as usize).filter(|item| range.contains(item)) {
                    counters.count(segments + side + (item - range.start) * segments + group, row);
                }
            }
            counted = true;
        }
    }
    Ok(counters.finish(|cell| cell as u64))
}

/// Counts all pairs whose first item is in a range: keys are first · items + second.
fn pairs(asked: &v1::PairsRequest, lists: AffinityLists, packed: &BinaryArray) -> Result<Cells> {
    let items = asked.items.len();
    let range = range(asked.first, asked.last, items)?;
    // Cells are those of each first item behind each other, from its first second item on.
    let mut starts = vec![0];
    starts.extend(range.clone().scan(0, |sum, first| {
        *sum += seconds_of(first, items, lists).len();
        Some(*sum)
    }));
    let cells = starts.last().copied().unwrap_or_default();
    check(cells)?;
    let mut counters = Counters::new(cells, lists == AffinityLists::Baskets);
    let taken = Taken::of(&asked.items);
    let mut own = Vec::new();
    for row in 0..packed.len() {
        taken.lists(packed.value(row), &mut own)?;
        each_pair(&own, lists, |first, seconds| {
            if range.contains(&first) {
                let (start, shift) = (starts[first - range.start], seconds_of(first, items, lists).start);
                seconds.iter().for_each(|second| counters.count(start + *second as usize - shift, row));
            }
        });
    }
    Ok(counters.finish(|cell| {
        let at = starts.partition_point(|start| *start <= cell).saturating_sub(1);
        let first = range.start + at;
        let second = seconds_of(first, items, lists).start + cell - starts[at];
        (first * items + second) as u64
    }))
}

/// Gives which items can be the second of a pair: of what is bought together those behind the first, since both orders are one pair.
pub(super) fn seconds_of(first: usize, items: usize, lists: AffinityLists) -> std::ops::Range<usize> {
    match lists {
        AffinityLists::WishedAndBought => 0..items,
        AffinityLists::Baskets | AffinityLists::Bought => first + 1..items,
    }
}

/// Counts some pairs by group: keys are position of the pair · groups + group.
fn pairs_of_segments(
    asked: &v1::PairsOfSegmentsRequest,
    lists: AffinityLists,
    packed: &BinaryArray,
    groups: &Groups<'_>,
) -> Result<Cells> {
    let (items, segments) = (asked.items.len(), groups.segments());
    let pairs = from_steps(&asked.pairs)?;
    check(pairs.len() * segments)?;
    let mut counters = Counters::new(pairs.len() * segments, lists == AffinityLists::Baskets);
    // Where the pairs of each first item begin.
    let starts: Vec<usize> =
        (0..=items as u64).map(|first| pairs.partition_point(|key| *key < first * items as u64)).collect();
    let taken = Taken::of(&asked.items);
    let (mut own, mut members) = (Vec::new(), Vec::new());
    for row in 0..packed.len() {
        taken.lists(packed.value(row), &mut own)?;
        groups.segments_of(row, &mut members);
        each_pair(&own, lists, |first, seconds| {
            let (Some(&start), Some(&end)) = (starts.get(first), starts.get(first + 1)) else { return };
            let Some(of_first) = pairs.get(start..end).filter(|of_first| !of_first.is_empty()) else { return };
            let base = (first * items) as u64;
            for second in seconds {
                if let Ok(at) = of_first.binary_search(&(base + u64::from(*second))) {
                    members.iter().for_each(|group| counters.count((start + at) * segments + group, row));
                }
            }
        });
    }
    Ok(counters.finish(|cell| cell as u64))
}

/// Calls `pair` with each first item of a customer and the second ones beside it: in a list, those behind it; of what was wished for, all that was
/// bought.
fn each_pair(own: &[List], lists: AffinityLists, mut pair: impl FnMut(usize, &[u32])) {
    if lists == AffinityLists::WishedAndBought {
        if let [wished, bought] = own {
            wished.items.iter().for_each(|first| pair(*first as usize, &bought.items));
        }
        return;
    }
    for list in own {
        for (at, first) in list.items.iter().enumerate() {
            pair(*first as usize, &list.items[at + 1..]);
        }
    }
}

fn range(first: u32, last: u32, items: usize) -> Result<std::ops::Range<usize>> {
    let (first, last) = (first as usize, last as usize);
    match first <= last && last <= items {
        true => Ok(first..last),
        false => Err(Error::bug(format!("items {first} to {last} of {items} are asked for"))),
    }
}

fn check(cells: usize) -> Result<()> {
    match cells <= 2 * MOST_CELLS {
        true => Ok(()),
        false => Err(Error::bug(format!("{cells} counts are asked for at a time"))),
    }
}

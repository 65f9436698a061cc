//! Items with their counts, by hash: as many as an answer holds, those with the smallest hashes first. The next round asks for those behind
//! them, so that every item is counted, and the counts that come are exact.

use hashbrown::HashMap;
use segmenter_proto::{Error, Result, checksum_of, v1};

/// Bytes of items in one answer, their counts with them.
const MOST_BYTES: usize = 6 << 20;
/// Items that a shard counts at a time.
const MOST_ITEMS: usize = 1 << 17;
/// Bytes that the counts of an item take in an answer.
const BYTES_OF_COUNTS: usize = 24;
/// Bytes that an item takes while it is counted, beside its name.
const BYTES_AN_ITEM: u64 = 128;

/// Gives the bytes that counting items takes.
pub(super) fn memory_of_items() -> u64 {
    2 * MOST_ITEMS as u64 * BYTES_AN_ITEM + 2 * MOST_BYTES as u64
}

/// Gives the hash by which items come.
pub(super) fn hash_of(item: &[u8]) -> u64 {
    checksum_of(item)
}

/// Counts of one item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ItemTally {
    pub(super) lines: u64,
    /// Baskets or customers that have it as the first of a pair.
    pub(super) first: u64,
    /// As the second; 0 where both are the same.
    pub(super) second: u64,
}

/// Counts items of a shard.
#[derive(Debug)]
pub(super) struct ItemCounter<'a> {
    from: u64,
    upto: Option<u64>,
    items: HashMap<&'a [u8], ItemTally>,
}

impl<'a> ItemCounter<'a> {
    /// Counts items whose hash is at least `from`.
    pub(super) fn new(from: u64) -> Self {
        Self { from, upto: None, items: HashMap::new() }
    }

    /// Gives the counts of an item to `add`, if it is asked for.
    pub(super) fn add(&mut self, item: &'a [u8], add: impl FnOnce(&mut ItemTally)) {
        let hash = hash_of(item);
        if hash < self.from || self.upto.is_some_and(|upto| hash >= upto) {
            return;
        }
        add(self.items.entry(item).or_default());
        if self.items.len() > 2 * MOST_ITEMS {
            let mut hashes: Vec<u64> = self.items.keys().map(|item| hash_of(item)).collect();
            let (_, upto, _) = hashes.select_nth_unstable(MOST_ITEMS);
            self.upto = Some(*upto);
            let upto = *upto;
            self.items.retain(|item, _| hash_of(item) < upto);
        }
    }

    /// Gives the answer.
    ///
    /// # Errors
    /// A bug where a name is no text.
    pub(super) fn finish(self, totals: v1::AffinityTotals) -> Result<v1::ItemCounts> {
        let count = |(item, tally): (&[u8], ItemTally)| {
            let item = std::str::from_utf8(item).map_err(|error| Error::bug("an item is no text").caused_by(error))?;
            Ok(v1::ItemCount { item: item.to_owned(), lines: tally.lines, first: tally.first, second: tally.second })
        };
        let items = self.items.into_iter().map(count).collect::<Result<_>>()?;
        Ok(cut(v1::ItemCounts { totals: Some(totals), items, upto: self.upto }))
    }
}

/// Sorts by hash and name, and leaves out what does not fit an answer.
fn cut(counts: v1::ItemCounts) -> v1::ItemCounts {
    let v1::ItemCounts { totals, items, mut upto } = counts;
    let mut hashed: Vec<(u64, v1::ItemCount)> =
        items.into_iter().map(|count| (hash_of(count.item.as_bytes()), count)).collect();
    hashed.retain(|(hash, _)| upto.is_none_or(|upto| *hash < upto));
    hashed.sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.item.cmp(&right.1.item)));
    let mut bytes = 0;
    let too_many = hashed.iter().enumerate().position(|(at, (_, count))| {
        bytes += count.item.len() + BYTES_OF_COUNTS;
        // One that is too long alone is an answer too.
        at > 0 && (at >= MOST_ITEMS || bytes > MOST_BYTES)
    });
    if let Some(hash) = too_many.and_then(|at| hashed.get(at)).map(|(hash, _)| *hash) {
        hashed.retain(|(own, _)| *own < hash);
        upto = Some(hash);
    }
    v1::ItemCounts { totals, items: hashed.into_iter().map(|(_, count)| count).collect(), upto }
}

/// Adds counts together: the same of any grouping, since what is left out are always the largest hashes.
///
/// # Errors
/// A bug where there are no totals.
pub(super) fn merge_items(total: v1::ItemCounts, more: v1::ItemCounts) -> Result<v1::ItemCounts> {
    let lacking = || Error::bug("counts of items lack their totals");
    let (mut totals, of_more) = (total.totals.ok_or_else(lacking)?, more.totals.ok_or_else(lacking)?);
    totals.n += of_more.n;
    totals.customers += of_more.customers;
    totals.lines += of_more.lines;
    totals.lines_without_item += of_more.lines_without_item;
    let upto = match (total.upto, more.upto) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let mut known: HashMap<String, v1::ItemCount> =
        total.items.into_iter().map(|count| (count.item.clone(), count)).collect();
    for count in more.items {
        match known.get_mut(&count.item) {
            Some(known) => {
                known.lines += count.lines;
                known.first += count.first;
                known.second += count.second;
            }
            None => {
                known.insert(count.item.clone(), count);
            }
        }
    }
    Ok(cut(v1::ItemCounts { totals: Some(totals), items: known.into_values().collect(), upto }))
}

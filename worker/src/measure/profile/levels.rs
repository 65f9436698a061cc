//! How often each level of a category occurs, a segment.

use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;

/// Levels above which a column is taken for an identifier or free text, and its levels are not told.
const MAX_LEVELS: usize = 10_000;
/// The same for the length of all levels together: a statistic must stay a small message.
const MAX_LEVEL_BYTES: usize = 256 << 10;

/// Customers by level and segment, mergeable; where segments overlap, all customers are one more, the last.
///
/// Where the levels of the whole population are too many or too long none are kept. A part has at most the levels of the
/// whole, so whether they are does not depend on shards or on the order of merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelCounts {
    pub(super) n: Vec<u64>,
    pub(super) nulls: Vec<u64>,
    pub(super) levels: Option<BTreeMap<String, Vec<u64>>>,
}

impl LevelCounts {
    /// Starts empty, for this many segments.
    pub fn new(segments: usize) -> Self {
        Self { n: vec![0; segments], nulls: vec![0; segments], levels: Some(BTreeMap::new()) }
    }

    /// Adds the customers of one shard: their segments, and their levels as positions in `names`.
    pub(super) fn add_coded<'a>(
        &mut self,
        labels: &[u32],
        codes: impl Iterator<Item = Option<u32>>,
        names: impl FnOnce() -> Vec<&'a str>,
    ) -> Result<()> {
        let segments = self.n.len();
        let mut counts: Vec<u64> = Vec::new();
        for (label, code) in labels.iter().zip(codes) {
            let segment = *label as usize;
            let Some(code) = code else {
                self.nulls[segment] += 1;
                continue;
            };
            self.n[segment] += 1;
            let cell = code as usize * segments + segment;
            if cell >= counts.len() {
                counts.resize((code as usize + 1) * segments, 0);
            }
            counts[cell] += 1;
        }
        if let Some(levels) = &mut self.levels {
            for (name, counts) in names().into_iter().zip(counts.chunks(segments.max(1))) {
                add_level(levels, name, counts);
            }
        }
        self.forget_too_many();
        Ok(())
    }

    /// Says that the levels seen so far are too many already.
    pub(super) fn forget_levels(&mut self) {
        self.levels = None;
    }

    /// Says whether this many levels of this length together are too many.
    pub(super) fn too_many(levels: usize, bytes: usize) -> bool {
        levels > MAX_LEVELS || bytes > MAX_LEVEL_BYTES
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where the number of segments differs.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.n.len() != other.n.len() {
            return Err(Error::bug("level counts of different segments do not merge"));
        }
        add_counts(&mut self.n, &other.n);
        add_counts(&mut self.nulls, &other.nulls);
        match (&mut self.levels, &other.levels) {
            (Some(levels), Some(more)) => {
                for (name, counts) in more {
                    add_level(levels, name, counts);
                }
            }
            _ => self.levels = None,
        }
        self.forget_too_many();
        Ok(())
    }

    /// Gives the levels by falling count over all customers, then by name; none where they were too many. Where segments overlap, the last
    /// of them is of all customers.
    pub(in crate::measure) fn by_count(&self, overlapping: bool) -> Option<Vec<(&str, &[u64])>> {
        let mut levels: Vec<(&str, &[u64])> =
            self.levels.as_ref()?.iter().map(|(name, counts)| (name.as_str(), counts.as_slice())).collect();
        // Stable, on the map's order by name.
        levels.sort_by_key(|(_, counts)| {
            std::cmp::Reverse(match overlapping {
                true => counts.last().copied().unwrap_or_default(),
                false => counts.iter().sum::<u64>(),
            })
        });
        Some(levels)
    }

    /// Gives the levels by name; none where they were too many.
    pub(in crate::measure) fn levels(&self) -> Option<impl Iterator<Item = (&str, &[u64])>> {
        Some(self.levels.as_ref()?.iter().map(|(name, counts)| (name.as_str(), counts.as_slice())))
    }

    /// Gives the customers with a value.
    pub(in crate::measure) fn n(&self) -> &[u64] {
        &self.n
    }

    /// Gives the customers without a value.
    pub(in crate::measure) fn nulls(&self) -> &[u64] {
        &self.nulls
    }

    fn forget_too_many(&mut self) {
        let too_many = self
            .levels
            .as_ref()
            .is_some_and(|levels| Self::too_many(levels.len(), levels.keys().map(String::len).sum()));
        if too_many {
            self.levels = None;
        }
    }
}

fn add_level(levels: &mut BTreeMap<String, Vec<u64>>, name: &str, counts: &[u64]) {
    if let Some(known) = levels.get_mut(name) {
        add_counts(known, counts);
    } else {
        levels.insert(name.to_owned(), counts.to_vec());
    }
}

fn add_counts(counts: &mut [u64], more: &[u64]) {
    for (count, more) in counts.iter_mut().zip(more) {
        *count += more;
    }
}

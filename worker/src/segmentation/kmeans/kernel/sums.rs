//! Sums and counts of clusters, kept up as rows move.

use super::simd::Simd;
use crate::segmentation::kmeans::rows::{
    layout::{Layout, MOST_LEVELS, PACKED},
    matrix::{LANES, Lanes},
};

/// The label of a row that has none yet.
pub(super) const UNKNOWN: u16 = u16::MAX;
/// A tile changes a pending sum by 16 · 2²³ at most: fifteen tiles stay below 2³¹.
const TILES_PENDING: u32 = 15;
/// From so many moved rows on, a whole tile is turned to rows first.
const MANY: u32 = 3;

/// Sums of places and numbers of rows, one a cluster; exact. Of a part of the tiles, what they change by: modulo 2⁶⁴, since
/// a part may lose rows that others gained.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    layout: Layout,
    /// Numbers in groups of 16.
    groups: usize,
    totals: Vec<i64>,
    counts: Vec<u64>,
    /// What of the numbers is not yet in `totals`: `groups` a cluster.
    pending: Vec<[i32; LANES]>,
    tiles_pending: u32,
    /// Rows by level: a cluster has one of each category.
    levels: Vec<[u64; MOST_LEVELS]>,
}

impl Sums {
    pub(super) fn new(clusters: usize, layout: &Layout) -> Self {
        let groups = layout.numbers().div_ceil(LANES);
        Self {
            groups,
            totals: vec![0; clusters * layout.dimensions()],
            counts: vec![0; clusters],
            pending: vec![[0; LANES]; clusters * groups],
            tiles_pending: 0,
            levels: vec![[0; MOST_LEVELS]; clusters * layout.categories().len()],
            layout: layout.clone(),
        }
    }

    /// Gives d sums a cluster; all rows are in of the parts that were added.
    pub(super) fn totals(&self) -> &[i64] {
        &self.totals
    }

    pub(super) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Moves the rows of a tile whose bit is set in `moved`, from one label to another; rows of a tile have labels all or
    /// none.
    #[inline(always)]
    pub(super) fn move_rows<S: Simd, const MIXED: bool>(
        &mut self,
        simd: S,
        tile: &[Lanes],
        moved: u16,
        from: &[u16; LANES],
        to: &[u16; LANES],
    ) {
        if self.tiles_pending == TILES_PENDING {
            self.settle();
        }
        self.tiles_pending += 1;
        // All or none: the first pass over a tile has nothing to take away.
        let known = from[0] != UNKNOWN;
        let few = moved.count_ones() < MANY;
        self.gather::<S, false, MIXED>(simd, tile, moved, to, few);
        if known {
            self.gather::<S, true, MIXED>(simd, tile, moved, from, few);
        }
    }

    /// Adds rows to their labels' sums, or takes them away.
    #[inline(always)]
    fn gather<S: Simd, const AWAY: bool, const MIXED: bool>(
        &mut self,
        simd: S,
        tile: &[Lanes],
        moved: u16,
        labels: &[u16; LANES],
        few: bool,
    ) {
        for lane in lanes_of(moved) {
            step::<AWAY>(&mut self.counts[usize::from(labels[lane])]);
        }
        let mut numbers = tile;
        if MIXED {
            let (rest, packed) = tile.split_at(self.layout.numbers());
            self.gather_levels::<AWAY>(packed, moved, labels);
            numbers = rest;
        }
        let pending = self.pending.as_flattened_mut();
        let stride = self.groups * LANES;
        if few {
            for lane in lanes_of(moved) {
                let sums = &mut pending[usize::from(labels[lane]).wrapping_mul(stride)..][..numbers.len()];
                for (sum, lanes) in sums.iter_mut().zip(numbers) {
                    let x = lanes.0[lane] as i32;
                    *sum = if AWAY { sum.wrapping_sub(x) } else { sum.wrapping_add(x) };
                }
            }
            return;
        }
        for (group, dimensions) in numbers.chunks(LANES).enumerate() {
            let rows = simd.transpose(dimensions);
            for lane in lanes_of(moved) {
                let at = usize::from(labels[lane]).wrapping_mul(stride).wrapping_add(group.wrapping_mul(LANES));
                for (sum, x) in pending[at..][..LANES].iter_mut().zip(&rows[lane]) {
                    *sum = if AWAY { sum.wrapping_sub(*x) } else { sum.wrapping_add(*x) };
                }
            }
        }
    }

    /// Counts the levels of rows at their labels, or takes them away.
    #[inline(always)]
    fn gather_levels<const AWAY: bool>(&mut self, packed: &[Lanes], moved: u16, labels: &[u16; LANES]) {
        let categories = self.layout.categories().len();
        for (group, lanes) in packed.iter().enumerate() {
            let first = group.wrapping_mul(PACKED);
            let count = categories.wrapping_sub(first).min(PACKED);
            for lane in lanes_of(moved) {
                let mut levels = lanes.levels(lane);
                let at = usize::from(labels[lane]).wrapping_mul(categories).wrapping_add(first);
                for rows in &mut self.levels[at..][..count] {
                    step::<AWAY>(&mut rows[(levels & 15) as usize]);
                    levels >>= 4;
                }
            }
        }
    }

    /// Adds what is pending of the numbers to the totals.
    fn settle(&mut self) {
        self.tiles_pending = 0;
        let stride = self.groups * LANES;
        if stride == 0 {
            return;
        }
        let pending = self.pending.as_flattened_mut();
        for (totals, pending) in self.totals.chunks_mut(self.layout.dimensions()).zip(pending.chunks_mut(stride)) {
            for (total, pending) in totals[..self.layout.numbers()].iter_mut().zip(pending) {
                *total = total.wrapping_add(i64::from(std::mem::take(pending)));
            }
        }
    }

    /// Adds what moved in a part of the tiles; the totals are then up to date.
    pub(super) fn add(&mut self, mut part: Self) {
        part.settle();
        for (total, part) in self.totals.iter_mut().zip(part.totals) {
            *total = total.wrapping_add(part);
        }
        for (count, part) in self.counts.iter_mut().zip(part.counts) {
            *count = count.wrapping_add(part);
        }
        for (count, part) in self.levels.as_flattened_mut().iter_mut().zip(part.levels.as_flattened()) {
            *count = count.wrapping_add(*part);
        }
        let categories = self.layout.categories().len();
        if categories == 0 {
            return;
        }
        let clusters = self.totals.chunks_mut(self.layout.dimensions()).zip(self.levels.chunks(categories));
        for (totals, of_cluster) in clusters {
            for ((category, start), rows) in self.layout.starts().zip(of_cluster) {
                for (total, rows) in totals[start..][..category.levels].iter_mut().zip(rows) {
                    *total = i64::from(category.units).wrapping_mul(*rows as i64);
                }
            }
        }
    }
}

/// Counts one more, or one less.
#[inline(always)]
fn step<const AWAY: bool>(count: &mut u64) {
    *count = if AWAY { count.wrapping_sub(1) } else { count.wrapping_add(1) };
}

#[inline(always)]
fn lanes_of(mut bits: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lane < LANES).then_some(lane)
    })
}

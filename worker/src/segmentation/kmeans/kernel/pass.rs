//! One pass over the tiles, for any number of labellings, in parts that threads may take.

use std::{
    slice::IterMut,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;

use super::{
    bound::{deadline, rounded_up},
    exact::Points,
    filter::Filter,
    nearest_two::NearestTwo,
    simd::{Instructions, Simd, Work},
    sums::Sums,
};
use crate::segmentation::kmeans::rows::matrix::{LANES, Matrix};

/// From so many unproven rows on, a whole tile is decided in integers at once.
const MANY: u32 = 4;
/// Tiles that all labellings go through before the next: they stay in the nearest cache, 32 KB at 16 columns.
const TOGETHER: usize = 32;
/// No thread is worth fewer tiles than these.
const LEAST: usize = 1024;

/// What one pass did; decides nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::segmentation::kmeans) struct Passed {
    /// Rows that got another label.
    pub changed: u64,
    /// Tiles that were looked at.
    pub tiles: u64,
    /// Rows that were decided in integers.
    pub unproven: u64,
}

/// Who goes through the tiles. The outcome is the same: sums are integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::segmentation::kmeans) enum Spread {
    /// This thread.
    Here,
    /// The current rayon pool. A thread that waits takes other work of the pool: the caller holds no lock.
    Rayon,
    /// So many threads, of which all but this are started for the pass. A thread that waits does nothing else.
    Threads(usize),
}

impl Spread {
    /// Gives how many tiles a part has, at least 1.
    pub(super) fn tiles_a_part(self, tiles: usize) -> usize {
        let parts = match self {
            Self::Here => 1,
            // More than threads: some may come late.
            Self::Rayon => rayon::current_num_threads() * 4,
            Self::Threads(threads) if threads > 1 => threads * 4,
            Self::Threads(_) => 1,
        };
        tiles.div_ceil(parts).max(LEAST)
    }

    /// Goes through all parts.
    pub(super) fn run(self, parts: &mut [Part<'_>], by: Instructions) {
        match (self, parts) {
            (_, [part]) => by.run(part),
            (Self::Rayon, parts) => parts.par_iter_mut().for_each(|part| by.run(part)),
            (Self::Here, parts) => parts.iter_mut().for_each(|part| by.run(part)),
            (Self::Threads(threads), parts) => {
                let others = threads.min(parts.len()).saturating_sub(1);
                let left = Mutex::new(parts.iter_mut());
                let work = || {
                    while let Some(part) = next_of(&left) {
                        by.run(part);
                    }
                };
                std::thread::scope(|scope| {
                    for _ in 0..others {
                        // Where the system gives no thread, the others do its part.
                        let _ = std::thread::Builder::new().name("pass".to_owned()).spawn_scoped(scope, work);
                    }
                    work();
                });
            }
        }
    }
}

/// Takes the next part, and holds the lock no longer than that.
fn next_of<'a, 'b>(left: &Mutex<IterMut<'a, Part<'b>>>) -> Option<&'a mut Part<'b>> {
    left.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// Where a labelling goes: its next centroids, prepared.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub filter: Filter,
    pub points: Points<'a>,
    /// The total of [`super::bound::Travel`].
    pub travelled: f64,
}

/// What a labelling has of the tiles of a part.
#[derive(Debug)]
pub(super) struct Share<'a> {
    pub target: &'a Target<'a>,
    /// A tile each.
    pub labels: &'a mut [[u16; LANES]],
    /// The total from which on a tile is looked at again.
    pub deadlines: &'a mut [f32],
    /// Changed by what moves in this part.
    pub sums: Sums,
    pub passed: Passed,
}

/// Tiles that one thread goes through, for all labellings.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub matrix: &'a Matrix,
    /// The first tile.
    pub first: usize,
    pub shares: Vec<Share<'a>>,
}

impl Work for &mut Part<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match self.matrix.layout().categories() {
            [] => self.over::<S, false>(simd),
            _ => self.over::<S, true>(simd),
        }
    }
}

impl Part<'_> {
    #[inline(always)]
    fn over<S: Simd, const MIXED: bool>(&mut self, simd: S) {
        let tiles = self.shares.first().map_or(0, |share| share.labels.len());
        let together = if self.shares.len() > 1 { TOGETHER } else { tiles };
        let mut row = Vec::with_capacity(self.matrix.layout().numbers());
        let mut from = 0;
        while from < tiles {
            let to = tiles.min(from.wrapping_add(together));
            for share in &mut self.shares {
                share.over::<S, MIXED>(simd, self.matrix, self.first, from..to, &mut row);
            }
            from = to;
        }
    }
}

impl Share<'_> {
    /// Labels a range of the tiles, counted from the part's first; `row` is scratch.
    #[inline(always)]
    fn over<S: Simd, const MIXED: bool>(
        &mut self,
        simd: S,
        matrix: &Matrix,
        first: usize,
        range: std::ops::Range<usize>,
        row: &mut Vec<i32>,
    ) {
        let Target { filter, points, travelled } = self.target;
        let (now, sums) = (rounded_up(*travelled), &mut self.sums);
        let mut passed = self.passed;
        let states = self.labels[range.clone()].iter_mut().zip(&mut self.deadlines[range.clone()]);
        for (index, (known, until)) in (first.wrapping_add(range.start)..).zip(states) {
            if *until > now {
                continue;
            }
            passed.tiles += 1;
            let tile = matrix.tile(index);
            let present = u16::MAX >> (LANES - matrix.rows_of_tile(index));
            let found = filter.nearest::<S, MIXED>(simd, tile);
            let mut new = found.labels;
            let mut unproven = !found.proven & present;
            *until = if unproven == 0 { deadline(*travelled, found.gap) } else { f32::NEG_INFINITY };
            passed.unproven += u64::from(unproven.count_ones());
            if unproven.count_ones() >= MANY {
                // Equal integers are decided the same way; where all is categories, whole tiles are tied.
                (new, unproven) = (NearestTwo::by(simd, points, tile).labels, 0);
            }
            while unproven != 0 {
                let lane = unproven.trailing_zeros() as usize;
                new[lane] = points.nearest(tile, lane, row);
                unproven &= unproven - 1;
            }
            let moved = simd.differing(known, &new) & present;
            if moved != 0 {
                sums.move_rows::<S, MIXED>(simd, tile, moved, known, &new);
                passed.changed += u64::from(moved.count_ones());
                *known = new;
            }
        }
        self.passed = passed;
    }
}

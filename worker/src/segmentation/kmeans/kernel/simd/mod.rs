//! Sixteen lanes of f32 by the instructions that the CPU has, chosen when the program runs.
//!
//! The only module with `unsafe` code. All of it has one of two reasons, and both proofs rest on one invariant:
//!
//! - **Tokens.** [`Avx512`] and [`Avx2`] are values that only [`Instructions::available`] makes, after it asked the CPU
//!   for every feature that the type's functions enable. So who holds the value may execute the instructions.
//! - **Memory** is touched through references to whole arrays of the size of the load or store, by instructions that
//!   need no alignment.
//!
//! On aarch64 the portable lanes are NEON code: it is part of the target's baseline, fused multiply-add included.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use crate::segmentation::kmeans::rows::matrix::{LANES, Lanes};
#[cfg(target_arch = "x86_64")]
use {avx2::Avx2, avx512::Avx512};

use portable::Portable;

/// Operations on the 16 rows of a tile at once. Rounding is IEEE's, to nearest; `multiply_add` rounds once or twice.
pub(super) trait Simd: Copy {
    /// One f32 a row.
    type Floats: Copy;
    /// The levels of eight categories, 32 bits a row.
    type Levels: Copy;
    /// So many clusters' scores fit the registers beside everything else; a power of two up to 16.
    const BLOCK: usize;

    fn splat(self, value: f32) -> Self::Floats;
    fn load(self, lanes: &Lanes) -> Self::Floats;
    fn store(self, values: Self::Floats) -> Lanes;
    fn load_levels(self, lanes: &Lanes) -> Self::Levels;
    /// Brings the levels of the next category to the lowest bits.
    fn next_category(self, levels: Self::Levels) -> Self::Levels;
    /// Gives a row the entry of the table at the row's level, which is the lowest four bits.
    fn look_up(self, table: &Lanes, levels: Self::Levels) -> Self::Floats;
    fn add(self, left: Self::Floats, right: Self::Floats) -> Self::Floats;
    fn subtract(self, left: Self::Floats, right: Self::Floats) -> Self::Floats;
    fn multiply(self, left: Self::Floats, right: Self::Floats) -> Self::Floats;
    fn multiply_add(self, left: Self::Floats, right: Self::Floats, addend: Self::Floats) -> Self::Floats;
    fn square_root(self, value: Self::Floats) -> Self::Floats;
    fn smaller(self, left: Self::Floats, right: Self::Floats) -> Self::Floats;
    fn larger(self, left: Self::Floats, right: Self::Floats) -> Self::Floats;
    /// Gives `then` in lanes where left < right, else `otherwise`.
    fn where_less(
        self,
        left: Self::Floats,
        right: Self::Floats,
        then: Self::Floats,
        otherwise: Self::Floats,
    ) -> Self::Floats;
    /// Gives a bit a lane: left > right; the first lane is the lowest bit.
    fn greater(self, left: Self::Floats, right: Self::Floats) -> u16;
    /// Gives the smallest of all lanes.
    fn smallest(self, values: Self::Floats) -> f32;
    /// Gives whole numbers from 0 to 65535.
    fn labels(self, values: Self::Floats) -> [u16; LANES];
    /// Gives a bit a lane: left ≠ right.
    fn differing(self, left: &[u16; LANES], right: &[u16; LANES]) -> u16;
    /// Gives up to 16 dimensions of a tile row by row, as integers; missing dimensions are 0.
    fn transpose(self, dimensions: &[Lanes]) -> [[i32; LANES]; LANES];
}

/// Something to do with whatever instructions there are.
pub(super) trait Work {
    type Output;

    /// Does it; to be `#[inline(always)]`, so that it is compiled for the instructions.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// A set of instructions that this CPU has.
#[derive(Debug, Clone, Copy)]
pub(in crate::segmentation::kmeans) enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    Portable(Portable),
}

impl Instructions {
    /// Gives the fastest set.
    pub(in crate::segmentation::kmeans) fn best() -> Self {
        Self::available().next().unwrap_or(Self::Portable(Portable))
    }

    /// Gives all sets of this CPU, the fastest first.
    pub(in crate::segmentation::kmeans) fn available() -> impl Iterator<Item = Self> {
        let sets = [
            #[cfg(target_arch = "x86_64")]
            Avx512::detect().map(Self::Avx512),
            #[cfg(target_arch = "x86_64")]
            Avx2::detect().map(Self::Avx2),
            Some(Self::Portable(Portable)),
        ];
        sets.into_iter().flatten()
    }

    /// Gives how many clusters' scores are compared at once.
    pub(super) fn widest(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Avx512::BLOCK,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Avx2::BLOCK,
            Self::Portable(_) => Portable::BLOCK,
        }
    }

    /// Does some work with these instructions.
    pub(super) fn run<W: Work>(self, work: W) -> W::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(simd) => simd.run(work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(simd) => simd.run(work),
            Self::Portable(simd) => work.run(simd),
        }
    }
}

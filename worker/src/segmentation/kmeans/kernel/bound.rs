//! How wrong f32 can be: when a row's label is proven, and when a tile's labels cannot have changed.
//!
//! # The score and its error
//!
//! Let x be a row, c a centroid, both of integers up to 2²³, hence exact in f32, in a space of up to 2¹⁵ dimensions; d the
//! *columns*, of which a number has one dimension and a category one a level; u = 2⁻²⁴, the largest relative error of one
//! f32 operation; γₙ = n·u / (1 − n·u). C ≥ |c| for all centroids, W = (C + |x|)².
//!
//! The score of c is s = |c|²/2 − c·x = (|x − c|² − |x|²)/2: it orders centroids like the distance does. It is computed
//! as a chain from h = |c|²/2 over d steps, one a column. h is rounded from its exact integer (through f64: below 2u). The
//! step of a number is s ← s − cⱼ·xⱼ. In the dimensions of a category, x is 0 but for its own level, so one product is
//! all that the category adds to c·x: the step looks it up, where it was rounded once from its exact integer, and adds it.
//! No term passes more than d + 2 roundings, whether a step of a number rounds once (fused) or twice. So, with ŝ for what
//! comes out and sums over the space,
//!
//! ```text
//! |ŝ − s| ≤ γ₍d+2₎ (|c|²/2 + Σ|cⱼ·xⱼ|) ≤ γ₍d+2₎ (C²/2 + C·|x|) ≤ γ₍d+2₎ W / 2          (Cauchy–Schwarz)
//! ```
//!
//! # The tolerance of a row
//!
//! N̂ is the computed |x|²: the squares of the numbers are added to what all rows have of the categories, the sum of their
//! squared units, an integer below 2⁶¹ that is rounded once through f64 (below 2u) and is 0 where all is numbers. No term
//! passes more than d + 1 roundings: N̂ is at least |x|²(1 − u)^(d+1). From it T̂ = ε·(Ĉ + √N̂)², with Ĉ ≥ C. Square root,
//! sum, square and product round; counting their errors, T̂ ≥ ε·W·(1 − u)^(d+7). With ε = (d + 8)·u·(1 + 2⁻⁶) and d ≤ 2¹⁵,
//! (1 − u)^(d+7) > 0.998 and 1 / (1 − (d + 2)u) < 1.003, so that
//!
//! ```text
//! T̂ ≥ 1.013·(d + 8)·u·W ≥ γ₍d+2₎ W + 2u·W                                                                      (1)
//! ```
//!
//! **A label is proven** where the second smallest computed score exceeds the smallest by more than T̂: every other c'
//! has s' ≥ ŝ' − γW/2 ≥ ŝ₂ − γW/2 > ŝ₁ + γW/2 ≥ s₁. Subtracting rounds monotonically, so fl(ŝ₂ − ŝ₁) > T̂ implies
//! ŝ₂ − ŝ₁ > T̂. All other rows are decided in integers.
//!
//! # The gap of a row
//!
//! D̂ = fl(2ŝ + N̂) estimates D = |x − c|² ≤ W. 2ŝ is wrong by γ₍d+2₎(C² + 2C|x|) at most, N̂ by γ₍d+2₎|x|², together by
//! γ₍d+2₎W; the last rounding adds less than 1.1·u·W. By (1), D̂₁ + T̂ ≥ D₁ and D̂₂ − T̂ ≤ D of every other centroid. With
//! r₁ = fl√(D̂₁ + T̂) and r₂ = fl√max(0, D̂₂ − T̂), each wrong by less than 2u of itself, the difference of the distances
//! is at least (r₂ − r₁) − 2u(r₁ + r₂). `(r2 − r1) − (r1 + r2)·2⁻²⁰` is below that: it takes off 16u(r₁ + r₂), and its own
//! three roundings add less than 3u(r₁ + r₂).
//!
//! # Tiles that are skipped
//!
//! A row that is nearer to its own centroid than to any other by more than g stays with it while no two centroids
//! together have moved by g or more in the space: |x − c'ₒ| − |x − c'| ≥ g − |c'ₒ − cₒ| − |c' − c| (triangle inequality), and the
//! label stays the only nearest. [`Travel`] adds up, over the passes, the two longest moves of each, rounded up. A tile
//! whose smallest gap was g when the total was t keeps all its labels while the total is below t + g.

use crate::segmentation::kmeans::rows::centroids::Centroids;

/// Beyond so many dimensions nothing above is proven, and every row is decided in integers.
const MOST_DIMENSIONS: usize = 1 << 15;
const UNIT_ROUNDOFF: f64 = 1.0 / (1u64 << 24) as f64;
/// What is taken off a gap, relative to the sum of the two distances: 16u.
pub(super) const GAP_SLACK: f32 = 1.0 / (1 << 20) as f32;

/// The constants of a row's tolerance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// ε of the module's proof.
    pub epsilon: f32,
    /// Ĉ: no centroid is longer.
    pub longest: f32,
}

impl Bound {
    /// Takes the centroids of rows of so many columns.
    pub(super) fn new(centroids: &Centroids, columns: usize) -> Self {
        let epsilon = match centroids.dimensions() {
            0..=MOST_DIMENSIONS => rounded_up((columns + 8) as f64 * UNIT_ROUNDOFF * (1.0 + 1.0 / 64.0)),
            _ => f32::INFINITY,
        };
        let longest = centroids.iter().map(square).max().unwrap_or(0);
        Self { epsilon, longest: rounded_up(root_rounded_up(longest)) }
    }
}

/// How far centroids have moved since the first pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Travel {
    centroids: Option<Centroids>,
    /// Sum over the passes of the two longest moves, rounded up.
    total: f64,
}

impl Travel {
    /// Takes the centroids of the next pass, as many as before; gives the total.
    pub(super) fn advance(&mut self, centroids: &Centroids) -> f64 {
        if let Some(before) = &self.centroids {
            let mut longest = [0, 0];
            for (from, to) in before.iter().zip(centroids.iter()) {
                let moved = super::exact::squared_distance(from.iter().map(|unit| i64::from(*unit)), to);
                longest = [longest[0].max(moved), longest[1].max(moved.min(longest[0]))];
            }
            if longest[0] > 0 {
                let moved = (root_rounded_up(longest[0]) + root_rounded_up(longest[1])).next_up();
                self.total = (self.total + moved).next_up();
            }
        }
        self.centroids = Some(centroids.clone());
        self.total
    }
}

/// Gives the total from which on a tile is looked at again, rounded down.
pub(super) fn deadline(total: f64, gap: f32) -> f32 {
    ((total + f64::from(gap)) as f32).next_down()
}

/// Gives a total in f32, rounded up, to be compared with deadlines.
pub(super) fn rounded_up(value: f64) -> f32 {
    let nearest = value as f32;
    if f64::from(nearest) < value { nearest.next_up() } else { nearest }
}

pub(super) fn square(units: &[i32]) -> u64 {
    units.iter().map(|unit| u64::from(unit.unsigned_abs()).pow(2)).sum()
}

/// At least the root: conversion and root round by 2⁻⁵³ each.
fn root_rounded_up(square: u64) -> f64 {
    let root = (square as f64).sqrt();
    if square == 0 { 0.0 } else { root.next_up().next_up() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_on_the_safe_side() {
        let centroids = Centroids::new(2, vec![1, 0, 3_000_001, 4_000_001, 0, 0]).unwrap();
        let bound = Bound::new(&centroids, 2);
        assert!(f64::from(bound.longest) >= (square(centroids.get(1)) as f64).sqrt() && bound.longest < 5_000_003.0);
        assert!(f64::from(bound.epsilon) >= 10.0 * UNIT_ROUNDOFF && f64::from(bound.epsilon) < 11.0 * UNIT_ROUNDOFF);
        let many = Centroids::new(MOST_DIMENSIONS + 1, vec![1; MOST_DIMENSIONS + 1]).unwrap();
        assert_eq!(Bound::new(&many, 1).epsilon, f32::INFINITY);
    }

    #[test]
    fn travel_is_never_less_than_the_two_longest_moves() {
        let at = |units: &[i32]| Centroids::new(2, units.to_vec()).unwrap();
        let mut travel = Travel::default();
        assert_eq!(travel.advance(&at(&[0, 0, 10, 10, 5, 5])), 0.0);
        let total = travel.advance(&at(&[3, 4, 10, 10, 5, 6]));
        assert!((6.0..6.0 + 1e-9).contains(&total), "{total}");
        assert_eq!(travel.advance(&at(&[3, 4, 10, 10, 5, 6])), total);
        let total = travel.advance(&at(&[0, 0, 4, 2, 5, 6]));
        assert!((21.0..21.0 + 1e-9).contains(&total), "{total}");
    }

    #[test]
    fn deadlines_and_totals_round_to_the_safe_side() {
        for (total, gap) in [(0.0, 1.0f32), (1e7, 0.3), (1e7 + 0.123, 1e-3), (3.0, -7.5)] {
            assert!(f64::from(deadline(total, gap)) < total + f64::from(gap));
            assert!(f64::from(rounded_up(total)) >= total);
        }
        assert_eq!((root_rounded_up(0), rounded_up(0.5)), (0.0, 0.5));
        assert!(root_rounded_up(25) >= 5.0 && root_rounded_up((1 << 61) + 1) > f64::from(1u32 << 30));
    }
}

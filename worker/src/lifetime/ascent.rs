//! Climbs a likelihood by Newton's method, a look at a time.
//!
//! The variables are the logarithms of the constants. Steps are damped where the surface does not bend down (Levenberg and Marquardt), and
//! those that would lose are taken again with more damping; a step ends at the edge of what is tried.

use super::statistic::Likelihood;
use segmenter_proto::pure_math::ln;

/// The smallest and the largest constant that is tried.
pub(super) const SMALLEST: f64 = 1e-6;
pub(super) const LARGEST: f64 = 1e6;
/// The top is where no constant changes the likelihood of a customer by more than this in its logarithm, for its own.
const FLAT: f64 = 1e-9;
/// A logarithm so near to that of an edge is at it.
pub(super) const AT_EDGE: f64 = 1e-9;
/// Longest step of a variable: constants become at most 7.4 times as large at a time.
const LONGEST: f64 = 2.0;
/// Looks after which there is no top.
const MOST_LOOKS: u32 = 200;
/// What a step may lose by rounding alone, of the likelihood.
const ROUNDING: f64 = 1e-13;

/// Where a climb is.
#[derive(Debug)]
pub(super) struct Ascent<const N: usize> {
    /// What is looked at next; nothing at the end.
    next: Vec<[f64; N]>,
    best: Option<([f64; N], Likelihood<N>)>,
    damping: f64,
    pub(super) looks: u32,
    pub(super) end: End,
}

/// How a climb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Not yet.
    Open,
    /// At the top, or as far as the box goes.
    Top,
    /// Without one.
    Lost,
}

/// The top of a likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Top<const N: usize> {
    /// The logarithms of the constants.
    pub(super) at: [f64; N],
    pub(super) likelihood: Likelihood<N>,
    /// The variance of each logarithm, by the observed information; none where that does not bend down.
    pub(super) variances: [Option<f64>; N],
}

impl<const N: usize> Ascent<N> {
    /// Begins at the best of some points.
    pub(super) fn from(starts: Vec<[f64; N]>) -> Self {
        Self { next: starts, best: None, damping: 0.0, looks: 0, end: End::Open }
    }

    /// Gives the points to look at.
    pub(super) fn points(&self) -> &[[f64; N]] {
        &self.next
    }

    /// Takes what was found at them.
    pub(super) fn absorb(&mut self, found: Vec<Option<Likelihood<N>>>) {
        self.looks += 1;
        let mut moved = false;
        for (at, found) in std::mem::take(&mut self.next).into_iter().zip(found) {
            let Some(found) = found else { continue };
            let is_better = self.best.as_ref().is_none_or(|(_, best)| {
                // Near the top a step gains less than is lost to rounding.
                found.value > best.value - if self.looks > 1 { ROUNDING * best.value.abs() } else { 0.0 }
            });
            if is_better {
                (self.best, moved) = (Some((at, found)), true);
            }
        }
        let Some((at, likelihood)) = self.best else {
            self.end = End::Lost;
            return;
        };
        self.damping = match moved {
            true if self.damping < ROUNDING * largest(&likelihood) => 0.0,
            true => self.damping / 10.0,
            false => (self.damping * 10.0).max(1e-4 * largest(&likelihood)),
        };
        let open = open(&at, &likelihood);
        let flat = FLAT * likelihood.customers as f64;
        if (0..N).all(|row| !open[row] || likelihood.slope[row].abs() <= flat) {
            self.end = End::Top;
        } else if self.looks >= MOST_LOOKS || !self.damping.is_finite() {
            self.end = End::Lost;
        } else {
            self.next = vec![self.step(&at, &likelihood, open)];
        }
    }

    /// Gives the next point, with as much damping as makes the surface bend down. A step ends where the first variable comes to the edge of
    /// what is tried, and the next one leaves that there: to cut one variable off alone would leave the ridge that a step goes along.
    fn step(&mut self, at: &[f64; N], likelihood: &Likelihood<N>, mut open: [bool; N]) -> [f64; N] {
        loop {
            let Some(lower) = cholesky(&information(likelihood, open, self.damping)) else {
                self.damping = (self.damping * 4.0).max(1e-4 * largest(likelihood));
                continue;
            };
            let step = solve(&lower, std::array::from_fn(|row| if open[row] { likelihood.slope[row] } else { 0.0 }));
            let room = |row: usize| edge_ahead(step[row]) - at[row];
            if let Some(out) = (0..N).find(|&row| open[row] && step[row] != 0.0 && room(row) == 0.0) {
                open[out] = false;
                continue;
            }
            let longest = step.iter().fold(0.0_f64, |longest, part| longest.max(part.abs()));
            let short = if longest > LONGEST { LONGEST / longest } else { 1.0 };
            let moving = (0..N).filter(|&row| step[row] != 0.0);
            let short = moving.map(|row| room(row) / step[row]).fold(short, f64::min);
            return std::array::from_fn(|row| {
                let (next, edge) = (at[row] + short * step[row], edge_ahead(step[row]));
                if (next - edge).abs() < AT_EDGE { edge } else { next }
            });
        }
    }

    /// Gives the top, once it is found.
    pub(super) fn top(&self) -> Option<Top<N>> {
        let (at, likelihood) = self.best.filter(|_| self.end == End::Top)?;
        let open = open(&at, &likelihood);
        let lower = cholesky(&information(&likelihood, open, 0.0));
        let variance = |row: usize| {
            let unit = std::array::from_fn(|other| if other == row { 1.0 } else { 0.0 });
            let variance = solve(lower.as_ref()?, unit)[row];
            Some(variance).filter(|variance| open[row] && variance.is_finite() && *variance >= 0.0)
        };
        Some(Top { at, likelihood, variances: std::array::from_fn(variance) })
    }
}

/// Says which variables may move: those at an edge with the likelihood rising beyond it may not.
fn open<const N: usize>(at: &[f64; N], likelihood: &Likelihood<N>) -> [bool; N] {
    std::array::from_fn(|row| {
        let is_out =
            |edge: f64, outwards: f64| (at[row] - edge) * outwards >= 0.0 && likelihood.slope[row] * outwards > 0.0;
        !is_out(ln(LARGEST), 1.0) && !is_out(ln(SMALLEST), -1.0)
    })
}

/// Gives the edge of what is tried in the direction of a step.
fn edge_ahead(step: f64) -> f64 {
    ln(if step > 0.0 { LARGEST } else { SMALLEST })
}

/// Gives the largest bend along an axis.
fn largest<const N: usize>(likelihood: &Likelihood<N>) -> f64 {
    (0..N).map(|row| likelihood.bend[row][row].abs()).fold(f64::MIN_POSITIVE, f64::max)
}

/// Gives the observed information, damped; variables that do not move have none.
fn information<const N: usize>(likelihood: &Likelihood<N>, open: [bool; N], damping: f64) -> [[f64; N]; N] {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| match (open[row] && open[column], row == column) {
            (true, true) => damping - likelihood.bend[row][column],
            (true, false) => -likelihood.bend[row][column],
            (false, diagonal) => f64::from(u8::from(diagonal)),
        })
    })
}

/// Gives L of L·Lᵀ = A; none where A is not positive definite.
fn cholesky<const N: usize>(a: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut lower = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let known: f64 = (0..column).map(|at| lower[row][at] * lower[column][at]).sum();
            let left = a[row][column] - known;
            lower[row][column] = match row == column {
                // What is left of a diagonal by rounding alone is nothing.
                true if left > 1e-14 * a[row][row].abs() => left.sqrt(),
                true => return None,
                false => left / lower[column][column],
            };
        }
    }
    Some(lower)
}

/// Solves L·Lᵀ·x = b.
fn solve<const N: usize>(lower: &[[f64; N]; N], b: [f64; N]) -> [f64; N] {
    let mut x = b;
    for row in 0..N {
        let known: f64 = (0..row).map(|at| lower[row][at] * x[at]).sum();
        x[row] = (x[row] - known) / lower[row][row];
    }
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|at| lower[at][row] * x[at]).sum();
        x[row] = (x[row] - known) / lower[row][row];
    }
    x
}

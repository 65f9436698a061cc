//! How probable each component of a mixture is for a row, with equal bits on all machines: f64 in a fixed order of operations,
//! pure-Rust logarithms and exponentials, and shares rounded to integers.

use crate::pure_math::{exp, ln};

/// Units of a share in 1: shares are integer multiples of 2⁻²⁴, so that two of them add up exactly in f32.
pub const SHARE_UNITS: u32 = 1 << 24;
/// e to the power of less than this is nothing beside 1.
const NOTHING: f64 = -40.0;

/// One Gaussian with a diagonal covariance, prepared.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// Means, one a column, scaled.
    pub means: Vec<f64>,
    /// 1 / (2σ²), one a column.
    pub half_precisions: Vec<f64>,
    /// ln(weight) − Σ ln(2πσ²) / 2.
    pub log_scale: f64,
}

impl Density {
    /// Prepares a component; `weight` and `variances` are above 0.
    pub fn new(weight: f64, means: &[f64], variances: &[f64]) -> Self {
        let log_scale =
            variances.iter().fold(ln(weight), |sum, variance| sum - 0.5 * ln(std::f64::consts::TAU * variance));
        let half_precisions = variances.iter().map(|variance| 0.5 / variance).collect();
        Self { means: means.to_vec(), half_precisions, log_scale }
    }

    /// Gives Σ (x − μ)² / (2σ²) of a row, added in the order of the columns.
    pub fn half_square(&self, row: &[f64]) -> f64 {
        let columns = row.iter().zip(&self.means).zip(&self.half_precisions);
        columns.fold(0.0, |sum, ((x, mean), half_precision)| sum + (x - mean) * (x - mean) * half_precision)
    }

    /// Gives Σ (x − μ)² of a row, added in the order of the columns.
    pub fn squared_distance(&self, row: &[f64]) -> f64 {
        row.iter().zip(&self.means).fold(0.0, |sum, (x, mean)| sum + (x - mean) * (x - mean))
    }

    /// Gives the logarithm of weight · density where [`Self::half_square`] is this.
    pub fn log_density(&self, half_square: f64) -> f64 {
        self.log_scale - half_square
    }
}

/// What a row's densities say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// The most probable component, the first on ties.
    pub first: usize,
    /// The next one; none of one component.
    pub second: Option<usize>,
    /// The logarithm of the row's density under the whole mixture.
    pub log_likelihood: f64,
}

/// Gives the probabilities of the components from the logarithms of weight · density, one a component and at least one.
///
/// `shares` gets them as integers in units of 2⁻²⁴ that add up to 2²⁴: each rounded, and what is left over for the first.
pub fn posterior(logs: &[f64], shares: &mut [u32]) -> Posterior {
    let mut first = 0;
    let mut second: Option<usize> = None;
    for (component, log) in logs.iter().enumerate().skip(1) {
        if *log > logs[first] {
            second = Some(first);
            first = component;
        } else if second.is_none_or(|second| *log > logs[second]) {
            second = Some(component);
        }
    }
    let largest = logs[first];
    let part = |log: f64| if log - largest < NOTHING { 0.0 } else { exp(log - largest) };
    let mut parts = [0.0; 16];
    // Few components: each exponential once.
    let kept = logs.len() <= parts.len();
    let mut total = 0.0;
    for (component, log) in logs.iter().enumerate() {
        let part = part(*log);
        if kept {
            parts[component] = part;
        }
        total += part;
    }
    let mut left = SHARE_UNITS;
    for (component, share) in shares.iter_mut().enumerate() {
        let part = if kept { parts[component] } else { part(logs[component]) };
        *share = (part / total * f64::from(SHARE_UNITS) + 0.5) as u32;
        if component != first {
            // The others are at most as large each, and rounded to the nearest: they cannot take more than there is by more than a
            // unit each.
            left = left.saturating_sub(*share);
        }
    }
    shares[first] = left;
    Posterior { first, second, log_likelihood: largest + ln(total) }
}

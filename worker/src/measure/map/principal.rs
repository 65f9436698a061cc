//! The two directions in which customers differ most: the first principal components.

use super::{
    jacobi::{Eigenpair, eigenpairs},
    solver::NoMap,
    sums::MapSums,
};

/// A second direction of less than this share of the first's variance is none.
const FLAT: f64 = 1e-9;

/// A direction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Component {
    /// Share of the variance of all directions.
    pub(super) share: f64,
    /// Standard deviation of customers along it, scaled.
    pub(super) deviation: f64,
    /// One a dimension; of length 1, and the farthest from 0 is positive.
    pub(super) loadings: Vec<f64>,
}

/// Gives the first two directions.
///
/// # Errors
/// Why there are none.
pub(super) fn principal(sums: &MapSums) -> Result<[Component; 2], NoMap> {
    let covariances = sums.covariances();
    let size = sums.sums.len();
    let all: f64 = (0..size).map(|at| covariances[at * size + at]).sum();
    let mut pairs = eigenpairs(&covariances, size).into_iter();
    let (Some(first), Some(second)) = (pairs.next(), pairs.next()) else { return Err(NoMap::OneDirection) };
    if second.value <= first.value * FLAT || second.value <= 0.0 {
        return Err(if first.value > 0.0 { NoMap::OneDirection } else { NoMap::Alike });
    }
    let component = |Eigenpair { value, vector }: Eigenpair| Component {
        share: value / all,
        deviation: value.sqrt(),
        loadings: turned(vector),
    };
    Ok([component(first), component(second)])
}

/// Turns a direction so that its farthest element is positive, the first of equals.
fn turned(vector: Vec<f64>) -> Vec<f64> {
    let far = |found: f64, value: &f64| if value.abs() > found.abs() { *value } else { found };
    match vector.iter().fold(0.0, far) < 0.0 {
        true => vector.into_iter().map(|value| -value).collect(),
        false => vector,
    }
}

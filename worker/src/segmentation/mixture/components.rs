//! The parameters of a mixture, and how they follow from sums.

use segmenter_proto::{
    Error, Result,
    models::{Density, GRID, SHARE_UNITS},
    v1,
};
use serde::{Deserialize, Serialize};

use super::statistics::MixtureStatistics;

/// The smallest variance in scaled space: a component that shrinks to a point would have an infinite density.
pub const SMALLEST_VARIANCE: f64 = 1e-3;

/// One component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Share of all rows.
    pub weight: f64,
    /// Mean a column, scaled.
    pub means: Vec<f64>,
    /// Variance a column, scaled, at least [`SMALLEST_VARIANCE`].
    pub variances: Vec<f64>,
}

impl Component {
    /// Gives it prepared.
    pub fn density(&self) -> Density {
        Density::new(self.weight, &self.means, &self.variances)
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::MixtureComponent {
        let Self { weight, means, variances } = self.clone();
        v1::MixtureComponent { weight, means, variances }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// On parameters that no component has: Bug.
    pub fn from_message(message: &v1::MixtureComponent) -> Result<Self> {
        let v1::MixtureComponent { weight, means, variances } = message.clone();
        let fits = means.len() == variances.len()
            && weight > 0.0
            && means.iter().all(|mean| mean.is_finite())
            && variances.iter().all(|variance| *variance >= SMALLEST_VARIANCE);
        match fits {
            true => Ok(Self { weight, means, variances }),
            false => Err(Error::bug("a component of a mixture that cannot be was received")),
        }
    }
}

/// Gives the components that sums lead to, and how many died: those that have less than one row by probability, but for the heaviest.
pub fn components_of(statistics: &MixtureStatistics) -> (Vec<Component>, usize) {
    let columns = statistics.columns();
    let heaviest = statistics.weights.iter().max().copied().unwrap_or_default();
    let least = heaviest.min(i128::from(SHARE_UNITS));
    let alive = |component: &usize| statistics.weights[*component] >= least;
    let alive: Vec<usize> = (0..statistics.weights.len()).filter(alive).collect();
    let all: i128 = alive.iter().map(|component| statistics.weights[*component]).sum();
    let component = |component: &usize| {
        let weight = statistics.weights[*component] as f64;
        let of = |sums: &[i128]| -> Vec<f64> {
            sums[component * columns..][..columns].iter().map(|sum| *sum as f64 / weight).collect()
        };
        let means: Vec<f64> = of(&statistics.sums).into_iter().map(|mean| mean / GRID).collect();
        let squares = of(&statistics.squares).into_iter().map(|square| square / (GRID * GRID));
        let variances = squares.zip(&means).map(|(square, mean)| (square - mean * mean).max(SMALLEST_VARIANCE));
        Component { weight: weight / all as f64, variances: variances.collect(), means }
    };
    (alive.iter().map(component).collect(), statistics.weights.len() - alive.len())
}

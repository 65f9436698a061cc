//! The plane that customers are laid on, in whole numbers: where somebody lies is a sum that no order and no machine changes.

use super::{principal::Component, sums::MapSums};
use segmenter_proto::{Error, Result, v1};

/// Units of a direction in 1.
const UNITS: f64 = (1_u64 << 30) as f64;
/// Units of a place on the plane in 1: those of a direction and of the grid.
const PLACES: f64 = (1_u64 << 50) as f64;
/// Width of a hexagon in standard deviations of the first component.
pub(super) const WIDTH: f64 = 0.2;
/// Standard deviations of a component that the map reaches to either side: a little less than three, or who is laid at the border would lie
/// between two hexagons of every other row.
const REACH: f64 = 3.0 - WIDTH / 1000.0;

/// One direction of the plane.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Direction {
    weights: Vec<i64>,
    middle: i64,
    reach: i64,
}

/// The plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plane {
    directions: [Direction; 2],
    width: i64,
}

/// Where somebody lies on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// From the middle, in widths of a hexagon.
    pub(super) at: [f64; 2],
    /// Whether it is farther out along a direction, and was laid at the border.
    pub(super) beyond: [bool; 2],
}

impl Plane {
    /// Gives the plane of two components of the customers that were added up.
    pub(super) fn of(components: &[Component; 2], sums: &MapSums) -> Self {
        let direction = |component: &Component| {
            let weights: Vec<i64> = component.loadings.iter().map(|loading| (loading * UNITS).round() as i64).collect();
            let whole: i128 = weights.iter().zip(&sums.sums).map(|(weight, sum)| i128::from(*weight) * sum).sum();
            let middle = whole.div_euclid(i128::from(sums.customers.max(1))) as i64;
            Direction { weights, middle, reach: (component.deviation * REACH * PLACES).round() as i64 }
        };
        let directions = [direction(&components[0]), direction(&components[1])];
        let width = (components[0].deviation * WIDTH * PLACES).round() as i64;
        Self { directions, width: width.max(1) }
    }

    /// Gives the number of dimensions of the space that it lies in.
    pub(super) fn dimensions(&self) -> usize {
        self.directions[0].weights.len()
    }

    /// Gives where a place of the space lies on it.
    pub(super) fn place(&self, place: &[i32]) -> Place {
        let mut found = Place { at: [0.0; 2], beyond: [false; 2] };
        for (axis, direction) in self.directions.iter().enumerate() {
            // Below 2⁵⁹ up to 2⁸ dimensions.
            let sum: i64 = place.iter().zip(&direction.weights).map(|(x, weight)| i64::from(*x) * weight).sum();
            let from_middle = sum - direction.middle;
            let kept = from_middle.clamp(-direction.reach, direction.reach);
            found.beyond[axis] = kept != from_middle;
            found.at[axis] = kept as f64 / self.width as f64;
        }
        found
    }

    pub(super) fn to_message(&self) -> v1::MapPlane {
        let [first, second] = self.directions.clone();
        v1::MapPlane {
            first: first.weights,
            second: second.weights,
            first_middle: first.middle,
            second_middle: second.middle,
            first_reach: first.reach,
            second_reach: second.reach,
            width: self.width,
        }
    }

    pub(super) fn from_message(message: &v1::MapPlane) -> Result<Self> {
        let v1::MapPlane { first, second, first_middle, second_middle, first_reach, second_reach, width } =
            message.clone();
        let most = UNITS as u64 + 1;
        let fits = first.len() == second.len()
            && first.iter().chain(&second).all(|weight| weight.unsigned_abs() <= most)
            && first_reach >= 0
            && second_reach >= 0
            && width > 0;
        if !fits {
            return Err(Error::bug("a map on a plane that cannot be is asked for"));
        }
        let directions = [
            Direction { weights: first, middle: first_middle, reach: first_reach },
            Direction { weights: second, middle: second_middle, reach: second_reach },
        ];
        Ok(Self { directions, width })
    }
}

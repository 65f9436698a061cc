//! Hexagons with a corner on top, in axial coordinates, each as wide as 1.
//!
//! Those of a row lie side by side; the next row is half a width to the right and √3/2 above.

use segmenter_proto::{Error, Result};

/// Half the square root of 3: from one row to the next.
const ROW: f64 = 0.866_025_403_784_438_6;
/// Coordinates are from minus this to this: the map reaches 15 widths to either side, and a row as far up is half as far to the left.
const MOST: i32 = 27;
const SIDE: i32 = 2 * MOST + 1;
/// Hexagons that have a number.
pub(super) const HEXAGONS: usize = (SIDE * SIDE) as usize;

/// A hexagon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hexagon {
    /// Row, upwards.
    pub(super) r: i32,
    /// Along the row; each row above begins half a width farther to the right.
    pub(super) q: i32,
}

impl Hexagon {
    /// Gives the hexagon that a point lies in: the nearest centre, by rounding cube coordinates (those of axial ones, and a third that
    /// makes their sum 0) and mending the one that was rounded most.
    pub(super) fn of([x, y]: [f64; 2]) -> Self {
        let r = y / ROW;
        let q = x - r / 2.0;
        let s = -q - r;
        let [mut near_q, mut near_r, near_s] = [q, r, s].map(f64::round);
        let [off_q, off_r, off_s] = [(near_q - q).abs(), (near_r - r).abs(), (near_s - s).abs()];
        if off_q > off_r && off_q > off_s {
            near_q = -near_r - near_s;
        } else if off_r > off_s {
            near_r = -near_q - near_s;
        }
        Self { r: near_r as i32, q: near_q as i32 }
    }

    /// Gives its centre.
    pub(super) fn centre(self) -> [f64; 2] {
        [f64::from(self.q) + f64::from(self.r) / 2.0, f64::from(self.r) * ROW]
    }

    /// Gives its number, rising by row and then along it.
    ///
    /// # Errors
    /// It lies beyond all that a map has: Bug.
    pub(super) fn number(self) -> Result<usize> {
        let within = |at: i32| (-MOST..=MOST).contains(&at);
        match within(self.q) && within(self.r) {
            true => Ok(((self.r + MOST) * SIDE + self.q + MOST) as usize),
            false => Err(Error::bug("a customer lies beyond the border of a map")),
        }
    }

    /// Gives the hexagon of a number.
    pub(super) fn numbered(number: usize) -> Self {
        let (row, along) = (number / SIDE as usize, number % SIDE as usize);
        Self { r: row as i32 - MOST, q: along as i32 - MOST }
    }
}

//! Bars, one below the other, each below its name, so that a telephone has room for them.

use super::canvas::{Drawing, fitted, width_of};

/// Width of a picture that fits on a telephone.
pub(super) const NARROW: f64 = 440.0;
/// Space between a name and what stands at the other end of its line.
const GAP: f64 = 12.0;

/// A bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// Its length.
    pub value: f64,
    /// The value in words.
    pub told: String,
}

/// Draws bars from a common beginning.
pub fn bars(bars: &[Bar]) -> Drawing {
    let mut drawing = Drawing::new(NARROW as u32, 36 * bars.len() as u32);
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    for (at, bar) in bars.iter().enumerate() {
        let top = 36.0 * at as f64;
        name_and_value(&mut drawing, top + 14.0, &bar.name, &bar.told);
        let length = if most > 0.0 { bar.value.max(0.0) / most * NARROW } else { 0.0 };
        drawing.rect("b", [0.0, top + 19.0], [length, 11.0]);
    }
    drawing
}

/// Writes a name, and a value at the end of its line.
pub(super) fn name_and_value(drawing: &mut Drawing, y: f64, name: &str, told: &str) {
    drawing.text("", [0.0, y], &fitted(name, NARROW - width_of(told) - GAP));
    drawing.text("e", [NARROW, y], told);
}

/// Two bars of one thing.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What they are of.
    pub name: String,
    /// Their lengths.
    pub values: [f64; 2],
    /// The values in words.
    pub told: [String; 2],
}

/// Draws pairs of bars from a common beginning; each bar ends with its value.
pub fn pairs(pairs: &[Pair]) -> Drawing {
    let mut drawing = Drawing::new(NARROW as u32, 54 * pairs.len() as u32);
    let most = pairs.iter().flat_map(|pair| pair.values).fold(0.0, f64::max);
    let widest = pairs.iter().flat_map(|pair| &pair.told).map(|told| width_of(told)).fold(0.0, f64::max) + GAP;
    for (at, pair) in pairs.iter().enumerate() {
        let top = 54.0 * at as f64;
        drawing.text("", [0.0, top + 14.0], &fitted(&pair.name, NARROW));
        for ((class, value, told), y) in [("b", pair.values[0], &pair.told[0]), ("c", pair.values[1], &pair.told[1])]
            .into_iter()
            .zip([top + 19.0, top + 33.0])
        {
            let length = if most > 0.0 { value.max(0.0) / most * (NARROW - widest) } else { 0.0 };
            drawing.rect(class, [0.0, y], [length, 11.0]);
            drawing.text("q", [length + 6.0, y + 10.0], told);
        }
    }
    drawing
}

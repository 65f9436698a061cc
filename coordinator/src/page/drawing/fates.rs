//! What became of rows: the whole of each source as a bar, with the part that was used.

use super::{
    bars::{NARROW, name_and_value},
    canvas::{Drawing, fitted},
};

/// The rows of a source.
#[derive(Debug, Clone)]
pub struct Fated {
    /// The source.
    pub name: String,
    /// Rows that were read.
    pub read: u64,
    /// Rows that were used.
    pub used: u64,
    /// What was used, in words.
    pub told: String,
    /// What became of the others, in words; empty where there are none.
    pub lost: String,
}

/// Draws the rows of each source; bars are as long as the largest source allows.
pub fn fates(sources: &[Fated]) -> Drawing {
    let mut drawing = Drawing::new(NARROW as u32, 54 * sources.len() as u32);
    for (at, source) in sources.iter().enumerate() {
        let top = 54.0 * at as f64;
        name_and_value(&mut drawing, top + 14.0, &source.name, &source.told);
        drawing.rect("g", [0.5, top + 19.5], [NARROW - 1.0, 11.0]);
        if source.read > 0 {
            drawing.rect("b", [0.0, top + 19.0], [source.used as f64 / source.read as f64 * NARROW, 12.0]);
        }
        if !source.lost.is_empty() {
            drawing.text("q", [0.0, top + 45.0], &fitted(&source.lost, NARROW));
        }
    }
    drawing
}

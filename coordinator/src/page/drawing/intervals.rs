//! Values with what surrounds them: intervals of what is not known exactly, and the middle half of customers.

use super::{
    bars::{NARROW, name_and_value},
    canvas::Drawing,
    scale::Scale,
};
use crate::page::words::percent_tick;
use segmenter_worker::words::Words;

/// A value with what surrounds it.
#[derive(Debug, Clone)]
pub struct Interval {
    /// What it is of.
    pub name: String,
    /// Its lower end, where there is one.
    pub low: Option<f64>,
    /// The value.
    pub value: f64,
    /// Its upper end.
    pub high: Option<f64>,
    /// The value in words.
    pub told: String,
}

/// What surrounds the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How far they may be off: a thin line with ends.
    Uncertain,
    /// Where the middle half of customers are: a bar.
    Spread,
}

/// Draws values one below the other over a common scale; a dashed line stands where `beside` is.
pub fn intervals(words: &Words, rows: &[Interval], kind: Kind, beside: Option<f64>) -> Drawing {
    let height = 38 * rows.len() as u32 + 24;
    let mut drawing = Drawing::new(NARROW as u32, height);
    let all = rows.iter().flat_map(|row| [row.low, Some(row.value), row.high]).flatten().chain(beside);
    let scale = Scale::over(all, [8.0, NARROW - 8.0]);
    let bottom = f64::from(height) - 20.0;
    let are_shares = rows.iter().all(|row| row.told.contains('%'));
    for tick in scale.ticks(5) {
        let x = scale.place(tick);
        drawing.line("x", [x, 18.0], [x, bottom]);
        drawing.text(
            "q m",
            [x, bottom + 15.0],
            &if are_shares { percent_tick(words, tick) } else { words.number(tick) },
        );
    }
    if let Some(beside) = beside {
        let x = scale.place(beside);
        drawing.line("y", [x, 18.0], [x, bottom]);
    }
    for (at, row) in rows.iter().enumerate() {
        let top = 38.0 * at as f64;
        name_and_value(&mut drawing, top + 14.0, &row.name, &row.told);
        let (middle, x) = (top + 26.0, scale.place(row.value));
        if let (Some(low), Some(high)) = (row.low.map(|low| scale.place(low)), row.high.map(|high| scale.place(high))) {
            match kind {
                Kind::Spread => drawing.rect("b", [low, middle - 5.0], [high - low, 10.0]),
                Kind::Uncertain => {
                    drawing.line("w", [low, middle], [high, middle]);
                    drawing.line("w", [low, middle - 4.0], [low, middle + 4.0]);
                    drawing.line("w", [high, middle - 4.0], [high, middle + 4.0]);
                }
            }
        }
        match kind {
            Kind::Spread => drawing.circle("k", [x, middle], 4.0),
            Kind::Uncertain => drawing.circle("b", [x, middle], 4.5),
        }
    }
    drawing
}

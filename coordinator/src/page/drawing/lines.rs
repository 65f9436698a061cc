//! Lines: a figure for each number of clusters, and shares that grow with time.

use super::{
    canvas::{Drawing, fitted},
    scale::Scale,
};
use crate::page::words::percent_tick;
use segmenter_worker::words::Words;

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 200.0;
/// Room for the ticks on the left and below.
const LEFT: f64 = 54.0;
const BELOW: f64 = 24.0;
/// Room for the names of curves on the right.
const NAMES: f64 = 190.0;
/// Width of curves with their names.
const WIDE: f64 = 640.0;
/// Curves that can be told apart.
pub(super) const CURVES: [&str; 6] = ["l", "l l1", "l l2", "l l3", "l l4", "l l5"];
/// Names of curves are that far from each other.
const LINE: f64 = 15.0;

/// Draws a figure for each whole number, with a ring around the `chosen` one.
pub fn points(words: &Words, values: &[(i32, f64)], chosen: i32) -> Drawing {
    let mut drawing = Drawing::new(WIDTH as u32, HEIGHT as u32);
    let across = Scale::over(values.iter().map(|(at, _)| f64::from(*at)), [LEFT + 14.0, WIDTH - 20.0]);
    let up = Scale::over(values.iter().map(|(_, value)| *value), [HEIGHT - BELOW - 8.0, 34.0]);
    grid(words, &mut drawing, &up, WIDTH);
    let first = values.first().map_or(0, |(at, _)| *at);
    // From where scales begin, the first number is at its own place.
    let place = |at: i32| match values.len() {
        0 | 1 => across.place(f64::from(at)),
        many => LEFT + 14.0 + f64::from(at - first) / span(values, many) * (WIDTH - 34.0 - LEFT),
    };
    let corners: Vec<[f64; 2]> = values.iter().map(|(at, value)| [place(*at), up.place(*value)]).collect();
    drawing.polyline("l", &corners);
    for ((at, _), [x, y]) in values.iter().zip(&corners) {
        if *at == chosen {
            drawing.circle("k", [*x, *y], 8.0);
            drawing.text("m", [*x, *y - 14.0], &words.word("evidence-chosen"));
        }
        drawing.circle("b", [*x, *y], 4.0);
        drawing.text("q m", [*x, HEIGHT - 7.0], &at.to_string());
    }
    drawing
}

fn span(values: &[(i32, f64)], many: usize) -> f64 {
    f64::from((values[many - 1].0 - values[0].0).max(1))
}

fn grid(words: &Words, drawing: &mut Drawing, up: &Scale, width: f64) {
    for tick in up.ticks(4) {
        let y = up.place(tick);
        drawing.line("x", [LEFT, y], [width - 4.0, y]);
        drawing.text("q e", [LEFT - 6.0, y + 4.0], &words.number(tick));
    }
}

/// A curve with its name.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name, written at its end.
    pub name: String,
    /// Its corners, from the left to the right.
    pub corners: Vec<[f64; 2]>,
}

/// Draws up to six curves of shares, each with its name at its end; `below` says what they run over.
pub fn curves(words: &Words, series: &[Series], below: &str) -> Drawing {
    let height = 280.0;
    let mut drawing = Drawing::new(WIDE as u32, height as u32);
    let all = || series.iter().flat_map(|one| &one.corners);
    let right = WIDE - NAMES;
    let across = Scale::over(all().map(|corner| corner[0]).chain([0.0]), [LEFT, right]);
    let up = Scale::over(all().map(|corner| corner[1]).chain([0.0]), [height - BELOW - 16.0, 12.0]);
    for tick in up.ticks(4) {
        let y = up.place(tick);
        drawing.line("x", [LEFT, y], [right, y]);
        drawing.text("q e", [LEFT - 6.0, y + 4.0], &percent_tick(words, tick));
    }
    for tick in across.ticks(6) {
        drawing.text("q m", [across.place(tick), height - 22.0], &words.number(tick));
    }
    drawing.text("q m", [(LEFT + right) / 2.0, height - 6.0], below);
    let mut ends: Vec<(f64, usize)> = Vec::new();
    for (at, (one, class)) in series.iter().zip(CURVES).enumerate() {
        let corners: Vec<[f64; 2]> = one.corners.iter().map(|[x, y]| [across.place(*x), up.place(*y)]).collect();
        drawing.polyline(class, &corners);
        ends.extend(corners.last().map(|[_, y]| (*y, at)));
    }
    // Names that would lie on each other move down, and all of them up again where there is no room.
    ends.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    let mut lowest = f64::NEG_INFINITY;
    for (y, _) in &mut ends {
        *y = y.max(lowest + LINE);
        lowest = *y;
    }
    let beyond = (lowest - (height - BELOW - 12.0)).max(0.0);
    for (y, at) in ends {
        let y = y - beyond;
        drawing.line(CURVES[at], [right + 6.0, y], [right + 28.0, y]);
        drawing.text("q", [right + 33.0, y + 4.0], &fitted(&series[at].name, NAMES - 36.0));
    }
    drawing
}

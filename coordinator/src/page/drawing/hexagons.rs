//! Where customers lie on a plane: a small map a segment, all of the same ground, so that each is told by its place and its name.

use super::{
    bars::NARROW,
    canvas::{Drawing, fitted, width_of},
};

/// Between two maps of a row, and below one.
const GAP: f64 = 16.0;
/// Height of the name above a map.
const NAME: f64 = 20.0;
/// Height of a line below all maps.
const LINE: f64 = 20.0;
/// From the centre of a hexagon to a corner, in its widths.
const CORNER: f64 = 0.577_350_269;
/// From one row of hexagons to the next, in widths.
const ROW: f64 = 0.866_025_404;
/// How far across a hexagon of few is filled, so that it can be seen.
const LEAST: f64 = 0.3;
/// A map is at most so much higher than it is wide.
const HIGHEST: f64 = 1.2;

/// A segment on the map.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The segment.
    pub name: String,
    /// What stands beside its name.
    pub told: String,
    /// Centres of hexagons, and how many customers of the segment lie there.
    pub hexagons: Vec<([f64; 2], f64)>,
}

/// Draws a map for each segment over the `ground`, the centres of all hexagons; each is `width` wide. Below them stands what lies to the
/// right and upwards.
pub fn hexagons(panels: &[Panel], ground: &[[f64; 2]], width: f64, axes: &[String]) -> Drawing {
    let within = |axis: usize| {
        let all = ground.iter().map(|centre| centre[axis]);
        let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), own| (low.min(own), high.max(own)));
        (low - width, high + width)
    };
    let ((left, right), (low, high)) = (within(0), within(1));
    let columns = panels.len().clamp(1, 2);
    let room = (NARROW - GAP * (columns - 1) as f64) / columns as f64;
    let unit = (room / (right - left)).min(room * HIGHEST / (high - low));
    let height = NAME + (high - low) * unit + GAP;
    let rows = panels.len().div_ceil(columns);
    let below = height * rows as f64;
    let runs = runs(ground, width);
    let mut drawing = Drawing::new(NARROW as u32, (below + LINE * axes.len() as f64).ceil() as u32);
    for (at, panel) in panels.iter().enumerate() {
        let corner = [(at % columns) as f64 * (room + GAP), (at / columns) as f64 * height];
        drawing.text("", [corner[0], corner[1] + 14.0], &fitted(&panel.name, room - width_of(&panel.told) - 18.0));
        drawing.text("q e", [corner[0] + room, corner[1] + 14.0], &panel.told);
        let place = |[x, y]: [f64; 2]| [corner[0] + (x - left) * unit, corner[1] + NAME + (high - y) * unit];
        let pitch = width * unit;
        let lying = runs.iter().map(|(first, long)| {
            let [x, y] = place(*first);
            ([x - pitch / 2.0, y - pitch * ROW / 2.0], [long * unit + pitch, pitch * ROW])
        });
        drawing.rectangles("g", &lying.collect::<Vec<_>>());
        let ([x, y], [bottom, top]) = (place([0.0, 0.0]), [place([0.0, low])[1], place([0.0, high])[1]]);
        drawing.line("x", [x, top], [x, bottom]);
        drawing.line("x", [corner[0], y], [corner[0] + room, y]);
        let most = panel.hexagons.iter().map(|(_, customers)| *customers).fold(0.0, f64::max);
        let filled = panel.hexagons.iter().map(|(centre, customers)| {
            let size = if most > 0.0 { (customers / most).sqrt().max(LEAST) } else { LEAST };
            (place(*centre), pitch * CORNER * size)
        });
        drawing.hexagons("b", &filled.collect::<Vec<_>>());
    }
    for (at, axis) in axes.iter().enumerate() {
        drawing.text("q", [0.0, below + LINE * at as f64 + 13.0], &fitted(axis, NARROW));
    }
    drawing
}

/// Gives where hexagons lie side by side: the centre of the first, and how far it is to that of the last.
fn runs(ground: &[[f64; 2]], width: f64) -> Vec<([f64; 2], f64)> {
    let mut sorted = ground.to_vec();
    sorted.sort_by(|left, right| left[1].total_cmp(&right[1]).then(left[0].total_cmp(&right[0])));
    let mut runs: Vec<([f64; 2], f64)> = Vec::new();
    for [x, y] in sorted {
        match runs.last_mut() {
            // Half a width more or less is no other hexagon.
            Some((first, long)) if first[1] == y && x - first[0] - *long < width * 1.5 => *long = x - first[0],
            _ => runs.push(([x, y], 0.0)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexagons_side_by_side_are_one_ground() {
        let ground = [[0.4, 0.0], [0.0, 0.0], [0.2, 0.0], [1.0, 0.0], [0.1, 0.17]];
        let expected = [([0.0, 0.0], 0.4), ([1.0, 0.0], 0.0), ([0.1, 0.17], 0.0)];
        assert_eq!(runs(&ground, 0.2), expected);
    }

    #[test]
    fn a_segment_has_a_map_of_its_own() {
        let panel = |name: &str| Panel {
            name: name.to_owned(),
            told: "40".to_owned(),
            hexagons: vec![([0.0, 0.0], 30.0), ([0.2, 0.0], 10.0)],
        };
        let ground = [[0.0, 0.0], [0.2, 0.0], [-2.8, 1.7]];
        let one = hexagons(&[panel("one")], &ground, 0.2, &[]);
        let three = hexagons(&["one", "two", "three"].map(panel), &ground, 0.2, &["to the right".to_owned()]);
        assert_eq!((one.width(), three.width()), (440, 440));
        assert_eq!(three.body().matches("class=\"b\"").count(), 3);
        assert!(three.body().contains("to the right") && three.body().contains("two"));
    }
}

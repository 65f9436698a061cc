//! Who went from where to where: bands between what was on the left and what is on the right.

use super::canvas::{Drawing, fitted};
use std::collections::BTreeMap;

const WIDTH: f64 = 720.0;
/// Room for names at either side.
const NAMES: f64 = 200.0;
/// Width of what stands for a segment.
const BLOCK: f64 = 12.0;
/// Between two segments.
const GAP: f64 = 18.0;

/// Customers who went one way.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Where they were, as a place among the names on the left.
    pub from: usize,
    /// Where they are, as a place among the names on the right.
    pub to: usize,
    /// How many.
    pub customers: f64,
    /// Whether they moved.
    pub moved: bool,
}

/// Draws bands; names are those on the left and on the right, from the top.
pub fn flows(names: [&[String]; 2], flows: &[Flow]) -> Drawing {
    let most = names[0].len().max(names[1].len());
    let height = (most as f64 * 40.0).max(160.0);
    let mut drawing = Drawing::new(WIDTH as u32, height as u32 + 8);
    let total: f64 = flows.iter().map(|flow| flow.customers).sum();
    if total <= 0.0 {
        return drawing;
    }
    let unit = (height - GAP * most as f64) / total;
    let (left, right) = (NAMES + BLOCK, WIDTH - NAMES - BLOCK);
    let [tops_left, tops_right] = [(0, names[0]), (1, names[1])].map(|(side, names)| {
        let mut top = 4.0;
        let mut tops = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let of = flows.iter().filter(|flow| [flow.from, flow.to][side] == at).map(|flow| flow.customers);
            let size = of.sum::<f64>() * unit;
            let (x, class, text) = if side == 0 { (NAMES, "e", NAMES - 8.0) } else { (right, "", WIDTH - NAMES + 8.0) };
            drawing.rect("b", [x, top], [BLOCK, size.max(1.0)]);
            drawing.text(class, [text, top + (size / 2.0).max(4.0) + 5.0], &fitted(name, NAMES - 12.0));
            tops.push(top);
            top += size + GAP;
        }
        tops
    });
    let (mut used_left, mut used_right): (BTreeMap<usize, f64>, BTreeMap<usize, f64>) = Default::default();
    for flow in flows {
        let (Some(from), Some(to)) = (tops_left.get(flow.from), tops_right.get(flow.to)) else { continue };
        let size = flow.customers * unit;
        let (above_left, above_right) =
            (used_left.entry(flow.from).or_default(), used_right.entry(flow.to).or_default());
        let class = if flow.moved { "h" } else { "f" };
        drawing.band(class, [left, from + *above_left], [right, to + *above_right], size.max(0.6));
        *above_left += size;
        *above_right += size;
    }
    drawing
}

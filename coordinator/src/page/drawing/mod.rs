//! Pictures, as SVG by functions of our own: their bytes depend on nothing but the figures. Colours are classes of the style sheet.

mod bars;
mod canvas;
mod fates;
mod flows;
mod hexagons;
mod intervals;
mod lines;
mod scale;

pub(super) use bars::{Bar, Pair, bars, pairs};
pub(super) use canvas::Drawing;
pub(super) use fates::{Fated, fates};
pub(super) use flows::{Flow, flows};
pub(super) use hexagons::{Panel, hexagons};
pub(super) use intervals::{Interval, Kind, intervals};
pub(super) use lines::{Series, curves, points};

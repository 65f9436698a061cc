//! What is said of a map of customers.

use crate::page::words::{isolated, listed, percentage, quoted, readable};
use crate::report::whole;

/// Title of the block.
pub(super) const TITLE: &str = "A map of the customers";

/// A feature, or a level, that an axis stands for.
#[derive(Debug, Clone)]
pub(super) struct Loading<'a> {
    pub(super) feature: &'a str,
    pub(super) level: Option<&'a str>,
    pub(super) value: f64,
}

/// Two segments, and the share of each that lies where the other does.
#[derive(Debug, Clone)]
pub(super) struct Overlap {
    pub(super) names: [String; 2],
    pub(super) share: f64,
}

/// Says how much of the differences the map shows.
pub(super) fn shows(share: f64, many: &str) -> String {
    format!("The map shows {} of the differences between {many}.", percentage(share))
}

/// Says what lies to the right and upwards.
pub(super) fn axes(of: &[Vec<Loading<'_>>], many: &str) -> String {
    let told: Vec<String> = of.iter().map(|axis| listed(&axis.iter().map(who).collect::<Vec<_>>())).collect();
    match told.as_slice() {
        [right, up] => format!("To the right lie {many} with {right}, upwards those with {up}."),
        _ => String::new(),
    }
}

/// Says the same of one axis, short enough to stand on a picture.
pub(super) fn axis(at: usize, of: &[Loading<'_>]) -> String {
    let sign = if at == 0 { "→" } else { "↑" };
    format!("{sign} {}", listed(&of.iter().map(who).collect::<Vec<_>>()))
}

fn who(loading: &Loading<'_>) -> String {
    let name = isolated(&readable(loading.feature));
    let rises = loading.value > 0.0;
    match loading.level {
        None => format!("{} {name}", if rises { "high" } else { "low" }),
        Some("true") => format!("{}{name}", if rises { "" } else { "no " }),
        Some("(missing)") => format!("{}{name} known", if rises { "no " } else { "" }),
        Some(level) => format!("{}{name}: {}", if rises { "" } else { "not " }, isolated(level)),
    }
}

/// Says which segments lie in the same places, and which do not.
pub(super) fn overlaps(most: Option<&Overlap>, apart: &[String], all: usize) -> String {
    let names = || listed(&apart.iter().map(|name| quoted(name)).collect::<Vec<_>>());
    let together = |most: &Overlap| {
        let [left, right] = most.names.each_ref().map(|name| quoted(name));
        format!("{left} and {right} overlap most: {} of each lie where the other does.", percentage(most.share))
    };
    match (most, apart.len()) {
        (None, _) => String::new(),
        (Some(_), lying) if lying == all => "All segments lie apart on it.".to_owned(),
        (Some(most), 0) => together(most),
        (Some(most), 1) => format!("{} lies apart from all others on it. {}", names(), together(most)),
        (Some(most), _) => format!("{} lie apart from all others on it. {}", names(), together(most)),
    }
}

/// Says how the picture is read.
pub(super) fn how_to_read(many: &str) -> String {
    format!(
        "The same map once for each segment: the shade is where any {many} are, and the fuller a hexagon, the more of the segment lie there; its \
         fullest one is filled. The lines cross at the mean of all. What lies apart here is apart; what overlaps here may still differ in what \
         the map does not show."
    )
}

/// Says how many are not on the map, and why.
pub(super) fn hidden(customers: i64, of: i64, fewest: u64, many: &str) -> String {
    format!(
        "{} of {} {many} are not drawn, so that nothing is told of fewer than {fewest} of a segment.",
        whole(customers),
        whole(of)
    )
}

/// Says how many lie farther out than the map reaches.
pub(super) fn beyond(customers: i64, at: usize, many: &str) -> String {
    let way = if at == 0 { "to the left or right" } else { "below or above" };
    format!("{} {many} lie farther {way} than the map reaches, and are drawn at its border.", whole(customers))
}

/// Says that segments without a picture are in the table.
pub(super) fn not_drawn(segments: usize) -> String {
    match segments {
        1 => "One segment more is in map.parquet.".to_owned(),
        more => format!("{more} segments more are in map.parquet."),
    }
}

/// Caption of the table of segments, and its heads.
pub(super) fn table_of_segments(many: &str) -> (&'static str, Vec<String>) {
    let heads = ["Segment".to_owned(), format!("#{many} drawn"), "#not drawn".to_owned(), "#middle across".to_owned()];
    let rest = ["#middle upwards", "#hexagons", "overlaps most with", "#share"].map(str::to_owned);
    ("Where each segment lies, in standard deviations of the first axis", heads.into_iter().chain(rest).collect())
}

/// Caption of the table of axes, and its heads.
pub(super) fn table_of_axes() -> (&'static str, [&'static str; 3]) {
    ("What the axes of the map are made of", ["Feature", "#across", "#upwards"])
}

/// Gives what a feature or a level is called in a table.
pub(super) fn named(feature: &str, level: Option<&str>) -> String {
    match level {
        None => readable(feature),
        Some(level) => format!("{}: {}", readable(feature), isolated(level)),
    }
}

//! What is said of a map of customers.

use crate::page::{
    data::RunData,
    words::{feature, isolated, listed, percentage, quoted},
};
use segmenter_worker::words::Words;

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
pub(super) fn shows(data: &RunData, share: f64) -> String {
    let share = percentage(data.words, share);
    data.words.say("map-shows", [("share", share.into()), ("unit", data.unit())])
}

/// Says what lies to the right and upwards.
pub(super) fn axes(data: &RunData, of: &[Vec<Loading<'_>>]) -> String {
    let words = data.words;
    let told: Vec<String> = of.iter().map(|axis| loadings(words, axis)).collect();
    match told.as_slice() {
        [right, up] => words.say("map-axes", [("unit", data.unit()), ("right", right.into()), ("up", up.into())]),
        _ => String::new(),
    }
}

/// Says the same of one axis, short enough to stand on a picture.
pub(super) fn axis(words: &Words, at: usize, of: &[Loading<'_>]) -> String {
    let sign = if at == 0 { "→" } else { "↑" };
    format!("{sign} {}", loadings(words, of))
}

fn loadings(words: &Words, of: &[Loading<'_>]) -> String {
    listed(words, &of.iter().map(|loading| who(words, loading)).collect::<Vec<_>>())
}

fn who(words: &Words, loading: &Loading<'_>) -> String {
    let rises = loading.value > 0.0;
    let name = isolated(&feature(words, loading.feature));
    let of_feature = |more, less| words.say(if rises { more } else { less }, [("feature", name.as_str().into())]);
    match loading.level {
        None => of_feature("map-high", "map-low"),
        Some("true") => of_feature("map-yes", "map-no"),
        Some("(missing)") => of_feature("map-unknown", "map-known"),
        Some(level) => {
            let id = if rises { "map-level" } else { "map-not-level" };
            words.say(id, [("feature", name.as_str().into()), ("level", isolated(level).into())])
        }
    }
}

/// Says which segments lie in the same places, and which do not.
pub(super) fn overlaps(
    words: &Words,
    most: Option<&Overlap>,
    (apart, less_than): (&[String], f64),
    all: usize,
) -> String {
    let together = |most: &Overlap| {
        let [left, right] = most.names.each_ref().map(|name| quoted(words, name));
        let share = percentage(words, most.share);
        words.say("map-together", [("left", left.into()), ("right", right.into()), ("share", share.into())])
    };
    match (most, apart.len()) {
        (None, _) => String::new(),
        (Some(_), lying) if lying == all => {
            words.say("map-all-apart", [("share", percentage(words, less_than).into())])
        }
        (Some(most), 0) => together(most),
        (Some(most), lying) => {
            let names = listed(words, &apart.iter().map(|name| quoted(words, name)).collect::<Vec<_>>());
            format!(
                "{} {}",
                words.say("map-apart", [("names", names.into()), ("segments", lying.into())]),
                together(most)
            )
        }
    }
}

/// Says how the picture is read.
pub(super) fn how_to_read(data: &RunData) -> String {
    data.words.say("map-caption", [("unit", data.unit())])
}

/// Says how many are not on the map, and why.
pub(super) fn hidden(data: &RunData, customers: i64, of: i64) -> String {
    let words = data.words;
    let [customers, of] = [customers, of].map(|count| words.whole(count));
    let fewest = data.job.min_cell.to_string();
    let told = [("customers", customers.into()), ("of", of.into()), ("unit", data.unit()), ("fewest", fewest.into())];
    words.say("map-hidden", told)
}

/// Says which segments have no customers on the map.
pub(super) fn nowhere(data: &RunData, names: &[String]) -> String {
    let words = data.words;
    let names = listed(words, &names.iter().map(|name| quoted(words, name)).collect::<Vec<_>>());
    words.say("map-nowhere", [("names", names.into()), ("fewest", data.job.min_cell.to_string().into())])
}

/// Says how many lie farther out than the map reaches.
pub(super) fn beyond(data: &RunData, customers: i64, at: usize) -> String {
    let id = if at == 0 { "map-beyond-across" } else { "map-beyond-upwards" };
    data.words.say(id, [("customers", data.words.whole(customers).into()), ("unit", data.unit())])
}

/// Gives what a feature or a level is called in a table.
pub(super) fn named(words: &Words, name: &str, level: Option<&str>) -> String {
    match level {
        None => feature(words, name),
        Some(level) => format!("{}: {}", feature(words, name), isolated(level)),
    }
}

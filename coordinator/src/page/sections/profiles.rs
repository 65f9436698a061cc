//! What each feature is like in each segment, in the order in which features tell the segments apart.

use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        words::{feature, isolated, percentage},
    },
    report::{Fact, Telling, is_score},
};
use segmenter_worker::{measure::OTHER_LEVELS, words::Words};
use std::collections::BTreeMap;

/// Levels of one feature that a picture shows.
const LEVELS: usize = 3;
/// Below this distance, in standard deviations of all, a segment is as all are.
pub(super) const WORTH_A_WORD: f64 = 0.25;
/// Things that are said of a segment.
const SAID: usize = 4;

/// A number, or a level of a text, over the segments.
#[derive(Debug, Clone)]
pub(super) struct Profile<'a> {
    pub(super) feature: &'a str,
    /// None: a number.
    pub(super) level: Option<&'a str>,
    /// Mean over all customers; of a level its share.
    pub(super) of_all: Option<f64>,
    /// Share of the differences between customers that lies between segments.
    pub(super) explained: f64,
    /// By key of the segment.
    pub(super) cells: BTreeMap<&'a str, Standing>,
}

/// What a segment is like in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) mean: f64,
    /// Distance from all, in standard deviations.
    pub(super) z: f64,
    /// The middle half and the middle of customers; of numbers.
    pub(super) quartiles: Option<[f64; 3]>,
}

/// Gives the profiles of a segmentation, those first that tell its segments apart most, and scores
/// last. Segments and levels of few customers have none.
pub(super) fn profiles<'a>(data: &'a RunData, own: &'a Segmentation) -> Vec<Profile<'a>> {
    let fewest = data.job.min_cell;
    let mut found: BTreeMap<(&str, Option<&str>), Profile<'_>> = BTreeMap::new();
    for row in data.rows_of("profiles", &own.name) {
        let (feature, level) = (row.name("feature"), row.text("level"));
        // What is not false is true, and other levels tell nothing.
        if matches!(level, Some("false" | OTHER_LEVELS)) {
            continue;
        }
        let profile = found.entry((feature, level)).or_insert_with(|| Profile {
            feature,
            level,
            of_all: row.number("population_mean"),
            explained: row.number("eta_squared").unwrap_or_default(),
            cells: BTreeMap::new(),
        });
        let is_told = own.segment(row.name("segment_key")).is_some_and(|segment| segment.customers >= fewest);
        if let (true, Some(standing)) = (is_told, standing(row, fewest)) {
            profile.cells.insert(row.name("segment_key"), standing);
        }
    }
    let mut all: Vec<Profile<'_>> = found.into_values().filter(|profile| !profile.cells.is_empty()).collect();
    all.sort_by(|left, right| {
        is_score(left.feature)
            .cmp(&is_score(right.feature))
            .then(right.explained.total_cmp(&left.explained))
            .then_with(|| (left.feature, left.level).cmp(&(right.feature, right.level)))
    });
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    all.retain(|profile| {
        let seen = levels.entry(profile.feature).or_default();
        *seen += 1;
        profile.level.is_none() || *seen <= LEVELS
    });
    all
}

fn standing(row: Row<'_>, fewest: u64) -> Option<Standing> {
    let known = u64::try_from(row.whole("n")?).ok().filter(|known| *known >= fewest)?;
    let mean = row.number("mean")?;
    // Few customers of a segment have the level: the table does not tell of them, and a page that is made of another must not.
    let having = (mean * known as f64).round() as u64;
    if row.text("level").is_some() && having > 0 && having < fewest {
        return None;
    }
    let quartiles = match (row.number("p25"), row.number("p50"), row.number("p75")) {
        (Some(p25), Some(p50), Some(p75)) => Some([p25, p50, p75]),
        _ => None,
    };
    Some(Standing { mean, z: row.number("z_score").unwrap_or_default(), quartiles })
}

impl Profile<'_> {
    /// Gives what it is called.
    pub(super) fn label(&self, words: &Words) -> String {
        match self.level {
            None | Some("true") => feature(words, self.feature),
            Some(level) => format!("{}: {}", feature(words, self.feature), isolated(level)),
        }
    }

    /// Gives a value as it is measured.
    pub(super) fn told(&self, words: &Words, value: f64) -> String {
        if self.level.is_some() { percentage(words, value) } else { words.number(value) }
    }
}

/// Says what sets a segment apart from all customers, the furthest first.
pub(super) fn standing_out(data: &RunData, profiles: &[Profile<'_>], key: &str) -> Vec<String> {
    let mut far: Vec<(&Profile<'_>, Standing)> = profiles
        .iter()
        .filter(|profile| !is_score(profile.feature))
        .filter_map(|profile| Some((profile, *profile.cells.get(key)?)))
        .filter(|(profile, standing)| standing.z.abs() >= WORTH_A_WORD && profile.of_all.is_some())
        .collect();
    far.sort_by(|(left, of_left), (right, of_right)| {
        let order = of_right.z.abs().total_cmp(&of_left.z.abs());
        order.then_with(|| (left.feature, left.level).cmp(&(right.feature, right.level)))
    });
    let mut seen: Vec<&str> = Vec::new();
    far.retain(|(profile, _)| {
        let new = !seen.contains(&profile.feature);
        seen.push(profile.feature);
        new
    });
    let telling = Telling { words: data.words, currency: data.currency(), isolates: true };
    let said = far.iter().take(SAID).filter_map(|(profile, standing)| {
        let fact =
            Fact { feature: profile.feature, level: profile.level, value: standing.mean, of_all: profile.of_all? };
        Some(telling.fact(fact))
    });
    said.collect()
}

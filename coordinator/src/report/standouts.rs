//! What sets a segment apart, in original units.

use super::facts::{Fact, Telling};
use segmenter_worker::{measure::OTHER_LEVELS, results::ProfileRow};

/// A mean that is less than this many population standard deviations off is no difference worth a word.
pub(super) const WORTH_A_WORD: f64 = 0.25;
/// More than three make a line that nobody reads.
const MOST: usize = 3;

/// Scores of RFM say where somebody is among all in a number that is told too.
const SCORES: [&str; 3] = ["r_score", "f_score", "m_score"];

/// Says whether a feature is a score of RFM.
pub(crate) fn is_score(feature: &str) -> bool {
    SCORES.contains(&feature)
}

/// Says, of one segment's profile, what lies furthest from the population, like `last bought 12.2 days ago (all: 92)`; the furthest first,
/// none where all are close. A feature that fewer than `min_cell` customers have is none of them, nor is a level that fewer of them have.
pub(super) fn standouts<'a>(
    telling: Telling<'_>,
    profile: impl Iterator<Item = &'a ProfileRow>,
    min_cell: u64,
) -> Vec<String> {
    let mut rows: Vec<(&ProfileRow, f64)> = profile
        .filter(|row| !is_implied(row) && !is_score(&row.feature) && is_told(row, min_cell))
        .filter_map(|row| row.z_score.map(|z| (row, z.abs())))
        .filter(|(_, distance)| *distance >= WORTH_A_WORD)
        .collect();
    rows.sort_by(|(a, distance_a), (b, distance_b)| {
        distance_b.total_cmp(distance_a).then_with(|| (&a.feature, &a.level).cmp(&(&b.feature, &b.level)))
    });
    let mut told: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    for (row, _) in rows {
        if texts.len() == MOST {
            break;
        }
        if !told.contains(&row.feature.as_str()) {
            told.push(&row.feature);
            texts.extend(text(telling, row));
        }
    }
    texts
}

/// What is not false is true, and "other levels" tell nothing.
fn is_implied(row: &ProfileRow) -> bool {
    matches!(row.level.as_deref(), Some("false" | OTHER_LEVELS))
}

/// What a text feature holds is told where enough customers hold it, or nobody does.
fn is_told(row: &ProfileRow, min_cell: u64) -> bool {
    let known = row.n.unsigned_abs();
    let having = match (&row.level, row.mean) {
        (Some(_), Some(share)) => (share * known as f64).round() as u64,
        _ => known,
    };
    known >= min_cell && (having == 0 || having >= min_cell)
}

fn text(telling: Telling<'_>, row: &ProfileRow) -> Option<String> {
    let (value, of_all) = (row.mean?, row.population_mean?);
    Some(telling.fact(Fact { feature: &row.feature, level: row.level.as_deref(), value, of_all }))
}

//! What sets a segment apart, in original units.

use super::numbers::{number, percentage};
use segmenter_worker::{measure::OTHER_LEVELS, results::ProfileRow};

/// A mean that is less than this many population standard deviations off is no difference worth a word.
pub(super) const WORTH_A_WORD: f64 = 0.25;
/// More than three make a line that nobody reads.
const MOST: usize = 3;

/// Gives the features, of one segment's profile, that lie furthest from the population, like
/// `monetary 8,120 (avg 1,930)` or `city: a value 62.0 % (avg 18.1 %)`; the furthest first, none where all are close. A feature that
/// fewer than `min_cell` customers have is none of them.
pub(super) fn standouts<'a>(profile: impl Iterator<Item = &'a ProfileRow>, min_cell: u64) -> Vec<String> {
    let mut rows: Vec<(&ProfileRow, f64)> = profile
        .filter(|row| !is_implied(row) && row.n.unsigned_abs() >= min_cell)
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
            texts.extend(text(row));
        }
    }
    texts
}

/// What is not false is true, and "other levels" tell nothing.
fn is_implied(row: &ProfileRow) -> bool {
    matches!(row.level.as_deref(), Some("false" | OTHER_LEVELS))
}

fn text(row: &ProfileRow) -> Option<String> {
    let (mean, average) = (row.mean?, row.population_mean?);
    Some(match &row.level {
        None => format!("{} {} (avg {})", row.feature, number(mean), number(average)),
        Some(level) => {
            // What a text feature holds may be a person's, and this is read wherever stderr goes; profiles.parquet tells it.
            let level = if level == "true" { "" } else { ": a value" };
            format!("{}{level} {} (avg {})", row.feature, percentage(mean), percentage(average))
        }
    })
}

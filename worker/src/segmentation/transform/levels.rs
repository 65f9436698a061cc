//! The levels of categories: counted by the shards in two rounds, decided by the coordinator.
//!
//! A level is kept if at least 1 % of all customers have it and no more than 13 are more frequent. Such a level has 1 % in one
//! shard at least, so the first round asks each shard for its own (at most 100), and the second for exact counts of all that
//! were named: columns of any number of values are counted with little memory, and no figure depends on the shards.

use segmenter_proto::{
    Error, Result,
    models::{CategoryFeature, GRID, LevelShare, MISSING_LEVEL, MOST_UNITS, OTHER_LEVEL},
    v1,
};

use super::level_counts::RAREST;

/// Levels kept at most: with `(other)` and `(missing)` as many as a category can have.
const MOST_KEPT: usize = 14;

/// A category with its weight in the distance.
#[derive(Debug, Clone)]
pub(super) struct CategoryRequest {
    pub name: String,
    /// 0 to 1.
    pub weight: f64,
}

/// Decides the levels of all categories of a segmentation in two rounds.
#[derive(Debug)]
pub(super) struct LevelSolver {
    requests: Vec<CategoryRequest>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Frequent,
    Counted(Vec<v1::LevelNames>),
    Done(Vec<CategoryFeature>),
}

impl LevelSolver {
    pub(super) fn new(requests: Vec<CategoryRequest>) -> Self {
        let phase = if requests.is_empty() { Phase::Done(vec![]) } else { Phase::Frequent };
        Self { requests, phase }
    }

    /// Gives the next request to all shards, or `None` when all is decided.
    pub(super) fn next_request(&self) -> Option<v1::LevelsRequest> {
        match &self.phase {
            Phase::Frequent => Some(v1::LevelsRequest::default()),
            Phase::Counted(names) => Some(v1::LevelsRequest { counted: names.clone() }),
            Phase::Done(_) => None,
        }
    }

    /// Takes the merged answers of all shards to the last [`Self::next_request`].
    pub(super) fn absorb(&mut self, answer: &v1::LevelsAnswer) -> Result<()> {
        if answer.columns.len() != self.requests.len() {
            return Err(Error::bug("levels of another number of columns than there are categories"));
        }
        self.phase = match &self.phase {
            Phase::Frequent => {
                let names = |column: &v1::ColumnLevels| v1::LevelNames { names: column.names.clone() };
                Phase::Counted(answer.columns.iter().map(names).collect())
            }
            Phase::Counted(names) => {
                let columns = self.requests.iter().zip(names).zip(&answer.columns);
                Phase::Done(columns.map(|((request, names), counted)| decide(request, &names.names, counted)).collect())
            }
            Phase::Done(_) => return Err(Error::bug("levels came after all were decided")),
        };
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<CategoryFeature>> {
        match self.phase {
            Phase::Done(categories) => Ok(categories),
            _ => Err(Error::bug("levels were asked for before the last round")),
        }
    }
}

/// Decides levels and units from exact counts.
fn decide(request: &CategoryRequest, names: &[String], counted: &v1::ColumnLevels) -> CategoryFeature {
    let v1::ColumnLevels { rows, nulls, counts, .. } = counted;
    let mut kept: Vec<(&str, u64)> = names.iter().map(String::as_str).zip(counts.iter().copied()).collect();
    kept.retain(|(_, count)| *count > 0 && count * RAREST >= *rows);
    kept.sort_unstable_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    kept.truncate(MOST_KEPT);
    let own = kept.len();
    let others = rows.saturating_sub(*nulls + kept.iter().map(|(_, count)| count).sum::<u64>());
    kept.push((OTHER_LEVEL, others));
    if *nulls > 0 {
        kept.push((MISSING_LEVEL, *nulls));
    }
    let share = |count: u64| if *rows == 0 { 0.0 } else { count as f64 / *rows as f64 };
    let mut reasons = vec![format!(
        "levels: {own} of their own (at least 1 % of the customers, {MOST_KEPT} at most), {OTHER_LEVEL} holds {}, null is {}",
        percent(share(others)),
        percent(share(*nulls)),
    )];
    let units = units(request.weight, *rows, kept.iter().map(|(_, count)| *count), &mut reasons);
    CategoryFeature {
        name: request.name.clone(),
        levels: kept
            .into_iter()
            .map(|(name, count)| LevelShare { name: name.to_owned(), share: share(count) })
            .collect(),
        units,
        weight: request.weight,
        nulls: *nulls,
        reasons,
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// A dimension a level, 1 for the own one and 0 else, has a total variance of 1 − Σ share². Divided by its root, the column has
/// that of a z-scored number.
fn units(weight: f64, rows: u64, counts: impl Iterator<Item = u64>, reasons: &mut Vec<String>) -> i32 {
    let square = |count: u64| u128::from(count) * u128::from(count);
    let different = square(rows) - counts.map(square).sum::<u128>().min(square(rows));
    if different == 0 {
        reasons.push("constant: every customer has the same level, so it separates nobody".to_owned());
        return 0;
    }
    let variance = different as f64 / square(rows) as f64;
    units_of(weight, variance, "1 - sum of squared shares", reasons)
}

/// Gives weight / √variance on the grid, 8 at most, and says so.
pub(super) fn units_of(weight: f64, variance: f64, formula: &str, reasons: &mut Vec<String>) -> i32 {
    let most = f64::from(MOST_UNITS) / GRID;
    let scaled = weight / variance.sqrt();
    reasons.push(if scaled > most {
        format!(
            "scale {most}: weight {weight} / sqrt({formula}) is {scaled:.3}, and {most} is the most, so it weighs less"
        )
    } else {
        format!("scale {scaled:.6}: weight {weight} / sqrt({formula})")
    });
    (scaled.min(most) * GRID).round() as i32
}

#[cfg(test)]
mod tests {
    use super::{
        super::level_counts::{count_levels, merge_levels},
        *,
    };
    use arrow::array::StringArray;

    /// Drives both rounds over this many shards.
    fn solve(values: &[Option<String>], weight: f64, shards: usize) -> CategoryFeature {
        let mut solver = LevelSolver::new(vec![CategoryRequest { name: "city".to_owned(), weight }]);
        while let Some(request) = solver.next_request() {
            let mut total: Option<v1::LevelsAnswer> = None;
            for shard in (0..shards).rev() {
                let part: StringArray = values.iter().skip(shard).step_by(shards).map(Option::as_deref).collect();
                let answer = count_levels(&request, &[&part]).unwrap();
                match &mut total {
                    None => total = Some(answer),
                    Some(total) => merge_levels(total, &answer).unwrap(),
                }
            }
            solver.absorb(&total.unwrap()).unwrap();
        }
        solver.finish().unwrap().remove(0)
    }

    fn repeated(levels: &[(&str, usize)]) -> Vec<Option<String>> {
        let value = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        levels.iter().flat_map(|(name, count)| vec![value(name); *count]).collect()
    }

    fn shares(feature: &CategoryFeature) -> Vec<(&str, f64)> {
        feature.levels.iter().map(|level| (level.name.as_str(), level.share)).collect()
    }

    #[test]
    fn rare_levels_are_pooled_and_null_is_a_level() {
        let values =
            repeated(&[("b", 300), ("a", 300), ("c", 10), ("d", 9), ("(other)", 40), ("", 331), ("(missing)", 10)]);
        assert_eq!(values.len(), 1000);
        let feature = solve(&values, 1.0, 1);
        let expected = [("a", 0.3), ("b", 0.3), ("c", 0.01), ("(other)", 0.049), ("(missing)", 0.341)];
        assert_eq!(shares(&feature), expected);
        assert_eq!(feature.nulls, 341);
        let known = repeated(&[("a", 1), ("b", 1)]);
        assert_eq!(shares(&solve(&known, 1.0, 2)), [("a", 0.5), ("b", 0.5), ("(other)", 0.0)]);
    }

    #[test]
    fn the_fourteen_most_frequent_stay_and_ties_go_by_name() {
        let names: Vec<String> = (0..20).map(|level| format!("level {level:02}")).collect();
        let mut levels: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 5)).collect();
        levels[19].1 = 6;
        levels.push(("", 3));
        let feature = solve(&repeated(&levels), 1.0, 3);
        let mut expected = vec!["level 19"];
        expected.extend(names[..13].iter().map(String::as_str));
        expected.extend([OTHER_LEVEL, MISSING_LEVEL]);
        assert_eq!(shares(&feature).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), expected);
        assert_eq!(feature.levels.len(), crate::segmentation::kmeans::MOST_LEVELS);
    }

    #[test]
    fn a_column_weighs_as_much_as_a_scored_number() {
        let values = repeated(&[("a", 500), ("b", 300), ("c", 200)]);
        for weight in [1.0, 0.25] {
            let feature = solve(&values, weight, 1);
            let units = f64::from(feature.units) / GRID;
            // Of a dimension that is `units` for a share p and 0 else.
            let variance: f64 = [0.5, 0.3, 0.2].iter().map(|p| units * units * p * (1.0 - p)).sum();
            assert!((variance - weight * weight).abs() < 1e-5, "{variance}");
        }
        let rare = solve(&repeated(&[("a", 9_990), ("b", 10)]), 1.0, 1);
        assert_eq!(rare.units, MOST_UNITS);
        assert!(rare.reasons.iter().any(|reason| reason.contains("is the most")), "{:?}", rare.reasons);
    }

    #[test]
    fn one_level_only_is_constant() {
        for values in [repeated(&[("a", 7)]), repeated(&[("", 7)]), vec![]] {
            let feature = solve(&values, 1.0, 1);
            assert_eq!(feature.units, 0);
            assert!(feature.reasons.iter().any(|reason| reason.starts_with("constant")));
        }
    }

    #[test]
    fn identifiers_and_long_texts_are_all_others() {
        let ids: Vec<Option<String>> = (0..5_000).map(|id| Some(format!("id {id}"))).collect();
        let feature = solve(&ids, 1.0, 7);
        assert_eq!((shares(&feature), feature.units), (vec![(OTHER_LEVEL, 1.0)], 0));
        let long = "x".repeat(129);
        assert_eq!(shares(&solve(&repeated(&[(&long, 5), ("a", 5)]), 1.0, 1)), [("a", 0.5), (OTHER_LEVEL, 0.5)]);
    }

    #[test]
    fn shards_do_not_matter() {
        // Shares around 1 %, of which some shards see less.
        let values: Vec<_> = (0..4_000_u64).map(|row| Some(format!("v{}", (row * row * 7919 % 10_007) % 97))).collect();
        let alone = solve(&values, 1.0, 1);
        assert!(alone.levels.len() > 10, "{alone:?}");
        for shards in [2, 9, 300, 4_000] {
            assert_eq!(solve(&values, 1.0, shards), alone, "{shards} shards");
        }
    }
}

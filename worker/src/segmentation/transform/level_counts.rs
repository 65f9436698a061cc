//! The shard's side of the rounds about levels.

use std::collections::BTreeSet;

use arrow::array::{Array, StringArray};
use hashbrown::HashMap;
use segmenter_proto::{
    Error, Result,
    models::{MISSING_LEVEL, OTHER_LEVEL},
    v1,
};

/// One in so many customers must have a level that is kept.
pub(super) const RAREST: u64 = 100;
/// A longer text is no level of its own, in bytes: what travels and `model.json` stay small.
const LONGEST: usize = 128;

/// Gives one shard's answer; `columns` are the categories of its customers in scope.
pub(super) fn count_levels(request: &v1::LevelsRequest, columns: &[&StringArray]) -> Result<v1::LevelsAnswer> {
    if request.counted.is_empty() {
        return Ok(v1::LevelsAnswer { columns: columns.iter().map(|column| frequent(column)).collect() });
    }
    if request.counted.len() != columns.len() {
        return Err(Error::bug(format!(
            "levels of {} columns for {} categories",
            request.counted.len(),
            columns.len()
        )));
    }
    let asked = columns.iter().zip(&request.counted);
    Ok(v1::LevelsAnswer { columns: asked.map(|(column, names)| counts(column, &names.names)).collect() })
}

/// Adds one shard's answer to what other shards answered to the same request; order does not matter.
pub(super) fn merge_levels(total: &mut v1::LevelsAnswer, answer: &v1::LevelsAnswer) -> Result<()> {
    let fit = |(total, answer): (&v1::ColumnLevels, &v1::ColumnLevels)| total.counts.len() == answer.counts.len();
    if total.columns.len() != answer.columns.len() || !total.columns.iter().zip(&answer.columns).all(fit) {
        return Err(Error::bug("answers to different requests for levels cannot be merged"));
    }
    for (total, answer) in total.columns.iter_mut().zip(&answer.columns) {
        total.rows += answer.rows;
        total.nulls += answer.nulls;
        total.counts.iter_mut().zip(&answer.counts).for_each(|(total, more)| *total += more);
        let names: BTreeSet<String> =
            std::mem::take(&mut total.names).into_iter().chain(answer.names.clone()).collect();
        total.names = names.into_iter().collect();
    }
    Ok(())
}

/// Whether a value can be a level of its own.
fn own_level(value: &str) -> bool {
    value != OTHER_LEVEL && value != MISSING_LEVEL && value.len() <= LONGEST
}

/// Every value that one in [`RAREST`] rows has, by the counters of Misra and Gries (1982): with so many counters, no value that
/// is more than one in RAREST + 1 is lost. Others may be among them.
fn candidates(column: &StringArray) -> Vec<String> {
    let mut counters: HashMap<&str, u64> = HashMap::new();
    for value in column.iter().flatten().filter(|value| own_level(value)) {
        if counters.len() < RAREST as usize || counters.contains_key(value) {
            *counters.entry(value).or_default() += 1;
            continue;
        }
        counters.retain(|_, count| {
            *count -= 1;
            *count > 0
        });
    }
    let mut names: Vec<String> = counters.into_keys().map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn frequent(column: &StringArray) -> v1::ColumnLevels {
    let names = candidates(column);
    let counted = counts(column, &names);
    let frequent = names.into_iter().zip(&counted.counts).filter(|(_, count)| **count * RAREST >= counted.rows);
    v1::ColumnLevels { names: frequent.map(|(name, _)| name).collect(), counts: vec![], ..counted }
}

fn counts(column: &StringArray, names: &[String]) -> v1::ColumnLevels {
    let positions: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let (mut counts, mut nulls) = (vec![0; names.len()], 0);
    for value in column {
        match value {
            None | Some(MISSING_LEVEL) => nulls += 1,
            Some(value) => {
                if let Some(position) = positions.get(value) {
                    counts[*position] += 1;
                }
            }
        }
    }
    v1::ColumnLevels { rows: column.len() as u64, nulls, names: vec![], counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_is_lost_among_many_values() {
        // One in a hundred, between values that come once: the counters are full all the time.
        let value = |row: usize| if row % 100 == 99 { "rare".to_owned() } else { format!("once {row}") };
        let column: StringArray = (0..10_000).map(|row| Some(value(row))).collect();
        assert_eq!(frequent(&column).names, ["rare"]);
        let even: StringArray = (0..10_000).map(|row| Some(format!("v{:02}", row % 100))).collect();
        assert_eq!(frequent(&even).names.len(), 100);
    }
}

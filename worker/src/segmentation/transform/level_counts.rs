//! The shard's side of the rounds about levels.

use std::{cmp::Reverse, collections::BTreeMap};

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

/// Adds one shard's answer to what other shards answered to the same request; whatever the order, what one in [`RAREST`] customers has is
/// kept.
pub(super) fn merge_levels(total: &mut v1::LevelsAnswer, answer: &v1::LevelsAnswer) -> Result<()> {
    let named = |column: &v1::ColumnLevels| !column.names.is_empty();
    let fit = |(total, answer): (&v1::ColumnLevels, &v1::ColumnLevels)| {
        named(total) || named(answer) || total.counts.len() == answer.counts.len()
    };
    if total.columns.len() != answer.columns.len() || !total.columns.iter().zip(&answer.columns).all(fit) {
        return Err(Error::bug("answers to different requests for levels cannot be merged"));
    }
    for (total, answer) in total.columns.iter_mut().zip(&answer.columns) {
        total.rows += answer.rows;
        total.nulls += answer.nulls;
        match named(total) || named(answer) {
            true => merge_counters(total, answer),
            false => total.counts.iter_mut().zip(&answer.counts).for_each(|(total, more)| *total += more),
        }
    }
    Ok(())
}

/// Adds counters together and keeps [`RAREST`] of them, so that an answer stays small whatever the shards: what the next largest has is taken
/// from all (Agarwal and others 2012, "Mergeable summaries"). The error stays below one in RAREST + 1 of all rows.
fn merge_counters(total: &mut v1::ColumnLevels, answer: &v1::ColumnLevels) {
    let mut counters: BTreeMap<String, u64> = BTreeMap::new();
    let own = std::mem::take(&mut total.names).into_iter().zip(std::mem::take(&mut total.counts));
    for (name, count) in own.chain(answer.names.iter().cloned().zip(answer.counts.iter().copied())) {
        *counters.entry(name).or_default() += count;
    }
    let mut counts: Vec<u64> = counters.values().copied().collect();
    counts.sort_unstable_by_key(|count| Reverse(*count));
    let next = counts.get(RAREST as usize).copied().unwrap_or_default();
    let kept = counters
        .into_iter()
        .filter_map(|(name, count)| Some((name, count.checked_sub(next).filter(|left| *left > 0)?)));
    (total.names, total.counts) = kept.unzip();
}

/// Whether a value can be a level of its own.
fn own_level(value: &str) -> bool {
    value != OTHER_LEVEL && value != MISSING_LEVEL && value.len() <= LONGEST
}

/// Every value that one in [`RAREST`] rows has, by the counters of Misra and Gries (1982): with so many counters, no value that
/// is more than one in RAREST + 1 is lost. Others may be among them.
fn frequent(column: &StringArray) -> v1::ColumnLevels {
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
    let mut counters: Vec<(String, u64)> = counters.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    counters.sort_unstable();
    let (names, counts) = counters.into_iter().unzip();
    v1::ColumnLevels { names, counts, ..self::counts(column, &[]) }
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
    use prost::Message;

    #[test]
    fn no_level_is_lost_among_many_values() {
        // One in a hundred, between values that come once: the counters are full all the time.
        let value = |row: usize| if row % 100 == 99 { "rare".to_owned() } else { format!("once {row}") };
        let column: StringArray = (0..10_000).map(|row| Some(value(row))).collect();
        let levels = frequent(&column);
        assert!(levels.names.contains(&"rare".to_owned()) && levels.names.len() <= 100);
        let even: StringArray = (0..10_000).map(|row| Some(format!("v{:02}", row % 100))).collect();
        assert_eq!(frequent(&even).names.len(), 100);
    }

    /// Thousands of shards of a few customers: in each, every value has a share of 1 %.
    #[test]
    fn an_answer_stays_small_over_thousands_of_shards_and_no_level_is_lost() {
        let value = |row: u32| match row % 25 {
            0 => "one in 25".to_owned(),
            1 if row % 100 == 1 => "one in 100".to_owned(),
            _ => format!("{row:0128}"),
        };
        let shards: Vec<v1::LevelsAnswer> = (0..3_000_u32)
            .map(|shard| {
                let column: StringArray = (0..7).map(|row| Some(value(shard * 7 + row))).collect();
                count_levels(&v1::LevelsRequest::default(), &[&column]).unwrap()
            })
            .collect();
        let merged = |shards: &mut dyn Iterator<Item = &v1::LevelsAnswer>| {
            let mut total = shards.next().unwrap().clone();
            shards.for_each(|more| merge_levels(&mut total, more).unwrap());
            total
        };
        // In one go, and by workers first.
        let by_workers: Vec<v1::LevelsAnswer> = shards.chunks(10).map(|own| merged(&mut own.iter())).collect();
        for total in [merged(&mut shards.iter()), merged(&mut shards.iter().rev()), merged(&mut by_workers.iter())] {
            let column = &total.columns[0];
            assert_eq!(column.rows, 21_000);
            for name in ["one in 25", "one in 100"] {
                assert!(column.names.contains(&name.to_owned()), "{name} is lost");
            }
            assert!(column.names.len() <= 100 && total.encoded_len() < 20_000);
        }
    }
}

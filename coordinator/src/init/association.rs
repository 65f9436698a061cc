//! How much two columns of customers have to do with each other, 0 to 1, whether they are numbers or words.

use std::collections::BTreeMap;

/// Rows that are compared.
const ROWS: usize = 2_000;
/// Intervals of equal counts that a number is cut into.
const BINS: usize = 5;
/// Values of words that are looked at; the rest is one.
const LEVELS: usize = 14;

/// The level of each row: none where the value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Levels {
    rows: Vec<Option<u8>>,
    count: usize,
}

impl Levels {
    /// Cuts numbers at their quantiles; equal values share a level.
    pub(super) fn of_numbers(values: &[Option<f64>]) -> Self {
        let values = spread(values);
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let mut cuts: Vec<f64> = (1..BINS).filter_map(|bin| sorted.get(sorted.len() * bin / BINS)).copied().collect();
        cuts.dedup();
        // A value that most have is the lowest level, and not above it.
        let level = |value: f64| cuts.iter().filter(|cut| value > **cut).count();
        let rows = values.iter().map(|value| value.map(|value| u8::try_from(level(value)).unwrap_or(u8::MAX)));
        Self { rows: rows.collect(), count: cuts.len() + 1 }
    }

    /// Takes the most frequent values as they are.
    pub(super) fn of_words(values: &[Option<&str>]) -> Self {
        let values = spread(values);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for value in values.iter().flatten() {
            *counts.entry(value).or_default() += 1;
        }
        let mut frequent: Vec<(&str, usize)> = counts.into_iter().collect();
        frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let known: BTreeMap<&str, usize> =
            frequent.iter().take(LEVELS).enumerate().map(|(level, (value, _))| (*value, level)).collect();
        let level = |value: &str| known.get(value).copied().unwrap_or(known.len());
        let rows = values.iter().map(|value| value.map(|value| u8::try_from(level(value)).unwrap_or(u8::MAX)));
        Self { rows: rows.collect(), count: known.len() + 1 }
    }

    /// Gives Cramér's V of the rows that know both, less what chance alone would give (Bergsma 2013).
    pub(super) fn association(&self, other: &Self) -> f64 {
        let (rows, columns) = (self.count, other.count);
        let mut table = vec![0.0_f64; rows * columns];
        let mut all = 0.0;
        for (row, column) in self.rows.iter().zip(&other.rows) {
            if let (Some(row), Some(column)) = (row, column)
                && let Some(cell) = table.get_mut(usize::from(*row) * columns + usize::from(*column))
            {
                *cell += 1.0;
                all += 1.0;
            }
        }
        let of_row: Vec<f64> = table.chunks(columns).map(|cells| cells.iter().sum()).collect();
        let of_column: Vec<f64> = (0..columns).map(|at| table.iter().skip(at).step_by(columns).sum()).collect();
        let filled = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count() as f64;
        let (r, c) = (filled(&of_row), filled(&of_column));
        if all < 2.0 || r < 2.0 || c < 2.0 {
            return 0.0;
        }
        let mut chi = 0.0;
        for (at, cell) in table.iter().enumerate() {
            let expected = of_row[at / columns] * of_column[at % columns] / all;
            if expected > 0.0 {
                chi += (cell - expected).powi(2) / expected;
            }
        }
        let by_chance = (r - 1.0) * (c - 1.0) / (all - 1.0);
        let phi = (chi / all - by_chance).max(0.0);
        let less = |count: f64| count - (count - 1.0).powi(2) / (all - 1.0);
        (phi / (less(r).min(less(c)) - 1.0).max(1e-9)).sqrt().min(1.0)
    }
}

/// Some of the rows, from all of the table.
fn spread<T: Copy>(values: &[T]) -> Vec<T> {
    let step = values.len().div_ceil(ROWS).max(1);
    values.iter().copied().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_together_is_told_from_what_does_not() {
        let numbers: Vec<Option<f64>> = (0..500).map(|row| Some(f64::from(row))).collect();
        let falling: Vec<Option<f64>> = (0..500).map(|row| Some(f64::from(-row))).collect();
        let other: Vec<Option<f64>> = (0..500).map(|row| Some(f64::from(row * 7_919 % 500))).collect();
        let words: Vec<Option<&str>> = (0..500).map(|row| (row % 9 > 0).then_some(["a", "b"][row / 250])).collect();
        let [numbers, falling, other] = [numbers, falling, other].map(|values| Levels::of_numbers(&values));
        let words = Levels::of_words(&words);
        assert!(numbers.association(&falling) > 0.95);
        assert!(numbers.association(&other) < 0.15, "{}", numbers.association(&other));
        assert!(words.association(&numbers) > 0.8 && words.association(&other) < 0.15);
        assert_eq!(Levels::of_words(&[Some("x"), Some("x")]).association(&words), 0.0);
    }
}

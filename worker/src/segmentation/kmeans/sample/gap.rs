//! The gap statistic (Tibshirani, Walther and Hastie 2001): how much better the data divide than data without groups.

use rayon::prelude::*;
use segmenter_proto::{Result, draw, pure_math::ln};
use serde::{Deserialize, Serialize};

use crate::segmentation::kmeans::{
    rounds::seeding::start::scaled_draw,
    rows::matrix::Matrix,
    sample::part::{PART_ROWS, Part, rows_of},
};

/// Reference data sets.
const REFERENCES: u32 = 10;

/// The gap of one number of clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// The number of clusters.
    pub k: u32,
    /// Mean of ln W over the reference data sets − ln W of the data, with the inertia W.
    pub gap: f64,
    /// Its standard error: the standard deviation of ln W over the reference data sets times √(1 + 1/10).
    pub error: f64,
    /// Rows that were clustered.
    pub rows: u64,
}

/// Computes the gap for every number of `counts`, in its order, on the first rows of the sample; `ids` are its customers.
///
/// A reference data set has as many rows, drawn column by column: numbers evenly between the smallest and the largest
/// value, levels by their shares. On skewed or correlated columns such a box is mostly empty, so that the data look grouped
/// beside it: a preference for one cluster is strong evidence there, one for more is weak.
pub(in crate::segmentation) fn gaps(
    sample: &Matrix,
    ids: &[&str],
    counts: &[u32],
    seed: u64,
    segmentation: &str,
) -> Result<Vec<Gap>> {
    let most = counts.iter().max().copied().unwrap_or(0) as usize;
    let rows = sample.rows().min(PART_ROWS);
    let part = rows_of(sample, 0..rows);
    let purpose = format!("gap/{segmentation}");
    let parts: Vec<Part> = (0..=REFERENCES)
        .into_par_iter()
        .map(|number| {
            let purpose = format!("{purpose}/{number}");
            // The first is the data.
            let matrix = if number == 0 { part.clone() } else { without_groups(&part, &ids[..rows], seed, &purpose) };
            Part::new(matrix, most, seed, &purpose)
        })
        .collect();
    let runs: Vec<(u32, &Part)> = counts.iter().flat_map(|k| parts.iter().map(|part| (*k, part))).collect();
    let logs: Vec<f64> = runs
        .into_par_iter()
        .map(|(k, part)| Ok(part.clustered(k as usize)?.map_or(0.0, |(inertia, _)| ln(inertia.max(1) as f64))))
        .collect::<Result<_>>()?;
    let gap = |(k, logs): (&u32, &[f64])| {
        let (own, references) = (logs[0], &logs[1..]);
        let count = f64::from(REFERENCES);
        let mean = references.iter().sum::<f64>() / count;
        let variance = references.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / count;
        Gap { k: *k, gap: mean - own, error: (variance * (1.0 + 1.0 / count)).sqrt(), rows: rows as u64 }
    };
    Ok(counts.iter().zip(logs.chunks_exact(parts.len())).map(gap).collect())
}

/// Draws a data set of the same columns and ranges, whose columns know nothing of each other.
fn without_groups(part: &Matrix, ids: &[&str], seed: u64, purpose: &str) -> Matrix {
    let layout = part.layout();
    let mut drawn = Matrix::zeros(part.rows(), layout.clone());
    let cells: Vec<Vec<i32>> = (0..part.rows()).map(|row| part.cells(row)).collect();
    for column in 0..layout.columns() {
        let purpose = format!("{purpose}/column/{column}");
        let values = cells.iter().map(|cells| cells[column]);
        let (lowest, highest) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
        let width = u128::from(highest.abs_diff(lowest)) + 1;
        for (row, id) in ids.iter().enumerate() {
            let chance = draw(seed, &purpose, id);
            let cell = match column < layout.numbers() {
                // Below the width, which is below 2²⁵.
                true => lowest + scaled_draw(chance, width) as i32,
                // The level of any row: levels come by their shares.
                false => cells[scaled_draw(chance, cells.len() as u128) as usize][column],
            };
            drawn.set(row, column, cell);
        }
    }
    drawn
}

/// Gives the smallest number of clusters whose gap lies within one standard error of the largest gap; `None` of no gaps.
///
/// The paper compares each number with the next one only and stops at the first that is not worse, which takes several groups in a
/// regular arrangement for one: dividing those into two gains nothing over a box. To look at all numbers is the rule of Dudoit and
/// Fridlyand (2002).
pub(in crate::segmentation::kmeans) fn number_by_gap(gaps: &[Gap]) -> Option<u32> {
    let best = largest(gaps)?;
    gaps.iter().find(|gap| gap.gap >= best.gap - best.error).map(|gap| gap.k)
}

/// Says with figures that the gap prefers one cluster to every number that was tried, the `chosen` one named, or the largest where
/// that has no gap; `None` where it does not, or nothing but one was tried.
pub(in crate::segmentation) fn one_is_enough(gaps: &[Gap], chosen: u32) -> Option<String> {
    let one = gaps.iter().find(|gap| gap.k == 1)?;
    let others: Vec<Gap> = gaps.iter().filter(|gap| gap.k > 1).copied().collect();
    let other = others.iter().find(|gap| gap.k == chosen).or(largest(&others))?;
    (number_by_gap(gaps) == Some(1)).then(|| {
        format!(
            "the gap statistic prefers one cluster (gap {:.3}) to {} (gap {:.3}, standard error {:.3})",
            one.gap, other.k, other.gap, other.error
        )
    })
}

/// The first of the largest gaps.
fn largest(gaps: &[Gap]) -> Option<&Gap> {
    gaps.iter().reduce(|best, gap| if gap.gap > best.gap { gap } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::rows::layout::{Category, Layout};

    fn of(gaps: &[(u32, f64, f64)]) -> Vec<Gap> {
        gaps.iter().map(|(k, gap, error)| Gap { k: *k, gap: *gap, error: *error, rows: 9 }).collect()
    }

    #[test]
    fn the_rules_go_by_gap_and_standard_error() {
        let rising = of(&[(1, 0.1, 0.0), (2, 0.3, 0.05), (3, 0.6, 0.05), (4, 0.62, 0.05)]);
        assert_eq!((number_by_gap(&rising), one_is_enough(&rising, 4)), (Some(3), None));
        let falling = of(&[(1, 0.5, 0.0), (2, 0.52, 0.05), (3, 0.4, 0.05)]);
        assert_eq!(number_by_gap(&falling), Some(1));
        // The number that was chosen is the one that it speaks of.
        for (chosen, said) in [(2, "to 2 (gap 0.520"), (3, "to 3 (gap 0.400"), (7, "to 2 (gap 0.520")] {
            let why = one_is_enough(&falling, chosen).unwrap();
            assert!(why.contains(&format!("prefers one cluster (gap 0.500) {said}")), "{why}");
        }
        // A gap that falls before it rises.
        let late = of(&[(1, 0.5, 0.0), (2, 0.4, 0.05), (3, 0.9, 0.05)]);
        assert_eq!((number_by_gap(&late), one_is_enough(&late, 2)), (Some(3), None));
        assert_eq!((number_by_gap(&of(&[(1, 0.5, 0.0)])), one_is_enough(&of(&[(1, 0.5, 0.0)]), 1)), (Some(1), None));
        assert_eq!((number_by_gap(&[]), one_is_enough(&[], 1)), (None, None));
    }

    #[test]
    fn a_reference_has_the_ranges_and_shares_of_the_data_and_nothing_else() {
        let layout = Layout::new(2, vec![Category { levels: 3, units: 5 }]).unwrap();
        let rows: Vec<Vec<i32>> = (0..900).map(|i| vec![if i < 450 { -1000 } else { 3000 }, 7, i % 9 / 8]).collect();
        let ids: Vec<String> = (0..900).map(|i| i.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let matrix = Matrix::from_rows(layout, rows.iter().map(Vec::as_slice));
        let drawn = without_groups(&matrix, &ids, 3, "gap");
        let column = |column: usize| (0..900).map(|row| drawn.cells(row)[column]).collect::<Vec<_>>();
        assert!(column(0).iter().all(|x| (-1000..=3000).contains(x)) && column(1).iter().all(|x| *x == 7));
        let quarter = column(0).iter().filter(|x| **x < 0).count();
        assert!((180..270).contains(&quarter), "{quarter} of 900 in the lowest quarter");
        let second = column(2).iter().filter(|level| **level == 1).count();
        assert!(
            column(2).iter().all(|level| *level < 2) && (70..135).contains(&second),
            "{second} of 900, expected 100"
        );
        let other = without_groups(&matrix, &ids, 4, "gap");
        assert_ne!(column(0), (0..900).map(|row| other.cells(row)[0]).collect::<Vec<_>>());
    }
}

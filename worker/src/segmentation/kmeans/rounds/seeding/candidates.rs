//! The rows of a round that are first in line to become candidates.

use std::{cmp::Ordering, collections::BinaryHeap};

use segmenter_proto::{Error, Result, v1};

use crate::segmentation::kmeans::rounds::seeding::start::scaled_draw;

/// A row by its place in the line: by rising draw / d², so that a row twice as far in square is twice as likely to be among
/// the first; ties by customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InLine(pub v1::CandidateRow);

impl Ord for InLine {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_place = before((self.0.draw, self.0.squared_distance), (other.0.draw, other.0.squared_distance));
        by_place.then_with(|| self.0.customer_id.cmp(&other.0.customer_id))
    }
}

impl PartialOrd for InLine {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares draw / d² of two rows, exactly.
fn before(left: (u64, u64), right: (u64, u64)) -> Ordering {
    (u128::from(left.0) * u128::from(right.1)).cmp(&(u128::from(right.0) * u128::from(left.1)))
}

/// Keeps the first rows in line.
#[derive(Debug)]
pub(super) struct Line {
    size: usize,
    /// The last in line on top.
    rows: BinaryHeap<InLine>,
}

impl Line {
    pub(super) fn new(size: usize) -> Self {
        Self { size, rows: BinaryHeap::new() }
    }

    /// Says whether a row may be among the first; rows on a candidate never are.
    pub(super) fn takes(&self, draw: u64, squared_distance: u64) -> bool {
        let last = || self.rows.peek().map(|last| (last.0.draw, last.0.squared_distance));
        let free = self.rows.len() < self.size;
        squared_distance > 0
            && (free || last().is_some_and(|last| before((draw, squared_distance), last) != Ordering::Greater))
    }

    pub(super) fn push(&mut self, row: v1::CandidateRow) {
        self.rows.push(InLine(row));
        if self.rows.len() > self.size {
            self.rows.pop();
        }
    }

    pub(super) fn into_rows(self) -> Vec<v1::CandidateRow> {
        self.rows.into_sorted_vec().into_iter().map(|row| row.0).collect()
    }
}

/// Says whether a row becomes a candidate: with probability min(1, `expected` · d² / `cost`), by its draw of 2⁻⁶⁴, exactly.
///
/// draw · cost < expected · d² · 2⁶⁴, and what is right of it is whole in units of 2⁶⁴.
pub(super) fn is_drawn(row: &v1::CandidateRow, expected: u64, cost: u128) -> bool {
    scaled_draw(row.draw, cost) < u128::from(expected) * u128::from(row.squared_distance)
}

/// Adds one shard's answer to that of others to the same request, and leaves the first `size` in line.
pub(in crate::segmentation::kmeans) fn merge_oversamples(
    total: &mut v1::Oversample,
    more: v1::Oversample,
    size: usize,
) -> Result<()> {
    if total.counts.len() != more.counts.len() {
        return Err(Error::bug("answers about other candidates cannot be merged"));
    }
    let cost = |of: &v1::Oversample| of.cost.map_or(0, i128::from);
    total.cost = Some((cost(total) + cost(&more)).into());
    total.counts.iter_mut().zip(more.counts).for_each(|(total, more)| *total += more);
    let mut rows: Vec<InLine> = total.rows.drain(..).chain(more.rows).map(InLine).collect();
    rows.sort();
    rows.truncate(size);
    total.rows = rows.into_iter().map(|row| row.0).collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(draw: u64, squared_distance: u64, id: &str) -> v1::CandidateRow {
        v1::CandidateRow { draw, squared_distance, customer_id: id.into(), units: vec![] }
    }

    #[test]
    fn the_line_goes_by_draw_over_squared_distance_and_then_by_customer() {
        let rows =
            [row(u64::MAX, u64::MAX, "b"), row(7, 7, "a"), row(1, 9, "c"), row(u64::MAX, 1, "d"), row(0, 1, "e")];
        let mut line = Line::new(4);
        for row in rows.iter().rev().cloned() {
            if line.takes(row.draw, row.squared_distance) {
                line.push(row);
            }
        }
        let ids: Vec<_> = line.into_rows().into_iter().map(|row| row.customer_id).collect();
        assert_eq!(ids, ["e", "c", "a", "b"]);
        assert!(!Line::new(4).takes(0, 0));
    }

    #[test]
    fn a_row_is_drawn_with_the_probability_of_the_paper() {
        // expected · d² / cost = 2 · 25 / 100: one half.
        assert!(is_drawn(&row(u64::MAX / 2, 25, ""), 2, 100) && !is_drawn(&row(u64::MAX / 2 + 1, 25, ""), 2, 100));
        // At least 1: always.
        assert!(is_drawn(&row(u64::MAX, 50, ""), 2, 100) && !is_drawn(&row(0, 0, ""), 2, 100));
        let (most, cost) = (u64::MAX >> 1, u128::from(u64::MAX >> 1) << 30);
        assert!(is_drawn(&row(1 << 33, most, ""), 1, cost) == (1u64 << 33 < 1 << 34));
        assert!(!is_drawn(&row(1 << 34, most, ""), 1, cost));
    }

    #[test]
    fn answers_add_up_in_any_order() {
        let of = |cost: i128, counts: [u64; 2], rows: Vec<v1::CandidateRow>| v1::Oversample {
            cost: Some(cost.into()),
            counts: counts.to_vec(),
            rows,
        };
        let parts = [
            of(5, [1, 2], vec![row(1, 9, "c"), row(9, 9, "b")]),
            of(i128::from(u64::MAX), [3, 4], vec![row(0, 1, "a")]),
        ];
        let merged = |first: usize| {
            let mut total = parts[first].clone();
            merge_oversamples(&mut total, parts[1 - first].clone(), 2).unwrap();
            total
        };
        assert_eq!(merged(0), merged(1));
        assert_eq!((merged(0).counts, i128::from(merged(0).cost.unwrap())), (vec![4, 6], i128::from(u64::MAX) + 5));
        assert_eq!(merged(0).rows.iter().map(|row| row.customer_id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert!(merge_oversamples(&mut v1::Oversample::default(), parts[0].clone(), 2).is_err());
    }
}

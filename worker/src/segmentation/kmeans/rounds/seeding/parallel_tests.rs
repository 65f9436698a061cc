use arrow::array::StringArray;
use segmenter_proto::{Rounds as _, draw};

use super::*;
use crate::segmentation::kmeans::{KmeansShard, Layout, Matrix, merge_kmeans_answers};

/// Rows by customer: nine groups far apart, of very different sizes.
fn rows() -> Vec<(String, Vec<i32>)> {
    let sizes = [400, 300, 200, 100, 50, 20, 10, 5, 3];
    let groups = sizes.iter().enumerate().flat_map(|(group, size)| std::iter::repeat_n(group as i32, *size));
    let place = |(row, group): (usize, i32)| {
        let id = format!("{row:05}");
        let near = |axis: &str| (draw(5, axis, &id) % 40_000) as i32;
        (id.clone(), vec![((group % 3) << 20) + near("x"), ((group / 3) << 20) + near("y")])
    };
    groups.enumerate().map(place).collect()
}

/// Drives a seeding over shards that each hold every n-th row; `forget`: every request meets new shards.
fn seeded(rows: &[(String, Vec<i32>)], k: usize, shards: usize, forget: bool) -> (Option<Centroids>, usize) {
    let shard = |number: usize| {
        let of: Vec<_> = rows.iter().skip(number).step_by(shards).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(2), of.iter().map(|(_, cells)| cells.as_slice()));
        KmeansShard::new(matrix, StringArray::from_iter_values(of.iter().map(|(id, _)| id))).unwrap()
    };
    let mut parts: Vec<_> = (0..shards).map(shard).collect();
    let mut seeding = ParallelSeeding::new(k, 3, "s", rows[0].1.clone(), 10).unwrap();
    while let Some(request) = seeding.next_request() {
        if forget {
            parts = (0..shards).map(shard).collect();
        }
        let answers = parts.iter_mut().rev().map(|part| part.answer(&request, 1).unwrap());
        let total = answers.reduce(|mut total, answer| {
            merge_kmeans_answers(&request, &mut total, answer).unwrap();
            total
        });
        seeding.absorb(total.unwrap()).unwrap();
    }
    let candidates = seeding.candidates.len();
    assert_eq!(seeding.weights.as_ref().unwrap().iter().sum::<u64>(), rows.len() as u64);
    (seeding.finish().unwrap(), candidates)
}

#[test]
fn small_groups_far_away_are_met_too() {
    let rows = rows();
    let (start, candidates) = seeded(&rows, 9, 3, false);
    let mut groups: Vec<(i32, i32)> = start.unwrap().iter().map(|c| (c[0] >> 20, c[1] >> 20)).collect();
    groups.sort_unstable();
    assert_eq!(groups, (0..9).map(|group| (group / 3, group % 3)).collect::<Vec<_>>());
    // Five rounds of about 18.
    assert!((40..140).contains(&candidates), "{candidates} candidates");
}

#[test]
fn shards_and_what_they_remember_do_not_matter() {
    let rows = rows();
    let expected = seeded(&rows, 5, 1, false);
    assert_eq!(seeded(&rows, 5, 4, false), expected);
    assert_eq!(seeded(&rows, 5, 7, true), expected);
}

#[test]
fn too_few_different_rows_give_no_start() {
    let rows: Vec<_> = (0..50).map(|row| (format!("{row:05}"), vec![row % 3, 0])).collect();
    assert_eq!(seeded(&rows, 4, 2, false).0, None);
    assert_eq!(seeded(&rows, 3, 2, false).0.map(|start| start.count()), Some(3));
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let mut seeding = ParallelSeeding::new(2, 1, "s", vec![0], 1).unwrap();
    assert!(seeding.absorb(v1::KmeansAnswer::default()).is_err());
    assert!(seeding.finish().is_err());
}

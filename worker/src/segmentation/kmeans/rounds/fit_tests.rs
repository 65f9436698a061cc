use arrow::array::StringArray;
use proptest::prelude::*;
use segmenter_proto::{
    Rounds as _,
    methods::KmeansModel,
    models::{FeatureModel, FeatureTransform, GRID, MOST_UNITS, Value},
};

use super::*;
use crate::segmentation::kmeans::{
    kernel::Spread,
    rounds::{
        assign::assign_rows,
        round::merge_kmeans_answers,
        shard::{KmeansShard, Labeller},
    },
    rows::{layout::Layout, matrix::Matrix},
};

fn ids(rows: usize) -> Vec<String> {
    (0..rows).map(|row| format!("id{row:05}")).collect()
}

/// Drives a fit over shards that each hold every n-th row, answers merged from last to first.
fn fit(rows: &[Vec<i32>], start: &Centroids, cap: u32, shards: usize) -> (KmeansResult, u32) {
    let ids = ids(rows.len());
    let mut parts: Vec<_> = (0..shards)
        .map(|shard| {
            let of_shard: Vec<&[i32]> = rows.iter().skip(shard).step_by(shards).map(Vec::as_slice).collect();
            let matrix = Matrix::from_rows(Layout::of_numbers(start.dimensions()), of_shard.into_iter());
            let ids = StringArray::from_iter_values(ids.iter().skip(shard).step_by(shards));
            KmeansShard::new(matrix, ids).unwrap()
        })
        .collect();
    let mut fit = KmeansFit::new(start.clone(), cap);
    let mut fills = 0;
    while let Some(request) = fit.next_request() {
        fills += u32::from(request.step() == v1::KmeansStep::Farthest);
        let mut total: Option<v1::KmeansAnswer> = None;
        for shard in parts.iter_mut().rev() {
            let answer = shard.answer(&request, 1).unwrap();
            match &mut total {
                None => total = Some(answer),
                Some(total) => merge_kmeans_answers(&request, total, answer).unwrap(),
            }
        }
        fit.absorb(total.unwrap()).unwrap();
    }
    (fit.finish().unwrap(), fills)
}

/// Lloyd as the textbook says, in 128-bit integers, without anything of the code under test.
fn brute_force(rows: &[Vec<i32>], start: &Centroids, cap: u32) -> (Vec<Vec<i32>>, Vec<usize>, u128, u32) {
    let mut centroids: Vec<Vec<i32>> = start.iter().map(<[i32]>::to_vec).collect();
    let mut last: Option<(Vec<Vec<i32>>, Vec<usize>, u128)> = None;
    for iteration in 1.. {
        let distance =
            |x: &[i32], c: &[i32]| x.iter().zip(c).map(|(x, c)| (i128::from(*x) - i128::from(*c)).pow(2)).sum::<i128>();
        let nearest = |x: &Vec<i32>| (0..centroids.len()).map(|c| (distance(x, &centroids[c]), c)).min().unwrap();
        let found: Vec<_> = rows.iter().map(nearest).collect();
        let inertia = found.iter().map(|(distance, _)| *distance as u128).sum();
        let labels: Vec<_> = found.iter().map(|(_, c)| *c).collect();
        if let Some((centroids, labels, known)) = last.take().filter(|(_, _, known)| inertia >= *known) {
            return (centroids, labels, known, iteration);
        }
        let mut means = centroids.clone();
        let mut empty = vec![];
        for (cluster, mean) in means.iter_mut().enumerate() {
            let members: Vec<_> = (0..rows.len()).filter(|row| labels[*row] == cluster).collect();
            if members.is_empty() {
                empty.push(cluster);
                continue;
            }
            for (dimension, mean) in mean.iter_mut().enumerate() {
                let sum: i64 = members.iter().map(|row| i64::from(rows[*row][dimension])).sum();
                *mean = (sum as f64 / members.len() as f64).round() as i32;
            }
        }
        if !empty.is_empty() && iteration < cap {
            let kept: Vec<_> = (0..means.len()).filter(|c| !empty.contains(c)).collect();
            let far = |row: usize| kept.iter().map(|c| distance(&rows[row], &means[*c])).min().unwrap();
            let mut order: Vec<_> = (0..rows.len()).map(|row| (-far(row), row)).filter(|(far, _)| *far < 0).collect();
            order.sort_unstable();
            let mut places: Vec<&Vec<i32>> = vec![];
            for (_, row) in order {
                if !places.contains(&&rows[row]) {
                    places.push(&rows[row]);
                }
            }
            for (cluster, place) in empty.iter().zip(places) {
                means[*cluster] = place.clone();
            }
        }
        if means == centroids || iteration >= cap {
            return (centroids, labels, inertia, iteration);
        }
        last = Some((centroids, labels, inertia));
        centroids = means;
    }
    unreachable!()
}

/// Rows and a start of the same dimensions: near each other with many ties, over the whole grid, or at its ends.
fn case() -> impl Strategy<Value = (Vec<Vec<i32>>, Centroids)> {
    let unit = prop_oneof![-3..=3i32, -MOST_UNITS..=MOST_UNITS, Just(MOST_UNITS), Just(-MOST_UNITS)];
    (prop_oneof![1usize..5, 30usize..35], 1usize..6).prop_flat_map(move |(dimensions, k)| {
        let row = prop::collection::vec(unit.clone(), dimensions);
        (prop::collection::vec(row, 1..60), prop::collection::vec(unit.clone(), k * dimensions))
            .prop_map(move |(rows, start)| (rows, Centroids::new(dimensions, start).unwrap()))
    })
}

fn model_of(result: &KmeansResult, dimensions: usize) -> KmeansModel {
    let feature = FeatureTransform { scale: 1.0, imputed: Some(0.0), ..FeatureTransform::default() };
    let centroids: Vec<_> = result.centroids.iter().map(<[i32]>::to_vec).collect();
    let statistics = &result.statistics;
    KmeansModel::new(
        "s",
        vec![FeatureModel::Number(feature); dimensions],
        &centroids,
        &statistics.counts,
        &statistics.smallest_ids,
    )
}

proptest! {
    #[test]
    fn equals_brute_force_in_integers((rows, start) in case(), shards in 1usize..4, cap in 1u32..12) {
        let (centroids, labels, inertia, iterations) = brute_force(&rows, &start, cap);
        let (result, _) = fit(&rows, &start, cap, shards);
        prop_assert_eq!(result.centroids.iter().map(<[i32]>::to_vec).collect::<Vec<_>>(), centroids);
        prop_assert_eq!((result.statistics.inertia, result.iterations), (inertia, iterations));
        let mut counts = vec![0; start.count()];
        labels.iter().for_each(|label| counts[*label] += 1);
        prop_assert_eq!(&result.statistics.counts, &counts);
        let ids = ids(rows.len());
        for (cluster, smallest) in result.statistics.smallest_ids.iter().enumerate() {
            let first = labels.iter().position(|label| *label == cluster).map(|row| ids[row].as_str());
            prop_assert_eq!(smallest.as_str(), first.unwrap_or(""));
        }
    }

    #[test]
    fn rows_are_assigned_as_the_model_alone_would((rows, start) in case()) {
        let (result, _) = fit(&rows, &start, 5, 2);
        let model = model_of(&result, start.dimensions());
        let matrix = Matrix::from_rows(Layout::of_numbers(start.dimensions()), rows.iter().map(Vec::as_slice));
        let assigned = assign_rows(&model, &matrix).unwrap();
        for (row, assigned) in rows.iter().zip(assigned) {
            let values: Vec<_> = row.iter().map(|unit| Some(Value::Number(f64::from(*unit) / GRID))).collect();
            let expected = model.assign(&values).unwrap();
            prop_assert_eq!(assigned.cluster as usize, expected.cluster);
            prop_assert_eq!((assigned.distance, assigned.margin), (expected.distance, expected.margin));
            prop_assert!((0.0..=1.0).contains(&assigned.margin));
        }
        let mut customers = vec![0; start.count()];
        assign_rows(&model, &matrix).unwrap().iter().for_each(|a| customers[a.cluster as usize] += 1);
        prop_assert_eq!(customers, model.clusters.iter().map(|cluster| cluster.customers).collect::<Vec<u64>>());
    }
}

#[test]
fn a_worker_that_starts_anew_changes_nothing() {
    let rows: Vec<Vec<i32>> = (0..400).map(|i| vec![i * i, (i * 7919) % 1000]).collect();
    let start = Centroids::new(2, vec![0, 0, 1, 1, 2, 2]).unwrap();
    let ids = StringArray::from_iter_values(ids(rows.len()));
    let mut forgetful = KmeansFit::new(start.clone(), 100);
    while let Some(request) = forgetful.next_request() {
        let matrix = Matrix::from_rows(Layout::of_numbers(2), rows.iter().map(Vec::as_slice));
        forgetful.absorb(KmeansShard::new(matrix, ids.clone()).unwrap().answer(&request, 2).unwrap()).unwrap();
    }
    let forgetful = forgetful.finish().unwrap();
    let (steady, _) = fit(&rows, &start, 100, 1);
    assert!(steady.iterations > 3 && forgetful.iterations == steady.iterations);
    assert_eq!((forgetful.centroids, forgetful.stop), (steady.centroids, steady.stop));
}

#[test]
fn an_empty_cluster_gets_the_farthest_row() {
    let rows: Vec<Vec<i32>> = [0, 1, 2, 100, 101, 900].map(|x| vec![x]).to_vec();
    let start = Centroids::new(1, vec![0, 90, 5000]).unwrap();
    let (result, fills) = fit(&rows, &start, 100, 3);
    assert!(fills > 0);
    assert_eq!(result.centroids.iter().map(|c| c[0]).collect::<Vec<_>>(), [1, 101, 900]);
    assert_eq!((result.statistics.counts, result.stop), (vec![3, 2, 1], Stop::Converged));
}

#[test]
fn too_few_different_rows_leave_a_cluster_empty() {
    let rows = vec![vec![5], vec![5], vec![9]];
    let (result, _) = fit(&rows, &Centroids::new(1, vec![5, 9, 100]).unwrap(), 100, 1);
    assert_eq!((result.statistics.counts, result.stop), (vec![2, 1, 0], Stop::Converged));
}

#[test]
fn the_cap_ends_with_statistics_that_belong_to_the_centroids() {
    let rows: Vec<Vec<i32>> = (0..500).map(|i| vec![i * i]).collect();
    let start = Centroids::new(1, vec![0, 1, 2]).unwrap();
    let (result, _) = fit(&rows, &start, 3, 2);
    assert_eq!((result.iterations, result.stop), (3, Stop::Cap));
    let (again, _) = fit(&rows, &result.centroids, 1, 1);
    assert_eq!(
        (again.statistics.inertia, again.statistics.counts),
        (result.statistics.inertia, result.statistics.counts)
    );
}

#[test]
fn means_round_half_away_from_zero() {
    assert_eq!([(5, 2), (-5, 2), (7, 3), (-7, 3), (-8, 3)].map(|(s, n)| rounded_quotient(s, n)), [3, -3, 2, -2, -3]);
    let rows = 1_000_000_000u64;
    assert_eq!(rounded_quotient(i64::from(MOST_UNITS) * rows as i64, rows), MOST_UNITS);
}

#[test]
fn statistics_of_a_thousand_million_rows_do_not_overflow() {
    let matrix = Matrix::from_rows(
        Layout::of_numbers(2),
        vec![[MOST_UNITS, -MOST_UNITS]; 1000].iter().map(|row| row.as_slice()),
    );
    let centroids = Centroids::new(2, vec![-MOST_UNITS, MOST_UNITS]).unwrap();
    let mut total = Labeller::new(&matrix).round(&matrix, &centroids, Spread::Here, |row| row.to_string());
    let one = total.inertia;
    for _ in 0..20 {
        total.merge(&total.clone()).unwrap();
    }
    assert_eq!((total.rows(), total.inertia), (1000 << 20, one << 20));
    let total = RoundStatistics::from_message(&total.to_message()).unwrap();
    assert_eq!(total.sums[0], i64::from(MOST_UNITS) * (1000 << 20));
    assert_eq!(total.explained(), 0.0);
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let mut fit = KmeansFit::new(Centroids::new(1, vec![0, 1]).unwrap(), 9);
    assert!(fit.absorb(v1::KmeansAnswer::default()).is_err());
    let round =
        v1::RoundStatistics { sums: vec![0], counts: vec![1], smallest_ids: vec!["a".into()], ..Default::default() };
    assert!(fit.absorb(v1::KmeansAnswer { rounds: vec![round], ..Default::default() }).is_err());
    assert!(fit.finish().is_err());
}

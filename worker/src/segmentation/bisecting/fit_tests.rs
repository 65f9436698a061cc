use arrow::array::StringArray;
use proptest::prelude::*;
use segmenter_proto::{
    Rounds as _,
    methods::{BisectingModel, LeafStop},
    models::{FeatureModel, FeatureTransform, GRID, MOST_UNITS, Value},
    v1,
};

use super::{
    super::kmeans::{KmeansShard, Layout, Matrix, SampleRow},
    *,
};

fn ids(rows: usize) -> Vec<String> {
    (0..rows).map(|row| format!("id{row:05}")).collect()
}

fn request(k: u32, min_share: f64, layout: &Layout) -> BisectingRequest {
    let segmentation = "s".to_owned();
    BisectingRequest { segmentation, seed: 3, k, min_share, restarts: 3, layout: layout.clone() }
}

/// Drives a fit over shards that each hold every n-th row, answers merged from last to first; a worker that forgets makes the rows
/// of the leaf anew for every request.
fn grow(rows: &[Vec<i32>], k: u32, min_share: f64, shards: usize, forgets: bool) -> Tree {
    let layout = Layout::of_numbers(rows[0].len());
    let ids = ids(rows.len());
    let mut parts: Vec<(KmeansShard, Option<LeafRows>)> = (0..shards)
        .map(|shard| {
            let of_shard: Vec<&[i32]> = rows.iter().skip(shard).step_by(shards).map(Vec::as_slice).collect();
            let ids = StringArray::from_iter_values(ids.iter().skip(shard).step_by(shards));
            (KmeansShard::new(Matrix::from_rows(layout.clone(), of_shard.into_iter()), ids).unwrap(), None)
        })
        .collect();
    let sample: Vec<SampleRow> = (0..)
        .zip(rows.iter().zip(&ids))
        .map(|(hash, (row, id))| SampleRow { hash, customer_id: id.clone(), cells: row.clone() })
        .collect();
    let mut fit = BisectingFit::new(request(k, min_share, &layout), &sample).unwrap();
    while let Some(request) = fit.next_request() {
        let mut total: Option<v1::BisectingAnswer> = None;
        for (whole, leaf) in parts.iter_mut().rev() {
            let answer = if request.splits.is_empty() {
                answer_leaf(whole, &request).unwrap()
            } else {
                if forgets || !leaf.as_ref().is_some_and(|leaf| leaf.fits(&request)) {
                    let mut nodes =
                        leaf.take().filter(|_| !forgets).map(|mut leaf| leaf.take_nodes()).unwrap_or_default();
                    nodes.descend(&request.splits, whole.matrix()).unwrap();
                    *leaf = Some(LeafRows::gather(nodes, request.leaf, whole).unwrap());
                }
                leaf.as_mut().unwrap().answer(&request).unwrap()
            };
            match &mut total {
                None => total = Some(answer),
                Some(total) => merge_bisecting_answers(&request, total, answer).unwrap(),
            }
        }
        fit.absorb(total.unwrap()).unwrap();
    }
    fit.finish().unwrap()
}

fn model(tree: &Tree) -> BisectingModel {
    let feature = FeatureTransform { scale: 1.0, imputed: Some(0.0), ..FeatureTransform::default() };
    model_of("s", vec![FeatureModel::Number(feature); tree.nodes()[0].mean.len()], tree)
}

/// Where each row ends, by the model alone.
fn leaves_of(model: &BisectingModel, rows: &[Vec<i32>]) -> Vec<usize> {
    let values =
        |row: &Vec<i32>| row.iter().map(|unit| Some(Value::Number(f64::from(*unit) / GRID))).collect::<Vec<_>>();
    rows.iter().map(|row| model.assign(&values(row)).unwrap().cluster).collect()
}

/// Two far groups of two near ones each, of 40, 30, 20 and 10 rows.
fn nested() -> Vec<Vec<i32>> {
    let places = [(0, 40), (100, 30), (1000, 20), (1080, 10)];
    let rows = places.iter().flat_map(|(place, rows)| (0..*rows).map(move |i| vec![(place + i % 3) << 10, i % 2]));
    rows.collect()
}

#[test]
fn groups_within_groups_have_their_parents() {
    let tree = grow(&nested(), 4, 0.02, 3, false);
    let model = model(&tree);
    let found: Vec<_> = model
        .leaves
        .iter()
        .map(|leaf| (leaf.key.as_str(), leaf.path.as_str(), leaf.parent.as_deref().unwrap(), leaf.customers))
        .collect();
    let expected = [
        ("c01", "1.1.1", "1.1", 40),
        ("c02", "1.1.2", "1.1", 30),
        ("c03", "1.2.1", "1.2", 20),
        ("c04", "1.2.2", "1.2", 10),
    ];
    assert_eq!(found, expected);
    assert!(model.leaves.iter().all(|leaf| leaf.stopped == LeafStop::EnoughLeaves));
    // The far pair first, then the pair of the larger inertia.
    let split: Vec<_> = model.splits.iter().map(|split| split.path.as_str()).collect();
    assert_eq!(split, ["1", "1.1", "1.2"]);
}

#[test]
fn no_leaf_is_smaller_than_was_asked_for_and_each_says_why_it_is_one() {
    let tree = grow(&nested(), 8, 0.15, 2, false);
    let leaves = model(&tree).leaves;
    let (side, small) = (LeafStop::SideTooSmall, LeafStop::TooSmall);
    assert!(
        leaves.len() > 1 && leaves.iter().all(|leaf| leaf.customers >= 15 && [side, small].contains(&leaf.stopped))
    );
    // Of 1.2 (30 rows) the best split has a side of 10, below 15.
    let refused = leaves.iter().find(|leaf| leaf.path == "1.2").unwrap();
    assert_eq!((refused.customers, refused.stopped), (30, side));
    assert_eq!(tree.nodes().iter().find(|node| node.path == "1.2").unwrap().refused_side, Some(10));
}

#[test]
fn rows_of_one_place_are_not_split() {
    let tree = grow(&[vec![5, 5], vec![5, 5], vec![5, 5]], 4, 0.0, 2, false);
    assert_eq!((tree.splits().len(), tree.nodes()[0].stop), (0, Some(LeafStop::OnePlace)));
    let model = model(&tree);
    assert_eq!((model.leaves[0].path.as_str(), model.leaves[0].parent.as_deref()), ("1", None));
    assert_eq!(model.leaves[0].rms_distance, 0.0);
    let two: Vec<Vec<i32>> = (0..10).map(|i| vec![(i % 2) << 20]).collect();
    let tree = grow(&two, 4, 0.0, 2, false);
    let stops: Vec<_> = tree.leaves().into_iter().map(|leaf| tree.nodes()[leaf].stop).collect();
    assert_eq!(stops, [Some(LeafStop::OnePlace); 2]);
}

#[test]
fn a_sample_that_does_not_tell_rows_apart_is_helped_by_the_farthest_row() {
    let rows: Vec<Vec<i32>> = (0..50).map(|i| vec![if i < 40 { 0 } else { 1 << 20 }]).collect();
    let layout = Layout::of_numbers(1);
    let sample: Vec<SampleRow> =
        (0..5).map(|hash| SampleRow { hash, customer_id: format!("{hash}"), cells: vec![0] }).collect();
    let mut shard = KmeansShard::new(
        Matrix::from_rows(layout.clone(), rows.iter().map(Vec::as_slice)),
        StringArray::from_iter_values(ids(50)),
    )
    .unwrap();
    let mut fit = BisectingFit::new(request(2, 0.0, &layout), &sample).unwrap();
    while let Some(request) = fit.next_request() {
        assert!(request.splits.is_empty());
        fit.absorb(answer_leaf(&mut shard, &request).unwrap()).unwrap();
    }
    let tree = fit.finish().unwrap();
    assert_eq!(tree.sides(0).map(|side| (side.rows, side.mean[0])), [(40, 0), (10, 1 << 20)]);
}

#[test]
fn answers_to_other_requests_are_refused() {
    let layout = Layout::of_numbers(1);
    let sample = [SampleRow { hash: 0, customer_id: "a".to_owned(), cells: vec![0] }];
    assert!(BisectingFit::new(request(2, 0.0, &layout), &[]).is_err());
    let mut fit = BisectingFit::new(request(2, 0.0, &layout), &sample).unwrap();
    assert!(fit.absorb(v1::BisectingAnswer::default()).is_err());
    assert!(fit.finish().is_err());
    let matrix = Matrix::zeros(3, layout);
    let bad = v1::Split { node: 4, centroids: Some(v1::Centroids { dimensions: 1, units: vec![0, 1] }) };
    assert!(Nodes::default().descend(&[bad], &matrix).is_err());
}

fn rows() -> impl Strategy<Value = Vec<Vec<i32>>> {
    let unit = prop_oneof![-3..=3i32, -MOST_UNITS..=MOST_UNITS, Just(MOST_UNITS)];
    (1usize..4)
        .prop_flat_map(move |dimensions| prop::collection::vec(prop::collection::vec(unit.clone(), dimensions), 1..80))
}

proptest! {
    #[test]
    fn leaves_equal_their_rows_however_they_are_spread(rows in rows(), k in 2u32..6, shards in 1usize..4, share in 0..3) {
        let min_share = f64::from(share) * 0.1;
        let tree = grow(&rows, k, min_share, shards, false);
        prop_assert_eq!(&tree, &grow(&rows, k, min_share, 1, true));
        let model = model(&tree);
        prop_assert!(model.leaves.len() <= k as usize);
        let found = leaves_of(&model, &rows);
        for (index, leaf) in model.leaves.iter().enumerate() {
            let of_leaf: Vec<&Vec<i32>> = (0..rows.len()).filter(|row| found[*row] == index).map(|row| &rows[row]).collect();
            prop_assert_eq!(of_leaf.len() as u64, leaf.customers);
            prop_assert!(model.leaves.len() == 1 || leaf.customers >= tree.smallest());
            // Mean and inertia by their definitions.
            let node = tree.nodes().iter().find(|node| node.path == leaf.path).unwrap();
            let mean = |column: usize| {
                let sum: i64 = of_leaf.iter().map(|row| i64::from(row[column])).sum();
                (sum as f64 / of_leaf.len() as f64).round() as i32
            };
            let means: Vec<i32> = (0..rows[0].len()).map(mean).collect();
            prop_assert_eq!(&leaf.centroid_units, &means);
            let square = |row: &&Vec<i32>| -> u128 {
                row.iter().zip(&means).map(|(x, m)| u128::from((i64::from(*x) - i64::from(*m)).unsigned_abs().pow(2))).sum()
            };
            prop_assert_eq!(node.inertia, of_leaf.iter().map(square).sum::<u128>());
        }
        let matrix = Matrix::from_rows(Layout::of_numbers(rows[0].len()), rows.iter().map(Vec::as_slice));
        for (row, assigned) in rows.iter().zip(assign_leaves(&model, &matrix).unwrap()) {
            let values: Vec<_> = row.iter().map(|unit| Some(Value::Number(f64::from(*unit) / GRID))).collect();
            let expected = model.assign(&values).unwrap();
            prop_assert_eq!((assigned.cluster as usize, assigned.distance, assigned.margin), (expected.cluster, expected.distance, expected.margin));
        }
        let statistics = tree.statistics();
        prop_assert_eq!(statistics.rows(), rows.len() as u64);
        prop_assert!((0.0..=1.0).contains(&statistics.explained()));
    }
}

//! From columns of customers to a matrix.

use segmenter_proto::{
    Error, Result,
    models::{FeatureModel, FeatureTransform, no_other_level},
    v1,
};

use crate::segmentation::kmeans::rows::{
    layout::{Category, Layout},
    matrix::Matrix,
};
use crate::segmentation::transform::FeatureColumn;

/// Gives the layout of a matrix of these features: numbers, then categories and the indicators of numbers, each in the order
/// of the features. Its space is that of [`segmenter_proto::models::place_of`].
pub fn layout_of(features: &[FeatureModel]) -> Result<Layout> {
    let numbers = features.iter().filter(|feature| matches!(feature, FeatureModel::Number(_))).count();
    let levels = features.iter().filter_map(FeatureModel::levels);
    Layout::new(numbers, levels.map(|(levels, units)| Category { levels, units }).collect())
}

/// Puts columns on the grid and counts what was imputed and clipped; fails on columns of other number, kind or length than the
/// features.
pub fn matrix_of(features: &[FeatureModel], columns: &[FeatureColumn]) -> Result<(Matrix, v1::MatrixStatistics)> {
    let rows = columns.first().map_or(0, FeatureColumn::len);
    if features.len() != columns.len() || columns.iter().any(|column| column.len() != rows) {
        return Err(Error::bug("the columns of a matrix do not fit its features"));
    }
    let layout = layout_of(features)?;
    let (mut number, mut category) = (0, layout.numbers());
    let mut matrix = Matrix::zeros(rows, layout);
    let mut statistics = v1::MatrixStatistics { rows: rows as u64, ..v1::MatrixStatistics::default() };
    for (feature, column) in features.iter().zip(columns) {
        let (mut imputed, mut clipped, mut cut, mut other) = (0, 0, 0, 0);
        match (feature, column) {
            (FeatureModel::Number(transform), FeatureColumn::Number(values)) => {
                for (row, value) in values.iter().enumerate() {
                    imputed += FeatureTransform::missing_level(value) as u64;
                    clipped += u64::from(transform.scaled(value).abs() > 8.0);
                    cut += u64::from(transform.is_cut(value));
                    matrix.set(row, number, transform.apply(value));
                }
                number += 1;
                if transform.indicator.is_some() {
                    for (row, value) in values.iter().enumerate() {
                        matrix.set(row, category, FeatureTransform::missing_level(value) as i32);
                    }
                    category += 1;
                }
            }
            (FeatureModel::Category(levels), FeatureColumn::Text(values)) => {
                for (row, value) in values.iter().enumerate() {
                    let level = levels.level_of(value).ok_or_else(|| no_other_level(&levels.name))?;
                    other += u64::from(levels.is_other(level));
                    matrix.set(row, category, level as i32);
                }
                category += 1;
            }
            _ => return Err(Error::bug(format!("the column of feature {} is of another kind", feature.name()))),
        }
        statistics.imputed.push(imputed);
        statistics.clipped.push(clipped);
        statistics.cut.push(cut);
        statistics.other.push(other);
    }
    Ok((matrix, statistics))
}

/// Adds one shard's counts to those of other shards.
pub fn merge_matrix_statistics(total: &mut v1::MatrixStatistics, other: &v1::MatrixStatistics) -> Result<()> {
    total.rows += other.rows;
    for (total, other) in [
        (&mut total.imputed, &other.imputed),
        (&mut total.clipped, &other.clipped),
        (&mut total.cut, &other.cut),
        (&mut total.other, &other.other),
    ] {
        if total.len() != other.len() {
            return Err(Error::bug("statistics of matrices with other columns cannot be merged"));
        }
        total.iter_mut().zip(other).for_each(|(total, other)| *total += other);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, StringArray};
    use proptest::prelude::*;
    use segmenter_proto::{
        methods::KmeansModel,
        models::{CategoryFeature, GRID, Indicator, LevelShare, MOST_UNITS, Value, place_of},
    };

    fn number(indicator: Option<Indicator>) -> FeatureModel {
        let transform = FeatureTransform { scale: 1.0, imputed: Some(0.5), indicator, ..FeatureTransform::default() };
        FeatureModel::Number(transform)
    }

    fn category(levels: &[&str], units: i32) -> FeatureModel {
        let levels = levels.iter().map(|name| LevelShare { name: (*name).to_owned(), share: 0.1 });
        FeatureModel::Category(CategoryFeature { levels: levels.collect(), units, ..CategoryFeature::default() })
    }

    fn text(values: &[Option<&str>]) -> FeatureColumn {
        FeatureColumn::Text(StringArray::from(values.to_vec()))
    }

    fn numbers(values: &[Option<f64>]) -> FeatureColumn {
        FeatureColumn::Number(Float64Array::from(values.to_vec()))
    }

    #[test]
    fn columns_are_scaled_imputed_and_clipped_with_counts() {
        let column = numbers(&[Some(1.0), None, Some(9.0), Some(-8.0), Some(f64::NAN)]);
        let (matrix, mut statistics) = matrix_of(&[number(None)], &[column]).unwrap();
        let units: Vec<_> = (0..5).map(|row| matrix.cells(row)[0]).collect();
        let half = (GRID / 2.0) as i32;
        assert_eq!(units, [GRID as i32, half, MOST_UNITS, -MOST_UNITS, half]);
        let other = statistics.clone();
        merge_matrix_statistics(&mut statistics, &other).unwrap();
        assert_eq!((statistics.rows, statistics.imputed, statistics.clipped), (10, vec![4], vec![2]));
        assert_eq!((statistics.cut, statistics.other), (vec![0], vec![0]));
    }

    #[test]
    fn what_a_model_does_not_know_is_counted() {
        let FeatureModel::Number(transform) = number(None) else { unreachable!() };
        let cut = FeatureModel::Number(FeatureTransform { lower: Some(-1.0), upper: Some(2.0), ..transform });
        let features = [cut, category(&["a", "(other)"], 9), category(&["b", "(other)", "(missing)"], 9)];
        let columns = [
            numbers(&[Some(-1.0), Some(-1.5), Some(2.5), Some(2.0), None]),
            text(&[Some("a"), Some("b"), None, Some("(other)"), Some("A")]),
            text(&[Some("b"), Some("a"), None, Some("b"), Some("b")]),
        ];
        let (_, statistics) = matrix_of(&features, &columns).unwrap();
        assert_eq!((statistics.cut, statistics.other), (vec![2, 0, 0], vec![0, 4, 1]));
    }

    #[test]
    fn levels_and_indicators_come_behind_the_numbers() {
        let indicator = Some(Indicator { units: 7, missing_share: 0.5 });
        let features = [category(&["a", "(other)", "(missing)"], 9), number(indicator), number(None)];
        let columns = [
            text(&[Some("a"), Some("?"), None]),
            numbers(&[Some(1.0), None, Some(f64::INFINITY)]),
            numbers(&[Some(0.0), Some(2.0), None]),
        ];
        let (matrix, statistics) = matrix_of(&features, &columns).unwrap();
        let (grid, half) = (GRID as i32, (GRID / 2.0) as i32);
        let cells: Vec<_> = (0..3).map(|row| matrix.cells(row)).collect();
        assert_eq!(cells, [[grid, 0, 0, 0], [half, 2 * grid, 1, 1], [half, half, 2, 1]]);
        assert_eq!(matrix.place(2), [half, half, 0, 0, 9, 0, 7]);
        assert_eq!((statistics.imputed, statistics.clipped), (vec![0, 2, 1], vec![0; 3]));
        assert!(matrix_of(&features[..1], &columns[1..2]).is_err(), "a number is no category");
        assert!(matrix_of(&features, &columns[..2]).is_err());
    }

    type Row = (Option<f64>, Option<String>, Option<f64>, Option<String>);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let level = || proptest::option::of("[a-e]");
        let value = || proptest::option::of(-12.0..12.0);
        proptest::collection::vec((value(), level(), value(), level()), 1..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_model_assigns_one_customer_as_it_does_a_matrix(rows in rows(), picks in proptest::collection::vec(0_usize..60, 1..9)) {
            let features = vec![
                number(None),
                category(&["a", "b", "(other)", "(missing)"], 1_300_000),
                number(Some(Indicator { units: 900_000, missing_share: 0.1 })),
                category(&["c", "d", "(other)"], 450_000),
            ];
            let columns = [
                FeatureColumn::Number(rows.iter().map(|row| row.0).collect()),
                FeatureColumn::Text(rows.iter().map(|row| row.1.clone()).collect()),
                FeatureColumn::Number(rows.iter().map(|row| row.2).collect()),
                FeatureColumn::Text(rows.iter().map(|row| row.3.clone()).collect()),
            ];
            let (matrix, _) = matrix_of(&features, &columns).unwrap();
            // Means of two customers each, so that levels have parts of their units, and ties happen.
            let place = |row: usize| matrix.place(row % rows.len());
            let mean = |pick: &usize| place(*pick).iter().zip(place(pick * 7 + 1)).map(|(l, r)| (l + r) / 2).collect();
            let centroids: Vec<Vec<i32>> = picks.iter().map(mean).collect();
            let ids: Vec<String> = (0..centroids.len()).map(|cluster| cluster.to_string()).collect();
            let model = KmeansModel::new("s", features, &centroids, &vec![1; centroids.len()], &ids);
            let assigned = crate::segmentation::kmeans::assign_rows(&model, &matrix).unwrap();
            for (row, found) in assigned.iter().enumerate() {
                let values: Vec<Option<Value<'_>>> = columns.iter().map(|column| column.value(row)).collect();
                prop_assert_eq!(place_of(&model.features, &values).unwrap(), matrix.place(row));
                let one = model.assign(&values).unwrap();
                prop_assert_eq!((one.cluster, one.distance, one.margin), (found.cluster as usize, found.distance, found.margin));
            }
        }
    }
}

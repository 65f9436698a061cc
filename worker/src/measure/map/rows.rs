//! From maps to the rows of `map.parquet` and `map_axes.parquet`.

use super::{
    plane::WIDTH,
    principal::Component,
    shown::{Shown, shown},
    solver::{CustomerMap, FoundMap},
};
use crate::results::{MapAxisRow, MapRow};
use segmenter_proto::models::{FeatureDimensions, FeatureModel, feature_dimensions};

/// The levels of the indicator of a number that was imputed.
const INDICATED: [&str; 2] = ["(known)", "(missing)"];

/// What is known of a segmentation beside its map.
#[derive(Debug, Clone, Copy)]
pub struct MapScope<'a> {
    /// Its name.
    pub segmentation: &'a str,
    /// The keys of its segments, in the order of their positions.
    pub segment_keys: &'a [String],
    /// The features of its space.
    pub features: &'a [FeatureModel],
    /// Customers that a cell, or a level, must have to be shown.
    pub min_cell: u64,
}

/// Gives the rows of `map.parquet` of a segmentation: by segment, hexagons from below and from the left, and then who is in none that is shown.
pub fn map_rows(scope: &MapScope<'_>, map: &CustomerMap) -> Vec<MapRow> {
    let row = |segment: Option<usize>, at: Option<[f64; 2]>, customers: Option<u64>, reason: Option<String>| MapRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: segment.and_then(|segment| scope.segment_keys.get(segment).cloned()),
        x: at.map(|[x, _]| x * WIDTH),
        y: at.map(|[_, y]| y * WIDTH),
        customers: customers.map(|customers| customers as i64),
        reason,
    };
    let map = match map {
        Ok(map) => map,
        Err(none) => return vec![row(None, None, None, Some(none.reason()))],
    };
    let segments = scope.segment_keys.len();
    let Shown { cells, elsewhere } = shown(&map.cells.cells(segments), segments, scope.min_cell);
    let hidden = format!("nothing is told of fewer than {} customers of a segment", scope.min_cell);
    let of_segment = |(segment, elsewhere): (usize, u64)| {
        let own = cells.iter().filter(move |cell| cell.segment == segment);
        let shown = own.map(|cell| row(Some(segment), Some(cell.hexagon.centre()), Some(cell.customers), None));
        let rest = (elsewhere > 0).then(|| row(Some(segment), None, Some(elsewhere), Some(hidden.clone())));
        shown.chain(rest).collect::<Vec<_>>()
    };
    elsewhere.into_iter().enumerate().flat_map(of_segment).collect()
}

/// Gives the rows of `map_axes.parquet` of a segmentation, in the order of its features; none where there is no map.
pub fn map_axis_rows(scope: &MapScope<'_>, map: &CustomerMap) -> Vec<MapAxisRow> {
    let Ok(map) = map else { return Vec::new() };
    let dimensions = dimensions_of(scope, map);
    let of_axis = |((axis, component), beyond): ((i32, &Component), u64)| {
        let beyond = (beyond == 0 || beyond >= scope.min_cell).then_some(beyond as i64);
        let row = move |(at, feature, level): &(usize, &str, Option<&str>)| MapAxisRow {
            segmentation: scope.segmentation.to_owned(),
            axis,
            variance_share: component.share,
            deviation: component.deviation,
            beyond,
            feature: (*feature).to_owned(),
            level: level.map(str::to_owned),
            loading: component.loadings.get(*at).copied().unwrap_or_default(),
        };
        dimensions.iter().map(row).collect::<Vec<_>>()
    };
    (1..).zip(&map.components).zip(map.cells.beyond).flat_map(of_axis).collect()
}

/// Gives position, feature and level of each dimension that is told of: a level of few customers is not, nor one that nobody differs in.
fn dimensions_of<'a>(scope: &MapScope<'a>, map: &FoundMap) -> Vec<(usize, &'a str, Option<&'a str>)> {
    let having = |at: usize, units: i32| {
        let sum = map.sums.sums.get(at).copied().unwrap_or_default();
        u64::try_from(sum.checked_div(i128::from(units)).unwrap_or_default()).unwrap_or_default()
    };
    let of = |(feature, at): (&'a FeatureModel, FeatureDimensions)| {
        let names: Vec<&str> = match feature {
            FeatureModel::Number(_) => INDICATED.to_vec(),
            FeatureModel::Category(category) => category.levels.iter().map(|level| level.name.as_str()).collect(),
        };
        let units = feature.levels().map_or(0, |(_, units)| units);
        let levels = at.levels.zip(names).filter(|(at, _)| having(*at, units) >= scope.min_cell.max(1));
        let levels = levels.map(|(at, level)| (at, feature.name(), Some(level)));
        at.number.map(|at| (at, feature.name(), None)).into_iter().chain(levels).collect::<Vec<_>>()
    };
    scope.features.iter().zip(feature_dimensions(scope.features)).flat_map(of).collect()
}

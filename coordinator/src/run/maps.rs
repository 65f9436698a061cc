//! Where the customers of clusters lie on the plane in which they differ most, found in rounds over all customers.

use super::rounds::{StageRounds, unexpected};
use crate::rounds::drive;
use arrow::array::RecordBatch;
use segmenter_proto::{
    Result,
    jobs::Job,
    methods::SegmentationModel,
    models::{FeatureModel, feature_dimensions},
    v1::{MapRequest, MeasureTask, Stage, answer, task},
};
use segmenter_worker::{
    measure::{CustomerMap, MapScope, MapSolver, MappedSpace, map_axis_rows, map_rows},
    results::{MapAxisRow, MapRow, map_axes_batch, map_batch},
};

/// Says whether a job has a segmentation whose customers lie in a space: those have maps.
pub fn has_maps(job: &Job) -> bool {
    job.segmentations.iter().any(|own| own.method.spec().space().is_some())
}

/// Gives each model that has a space, with its position.
fn with_space(models: &[SegmentationModel]) -> impl Iterator<Item = (u32, &SegmentationModel, &[FeatureModel])> {
    (0..).zip(models).filter_map(|(at, model)| Some((at, model, model.model().fitted()?.0)))
}

/// Finds the maps, one a segmentation that has a space.
///
/// # Errors
/// See the workers' stage.
pub async fn maps(
    rounds: &StageRounds<'_>,
    job: &Job,
    (models, models_json): (&[SegmentationModel], &str),
) -> Result<Vec<CustomerMap>> {
    let space = |(segmentation, _, features): (u32, &SegmentationModel, &[FeatureModel])| {
        let of = feature_dimensions(features).into_iter();
        MappedSpace { segmentation, dimensions: of.map(|of| of.levels.len() + usize::from(of.number.is_some())).sum() }
    };
    let spaces: Vec<MappedSpace> = with_space(models).map(space).collect();
    let solver = MapSolver::new(&spaces, job.privacy.min_cell);
    let ask = async |request: MapRequest| {
        let map = Some(request);
        let work = MeasureTask { models: models_json.to_owned(), map, ..MeasureTask::default() };
        match rounds.over_shards(Stage::Measure, task::Work::Measure(work), |_| {}).await? {
            answer::Result::Measure(answer) => answer.map.ok_or_else(|| unexpected("maps")),
            _ => Err(unexpected("measure")),
        }
    };
    Ok(drive(rounds.compute(), solver, ask).await?.0)
}

/// Gives the tables of maps, by name; none of a job without a segmentation that has a space.
///
/// # Errors
/// Bug only.
pub fn map_tables(
    job: &Job,
    models: &[SegmentationModel],
    found: &[CustomerMap],
) -> Result<Vec<(&'static str, RecordBatch)>> {
    if !has_maps(job) {
        return Ok(Vec::new());
    }
    let (mut rows, mut axes): (Vec<MapRow>, Vec<MapAxisRow>) = Default::default();
    for ((_, model, features), map) in with_space(models).zip(found) {
        let segment_keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
        let (segmentation, min_cell) = (model.segmentation(), job.privacy.min_cell);
        let scope = MapScope { segmentation, segment_keys: &segment_keys, features, min_cell };
        rows.extend(map_rows(&scope, map));
        axes.extend(map_axis_rows(&scope, map));
    }
    Ok(vec![("map", map_batch(&rows)?), ("map_axes", map_axes_batch(&axes)?)])
}

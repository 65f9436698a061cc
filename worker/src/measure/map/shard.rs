//! The shard's side: the places of its customers, added up or counted.

use super::{
    cells::{CellCounter, MapCells},
    plane::Plane,
    sums::MapSums,
};
use crate::segmentation::{
    kmeans::{layout_of, matrix_of},
    transform::feature_column,
};
use arrow::{
    array::{Array, ArrayRef, BooleanArray},
    compute::filter,
};
use segmenter_proto::{Error, Result, models::FeatureModel, v1};

/// Customers whose places are found together.
const TOGETHER: usize = 4096;

/// The customers of a shard as the clusters of one segmentation see them.
#[derive(Debug)]
pub struct MappedCustomers<'a> {
    /// The features of the model.
    pub features: &'a [FeatureModel],
    /// Their columns, of all customers.
    pub columns: Vec<&'a ArrayRef>,
    /// The segment of each customer.
    pub labels: &'a [u32],
    /// The segment of those out of scope, who have no place.
    pub rest: Option<u32>,
    /// Number of segments.
    pub segments: usize,
}

impl MappedCustomers<'_> {
    /// Calls `take` with the places of customers in scope and their segments, some of them at a time.
    fn places(&self, mut take: impl FnMut(&mut dyn Iterator<Item = (Vec<i32>, usize)>) -> Result<()>) -> Result<()> {
        let customers = self.labels.len();
        if self.columns.iter().any(|column| column.len() != customers) {
            return Err(Error::bug("features of a map are not known of all customers"));
        }
        if self.labels.iter().any(|label| *label as usize >= self.segments) {
            return Err(Error::bug("a customer of a map is in a segment that is not there"));
        }
        for start in (0..customers).step_by(TOGETHER) {
            let labels = &self.labels[start..customers.min(start + TOGETHER)];
            let inside = BooleanArray::from_iter(labels.iter().map(|label| Some(Some(*label) != self.rest)));
            let columns = self.features.iter().zip(&self.columns).map(|(feature, column)| {
                let kept = filter(&column.slice(start, labels.len()), &inside)
                    .map_err(|error| Error::bug("a scope could not be cut out").caused_by(error))?;
                feature_column(feature.name(), &kept)
            });
            let (matrix, _) = matrix_of(self.features, &columns.collect::<Result<Vec<_>>>()?)?;
            let kept = labels.iter().filter(|label| Some(**label) != self.rest).map(|label| *label as usize);
            take(&mut (0..matrix.rows()).map(|row| matrix.place(row)).zip(kept))?;
        }
        Ok(())
    }

    fn sums(&self) -> Result<MapSums> {
        let mut sums = MapSums::empty(layout_of(self.features)?.dimensions());
        self.places(|places| {
            sums.add(places.map(|(place, _)| place));
            Ok(())
        })?;
        Ok(sums)
    }

    fn cells(&self, plane: &Plane) -> Result<MapCells> {
        if plane.dimensions() != layout_of(self.features)?.dimensions() {
            return Err(Error::bug("a map on a plane of another space is asked for"));
        }
        let mut cells = CellCounter::new(self.segments);
        self.places(|places| {
            for (place, segment) in places {
                cells.add(plane.place(&place), segment)?;
            }
            Ok(())
        })?;
        Ok(cells.finish())
    }
}

/// Gives the bytes that an answer to a request takes, of features and segments of the segmentation of each map.
///
/// # Errors
/// Bug only.
pub fn map_memory(features: &[FeatureModel], segments: usize) -> Result<u64> {
    let layout = layout_of(features)?;
    let together = TOGETHER * layout.dimensions() * size_of::<i32>();
    Ok((together + MapSums::bytes(layout.dimensions()).max(CellCounter::bytes(segments))) as u64)
}

/// Answers what is asked of one map.
///
/// # Errors
/// Bug only: a request that no solver makes, or values of different lengths.
pub fn map_answer(request: &v1::MapOf, customers: &MappedCustomers<'_>) -> Result<v1::MapStatistic> {
    let of = match &request.plane {
        None => v1::map_statistic::Of::Sums(customers.sums()?.to_message()),
        Some(plane) => v1::map_statistic::Of::Cells(customers.cells(&Plane::from_message(plane)?)?.to_message()),
    };
    Ok(v1::MapStatistic { of: Some(of) })
}

/// Adds `more` to `total`, both answers to one request.
///
/// # Errors
/// Bug where they are not.
pub fn merge_map_answers(total: &mut v1::MapAnswer, more: &v1::MapAnswer) -> Result<()> {
    use v1::map_statistic::Of;
    let unlike = || Error::bug("answers about maps to another request cannot be added together");
    if total.maps.len() != more.maps.len() {
        return Err(unlike());
    }
    for (total, more) in total.maps.iter_mut().zip(&more.maps) {
        match (&mut total.of, &more.of) {
            (Some(Of::Sums(total)), Some(Of::Sums(more))) => {
                let mut merged = MapSums::from_message(total)?;
                merged.merge(&MapSums::from_message(more)?)?;
                *total = merged.to_message();
            }
            (Some(Of::Cells(total)), Some(Of::Cells(more))) => {
                let mut merged = MapCells::from_message(total)?;
                merged.merge(&MapCells::from_message(more)?);
                *total = merged.to_message();
            }
            _ => return Err(unlike()),
        }
    }
    Ok(())
}

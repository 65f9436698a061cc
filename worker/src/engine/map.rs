//! Where a shard's customers lie in the space of clusters.

use super::{measured::Measured, worker::Worker};
use crate::measure::{MappedCustomers, map_answer, map_memory};
use segmenter_proto::{
    Error, Result,
    methods::{FittedModels, rest_key},
    v1::{MapAnswer, MapRequest},
};

impl Worker {
    /// Answers what is asked of maps, one after the other.
    pub(super) fn map(
        &self,
        shard: u32,
        request: &MapRequest,
        measured: &Measured,
        models: &FittedModels,
    ) -> Result<MapAnswer> {
        let mut answer = MapAnswer::default();
        for own in &request.maps {
            let number = own.segmentation as usize;
            let model = models.segmentations.get(number);
            let model = model.ok_or_else(|| Error::bug(format!("there is no segmentation {number}")))?;
            let fitted = model.model().fitted();
            let (features, _) = fitted.ok_or_else(|| Error::bug("a map of a segmentation without a space"))?;
            let segments = model.segments();
            let rest = rest_key(model.model().filter().is_some());
            let columns = features.iter().map(|feature| measured.column(feature.name())).collect::<Result<_>>()?;
            let customers = MappedCustomers {
                features,
                columns,
                labels: measured.labels(number)?,
                rest: segments.iter().position(|segment| segment.key == rest).map(|at| at as u32),
                segments: segments.len(),
            };
            let what = format!("the map of segmentation {} in shard {shard}", model.segmentation());
            let _held = self.memory.reserve(map_memory(features, segments.len())?, &what)?;
            answer.maps.push(map_answer(own, &customers)?);
        }
        Ok(answer)
    }
}

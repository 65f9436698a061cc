//! What goes together among what a shard's customers bought and wished for.

use super::{measured::Measured, worker::Worker};
use crate::{
    features::{affinity_column, affinity_lists},
    measure::{affinity_answer, affinity_memory},
};
use arrow::array::AsArray;
use segmenter_proto::{
    Error, Result,
    methods::FittedModels,
    v1::{AffinityAnswer, AffinityRequest},
};

impl Worker {
    /// Answers what is asked of an affinity.
    pub(super) fn affinity(
        &self,
        shard: u32,
        request: &AffinityRequest,
        measured: &Measured,
        models: &FittedModels,
    ) -> Result<AffinityAnswer> {
        let affinity = self.spec.job.affinities.get(request.affinity as usize);
        let affinity = affinity.ok_or_else(|| Error::bug(format!("there is no affinity {}", request.affinity)))?;
        let named = |name: &String| {
            let mut known = models.segmentations.iter().enumerate();
            let found = known.find(|(_, model)| model.segmentation() == name);
            found.ok_or_else(|| Error::bug(format!("there is no segmentation {name}")))
        };
        let segmentation = affinity.segmentation.as_ref().map(named).transpose()?;
        let segments = segmentation.map_or(0, |(_, model)| model.segments().len());
        let what = format!("what goes together in shard {shard}");
        let _held = self.memory.reserve(affinity_memory(request, segments), &what)?;
        let groups = segmentation.map(|(number, model)| measured.groups(number, model)).transpose()?;
        let packed = measured.column(&affinity_column(&affinity.name))?;
        affinity_answer(request, affinity_lists(affinity), packed.as_binary::<i32>(), groups.as_ref())
    }
}

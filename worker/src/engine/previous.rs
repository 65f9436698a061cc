//! A shard's customers beside those of the run before.

use super::{assign::models_of, worker::Worker};
use crate::{
    frame::Frame,
    previous::{Changes, PreviousRows, Side, Wanted, overlap, parts_of, read_previous},
    spec::{PreviousRun, PreviousSegmentation},
};
use segmenter_proto::{
    Error, Result,
    object_keys::{RunKeys, part_file},
    v1::{AssignAnswer, FitTask, OverlapAnswer, PreviousFile},
};
use std::slice::from_ref;

/// As many columns as features have: those that a fit takes out of them.
const TAKEN_OUT: u64 = 1;

impl Worker {
    /// Counts customers of both runs by the cluster that they were in and the one that they are in by a model that was just fitted.
    pub(super) fn overlap(&self, shard: u32, work: &FitTask) -> Result<OverlapAnswer> {
        let models = models_of(&work.models)?;
        let (_, own) = self.previous()?.segmentation(work.segmentation as usize).ok_or_else(none)?;
        let more = self.memory_of_previous(shard, &work.previous);
        let framed = self.frame_beside(shard, &models, TAKEN_OUT, more)?;
        let rows = self.rows_of_previous(shard, &work.previous, from_ref(own), false)?;
        let labels = framed.frame.labels.get(own.at).ok_or_else(none)?;
        overlap(&rows, 0, own.keys.len(), framed.frame.customers()?, labels)
    }

    /// Writes the shard's part of `changes/`, where there is a run before.
    pub(super) fn write_changes(
        &self,
        shard: u32,
        frame: &Frame,
        files: &[PreviousFile],
        answer: &mut AssignAnswer,
    ) -> Result<()> {
        let Some(run) = &self.spec.previous else { return Ok(()) };
        let rows = self.rows_of_previous(shard, files, &run.segmentations, true)?;
        let path = format!("changes/{}", part_file(shard));
        let changes = Changes::new(run, Side::of_rows(run, &rows)?, Side::of_frame(run, frame)?);
        let (file, counts) = changes.write(frame.id, |pieces| self.write_pieces(&path, pieces))?;
        answer.files.push(file);
        answer.changes = counts;
        Ok(())
    }

    /// Gives the bytes that a shard's customers of the run before take while they are read.
    pub(super) fn memory_of_previous(&self, shard: u32, files: &[PreviousFile]) -> u64 {
        let Some(run) = &self.spec.previous else { return 0 };
        let own: Vec<String> = parts_of(shard, self.spec.shards, run.shards).map(part_file).collect();
        let is_own = |file: &&PreviousFile| own.iter().any(|part| file.path.ends_with(part.as_str()));
        Wanted::memory(run, files.iter().filter(is_own))
    }

    fn rows_of_previous(
        &self,
        shard: u32,
        files: &[PreviousFile],
        segmentations: &[PreviousSegmentation],
        features: bool,
    ) -> Result<PreviousRows> {
        let job = &self.spec.job;
        let run = self.previous()?;
        let folder = self.storage.open(&job.output.uri)?.folder(&RunKeys::new(&job.name, &run.run).run_folder())?;
        let wanted = Wanted { run, segmentations, features };
        read_previous(&folder, &self.runtime, files, wanted, job.unit.key(), (shard, self.spec.shards))
    }

    fn previous(&self) -> Result<&PreviousRun> {
        self.spec.previous.as_ref().ok_or_else(none)
    }
}

fn none() -> Error {
    Error::bug("a task asks for a run before that there is not")
}

//! The stage "assign": writes the shard's part of `features/`, of every `assignments/`, and of `membership/` where segments overlap.

use super::{
    budget::Reservation,
    membership::{in_both, members, reached},
    memory::Slot,
    worker::Worker,
};
use crate::{
    frame::{Frame, FrameSchema, Labels},
    notes::Noted,
    results::{AssignedSegment, assignments_batch, features_schema, write_part},
};
use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use segmenter_proto::{
    Error, Result,
    jobs::Job,
    methods::FittedModels,
    models::Population,
    object_keys::part_file,
    v1::{AssignAnswer, AssignTask, FeatureCount, ResultFile, SegmentCounts, Stage},
};
use std::sync::Arc;

/// As many columns as features have: those that models add, and the file that is written of both.
pub(super) const WRITTEN: u64 = 2;

/// A shard's frame.
#[derive(Debug)]
pub(super) struct Framed<'a> {
    pub(super) frame: Frame,
    /// Values of derived features that could not be computed, by feature.
    pub(super) overflows: Vec<FeatureCount>,
    /// The memory that it takes.
    pub(super) _held: Reservation<'a>,
}

impl Worker {
    pub(super) fn assign(&self, shard: u32, work: &AssignTask) -> Result<AssignAnswer> {
        self.let_fits_go(shard, None)?;
        let models = models_of(&work.models)?;
        let more = match work.only_counts {
            true => 0,
            false => self.memory_of_previous(shard, &work.previous),
        };
        let Framed { frame, overflows, _held } = self.frame_beside(shard, &models, WRITTEN, more)?;
        // The frame has them now, and nothing looks at them later.
        self.memory.forget(|key| *key == (shard, Slot::Features));
        let mut notes = frame.condition_notes(&self.spec)?;
        let mut answer = match work.only_counts {
            true => AssignAnswer::default(),
            false => self.write_assigned(shard, &frame)?,
        };
        if !work.only_counts {
            self.write_changes(shard, &frame, &work.previous, &mut answer)?;
        }
        answer.overflows = overflows;
        for (number, labels) in (0..).zip(&frame.labels) {
            let mut counts = vec![0_u64; labels.segments.len()];
            for &segment in &labels.of {
                counts[segment as usize] += 1;
            }
            let mut reaching = Vec::new();
            for name in &work.reached {
                let truths = frame.table.column_by_name(name).and_then(|truths| truths.as_boolean_opt());
                let truths = truths.ok_or_else(|| Error::bug(format!("{name} is not true or false of customers")))?;
                reaching.extend(reached(labels, truths));
            }
            answer.segmentations.push(SegmentCounts {
                customers: counts,
                holds: labels.holds.clone(),
                both: in_both(labels),
                reached: reaching,
            });
            for Noted { note, column, count, checked, .. } in &labels.noted {
                notes.add(number, *note, column.as_deref().unwrap_or_default(), *count, *checked);
            }
        }
        answer.notes = notes.to_message();
        Ok(answer)
    }

    /// Writes what "measure" will look at, and the shard's files; gives what the answer says of them.
    fn write_assigned(&self, shard: u32, frame: &Frame) -> Result<AssignAnswer> {
        let (_, checksum) = self.keep_measured(shard, frame)?;
        let mut answer = AssignAnswer { measured: vec![checksum], ..AssignAnswer::default() };
        let features = self.feature_columns(frame)?;
        let path = format!("features/{}", part_file(shard));
        answer.files.push(write_part(&self.results, &self.runtime, &path, [features])?);
        self.middle(Stage::Assign)?;
        let customers = frame.customers()?;
        for (segmentation, labels) in self.spec.job.segmentations.iter().zip(&frame.labels) {
            let segments = segments_of(labels);
            let path = |folder: &str| format!("{folder}/{}/{}", segmentation.name, part_file(shard));
            answer
                .files
                .push(self.write_pieces(&path("assignments"), assigned(frame.id, customers, labels, &segments))?);
            if let Some(who) = &labels.members {
                answer
                    .files
                    .push(self.write_pieces(&path("membership"), members(frame.id, customers, who, &segments))?);
            }
        }
        Ok(answer)
    }

    /// Writes a result file of which one piece is there at a time; where pieces begin changes no byte.
    pub(super) fn write_pieces(
        &self,
        path: &str,
        mut pieces: impl Iterator<Item = Result<RecordBatch>>,
    ) -> Result<ResultFile> {
        let mut wrong = None;
        let pieces = pieces.by_ref().map_while(|rows| rows.map_err(|error| wrong = Some(error)).ok());
        let file = write_part(&self.results, &self.runtime, path, pieces);
        match wrong {
            Some(error) => Err(error),
            None => file,
        }
    }

    /// Gives a shard's frame, with the memory that it takes held: its features, and as many columns again `beside` them.
    pub(super) fn frame(&self, shard: u32, models: &FittedModels, beside: u64) -> Result<Framed<'_>> {
        self.frame_beside(shard, models, beside, 0)
    }

    /// Does the same with so many bytes `more` held for what is laid beside the frame.
    pub(super) fn frame_beside(&self, shard: u32, models: &FittedModels, beside: u64, more: u64) -> Result<Framed<'_>> {
        let (held, features, overflows) = self.all_features_beside(shard, &models.population, beside, more)?;
        let frame = Frame::build(&self.spec, features, &models.segmentations)?;
        Ok(Framed { frame, overflows, _held: held })
    }

    /// Gives a shard's features, those that are forecast and derived among them as far as is known what they need, with the memory that they and as many
    /// columns `beside` them take held, and how many values could not be computed.
    pub(super) fn all_features(
        &self,
        shard: u32,
        population: &Population,
        beside: u64,
    ) -> Result<(Reservation<'_>, RecordBatch, Vec<FeatureCount>)> {
        self.all_features_beside(shard, population, beside, 0)
    }

    fn all_features_beside(
        &self,
        shard: u32,
        population: &Population,
        beside: u64,
        more: u64,
    ) -> Result<(Reservation<'_>, RecordBatch, Vec<FeatureCount>)> {
        // A derived column, or that of a constant, is taken to be as large as those that are stored.
        let (stored, columns) = (self.size_of_features(shard)?, self.plan.schema().fields().len() as u64);
        let added = self.plan.derived().fields().len()
            + self.plan.lifetimes().fields().len()
            + self.plan.constants().len()
            + columns_of_members(&self.spec.job);
        let derived = stored / columns * added as u64;
        let needed = (1 + beside) * (stored + derived) + more;
        self.memory.note_work(needed);
        let held = self.memory.reserve(needed, &format!("the customers of shard {shard}"))?;
        let features = self.plan.lifetimes().add(self.read_features(shard)?, population)?;
        let (features, overflows) = self.plan.derived().add(features, population)?;
        Ok((held, features, overflows))
    }

    /// Gives the columns of `features/`: the id, features and scores.
    fn feature_columns(&self, frame: &Frame) -> Result<RecordBatch> {
        let fields = FrameSchema::of(&self.spec, &self.plan).features;
        let mut columns = vec![Arc::new(frame.customers()?.clone()) as _];
        for field in &fields {
            let column = frame.table.column_by_name(field.name());
            columns.push(column.cloned().ok_or_else(|| Error::bug(format!("the frame has no {}", field.name())))?);
        }
        let schema = features_schema(
            frame.id,
            fields.into_iter().map(|field| (field.name().clone(), field.data_type().clone())),
        );
        RecordBatch::try_new(schema, columns)
            .map_err(|error| Error::bug("features do not fit their schema").caused_by(error))
    }
}

/// Gives what is known so far, of a task.
pub(super) fn models_of(json: &str) -> Result<FittedModels> {
    serde_json::from_str(json).map_err(|error| Error::bug("models could not be read from a task").caused_by(error))
}

/// Customers whose assignments are made at a time.
pub(super) const PIECE: usize = 1 << 16;

/// Gives as how many columns it counts who is in segments that overlap: a bit a customer and segment.
fn columns_of_members(job: &Job) -> usize {
    let methods = job.segmentations.iter().map(|segmentation| segmentation.method.spec());
    methods.filter(|method| method.overlapping()).map(|method| method.conditions().len().div_ceil(64)).sum()
}

/// Gives how segments are written beside customers.
fn segments_of(labels: &Labels) -> Vec<AssignedSegment> {
    let named = (0..).zip(&labels.segments).map(|(segment_id, segment)| AssignedSegment {
        segment_id,
        segment_key: segment.key.clone(),
        segment_name: segment.name.clone(),
    });
    named.collect()
}

/// Gives the rows of a segmentation in pieces; of nobody one without rows.
fn assigned<'a>(
    id: &'a str,
    customers: &'a StringArray,
    labels: &'a Labels,
    segments: &'a [AssignedSegment],
) -> impl Iterator<Item = Result<RecordBatch>> + 'a {
    (0..customers.len().max(1)).step_by(PIECE).map(move |start| {
        let end = customers.len().min(start + PIECE);
        let memberships = labels.memberships.as_ref().map(|memberships| &memberships[start..end]);
        assignments_batch(
            id,
            Arc::new(customers.slice(start, end - start)),
            &labels.of[start..end],
            segments,
            memberships,
        )
    })
}

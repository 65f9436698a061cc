//! Builds the frame of a shard from its features and the models fitted so far.

use super::{
    methods::{Customers, assigner},
    schema::score_names,
};
use crate::{notes::Noted, results::Membership, spec::RunSpec};
use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray},
    buffer::BooleanBuffer,
    datatypes::{Field, Schema},
};
use segmenter_proto::{
    Error, Result,
    methods::{SegmentName, SegmentationModel},
};
use std::sync::Arc;

/// The segment of every customer in one segmentation.
#[derive(Debug)]
pub struct Labels {
    /// All segments, ordered by key.
    pub segments: Vec<SegmentName>,
    /// Segment id a customer.
    pub of: Vec<u32>,
    /// What is known of each customer beside the segment; none of methods that tell nothing.
    pub memberships: Option<Vec<Membership>>,
    /// What is to be noted of those in scope; nothing of methods without a matrix.
    pub noted: Vec<Noted>,
    /// Of rules: customers for whom each holds, whether it decides or not, by segment id; empty off rules.
    pub holds: Vec<u64>,
    /// Where segments overlap: who is in each, by segment id.
    pub members: Option<Vec<BooleanBuffer>>,
    /// What it adds to the features: the r, f and m scores; none of other methods.
    pub scores: Vec<ArrayRef>,
}

impl Labels {
    /// Gives the labels of a method that tells nothing but the segment.
    pub(super) fn plain(segments: Vec<SegmentName>, of: Vec<u32>) -> Self {
        Self {
            segments,
            of,
            memberships: None,
            noted: Vec::new(),
            holds: Vec::new(),
            members: None,
            scores: Vec::new(),
        }
    }
}

/// A shard's customers.
#[derive(Debug)]
pub struct Frame {
    /// The name of the id.
    pub id: &'static str,
    /// The id, features, and what the segmentations added.
    pub table: RecordBatch,
    /// One a model.
    pub labels: Vec<Labels>,
}

impl Frame {
    /// Adds what each model says, in the order of the job, to a shard's features.
    ///
    /// # Errors
    /// When a rule or `where` fails on a value: Data; else Bug.
    pub fn build(spec: &RunSpec, features: RecordBatch, models: &[SegmentationModel]) -> Result<Self> {
        let mut frame = Self { id: spec.job.unit.key(), table: features, labels: Vec::new() };
        for (at, model) in models.iter().enumerate() {
            let customers = Customers { spec, table: &frame.table, at };
            let labels = assigner(model).assign(customers, model.segments())?;
            for (name, scores) in score_names(&spec.job, at).iter().zip(&labels.scores) {
                frame.add(name, Arc::clone(scores))?;
            }
            let keys: StringArray =
                labels.of.iter().map(|&segment| Some(labels.segments[segment as usize].key.as_str())).collect();
            frame.add(model.segmentation(), Arc::new(keys))?;
            frame.labels.push(labels);
        }
        Ok(frame)
    }

    /// Gives the ids.
    ///
    /// # Errors
    /// Bug only.
    pub fn customers(&self) -> Result<&StringArray> {
        column(&self.table, self.id).map(|ids| ids.as_string::<i32>())
    }

    fn add(&mut self, name: &str, values: ArrayRef) -> Result<()> {
        let mut fields: Vec<Arc<Field>> = self.table.schema().fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(name, values.data_type().clone(), values.null_count() > 0)));
        let mut columns = self.table.columns().to_vec();
        columns.push(values);
        self.table = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|error| Error::bug("a frame could not be widened").caused_by(error))?;
        Ok(())
    }
}

/// Gives a column of a frame.
pub(super) fn column<'a>(table: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    table.column_by_name(name).ok_or_else(|| Error::bug(format!("the frame has no column {name}")))
}

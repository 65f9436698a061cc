//! What the rounds of "measure" look at: written once when customers are assigned, so that no round scales features and
//! compares centroids again.

use super::{
    assign::WRITTEN,
    memory::{Held, Slot},
    work_files::{Written, measured_object, read_table},
    worker::Worker,
};
use crate::{
    features::{GROSS, NET, ORDERS},
    frame::{Frame, FrameSchema},
    measure::{Groups, is_profiled},
};
use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array, UInt64Array},
    datatypes::{DataType, Field, Schema, UInt32Type},
};
use segmenter_proto::{
    Error, Result, draw,
    methods::{FittedModels, SegmentationModel},
};
use std::sync::Arc;

/// A number that is drawn of the customer's id, for all chance of measures.
pub(super) const CHANCE: &str = "__chance";

/// The profiled features, what effectiveness needs, and the segment ids of a shard's customers.
#[derive(Debug)]
pub(super) struct Measured {
    table: RecordBatch,
}

impl Measured {
    fn of(frame: &Frame, features: &[String], others: &[String], seed: u64) -> Result<Self> {
        let schema = frame.table.schema();
        let mut fields = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        let judged_by = [ORDERS, GROSS, NET].into_iter().chain(others.iter().map(String::as_str));
        for name in features.iter().map(String::as_str).chain(judged_by) {
            let at = schema.index_of(name).map_err(|error| Error::bug("a feature is not there").caused_by(error))?;
            fields.push(schema.field(at).clone());
            columns.push(frame.table.column(at).clone());
        }
        let chance = frame.customers()?.iter().map(|id| draw(seed, "measure", id.unwrap_or_default()));
        fields.push(Field::new(CHANCE, DataType::UInt64, false));
        columns.push(Arc::new(UInt64Array::from_iter_values(chance)));
        for (number, labels) in frame.labels.iter().enumerate() {
            let ids: ArrayRef = Arc::new(UInt32Array::from(labels.of.clone()));
            fields.push(Field::new(label(number), ids.data_type().clone(), false));
            columns.push(ids);
            for (segment, who) in labels.members.iter().flatten().enumerate() {
                fields.push(Field::new(member(number, segment), DataType::Boolean, false));
                columns.push(Arc::new(BooleanArray::new(who.clone(), None)));
            }
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map(|table| Self { table })
            .map_err(|error| Error::bug("measured columns do not fit together").caused_by(error))
    }

    /// Gives a column.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn column(&self, name: &str) -> Result<&ArrayRef> {
        self.table.column_by_name(name).ok_or_else(|| Error::bug(format!("{name} is not measured")))
    }

    /// Gives the number of customers.
    pub(super) fn customers(&self) -> usize {
        self.table.num_rows()
    }

    /// Gives the position of the segment that every customer is assigned to.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn labels(&self, segmentation: usize) -> Result<&[u32]> {
        Ok(self.column(&label(segmentation))?.as_primitive::<UInt32Type>().values())
    }

    /// Gives who is in which of so many segments of a segmentation.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn groups(&self, segmentation: usize, model: &SegmentationModel) -> Result<Groups<'_>> {
        let segments = model.segments().len();
        if !model.model().overlapping() {
            return Groups::apart(self.labels(segmentation)?, segments);
        }
        let who = |segment| Ok(self.column(&member(segmentation, segment))?.as_boolean().values().clone());
        Ok(Groups::Overlapping((0..segments).map(who).collect::<Result<_>>()?))
    }
}

impl Worker {
    /// Gives the names of the features that profiles tell about.
    pub(super) fn profiled(&self) -> Vec<String> {
        let features = FrameSchema::of(&self.spec, &self.plan).features;
        let profiled = features.into_iter().filter(|field| is_profiled(field.data_type()));
        profiled.map(|field| field.name().clone()).collect()
    }

    /// Gives the names of those, and of the others that clusters are made of.
    fn looked_at(&self) -> Vec<String> {
        let mut names = self.profiled();
        let spaces = self.spec.job.segmentations.iter().filter_map(|own| own.method.spec().space());
        for name in spaces.flat_map(|space| &space.features) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// Writes what "measure" will look at, and gives its checksum too.
    pub(super) fn keep_measured(&self, shard: u32, frame: &Frame) -> Result<(Measured, u64)> {
        let measured = Measured::of(frame, &self.looked_at(), &self.plan.measured_columns(), self.spec.job.seed)?;
        let Written { checksum, size, table } =
            self.write_table(&measured.table, |checksum| measured_object(shard, checksum))?;
        let held = Arc::new(Held::Table(table.clone()));
        self.memory.keep_if_free(shard, Slot::Measured, &held, size);
        Ok((Measured { table }, checksum))
    }

    /// Gives it, kept or read, or makes it again where it is gone or damaged.
    pub(super) fn measured(&self, shard: u32, models: &FittedModels) -> Result<Measured> {
        if let Some(held) = self.memory.get(shard, Slot::Measured)
            && let Held::Table(table) = &*held
        {
            return Ok(Measured { table: table.clone() });
        }
        let read = |checksum| read_table(&self.work, &self.runtime, &measured_object(shard, checksum), checksum);
        match self.told.measured(shard).map(read).transpose() {
            Ok(Some(table)) => return Ok(Measured { table }),
            Ok(None) => {}
            Err(error) if error.lost_work.is_some() => {
                tracing::warn!(shard, error = %error, "made again from the features");
            }
            Err(error) => return Err(error),
        }
        let framed = self.frame(shard, models, WRITTEN)?;
        Ok(self.keep_measured(shard, &framed.frame)?.0)
    }
}

fn label(segmentation: usize) -> String {
    format!("__segment_{segmentation}")
}

/// The column that says who is in a segment, where segments overlap.
fn member(segmentation: usize, segment: usize) -> String {
    format!("__segment_{segmentation}_{segment}")
}

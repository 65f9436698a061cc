//! Customers of one run as they are laid beside those of another.

use super::rows::PreviousRows;
use crate::{
    frame::Frame,
    spec::{PreviousRun, PreviousSegmentation},
};
use arrow::{
    array::{AsArray, Float64Array, StringArray, UInt32Array},
    buffer::BooleanBuffer,
    compute::cast,
    datatypes::DataType,
};
use segmenter_proto::{Error, Result};

/// A shard's customers in one run, in the order of their ids.
#[derive(Debug)]
pub struct Side<'a> {
    pub(super) customers: &'a StringArray,
    /// One a segmentation of both runs.
    pub(super) segmentations: Vec<Divided<'a>>,
    /// In the order of the numbers of both runs.
    pub(super) numbers: Vec<Float64Array>,
    pub(super) tiers: Option<StringArray>,
}

/// Who is in which segment of one segmentation.
#[derive(Debug)]
pub(super) struct Divided<'a> {
    /// Keys of the segments.
    pub(super) keys: Vec<&'a str>,
    /// Position of the segment, a customer.
    pub(super) of: UInt32Array,
    /// Who is in each segment, where they overlap.
    pub(super) members: Option<Vec<&'a BooleanBuffer>>,
}

impl<'a> Side<'a> {
    /// Takes customers as they were read of a run, with all that is compared.
    ///
    /// # Errors
    /// Bug only.
    pub fn of_rows(run: &'a PreviousRun, rows: &'a PreviousRows) -> Result<Self> {
        let divided = |(at, own): (usize, &'a PreviousSegmentation)| {
            let members = || (0..own.keys.len()).map(|segment| rows.members(at, segment)).collect::<Result<_>>();
            Ok(Divided {
                keys: own.keys.iter().map(String::as_str).collect(),
                of: rows.segments(at)?.clone(),
                members: own.overlapping.then(members).transpose()?,
            })
        };
        Ok(Self {
            customers: rows.customers()?,
            segmentations: run.segmentations.iter().enumerate().map(divided).collect::<Result<_>>()?,
            numbers: (0..run.numbers.len()).map(|at| Ok(rows.number(at)?.clone())).collect::<Result<_>>()?,
            tiers: run.tier.is_some().then(|| rows.tiers().cloned()).transpose()?,
        })
    }

    /// Takes the customers of this run, as far as they are compared with `run`.
    ///
    /// # Errors
    /// Bug only.
    pub fn of_frame(run: &PreviousRun, frame: &'a Frame) -> Result<Self> {
        let column = |name: &str, kind: &DataType| {
            let column = frame.table.column_by_name(name);
            let column = column.ok_or_else(|| Error::bug(format!("the frame has no {name}")))?;
            cast(column, kind).map_err(|error| Error::bug(format!("{name} is of another type")).caused_by(error))
        };
        let divided = |own: &PreviousSegmentation| {
            let labels = frame.labels.get(own.at).ok_or_else(|| Error::bug("a segmentation is not in the frame"))?;
            let members = labels.members.as_ref().filter(|_| own.overlapping);
            Ok(Divided {
                keys: labels.segments.iter().map(|segment| segment.key.as_str()).collect(),
                of: UInt32Array::from(labels.of.clone()),
                members: members.map(|members| members.iter().collect()),
            })
        };
        let number = |name: &str| Ok(column(name, &DataType::Float64)?.as_primitive().clone());
        let tiers = |name: &String| Ok::<_, Error>(column(name, &DataType::Utf8)?.as_string().clone());
        Ok(Self {
            customers: frame.customers()?,
            segmentations: run.segmentations.iter().map(divided).collect::<Result<_>>()?,
            numbers: run.numbers.iter().map(|own| number(&own.name)).collect::<Result<_>>()?,
            tiers: run.tier.as_ref().map(tiers).transpose()?,
        })
    }

    /// Gives the key of a customer's segment.
    pub(super) fn key(&self, segmentation: usize, row: usize) -> Option<&'a str> {
        let own = self.segmentations.get(segmentation)?;
        own.keys.get(own.of.value(row) as usize).copied()
    }
}

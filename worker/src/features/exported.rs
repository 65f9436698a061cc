//! What exports use beside features: columns of customers, and whom the channels of exports reach. No feature and no result table sees it.

use super::{
    queries::{Computed, QueryFeatures},
    taste::may_be_told,
};
use crate::{
    shard::{Attribute, Shard},
    spec::{RunSpec, names_of_exports},
    sql::{Catalogue, Room, ShardTables},
};
use arrow::{
    array::ArrayRef,
    datatypes::{DataType, Field},
};
use segmenter_proto::{Error, Result};
use std::collections::BTreeSet;

/// Gives the column of a shard's features that has a column of customers for exports; not a feature.
pub fn exported_column(name: &str) -> String {
    format!("__exported_{name}")
}

/// Gives the column that says whether a channel reaches a customer; not a feature.
pub fn may_be_told_by(channel: &str) -> String {
    format!("__may_be_told_by_{channel}")
}

/// The columns.
#[derive(Debug)]
pub(super) struct ExportedPlan {
    attributes: Vec<Attribute>,
    /// A channel, and whom it reaches.
    channels: Vec<(String, QueryFeatures)>,
}

impl ExportedPlan {
    /// Compiles what is there in no other column: what is a feature already is taken from there.
    ///
    /// # Errors
    /// An expression cannot be parsed, or two sources have a column of one name with different types: Job.
    pub(super) fn compile(spec: &RunSpec, features: &[Field]) -> Result<Self> {
        let mut attributes = Vec::new();
        let mut channels = Vec::new();
        if spec.job.exports.is_empty() {
            return Ok(Self { attributes, channels });
        }
        for name in names_of_exports(&spec.job)? {
            let is_feature = features.iter().any(|field| *field.name() == name);
            let is_segmentation = spec.job.segmentations.iter().any(|segmentation| segmentation.name == name);
            if !is_feature && !is_segmentation {
                attributes.extend(Attribute::find(spec, &name)?);
            }
        }
        let asked: BTreeSet<&String> = spec.job.exports.iter().filter_map(|export| export.channel.as_ref()).collect();
        if !asked.is_empty() {
            let catalogue = Catalogue::of(spec)?;
            for channel in asked {
                let told = format!("whom channel {channel} reaches");
                channels.push((channel.clone(), may_be_told(spec, channel, &told, &catalogue)?));
            }
        }
        Ok(Self { attributes, channels })
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = &Field> {
        self.attributes.iter().map(Attribute::field)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        let of_customers = self.attributes().map(|field| {
            let name = exported_column(field.name());
            field.clone().with_name(name).with_nullable(true)
        });
        let of_channels =
            self.channels.iter().map(|(channel, _)| Field::new(may_be_told_by(channel), DataType::Boolean, true));
        of_customers.chain(of_channels)
    }

    /// Gives the columns, a value a customer.
    ///
    /// # Errors
    /// See [`QueryFeatures::compute`].
    pub(super) fn compute(&self, shard: &Shard, tables: &ShardTables<'_>, room: Room<'_>) -> Result<Vec<ArrayRef>> {
        let mut columns =
            self.attributes.iter().map(|attribute| attribute.compute(shard)).collect::<Result<Vec<_>>>()?;
        for (_, query) in &self.channels {
            let Computed { values, .. } = query.compute(tables, room)?;
            columns.push(values.into_iter().next().ok_or_else(|| Error::bug("nobody knows whom a channel reaches"))?);
        }
        Ok(columns)
    }
}

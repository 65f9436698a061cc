//! Columns of the customers sources, one value a customer.

use super::Shard;
use crate::spec::RunSpec;
use arrow::{
    array::{Array, ArrayRef, UInt32Array, new_null_array},
    compute::take,
    datatypes::{DataType, Field},
};
use segmenter_proto::{Error, Result, jobs::SourceKind};

/// A column of a customers source that segmentations use.
#[derive(Debug, Clone)]
pub struct Attribute {
    source: usize,
    field: Field,
}

impl Attribute {
    /// Finds a column by its name: that of the first customers source in the job that has it.
    ///
    /// # Errors
    /// Bug only.
    pub fn find(spec: &RunSpec, name: &str) -> Result<Option<Self>> {
        for (at, source) in spec.sources.iter().enumerate() {
            if source.source.kind == SourceKind::Customers
                && name != "customer_id"
                && let Ok(field) = source.schema()?.field_with_name(name)
            {
                return Ok(Some(Self { source: at, field: field.clone() }));
            }
        }
        Ok(None)
    }

    /// Says whether it is personal or sensitive, and the job does not let it pass.
    pub fn is_protected(&self, spec: &RunSpec) -> bool {
        let source = spec.sources.get(self.source);
        source.is_some_and(|source| spec.job.protects(&source.source, self.field.name()).is_some())
    }

    /// Gives its name and type.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Gives one value a customer; null for those without a row.
    ///
    /// # Errors
    /// Bug only.
    pub fn compute(&self, shard: &Shard) -> Result<ArrayRef> {
        let kind: &DataType = self.field.data_type();
        let of_source = shard.sources.iter().find(|rows| rows.source == self.source);
        let Some((of_source, rows)) = of_source.and_then(|found| Some((found, found.whole()?))) else {
            return Ok(new_null_array(kind, shard.customers.len()));
        };
        let column = rows.column_by_name(self.field.name()).ok_or_else(|| Error::bug("an attribute was not kept"))?;
        let mut row_of: Vec<Option<u32>> = vec![None; shard.customers.len()];
        for (row, &ordinal) in (0_u32..).zip(of_source.ordinals.values()) {
            row_of[ordinal as usize] = Some(row);
        }
        take(column, &UInt32Array::from(row_of), None)
            .map_err(|error| Error::bug("an attribute could not be looked up").caused_by(error))
    }
}

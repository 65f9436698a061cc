//! The rows that travel between the rounds, in chunks as those of the partition: what each is called there, and its columns.

use super::node::Node;
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, RecordBatch, StringArray},
    datatypes::Decimal128Type,
};
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// An id of a pair: its node, its text, and the reason of the pair.
pub(super) const NAMES: u32 = 0;
/// A link, at the shard of its first node: that and the other.
pub const LINKS: u32 = 1;
/// A person of the earlier run: the node.
pub(super) const EARLIER: u32 = 2;
/// Two ids that are apart, at the shard of the first: that and the other.
pub(super) const APART: u32 = 3;
/// An id at the shard of its component: the component, the text, the reason, and whether it was a person in the earlier run.
pub(super) const MEMBERS: u32 = 4;
/// Two ids that are apart, the smaller first, and the component of one of them.
pub(super) const COMPONENTS_OF_APART: u32 = 5;
/// A component that would join two ids that are apart.
pub(super) const HELD_APART: u32 = 6;
/// An id with that of its person, the reason, and what became of its component.
pub(super) const PEOPLE: u32 = 7;

/// Nodes by column, one value a row.
#[derive(Debug, Default)]
pub(super) struct Nodes<const COLUMNS: usize>(Vec<[Node; COLUMNS]>);

impl<const COLUMNS: usize> Nodes<COLUMNS> {
    pub(super) fn push(&mut self, row: [Node; COLUMNS]) {
        self.0.push(row);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn rows(&self) -> &[[Node; COLUMNS]] {
        &self.0
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn batch(&self) -> Result<RecordBatch> {
        batch((0..COLUMNS).map(|column| nodes(self.0.iter().map(|row| row[column]))).collect())
    }
}

/// Gives a column of nodes.
pub(super) fn nodes(values: impl Iterator<Item = Node>) -> ArrayRef {
    // The bits are what matters, and no arithmetic is done with them.
    Arc::new(Decimal128Array::from_iter_values(values.map(|node| node as i128)))
}

/// Gives rows of columns that are found by their places.
pub(super) fn batch(columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let named = columns.into_iter().enumerate().map(|(at, column)| (at.to_string(), column, true));
    RecordBatch::try_from_iter_with_nullable(named)
        .map_err(|error| Error::bug("rows of ids do not fit together").caused_by(error))
}

/// Gives the nodes of a column.
pub(super) fn nodes_of(rows: &RecordBatch, column: usize) -> Result<impl Iterator<Item = Node> + '_> {
    let found = rows.columns().get(column).and_then(|values| values.as_primitive_opt::<Decimal128Type>());
    Ok(found.ok_or_else(lost)?.values().iter().map(|bits| *bits as Node))
}

/// Gives the texts of a column.
pub(super) fn texts_of(rows: &RecordBatch, column: usize) -> Result<&StringArray> {
    rows.columns().get(column).and_then(|values| values.as_string_opt::<i32>()).ok_or_else(lost)
}

/// Gives the truths of a column.
pub(super) fn truths_of(rows: &RecordBatch, column: usize) -> Result<&BooleanArray> {
    rows.columns().get(column).and_then(|values| values.as_boolean_opt()).ok_or_else(lost)
}

fn lost() -> Error {
    Error::bug("rows of ids have lost a column")
}

/// Gives a value of a column of texts; none where it is null.
pub(super) fn text(values: &StringArray, row: usize) -> Option<&str> {
    values.is_valid(row).then(|| values.value(row))
}

//! A part of a matrix, and of a shard.

use arrow::array::StringArray;
use segmenter_proto::Result;

use crate::segmentation::kmeans::{rounds::shard::KmeansShard, rows::matrix::Matrix};

impl Matrix {
    /// Gives some of the rows, in the order given.
    pub(in crate::segmentation) fn select(&self, rows: &[usize]) -> Self {
        let mut selected = Self::zeros(rows.len(), self.layout().clone());
        for (to, from) in rows.iter().enumerate() {
            for (column, cell) in self.cells(*from).into_iter().enumerate() {
                selected.set(to, column, cell);
            }
        }
        selected
    }
}

impl KmeansShard {
    /// Gives a shard of some of the rows, which rise.
    pub(in crate::segmentation) fn select(&self, rows: &[usize]) -> Result<Self> {
        let ids = StringArray::from_iter_values(rows.iter().map(|row| self.ids().get(*row)));
        Self::new(self.matrix().select(rows), ids)
    }
}

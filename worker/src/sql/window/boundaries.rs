//! Where partitions and runs of peers begin in rows that are sorted.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::partition;
use datafusion_common::Result;
use std::ops::Range;

use super::plan::WindowPlan;

/// Whole partitions, sorted by partition, order and what breaks ties.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) rows: RecordBatch,
    /// Where partitions begin, and the number of rows.
    partitions: Vec<usize>,
    /// Where runs of peers begin, and the number of rows.
    peers: Vec<usize>,
}

/// The rows of a partition.
#[derive(Debug, Clone)]
pub(super) struct Partition<'a> {
    pub(super) rows: Range<usize>,
    /// Where its runs of peers begin, and where the last one ends.
    pub(super) peers: &'a [usize],
}

impl Chunk {
    /// Finds the partitions and peers of sorted rows.
    pub(super) fn new(rows: RecordBatch, plan: &WindowPlan) -> Result<Self> {
        let mut columns: Vec<ArrayRef> = plan.partition.iter().map(|column| rows.column(*column).clone()).collect();
        let partitions = runs(&columns, rows.num_rows())?;
        columns.extend(plan.order.iter().map(|(column, _)| rows.column(*column).clone()));
        let peers = if plan.order.is_empty() { partitions.clone() } else { runs(&columns, rows.num_rows())? };
        Ok(Self { rows, partitions, peers })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.num_rows()
    }

    /// Gives the partitions in turn.
    pub(super) fn partitions(&self) -> impl Iterator<Item = Partition<'_>> {
        let mut seen = 0;
        self.partitions.windows(2).map(move |edges| {
            let first = seen;
            while self.peers[seen] < edges[1] {
                seen += 1;
            }
            Partition { rows: edges[0]..edges[1], peers: &self.peers[first..=seen] }
        })
    }
}

impl Partition<'_> {
    /// Gives the runs of peers in turn.
    pub(super) fn groups(&self) -> impl Iterator<Item = Range<usize>> {
        self.peers.windows(2).map(|edges| edges[0]..edges[1])
    }
}

/// Gives where runs of rows equal in all columns begin, and the number of rows.
pub(super) fn runs(columns: &[ArrayRef], rows: usize) -> Result<Vec<usize>> {
    let mut starts: Vec<usize> = match (columns.is_empty(), rows) {
        (_, 0) => Vec::new(),
        (true, _) => vec![0],
        (false, _) => partition(columns)?.ranges().into_iter().map(|run| run.start).collect(),
    };
    starts.push(rows);
    Ok(starts)
}

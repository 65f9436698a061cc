//! What a row's place gives, and nothing else: numbers, ranks and buckets.

use arrow::array::{ArrayRef, Float64Array, Int64Array};
use std::ops::Range;
use std::sync::Arc;

use super::boundaries::Chunk;

/// Where a row stands in its partition. All counts are from 0.
struct Place {
    row: usize,
    peers: Range<usize>,
    /// Of its peers among the runs of peers.
    group: usize,
    /// Rows of the partition.
    count: usize,
}

pub(super) fn row_number(chunk: &Chunk) -> ArrayRef {
    whole(chunk, |place| place.row + 1)
}

/// Gives the position of the first peer.
pub(super) fn rank(chunk: &Chunk) -> ArrayRef {
    whole(chunk, |place| place.peers.start + 1)
}

pub(super) fn dense_rank(chunk: &Chunk) -> ArrayRef {
    whole(chunk, |place| place.group + 1)
}

/// Gives rank − 1 over rows − 1, and 0 for one row.
pub(super) fn percent_rank(chunk: &Chunk) -> ArrayRef {
    share(chunk, |place| match place.count {
        1 => 0.0,
        count => place.peers.start as f64 / (count - 1) as f64,
    })
}

/// Gives the share of rows that stand before or are peers.
pub(super) fn cume_dist(chunk: &Chunk) -> ArrayRef {
    share(chunk, |place| place.peers.end as f64 / place.count as f64)
}

/// Splits partitions into `buckets` > 0 of equal size; where that does not come out even, the first ones have one row more.
pub(super) fn ntile(chunk: &Chunk, buckets: u64) -> ArrayRef {
    // No partition has more rows than fit.
    let buckets = usize::try_from(buckets).unwrap_or(usize::MAX);
    whole(chunk, |place| {
        let (size, larger) = (place.count / buckets, place.count % buckets);
        let in_larger = larger * (size + 1);
        match place.row < in_larger {
            true => place.row / (size + 1) + 1,
            false => larger + (place.row - in_larger) / size + 1,
        }
    })
}

fn whole(chunk: &Chunk, number: impl Fn(&Place) -> usize) -> ArrayRef {
    Arc::new(Int64Array::from(numbers(chunk, |place| number(place) as i64)))
}

fn share(chunk: &Chunk, number: impl Fn(&Place) -> f64) -> ArrayRef {
    Arc::new(Float64Array::from(numbers(chunk, number)))
}

fn numbers<T>(chunk: &Chunk, number: impl Fn(&Place) -> T) -> Vec<T> {
    let mut numbers = Vec::with_capacity(chunk.len());
    for partition in chunk.partitions() {
        let (first, count) = (partition.rows.start, partition.rows.len());
        for (group, peers) in partition.groups().enumerate() {
            let peers = peers.start - first..peers.end - first;
            for row in peers.clone() {
                numbers.push(number(&Place { row, peers: peers.clone(), group, count }));
            }
        }
    }
    numbers
}

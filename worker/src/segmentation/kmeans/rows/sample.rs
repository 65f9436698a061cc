//! A hash sample: the customers with the smallest hashes, whatever the shards.

use std::collections::BinaryHeap;

use segmenter_proto::{Error, Result, draw, v1};

/// Largest number of customers in a sample.
const MOST_ROWS: usize = 100_000;
/// Bytes of a sample's message, with room for ids.
const MOST_BYTES: usize = 14_000_000;
/// Bytes of a row beside its values: hash, id of usual length, framing.
const ROW_BYTES: usize = 48;

/// Gives the number of customers in a sample of this many dimensions: 100,000, or as many as fit about one message.
pub fn sample_size(dimensions: usize) -> usize {
    (MOST_BYTES / (ROW_BYTES + 4 * dimensions)).min(MOST_ROWS)
}

/// A customer of the sample.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleRow {
    /// The customer's draw.
    pub hash: u64,
    /// Decides between equal hashes.
    pub customer_id: String,
    /// The customer's cells in the matrix.
    pub cells: Vec<i32>,
}

/// Keeps the rows with the smallest hashes, ties by customer id; merges in any order.
#[derive(Debug, Clone)]
pub struct SampleHeap {
    seed: u64,
    purpose: String,
    size: usize,
    /// The largest on top.
    rows: BinaryHeap<SampleRow>,
}

impl SampleHeap {
    /// Starts an empty sample of a segmentation; `size` as [`sample_size`] gives it.
    pub fn new(seed: u64, segmentation: &str, size: usize) -> Self {
        Self { seed, purpose: format!("sample/{segmentation}"), size, rows: BinaryHeap::new() }
    }

    /// Takes a customer in if the draw is small enough; `cells` is asked only then.
    pub fn offer(&mut self, customer_id: &str, cells: impl FnOnce() -> Vec<i32>) {
        let hash = draw(self.seed, &self.purpose, customer_id);
        let full = self.rows.len() >= self.size;
        let beaten = |top: &SampleRow| (top.hash, top.customer_id.as_str()) <= (hash, customer_id);
        if full && self.rows.peek().is_none_or(beaten) {
            return;
        }
        self.push(SampleRow { hash, customer_id: customer_id.to_owned(), cells: cells() });
    }

    /// Gives the message that travels.
    pub fn into_message(self) -> v1::Sample {
        let row = |SampleRow { hash, customer_id, cells }| v1::SampleRow { hash, customer_id, cells };
        v1::Sample { rows: self.rows.into_sorted_vec().into_iter().map(row).collect() }
    }

    fn push(&mut self, row: SampleRow) {
        self.rows.push(row);
        if self.rows.len() > self.size {
            self.rows.pop();
        }
    }
}

/// Gives the rows of a sample by rising hash; fails if they have other dimensions than said.
pub fn sample_rows(sample: v1::Sample, dimensions: usize) -> Result<Vec<SampleRow>> {
    let rows = sample.rows.into_iter();
    let rows: Vec<SampleRow> =
        rows.map(|v1::SampleRow { hash, customer_id, cells }| SampleRow { hash, customer_id, cells }).collect();
    if rows.iter().any(|row| row.cells.len() != dimensions) {
        return Err(Error::bug("a sample's rows have other dimensions than its features"));
    }
    Ok(rows)
}

/// Gives the `size` rows with the smallest hashes of two samples, ties by customer id.
pub fn merge_samples(mut sample: v1::Sample, other: v1::Sample, size: usize) -> v1::Sample {
    sample.rows.extend(other.rows);
    sample.rows.sort_by(|l, r| (l.hash, &l.customer_id).cmp(&(r.hash, &r.customer_id)));
    sample.rows.truncate(size);
    sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ANSWER_LIMIT, MESSAGE_LIMIT};
    use prost::Message;

    fn ids() -> Vec<String> {
        (0..500).map(|i| format!("customer-{i}")).collect()
    }

    #[test]
    fn the_sample_is_the_smallest_hashes_however_it_is_merged() {
        let mut expected: Vec<_> = ids().into_iter().map(|id| (draw(7, "sample/behaviour", &id), id)).collect();
        expected.sort();
        expected.truncate(40);
        for shards in [1, 3, 8] {
            let mut total = v1::Sample::default();
            for shard in (0..shards).rev() {
                let mut heap = SampleHeap::new(7, "behaviour", 40);
                for (index, id) in ids().iter().enumerate().skip(shard).step_by(shards) {
                    heap.offer(id, || vec![index as i32]);
                }
                total = merge_samples(total, heap.into_message(), 40);
            }
            let rows = sample_rows(total, 1).unwrap();
            assert_eq!(rows.iter().map(|row| (row.hash, row.customer_id.clone())).collect::<Vec<_>>(), expected);
            assert!(rows.iter().all(|row| row.customer_id == format!("customer-{}", row.cells[0])));
        }
    }

    #[test]
    fn an_answer_stays_small_whatever_the_dimensions() {
        assert_eq!(sample_size(4), 100_000);
        for dimensions in [4, 40, 400] {
            let row = v1::SampleRow {
                hash: u64::MAX,
                customer_id: "0123456789abcdef0123456789abcdef".into(),
                cells: vec![-1 << 23; dimensions],
            };
            assert!(v1::Sample { rows: vec![row; sample_size(dimensions)] }.encoded_len() < 16 << 20);
        }
        // With ids of 128 characters it outgrows one message, and not an answer.
        for dimensions in [10, 40] {
            let row = v1::SampleRow { hash: u64::MAX, customer_id: "x".repeat(128), cells: vec![-1 << 23; dimensions] };
            let bytes = v1::Sample { rows: vec![row; sample_size(dimensions)] }.encoded_len();
            assert!(bytes > MESSAGE_LIMIT && bytes < ANSWER_LIMIT / 4, "{bytes}");
        }
    }
}

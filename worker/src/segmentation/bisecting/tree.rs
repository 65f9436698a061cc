//! The tree as it grows: which group is split next, and what becomes of a split.

use std::cmp::Reverse;

use segmenter_proto::{Error, Result, methods::LeafStop, statistics::Fraction, v1};

use super::super::kmeans::{Centroids, KmeansResult, RoundStatistics, Stop, rounded_quotient};

/// A group of rows: all, or one side of a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// "1" is all rows; the larger side of a split has its path with `.1`, the smaller with `.2`.
    pub path: String,
    /// Rows.
    pub rows: u64,
    /// The smallest customer id.
    pub smallest_id: String,
    /// Sums of grid values, one a dimension.
    pub sums: Vec<i64>,
    /// Mean of the rows on the grid.
    pub mean: Vec<i32>,
    /// Sum of squared distances to the mean, in squared grid units.
    pub inertia: u128,
    /// Why it is a leaf for good; none of a node that was split or may be.
    pub stop: Option<LeafStop>,
    /// Rows of the smaller side of a split that was refused.
    pub refused_side: Option<u64>,
}

/// A split that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitDone {
    /// Number of the node that was split.
    pub node: usize,
    /// The centroids that decide.
    pub centroids: Centroids,
    /// Labellings of the node's rows.
    pub iterations: u32,
    /// Why they ended.
    pub stop: Stop,
}

/// Nodes numbered as in [`v1::Split`]: 0 is all rows, the i-th split makes 2·i + 1 and 2·i + 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    most_leaves: u32,
    /// Rows that every leaf must have.
    smallest: u64,
    /// Σ|x|² of all rows.
    squares: u128,
    nodes: Vec<Node>,
    splits: Vec<SplitDone>,
}

impl Tree {
    /// Starts with one leaf, of the statistics of all rows labelled by one centroid in the origin.
    pub(super) fn new(most_leaves: u32, min_share: f64, all: &RoundStatistics) -> Result<Self> {
        let rows = all.rows();
        if rows == 0 || all.counts.len() != 1 {
            return Err(Error::bug("a tree of clusters over no rows"));
        }
        let origin = vec![0; all.sums.len()];
        let root = node("1".to_owned(), rows, &all.smallest_ids[0], &all.sums, &origin, all.inertia)?;
        let smallest = Fraction::from_share(min_share)?.position(rows);
        Ok(Self { most_leaves, smallest, squares: all.squares, nodes: vec![root], splits: vec![] })
    }

    /// Gives all nodes by number.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Gives the splits in the order in which they were made.
    pub fn splits(&self) -> &[SplitDone] {
        &self.splits
    }

    /// Gives the two sides of a split by its position.
    pub fn sides(&self, split: usize) -> [&Node; 2] {
        [&self.nodes[2 * split + 1], &self.nodes[2 * split + 2]]
    }

    /// Gives the smallest number of rows of a leaf.
    pub fn smallest(&self) -> u64 {
        self.smallest
    }

    /// Gives the numbers of the leaves, rising.
    pub fn leaves(&self) -> Vec<usize> {
        let split = |node: usize| self.splits.iter().any(|split| split.node == node);
        (0..self.nodes.len()).filter(|node| !split(*node)).collect()
    }

    /// Gives the labelling of all rows by their leaves, each with its mean.
    pub fn statistics(&self) -> RoundStatistics {
        let leaves: Vec<&Node> = self.leaves().into_iter().map(|leaf| &self.nodes[leaf]).collect();
        RoundStatistics {
            sums: leaves.iter().flat_map(|leaf| leaf.sums.iter().copied()).collect(),
            counts: leaves.iter().map(|leaf| leaf.rows).collect(),
            smallest_ids: leaves.iter().map(|leaf| leaf.smallest_id.clone()).collect(),
            inertia: leaves.iter().map(|leaf| leaf.inertia).sum(),
            squares: self.squares,
            changed: 0,
        }
    }

    /// Gives the tree as tasks say it.
    pub(super) fn to_message(&self) -> Vec<v1::Split> {
        let split =
            |split: &SplitDone| v1::Split { node: split.node as u32, centroids: Some(split.centroids.to_message()) };
        self.splits.iter().map(split).collect()
    }

    /// Gives the leaf that is to be split next: of those that can be, the one of the largest inertia, ties by the smallest id.
    ///
    /// Leaves that cannot be are closed on the way, all of them where there is none left.
    pub(super) fn next_leaf(&mut self) -> Option<usize> {
        let leaves = self.leaves();
        let enough = leaves.len() >= self.most_leaves as usize;
        for leaf in &leaves {
            let node = &mut self.nodes[*leaf];
            let why = match node {
                Node { inertia: 0, .. } => Some(LeafStop::OnePlace),
                Node { rows, .. } if *rows < self.smallest.saturating_mul(2) => Some(LeafStop::TooSmall),
                _ => enough.then_some(LeafStop::EnoughLeaves),
            };
            node.stop = node.stop.or(why);
        }
        let open = leaves.into_iter().filter(|leaf| self.nodes[*leaf].stop.is_none());
        open.max_by_key(|leaf| (self.nodes[*leaf].inertia, Reverse(&self.nodes[*leaf].smallest_id)))
    }

    /// Splits a leaf, or refuses and closes it; `spread` is each centroid's own inertia. Says whether it was split.
    pub(super) fn split(&mut self, leaf: usize, found: KmeansResult, spread: &[u128]) -> Result<bool> {
        let KmeansResult { centroids, statistics, iterations, stop } = found;
        let whole = centroids.count() == 2
            && spread.len() == 2
            && spread.iter().sum::<u128>() == statistics.inertia
            && statistics.rows() == self.nodes[leaf].rows;
        if !whole {
            return Err(Error::bug("the sides of a split are not the rows that were split"));
        }
        let smaller = statistics.counts[0].min(statistics.counts[1]);
        if smaller < self.smallest {
            self.nodes[leaf].stop = Some(LeafStop::SideTooSmall);
            self.nodes[leaf].refused_side = Some(smaller);
            return Ok(false);
        }
        let size = |side: usize| (Reverse(statistics.counts[side]), &statistics.smallest_ids[side]);
        let first_is_larger = size(0) < size(1);
        for (side, spread) in spread.iter().enumerate().take(2) {
            let number = if (side == 0) == first_is_larger { 1 } else { 2 };
            let path = format!("{}.{number}", self.nodes[leaf].path);
            let (rows, id) = (statistics.counts[side], &statistics.smallest_ids[side]);
            let sums = &statistics.sums[side * centroids.dimensions()..][..centroids.dimensions()];
            self.nodes.push(node(path, rows, id, sums, centroids.get(side), *spread)?);
        }
        self.splits.push(SplitDone { node: leaf, centroids, iterations, stop });
        Ok(true)
    }
}

/// Makes a node of its rows' sums and their squared distances to some point.
fn node(path: String, rows: u64, id: &str, sums: &[i64], point: &[i32], spread: u128) -> Result<Node> {
    let mean: Vec<i32> = sums.iter().map(|sum| rounded_quotient(*sum, rows)).collect();
    // Σ|x − m|² − Σ|x − p|² = 2·(p − m)·Σx + n·(|m|² − |p|²).
    let moved: i128 = mean
        .iter()
        .zip(point)
        .zip(sums)
        .map(|((mean, point), sum)| {
            let (mean, point) = (i128::from(*mean), i128::from(*point));
            2 * (point - mean) * i128::from(*sum) + i128::from(rows) * (mean * mean - point * point)
        })
        .sum();
    let inertia = spread.checked_add_signed(moved).ok_or_else(|| Error::bug("a group of negative inertia"))?;
    let (smallest_id, sums) = (id.to_owned(), sums.to_vec());
    Ok(Node { path, rows, smallest_id, sums, mean, inertia, stop: None, refused_side: None })
}

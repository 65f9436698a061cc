//! A shard's rows of one leaf: answers the requests of a fit.

use segmenter_proto::{Error, Result, v1};

use super::super::kmeans::{Centroids, KmeansShard, Matrix, merge_kmeans_answers, visit_nearest};

/// The node of every row, and the splits that it follows from; starts with every row in node 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nodes {
    splits: Vec<v1::Split>,
    /// Empty before the first split.
    of: Vec<u16>,
}

impl Nodes {
    /// Gives the bytes that the nodes of so many rows take.
    pub fn bytes(rows: usize) -> usize {
        rows * size_of::<u16>()
    }

    /// Has the rows go down a tree, from where they are if it is the same one further grown, else from the root.
    ///
    /// # Errors
    /// On splits that do not fit the rows: Bug.
    pub fn descend(&mut self, splits: &[v1::Split], matrix: &Matrix) -> Result<()> {
        if !splits.starts_with(&self.splits) || self.of.len() != matrix.rows() {
            *self = Self { splits: vec![], of: vec![0; matrix.rows()] };
        }
        for (position, split) in splits.iter().enumerate().skip(self.splits.len()) {
            let centroids = centroids_of(split.centroids.as_ref(), matrix)?;
            let node = u16::try_from(split.node).map_err(|_| unlike())?;
            let first = u16::try_from(2 * position + 1).map_err(|_| unlike())?;
            if centroids.count() != 2 || node >= first {
                return Err(unlike());
            }
            let mut of = std::mem::take(&mut self.of);
            let known = of.clone();
            visit_nearest(
                matrix,
                &centroids,
                |rows| known[rows].contains(&node),
                |row, near| {
                    if of[row] == node {
                        of[row] = first + near.cluster as u16;
                    }
                },
            );
            self.of = of;
        }
        self.splits = splits.to_vec();
        Ok(())
    }

    /// Gives the node of every row; empty before the first descent.
    pub(super) fn of_rows(&self) -> &[u16] {
        &self.of
    }

    /// Gives the rows of a node, rising; `rows` is how many there are in all.
    pub fn rows_of(&self, node: u32, rows: usize) -> Vec<usize> {
        if self.splits.is_empty() {
            return if node == 0 { (0..rows).collect() } else { vec![] };
        }
        (0..self.of.len()).filter(|row| u32::from(self.of[*row]) == node).collect()
    }
}

/// A shard's rows of one leaf, and where all its rows are.
#[derive(Debug)]
pub struct LeafRows {
    nodes: Nodes,
    leaf: u32,
    rows: KmeansShard,
}

impl LeafRows {
    /// Gathers the rows of `leaf`, which `nodes` says.
    ///
    /// # Errors
    /// Bug only.
    pub fn gather(nodes: Nodes, leaf: u32, shard: &KmeansShard) -> Result<Self> {
        let rows = shard.select(&nodes.rows_of(leaf, shard.matrix().rows()))?;
        Ok(Self { nodes, leaf, rows })
    }

    /// Says whether these are the rows that a request means.
    pub fn fits(&self, request: &v1::BisectingRequest) -> bool {
        self.leaf == request.leaf && request.splits.starts_with(&self.nodes.splits)
    }

    /// Gives the nodes away, which the next leaf begins with.
    pub fn take_nodes(&mut self) -> Nodes {
        // Without them the rows are those of no request.
        self.leaf = u32::MAX;
        std::mem::take(&mut self.nodes)
    }

    /// Gives the leaf's answer; see [`answer_leaf`].
    ///
    /// # Errors
    /// Bug only.
    pub fn answer(&mut self, request: &v1::BisectingRequest) -> Result<v1::BisectingAnswer> {
        answer_leaf(&mut self.rows, request)
    }
}

/// Gives the answer of a leaf's rows.
///
/// # Errors
/// On a request that does not fit them: Bug.
pub fn answer_leaf(rows: &mut KmeansShard, request: &v1::BisectingRequest) -> Result<v1::BisectingAnswer> {
    use v1::bisecting_request::Step;
    match request.step.as_ref().ok_or_else(unlike)? {
        Step::Kmeans(request) => {
            let mut answer = rows.answer(request, 1)?;
            for round in &mut answer.rounds {
                // It depends on what this worker labelled before, and nobody looks at it.
                round.changed = 0;
            }
            Ok(v1::BisectingAnswer { kmeans: Some(answer), spread: vec![] })
        }
        Step::Spread(centroids) => {
            let centroids = centroids_of(Some(centroids), rows.matrix())?;
            let mut spread = vec![0_u128; centroids.count()];
            visit_nearest(
                rows.matrix(),
                &centroids,
                |_| true,
                |_, near| spread[near.cluster] += u128::from(near.first),
            );
            let spread = spread.into_iter().map(|sum| (sum as i128).into()).collect();
            Ok(v1::BisectingAnswer { kmeans: None, spread })
        }
    }
}

/// Adds one shard's answer to what other shards answered to the same `request`; order does not matter.
///
/// # Errors
/// On answers to different requests: Bug.
pub fn merge_bisecting_answers(
    request: &v1::BisectingRequest,
    total: &mut v1::BisectingAnswer,
    more: v1::BisectingAnswer,
) -> Result<()> {
    if total.spread.len() != more.spread.len() {
        return Err(unlike());
    }
    for (total, more) in total.spread.iter_mut().zip(more.spread) {
        *total = (i128::from(*total) + i128::from(more)).into();
    }
    match (request.step.as_ref(), &mut total.kmeans, more.kmeans) {
        (Some(v1::bisecting_request::Step::Kmeans(request)), Some(total), Some(more)) => {
            merge_kmeans_answers(request, total, more)
        }
        (Some(v1::bisecting_request::Step::Spread(_)), None, None) => Ok(()),
        _ => Err(unlike()),
    }
}

fn centroids_of(message: Option<&v1::Centroids>, matrix: &Matrix) -> Result<Centroids> {
    let centroids = Centroids::from_message(message.ok_or_else(unlike)?)?;
    if centroids.dimensions() != matrix.dimensions() {
        return Err(unlike());
    }
    Ok(centroids)
}

fn unlike() -> Error {
    Error::bug("a request about nested clusters does not fit the rows or the other answers")
}

//! Rounds over the rows of one leaf of nested clusters.

use super::{
    memory::{Held, Slot},
    worker::Worker,
};
use crate::segmentation::{
    bisecting::{LeafRows, Nodes, answer_leaf},
    kmeans::{KmeansShard, Matrix},
};
use segmenter_proto::{
    Error, Result,
    v1::{BisectingAnswer, BisectingRequest, FitTask},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

impl Worker {
    /// Gives the answer of the leaf's rows. They are gathered once and kept beside the matrix while rounds go through them; where
    /// they are gone, they are gathered again.
    pub(super) fn bisecting_round(
        &self,
        shard: u32,
        work: &FitTask,
        request: &BisectingRequest,
    ) -> Result<BisectingAnswer> {
        let slot = Slot::Leaf(work.segmentation);
        if request.splits.is_empty() {
            let whole = self.matrix(shard, work)?;
            let Held::Matrix(rows) = &*whole else { return Err(Error::bug("a matrix is none")) };
            let (_held, mut rows) = self.for_answer(shard, rows)?;
            return answer_leaf(&mut rows, request);
        }
        let kept = self.memory.get(shard, slot);
        let mut nodes = Nodes::default();
        if let Some(Held::Leaf(leaf)) = kept.as_deref() {
            let mut leaf = locked(leaf);
            if leaf.fits(request) {
                return leaf.answer(request);
            }
            nodes = leaf.take_nodes();
        }
        drop(kept);
        let whole = self.matrix(shard, work)?;
        let Held::Matrix(rows) = &*whole else { return Err(Error::bug("a matrix is none")) };
        let bytes = {
            let rows = locked(rows);
            nodes.descend(&request.splits, rows.matrix())?;
            let (all, chosen) = (rows.ids().len(), nodes.rows_of(request.leaf, rows.ids().len()).len());
            let ids = rows.ids().bytes() / all.max(1) * chosen;
            Nodes::bytes(all) + Matrix::bytes(chosen, rows.matrix().layout().lanes()) + KmeansShard::bytes(chosen) + ids
        };
        let name = self.spec.job.segmentations.get(work.segmentation as usize).map_or("", |own| own.name.as_str());
        let claim = self.memory.claim(shard, slot, bytes as u64, &format!("a split of segmentation {name}"))?;
        let mut leaf = LeafRows::gather(nodes, request.leaf, &locked(rows))?;
        let answer = leaf.answer(request)?;
        claim.keep(&Arc::new(Held::Leaf(Mutex::new(leaf))));
        Ok(answer)
    }
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

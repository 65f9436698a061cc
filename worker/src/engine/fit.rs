//! The stage "fit": rounds over the customers in a segmentation's scope.

use super::{assign::models_of, worker::Worker};
use crate::{
    frame::{Frame, in_scope},
    segmentation::{
        kmeans::{KmeansShard, Matrix, SampleHeap, matrix_of},
        transform::{column_statistics, feature_values},
    },
};
use arrow::{
    array::{Array, AsArray, BooleanArray, Float64Array, StringArray},
    compute::filter,
};
use segmenter_proto::{
    Error, Result,
    models::FeatureTransform,
    v1::{FitAnswer, FitTask, KmeansAnswer, KmeansRequest, PackAnswer, PackTask, Stage, Task, fit_answer, fit_task},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What rounds of a fit go through again and again, by segmentation and shard.
#[derive(Debug, Default)]
pub struct FitMemory(Mutex<BTreeMap<(u32, u32), Arc<Kept>>>);

#[derive(Debug)]
struct Kept {
    held: Held,
    bytes: u64,
}

#[derive(Debug)]
enum Held {
    /// While the transforms are found: only where the budget has room, since they can be read again.
    Scope(Scope),
    /// While the clusters are: the customers in scope, on the grid.
    Matrix(Mutex<KmeansShard>),
}

/// The columns of a segmentation, of the customers in its scope.
#[derive(Debug)]
struct Scope {
    ids: StringArray,
    columns: Vec<Float64Array>,
}

impl Scope {
    fn bytes(&self) -> u64 {
        let columns: usize = self.columns.iter().map(Array::get_array_memory_size).sum();
        (columns + self.ids.get_array_memory_size()) as u64
    }
}

impl Worker {
    pub(super) fn fit(&self, task: &Task, work: &FitTask) -> Result<FitAnswer> {
        self.middle(Stage::Fit)?;
        let round = match work.round.as_ref().ok_or_else(|| Error::bug("a fit asks nothing"))? {
            fit_task::Round::Statistics(request) => {
                let kept = self.scope(task.index, work)?;
                let Held::Scope(scope) = &kept.held else {
                    return Err(Error::bug("statistics were asked for after the matrix was built"));
                };
                fit_answer::Round::Statistics(column_statistics(request, &scope.columns)?)
            }
            fit_task::Round::Pack(pack) => fit_answer::Round::Pack(self.pack(task.index, work, pack)?),
            fit_task::Round::Kmeans(request) => {
                fit_answer::Round::Kmeans(self.kmeans_round(task.index, work.segmentation, request)?)
            }
        };
        Ok(FitAnswer { round: Some(round) })
    }

    /// Gives the columns of those who are fitted, kept from an earlier round or read.
    fn scope(&self, shard: u32, work: &FitTask) -> Result<Arc<Kept>> {
        let key = (work.segmentation, shard);
        if let Some(kept) = self.lock().get(&key) {
            return Ok(kept.clone());
        }
        let scope = {
            let (_held, frame) = self.frame(shard, &models_of(&work.models)?)?;
            self.scope_of(&frame, work)?
        };
        let bytes = scope.bytes();
        let room = self.budget.keep_if_free(bytes);
        let kept = Arc::new(Kept { held: Held::Scope(scope), bytes: if room { bytes } else { 0 } });
        if room {
            self.lock().insert(key, kept.clone());
        }
        Ok(kept)
    }

    fn scope_of(&self, frame: &Frame, work: &FitTask) -> Result<Scope> {
        let inside = BooleanArray::from(in_scope(&self.spec, &frame.table, work.segmentation as usize)?);
        let kept = |column: &dyn Array| {
            filter(column, &inside).map_err(|error| Error::bug("a scope could not be cut out").caused_by(error))
        };
        // Copied: a column of a work file that is read keeps the whole file in memory.
        let ids = kept(frame.customers()?)?.as_string::<i32>().iter().collect();
        let columns = work
            .columns
            .iter()
            .map(|name| {
                let column = frame.table.column_by_name(name);
                let column = column.ok_or_else(|| Error::bug(format!("the frame has no column {name}")))?;
                Ok(feature_values(name, &kept(column)?)?.iter().collect())
            })
            .collect::<Result<_>>()?;
        Ok(Scope { ids, columns })
    }

    fn pack(&self, shard: u32, work: &FitTask, pack: &PackTask) -> Result<PackAnswer> {
        let features: Vec<FeatureTransform> = serde_json::from_str(&pack.features)
            .map_err(|error| Error::bug("transforms could not be read from a task").caused_by(error))?;
        self.forget(|&(segmentation, of)| segmentation != work.segmentation && of == shard);
        let kept = self.scope(shard, work)?;
        // A matrix that is there already belongs to a fit that was begun before: it is built again.
        self.forget(|key| *key == (work.segmentation, shard));
        let Held::Scope(scope) = &kept.held else { return self.pack(shard, work, pack) };
        let rows = scope.ids.len();
        let bytes = Matrix::bytes(rows, features.len()) + rows * size_of::<u16>() + scope.ids.get_array_memory_size();
        let name = self.spec.job.segmentations.get(work.segmentation as usize).map_or("", |own| own.name.as_str());
        self.budget.keep(bytes as u64, &format!("the matrix of segmentation {name}"))?;
        let (matrix, statistics) = matrix_of(&features, &scope.columns)?;
        let mut sample = SampleHeap::new(self.spec.job.seed, name, pack.sample as usize);
        for row in 0..rows {
            sample.offer(scope.ids.value(row), || matrix.row(row));
        }
        let held = Held::Matrix(Mutex::new(KmeansShard::new(matrix, scope.ids.clone())?));
        self.lock().insert((work.segmentation, shard), Arc::new(Kept { held, bytes: bytes as u64 }));
        Ok(PackAnswer { statistics: Some(statistics), sample: Some(sample.into_message()) })
    }

    fn kmeans_round(&self, shard: u32, segmentation: u32, request: &KmeansRequest) -> Result<KmeansAnswer> {
        let kept = self.lock().get(&(segmentation, shard)).cloned();
        match kept.as_deref() {
            Some(Kept { held: Held::Matrix(rows), .. }) => {
                rows.lock().unwrap_or_else(PoisonError::into_inner).answer(request)
            }
            _ => Err(Error::bug(format!("shard {shard} was not packed for this fit"))),
        }
    }

    /// Lets go of what is kept under the keys that `gone` says.
    pub(super) fn forget(&self, gone: impl Fn(&(u32, u32)) -> bool) {
        let bytes: u64 = self.lock().extract_if(.., |key, _| gone(key)).map(|(_, kept)| kept.bytes).sum();
        self.budget.give_back(bytes);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(u32, u32), Arc<Kept>>> {
        self.fits.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

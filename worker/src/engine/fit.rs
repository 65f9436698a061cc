//! The stage "fit": rounds over the customers in a segmentation's scope.

use super::{
    assign::models_of,
    budget::Reservation,
    memory::{Held, Scope, Slot},
    worker::Worker,
};
use crate::{
    frame::{Frame, in_scope, numbers},
    segmentation::{
        kmeans::{Ids, KmeansShard, Matrix, SampleHeap, layout_of, matrix_of},
        mixture::answer_mixture,
        transform::{column_statistics, feature_column},
    },
};
use arrow::{
    array::{Array, AsArray, BooleanArray},
    compute::filter,
};
use segmenter_proto::{
    Error, Result,
    methods::VALUE,
    models::FeatureModel,
    v1::{
        ColumnStatisticsAnswer, FitAnswer, FitTask, KmeansAnswer, KmeansRequest, PackAnswer, PackTask,
        PopulationRequest, Stage, fit_answer, fit_task,
    },
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// As many columns as features have: those that a fit takes out of them.
const TAKEN_OUT: u64 = 1;

impl Worker {
    pub(super) fn fit(&self, shard: u32, work: &FitTask) -> Result<FitAnswer> {
        self.middle(Stage::Fit)?;
        let round = match work.round.as_ref().ok_or_else(|| Error::bug("a fit asks nothing"))? {
            fit_task::Round::Statistics(request) => {
                let kept = self.scope(shard, work)?;
                let Held::Scope(scope) = &*kept else {
                    return Err(Error::bug("statistics were asked for after the matrix was built"));
                };
                fit_answer::Round::Statistics(column_statistics(request, &scope.columns)?)
            }
            fit_task::Round::Pack(pack) => fit_answer::Round::Pack(self.pack(shard, work, pack)?.1),
            fit_task::Round::Kmeans(request) => fit_answer::Round::Kmeans(self.kmeans_round(shard, work, request)?),
            fit_task::Round::Bisecting(request) => {
                fit_answer::Round::Bisecting(self.bisecting_round(shard, work, request)?)
            }
            fit_task::Round::Mixture(request) => {
                let kept = self.matrix(shard, work)?;
                let Held::Matrix(rows) = &*kept else { return Err(Error::bug("a matrix is none")) };
                let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                fit_answer::Round::Mixture(answer_mixture(&rows, request)?)
            }
            fit_task::Round::Lifetime(request) => self.lifetime(shard, request)?,
            fit_task::Round::Overlap(_) => fit_answer::Round::Overlap(self.overlap(shard, work)?),
            fit_task::Round::Population(request) => {
                fit_answer::Round::Statistics(self.population(shard, work, request)?)
            }
        };
        self.let_pages_go(shard, work.segmentation);
        Ok(FitAnswer { round: Some(round) })
    }

    /// Answers what functions of the population have to know, over all customers of the shard.
    fn population(&self, shard: u32, work: &FitTask, request: &PopulationRequest) -> Result<ColumnStatisticsAnswer> {
        let known = models_of(&work.models)?.population;
        let (_held, features, _) = self.all_features(shard, &known, TAKEN_OUT)?;
        let arguments = self.plan.derived().arguments(&features, &request.calls)?;
        let statistics = request.statistics.as_ref();
        column_statistics(statistics.ok_or_else(|| Error::bug("a round of the population asks nothing"))?, &arguments)
    }

    /// After a round the shard's rows that lie in scratch take no memory until the next, unless another attempt looks at them.
    fn let_pages_go(&self, shard: u32, segmentation: u32) {
        if let Some(kept) = self.memory.get(shard, Slot::Fit(segmentation))
            && let Held::Matrix(rows) = &*kept
            && let Ok(rows) = rows.try_lock()
        {
            rows.let_pages_go();
        }
    }

    /// Lets go of what rounds of fits went through, of all but one, after a last look at the rows that lay in scratch.
    ///
    /// # Errors
    /// They are not what was written there, so that a model may come from others: Data.
    pub(super) fn let_fits_go(&self, shard: u32, but: Option<Slot>) -> Result<()> {
        let gone = |key: &(u32, Slot)| key.0 == shard && key.1.is_of_fit() && Some(key.1) != but;
        let damaged = self.memory.of(gone).iter().any(|held| match &**held {
            Held::Matrix(rows) => !rows.lock().unwrap_or_else(PoisonError::into_inner).is_whole(),
            _ => false,
        });
        self.memory.forget(gone);
        match damaged {
            false => Ok(()),
            true => Err(Error::data(format!(
                "rows of shard {shard} in scratch folder {} are not what was written there, and a model was fitted to them",
                self.scratch.display()
            ))
            .with_hint("give --scratch a folder on another disk, and begin anew with --new-run")),
        }
    }

    /// Gives the columns of those who are fitted, kept from an earlier round or read.
    fn scope(&self, shard: u32, work: &FitTask) -> Result<Arc<Held>> {
        let slot = Slot::Fit(work.segmentation);
        if let Some(kept) = self.memory.get(shard, slot)
            && matches!(&*kept, Held::Scope(_))
        {
            return Ok(kept);
        }
        let scope = {
            let framed = self.frame(shard, &models_of(&work.models)?, TAKEN_OUT)?;
            self.scope_of(&framed.frame, work)?
        };
        let bytes = scope.bytes();
        let kept = Arc::new(Held::Scope(scope));
        self.memory.keep_if_free(shard, slot, &kept, bytes);
        Ok(kept)
    }

    fn scope_of(&self, frame: &Frame, work: &FitTask) -> Result<Scope> {
        let inside = BooleanArray::from(in_scope(&self.spec, &frame.table, work.segmentation as usize)?);
        let kept = |column: &dyn Array| {
            filter(column, &inside).map_err(|error| Error::bug("a scope could not be cut out").caused_by(error))
        };
        // Copied: a column of a work file that is read keeps the whole file in memory.
        let ids = kept(frame.customers()?)?.as_string::<i32>().iter().collect();
        let own = self.spec.job.segmentations.get(work.segmentation as usize);
        let value = own.and_then(|own| own.method.spec().value());
        let column = |name: &String| {
            if Some(name.as_str()) == value {
                let (values, _) = numbers(&self.spec, &frame.table, name, VALUE)?;
                return feature_column(name, &kept(&values)?);
            }
            let column = frame.table.column_by_name(name);
            let column = column.ok_or_else(|| Error::bug(format!("the frame has no column {name}")))?;
            feature_column(name, &kept(column)?)
        };
        let columns = work.columns.iter().map(column).collect::<Result<_>>()?;
        Ok(Scope { ids, columns })
    }

    /// Builds the shard's matrix and keeps it; one that is there already belongs to a fit that was begun before.
    fn pack(&self, shard: u32, work: &FitTask, pack: &PackTask) -> Result<(Arc<Held>, PackAnswer)> {
        let features: Vec<FeatureModel> = serde_json::from_str(&pack.features)
            .map_err(|error| Error::bug("transforms could not be read from a task").caused_by(error))?;
        let slot = Slot::Fit(work.segmentation);
        self.let_fits_go(shard, Some(slot))?;
        let kept = self.scope(shard, work)?;
        let Held::Scope(scope) = &*kept else { return Err(Error::bug("a scope is none")) };
        let rows = scope.ids.len();
        let name = self.spec.job.segmentations.get(work.segmentation as usize).map_or("", |own| own.name.as_str());
        // The rows are in memory where there is room, else in scratch; what a labelling remembers is in memory or not at all.
        let what = format!("the matrix of segmentation {name}");
        let labels = KmeansShard::bytes(rows) as u64;
        let cells = (Matrix::bytes(rows, layout_of(&features)?.lanes()) + scope.ids.get_array_memory_size()) as u64;
        let in_memory = self.memory.claim_rows(shard, slot, labels + cells);
        let stored = in_memory.is_none();
        // All at once: whoever waits for memory with a part of it in hand may wait for others that do the same.
        let mut claim = in_memory.map_or_else(|| self.memory.claim(shard, slot, labels + cells, &what), Ok)?;
        let (matrix, statistics) = matrix_of(&features, &scope.columns)?;
        let mut sample = SampleHeap::new(self.spec.job.seed, name, pack.sample as usize);
        for row in 0..rows {
            sample.offer(scope.ids.value(row), || matrix.cells(row));
        }
        let ids = Ids::from(scope.ids.clone());
        let rows = match stored {
            false => KmeansShard::new(matrix, ids)?,
            true => {
                let rows = KmeansShard::new(matrix.stored(&self.scratch)?, ids.stored(&self.scratch)?)?;
                claim.shrink(labels);
                // Labels of all shards may be more than there is: then they are found again for each round, and not all rows.
                match self.memory.has_room_for_work() {
                    true => rows,
                    false => {
                        claim.shrink(0);
                        rows.forgetful()
                    }
                }
            }
        };
        let matrix = Arc::new(Held::Matrix(Mutex::new(rows)));
        claim.keep(&matrix);
        Ok((matrix, PackAnswer { statistics: Some(statistics), sample: Some(sample.into_message()) }))
    }

    /// Gives the shard's matrix; where the shard was another worker's, or memory was short, it is built again.
    pub(super) fn matrix(&self, shard: u32, work: &FitTask) -> Result<Arc<Held>> {
        let slot = Slot::Fit(work.segmentation);
        for _ in 0..2 {
            let kept = self.memory.get(shard, slot).filter(|kept| matches!(&**kept, Held::Matrix(_)));
            let kept = kept.map_or_else(|| self.packed_again(shard, work), Ok)?;
            if let Held::Matrix(rows) = &*kept
                && rows.lock().unwrap_or_else(PoisonError::into_inner).is_whole_at_first()
            {
                return Ok(kept);
            }
            let scratch = self.scratch.display();
            tracing::warn!(shard, %scratch, "rows in the scratch folder are damaged; they are made again");
            self.memory.forget(|key| *key == (shard, slot));
        }
        Err(Error::data(format!(
            "scratch folder {} gives back other rows than were written there, of shard {shard} twice",
            self.scratch.display()
        ))
        .with_hint("give --scratch a folder on another disk; the same command goes on"))
    }

    /// Gives the rows of a shard with the memory that an answer takes beside them.
    ///
    /// # Errors
    /// There is too little: Resources.
    pub(super) fn for_answer<'a>(
        &self,
        shard: u32,
        rows: &'a Mutex<KmeansShard>,
    ) -> Result<(Reservation<'_>, MutexGuard<'a, KmeansShard>)> {
        let locked = || rows.lock().unwrap_or_else(PoisonError::into_inner);
        // Not while they are locked: who waits for memory must not keep others waiting.
        let bytes = locked().bytes_of_answer() as u64;
        Ok((self.memory.reserve(bytes, &format!("the labels of shard {shard}"))?, locked()))
    }

    fn packed_again(&self, shard: u32, work: &FitTask) -> Result<Arc<Held>> {
        let pack = work.matrix.as_ref().ok_or_else(|| Error::bug("a round does not say how to pack"))?;
        Ok(self.pack(shard, work, &PackTask { sample: 0, ..pack.clone() })?.0)
    }

    fn kmeans_round(&self, shard: u32, work: &FitTask, request: &KmeansRequest) -> Result<KmeansAnswer> {
        let kept = self.matrix(shard, work)?;
        let Held::Matrix(rows) = &*kept else { return Err(Error::bug("a matrix is none")) };
        let (_held, mut rows) = self.for_answer(shard, rows)?;
        // Beside this one. Where other shards are worked on, none is left.
        let others = self.idle.take_all();
        rows.answer(request, others.threads + 1)
    }
}

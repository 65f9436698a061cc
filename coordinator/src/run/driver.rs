//! Drives a run from its job file to its commit.

use super::{
    abandoned::{abort_cut_off_uploads, tell_abandoned},
    assign::assign,
    beyond::beyond_models,
    caching::{open_cache, recall},
    checkpoint::Checkpoints,
    committed_before::committed_before,
    committing::Done,
    constants::{left_out, unknown_constants},
    drift::too_far,
    features::features,
    identify::{Identified, identify, known_inputs},
    lifetime::{doubtful_lifetimes, lifetimes},
    nobody::nobody_left,
    options::{RunOptions, RunOutcome},
    outcome,
    partition::{partition, still_there},
    persons::with_notes,
    population::population,
    previous::{Before, choose_previous, read_committed},
    quality::{check, fates_by_source, listed_ids},
    rounds::StageRounds,
    sizes::doubtful_sizes,
    sizing::{Sizes, keep_sizable, sizes},
};
use crate::{
    cache::CachedRun,
    cluster::{Cluster, Workers},
    course::Begun,
    plan::{DiskNeeds, Prepared, check_memory, cluster_key_warnings, disk_needs, prepare},
    progress::bytes_for_people,
    protocol::{ListedIds, Nonce, Start, stage, start},
    run::{Warnings, check_kinds, lacking_columns, skipped_files, tell_rows},
    status::StatusFile,
    warning::Warning,
};
use segmenter_proto::{
    Error, Fault, Result, RowFates,
    models::{KnownConstant, Population},
    object_keys::RunKeys,
    v1::{AssignDone, FeaturesDone, MeasureDone, PartitionDone, PopulationDone},
};
use segmenter_worker::{
    engine::{Worker, WorkerOptions, add_overflows},
    frame::FrameSchema,
    measure::Evaluated,
    program::{DataBudget, keep_freed},
    results::QualityRow,
    spec::RunSpec,
    storage::{Folder, private_folder},
};

/// Runs a job to its commit, or finds that it was.
///
/// # Errors
/// Everything that can go wrong, with whose fault it is.
pub async fn run(options: &RunOptions<'_>) -> Result<RunOutcome> {
    let data = DataBudget::new(options.memory, options.threads)?;
    keep_freed(options.memory);
    if let Some(fewer) = data.fewer_threads(options.memory, options.threads).filter(|_| options.cluster.is_none()) {
        options.reporter.warn(&fewer);
    }
    let mut workers = match options.cluster.clone() {
        None => Workers::Embedded,
        Some(cluster) => {
            Workers::Cluster(Box::new(Cluster::listen(cluster, options.reporter, options.metrics.clone()).await?))
        }
    };
    let outcome = with_workers(options, data, &mut workers).await;
    if outcome.as_ref().is_err_and(|error| !goes_on_later(error)) {
        workers.close().await;
    }
    outcome
}

async fn with_workers(options: &RunOptions<'_>, data: DataBudget, workers: &mut Workers) -> Result<RunOutcome> {
    let job = &options.file.job;
    let mut prepared = prepare(options.file, options.storage, options.shards).await?;
    options.course.inputs(known_inputs(&prepared));
    if options.sizes.is_some() {
        keep_sizable(&mut prepared.spec.job)?;
    }
    if let Some(model) = options.model {
        check_kinds(model, &FrameSchema::of(&prepared.spec, &prepared.plan).scopes)?;
    }
    let data = match workers.are_elsewhere() {
        true => data,
        false => check_memory(&prepared, data, options.threads)?,
    };
    let output = options.storage.open(&job.output.uri)?;
    let mut identified =
        identify(&output, job, &prepared, options.model.map(|model| model.sha256.as_str()), options.new_run).await?;
    let keys = RunKeys::new(&job.name, &identified.run);
    let folder = output.uri_of(&keys.run_folder());
    options.course.identified(&identified.run, &folder);
    let nonce = Nonce::random()?;
    output.probe_create_only().await?;
    let cache = open_cache(&output, options, &mut prepared).await?;
    let mut log = match start(&output, &keys, &identified.run, nonce, prepared.spec.shards).await? {
        Start::Committed(commit) => {
            workers.dismiss(&identified.run).await;
            return committed_before(&output, &keys, commit).await;
        }
        Start::Open(log) => log,
    };
    identified.previous = choose_previous(&output, &mut log, job, identified.previous).await?;
    options.course.begun(Begun { generation: log.generation(), output: output.clone() });
    let status =
        StatusFile::begin(&options.runtime, &output, &keys, options.course.clone(), options.reporter.live().clone());
    prepared.spec.run = identified.run.clone();
    let (mut before, mut not_compared) = (None, None);
    let before = match &identified.previous {
        Some(run) => {
            let schema = FrameSchema::of(&prepared.spec, &prepared.plan);
            let committed = read_committed(&output, &job.name, run).await?;
            match committed {
                None => {
                    not_compared = Some(format!(
                        "nothing is compared with run {run}: its model is of another version of segmenter, which this one cannot read"
                    ))
                }
                Some(committed) if !committed.is_of(job.unit) => {
                    not_compared =
                        Some(format!("nothing is compared with run {run}, which does not segment {}", job.unit.many()))
                }
                Some(committed) => before = Some(Before::of(committed, job, &schema)),
            }
            before
        }
        None => None,
    };
    prepared.spec.previous = before.as_ref().map(|before| before.run.clone());
    if options.shards.is_some_and(|asked| asked != log.shards()) {
        let text =
            format!("the run was begun with {} shards and goes on with them; --new-run begins anew", log.shards());
        options.reporter.warn(&text);
    }
    prepared.cut_into(log.shards())?;
    let cached = recall(&output, &log, cache, &mut prepared, options.reporter).await?;
    let scratch = match workers.are_elsewhere() {
        true => None,
        false => Some(options.scratch.join(format!("segmenter-{}", identified.run))),
    };
    let work = match &scratch {
        None => output.folder(&keys.work_folder())?,
        Some(scratch) => {
            private_folder(scratch)?;
            options.storage.open(&scratch.to_string_lossy())?
        }
    };
    let work = work.unsynced();
    // Whoever still uploads for an earlier coordinator uploads what nobody will read.
    if log.generation() > 1 {
        abort_cut_off_uploads(&work, options.reporter).await;
    }
    let results = output.folder(&keys.run_folder())?.unsynced();
    let spec = &prepared.spec;
    let cache = cached.as_ref().map(|cached| cached.folder());
    let embedded = || Ok((embedded(options, data, spec, (&work, cache), &results)?, data.threads));
    let dispatcher = workers
        .open(spec, log.generation(), options.cancellation, options.reporter, &options.metrics, embedded)
        .await?;
    let rounds =
        StageRounds::new(dispatcher, workers.traffic(), data.threads, &prepared, (&work, cached), options.reporter)?;
    if let Some(before) = &before {
        rounds.files().set_previous(before.files(prepared.spec.shards));
    }
    let checkpoints = Checkpoints {
        folder: &output,
        log,
        reporter: options.reporter,
        metrics: options.metrics.clone(),
        course: options.course,
        timings: Vec::new(),
    };
    let mut driver = Driver {
        options,
        prepared: &prepared,
        identified: &identified,
        before: before.as_ref(),
        rounds,
        work: &work,
        results: &results,
        checkpoints,
        warnings: Warnings::new(options.reporter, prepared.spec.job.unit),
    };
    driver.warnings.add(not_compared.iter().map(Warning::of_run));
    let Driven { measured, rows, exclude_list, sizes } = match driver.drive().await {
        Ok(done) => done,
        Err(error) => {
            options.course.warnings(driver.warnings.sentences());
            status.end(false).await;
            return Err(driver.explained(error).await);
        }
    };
    status.end(true).await;
    let warnings = driver.warnings.sentences();
    workers.close().await;
    // What is left of the work files is worth nothing after the commit; a failure to delete it does not undo the run.
    match scratch {
        Some(scratch) => drop(std::fs::remove_dir_all(scratch)),
        // What late attempts wrote since the commit deleted it.
        None => drop(output.delete_prefix(&keys.work_folder()).await),
    }
    tell_abandoned(&output, &keys, Some(options.scratch).filter(|_| !workers.are_elsewhere()), options.reporter).await;
    let segments = match sizes {
        Some(_) => serde_json::Value::Null,
        None => serde_json::from_str(&measured.segments)
            .map_err(|error| Error::bug("segments could not be read from the log").caused_by(error))?,
    };
    Ok(RunOutcome {
        run: identified.run.clone(),
        folder,
        committed_before: false,
        table: measured.table,
        segments,
        rows,
        exclude_list,
        sizes,
        warnings,
    })
}

/// Says whether workers should wait for a coordinator: this one started again, or the one that took over.
fn goes_on_later(error: &Error) -> bool {
    matches!(error.fault, Fault::Dependency | Fault::Fenced)
}

/// Makes the worker of this process.
fn embedded(
    options: &RunOptions<'_>,
    data: DataBudget,
    spec: &RunSpec,
    (work, cache): (&Folder, Option<&Folder>),
    results: &Folder,
) -> Result<Worker> {
    Worker::open(WorkerOptions {
        spec: spec.clone(),
        storage: options.storage.clone(),
        work: work.clone(),
        cache: cache.cloned(),
        results: results.clone(),
        runtime: options.runtime.clone(),
        threads: data.threads,
        memory: data.memory,
        scratch: options.scratch.join(format!("segmenter-{}", spec.run)).join("rows"),
    })
}

pub(super) struct Driver<'a> {
    pub(super) options: &'a RunOptions<'a>,
    pub(super) prepared: &'a Prepared,
    pub(super) identified: &'a Identified,
    /// The run that this one is compared with.
    pub(super) before: Option<&'a Before>,
    pub(super) rounds: StageRounds<'a>,
    work: &'a Folder,
    pub(super) results: &'a Folder,
    pub(super) checkpoints: Checkpoints<'a>,
    pub(super) warnings: Warnings<'a>,
}

/// What a run came to.
struct Driven {
    /// Nothing where only sizes were wanted.
    measured: MeasureDone,
    rows: Vec<(String, RowFates)>,
    exclude_list: Option<ListedIds>,
    sizes: Option<Sizes>,
}

impl Driver<'_> {
    async fn drive(&mut self) -> Result<Driven> {
        let job = &self.prepared.spec.job;
        self.warnings.add(skipped_files(&self.prepared.inputs));
        self.warnings.add(lacking_columns(&self.prepared.inputs));
        let (keys, earlier) = self.keys().await?;
        let (mut features, constants) = self.features().await?;
        features.notes = with_notes(job, &keys, features.notes);
        let rows = fates_by_source(job, &features);
        let listed = listed_ids(job, &features);
        self.heed(check(job, &features, None)?, &rows, listed)?;
        if features.customers.iter().sum::<u64>() == 0 {
            return Err(nobody_left(job, &features));
        }
        let are_fitted = self.options.model.is_none();
        if are_fitted {
            let clusters =
                |at| self.before.and_then(|before| before.model(at)).is_some_and(|own| own.model().fitted().is_some());
            self.warnings.add(cluster_key_warnings(job, clusters));
        }
        self.warnings.add(unknown_constants(&constants));
        let population = self.population(constants).await?;
        if are_fitted {
            self.warnings.add(doubtful_lifetimes(&population));
        }
        let (models, fits) = self.fits(population).await?;
        let models_json = json(&models)?;
        let assigned = self.assign(&models_json).await?;
        self.warnings.add(doubtful_sizes(&models.segmentations, &assigned.segmentations, are_fitted));
        let is_taken = |at: usize| !are_fitted || self.is_frozen(at);
        self.warnings.add(beyond_models(&models.segmentations, &assigned.notes, is_taken));
        let quality = self.heed(check(job, &features, Some(&assigned))?, &rows, listed)?;
        if let Some(reached) = self.options.sizes {
            let sizes = Some(sizes(&models, &assigned, reached.len()));
            return Ok(Driven { measured: MeasureDone::default(), rows, exclude_list: listed, sizes });
        }
        let outcome = outcome::basis(job, &features)?;
        self.warnings.add(outcome::not_over(outcome));
        let done = Done {
            keys: &keys,
            earlier: earlier.as_deref(),
            features: &features,
            quality: &quality,
            models: &models,
            models_json: &models_json,
            fits: &fits,
            assigned: &assigned,
            outcome,
        };
        let measured = self.measure(&done).await?;
        self.warnings.add(measured.warnings.iter().map(Warning::of_run));
        if !measured.stop.is_empty() {
            return Err(too_far(&measured.stop));
        }
        self.commit(&done, &measured).await?;
        Ok(Driven { measured, rows, exclude_list: listed, sizes: None })
    }

    /// Warns of what was found and gives the rows of the table. Where a check stops the run, what became of the rows is told at once.
    fn heed(
        &mut self,
        found: Evaluated,
        rows: &[(String, RowFates)],
        listed: Option<ListedIds>,
    ) -> Result<Vec<QualityRow>> {
        self.options.course.rows(rows, listed, &found.rows);
        self.warnings.add(found.warnings);
        let Some(stop) = found.stop else { return Ok(found.rows) };
        tell_rows(self.options.reporter, self.prepared.spec.job.unit, rows, listed);
        Err(stop)
    }

    /// Gives the reason for a failure: where another coordinator took over, nothing else is.
    async fn explained(&self, error: Error) -> Error {
        let log = &self.checkpoints.log;
        let asks = error.fault != Fault::Fenced && !self.options.cancellation.is_stopped();
        match asks && log.is_superseded(self.checkpoints.folder).await.unwrap_or(false) {
            true => log.fenced().caused_by(error),
            false if error.is_full_disk() => self.with_needs(error),
            false => error,
        }
    }

    /// Adds what the whole run needs on disks to the hint of an error that says what one file found no room for.
    fn with_needs(&self, error: Error) -> Error {
        let DiskNeeds { work, results } = disk_needs(self.prepared);
        let needs = format!(
            "in all, this run is estimated to need up to {} for work files in {} and up to {} for results in {}",
            bytes_for_people(work),
            self.work.uri(),
            bytes_for_people(results),
            self.results.uri()
        );
        let hint = error.hint.clone().map_or_else(|| needs.clone(), |hint| format!("{hint}; {needs}"));
        error.with_hint(hint)
    }

    async fn partition(&mut self) -> Result<PartitionDone> {
        if let Some(done) = self.checkpoints.done::<PartitionDone>(stage::PARTITION)?
            && still_there(&self.rounds.chunks, &done).await?
        {
            self.checkpoints.resumed(stage::PARTITION);
            return Ok(done);
        }
        let taken = self.rounds.cached().map_or(0, CachedRun::done);
        let tasks = self.prepared.tasks.count().saturating_sub(taken);
        let progress = self.checkpoints.begin(stage::PARTITION, tasks as u64)?;
        let done = partition(&self.rounds, self.prepared, |rows, bytes| progress.add(1, rows, bytes)).await?;
        if let Some(cached) = self.rounds.cached() {
            cached.note_used(&self.identified.run).await?;
        }
        self.rounds.let_go_of_cached();
        self.checkpoints.end(stage::PARTITION, progress, &self.rounds, &done).await?;
        Ok(done)
    }

    /// Computes features, and before them the constants that they may be made of.
    async fn features(&mut self) -> Result<(FeaturesDone, Vec<KnownConstant>)> {
        if let Some(done) = self.checkpoints.done::<FeaturesDone>(stage::FEATURES)?
            && let Some(partition) = self.checkpoints.done::<PartitionDone>(stage::PARTITION)?
        {
            self.rounds.files().set_features(done.checksums.clone());
            let gone = self.rounds.features_gone().await?;
            let some_left = gone.len() < done.checksums.len();
            if some_left {
                if let Some(shard) = gone.first() {
                    let text = format!(
                        "the features of {} shards are gone from {}, of shard {shard} for one; they are made again",
                        gone.len(),
                        self.work.uri()
                    );
                    self.options.reporter.warn(&text);
                }
                self.checkpoints.resumed(stage::PARTITION);
                self.checkpoints.resumed(stage::FEATURES);
                self.rounds.files().set_partition(partition);
                let constants = self.constants().await?;
                self.rounds.features_again(gone).await?;
                return Ok((done, constants));
            }
        }
        let partition = self.partition().await?;
        self.rounds.files().set_partition(partition);
        let constants = self.constants().await?;
        let progress = self.checkpoints.begin(stage::FEATURES, self.rounds.shards().into())?;
        let mut done = features(&self.rounds, &self.prepared.spec, |customers| progress.add(1, customers, 0)).await?;
        // Those of a model are other customers.
        if self.options.model.is_none() {
            add_overflows(&mut done.overflows, left_out(&constants));
        }
        self.rounds.files().set_features(done.checksums.clone());
        self.checkpoints.end(stage::FEATURES, progress, &self.rounds, &done).await?;
        Ok((done, constants))
    }

    /// Finds what forecasts and derived features know of the population, or takes it from the model to score by.
    async fn population(&mut self, constants: Vec<KnownConstant>) -> Result<Population> {
        let (plan, derived) = (self.prepared.plan.lifetimes(), self.prepared.plan.derived());
        if let Some(model) = self.options.model {
            return Ok(model.models.population.clone());
        }
        if derived.layers().is_empty() && plan.presets().is_empty() {
            return Ok(Population { constants, ..Population::default() });
        }
        let read = |done: &PopulationDone| {
            serde_json::from_str(&done.population)
                .map_err(|error| Error::bug("the population could not be read from the log").caused_by(error))
        };
        if let Some(done) = self.checkpoints.done::<PopulationDone>(stage::POPULATION)? {
            self.checkpoints.resumed(stage::POPULATION);
            return read(&done);
        }
        let progress = self.checkpoints.begin(stage::POPULATION, 0)?;
        let min_cell = self.prepared.spec.job.privacy.min_cell;
        let lifetimes = lifetimes(&self.rounds, plan, min_cell).await?;
        let known = Population { constants, lifetimes, ..Population::default() };
        let found = population(&self.rounds, derived, known).await?;
        let done = PopulationDone { population: json(&found)? };
        self.checkpoints.end(stage::POPULATION, progress, &self.rounds, &done).await?;
        read(&done)
    }

    async fn assign(&mut self, models_json: &str) -> Result<AssignDone> {
        if let Some(done) = self.checkpoints.done::<AssignDone>(stage::ASSIGN)? {
            self.checkpoints.resumed(stage::ASSIGN);
            self.rounds.files().set_measured(done.measured.clone());
            return Ok(done);
        }
        let shards = self.prepared.spec.shards;
        let progress = self.checkpoints.begin(stage::ASSIGN, shards.into())?;
        let count = |rows, bytes| progress.add(1, rows, bytes);
        let done = assign(&self.rounds, models_json, self.options.sizes, count).await?;
        self.rounds.files().set_measured(done.measured.clone());
        self.checkpoints.end(stage::ASSIGN, progress, &self.rounds, &done).await?;
        Ok(done)
    }

    async fn measure(&mut self, before: &Done<'_>) -> Result<MeasureDone> {
        if let Some(done) = self.checkpoints.done::<MeasureDone>(stage::MEASURE)? {
            self.checkpoints.resumed(stage::MEASURE);
            return Ok(done);
        }
        let progress = self.checkpoints.begin(stage::MEASURE, self.rounds.shards().into())?;
        let count = |shards| progress.add(shards, 0, 0);
        let done = self.tables(before, count).await?;
        self.checkpoints.end(stage::MEASURE, progress, &self.rounds, &done).await?;
        Ok(done)
    }
}

pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::bug("a model could not be written").caused_by(error))
}

//! From a job file to a run that can start: inputs pinned, every expression compiled against the real columns.

use super::{
    benefits::check_benefits,
    exports::check_exports,
    inputs::SourceInputs,
    missing::unfit_expressions,
    offline::{at, check_expressions, check_path, in_query, queries},
    references::{check_references, ids_of_pairs, rows_of_customers},
    segmentations::check_segmentations,
    shards::{number_of_link_shards, number_of_shards},
    tasks::Tasks,
};
use crate::checks::JobError;
use crate::job::JobFile;
use arrow::datatypes::{DataType, Field};
use segmenter_proto::{
    Error, Fault, Result,
    jobs::{Column, Duplicates, ExcludeList, Job, OWN_ID, Source, SourceKind, Unit},
    v1::PartitionTask,
};
use segmenter_worker::{
    expression::{Scalar, Scope, Settings},
    features::{ConstantsPlan, FeaturePlan},
    partition::source_schema,
    spec::{KeptColumn, RunSpec, SourceRole, SourceSpec, names_of_source},
    sql::check_query,
    storage::Storage,
};
use std::collections::{BTreeMap, HashSet};

/// A run that can start.
#[derive(Debug)]
pub struct Prepared {
    /// What the workers will know; the run has no name yet.
    pub spec: RunSpec,
    /// The features, compiled.
    pub plan: FeaturePlan,
    /// The sources' files, and behind them the list of excluded ids where there is one.
    pub inputs: Vec<SourceInputs>,
    /// The tasks of the partition.
    pub tasks: Tasks,
    /// Those that read pairs of ids before it.
    pub pairs: Tasks,
}

impl Prepared {
    /// Cuts the run into as many shards as it was begun with, and its inputs into the same tasks.
    ///
    /// # Errors
    /// Bug only.
    pub fn cut_into(&mut self, shards: u32) -> Result<()> {
        if self.spec.shards != shards {
            self.tasks = Tasks::of(&self.inputs, shards)?;
            self.pairs = Tasks::among(&self.inputs, shards, are_pairs)?;
            self.spec.shards = shards;
        }
        Ok(())
    }

    /// Gives a task of the partition.
    ///
    /// # Errors
    /// There is no such task: Bug.
    pub fn task(&self, number: u32) -> Result<PartitionTask> {
        let task = self.tasks.get(&self.inputs, number)?;
        task.ok_or_else(|| Error::bug(format!("the partition has no task {number}")))
    }

    /// Gives a task that reads pairs of ids.
    ///
    /// # Errors
    /// There is no such task: Bug.
    pub fn pairs_task(&self, number: u32) -> Result<PartitionTask> {
        let task = self.pairs.get(&self.inputs, number)?;
        task.ok_or_else(|| Error::bug(format!("there are no pairs of ids for task {number}")))
    }

    /// Gives the number of shards of links between ids, which follows from the pairs alone.
    pub fn link_shards(&self) -> u32 {
        let pairs = self.inputs.iter().filter(|inputs| are_pairs(inputs));
        number_of_link_shards(pairs.map(SourceInputs::estimated_rows).sum()).min(self.spec.shards)
    }
}

/// Prepares a run; writes nothing.
///
/// # Errors
/// All that is wrong in the job file against the data (Job), inputs that are missing or damaged (Data), or a store that
/// fails (Dependency).
pub async fn prepare(file: &JobFile, storage: &Storage, shards: Option<u32>) -> Result<Prepared> {
    refuse(file, check_expressions(file))?;
    let job = &file.job;
    let mut inputs = Vec::new();
    for (source, role) in sources(job) {
        inputs.push(SourceInputs::find(storage, &source, role, job).await?);
    }
    let settings = Settings::of(job)?;
    let mut errors = Vec::new();
    let mut specs = Vec::new();
    for (number, inputs) in inputs.iter().enumerate() {
        match source_spec(file, job, number, inputs, &settings) {
            Ok(spec) => specs.push(spec),
            Err(Wrong::Job(wrong)) => errors.extend(wrong),
            Err(Wrong::Other(error)) => return Err(error),
        }
    }
    refuse(file, errors)?;
    check_references(&inputs)?;
    let shards =
        shards.unwrap_or_else(|| number_of_shards(rows_of_customers(&inputs).saturating_add(ids_of_pairs(&inputs))));
    let spec = RunSpec { run: String::new(), job: job.clone(), shards, sources: specs, previous: None, cache: None };
    let constants = placed(file, ConstantsPlan::compile(&spec))?;
    refuse(file, unfit_queries(file, &spec, &constants.fields())?)?;
    let plan = placed(file, FeaturePlan::compile(&spec))?;
    refuse(file, check_segmentations(file, &spec, &plan, &settings))?;
    refuse(file, check_benefits(file, &spec, &plan))?;
    refuse(file, check_exports(file, &spec, &plan))?;
    let tasks = Tasks::of(&inputs, shards)?;
    let pairs = Tasks::among(&inputs, shards, are_pairs)?;
    Ok(Prepared { spec, plan, inputs, tasks, pairs })
}

fn are_pairs(inputs: &SourceInputs) -> bool {
    inputs.source.kind == SourceKind::Identities
}

/// Puts what is wrong with features at its place in the file.
fn placed<T>(file: &JobFile, compiled: Result<T>) -> Result<T> {
    compiled.map_err(|error| match error.fault {
        Fault::Job => {
            let key =
                error.place.as_ref().and_then(|place| place.path.clone()).unwrap_or_else(|| "features".to_owned());
            file.errors(vec![at(file, &key, error)]).into()
        }
        _ => error,
    })
}

pub(super) fn refuse(file: &JobFile, errors: Vec<JobError>) -> Result<()> {
    if errors.is_empty() { Ok(()) } else { Err(file.errors(errors).into()) }
}

/// The job's sources with the roles of their ids, and the list of excluded ids as one more.
pub(super) fn sources(job: &Job) -> Vec<(Source, SourceRole)> {
    let role = |source: &Source| match &job.population.from {
        Some(population) if *population == source.name => SourceRole::Population,
        _ => SourceRole::Member,
    };
    let list = job.population.exclude_list.as_ref().map(|list| (exclusions(list, job.unit), SourceRole::Exclusion));
    job.sources.iter().map(|source| (source.clone(), role(source))).chain(list).collect()
}

fn exclusions(list: &ExcludeList, unit: Unit) -> Source {
    Source {
        name: "exclude_list".to_owned(),
        kind: unit.kind(),
        unit,
        uri: list.uri.clone(),
        format: list.format,
        csv: list.csv.clone(),
        types: BTreeMap::new(),
        partitions: None,
        duplicates: Duplicates::KeepLast(unit.key().to_owned()),
        key: Vec::new(),
        max_rows: None,
        filter: None,
        sensitive: Vec::new(),
        columns: vec![Column { name: unit.key().to_owned(), expression: list.id.clone() }],
    }
}

/// What says which of several rows of a person is the newest.
const UPDATED_AT: &str = "updated_at";

pub(super) enum Wrong {
    Job(Vec<JobError>),
    Other(Error),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Compiles every expression of a source against its files' columns.
pub(super) fn source_spec(
    file: &JobFile,
    job: &Job,
    number: usize,
    inputs: &SourceInputs,
    settings: &Settings,
) -> std::result::Result<SourceSpec, Wrong> {
    let (source, role) = (&inputs.source, inputs.role);
    // The columns that are used are few; all of them, which may be thousands, are only for what a message says of a name.
    let (used, table) = (inputs.schema.as_ref(), inputs.every_column.as_ref());
    let path = |name: &str| match role {
        SourceRole::Exclusion => format!("population.exclude_list.{}", job.unit.key()),
        _ => format!("source[{number}].columns.{name}"),
    };
    // What reads well over the used columns is right; what does not is told against all of them, for the hints.
    let scope = Scope::of(used);
    // What is wrong with an id is told of the id.
    let written = source.columns.iter().filter(|column| column.name != OWN_ID);
    let unfit = written.filter(|column| Scalar::parse_in(&column.expression, &scope, settings).is_err());
    let placed = unfit.map(|column| (path(&column.name), column.expression.as_str()));
    let errors = unfit_expressions(file, placed, table, inputs.may_lack_header, settings);
    if !errors.is_empty() {
        return Err(Wrong::Job(errors));
    }
    let (wanted, kept) = names_of_source(job, source, role)?;
    let every_name: Vec<String> = source.columns.iter().map(|column| column.name.clone()).collect();
    let schema = source_schema(source, &every_name, used, settings).map_err(|error| match error.fault {
        Fault::Job => {
            let place = match role {
                SourceRole::Exclusion => path(job.unit.key()),
                _ => format!("source[{number}].where"),
            };
            Wrong::Job(vec![at(file, &place, error)])
        }
        _ => Wrong::Other(error),
    })?;
    if job.keeps_own_ids(source.kind)
        && source.kind == SourceKind::Customers
        && role != SourceRole::Exclusion
        && schema.field_with_name(UPDATED_AT).is_ok_and(|field| *field.data_type() == DataType::Utf8)
    {
        let error =
            Error::job(format!("{UPDATED_AT} is text, and the newest of several rows of a person counts by it"))
                .with_hint("declare the file's column: types = { … = \"date(%Y-%m-%d)\" }, or cast it to a number");
        return Err(Wrong::Job(vec![at(file, &path(UPDATED_AT), error)]));
    }
    // Both are in the order of the source's columns.
    let kept: HashSet<String> = kept.into_iter().collect();
    let kept = schema.fields().iter().filter(|field| kept.contains(field.name()));
    let kept = kept.map(|field| KeptColumn { name: field.name().clone(), data_type: field.data_type().to_string() });
    let kept: Vec<KeptColumn> = kept.collect();
    if role == SourceRole::Population
        && let Some(exclude) = &job.population.exclude
        && let Err(error) = Scalar::parse(exclude, &schema, settings)
    {
        return Err(Wrong::Job(vec![at(file, "population.exclude", error.into())]));
    }
    let own = job.quality.checks.iter().enumerate();
    let own = own.filter(|(_, check)| role != SourceRole::Exclusion && check.source == source.name);
    let unfit = own.filter_map(|(number, check)| {
        let error = Scalar::parse_condition(&check.expression, &schema, settings).err()?;
        Some(at(file, &check_path(number), error.into()))
    });
    let unfit: Vec<JobError> = unfit.collect();
    if !unfit.is_empty() {
        return Err(Wrong::Job(unfit));
    }
    Ok(SourceSpec { source: source.clone(), role, file_columns: KeptColumn::of(&inputs.schema), wanted, kept })
}

/// Gives what is wrong with the queries of a job, each where it stands in the query.
fn unfit_queries(file: &JobFile, spec: &RunSpec, constants: &[Field]) -> Result<Vec<JobError>> {
    let mut errors = Vec::new();
    for (path, query) in queries(&spec.job) {
        if let Err(error) = check_query(spec, constants, query)? {
            errors.push(in_query(file, &path, error));
        }
    }
    Ok(errors)
}

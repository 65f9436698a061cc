//! All that decides what the partition makes of a file of a source, beside the file: where it is the same, the rows are.

use super::columns::SourceColumns;
use crate::{
    expression::{Scalar, Settings},
    spec::{KeptColumn, RunSpec, SourceRole, SourceSpec, is_converted},
};
use chrono::NaiveDate;
use segmenter_proto::{
    ALGORITHM_VERSION, Error, Result,
    jobs::{Job, Output, Population, Quality, QuarantineDetail, RowCheck, Source, Unit},
    kinds::Holds,
};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

/// The form of chunks; another one is another definition. 1: a list of Arrow streams, owners of orders with the time of their first row.
const FORM_OF_CHUNKS: u32 = 1;

#[derive(Serialize)]
struct Definition<'a> {
    form: u32,
    algorithm: u32,
    program: &'a str,
    shards: u32,
    /// Without what only says which files are read.
    source: &'a Source,
    role: SourceRole,
    file_columns: &'a [KeptColumn],
    wanted: &'a [String],
    kept: &'a [KeptColumn],
    timezone: &'a str,
    unit: Unit,
    currency: Option<&'a str>,
    is_converted: bool,
    quarantine: QuarantineDetail,
    exclude: Option<&'a str>,
    checks: Vec<&'a RowCheck>,
    /// Only where rows are other ones on another day.
    as_of: Option<NaiveDate>,
}

/// Gives the hash of all that decides the chunks of a source's files.
///
/// # Errors
/// The source's expressions do not fit its files; they were checked before.
pub fn definition(run: &RunSpec, source: &SourceSpec) -> Result<u128> {
    let parts = Parts::of(run);
    let SourceSpec { source: _, role, file_columns, wanted, kept } = source;
    let (file, settings) = (source.file_schema()?, Settings::of(&run.job)?);
    let columns = SourceColumns::compile(&source.source, &source.wanted, &file, &settings)?;
    let mut own = source.source.clone();
    (own.uri, own.partitions, own.max_rows) = (String::new(), None, None);
    // More than what is wanted: what a value hangs on is evaluated with it.
    own.columns.retain(|column| columns.schema().field_with_name(&column.name).is_ok());
    let is_population = source.role == SourceRole::Population;
    let definition = Definition {
        form: FORM_OF_CHUNKS,
        algorithm: ALGORITHM_VERSION,
        program: env!("CARGO_PKG_VERSION"),
        shards: run.shards,
        source: &own,
        role: *role,
        file_columns,
        wanted,
        kept,
        timezone: parts.timezone,
        unit: parts.unit,
        currency: parts.currency,
        is_converted: is_converted(&run.job, &source.source),
        quarantine: parts.quarantine,
        exclude: parts.exclude.filter(|_| is_population),
        checks: parts.checks.iter().filter(|check| check.source == own.name).collect(),
        as_of: depends_on_as_of(run, source)?.then_some(parts.as_of),
    };
    let text = serde_json::to_vec(&definition)
        .map_err(|error| Error::bug("the definition of a source cannot be written").caused_by(error))?;
    Ok(xxh3_128(&text))
}

/// What of a job decides what becomes of a row before it is in its shard.
struct Parts<'a> {
    timezone: &'a str,
    unit: Unit,
    currency: Option<&'a str>,
    quarantine: QuarantineDetail,
    exclude: Option<&'a str>,
    checks: &'a [RowCheck],
    as_of: NaiveDate,
}

impl<'a> Parts<'a> {
    /// Takes them from a run. Each part of a job is named here: of one that is added it must be said whether it decides, or rows of before would be
    /// taken for rows of now.
    fn of(run: &'a RunSpec) -> Self {
        let RunSpec { run: _, job, shards: _, sources: _, previous: _, cache: _ } = run;
        let Job {
            name: _,
            unit,
            as_of,
            timezone,
            currency,
            seed: _,
            output: Output { uri: _, quarantine, previous: _ },
            // Whether amounts of a source are converted is asked for by itself.
            fx: _,
            // Rows of a job that links ids are not kept.
            identity: _,
            population: Population { from: _, exclude, exclude_list: _ },
            sources: _,
            quality: Quality { max_quarantined_share: _, max_anonymous_share: _, gates: _, checks, drift: _ },
            privacy: _,
            features: _,
            segmentations: _,
            effectiveness: _,
            contacts: _,
            affinities: _,
            recommendations: _,
            personas: _,
            benefits: _,
            exports: _,
            // Rows are the same in every language.
            report: _,
            cache: _,
        } = job;
        Self {
            timezone,
            unit: *unit,
            currency: currency.as_deref(),
            quarantine: *quarantine,
            exclude: exclude.as_deref(),
            checks,
            as_of: *as_of,
        }
    }
}

/// Says whether rows of a source are other ones on another day: where times are mapped that are known only then, or an expression asks for the day.
fn depends_on_as_of(run: &RunSpec, source: &SourceSpec) -> Result<bool> {
    let own = &source.source;
    let mut later = own.kind.kind().columns.iter().filter(|column| {
        let is_later = matches!(column.holds, Holds::KnownTime | Holds::Beginning);
        is_later && own.since() != Some(column.name) && own.column(column.name).is_some()
    });
    if later.next().is_some() {
        return Ok(true);
    }
    // Expressions that need the day are refused where none is given.
    let no_day = Settings::new(&run.job.timezone)?;
    let checks = &run.job.quality.checks;
    let file = source.file_schema()?;
    let compiled = SourceColumns::compile(own, &source.wanted, &file, &no_day);
    let Ok(columns) = compiled.and_then(|columns| columns.checked(own, checks, &no_day)) else { return Ok(true) };
    let exclude = run.job.population.exclude.as_ref().filter(|_| source.role == SourceRole::Population);
    Ok(exclude.is_some_and(|sql| Scalar::parse_condition(sql, columns.schema(), &no_day).is_err()))
}

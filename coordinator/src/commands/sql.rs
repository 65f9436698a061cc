//! `segmenter sql`: questions to a committed run, in SQL.

use super::{
    context::Context,
    job_file,
    request::{JobRequest, SqlRequest},
};
use crate::{
    job::JobFile,
    progress::grouped,
    prompt::{
        Answer, AnswerFormat, PREFIX, RunTable, Target, differences, in_text, listing, listing_schema, open_source,
        personal_columns, run_tables,
    },
    protocol::{Commit, damaged_by_size, damaged_run, read_commit, read_record, repair_latest},
};
use segmenter_proto::{Error, Result, RowFates, object_keys::RunKeys};
use segmenter_worker::{
    partition::LeftOut,
    program::DataBudget,
    spec::RunSpec,
    sql::{
        Constants, References, Room,
        prompt::{Answering, PromptQuery, PromptRows, PromptTable, PromptTables, named_tables, open_files},
    },
    storage::{Folder, Storage},
};
use std::{collections::BTreeSet, io::IsTerminal, path::Path};

/// Of the memory for data: what readers may hold undecoded.
const UNDECODED: u64 = 8;
/// Of the memory for data, in eighths: what the engine's operators may hold. It does not count batches under way.
const OPERATORS: u64 = 5;
/// More is not used: texts that are sorted at once are counted in 31 bits.
const OPERATORS_AT_MOST: u64 = 4 << 30;

/// Answers a query over run `run`, or the newest; without a query, lists the tables.
pub(super) fn sql(context: &Context, path: &Path, request: &SqlRequest) -> Result<()> {
    let (format, is_stdout) = (form(request)?, request.out.is_none());
    if format == AnswerFormat::Parquet && is_stdout && std::io::stdout().is_terminal() {
        return Err(
            Error::job("Parquet is not for a terminal").with_hint("give a file with --out, or lead stdout away")
        );
    }
    let query = request.query.as_deref();
    let named = query.map(|query| named_tables(query).map_err(|error| in_text(query, error))).transpose()?;
    let budget = DataBudget::new(context.resources.memory, 1)?.memory;
    let storage = Storage::from_environment().reading_within(budget / UNDECODED);
    let mut file = job_file::read(&JobRequest { path: path.to_owned(), as_of: None, json: false })?;
    let tables = context.runtime.block_on(async {
        let folder = storage.open(&file.job.output.uri)?;
        let commit = committed(&folder, &file, request.run.as_deref(), path).await?;
        file.job.as_of = commit.as_of;
        open(context, &file, &storage, (&folder, &commit), named.as_ref()).await
    })?;
    let to = || match &request.out {
        Some(path) => Target::file(path),
        None => Ok(Target::stdout()),
    };
    let Some(query) = query else {
        let mut answer = Answer::new(format, &listing_schema(), to()?)?;
        answer.write(&listing(&tables)?)?;
        return answer.finish();
    };
    let bound = PromptQuery::bind(query, tables)?.map_err(|error| in_text(query, error))?;
    let personal: Vec<String> = personal_columns(&file.job, query).into_iter().collect();
    if !personal.is_empty() {
        context.progress.warn(&format!(
            "the query looks at personal columns ({}): keep the answer as such data is kept",
            personal.join(", ")
        ));
    }
    let mut answer = Answer::new(format, bound.schema(), to()?)?;
    let scratch = context.resources.scratch.join(format!("segmenter-sql-{}", std::process::id()));
    let memory = usize::try_from((budget / 8 * OPERATORS).min(OPERATORS_AT_MOST)).unwrap_or(usize::MAX);
    let (references, constants) = (References::default(), Constants::default());
    let room = Room { memory, scratch: &scratch, references: &references, constants: &constants };
    let with = Answering { storage, runtime: context.runtime.clone(), room };
    let answered = bound.answer(&with, &|| context.cancellation.is_stopped(), &mut |rows| answer.write(rows));
    // What is left in it is of no use, whatever became of the query.
    let _ = std::fs::remove_dir_all(&scratch);
    let left_out = answered?;
    answer.finish()?;
    tell(context, &left_out);
    Ok(())
}

/// Gives the form that was asked for, or that the name of the file promises.
fn form(request: &SqlRequest) -> Result<AnswerFormat> {
    match (request.format, &request.out) {
        (Some(format), _) => Ok(format),
        (None, None) => Ok(AnswerFormat::Table),
        (None, Some(path)) => AnswerFormat::of(path).ok_or_else(|| {
            Error::job(format!("the name of {} does not say in what form it is written", path.display()))
                .with_hint("end it with .csv, .ndjson or .parquet, or say --format")
        }),
    }
}

/// Finds the run that is asked, whose files must be there.
pub(super) async fn committed(folder: &Folder, file: &JobFile, run: Option<&str>, path: &Path) -> Result<Commit> {
    let job = &file.job;
    let found = match run {
        None => repair_latest(folder, &job.name).await?,
        Some(run) => read_commit(folder, &RunKeys::new(&job.name, run)).await?,
    };
    let commit = found.ok_or_else(|| match run {
        None => Error::data(format!("no run of job {} is committed in {}", job.name, job.output.uri))
            .with_hint(format!("segmenter run {}", path.display())),
        Some(run) => Error::data(format!("run {run} of job {} is not committed in {}", job.name, job.output.uri))
            .with_hint("`segmenter latest JOB` prints the newest run that is"),
    })?;
    let keys = RunKeys::new(&commit.job, &commit.run);
    match damaged_by_size(folder, &keys, &commit.files).await?.as_slice() {
        [] => Ok(commit),
        damaged => Err(damaged_run(&commit.run, damaged)),
    }
}

/// Opens the tables that a query names, or all of them; the others have their names alone.
pub(super) async fn open(
    context: &Context,
    file: &JobFile,
    storage: &Storage,
    (folder, commit): (&Folder, &Commit),
    named: Option<&BTreeSet<String>>,
) -> Result<PromptTables> {
    let is_wanted = |name: &str| named.is_none_or(|named| named.contains(name));
    let mut spec = RunSpec {
        run: commit.run.clone(),
        job: file.job.clone(),
        shards: 1,
        sources: Vec::new(),
        previous: None,
        cache: None,
    };
    let mut tables = Vec::new();
    for RunTable { name, files } in run_tables(folder, commit).await? {
        let rows = match is_wanted(&name) {
            true => open_files(storage, folder, &files).await?,
            false => PromptRows::Unopened,
        };
        tables.push(PromptTable { name, rows });
    }
    let record = match named {
        Some(named) if named.iter().any(|name| name.starts_with(PREFIX)) => {
            Some(read_record(folder, &RunKeys::new(&commit.job, &commit.run)).await?)
        }
        _ => None,
    };
    if record.as_ref().is_some_and(|record| record.job_text != file.text) {
        context.progress.warn(&format!(
            "the job file is not the one that run {} was made with; sources are mapped as it stands now",
            commit.run
        ));
    }
    for (number, source) in file.job.sources.iter().enumerate() {
        let name = format!("{PREFIX}{}", source.name);
        let rows = match is_wanted(&name) {
            true => match open_source(file, number, storage).await {
                Ok((inputs, source)) => {
                    let read = record.as_ref().map_or(&[][..], |record| &record.inputs);
                    if let Some(how) = differences(&inputs, read).filter(|_| record.is_some()) {
                        context.progress.warn(&format!(
                            "{name} is not what run {} read ({how}); the query sees what is there now",
                            commit.run
                        ));
                    }
                    spec.sources.push(source);
                    PromptRows::Source { number: spec.sources.len() - 1, pieces: inputs.pieces() }
                }
                // Who asks what there is learns of the others.
                Err(error) if named.is_none() => {
                    context.progress.warn(&format!("{name} cannot be opened: {error}"));
                    PromptRows::Unopened
                }
                Err(error) => return Err(error),
            },
            false => PromptRows::Unopened,
        };
        tables.push(PromptTable { name, rows });
    }
    Ok(PromptTables { spec, tables })
}

/// Says which rows of sources were left out, and why.
fn tell(context: &Context, left_out: &[LeftOut]) {
    let mut told: BTreeSet<&str> = BTreeSet::new();
    // The last of a source has read the most.
    for LeftOut { source, fates, rejected, .. } in left_out.iter().rev().filter(|of| told.insert(&of.source)) {
        let lost = RowFates::from(fates);
        let went: Vec<String> = lost.lost().map(|(fate, rows)| format!("{} {}", grouped(rows), fate.word())).collect();
        if went.is_empty() {
            continue;
        }
        let reasons: Vec<String> = rejected
            .iter()
            .map(|((column, code), rows)| match column.as_str() {
                "" => format!("{code} {}", grouped(*rows)),
                column => format!("{column} {code} {}", grouped(*rows)),
            })
            .collect();
        let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
        let text = format!("{PREFIX}{source}: of {} rows left out: {}{why}", grouped(fates.read), went.join(", "));
        let fields = [
            ("source", source.as_str().into()),
            ("read", fates.read.into()),
            ("filtered", fates.filtered.into()),
            ("anonymous", fates.anonymous.into()),
            ("quarantined", fates.quarantined.into()),
        ];
        context.progress.report("left_out", &text, fields);
    }
}

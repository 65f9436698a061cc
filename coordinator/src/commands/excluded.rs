//! Whether ids stand in the list of those whom every run leaves out.

use super::context::Context;
use crate::{
    job::JobFile,
    prompt::{PREFIX, open_source},
};
use arrow::array::AsArray;
use segmenter_proto::{Error, Result};
use segmenter_worker::{
    partition::without_unseen_ends,
    program::DataBudget,
    spec::RunSpec,
    sql::{
        Constants, References, Room,
        prompt::{Answering, PromptQuery, PromptRows, PromptTable, PromptTables},
    },
    storage::Storage,
};
use std::collections::BTreeSet;

/// The list's name among sources.
const LIST: &str = "exclude_list";
/// Of the memory for data: what readers may hold undecoded, and what operators may.
const SHARE: u64 = 8;
/// Ids that a message names.
const NAMED: usize = 5;

/// Fails where one of these ids is not in the `exclude_list` of a job, read as a run reads it.
///
/// # Errors
/// The job has no list: Job. Ids are missing, or a row of the list cannot be read: Data. The store fails.
pub(super) fn must_be_excluded(context: &Context, file: &JobFile, ids: &BTreeSet<String>) -> Result<()> {
    let job = &file.job;
    let Some(list) = &job.population.exclude_list else {
        return Err(Error::job(format!("job {} has no exclude_list, and the next run would have the customers again", job.name))
            .with_hint(format!(
                "write their ids to a file, and in [population] of the job: exclude_list = {{ uri = \"forgotten.csv\", {} = \"id\" }}",
                job.unit.key()
            )));
    };
    let mut missing: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    each_listed(context, file, |id| {
        missing.remove(id);
        missing.remove(without_unseen_ends(id));
    })?;
    if missing.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = missing.iter().take(NAMED).copied().collect();
    let more = match missing.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Error::data(format!(
        "of {} ids {} are not in the exclude_list of job {}: {}{more}; the next run would have them again",
        ids.len(),
        missing.len(),
        job.name,
        named.join(", ")
    ))
    .with_hint(format!(
        "nothing is changed. Add a line for each to {}, also for those that the newest run links to the ones asked for: `segmenter person` prints them",
        list.uri
    )))
}

/// Hears every id of the list.
fn each_listed(context: &Context, file: &JobFile, mut take: impl FnMut(&str)) -> Result<()> {
    let budget = DataBudget::new(context.resources.memory, 1)?.memory;
    let storage = Storage::from_environment().reading_within(budget / SHARE);
    // It stands behind the sources of the job.
    let (inputs, source) = context.runtime.block_on(open_source(file, file.job.sources.len(), &storage))?;
    let spec = RunSpec {
        run: String::new(),
        job: file.job.clone(),
        shards: 1,
        sources: vec![source],
        previous: None,
        cache: None,
    };
    let name = format!("{PREFIX}{LIST}");
    let rows = PromptRows::Source { number: 0, pieces: inputs.pieces() };
    let query = format!("select {} from {name}", file.job.unit.key());
    let bound = PromptQuery::bind(&query, PromptTables { spec, tables: vec![PromptTable { name, rows }] })??;
    let scratch = context.resources.scratch.join(format!("segmenter-forget-{}", std::process::id()));
    let memory = usize::try_from(budget / SHARE).unwrap_or(usize::MAX);
    let (references, constants) = (References::default(), Constants::default());
    let room = Room { memory, scratch: &scratch, references: &references, constants: &constants };
    let with = Answering { storage, runtime: context.runtime.clone(), room };
    let answered = bound.answer(&with, &|| context.cancellation.is_stopped(), &mut |rows| {
        let ids =
            rows.column(0).as_string_opt::<i32>().ok_or_else(|| Error::bug("an id of exclude_list is no text"))?;
        ids.iter().flatten().for_each(&mut take);
        Ok(true)
    });
    // What is left in it is of no use, whatever became of the query.
    let _ = std::fs::remove_dir_all(&scratch);
    let rejected: u64 = answered?.iter().flat_map(|left_out| left_out.rejected.values()).sum();
    match rejected {
        0 => Ok(()),
        rows => {
            Err(Error::data(format!("{rows} rows of exclude_list cannot be read, and a run would stop at the first"))
                .with_hint("`segmenter run` says where it is; nothing is changed"))
        }
    }
}

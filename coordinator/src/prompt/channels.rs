//! The channels that the consents of a job are about.

use super::{
    sources::{PREFIX, open_source},
    text::in_text,
};
use crate::job::JobFile;
use arrow::array::AsArray;
use segmenter_proto::{
    Error, Result,
    jobs::{Job, SourceKind},
};
use segmenter_worker::{
    features::deciding_consents,
    spec::RunSpec,
    sql::prompt::{Answering, PromptQuery, PromptRows, PromptTable, PromptTables},
};
use std::collections::BTreeSet;

/// More are no channels.
const MOST: usize = 100;

/// Finds the channels that any consent of the job names, in alphabetical order; none where the job has no source of consents.
///
/// # Errors
/// A source cannot be read; there are more channels than can be: Data.
pub fn channels(file: &JobFile, with: &Answering<'_>, is_stopped: &dyn Fn() -> bool) -> Result<Option<Vec<String>>> {
    let sources = file.job.sources.iter().enumerate().filter(|(_, source)| source.kind == SourceKind::Consents);
    let mut found: Option<BTreeSet<String>> = None;
    for (number, source) in sources {
        let found = found.get_or_insert_default();
        let (inputs, spec) = with.runtime.block_on(open_source(file, number, &with.storage))?;
        let spec = RunSpec {
            run: String::new(),
            job: file.job.clone(),
            shards: 1,
            sources: vec![spec],
            previous: None,
            cache: None,
        };
        let rows = PromptRows::Source { number: 0, pieces: inputs.pieces() };
        let table = PromptTable { name: format!("{PREFIX}{}", source.name), rows };
        let query = format!(
            "select distinct cast(channel as text) as channel from {PREFIX}\"{}\" where channel is not null limit {}",
            source.name,
            MOST + 1
        );
        let bound = PromptQuery::bind(&query, PromptTables { spec, tables: vec![table] })?;
        let bound = bound.map_err(|error| in_text(&query, error))?;
        bound.answer(with, is_stopped, &mut |rows| {
            let names = rows.columns().first().and_then(|names| names.as_string_opt::<i32>());
            let names = names.ok_or_else(|| Error::bug("the channels are no text"))?;
            found.extend(names.iter().flatten().map(str::to_owned));
            Ok(true)
        })?;
        if found.len() > MOST {
            return Err(Error::data(format!("source {} has consents for more than {MOST} channels", source.name))
                .with_hint("map `channel` to what the consent is for, such as email or sms"));
        }
    }
    Ok(found.map(|found| found.into_iter().collect()))
}

/// Gives the name of the feature that says whether a channel, by its position, reaches a customer.
pub fn reach_feature(channel: usize) -> String {
    format!("__reached_{channel}")
}

/// Gives the query for whom each channel reaches: those all of whose [`deciding_consents`] to it are given; who says nothing has not.
pub fn reach_query(channels: &[String], job: &Job) -> String {
    let columns = channels.iter().enumerate().map(|(at, channel)| {
        let (channel, name) = (channel.replace('\'', "''"), reach_feature(at));
        format!(", coalesce(bool_and(granted) filter (where channel = '{channel}'), false) as {name}")
    });
    let (id, consents) = (job.unit.key(), deciding_consents(job));
    format!("select {id}{} from ({consents}) group by {id}", columns.collect::<String>())
}

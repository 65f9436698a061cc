//! The earlier run whose ids persons keep: chosen once, before anything is written, so that whoever goes on with the run takes the same.

use super::driver::Driver;
use crate::{
    plan::{SourceInputs, Tasks},
    protocol::{newest_run, read_commit, stage},
};
use prost::Message;
use segmenter_proto::{
    Error, Result,
    jobs::{Column, CsvOptions, Duplicates, FileFormat, Job, Source, SourceKind, Unit},
    object_keys::RunKeys,
    v1::{EarlierChosen, KeysStep, KeysTask},
};
use segmenter_worker::{
    identity::IDENTITY,
    spec::{KeptColumn, SourceRole, SourceSpec},
    storage::{Folder, Storage},
};
use std::collections::BTreeMap;

/// Where an earlier run tells who was a person in it: the folder, and SQL over its columns. Ids that were not linked are persons where they were customers.
const PERSONS: [(&str, &str); 2] =
    [(IDENTITY, "case when status = 'linked' then canonical_id end"), ("features", "customer_id")];

/// What tasks read of an earlier run.
#[derive(Debug, Default)]
pub struct EarlierRun {
    inputs: Vec<SourceInputs>,
    tasks: Tasks,
    /// The sources as tasks are told.
    sources: String,
}

impl EarlierRun {
    /// Gives the number of tasks.
    pub fn tasks(&self) -> usize {
        self.tasks.count()
    }

    /// Gives a task.
    ///
    /// # Errors
    /// Bug only.
    pub fn task(&self, number: u32) -> Result<KeysTask> {
        let task = self.tasks.get(&self.inputs, number)?;
        let task = task.ok_or_else(|| Error::bug(format!("an earlier run has no piece {number}")))?;
        let (pieces, sources) = (task.pieces, self.sources.clone());
        Ok(KeysTask { step: KeysStep::Earlier.into(), pieces, sources, ..KeysTask::default() })
    }

    /// Finds the files of a run that tell who was a person in it.
    async fn find(storage: &Storage, output: &Folder, job: &Job, keys: &RunKeys, shards: u32) -> Result<Self> {
        let gone = || Error::dependency(format!("{} is gone", keys.commit()));
        let commit = read_commit(output, keys).await?.ok_or_else(gone)?;
        let mut inputs = Vec::new();
        for (folder, column) in PERSONS {
            if !commit.files.iter().any(|file| file.path.starts_with(&format!("{folder}/"))) {
                continue;
            }
            let source = source_of(output.uri_of(&keys.result(folder)), column);
            let found = SourceInputs::find(storage, &source, SourceRole::Member, job).await?;
            let parts = commit.files.iter().filter(|known| known.path.starts_with(&format!("{folder}/")));
            for known in parts {
                let file = found.files.iter().find(|(file, _)| file.uri.ends_with(&known.path));
                if file.is_none_or(|(file, _)| file.size != known.bytes) {
                    let uri = output.uri_of(&keys.result(&known.path));
                    return Err(Error::data(format!("{uri} is not what was committed")).with_hint(
                        "see with `segmenter verify` what else is; output.previous names another run to keep ids of",
                    ));
                }
            }
            inputs.push(found);
        }
        let specs: Vec<SourceSpec> = inputs.iter().map(spec_of).collect();
        let sources = serde_json::to_string(&specs)
            .map_err(|error| Error::bug("the sources of an earlier run cannot be written").caused_by(error))?;
        let tasks = Tasks::of(&inputs, shards)?;
        Ok(Self { inputs, tasks, sources })
    }
}

impl Driver<'_> {
    /// Chooses the earlier run, or finds which was chosen; with it what tasks read of it. Customers that are scored by a model or judged are the persons of
    /// that model's run.
    pub(super) async fn earlier(&mut self) -> Result<(Option<String>, EarlierRun)> {
        let job = &self.prepared.spec.job;
        let chosen = match self.checkpoints.done::<EarlierChosen>(stage::EARLIER)? {
            Some(chosen) => chosen,
            None => {
                let chosen = match self.options.model {
                    Some(model) => EarlierChosen { job: model.job.clone(), run: model.run.clone() },
                    None => newest_run(self.checkpoints.folder, job)
                        .await?
                        .map(|run| EarlierChosen { job: job.name.clone(), run })
                        .unwrap_or_default(),
                };
                self.checkpoints.log.append(self.checkpoints.folder, stage::EARLIER, chosen.encode_to_vec()).await?;
                chosen
            }
        };
        if chosen.run.is_empty() {
            return Ok((None, EarlierRun::default()));
        }
        let keys = RunKeys::new(&chosen.job, &chosen.run);
        let shards = self.prepared.spec.shards;
        let found = EarlierRun::find(self.options.storage, self.checkpoints.folder, job, &keys, shards).await?;
        Ok((Some(chosen.run), found))
    }
}

fn source_of(uri: String, column: &str) -> Source {
    Source {
        // No source of a job is called so.
        name: "earlier run".to_owned(),
        kind: SourceKind::Customers,
        unit: Unit::Customer,
        uri,
        format: Some(FileFormat::Parquet),
        csv: CsvOptions::default(),
        types: BTreeMap::new(),
        partitions: None,
        duplicates: Duplicates::Error,
        key: Vec::new(),
        max_rows: None,
        filter: None,
        sensitive: Vec::new(),
        columns: vec![Column { name: "customer_id".to_owned(), expression: column.to_owned() }],
    }
}

fn spec_of(inputs: &SourceInputs) -> SourceSpec {
    SourceSpec {
        source: inputs.source.clone(),
        role: inputs.role,
        file_columns: KeptColumn::of(&inputs.schema),
        wanted: vec!["customer_id".to_owned()],
        kept: Vec::new(),
    }
}

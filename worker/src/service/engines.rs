//! Opens what performs the tasks of a run.

use crate::{
    engine::{InProcess, Worker, WorkerChannel, WorkerOptions},
    program::DataBudget,
    spec::RunSpec,
    storage::Storage,
};
use segmenter_proto::{Error, Result, object_keys::RunKeys, v1::OpenRequest};
use std::{path::PathBuf, sync::Arc};
use tokio::runtime::Handle;

/// What performs the tasks of a run.
pub(super) type Engine = Arc<dyn WorkerChannel>;

/// Opens runs; the seam that tests put their own engines behind.
pub(super) trait Engines: std::fmt::Debug + Send + Sync {
    /// Opens a run. Blocks for as long as its expressions take to compile.
    fn open(&self, request: &OpenRequest) -> Result<Engine>;
}

/// Engines on threads of this process.
#[derive(Debug)]
pub(super) struct OwnThreads {
    storage: Storage,
    runtime: Handle,
    /// What the data gets.
    data: DataBudget,
    /// Folder for rows that memory has no room for.
    scratch: PathBuf,
}

impl OwnThreads {
    /// Takes the stores from the environment; `runtime` runs their requests. What memory has no room for lies in `scratch`.
    pub(super) fn new(data: DataBudget, scratch: PathBuf, runtime: Handle) -> Self {
        Self { storage: Storage::from_environment(), runtime, data, scratch }
    }
}

impl Engines for OwnThreads {
    fn open(&self, request: &OpenRequest) -> Result<Engine> {
        let spec: RunSpec = serde_json::from_str(&request.spec)
            .map_err(|cause| Error::bug("the specification of the run cannot be read").caused_by(cause))?;
        if spec.run != request.run {
            return Err(Error::bug(format!("run {} came with the specification of run {}", request.run, spec.run)));
        }
        let keys = RunKeys::new(&spec.job.name, &spec.run);
        let output = self.storage.open(&spec.job.output.uri)?;
        let cache = spec.cache.as_ref().map(|path| output.folder(path)).transpose()?;
        let worker = Worker::open(WorkerOptions {
            cache: cache.map(|cache| cache.unsynced()),
            work: output.folder(&keys.work_folder())?.unsynced(),
            results: output.folder(&keys.run_folder())?.unsynced(),
            spec,
            storage: self.storage.clone(),
            runtime: self.runtime.clone(),
            threads: self.data.threads,
            memory: self.data.memory,
            scratch: self.scratch.clone(),
        })?;
        Ok(Arc::new(InProcess::start(worker, self.data.threads)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::Fault;

    #[tokio::test]
    async fn a_specification_that_cannot_be_read_is_a_bug_and_names_no_value_of_it() {
        let engines = OwnThreads::new(DataBudget { memory: 64 << 20, threads: 1 }, "scratch".into(), Handle::current());
        let request = OpenRequest { run: "r".to_owned(), generation: 1, spec: "{\"canary\"".to_owned(), instance: 0 };
        let error = engines.open(&request).unwrap_err();
        assert_eq!(error.fault, Fault::Bug);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

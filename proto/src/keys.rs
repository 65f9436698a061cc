//! Every object's key below `<output.uri>`, formatted in one place.

/// The keys of one run of one job; all relative to `<output.uri>`.
#[derive(Debug, Clone)]
pub struct RunKeys {
    job: String,
    run: String,
}

impl RunKeys {
    /// Names the keys of run `run` of the job named `job`.
    pub fn new(job: &str, run: &str) -> Self {
        Self { job: job.to_owned(), run: run.to_owned() }
    }

    /// The folder of the run's results.
    pub fn run_folder(&self) -> String {
        format!("{}/runs/{}", self.job, self.run)
    }

    /// A result file; `path` as it stands in `commit.json`.
    pub fn result(&self, path: &str) -> String {
        format!("{}/{path}", self.run_folder())
    }

    /// The file that makes the run.
    pub fn commit(&self) -> String {
        self.result("commit.json")
    }

    /// The folder of the run's work in progress.
    pub fn work_folder(&self) -> String {
        format!("{}/_work/{}", self.job, self.run)
    }

    /// Entry `number` (from 1) of the run's log.
    pub fn log(&self, number: u64) -> String {
        format!("{}/log/{number:08}", self.work_folder())
    }

    /// A work file, deleted at the commit.
    pub fn work(&self, path: &str) -> String {
        format!("{}/{path}", self.work_folder())
    }

    /// The hint that names the newest committed run.
    pub fn latest(&self) -> String {
        format!("{}/latest.json", self.job)
    }

    /// The folder that holds what is under way of all runs of the job.
    pub fn works_folder(&self) -> String {
        format!("{}/_work", self.job)
    }

    /// The folder that holds all runs of the job.
    pub fn runs_folder(&self) -> String {
        format!("{}/runs", self.job)
    }
}

/// The name under which customers scored by the model of a run are kept: below the job, like runs of a job of its own.
pub fn scores_by(job: &str, run: &str) -> String {
    format!("{job}/scores/{run}")
}

/// The name under which what came of a run's segments is kept: below the job, like runs of a job of its own.
pub fn evaluations_of(job: &str, run: &str) -> String {
    format!("{job}/evaluations/{run}")
}

/// The folder of one export of a job: a folder a run that wrote it.
pub fn exports_of(job: &str, export: &str) -> String {
    format!("{job}/exports/{export}")
}

/// The folder of a job in which rows are kept for its later runs.
pub fn cache_folder(job: &str) -> String {
    format!("{job}/_cache")
}

/// The file that says whom a job is forgetting, while it does.
pub fn forgetting_of(job: &str) -> String {
    format!("{job}/_forget/begun.json")
}

/// The name of a shard's file within a result folder.
pub fn part_file(shard: u32) -> String {
    format!("part-{shard:05}.parquet")
}

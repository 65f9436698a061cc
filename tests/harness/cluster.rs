//! A coordinator and its workers as processes, and a job that is worth the answer of all of them.

use super::{
    ByteDigest, CommittedRun, DIGEST_FEATURES, EVERY_METHOD, Order, Program, Ran, Running, S3, Workspace, job,
    orders_of, write_orders_parquet,
};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

/// So many shards that seven workers all get some.
const SHARDS: &str = "8";

/// A coordinator that listens.
#[derive(Debug)]
pub struct Coordinator {
    running: Running,
    url: String,
}

impl Coordinator {
    /// Starts it and waits until workers may register.
    #[track_caller]
    pub fn start(program: Program) -> Self {
        let mut running = program.start();
        let line = running.until("\"event\":\"listening\"");
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = line["url"].as_str().unwrap().to_owned();
        Self { running, url }
    }

    /// Gives where workers register.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills it with SIGKILL.
    pub fn kill(self) -> Ran {
        self.running.kill()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(self) -> Ran {
        self.running.wait()
    }
}

impl Deref for Coordinator {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

impl DerefMut for Coordinator {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.running
    }
}

impl Running {
    /// Waits until this worker has the run open, from when on it gets tasks.
    #[track_caller]
    pub fn until_open(mut self) -> Self {
        self.until("opened run");
        self
    }
}

impl Workspace {
    /// Prepares `segmenter run JOB` on so many workers.
    pub fn coordinator(&self, job: &Path, workers: usize) -> Program {
        let workers = workers.to_string();
        self.run(job)
            .args(&["--threads", "1", "--workers", &workers])
            .default("--shards", SHARDS)
            .default("--listen", "127.0.0.1:0")
            .default("--wait", "60s")
            .default("--grace", "60s")
            .default("--lost-after", "10s")
    }

    /// Prepares a worker with one thread.
    pub fn worker(&self, url: &str) -> Program {
        Program::worker(&["--coordinator", url, "--threads", "1", "--scratch", &self.uri("scratch")])
            .default("--wait", "30s")
    }
}

/// A job in a workspace of its own, and its answer by one process.
#[derive(Debug)]
pub struct Trial {
    /// Inputs, job and results.
    pub workspace: Workspace,
    /// The job file.
    pub job: PathBuf,
    /// The bytes that any cluster must write too.
    pub expected: ByteDigest,
}

impl Trial {
    /// Runs the job embedded and forgets that run.
    pub fn new() -> Self {
        Self::of(&orders_of(400, 30), &format!("{DIGEST_FEATURES}{EVERY_METHOD}"))
    }

    /// Does so with a job of these sections over these orders.
    pub fn of(orders: &[Order], sections: &str) -> Self {
        let workspace = Workspace::new();
        write_orders_parquet(&workspace.path("in/orders.parquet"), orders);
        let source = "uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]";
        let job = workspace.job(&job(source, sections));
        let embedded = workspace.run(&job).args(&["--shards", SHARDS]).go().succeeded();
        let expected = CommittedRun::of(&embedded).byte_digest();
        workspace.forget_results();
        Self { workspace, job, expected }
    }

    /// Prepares the job's coordinator, which waits for so many workers.
    pub fn coordinator(&self, workers: usize) -> Program {
        self.workspace.coordinator(&self.job, workers)
    }

    /// Puts the inputs on S3 and gives the job that reads them there and writes to `out`.
    pub fn job_on_s3(&self, s3: &S3, out: &str) -> PathBuf {
        s3.put("in/orders.parquet", std::fs::read(self.workspace.path("in/orders.parquet")).unwrap());
        let text = std::fs::read_to_string(&self.job).unwrap();
        let text = text.replace(&self.workspace.uri("in"), &s3.uri("in"));
        self.workspace.job_named(&format!("{out}.toml"), &text.replace(&self.workspace.uri("out"), &s3.uri(out)))
    }

    /// Prepares a worker of a coordinator.
    pub fn worker(&self, coordinator: &Coordinator) -> Program {
        self.workspace.worker(coordinator.url())
    }

    /// Asserts that the run was committed with the bytes that one process writes, and reads it.
    #[track_caller]
    pub fn assert_same(&self, ran: &Ran) -> CommittedRun {
        let run = CommittedRun::of(ran);
        assert_eq!(run.byte_digest(), self.expected, "not the bytes of one process: {ran}");
        run
    }
}

impl CommittedRun {
    /// Gives a figure of a stage from `run.json`, such as `retries`; of all fits together for `fit`.
    #[track_caller]
    pub fn figure(&self, stage: &str, name: &str) -> u64 {
        let record = self.json("run.json");
        let of_stage = record["stages"].as_array().unwrap().iter();
        let of_stage = of_stage.filter(|entry| entry["stage"].as_str().unwrap().split('/').next() == Some(stage));
        let figures: Vec<u64> = of_stage.map(|entry| entry[name].as_u64().unwrap()).collect();
        assert!(!figures.is_empty(), "no stage {stage} in {record:#}");
        figures.iter().sum()
    }

    /// Gives a figure of the whole run from `run.json`.
    #[track_caller]
    pub fn figure_of_all(&self, name: &str) -> u64 {
        self.json("run.json")["stages"].as_array().unwrap().iter().map(|entry| entry[name].as_u64().unwrap()).sum()
    }
}

/// Gives a port of the loopback interface that nothing listens on, for a coordinator that is started twice.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

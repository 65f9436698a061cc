//! A temporary folder that holds one test's inputs, job files, scratch and results.

use super::{CommittedRun, Program, Ran};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One test's folder; deleted when the test ends.
#[derive(Debug)]
pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    /// Makes an empty workspace.
    pub fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("segmenter-test-").tempdir().unwrap() }
    }

    /// Gives the absolute path of a name in the workspace, making the folders above it.
    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// Gives the same as [`Self::path`] as text, as it stands in a job file.
    pub fn uri(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Gives the workspace's own folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, contents).unwrap();
        path
    }

    /// Writes a job file, with `@IN@` and `@OUT@` replaced by the workspace's folders `in` and `out`.
    pub fn job(&self, text: &str) -> PathBuf {
        self.job_named("segmenter.toml", text)
    }

    /// Writes a job file of another name, for tests that need several.
    pub fn job_named(&self, name: &str, text: &str) -> PathBuf {
        let text = text.replace("@IN@", &self.uri("in")).replace("@OUT@", &self.uri("out"));
        self.write(name, text)
    }

    /// Prepares `segmenter run JOB` with the workspace's scratch folder.
    pub fn run(&self, job: &Path) -> Program {
        fs::create_dir_all(self.path("scratch")).unwrap();
        Program::segmenter(&["run", job.to_str().unwrap()]).args(&["--scratch", &self.uri("scratch")])
    }

    /// Removes results and scratch, so that the same job runs from the start again.
    pub fn forget_results(&self) {
        for folder in ["out", "scratch"] {
            let _ = fs::remove_dir_all(self.root().join(folder));
        }
    }

    /// Says whether any run of the job `trial` is committed.
    pub fn has_commit(&self) -> bool {
        let runs = fs::read_dir(self.root().join("out/trial/runs")).into_iter().flatten();
        runs.flatten().any(|run| run.path().join("commit.json").exists())
    }

    /// Runs a job that must succeed and reads the committed run back.
    pub fn committed(&self, job: &Path) -> CommittedRun {
        CommittedRun::of(&self.run(job).go().succeeded())
    }

    /// Runs a job that must fail with this exit code.
    pub fn failing(&self, job: &Path, code: i32) -> Ran {
        self.run(job).go().failed_with(code)
    }
}

//! What a process left, and what a test expects of it.

use std::process::ExitStatus;
use std::time::Duration;

/// What a process left: its status and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub(super) command: String,
    pub(super) status: ExitStatus,
    /// Data and results.
    pub stdout: String,
    /// Progress, logs and errors.
    pub stderr: String,
    /// Wall time.
    pub took: Duration,
}

impl Ran {
    /// Gives the exit code; none if a signal ended the process.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Asserts exit 0.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        self.failed_with(0)
    }

    /// Asserts this exit code.
    #[track_caller]
    pub fn failed_with(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "exit code of {self}");
        self
    }

    /// Asserts that the process was killed at this failpoint, and nowhere else.
    #[track_caller]
    pub fn aborted_at(self, point: &str) -> Self {
        assert_eq!(self.code(), None, "a process that aborts has no exit code: {self}");
        self.fired(point)
    }

    /// Asserts that this failpoint was reached.
    #[track_caller]
    pub fn fired(self, point: &str) -> Self {
        let line = format!("failpoint fired: {point}");
        assert!(self.stderr.lines().any(|printed| printed.contains(&line)), "no line `{line}` from {self}");
        self
    }

    /// Asserts that stderr names each of these.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "stderr does not say {word:?}: {self}");
        }
        self
    }

    /// Gives the folder of the run: the last line on stdout.
    #[track_caller]
    pub fn run_folder(&self) -> &str {
        self.stdout.lines().last().unwrap_or_else(|| panic!("nothing on stdout: {self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, status, stdout, stderr, .. } = self;
        write!(out, "{command}\n{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

//! Calls of the two programs: arguments, environment, and what stands before them.

use super::{Ran, Running};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The stages of a run, in their order, as failpoints name them.
pub const STAGES: [&str; 6] = ["partition", "features", "fit", "assign", "measure", "commit"];

/// Names the environment value that makes the program wait at a failpoint.
pub fn sleep_at(point: &str, wait: Duration) -> String {
    format!("{point}=sleep({})", wait.as_millis())
}

/// A call of a program that is being prepared.
#[derive(Debug)]
pub struct Program {
    command: Command,
    /// Arguments with a value that hold unless the test gives them.
    defaults: Vec<(&'static str, &'static str)>,
}

impl Program {
    /// Prepares a call of the built `segmenter`, without colour and without what this process's environment says to it.
    pub fn segmenter(args: &[&str]) -> Self {
        Self::of(Path::new(env!("CARGO_BIN_EXE_segmenter")), args)
    }

    /// Prepares a call of the built `segmenter-worker`, which stands beside `segmenter`.
    ///
    /// It is another package's, so `cargo test --test …` does not build it: an older one is refused.
    pub fn worker(args: &[&str]) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_segmenter")).with_file_name("segmenter-worker");
        assert!(is_fresh(&program), "{} is not there or is old: cargo build --release --workspace", program.display());
        Self::of(&program, args)
    }

    fn of(program: &Path, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        // What would have the program speak to others than the test means, or write to other places.
        let others = ["AWS_", "OPENLINEAGE_", "OTEL_", "SEGMENTER_", "TRACEPARENT"];
        for name in inherited.filter(|name| others.iter().any(|other| name.to_string_lossy().starts_with(other))) {
            command.env_remove(name);
        }
        // The token that programs share on this machine lies here, and not in the home of whoever tests.
        command.env("XDG_STATE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("state"));
        command.env("NO_COLOR", "1").args(args);
        Self { command, defaults: Vec::new() }
    }

    /// Gives an argument a value that holds unless the test gives another.
    pub fn default(mut self, name: &'static str, value: &'static str) -> Self {
        self.defaults.push((name, value));
        self
    }

    /// Lets another command start the program, such as `nice -n 5`.
    pub fn behind(self, words: &[&str]) -> Self {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = self.command.get_current_dir().map(PathBuf::from) {
            command.current_dir(folder);
        }
        Self { command, defaults: self.defaults }
    }

    /// Adds arguments.
    pub fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets environment variables.
    pub fn envs(mut self, pairs: &[(String, String)]) -> Self {
        self.command.envs(pairs.iter().map(|(name, value)| (name, value)));
        self
    }

    /// Sets what happens at a failpoint, for example `fit.middle=abort`.
    pub fn failpoint(self, action: &str) -> Self {
        self.env("SEGMENTER_FAILPOINT", action)
    }

    /// Sets the folder in which the program runs.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Starts the program and waits for it.
    pub fn go(self) -> Ran {
        self.start().wait()
    }

    /// Starts the program and gives it while it runs.
    pub fn start(mut self) -> Running {
        for (name, value) in &self.defaults {
            if !self.command.get_args().any(|arg| arg == *name) {
                self.command.args([name, value]);
            }
        }
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let command = format!("{:?}", self.command);
        Running::of(command, self.command.spawn().unwrap())
    }
}

/// Says whether a program is as new as its sources, which stand in the file that cargo writes beside it.
fn is_fresh(program: &Path) -> bool {
    let written = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let sources = std::fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let sources = sources.split_once(": ").map_or("", |(_, sources)| sources);
    let newest = sources.split_whitespace().filter_map(|source| written(Path::new(source))).max();
    written(program).is_some_and(|own| newest.is_none_or(|newest| own >= newest))
}

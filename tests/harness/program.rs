//! The program as a process: arguments, environment, exit code and both streams.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The stages of a run, in their order, as failpoints name them.
pub const STAGES: [&str; 6] = ["partition", "features", "fit", "assign", "measure", "commit"];

/// A process that takes longer hangs; it is killed and the test fails.
const LIMIT: Duration = Duration::from_secs(600);

/// Names the environment value that makes the program wait at a failpoint.
pub fn sleep_at(point: &str, wait: Duration) -> String {
    format!("{point}=sleep({})", wait.as_millis())
}

/// A call of the program that is being prepared.
#[derive(Debug)]
pub struct Program {
    command: Command,
}

impl Program {
    /// Prepares a call of the built `segmenter`, without colour and without this process's cloud credentials.
    pub fn segmenter(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_segmenter"));
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.env_remove("SEGMENTER_FAILPOINT").env("NO_COLOR", "1").args(args);
        Self { command }
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
    pub fn within(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Starts the program and waits for it.
    pub fn go(self) -> Ran {
        self.start().wait()
    }

    /// Starts the program and gives it while it runs.
    pub fn start(mut self) -> Running {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let command = format!("{:?}", self.command);
        let mut child = self.command.spawn().unwrap();
        let stdout = Drain::new(child.stdout.take().unwrap());
        let stderr = Drain::new(child.stderr.take().unwrap());
        Running { command, child, stdout, stderr, since: Instant::now() }
    }
}

/// A stream as far as it has been read.
#[derive(Debug)]
struct Drain {
    text: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Drain {
    fn new(mut stream: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                writer.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { text, reader }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    fn all(self) -> String {
        self.reader.join().unwrap();
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }
}

/// The program while it runs.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Child,
    stdout: Drain,
    stderr: Drain,
    since: Instant,
}

impl Running {
    /// Sends SIGTERM, through the shell: the standard library has no other signal than SIGKILL.
    pub fn terminate(&self) {
        let sent = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status().unwrap();
        assert!(sent.success(), "kill -TERM failed");
    }

    /// Waits until the program has reached this failpoint.
    #[track_caller]
    pub fn until_fired(&mut self, point: &str) {
        let line = format!("failpoint fired: {point}");
        while !self.stderr.so_far().contains(&line) {
            if self.child.try_wait().unwrap().is_some() || self.since.elapsed() > LIMIT {
                panic!("{} never reached {point}:\n{}", self.command, self.stderr.so_far());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end of the process.
    pub fn wait(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if self.since.elapsed() > LIMIT {
                self.child.kill().unwrap();
                panic!("{} did not end within {LIMIT:?}", self.command);
            }
            thread::sleep(Duration::from_millis(5));
        };
        let took = self.since.elapsed();
        Ran { command: self.command, status, stdout: self.stdout.all(), stderr: self.stderr.all(), took }
    }
}

/// What a process left: its status and what it printed.
#[derive(Debug)]
pub struct Ran {
    command: String,
    status: ExitStatus,
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

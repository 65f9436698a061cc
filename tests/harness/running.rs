//! A program while it runs: what it has said so far, and signals. Whatever a test leaves running is killed.

use super::Ran;
use std::io::Read;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A process that takes longer hangs; it is killed and the test fails.
const LIMIT: Duration = Duration::from_secs(600);

/// A stream as far as it has been read.
#[derive(Debug)]
struct Drain {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
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
        Self { text, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    /// Reads to the end, which comes when the process does.
    fn finish(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }

    fn all(mut self) -> String {
        self.finish();
        self.so_far()
    }
}

/// A process that is killed when its test is over, also when that fails.
#[derive(Debug)]
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // Of one that has ended already, both say so.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program while it runs; killed when dropped.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Killed,
    stdout: Drain,
    stderr: Drain,
    since: Instant,
}

impl Running {
    /// Takes a process both of whose streams are pipes.
    pub(super) fn of(command: String, mut child: Child) -> Self {
        let stdout = Drain::new(child.stdout.take().unwrap());
        let stderr = Drain::new(child.stderr.take().unwrap());
        Self { command, child: Killed(child), stdout, stderr, since: Instant::now() }
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Freezes the process: it does nothing, and its connections stay open.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Kills the process with SIGKILL and gives what it left.
    pub fn kill(self) -> Ran {
        self.signal("KILL");
        self.wait()
    }

    /// Sends a signal through the shell: the standard library has no other than SIGKILL.
    fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.0.id())]).status().unwrap();
        assert!(sent.success(), "kill -{name} failed");
    }

    /// Gives what stands on stderr so far.
    pub fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// Waits until the program has reached this failpoint.
    #[track_caller]
    pub fn until_fired(&mut self, point: &str) {
        self.until(&format!("failpoint fired: {point}"));
    }

    /// Waits until stderr holds this text, and gives the first line that does.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> String {
        self.until_times(text, 1)
    }

    /// Waits until so many lines of stderr hold this text, and gives the last of them.
    #[track_caller]
    pub fn until_times(&mut self, text: &str, times: usize) -> String {
        loop {
            // Asked first: what the process said before its end is read after it.
            let ended = self.child.0.try_wait().unwrap().is_some();
            if ended {
                self.stderr.finish();
            }
            let said = self.stderr.so_far();
            // A line that is not whole yet does not count.
            let whole = &said[..said.rfind('\n').map_or(0, |end| end + 1)];
            if let Some(line) = whole.lines().filter(|line| line.contains(text)).nth(times - 1) {
                return line.to_owned();
            }
            if ended || self.since.elapsed() > LIMIT {
                panic!("{} never said {text:?} {times} times:\n{said}", self.command);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end of the process.
    pub fn wait(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                break status;
            }
            if self.since.elapsed() > LIMIT {
                panic!("{} did not end within {LIMIT:?}:\n{}", self.command, self.stderr.so_far());
            }
            thread::sleep(Duration::from_millis(5));
        };
        let took = self.since.elapsed();
        Ran { command: self.command, status, stdout: self.stdout.all(), stderr: self.stderr.all(), took }
    }
}

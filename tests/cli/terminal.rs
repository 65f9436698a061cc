//! What a person sees at a terminal, narrow and wide. The terminal is tmux's; where there is none, nothing is seen, and the test says so.

use crate::harness::*;
use std::{
    process::Command,
    time::{Duration, Instant},
};

/// A terminal of so many columns in which something runs; gone when dropped.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// Runs a command of the shell; none where there is no tmux.
    fn of(columns: u32, folder: &std::path::Path, command: &str) -> Option<Self> {
        let socket = format!("segmenter-{}-{columns}-{}", std::process::id(), folder.display().to_string().len());
        let socket = format!("{socket}-{:x}", xxhash_rust::xxh3::xxh3_64(command.as_bytes()));
        let size = columns.to_string();
        let started = Command::new("tmux")
            .args(["-L", &socket, "-f", "/dev/null", "new-session", "-d", "-x", &size, "-y", "150", command])
            .current_dir(folder)
            .env_remove("TMUX")
            .env("LC_ALL", "C.UTF-8")
            .status();
        match started {
            Ok(started) if started.success() => Some(Self { socket }),
            _ => {
                eprintln!("skipped: there is no tmux");
                None
            }
        }
    }

    /// Gives what stands on the screen, a line a line of it; with `joined`, what is one line of text is one.
    fn screen(&self, joined: bool) -> String {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.socket, "capture-pane", "-p"]);
        if joined {
            command.arg("-J");
        }
        let shown = command.output().unwrap();
        String::from_utf8(shown.stdout).unwrap().lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// Waits until the screen has this.
    #[track_caller]
    fn until(&self, text: &str) {
        let since = Instant::now();
        while !self.screen(true).contains(text) {
            assert!(since.elapsed() < Duration::from_secs(60), "no {text:?} on\n{}", self.screen(true));
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).status();
    }
}

/// A run of the demo at a terminal, until it is over.
fn run_of_demo(columns: u32, environment: &str, arguments: &str) -> Option<String> {
    let workspace = Workspace::new();
    Program::segmenter(&["init", &workspace.uri("demo")]).go().succeeded();
    let segmenter = env!("CARGO_BIN_EXE_segmenter");
    let command = format!(
        "env -u SEGMENTER_LOG {environment} {segmenter} run demo/segmenter.toml --threads 1 --memory 1G --scratch scratch {arguments}; echo over; sleep 60"
    );
    let terminal = Terminal::of(columns, workspace.root(), &command)?;
    terminal.until("\nover\n");
    let screen = terminal.screen(true);
    let root = workspace.root().display().to_string();
    Some(masked(&screen.replace(&root, "@ROOT@")))
}

/// What differs from run to run is not looked at: seconds, and the run's id, which is of its inputs' place too.
fn masked(screen: &str) -> String {
    let line = |line: &str| {
        if let Some((before, _)) = line.split_once("/runs/") {
            return format!("{before}/runs/@RUN@");
        }
        let mut words = line.split_whitespace();
        match (words.next(), words.next().map(str::parse::<f64>), words.next()) {
            (Some(stage), Some(Ok(_)), Some("s")) => {
                let rest = line.split_once(" s").map_or("", |(_, rest)| rest);
                format!("{stage:<16} # s{rest}")
            }
            _ => line.to_owned(),
        }
    };
    screen.trim_end().lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn a_run_is_told_in_what_columns_there_are() {
    for columns in [60, 100, 200] {
        let Some(screen) = run_of_demo(columns, "NO_COLOR=1", "") else { return };
        assert_golden_text(&format!("terminal_{columns}"), &screen);
    }
}

#[test]
fn who_wants_quiet_sees_warnings_and_the_folder() {
    let Some(screen) = run_of_demo(100, "NO_COLOR=1", "--quiet") else { return };
    let lines: Vec<&str> = screen.lines().filter(|line| !line.starts_with("warning: ")).collect();
    assert!(lines.len() == 2 && lines[0].contains("/runs/") && lines[1] == "over", "{screen}");
}

#[test]
fn a_bar_takes_one_line_of_a_narrow_terminal() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(200, 9));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    let segmenter = env!("CARGO_BIN_EXE_segmenter");
    let command = format!(
        "SEGMENTER_FAILPOINT='features.middle:3=sleep(20000)' {segmenter} run {} --threads 1 --shards 5 --scratch {}",
        job.display(),
        workspace.uri("scratch")
    );
    let Some(terminal) = Terminal::of(60, workspace.root(), &command) else { return };
    terminal.until("2/5");
    let screen = terminal.screen(false);
    let bars: Vec<&str> = screen.lines().filter(|line| line.starts_with("features")).collect();
    assert_eq!(bars.len(), 1, "{screen}");
    assert!(bars[0].contains("=>") && bars[0].contains("2/5") && bars[0].contains("left"), "{screen}");
}

//! Kills in the middle of writing to the cache, runs at the same time, and what disks do to what is kept.

use crate::harness::*;
use std::{fs, path::PathBuf, time::Duration};

/// As many as the bytes of a [`Trial`] have.
const SHARDS: &str = "8";

/// A job with a cache over several files, and the bytes of a run without.
struct Kept {
    trial: Trial,
    job: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let trial = Trial::new();
        let text = fs::read_to_string(&trial.job).unwrap();
        let job = trial.workspace.job_named("cached.toml", &format!("{text}[cache]\n"));
        Self { trial, job }
    }

    fn run(&self, arguments: &[&str]) -> Program {
        self.trial.workspace.run(&self.job).args(&["--shards", SHARDS]).args(arguments)
    }

    /// Runs it again, and asserts that the bytes are the same; gives what it said.
    #[track_caller]
    fn again(&self) -> String {
        let ran = self.run(&["--new-run"]).go().succeeded();
        self.trial.assert_same(&ran);
        ran.stderr
    }

    /// The files of a folder of the cache.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let cache = self.trial.workspace.root().join("out/trial/_cache");
        let shards =
            fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
        let mut files: Vec<PathBuf> =
            fs::read_dir(shards.join(folder)).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

#[test]
fn a_kill_while_rows_are_kept_costs_at_most_their_reading() {
    for (point, is_kept) in [("partition.middle", false), ("cache.chunks", false), ("cache.entry", true)] {
        let kept = Kept::new();
        kept.run(&[]).failpoint(&format!("{point}:1=abort")).go().aborted_at(point);
        let ran = kept.run(&[]).go().succeeded();
        kept.trial.assert_same(&ran);
        assert_eq!(ran.stderr.contains("the cache has the rows of all 1 files"), is_kept, "{point}: {ran}");
        assert!(kept.again().contains("the cache has the rows of all 1 files"), "{point}");
    }
}

#[test]
fn what_is_damaged_or_gone_is_made_again_and_is_whole_for_the_next_run() {
    let kept = Kept::new();
    kept.again();
    let chunks = &kept.files("kept")[0];
    let whole = fs::read(chunks).unwrap();
    for bit in [0, whole.len() * 4, whole.len() * 8 - 1] {
        // What is there now: an object that was made again has another name.
        let chunks = kept.files("kept").pop().unwrap();
        let mut bytes = fs::read(&chunks).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&chunks, bytes).unwrap();
        let told = kept.again();
        assert!(told.contains("is damaged") && told.contains("will be made again"), "bit {bit}: {told}");
        let told = kept.again();
        assert!(!told.contains("made again") && told.contains("of all 1 files"), "bit {bit}: {told}");
        fs::remove_file(&chunks).unwrap();
    }
    fs::remove_file(kept.files("kept").pop().unwrap()).unwrap();
    assert!(kept.again().contains("will be made again"));
    let entry = kept.files("index").pop().unwrap();
    let mut bytes = fs::read(&entry).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&entry, bytes).unwrap();
    assert!(kept.again().contains("the cache has nothing of 1 files yet"));
    assert!(kept.again().contains("of all 1 files"));
}

#[test]
fn two_runs_at_once_share_it_and_each_gives_its_bytes() {
    let kept = Kept::new();
    let wait = sleep_at("cache.chunks", Duration::from_secs(3));
    let mut first = kept.run(&["--new-run"]).failpoint(&wait).start();
    first.until_fired("cache.chunks");
    kept.again();
    let first = first.wait().succeeded();
    kept.trial.assert_same(&first);
    assert_eq!(
        (kept.files("index").len(), kept.files("kept").len()),
        (1, 2),
        "each wrote its own, and one entry is left"
    );
    assert!(kept.again().contains("of all 1 files"));
}

#[test]
fn workers_take_what_one_process_kept_and_the_other_way_round() {
    let kept = Kept::new();
    let on_workers = || {
        let coordinator = Coordinator::start(kept.trial.workspace.coordinator(&kept.job, 3).args(&["--new-run"]));
        let workers: Vec<Running> = (0..3).map(|_| kept.trial.worker(&coordinator).start()).collect();
        let ran = coordinator.wait().succeeded();
        workers.into_iter().for_each(|worker| drop(worker.wait()));
        kept.trial.assert_same(&ran);
        ran.stderr
    };
    assert!(on_workers().contains("the cache has nothing of 1 files yet"));
    assert!(kept.again().contains("of all 1 files"));
    let chunks = kept.files("kept").pop().unwrap();
    let mut bytes = fs::read(&chunks).unwrap();
    bytes[100] ^= 4;
    fs::write(&chunks, bytes).unwrap();
    assert!(on_workers().contains("will be made again"));
    assert!(on_workers().contains("of all 1 files"));
}

//! What a run leaves on a local disk: whole after a power cut, closed to others, and nothing of killed writers in it.

use crate::harness::*;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

fn prepared() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(200, 4));
    let job = workspace.job(&job("uri = \"@IN@/*\"", &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    (workspace, job)
}

/// Calls of the file system in the order in which they ended, as `strace -f -y` writes them: the call, and its text.
fn calls(trace: &str) -> Vec<(String, String)> {
    let (mut calls, mut begun) = (Vec::new(), BTreeMap::new());
    for line in trace.lines() {
        let Some((process, call)) = line.trim_start().split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(start) = call.strip_suffix("<unfinished ...>") {
            begun.insert(process.to_owned(), start.to_owned());
        } else if let Some((_, end)) = call.split_once("resumed>") {
            let start = begun.remove(process).unwrap_or_default();
            calls.push(format!("{start}{end}"));
        } else {
            calls.push(call.to_owned());
        }
    }
    let named = |call: String| call.split_once('(').map(|(name, _)| name.to_owned()).map(|name| (name, call));
    calls.into_iter().filter_map(named).collect()
}

/// Gives the path of a call's descriptor, `fsync(9</out/x#1>)`, or its quoted paths.
fn paths(call: &str) -> Vec<&str> {
    match call.split('"').skip(1).step_by(2).collect::<Vec<_>>() {
        quoted if quoted.is_empty() => call.split(['<', '>']).nth(1).into_iter().collect(),
        quoted => quoted,
    }
}

#[test]
fn everything_is_on_the_disk_before_the_commit_says_so() {
    if !Command::new("strace").args(["-f", "true"]).output().is_ok_and(|traced| traced.status.success()) {
        println!("skipped: there is no strace that may trace here");
        return;
    }
    let (workspace, job) = prepared();
    let trace = workspace.path("trace");
    let words = ["strace", "-f", "-y", "-s", "4096", "-e", "trace=fsync,rename,renameat,renameat2,link,linkat", "-o"];
    let words: Vec<&str> = words.iter().copied().chain([trace.to_str().unwrap()]).collect();
    let run = CommittedRun::of(&workspace.run(&job).behind(&words).go().succeeded());
    let (mut synced, mut named) = (BTreeSet::new(), BTreeSet::new());
    let mut committed = false;
    for (name, call) in calls(&std::fs::read_to_string(trace).unwrap()) {
        let of_call: Vec<PathBuf> = paths(&call).into_iter().map(PathBuf::from).collect();
        match (name.as_str(), of_call.as_slice()) {
            ("fsync", [path]) => drop(synced.insert(path.clone())),
            (_, [from, to]) if to.starts_with(&run.folder) => {
                if to.ends_with("commit.json") {
                    committed = true;
                    assert!(synced.contains(from), "the commit got its name before its bytes were on the disk");
                    let folder = Path::new(&run.folder);
                    for path in run.files.keys().filter(|path| *path != "commit.json") {
                        let file = folder.join(path);
                        assert!(named.contains(&file), "{path} was not there before the commit");
                        assert!(synced.contains(&file), "the bytes of {path} were not on the disk before the commit");
                        let above = file.parent().unwrap().ancestors().take_while(|above| above.starts_with(folder));
                        above.for_each(|above| assert!(synced.contains(above), "the names in {}", above.display()));
                    }
                    for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(workspace.root())) {
                        assert!(synced.contains(above), "the names in {}", above.display());
                    }
                    // The commit's own name.
                    synced.remove(folder);
                }
                // Its bytes are on the disk if they were before it got its name, or when it is synced after this; its name when its
                // folder is.
                if synced.contains(from) {
                    synced.insert(to.clone());
                } else {
                    synced.remove(to);
                }
                synced.remove(to.parent().unwrap());
                named.insert(to.clone());
            }
            _ => {}
        }
    }
    assert!(committed && synced.contains(Path::new(&run.folder)), "the commit's own name is on the disk");
}

#[test]
fn what_killed_writers_left_is_gone_after_the_commit() {
    let (workspace, job) = prepared();
    workspace.run(&job).failpoint("measure.start=abort").go().aborted_at("measure.start");
    let runs = workspace.path("out/trial/runs");
    let run = std::fs::read_dir(&runs).unwrap().next().unwrap().unwrap().path();
    for stray in ["features/part-00000.parquet#1", "assignments/value/part-00007.parquet#23", "commit.json#2", "odd"] {
        std::fs::create_dir_all(run.join(stray).parent().unwrap()).unwrap();
        std::fs::write(run.join(stray), "half of a fi").unwrap();
    }
    let committed = workspace.committed(&job);
    let commit = committed.json("commit.json");
    let mut listed: Vec<&str> =
        commit["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    listed.push("commit.json");
    listed.sort_unstable();
    assert_eq!(committed.files.keys().map(String::as_str).collect::<Vec<_>>(), listed);
}

#[test]
fn scratch_is_closed_to_others() {
    let (workspace, job) = prepared();
    workspace.run(&job).failpoint("fit.start=abort").go().aborted_at("fit.start");
    let own = std::fs::read_dir(workspace.path("scratch")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::metadata(&own).unwrap().mode() & 0o777, 0o700);
    // One that an earlier version or a careless hand left open.
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o777)).unwrap();
    workspace.run(&job).failpoint("assign.start=abort").go().aborted_at("assign.start");
    assert_eq!(std::fs::metadata(&own).unwrap().mode() & 0o777, 0o700);
    // A folder that somebody else put there to look into it.
    std::fs::remove_dir_all(&own).unwrap();
    std::os::unix::fs::symlink(workspace.path("elsewhere"), &own).unwrap();
    workspace.run(&job).go().failed_with(2).says(&[own.to_str().unwrap(), "--scratch"]);
}

#[test]
fn unfinished_runs_and_failpoints_are_told_of() {
    let (workspace, job) = prepared();
    let begun = workspace.run(&job).failpoint("fit.start=abort").go().aborted_at("fit.start");
    let begun = begun.says(&["SEGMENTER_FAILPOINT is set"]);
    assert!(!begun.stderr.contains("unfinished_runs"), "its own is no other's: {begun}");
    // A run of another job left this.
    std::fs::create_dir(workspace.path("scratch/segmenter-2026-01-01-0123456789ab")).unwrap();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(210, 4));
    // Nothing stands before an error.
    let text = std::fs::read_to_string(&job).unwrap();
    let gate = "[[quality.gate]]\nsource = \"orders\"\ncheck = \"rows_min\"\nmin = 1000000\n[features]";
    assert!(text.contains("[features]"), "{text}");
    let failing = workspace.job_named("failing.toml", &text.replace("[features]", gate));
    let failed = workspace.failing(&failing, 3);
    assert!(!failed.stderr.contains("unfinished_runs"), "{failed}");
    let other = workspace.run(&job).go().succeeded().says(&["unfinished_runs", "trial/_work", "segmenter-2026-01-01-"]);
    assert!(!other.stderr.contains("FAILPOINT") && !other.stderr.contains("0123456789ab"), "{other}");
}

#[test]
fn inputs_whose_names_end_with_a_number_are_read_and_links_that_lead_nowhere_refused() {
    let workspace = Workspace::new();
    let (all, more) = (orders_of(60, 1), orders_of(40, 2));
    write_orders_parquet(&workspace.path("in/1.parquet"), &all);
    write_orders_parquet(&workspace.path("in/2.parquet#1"), &more);
    let sections = "[features]\npresets = [{ name = \"rfm\" }]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";
    let named = workspace.job(&job("uri = \"@IN@/\"\nformat = \"parquet\"", sections));
    let run = workspace.committed(&named);
    assert_eq!(run.fates("orders").read, (all.len() + more.len()) as u64);
    // Where its name does not tell what it is, that is said.
    let unnamed = workspace.job_named("unnamed.toml", &job("uri = \"@IN@/\"", sections));
    workspace.failing(&unnamed, 3).says(&["2.parquet#1", "format"]);

    let link = workspace.path("in/3.parquet");
    std::os::unix::fs::symlink(workspace.path("moved/3.parquet"), &link).unwrap();
    workspace.failing(&named, 3).says(&[link.to_str().unwrap(), "does not exist"]);
    // A pattern that does not mean it.
    let meant = workspace.job_named("meant.toml", &job("uri = \"@IN@/[12].*\"\nformat = \"parquet\"", sections));
    workspace.committed(&meant);
}

#[test]
fn a_limit_of_file_sizes_and_a_pipe_that_nobody_reads_end_no_program_without_a_word() {
    let (workspace, job) = prepared();
    let limited = |words: &str| {
        let ran = workspace.run(&job).behind(&["bash", "-c", words]).go();
        workspace.forget_results();
        ran
    };
    // The signal of that limit is not ignored, as a shell would have it.
    limited("ulimit -f 2; exec \"$0\" \"$@\"").failed_with(6).says(&["cannot write", "File too large"]);
    // Nobody reads the folder of the run, nobody what is said on the way.
    limited("\"$0\" \"$@\" | true; exit ${PIPESTATUS[0]}").succeeded();
    limited("\"$0\" \"$@\" 2> >(true) >/dev/null").succeeded();
    limited("\"$0\" \"$@\" >&- 2>&-").succeeded();
}

//! Forgetting that is cut off, damaged runs, and runs that are under way.

use crate::harness::*;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

const POINTS: [&str; 6] =
    ["forget.begun", "forget.removal", "forget.commit", "forget.file", "forget.list", "forget.end"];

fn excluding(workspace: &Workspace) -> PathBuf {
    workspace.write("in/out.csv", "id\nCARD0003\nCUST0003\n");
    job_that_holds(workspace, EXCLUDING)
}

fn out(workspace: &Workspace) -> PathBuf {
    workspace.root().join("out/trial")
}

#[test]
fn whatever_it_is_killed_at_a_run_is_whole_or_visibly_not_and_the_next_one_ends_it() {
    let (workspace, runs) = with_held();
    let (out, job) = (out(&workspace), excluding(&workspace));
    let before = files_below(&out);
    forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().succeeded();
    let done = files_below(&out);
    for point in POINTS {
        for hit in [1, 2, 3] {
            put_back(&out, &before);
            let ran =
                forget(&workspace, &job, &["CUST0003"], &["--yes"]).failpoint(&format!("{point}:{hit}=abort")).go();
            if ran.code() == Some(0) {
                assert!(hit > 1, "{point} was never passed");
                continue;
            }
            ran.aborted_at(point);
            let now = files_below(&out);
            for run in &runs {
                // Whole is either as it was or as it will be.
                let of_run = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
                    let own = files.iter().filter(|(path, _)| path.starts_with(&format!("runs/{run}/")));
                    own.map(|(path, bytes)| (path.clone(), bytes.clone())).collect::<Vec<_>>()
                };
                let is_one_of_both = of_run(&now) == of_run(&before) || of_run(&now) == of_run(&done);
                assert_eq!(is_whole(&job, run), is_one_of_both, "{point} {run}");
            }
            // Asked what is left, it changes nothing.
            let told = forget(&workspace, &job, &["CUST0003"], &[]).go().succeeded().stdout;
            assert!(told.starts_with("a forgetting was cut off"), "{told}");
            assert_eq!(files_below(&out), now, "{point}");
            forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().succeeded().says(&["it is ended first"]);
            assert_eq!(files_below(&out), done, "{point} {hit}");
        }
    }
}

#[test]
fn a_damaged_file_stops_it_with_a_message_and_nothing_is_changed() {
    let (workspace, runs) = with_held();
    let (out, job) = (out(&workspace), excluding(&workspace));
    let found = files_with(&out.join("runs").join(&runs[0]), &FORGOTTEN);
    let part = found.iter().find(|path| path.starts_with("features/")).unwrap();
    let path = out.join("runs").join(&runs[0]).join(part);
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    // Within the statistics at the end, which no reader of rows looks at.
    let at = flipped.len() - 60;
    flipped[at] ^= 1;
    for (bytes, how) in [(flipped, "holds other bytes"), (whole[..whole.len() / 2].to_vec(), "expected")] {
        fs::write(&path, &bytes).unwrap();
        let before = files_below(&out);
        let ran = forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().failed_with(3);
        let said = ran.stderr.clone();
        assert!(said.contains(part.as_str()) && (said.contains(how) || said.contains("is damaged")), "{said}");
        assert_eq!(files_below(&out), before);
    }
    fs::write(&path, &whole).unwrap();
    forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().succeeded();
}

#[test]
fn what_is_damaged_while_it_is_cut_off_is_not_taken_for_done() {
    let (workspace, runs) = with_held();
    let (out, job) = (out(&workspace), excluding(&workspace));
    forget(&workspace, &job, &["CUST0003"], &["--yes"])
        .failpoint("forget.commit:1=abort")
        .go()
        .aborted_at("forget.commit");
    let broken = runs.iter().find(|run| !is_whole(&job, run)).expect("a run is half done");
    let told = Program::segmenter(&["verify", job.to_str().unwrap(), "--run", broken]).go().failed_with(3);
    told.says(&["a forgetting was cut off", "segmenter forget"]);
    let part = files_with(&out.join("runs").join(broken), &FORGOTTEN)
        .into_iter()
        .find(|path| path.starts_with("features/"))
        .unwrap();
    let path = out.join("runs").join(broken).join(&part);
    let whole = fs::read(&path).unwrap();
    // A table of other rows, well formed.
    let other = files_below(&out.join("runs").join(broken))
        .into_iter()
        .find(|(path, _)| path.starts_with("features/") && *path != part);
    fs::write(&path, other.unwrap().1).unwrap();
    forget(&workspace, &job, &["CUST0003"], &["--yes"])
        .go()
        .failed_with(3)
        .says(&[&part, "neither what it was before"]);
    fs::write(&path, whole).unwrap();
    forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().succeeded();
    assert!(runs.iter().all(|run| is_whole(&job, run)));
}

fn age(folder: &Path, days: u64) {
    for path in files_below(folder).into_keys() {
        let file = fs::File::options().write(true).open(folder.join(path)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
    }
}

#[test]
fn a_run_under_way_stops_it_and_one_that_nobody_goes_on_with_goes() {
    let (workspace, _) = with_held();
    let (out, job) = (out(&workspace), job_that_holds(&workspace, ""));
    let started = workspace.run(&job).args(&["--as-of", "2026-01-03"]).failpoint("assign.start=abort").go();
    started.aborted_at("assign.start");
    let begun = fs::read_dir(out.join("_work")).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    let job = excluding(&workspace);
    let before = files_below(&out);
    let ran = forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().failed_with(4);
    ran.says(&[&format!("run {begun} may be under way"), "two days"]);
    assert_eq!(files_below(&out), before);
    age(&out.join("_work"), 3);
    age(&out.join("runs"), 3);
    let scratch = workspace.uri("scratch");
    let score = ["score", job.to_str().unwrap(), "--model", "latest", "--as-of", "2026-01-04", "--scratch", &scratch];
    Program::segmenter(&score).failpoint("assign.start=abort").go().aborted_at("assign.start");
    let ran = forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().failed_with(4);
    ran.says(&["scores/", "may be under way"]);
    age(&out.join("scores"), 3);
    let ran = forget(&workspace, &job, &["CUST0003"], &["--yes", "--output", "json"]).go().succeeded();
    let told: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(told["delete"].as_array().unwrap().len(), 2, "{told:#}");
    assert!(told["delete"][0].as_str().unwrap().starts_with(&begun), "{told:#}");
    let left = files_below(&out);
    assert!(!left.keys().any(|path| path.contains(&begun)), "{:?}", left.keys());
}

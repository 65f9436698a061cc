//! Work files that are damaged or vanish are made again from what they came from, wherever the run stands; what cannot be is named.

use crate::harness::*;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What happens to a file.
const HARMS: [Harm; 3] = [Harm::Flip, Harm::Cut, Harm::Delete];

#[derive(Debug, Clone, Copy)]
enum Harm {
    /// One bit of it is another.
    Flip,
    /// Its end is gone.
    Cut,
    /// It is gone.
    Delete,
}

impl Harm {
    fn to(self, file: &Path) {
        let mut bytes = std::fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        match self {
            Self::Flip => bytes[middle] ^= 0x10,
            Self::Cut => bytes.truncate(middle),
            Self::Delete => return std::fs::remove_file(file).unwrap(),
        }
        std::fs::write(file, bytes).unwrap();
    }
}

/// Gives the files below `root` in whose path `part` stands, sorted.
fn files(root: &Path, part: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().contains(part) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Harms some files of a kind: the first and the last.
fn harm(harm: Harm, root: &Path, part: &str) -> String {
    let found = files(root, part);
    assert!(!found.is_empty(), "there is no {part} in {}", root.display());
    let chosen: Vec<&PathBuf> = found.iter().take(1).chain(found.last().filter(|_| found.len() > 1)).collect();
    chosen.iter().for_each(|file| harm.to(file));
    chosen[0].file_name().unwrap().to_str().unwrap().to_owned()
}

/// Where a run waits while its work files are harmed, and which kinds it still needs.
const PLACES: [(&str, &[&str]); 4] = [
    ("features.start", &["/chunks/"]),
    ("fit.start", &["/features/"]),
    ("assign.start", &["/features/"]),
    ("measure.start", &["/measured/"]),
];

/// A reference table, whose rows lie among the chunks too.
const PRODUCTS: &str = r#"
[[source]]
name = "products"
kind = "reference"
uri  = "@IN@/products.csv"
key  = "product_id"
[source.columns]
product_id = "sku"
weight     = "cast(grams as int)"
[[features.sql]]
name  = "grams"
query = "select o.customer_id, sum(p.weight) as grams from orders o join products p on p.product_id = o.product_id group by o.customer_id"
"#;

fn sections() -> String {
    // So that workers read their files again: what fits into memory is not looked for on the disk.
    format!("{DIGEST_FEATURES}{EVERY_METHOD}{PRODUCTS}")
}

fn prepared() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/1.parquet"), &orders_of(300, 30));
    write_orders_parquet(&workspace.path("in/2.parquet"), &orders_of(300, 31));
    let products: String = (0..40).map(|number| format!("sku-{number},{}\n", number * 7)).collect();
    workspace.write("in/products.csv", format!("sku,grams\n{products}"));
    let job = workspace.job(&job("uri = \"@IN@/*.parquet\"", &sections()));
    (workspace, job)
}

fn in_shards(workspace: &Workspace, job: &Path) -> Program {
    workspace.run(job).args(&["--shards", "4"])
}

#[test]
fn a_run_that_was_killed_makes_again_what_is_damaged_when_it_goes_on() {
    let (workspace, job) = prepared();
    let expected = CommittedRun::of(&in_shards(&workspace, &job).go().succeeded()).byte_digest();
    for (point, kinds) in PLACES {
        for harm_done in HARMS {
            workspace.forget_results();
            in_shards(&workspace, &job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
            for kind in kinds {
                let name = harm(harm_done, &workspace.path("scratch"), kind);
                let ran = in_shards(&workspace, &job).go().succeeded();
                assert_eq!(CommittedRun::of(&ran).byte_digest(), expected, "{harm_done:?} of {kind} at {point}: {ran}");
                // What is seen to be gone from the start is done again like any stage.
                if !matches!(harm_done, Harm::Delete | Harm::Cut) {
                    ran.says(&[&name, "made again"]);
                }
            }
        }
    }
}

/// Every kind of work file that there may be.
const KINDS: [&str; 3] = ["/chunks/", "/features/", "/measured/"];

/// Harms the first and the last file of every kind of work file that is there, and gives the names of those of `needed`.
fn harm_every_kind(harm_done: Harm, root: &Path, needed: &[&str]) -> Vec<String> {
    let present = KINDS.into_iter().filter(|kind| !files(root, kind).is_empty());
    let harmed: Vec<(&str, String)> = present.map(|kind| (kind, harm(harm_done, root, kind))).collect();
    needed.iter().for_each(|kind| assert!(harmed.iter().any(|(other, _)| other == kind), "there is no {kind}"));
    harmed.into_iter().filter(|(kind, _)| needed.contains(kind)).map(|(_, name)| name).collect()
}

#[test]
fn work_files_of_which_every_kind_is_damaged_are_made_again_from_the_inputs() {
    let (workspace, job) = prepared();
    let expected = CommittedRun::of(&in_shards(&workspace, &job).go().succeeded()).byte_digest();
    for (point, kinds) in PLACES {
        for harm_done in HARMS {
            workspace.forget_results();
            in_shards(&workspace, &job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
            harm_every_kind(harm_done, &workspace.path("scratch"), kinds);
            let ran = in_shards(&workspace, &job).go().succeeded();
            assert_eq!(CommittedRun::of(&ran).byte_digest(), expected, "{harm_done:?} at {point}: {ran}");
            if matches!(harm_done, Harm::Flip) {
                ran.says(&["made again"]);
            }
        }
    }
}

#[test]
fn features_whose_chunks_are_damaged_too_are_made_again_from_the_inputs() {
    let (workspace, job) = prepared();
    let expected = CommittedRun::of(&in_shards(&workspace, &job).go().succeeded()).byte_digest();
    for point in ["fit.start", "assign.start", "measure.start"] {
        workspace.forget_results();
        in_shards(&workspace, &job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        for kind in KINDS {
            files(&workspace.path("scratch"), kind).iter().for_each(|file| Harm::Flip.to(file));
        }
        let ran = in_shards(&workspace, &job).go().succeeded().says(&["made again"]);
        assert_eq!(CommittedRun::of(&ran).byte_digest(), expected, "{point}: {ran}");
    }
}

#[test]
fn a_run_under_way_makes_again_what_is_damaged() {
    let (workspace, job) = prepared();
    let expected = CommittedRun::of(&in_shards(&workspace, &job).go().succeeded()).byte_digest();
    for (point, kinds) in PLACES {
        for harm_done in HARMS {
            workspace.forget_results();
            let wait = sleep_at(point, Duration::from_secs(1));
            let mut running = in_shards(&workspace, &job).failpoint(&wait).start();
            running.until_fired(point);
            let names = harm_every_kind(harm_done, &workspace.path("scratch"), kinds);
            let ran = running.wait().succeeded();
            assert_eq!(CommittedRun::of(&ran).byte_digest(), expected, "{harm_done:?} at {point}: {ran}");
            // What comes after the features is in memory too, where nothing harms it.
            if point == "features.start" {
                ran.says(&[&names[0], "made again"]);
            }
        }
    }
}

/// Harms what `harmed` harms while a cluster waits at `point`, with a worker that holds nothing in memory afterwards; each name that it gives
/// must be told.
fn assert_a_cluster_survives(trial: &Trial, point: &str, harmed: impl Fn(&Trial) -> Vec<String>) {
    trial.workspace.forget_results();
    let wait = sleep_at(point, Duration::from_secs(3));
    let mut coordinator = Coordinator::start(trial.coordinator(1).failpoint(&wait));
    let first = trial.worker(&coordinator).start();
    coordinator.until_fired(point);
    first.kill();
    let names = harmed(trial);
    let second = trial.worker(&coordinator).start();
    let ran = coordinator.wait().succeeded();
    trial.assert_same(&ran);
    let said = second.wait().succeeded();
    for name in names {
        let told = ran.stderr.contains(&name) || said.stderr.contains(&name);
        assert!(told, "at {point} nobody names {name}: {ran}\n{said}");
    }
}

#[test]
fn a_cluster_makes_again_what_is_damaged() {
    let trial = Trial::new();
    for (point, kinds) in PLACES {
        for kind in kinds {
            for harm_done in HARMS {
                let one = |trial: &Trial| vec![harm(harm_done, &trial.workspace.path("out/trial/_work"), kind)];
                assert_a_cluster_survives(&trial, point, one);
            }
        }
    }
}

#[test]
fn a_cluster_makes_again_what_is_damaged_of_every_kind_at_once() {
    let trial = Trial::new();
    // Before the features there are chunks alone.
    for (point, kinds) in &PLACES[1..] {
        for harm_done in HARMS {
            let all = |trial: &Trial| harm_every_kind(harm_done, &trial.workspace.path("out/trial/_work"), kinds);
            assert_a_cluster_survives(&trial, point, all);
        }
    }
}

#[test]
fn a_cluster_writes_damaged_results_again_also_from_damaged_work_files() {
    let trial = Trial::new();
    for harm_done in HARMS {
        assert_a_cluster_survives(&trial, "commit.start", |trial| {
            harm_every_kind(harm_done, &trial.workspace.path("out/trial/_work"), &[]);
            let parts = [
                "/features/part-00001",
                "/assignments/",
                "/membership/",
                "/quarantine/",
                "overlaps.parquet",
                "model.json",
            ];
            parts.iter().map(|part| harm(harm_done, &trial.workspace.path("out/trial/runs"), part)).collect()
        });
    }
}

#[test]
fn a_damaged_part_is_written_again_before_the_commit() {
    let (workspace, job) = prepared();
    let expected = CommittedRun::of(&in_shards(&workspace, &job).go().succeeded()).byte_digest();
    let parts = [
        "/features/part-00001",
        "/assignments/",
        "/membership/",
        "/quarantine/",
        "segments.parquet",
        "model.json",
        "report.html",
    ];
    // Before the commit is decided, and after. The page is made when all else is there.
    for point in ["commit.start", "commit.done"] {
        for part in parts.into_iter().filter(|part| *part != "report.html" || point == "commit.done") {
            for harm_done in HARMS {
                workspace.forget_results();
                in_shards(&workspace, &job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
                let name = harm(harm_done, &workspace.path("out/trial/runs"), part);
                let ran = in_shards(&workspace, &job).go().succeeded().says(&[&name, "written again"]);
                assert_eq!(CommittedRun::of(&ran).byte_digest(), expected, "{harm_done:?} of {part} at {point}");
            }
        }
    }
}

#[test]
fn a_damaged_log_is_refused_with_its_name_and_a_new_run_does_not_need_it() {
    let (workspace, job) = prepared();
    let expected = CommittedRun::of(&in_shards(&workspace, &job).go().succeeded()).byte_digest();
    for entry in ["/log/00000001", "/log/00000002", "/log/00000003"] {
        for harm_done in [Harm::Flip, Harm::Cut] {
            workspace.forget_results();
            in_shards(&workspace, &job).failpoint("fit.start=abort").go().aborted_at("fit.start");
            harm(harm_done, &workspace.path("out/trial/_work"), entry);
            let refused = in_shards(&workspace, &job).go().failed_with(3).says(&[entry, "--new-run"]);
            assert!(!refused.stderr.contains("bug"), "{refused}");
            let anew = in_shards(&workspace, &job).args(&["--new-run"]).go().succeeded();
            assert_eq!(CommittedRun::of(&anew).byte_digest(), expected, "{harm_done:?} of {entry}");
            // The work is done, whatever is left of the first attempt at it.
            let again = in_shards(&workspace, &job).go().succeeded();
            assert_eq!(again.run_folder(), anew.run_folder());
        }
    }
}

#[test]
fn an_entry_of_another_run_is_not_taken_for_ones_own() {
    let (workspace, job) = prepared();
    in_shards(&workspace, &job).failpoint("fit.start=abort").go().aborted_at("fit.start");
    let kept = std::fs::read(&files(&workspace.path("out"), "/log/00000002")[0]).unwrap();
    workspace.forget_results();
    in_shards(&workspace, &job).failpoint("fit.start=abort").go().aborted_at("fit.start");
    // Whole by itself, but not what the next entry follows.
    std::fs::write(&files(&workspace.path("out"), "/log/00000002")[0], kept).unwrap();
    in_shards(&workspace, &job).go().failed_with(3).says(&["/log/0000000", "--new-run"]);
}

#[test]
fn a_new_run_begins_anew_where_one_is_begun() {
    let (workspace, job) = prepared();
    in_shards(&workspace, &job).failpoint("fit.start=abort").go().aborted_at("fit.start");
    let anew = workspace.run(&job).args(&["--shards", "2", "--new-run"]).go().succeeded();
    assert_eq!(CommittedRun::of(&anew).json("run.json")["shards"], 2, "not the shards of the one that was begun");
    // Killed, it goes on when it is run without.
    workspace.run(&job).args(&["--shards", "3", "--new-run"]).failpoint("fit.start=abort").go().aborted_at("fit.start");
    let on = workspace.run(&job).go().succeeded();
    assert_eq!(CommittedRun::of(&on).json("run.json")["shards"], 3);
    assert_eq!(workspace.run(&job).go().succeeded().run_folder(), on.run_folder(), "and then it is done");
}

#[test]
fn a_committed_run_is_verified_and_a_damaged_one_told() {
    let (workspace, job) = prepared();
    let run = workspace.committed(&job);
    let verify = |options: &[&str]| Program::segmenter(&["verify", job.to_str().unwrap()]).args(options);
    let id = run.folder.rsplit('/').next().unwrap().to_owned();
    assert_eq!(verify(&[]).go().succeeded().run_folder(), run.folder);
    assert_eq!(verify(&["--run", &id]).go().succeeded().run_folder(), run.folder);
    let whole: serde_json::Value =
        serde_json::from_str(&verify(&["--output", "json"]).go().succeeded().stdout).unwrap();
    assert_eq!((&whole["whole"], &whole["run"]), (&true.into(), &id.as_str().into()));
    verify(&["--run", "2020-01-01-000000000000"]).go().failed_with(3).says(&["2020-01-01-000000000000"]);

    let parts =
        ["/assignments/", "/features/", "/membership/", "model.json", "report.html", "run.json", "overlaps.parquet"];
    for part in parts {
        let folder = PathBuf::from(&run.folder);
        let file = files(&folder, part)[0].clone();
        let (name, kept) = (file.file_name().unwrap().to_str().unwrap(), std::fs::read(&file).unwrap());
        for harm_done in HARMS {
            harm_done.to(&file);
            let said = verify(&["--output", "json"]).go().failed_with(3).says(&[name]);
            let said: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
            assert!(said["damaged"][0]["path"].as_str().unwrap().ends_with(name), "{said}");
            if !matches!(harm_done, Harm::Flip) {
                workspace.run(&job).go().failed_with(3).says(&[name, "damaged", "--new-run"]);
                Program::segmenter(&["latest", job.to_str().unwrap()]).go().failed_with(3).says(&[name, "damaged"]);
            }
            std::fs::write(&file, &kept).unwrap();
        }
    }
    verify(&[]).go().succeeded();
}

#[test]
fn rows_of_a_fit_that_are_damaged_in_scratch_are_made_again() {
    let workspace = Workspace::new();
    let order = |customer: u64| {
        let day = customer * 7 % 300;
        let amount = format!("{}.{:02}", 20 + customer % 3 * 400 + customer * 31 % 97, customer % 100);
        let time = format!("2025-{:02}-{:02} 12:00:00", day / 28 % 12 + 1, day % 28 + 1);
        Order::new(&format!("C{customer:07}"), &format!("O{customer}"), &time, &amount)
    };
    write_orders_parquet(&workspace.path("in/orders.parquet"), &(0..450_000).map(order).collect::<Vec<_>>());
    let fit = "[features]\npresets = [{ name = \"rfm\" }]\n[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nfeatures = [\"recency_days\", \"monetary\", \"frequency\", \"tenure_days\", \"average_order_value\"]\nk = 3\n";
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", fit));
    // So little that rows of later shards lie in scratch.
    let run = || workspace.run(&job).args(&["--shards", "16", "--threads", "1", "--memory", "96M"]);
    let expected = CommittedRun::of(&run().go().succeeded()).byte_digest();
    workspace.forget_results();
    let ran = run().failpoint("rows.stored:1=error").go().succeeded().fired("rows.stored");
    let ran = ran.says(&["rows in the scratch folder are damaged; they are made again", &workspace.uri("scratch")]);
    assert_eq!(CommittedRun::of(&ran).byte_digest(), expected);
    // A disk that never keeps what it is given.
    workspace.forget_results();
    let ran = run().failpoint("rows.stored=error").go().failed_with(3);
    ran.says(&["gives back other rows than were written there", &workspace.uri("scratch"), "give --scratch"]);
    assert!(!workspace.has_commit());
}

//! From run to run: clusters keep their keys and names, and it is told who came, left and moved.

use crate::harness::*;
use std::{collections::BTreeMap, ops::Range, path::PathBuf};

/// Where a group of customers lies.
type Place = (i32, i32);
/// Customers by their numbers, in one place.
type Group = (Range<u32>, Place);

const A: Place = (0, 0);
const B: Place = (1000, 0);
const C: Place = (0, 1000);
const D: Place = (1000, 1000);
/// Near enough to A to be one group with it where there is one group less.
const A2: Place = (180, 150);

/// A job of one day over customers who lie in groups.
struct Day {
    as_of: &'static str,
    groups: Vec<Group>,
    sections: String,
}

const CLUSTERS: [&str; 3] = ["kmeans", "bisecting", "mixture"];

/// Each method that finds clusters, with so many of them.
fn every_method(k: u32) -> String {
    let section = |method: &&str| {
        format!("[[segmentation]]\nname = \"by_{method}\"\nmethod = \"{method}\"\nfeatures = [\"x\", \"y\"]\nk = {k}\n")
    };
    CLUSTERS.iter().map(section).collect()
}

impl Day {
    fn new(as_of: &'static str, groups: &[Group], sections: &str) -> Self {
        Self { as_of, groups: groups.to_vec(), sections: sections.to_owned() }
    }

    /// Writes the day's customers and its job.
    fn job(&self, workspace: &Workspace) -> PathBuf {
        let mut text = "customer_id,x,y\n".to_owned();
        for (numbers, (x, y)) in &self.groups {
            for number in numbers.clone() {
                let jitter = |times: u32| (number * times % 61) as i32;
                text += &format!("C{number:03},{},{}\n", x + jitter(7), y + jitter(13));
            }
        }
        workspace.write(&format!("in/{}.csv", self.as_of), text);
        let job = format!(
            "format_version = 1\nname = \"trial\"\nas_of = \"{0}\"\nseed = 7\n[output]\nuri = \"@OUT@\"\n[[source]]\nname = \"people\"\nkind = \"customers\"\nuri = \"@IN@/{0}.csv\"\ntypes = {{ x = \"double\", y = \"double\" }}\n[source.columns]\ncustomer_id = \"customer_id\"\nx = \"x\"\ny = \"y\"\n{1}",
            self.as_of, self.sections
        );
        workspace.job_named(&format!("{}.toml", self.as_of), &job)
    }

    fn run(&self, workspace: &Workspace) -> CommittedRun {
        workspace.committed(&self.job(workspace))
    }
}

/// Gives the key that all of these customers have.
#[track_caller]
fn key_of(run: &CommittedRun, segmentation: &str, numbers: Range<u32>) -> String {
    let keys = run.keys(segmentation);
    let mut found: Vec<String> = numbers.map(|number| keys[&format!("C{number:03}")].clone()).collect();
    found.dedup();
    assert_eq!(found.len(), 1, "{segmentation}: {found:?}");
    found.remove(0)
}

fn previous_of(run: &CommittedRun) -> Option<String> {
    run.json("run.json")["previous"].as_str().map(str::to_owned)
}

fn name_of(run: &CommittedRun, segmentation: &str, key: &str) -> String {
    let segments = run.table("segments.parquet");
    segments.only(&[("segmentation", segmentation), ("segment_key", key)])["segment_name"].clone().unwrap()
}

/// Three groups, of which the largest becomes the smallest, with who comes, leaves and moves.
fn two_days(sections: &str) -> [Day; 2] {
    let first = Day::new("2026-01-01", &[(0..60, A), (60..100, B), (100..120, C)], sections);
    let second =
        Day::new("2026-01-02", &[(0..30, A), (30..60, B), (65..100, B), (100..120, C), (200..230, C)], sections);
    [first, second]
}

#[test]
fn clusters_keep_their_keys_and_names_whatever_their_sizes() {
    let workspace = Workspace::new();
    let [first, second] = two_days(&every_method(3));
    let (first, second) = (first.run(&workspace), second.run(&workspace));
    assert_eq!(previous_of(&second), first.json("run.json")["run"].as_str().map(str::to_owned));
    for method in CLUSTERS {
        let name = format!("by_{method}");
        let keys = |run: &CommittedRun| [0..30, 65..100, 100..120].map(|numbers| key_of(run, &name, numbers));
        assert_eq!((keys(&first), keys(&second)), (["c01", "c02", "c03"].map(str::to_owned), keys(&first)), "{name}");
        for key in keys(&first) {
            assert_eq!(name_of(&first, &name, &key), name_of(&second, &name, &key), "{name} {key}");
        }
        let told = &second.json("run.json")["clustering"][&name]["keys"];
        assert_eq!((told["new"].as_array().unwrap().len(), told["kept"].as_array().unwrap().len()), (0, 3), "{told}");
        assert_eq!(told["kept"][1]["customers_in_both"], 35);
        let model = second.json("model.json");
        let model = model["segmentations"].as_array().unwrap().iter().find(|model| model["segmentation"] == *name);
        assert_eq!(model.unwrap()["next_key"], 4);
    }
    first.warned_of(&["x", "y"]);
}

#[test]
fn who_came_left_and_moved_is_told_one_by_one_and_in_all() {
    let workspace = Workspace::new();
    let [first, second] = two_days(&every_method(3));
    let (first, second) = (first.run(&workspace), second.run(&workspace));
    assert!(first.files.keys().all(|path| !path.starts_with("changes/") && path != "migration.parquet"));
    let changes = second.table("changes");
    for method in CLUSTERS {
        let name = format!("by_{method}");
        let of: Vec<_> = changes.rows.iter().filter(|row| row[1].as_deref() == Some(&name)).collect();
        let told: BTreeMap<&str, (Option<&str>, Option<&str>, &str)> = of
            .iter()
            .map(|row| (row[0].as_deref().unwrap(), (row[2].as_deref(), row[3].as_deref(), row[4].as_deref().unwrap())))
            .collect();
        let mut expected: BTreeMap<String, (Option<&str>, Option<&str>, &str)> = BTreeMap::new();
        expected.extend((30..60).map(|number| (format!("C{number:03}"), (Some("c01"), Some("c02"), "moved"))));
        expected.extend((60..65).map(|number| (format!("C{number:03}"), (Some("c02"), None, "left"))));
        expected.extend((200..230).map(|number| (format!("C{number:03}"), (None, Some("c03"), "joined"))));
        let expected: BTreeMap<&str, _> = expected.iter().map(|(id, change)| (id.as_str(), *change)).collect();
        assert_eq!((of.len(), told), (65, expected), "{name}");
        let most: Vec<Option<&str>> =
            of.iter().filter(|row| row[4].as_deref() == Some("moved")).map(|row| row[7].as_deref()).collect();
        assert_eq!(most, vec![Some("x"); 30], "x alone is another");
        let migration = second.table("migration.parquet");
        let cell = |wanted: &[(&str, &str)]| {
            let row = migration.only(&[&[("segmentation", name.as_str())], wanted].concat());
            (row["customers"].clone().unwrap(), row["share_of_previous"].clone(), row["moved_most"].clone())
        };
        assert_eq!(cell(&[("change", "moved")]), ("30".into(), Some("0.5".into()), Some("x 100 %".into())));
        assert_eq!(cell(&[("change", "left")]), ("5".into(), Some("0.125".into()), None));
        assert_eq!(cell(&[("change", "joined")]).0, "30");
        let drift = second.table("drift.parquet");
        let drift = |key: &[(&str, &str)]| {
            drift.only(&[&[("name", name.as_str())], key].concat())["value"].as_ref().unwrap().parse::<f64>().unwrap()
        };
        assert_eq!(drift(&[("measure", "moved_share")]), 30.0 / 115.0);
        assert_eq!(drift(&[("measure", "jaccard"), ("segment_key", "c02")]), 35.0 / 65.0);
        assert!((drift(&[("measure", "share"), ("segment_key", "c03")]) - 50.0 / 145.0).abs() < 1e-15);
    }
    let psi = second.table("drift.parquet");
    assert_eq!(psi.only(&[("subject", "feature"), ("name", "x")])["n"].as_deref(), Some("145"));
    second.warned_of(&["drifted: segmentation by_bisecting (PSI 0.42)", "population stability index"]);
}

#[test]
fn a_part_that_is_split_off_gets_a_new_key_that_is_never_given_again() {
    let workspace = Workspace::new();
    let whole: [Group; 3] = [(0..40, A), (40..70, A2), (100..150, B)];
    let day = |as_of, k| Day::new(as_of, &whole, &every_method(k)).run(&workspace);
    let (one, split) = (day("2026-01-01", 2), day("2026-01-02", 3));
    let (merged, again) = (day("2026-01-03", 2), day("2026-01-04", 3));
    for method in CLUSTERS {
        let name = format!("by_{method}");
        let keys = |run| [0..40, 40..70, 100..150].map(|numbers| key_of(run, &name, numbers));
        let expected = |second: &str| ["c01", second, "c02"].map(str::to_owned);
        assert_eq!(keys(&one), expected("c01"), "{name}");
        assert_eq!(keys(&split), expected("c03"), "{name}: the larger part keeps the key");
        assert_eq!(keys(&merged), expected("c01"), "{name}: the larger part's key stays");
        assert_eq!(keys(&again), expected("c04"), "{name}: c03 was another");
        let told = &merged.json("run.json")["clustering"][&name]["keys"];
        assert_eq!(told["gone"], serde_json::json!(["c03"]), "{name}");
    }
}

#[test]
fn asking_again_finds_the_committed_run_whatever_was_committed_since() {
    let workspace = Workspace::new();
    let day = |as_of, end| Day::new(as_of, &[(0..end, A), (100..150, B)], &every_method(2));
    let (first, second, third) = (day("2026-01-01", 40), day("2026-01-02", 50), day("2026-01-03", 60));
    let one = first.run(&workspace);
    let job = third.job(&workspace);
    let three = workspace.committed(&job);
    let name = |run: &CommittedRun| run.json("run.json")["run"].as_str().unwrap().to_owned();
    assert_eq!(previous_of(&three), Some(name(&one)));
    let two = second.run(&workspace);
    assert_eq!(previous_of(&two), Some(name(&one)));
    // The run before the third would be the second now; its work is done all the same.
    let ran = workspace.run(&job).go().succeeded();
    assert!(CommittedRun::of(&ran).json("run.json") == three.json("run.json"), "nothing is done again");
    let anew = workspace.run(&job).args(&["--new-run"]).go().succeeded();
    assert_eq!(previous_of(&CommittedRun::of(&anew)), Some(name(&two)));
}

#[test]
fn a_run_that_goes_on_is_compared_with_the_run_that_it_began_with() {
    let workspace = Workspace::new();
    let day = |as_of, end| Day::new(as_of, &[(0..end, A), (100..150, B)], &every_method(2));
    let (first, second, third) = (day("2026-01-01", 40), day("2026-01-02", 50), day("2026-01-03", 60));
    let one = first.run(&workspace);
    let job = third.job(&workspace);
    workspace.run(&job).failpoint("fit.end=abort").go().aborted_at("fit.end");
    second.run(&workspace);
    let three = workspace.committed(&job);
    assert_eq!(previous_of(&three), one.json("run.json")["run"].as_str().map(str::to_owned));
    assert_eq!(three.json("run.json")["generations"], 2);
}

#[test]
fn the_number_of_shards_then_and_now_changes_nothing() {
    let days = |then: &str, now: &str| {
        let workspace = Workspace::new();
        let [first, second] = two_days(&every_method(3));
        let run = |day: &Day, shards: &str| {
            CommittedRun::of(&workspace.run(&day.job(&workspace)).args(&["--shards", shards]).go().succeeded())
        };
        run(&first, then);
        run(&second, now).logical_digest()
    };
    let expected = days("1", "1");
    assert!(expected.contains_key("changes") && expected.contains_key("drift.parquet"));
    for (then, now) in [("3", "3"), ("1", "4"), ("5", "2"), ("3", "7")] {
        assert_eq!(days(then, now), expected, "{then} shards then, {now} now");
    }
}

#[test]
fn workers_and_kills_change_no_byte_of_what_changed() {
    let workspace = Workspace::new();
    let [first, second] = two_days(&every_method(3));
    let shards = ["--shards", "4"];
    workspace.run(&first.job(&workspace)).args(&["--shards", "3"]).go().succeeded();
    let job = second.job(&workspace);
    let expected = CommittedRun::of(&workspace.run(&job).args(&shards).go().succeeded()).byte_digest();
    assert_eq!(expected.keys().filter(|path| path.starts_with("changes/")).count(), 4);
    let again = |ran: &Ran| assert_eq!(CommittedRun::of(ran).byte_digest(), expected);
    for point in ["fit.middle", "assign.middle", "assign.end", "measure.middle"] {
        let begin = workspace.run(&job).args(&shards).args(&["--new-run"]).failpoint(&format!("{point}=abort"));
        begin.go().aborted_at(point);
        again(&workspace.run(&job).args(&shards).go().succeeded());
    }
    let program = workspace.coordinator(&job, 3).args(&["--new-run"]).args(&shards);
    let coordinator = Coordinator::start(program);
    let workers: Vec<_> = (0..3).map(|_| workspace.worker(coordinator.url()).start()).collect();
    again(&coordinator.wait().succeeded());
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
}

#[test]
fn more_change_than_is_allowed_stops_the_run_or_is_warned_of() {
    for (limits, stops) in [
        (
            "max_moved_share = 0.26",
            Some("of 115 customers in segmentation by_kmeans in this run and in run 2026-01-01-"),
        ),
        ("max_moved_share = 0.27", None),
        ("max_psi = 0.1", Some("drifted by more than quality.max_psi = 0.1 allows")),
        ("max_psi = 9", None),
    ] {
        let workspace = Workspace::new();
        let sections = format!("[quality]\n{limits}\n{}", every_method(3));
        let [first, second] = two_days(&sections);
        first.run(&workspace);
        let job = second.job(&workspace);
        match stops {
            None => drop(workspace.committed(&job)),
            Some(says) => {
                for _ in 0..2 {
                    workspace.failing(&job, 3).says(&[says, "drift_action"]);
                }
                let text = std::fs::read_to_string(&job).unwrap();
                let told =
                    workspace.write("warn.toml", text.replace("[quality]\n", "[quality]\ndrift_action = \"warn\"\n"));
                workspace.committed(&told).warned_of(&[says]);
                let alone =
                    workspace.write("alone.toml", text.replace("[output]\n", "[output]\nprevious = \"none\"\n"));
                assert_eq!(previous_of(&workspace.committed(&alone)), None);
            }
        }
    }
}

#[test]
fn a_damaged_run_before_is_named_and_can_be_left_out() {
    let workspace = Workspace::new();
    let [first, second] = two_days(&every_method(3));
    let one = first.run(&workspace);
    let name = one.json("run.json")["run"].as_str().unwrap().to_owned();
    let path = workspace.path(&format!("out/trial/runs/{name}/assignments/by_mixture/part-00000.parquet"));
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let job = second.job(&workspace);
    let says = ["assignments/by_mixture/part-00000.parquet", &name, "it is not what was committed", "segmenter verify"];
    workspace.failing(&job, 3).says(&says);
    Program::segmenter(&["verify", job.to_str().unwrap(), "--run", &name]).go().failed_with(3).says(&["by_mixture"]);
    let text = std::fs::read_to_string(&job).unwrap();
    let alone = workspace.write("alone.toml", text.replace("[output]\n", "[output]\nprevious = \"none\"\n"));
    assert_eq!(previous_of(&workspace.committed(&alone)), None);
}

#[test]
fn of_rules_that_overlap_each_is_entered_and_left_on_its_own() {
    let workspace = Workspace::new();
    let sections = "[[segmentation]]\nname = \"audiences\"\nmethod = \"rules\"\nmatch = \"all\"\n[[segmentation.rule]]\nname = \"right\"\nwhen = \"x >= 500\"\n[[segmentation.rule]]\nname = \"top\"\nwhen = \"y >= 500\"\n";
    Day::new("2026-01-01", &[(0..4, A), (4..8, B), (8..10, D)], sections).run(&workspace);
    let second =
        Day::new("2026-01-02", &[(0..3, A), (3..4, D), (4..7, D), (7..8, B), (8..9, A)], sections).run(&workspace);
    let changes = second.table("changes");
    let told: Vec<(&str, Option<&str>, Option<&str>, &str)> = changes
        .rows
        .iter()
        .map(|row| (row[0].as_deref().unwrap(), row[2].as_deref(), row[3].as_deref(), row[4].as_deref().unwrap()))
        .collect();
    let (joined, left) = (|id, key| (id, None, Some(key), "joined"), |id, key| (id, Some(key), None, "left"));
    assert_eq!(
        told,
        [
            joined("C003", "right"),
            joined("C003", "top"),
            joined("C004", "top"),
            joined("C005", "top"),
            joined("C006", "top"),
            left("C008", "right"),
            left("C008", "top"),
            left("C009", "right"),
            left("C009", "top"),
        ]
    );
    let migration = second.table("migration.parquet");
    let stayed = migration.only(&[("segment_key", "right"), ("change", "stayed")]);
    assert_eq!(stayed["customers"].as_deref(), Some("4"));
}

#[test]
fn a_tier_that_changes_is_shown_beside_the_segments() {
    let workspace = Workspace::new();
    let run = |as_of: &str, tiers: &[(&str, &str)]| {
        let mut text = "customer_id,tier\n".to_owned();
        tiers.iter().for_each(|(id, tier)| text += &format!("{id},{tier}\n"));
        // Enough for levels to be named.
        (0..30).for_each(|number| text += &format!("G{number},gold\nS{number},silver\n"));
        workspace.write(&format!("in/{as_of}.csv"), text);
        workspace.write("in/points.csv", "customer_id,time,points\nG1,2025-12-01,5\n");
        let job = format!(
            "format_version = 1\nname = \"trial\"\nas_of = \"{as_of}\"\nseed = 7\n[output]\nuri = \"@OUT@\"\n[[source]]\nname = \"bookings\"\nkind = \"points\"\nuri = \"@IN@/points.csv\"\ntypes = {{ time = \"date(%Y-%m-%d)\", points = \"int\" }}\n[source.columns]\ncustomer_id = \"customer_id\"\ntime = \"time\"\npoints = \"points\"\n[[source]]\nname = \"club\"\nkind = \"members\"\nuri = \"@IN@/{as_of}.csv\"\n[source.columns]\ncustomer_id = \"customer_id\"\ntier = \"tier\"\n[features]\npresets = [\"loyalty\"]\n[[segmentation]]\nname = \"needs\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"golden\"\nwhen = \"loyalty_tier = 'gold'\"\n"
        );
        workspace.committed(&workspace.job_named(&format!("{as_of}.toml"), &job))
    };
    run("2026-01-01", &[("A", "gold"), ("B", "silver"), ("C", "gold")]);
    let second = run("2026-01-02", &[("A", "silver"), ("B", "gold"), ("D", "gold")]);
    let changes = second.table("changes");
    let of: Vec<Vec<&str>> = changes
        .rows
        .iter()
        .map(|row| row.iter().take(7).map(|value| value.as_deref().unwrap_or("-")).collect())
        .collect();
    assert_eq!(
        of,
        [
            ["A", "needs", "golden", "other", "moved", "gold", "silver"],
            ["A", "loyalty_tier", "gold", "silver", "moved", "gold", "silver"],
            ["B", "needs", "other", "golden", "moved", "silver", "gold"],
            ["B", "loyalty_tier", "silver", "gold", "moved", "silver", "gold"],
            ["C", "needs", "golden", "-", "left", "gold", "-"],
            ["C", "loyalty_tier", "gold", "-", "left", "gold", "-"],
            ["D", "needs", "-", "golden", "joined", "-", "gold"],
            ["D", "loyalty_tier", "-", "gold", "joined", "-", "gold"],
        ]
    );
    let migration = second.table("migration.parquet");
    let cell = migration.only(&[
        ("segmentation", "loyalty_tier"),
        ("previous_segment_key", "gold"),
        ("segment_key", "silver"),
    ]);
    assert_eq!(cell["customers"].as_deref(), Some("1"));
}

/// Each method that finds clusters, with so many of them and further keys.
fn every_method_with(k: u32, keys: &str) -> String {
    every_method(k).replace("k = ", &format!("{keys}\nk = "))
}

fn model_of(run: &CommittedRun, segmentation: &str) -> serde_json::Value {
    let model = run.json("model.json");
    let mut models = model["segmentations"].as_array().unwrap().iter();
    models.find(|model| model["segmentation"] == segmentation).unwrap().clone()
}

#[test]
fn a_frozen_segmentation_assigns_by_the_model_of_the_run_before() {
    let workspace = Workspace::new();
    let sections = every_method_with(3, "refit = \"frozen\"");
    let [first, second] = two_days(&sections);
    let one = first.run(&workspace);
    let job = second.job(&workspace);
    let two = workspace.committed(&job);
    let name = one.json("run.json")["run"].as_str().unwrap().to_owned();
    let score = Program::segmenter(&["score", job.to_str().unwrap(), "--model", &name]).go().succeeded();
    let scored = CommittedRun::of(&score);
    for method in CLUSTERS {
        let segmentation = format!("by_{method}");
        assert_eq!(model_of(&two, &segmentation), model_of(&one, &segmentation));
        let table = format!("assignments/{segmentation}");
        assert!(two.table(&table) == scored.table(&table), "{segmentation} is as it is scored");
        assert_eq!(two.json("run.json")["clustering"][&segmentation]["refit"], "frozen");
    }
    // A third day takes the same model on.
    let third = Day::new("2026-01-03", &[(0..10, A), (100..110, C)], &sections).run(&workspace);
    assert_eq!(model_of(&third, "by_kmeans"), model_of(&one, "by_kmeans"));
    let other = Day::new("2026-01-04", &[(0..10, A), (100..110, C)], &sections.replace("[\"x\", \"y\"]", "[\"x\"]"));
    let job = other.job(&workspace);
    workspace.failing(&job, 2).says(&["segmentation by_kmeans", "cannot be kept", "refit = \"fresh\""]);
    let by_kmeans = "[[segmentation]]\nname = \"by_kmeans\"\nmethod = \"kmeans\"\nfeatures = [\"x\", \"y\"]\nrefit = \"frozen\"\nk = 3\n";
    let kind = Day::new("2026-01-05", &[(0..10, A), (100..110, C)], by_kmeans).job(&workspace);
    let text = std::fs::read_to_string(&kind).unwrap();
    let kind = workspace.write("kind.toml", text.replace("types = { x = \"double\", y", "types = { y"));
    workspace.failing(&kind, 2).says(&["segmentation by_kmeans", "features that were numbers are text now"]);
    let text = std::fs::read_to_string(&job).unwrap();
    let fresh = workspace.write("fresh.toml", text.replace("\"frozen\"", "\"fresh\"").replace("k = 3", "k = 2"));
    workspace.committed(&fresh);
}

#[test]
fn a_warm_fit_starts_where_the_run_before_ended() {
    let workspace = Workspace::new();
    let sections = |k| {
        let all = every_method_with(k, "refit = \"warm\"");
        all.replace(
            "method = \"bisecting\"\nfeatures = [\"x\", \"y\"]\nrefit = \"warm\"",
            "method = \"bisecting\"\nfeatures = [\"x\", \"y\"]",
        )
    };
    let [first, second] = two_days(&sections(3));
    let (one, two) = (first.run(&workspace), second.run(&workspace));
    let start = |run: &CommittedRun| run.json("run.json")["clustering"]["by_kmeans"]["start"].clone();
    assert_eq!((start(&one), start(&two)), ("sample".into(), "previous".into()));
    one.warned_of(&["segmentation by_kmeans: it is fitted anew", "no run before"]);
    assert!(two.warnings().iter().all(|warning| !warning.contains("fitted anew")), "{:?}", two.warnings());
    for method in ["kmeans", "mixture"] {
        let name = format!("by_{method}");
        let keys = [0..30, 65..100, 100..120].map(|numbers| key_of(&two, &name, numbers));
        assert_eq!(keys, ["c01", "c02", "c03"].map(str::to_owned));
    }
    let third = Day::new("2026-01-03", &[(0..40, A), (65..100, B)], &sections(2)).run(&workspace);
    third.warned_of(&["segmentation by_kmeans: it is fitted anew", "3 clusters, which `k` does not allow"]);
    let wrong = Day::new("2026-01-04", &[(0..40, A)], &every_method_with(3, "refit = \"warm\"")).job(&workspace);
    workspace.failing(&wrong, 2).says(&["warm", "fresh", "frozen"]);
}

#[test]
fn two_runs_are_compared_as_a_run_is_with_the_one_before() {
    let workspace = Workspace::new();
    let [first, second] = two_days(&every_method(3));
    let (one, two) = (first.run(&workspace), second.run(&workspace));
    let job = second.job(&workspace);
    let name = |run: &CommittedRun| run.json("run.json")["run"].as_str().unwrap().to_owned();
    let compare = |before: &str, now: &str, more: &[&str]| {
        let line = [&["compare", job.to_str().unwrap(), before, now], more].concat();
        Program::segmenter(&line).go()
    };
    let told = compare(&name(&one), &name(&two), &["--output", "json"]).succeeded().stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    for table in ["migration", "drift"] {
        let table_of_run = two.table(&format!("{table}.parquet"));
        let mut expected: Vec<Vec<Option<String>>> = table_of_run.rows.clone();
        let columns: Vec<&str> = table_of_run.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let row = |row: &serde_json::Value| -> Vec<Option<String>> {
            let cell = |column: &&str| match &row[*column] {
                serde_json::Value::Null => None,
                serde_json::Value::String(text) => Some(text.clone()),
                // As the harness writes floats.
                number if number.is_f64() => Some(format!("{:?}", number.as_f64().unwrap())),
                number => Some(number.to_string()),
            };
            columns.iter().map(cell).collect()
        };
        let mut found: Vec<_> = told[table].as_array().unwrap().iter().map(row).collect();
        found.sort();
        expected.sort();
        assert_eq!(found.len(), expected.len(), "{table}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{table}");
        }
    }
    let text = compare(&name(&one), "latest", &[]).succeeded().stdout;
    for words in ["by_kmeans: 30 moved, 85 stayed, 30 joined, 5 left", "c01 → c02", "adjusted Rand index"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let back = compare(&name(&two), &name(&one), &[]).succeeded().stdout;
    assert!(back.contains("by_kmeans: 30 moved, 85 stayed, 5 joined, 30 left"), "{back}");
    compare("2026-01-01-000000000000", "latest", &[]).failed_with(3).says(&["is not committed", "segmenter latest"]);
}

#[test]
fn a_name_for_a_cluster_that_is_gone_is_warned_of() {
    let workspace = Workspace::new();
    let sections = "[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nfeatures = [\"x\", \"y\"]\nk = 2\nnames = { c01 = \"Left\", c07 = \"Gone\" }\n[[persona]]\nsegmentation = \"groups\"\nsegments = [\"c05\"]\n";
    let run = Day::new("2026-01-01", &[(0..40, A), (50..80, B)], sections).run(&workspace);
    run.warned_of(&["`names` has c07, which no cluster of this run has; they are c01, c02"]);
    run.warned_of(&["a persona has c05, which no cluster of this run has"]);
    assert_eq!(name_of(&run, "groups", "c01"), "Left");
}

#[test]
fn numbers_of_keys_go_on_where_a_run_lacked_the_segmentation() {
    let workspace = Workspace::new();
    let groups: [Group; 2] = [(0..40, A), (50..80, B)];
    let of = |name: &str| {
        format!("[[segmentation]]\nname = \"{name}\"\nmethod = \"kmeans\"\nfeatures = [\"x\", \"y\"]\nk = 2\n")
    };
    let day = |as_of, sections: &str| Day::new(as_of, &groups, sections).run(&workspace);
    let first = day("2026-01-01", &of("groups"));
    let lacks = day("2026-01-02", &of("others"));
    let again = day("2026-01-03", &of("groups"));
    let next = day("2026-01-04", &format!("{}{}", of("groups"), of("others")));
    let keys = |run: &CommittedRun, name: &str| [0..40, 50..80].map(|numbers| key_of(run, name, numbers));
    let expected = |keys: [&str; 2]| keys.map(str::to_owned);
    assert_eq!(keys(&first, "groups"), expected(["c01", "c02"]));
    assert_eq!(lacks.json("model.json")["next_keys"], serde_json::json!({ "groups": 3 }));
    assert_eq!(keys(&again, "groups"), expected(["c03", "c04"]), "c01 and c02 were given");
    assert_eq!(keys(&next, "groups"), expected(["c03", "c04"]));
    assert_eq!(keys(&next, "others"), expected(["c03", "c04"]));
    assert!(next.json("model.json")["next_keys"].is_null());
}

//! Lists for other tools: who is on them by hand, what came and went from day to day, and the same bytes whoever writes them. Files are read by readers
//! that are not the program's.

use crate::harness::*;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// People with their contacts, what they consented to, an order each, and the export that a test asks for.
const SOURCES: &str = r#"
[population]
from = "people"
[[source]]
name = "people"
kind = "customers"
uri  = "@IN@/people.csv"
[source.columns]
customer_id = "id"
email       = "nullif(email, '')"
phone       = "nullif(phone, '')"
city        = "city"
[[source]]
name  = "said"
kind  = "consents"
uri   = "@IN@/said.csv"
types = { yes = "bool", at = "timestamp(%Y-%m-%d %H:%M)" }
[source.columns]
customer_id = "id"
channel     = "channel"
granted     = "yes"
time        = "at"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "size"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary >= 100"
[[segmentation.rule]]
name = "small"
when = "monetary > 0"
[[export]]
"#;

fn job_with(export: &str) -> String {
    job_of(&format!("{SOURCES}{export}\n"))
}

/// Rows of people, `id,email,phone,city`, each of whom ordered for 100 and said yes to e-mail.
fn workspace(people: &[&str]) -> Workspace {
    let workspace = Workspace::new();
    write(&workspace, people, &[]);
    workspace
}

fn write(workspace: &Workspace, people: &[&str], later: &[&str]) {
    let (mut said, mut orders) = ("id,channel,yes,at\n".to_owned(), "id,at,gross\n".to_owned());
    for id in people.iter().map(|row| row.split(',').next().unwrap()) {
        said.push_str(&format!("{id},email,true,2025-06-01 10:00\n"));
        orders.push_str(&format!("{id},2025-10-01,100.00\n"));
    }
    later.iter().for_each(|row| said.push_str(&format!("{row}\n")));
    workspace.write("in/people.csv", format!("id,email,phone,city\n{}\n", people.join("\n")));
    workspace.write("in/said.csv", said);
    workspace.write("in/orders.csv", orders);
}

/// An export as it lies there.
struct Written {
    folder: PathBuf,
    manifest: Value,
}

impl Written {
    fn of(workspace: &Workspace, export: &str, run: &CommittedRun) -> Self {
        let run = run.json("run.json")["run"].as_str().unwrap().to_owned();
        Self::at(&workspace.root().join(format!("out/trial/exports/{export}/{run}")))
    }

    fn at(folder: &Path) -> Self {
        let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        let written = Self { folder: folder.to_owned(), manifest };
        written.is_whole();
        written
    }

    /// Every file is the one that the manifest lists, and there is no other.
    fn is_whole(&self) {
        use sha2::{Digest, Sha256};
        let mut listed = Vec::new();
        for file in self.manifest["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            let bytes = fs::read(self.folder.join(path)).unwrap();
            let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(
                (file["bytes"].as_u64().unwrap(), file["sha256"].as_str().unwrap()),
                (bytes.len() as u64, hash.as_str())
            );
            listed.push(path.to_owned());
        }
        let mut found = Vec::new();
        for folder in ["added", "changed", "full", "removed"] {
            let files = fs::read_dir(self.folder.join(folder)).unwrap();
            found.extend(files.map(|file| format!("{folder}/{}", file.unwrap().file_name().to_str().unwrap())));
        }
        found.sort();
        assert_eq!(found, listed);
        let rows = |folder: &str| -> u64 {
            let of = |file: &&Value| file["path"].as_str().unwrap().starts_with(folder);
            self.manifest["files"]
                .as_array()
                .unwrap()
                .iter()
                .filter(of)
                .map(|file| file["rows"].as_u64().unwrap())
                .sum()
        };
        for folder in ["full", "added", "changed", "removed"] {
            assert_eq!(self.rows(folder), rows(folder), "{folder}");
        }
        let left_out =
            ["without_consent", "without_contact", "unusable_contact", "without_key", "held_out", "same_key"];
        let left_out: u64 = left_out.iter().map(|reason| self.customers(reason)).sum();
        assert_eq!(self.customers("selected"), left_out + self.rows("full"));
        assert_eq!(self.rows("full"), self.rows("added") + self.rows("changed") + self.rows("unchanged"));
    }

    fn rows(&self, what: &str) -> u64 {
        self.manifest["rows"][what].as_u64().unwrap()
    }

    fn customers(&self, what: &str) -> u64 {
        self.manifest["customers"][what].as_u64().unwrap()
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let files = self.manifest["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
        files.filter(|path| path.starts_with(folder)).map(|path| self.folder.join(path)).collect()
    }

    /// Rows of CSV, by the reader that the world uses.
    fn csv(&self, folder: &str) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for file in self.files(folder) {
            let mut reader = csv::Reader::from_path(file).unwrap();
            let columns: Vec<&str> =
                self.manifest["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), columns);
            rows.extend(reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()));
        }
        rows
    }

    fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let all = ["added", "changed", "full", "removed"].into_iter().flat_map(|folder| self.files(folder));
        let named = all.chain([self.folder.join("manifest.json")]);
        named
            .map(|path| {
                (path.strip_prefix(&self.folder).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
            })
            .collect()
    }
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn segmenter(workspace: &Workspace, job: &Path, args: &[&str]) -> Ran {
    let _ = workspace;
    Program::segmenter(&["export", job.to_str().unwrap()]).args(args).go()
}

const PEOPLE: [&str; 8] = [
    "A,Anna@Example.com ,600 100 200,\"Łódź, PL\"",
    "B,bob@example.com,,=1+1",
    "C,,+44 20 7946 0958,York",
    "D,not an address,,Bonn",
    "E,,,Oslo",
    "F,fay@example.com,,Graz",
    "G,gus@example.com,,Rome",
    "H,bob@example.com,,Kiel",
];

const CONTACTS: &str = r#"name     = "mail"
segments = ["big"]
where    = "city <> 'Rome'"
channel  = "email"
default_country = "PL"
key      = "coalesce(email_sha256(email), phone_digits(phone))"
columns  = { Id = "customer_id", Email = "email_sha256(email)", Phone = "phone_e164(phone)", Plain = "email_normalised(email)", City = "city", Segment = "segment_name", Worth = "monetary" }
"#;

#[test]
fn an_export_has_whom_one_may_write_to_and_says_who_is_left_out() {
    let workspace = workspace(&PEOPLE);
    // The latest word counts; F took it back, and nobody knows what H says of text messages.
    write(&workspace, &PEOPLE, &["F,email,false,2025-07-01 10:00", "H,sms,false,2025-07-01 10:00"]);
    let ran = workspace.run(&workspace.job(&job_with(CONTACTS))).go().succeeded().says(&[
        "export mail: 3 rows, all of them new",
        "of 7 customers left out are 1 without consent, 1 without a contact, 1 with a contact that cannot be used, 1 with the key of another",
    ]);
    let run = CommittedRun::of(&ran);
    let written = Written::of(&workspace, "mail", &run);
    let mut rows = written.csv("full");
    let keys: Vec<String> = rows
        .iter()
        .map(|row| if row[1].is_empty() { row[2].trim_start_matches('+').to_owned() } else { row[1].clone() })
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    rows.sort();
    let row = |values: [&str; 7]| values.map(str::to_owned).to_vec();
    let (anna, bob) = (sha256("anna@example.com"), sha256("bob@example.com"));
    assert_eq!(
        rows,
        [
            row(["A", &anna, "+48600100200", "anna@example.com", "Łódź, PL", "big", "100.0000"]),
            row(["B", &bob, "", "bob@example.com", "=1+1", "big", "100.0000"]),
            row(["C", "", "+442079460958", "", "York", "big", "100.0000"]),
        ]
    );
    assert_eq!(written.csv("added").len(), 3);
    assert!(written.csv("changed").is_empty() && written.csv("removed").is_empty());
    assert_eq!(written.manifest["previous"], Value::Null);
    // Contacts stand in no other file of the run.
    assert!(run.table("features").schema.field_with_name("email").is_err());
    let record = &run.json("run.json")["exports"]["mail"];
    assert_eq!((&record["selected"], &record["without_consent"], &record["rows"]), (&json!(7), &json!(1), &json!(4)));
}

#[test]
fn what_came_and_went_makes_the_list_of_today_of_that_of_yesterday() {
    let workspace = Workspace::new();
    let job = workspace.job(&job_with(
        "name = \"mail\"\nchannel = \"email\"\nmax_rows = 7\nmax_removed_share = 1\ncolumns = { Id = \"customer_id\", Email = \"email\", City = \"city\" }\n",
    ));
    let mut list: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut chance = Rng(5);
    let (mut changes, mut before) = ([0_u64; 3], None);
    for day in 1..=10 {
        let mut people = Vec::new();
        for number in 0..40 {
            if chance.below(4) > 0 {
                let city = ["Oslo", "Bonn", "a \"b\"", "x,y", "two\u{2028}lines"][chance.below(5) as usize]
                    .replace('"', "\"\"");
                people.push(format!("P{number:02},p{number}@example.com,,\"{city}\""));
            }
        }
        write(&workspace, &people.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        let as_of = format!("2026-01-{day:02}");
        let run = CommittedRun::of(&workspace.run(&job).args(&["--as-of", &as_of]).go().succeeded());
        let written = Written::of(&workspace, "mail", &run);
        assert_eq!(written.manifest["previous"].as_str(), before.as_deref());
        before = written.manifest["run"].as_str().map(str::to_owned);
        for gone in written.csv("removed") {
            assert_eq!(list.remove(&gone[0]), Some(gone), "what goes is as it was");
        }
        for row in written.csv("added") {
            assert_eq!(list.insert(row[0].clone(), row), None);
        }
        for row in written.csv("changed") {
            assert_ne!(list.insert(row[0].clone(), row.clone()).unwrap(), row);
        }
        let full = written.csv("full");
        assert_eq!(list.values().cloned().collect::<Vec<_>>(), full, "{as_of}");
        assert_eq!(written.files("full").len(), full.len().div_ceil(7));
        ["added", "changed", "removed"].iter().zip(&mut changes).for_each(|(what, sum)| *sum += written.rows(what));
    }
    assert!(changes.iter().all(|count| *count > 30), "{changes:?}");
}

#[test]
fn who_takes_consent_back_is_removed_and_too_many_are_withheld() {
    let people: Vec<String> = (0..10).map(|number| format!("P{number},p{number}@example.com,,Oslo")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let workspace = workspace(&people);
    let export = "name = \"mail\"\nchannel = \"email\"\ncolumns = { Email = \"email_sha256(email)\" }\n";
    let job = workspace.job(&job_with(export));
    let on = |day: &str| workspace.run(&job).args(&["--as-of", day]);
    let first = CommittedRun::of(&on("2026-01-01").go().succeeded());
    let took_back: Vec<String> = (0..4).map(|number| format!("P{number},email,false,2025-12-01 10:00")).collect();
    let took_back: Vec<&str> = took_back.iter().map(String::as_str).collect();
    write(&workspace, &people, &took_back[..3]);
    let second = CommittedRun::of(&on("2026-01-02").go().succeeded());
    let written = Written::of(&workspace, "mail", &second);
    assert_eq!(written.manifest["previous"], first.json("run.json")["run"]);
    let gone: Vec<String> = written.csv("removed").into_iter().map(|row| row[0].clone()).collect();
    let mut expected: Vec<(String, String)> =
        (0..3).map(|number| (format!("P{number}"), sha256(&format!("p{number}@example.com")))).collect();
    expected.sort();
    assert_eq!(gone, expected.into_iter().map(|(_, hash)| hash).collect::<Vec<_>>());
    // Three of seven are more than 30 %: the run is there, and no file of the export.
    write(&workspace, &people[..4], &[]);
    let ran = on("2026-01-03").go().failed_with(3).says(&[
        "export mail is withheld: 6 of 7 rows would be removed (85.7 %), and 30.0 % may be",
        "--accept-removed",
    ]);
    let third = CommittedRun::of(&ran);
    let id = third.json("run.json")["run"].as_str().unwrap().to_owned();
    let folder = workspace.root().join(format!("out/trial/exports/mail/{id}"));
    assert!(!folder.exists() || fs::read_dir(&folder).unwrap().next().is_none(), "nothing half-written");
    on("2026-01-03").go().failed_with(3).says(&["committed_before", "is withheld"]);
    segmenter(&workspace, &job, &["--run", &id]).failed_with(3);
    let ran = segmenter(&workspace, &job, &["--run", &id, "--accept-removed"]).succeeded();
    assert_eq!(Path::new(ran.run_folder()), folder);
    assert_eq!(Written::at(&folder).rows("removed"), 6);
    // What was accepted is not asked again.
    on("2026-01-03").go().succeeded().says(&["export mail: written before, 4 rows"]);
}

#[test]
fn a_consent_that_cannot_be_read_stops_the_run_since_it_may_take_one_back() {
    let workspace = workspace(&PEOPLE);
    write(&workspace, &PEOPLE, &["A,email,nope,2025-12-01 10:00"]);
    let lenient = "[quality]\nmax_quarantined_share = 1\n";
    let text = job_with(CONTACTS) + lenient;
    workspace.failing(&workspace.job(&text), 3).says(&[
        "1 row of source said cannot be read (by yes), and export mail goes by its consents",
        "lower(yes) = 'true'",
    ]);
    let read = text.replace("yes = \"bool\", ", "").replace("\"yes\"", "\"lower(yes) = 'true'\"");
    let run = workspace.committed(&workspace.job(&read));
    let written = Written::of(&workspace, "mail", &run);
    assert_eq!(written.manifest["customers"]["without_consent"], 1, "A took it back");
    assert!(written.csv("full").iter().all(|row| row[0] != "A"));
    // Without a channel no list goes by them.
    let export = "name = \"ids\"\ncolumns = { Id = \"customer_id\" }\n";
    workspace.committed(&workspace.job(&(job_with(export) + lenient)));
}

#[test]
fn a_list_that_is_killed_while_it_is_written_anew_is_still_what_the_next_is_compared_with() {
    let workspace = workspace(&PEOPLE);
    let text = job_with("name = \"ids\"\ncolumns = { Id = \"customer_id\" }\n");
    let job = workspace.job(&text);
    let on = |day: &str| workspace.run(&job).args(&["--as-of", day]).go().succeeded();
    let first = CommittedRun::of(&on("2026-01-01")).json("run.json")["run"].as_str().unwrap().to_owned();
    let smaller = workspace.write("smaller.toml", fs::read_to_string(&job).unwrap() + "max_rows = 3\n");
    let again = || Program::segmenter(&["export", smaller.to_str().unwrap(), "--run", &first]);
    again().failpoint("export.begun:1=abort").go().aborted_at("export.begun");
    let folder = workspace.root().join(format!("out/trial/exports/ids/{first}"));
    assert!(!folder.join("manifest.json").exists());
    let second = CommittedRun::of(&on("2026-01-02"));
    assert_eq!(Written::of(&workspace, "ids", &second).manifest["previous"], first.as_str());
    again().go().succeeded();
    assert!(folder.join("manifest.json").exists() && !folder.join("delivered.json").exists());
}

#[test]
fn any_number_of_shards_and_workers_writes_the_same_files() {
    let people: Vec<String> =
        (0..300).map(|number| format!("P{number:03},p{}@example.com,,Oslo", number % 290)).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let workspace = workspace(&people);
    let export = "name = \"mail\"\nchannel = \"email\"\nholdout = { share = 0.2 }\nmax_rows = 100\nkey = \"email_sha256(email)\"\n\
                  columns = { Email = \"email_sha256(email)\", City = \"city\", Spent = \"monetary / 3.0\" }\n";
    let job = workspace.job(&job_with(export));
    let of = |ran: &Ran| {
        let run = CommittedRun::of(ran);
        (Written::of(&workspace, "mail", &run).bytes(), run)
    };
    let again = |args: &[&str]| {
        workspace.forget_results();
        of(&workspace.run(&job).args(args).go().succeeded())
    };
    let (one, _) = again(&["--shards", "1", "--threads", "1"]);
    let (seven, run) = again(&["--shards", "7", "--threads", "2"]);
    assert_eq!(one, seven);
    assert_eq!(run.parts("exports/mail").len(), 7);
    assert!(seven.keys().filter(|path| path.starts_with("full/")).count() == 3, "{:?}", seven.keys());
    workspace.forget_results();
    let coordinator = Coordinator::start(workspace.coordinator(&job, 3).args(&["--shards", "7"]));
    let workers: Vec<_> = (0..3).map(|_| workspace.worker(coordinator.url()).start()).collect();
    let workers: Vec<_> = workers.into_iter().map(Running::until_open).collect();
    let (three, _) = of(&coordinator.wait().succeeded());
    workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    assert_eq!(three, seven);
    // Killed anywhere, there is no export; the next start writes the same.
    for point in ["export.middle", "export.begun", "export.written"] {
        workspace.forget_results();
        workspace.run(&job).failpoint(&format!("{point}=abort")).go().aborted_at(point);
        let exports = workspace.root().join("out/trial/exports/mail");
        let begun: Vec<PathBuf> = fs::read_dir(&exports).into_iter().flatten().map(|run| run.unwrap().path()).collect();
        assert!(begun.iter().all(|folder| !folder.join("manifest.json").exists()));
        let is_written = |folder: &PathBuf| folder.join("full/part-00001.csv").exists();
        assert_eq!(begun.iter().filter(|folder| is_written(folder)).count(), usize::from(point == "export.written"));
        let ran = workspace.run(&job).go().succeeded().says(&["export mail: "]);
        assert_eq!(of(&ran).0, one, "{point}");
    }
}

#[test]
fn who_is_held_back_stays_so_and_an_experiment_reads_the_arms() {
    let people: Vec<String> = (0..400).map(|number| format!("P{number:03},p{number}@example.com,,Oslo")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let workspace = workspace(&people);
    let export = |holdout: &str| {
        format!(
            "name = \"mail\"\nchannel = \"email\"\nmax_removed_share = 1\n{holdout}columns = {{ Id = \"customer_id\" }}\n"
        )
    };
    let held_out = |holdout: &str, day: &str| {
        let job = workspace.job(&job_with(&export(holdout)));
        let run = CommittedRun::of(&workspace.run(&job).args(&["--as-of", day]).go().succeeded());
        let arms = run.table("arms/spring").lookup("customer_id", "arm");
        let written = Written::of(&workspace, "mail", &run);
        let given: Vec<String> = written.csv("full").into_iter().map(|row| row[0].clone()).collect();
        let arm = |arm: &str| -> Vec<String> {
            arms.iter().filter(|(_, own)| own.as_deref() == Some(arm)).map(|(id, _)| id.clone()).collect()
        };
        assert_eq!((given, arms.len()), (arm("export"), 400));
        assert_eq!(written.customers("held_out") as usize, arm("holdout").len());
        assert_eq!(run.table("arms/spring").column("assigned_at")[0], Some(day));
        (arm("holdout"), run)
    };
    let (first, run) = held_out("holdout = { share = 0.2, name = \"spring\" }\n", "2026-01-01");
    assert!((60..100).contains(&first.len()), "{}", first.len());
    assert_eq!(held_out("holdout = { share = 0.2, name = \"spring\" }\n", "2026-01-02").0, first);
    let (more, _) = held_out("holdout = { share = 0.4, name = \"spring\" }\n", "2026-01-03");
    assert!(more.len() > first.len() && first.iter().all(|id| more.contains(id)));
    // What came of it, by the arms of the first run.
    let arms = format!(
        "[[source]]\nname = \"arms\"\nkind = \"customers\"\nuri = \"{}/arms/spring/\"\n[source.columns]\ncustomer_id = \"customer_id\"\narm = \"arm\"\nassigned_at = \"assigned_at\"\n",
        run.folder
    );
    let judged = "[effectiveness]\noutcome = \"30d\"\n[[effectiveness.experiment]]\nname = \"spring\"\narms = { source = \"arms\", arm = \"arm\", assigned_at = \"assigned_at\" }\n\
                  control = \"holdout\"\nshares = { holdout = 0.2, export = 0.8 }\nrandomised = true\nstart = \"2026-01-02\"\nend = \"2026-01-20\"\n";
    let sources = SOURCES.replace("[[export]]\n", "");
    let job = workspace
        .job_named("judged.toml", &job_of(&format!("{sources}{arms}{judged}")).replace("\"trial\"", "\"judged\""));
    let run = CommittedRun::of(&workspace.run(&job).go().succeeded());
    let arms = run.table("experiments.parquet").counts("arm");
    assert!(arms.contains_key("export"), "{arms:?}");
}

#[test]
fn a_committed_run_is_handed_over_again_or_in_another_form() {
    let workspace = workspace(&PEOPLE);
    let export = |form: &str| {
        format!(
            "name = \"mail\"\n{form}columns = {{ Id = \"customer_id\", Town = \"city\", Worth = \"monetary\", Big = \"monetary > 10\" }}\n"
        )
    };
    let job = |form: &str| workspace.job(&job_with(&export(form)));
    let run = workspace.committed(&job(""));
    let written = Written::of(&workspace, "mail", &run);
    let bytes = written.bytes();
    let id = written.manifest["run"].as_str().unwrap().to_owned();
    // What is lost is written again, and what is whole is left alone.
    fs::remove_file(written.folder.join("full/part-00001.csv")).unwrap();
    segmenter(&workspace, &job(""), &[]).succeeded().says(&["8 rows, all of them new"]);
    assert_eq!(Written::at(&written.folder).bytes(), bytes);
    segmenter(&workspace, &job(""), &["--name", "mail"]).succeeded().says(&["written before"]);
    // Limits and form are no part of the run.
    segmenter(&workspace, &job("format = \"ndjson\"\nmax_bytes = 1000\n"), &["--run", &id]).succeeded();
    let text = fs::read_to_string(written.folder.join("full/part-00001.ndjson")).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0], json!({ "Id": "A", "Town": "Łódź, PL", "Worth": 100.0, "Big": true }));
    assert_eq!(Written::at(&written.folder).rows("full"), 8, "and nothing of the CSV is left");
    segmenter(&workspace, &job("format = \"parquet\"\n"), &[]).succeeded();
    Written::at(&written.folder).is_whole();
    let table = Table::parquet(&fs::read(written.folder.join("full/part-00001.parquet")).unwrap().into());
    assert_eq!(table.described(), ["Id Utf8", "Town Utf8", "Worth Decimal128(28, 4)", "Big Boolean"]);
    assert_eq!(table.column("Id"), ["A", "B", "C", "D", "E", "F", "G", "H"].map(Some));
    // Its rows are.
    let others = job("where = \"city <> 'Rome'\"\n");
    segmenter(&workspace, &others, &["--run", &id])
        .failed_with(2)
        .says(&["has other rows for export mail", "segmenter run"]);
    segmenter(&workspace, &others, &["--name", "mial"]).failed_with(2).says(&["no export `mial`", "did you mean"]);
    // An older day is not handed over unless somebody asks for it.
    let older = workspace
        .run(&job(""))
        .args(&["--as-of", "2025-12-30"])
        .go()
        .succeeded()
        .says(&["exports are of the newest run"]);
    let older = older.run_folder().rsplit('/').next().unwrap().to_owned();
    assert!(!workspace.root().join(format!("out/trial/exports/mail/{older}")).exists());
    segmenter(&workspace, &job(""), &["--run", &older]).succeeded().says(&["all of them new"]);
}

#[test]
fn a_spreadsheet_runs_nothing_where_people_open_the_file() {
    let workspace = workspace(&PEOPLE);
    let export = "name = \"desk\"\nchannel = \"email\"\nfor_people = true\ncolumns = { Id = \"customer_id\", City = \"city\", Phone = \"phone_e164(phone, 'PL')\", Less = \"-monetary\" }\nwhere = \"customer_id in ('A', 'B')\"\n";
    let run = workspace.committed(&workspace.job(&job_with(export)));
    let rows = Written::of(&workspace, "desk", &run).csv("full");
    assert_eq!(rows, [["A", "Łódź, PL", "+48600100200", "-100.0000"].map(str::to_owned).to_vec()]);
    let everybody = export.replace("Phone = \"phone_e164(phone, 'PL')\", ", "");
    let run = workspace.committed(&workspace.job(&job_with(&everybody)));
    assert_eq!(Written::of(&workspace, "desk", &run).csv("full")[1], ["B", "'=1+1", "-100.0000"]);
}

#[test]
fn a_tool_gets_its_headers_hashes_and_files_of_its_size() {
    let workspace = workspace(&PEOPLE);
    let tool =
        |tool: &str| format!("name = \"list\"\nchannel = \"email\"\ndefault_country = \"PL\"\ntool = \"{tool}\"\n");
    let run = workspace.committed(&workspace.job(&job_with(&tool("meta"))));
    let written = Written::of(&workspace, "list", &run);
    assert_eq!(written.manifest["columns"], json!(["EMAIL", "PHONE"]));
    assert_eq!(written.manifest["delivery"]["max_rows"], 10_000);
    assert!(written.csv("full").contains(&vec![sha256("anna@example.com"), sha256("48600100200")]));
    let run = workspace.committed(&workspace.job(&job_with(&tool("google_ads"))));
    let written = Written::of(&workspace, "list", &run);
    assert!(written.csv("full").contains(&vec![sha256("anna@example.com"), sha256("+48600100200")]));
    let run = workspace.committed(&workspace.job(&job_with(&tool("braze").replace("channel = \"email\"\n", ""))));
    let written = Written::of(&workspace, "list", &run);
    assert_eq!((written.manifest["columns"].clone(), written.rows("full")), (json!(["external_id"]), 8));
    assert_eq!(written.manifest["delivery"]["max_bytes"], 500_000_000);
    let wrong = [
        (tool("meta") + "max_rows = 10001\n", "Meta Custom Audiences takes 10000 at most"),
        (tool("meta") + "format = \"parquet\"\n", "takes files of CSV"),
        (tool("google_ads") + "columns = { Email = \"email\" }\n", "takes `Email` as SHA-256, and this is no hash"),
        (
            tool("google_ads") + "columns = { Email = \"coalesce(email_sha256(email), email)\" }\n",
            "and this is no hash",
        ),
        (tool("google_ads") + "columns = { Mail = \"email_sha256(email)\" }\n", "knows no header `Mail`"),
        (tool("google_ads") + "columns = { \"First Name\" = \"sha256_hex(city)\" }\n", "Last Name, Country, Zip too"),
        (tool("braze") + "columns = { email = \"email\" }\n", "knows its rows by `external_id`"),
        (tool("facebook"), "there is no tool `facebook`"),
        (tool("meta") + "for_people = true\n", "an apostrophe in front"),
    ];
    for (export, said) in wrong {
        workspace.failing(&workspace.job(&job_with(&export)), 2).says(&[said]);
    }
}

#[test]
fn what_is_wrong_with_an_export_is_told_at_its_place() {
    let workspace = workspace(&PEOPLE);
    let columns = "columns = { Id = \"customer_id\" }\n";
    let wrong = [
        (
            "columns = { Mail = \"email\" }\n".to_owned(),
            vec!["`Mail` tells how to reach a customer, and no consent is asked for"],
        ),
        ("columns = { Mail = \"email_sha256(email)\" }\n".to_owned(), vec!["hashes tell it too"]),
        (format!("key = \"email_normalised(email)\"\n{columns}"), vec!["`key` tells how to reach a customer"]),
        (format!("where = \"email like '%.pl'\"\n{columns}"), vec!["`email` of source people is personal"]),
        (format!("segments = [\"bigg\"]\n{columns}"), vec!["no segment `bigg`", "did you mean `big`?"]),
        (format!("segmentation = \"sise\"\n{columns}"), vec!["no segmentation `sise`", "did you mean `size`?"]),
        ("columns = { Id = \"costumer_id\" }\n".to_owned(), vec!["costumer_id", "did you mean `customer_id`?"]),
        ("columns = { Id = \"recommendation(1)\" }\n".to_owned(), vec!["the job recommends nothing"]),
        (
            "where = \"citi = 'x'\"\nkey = \"ID\"\ncolumns = { A = \"costumer_id\", B = \"cities\" }\n".to_owned(),
            vec!["`citi`", "`ID`", "`costumer_id`", "`cities`", "4 errors"],
        ),
        (String::new(), vec!["the export has no columns"]),
        (format!("default_country = \"ZZ\"\n{columns}"), vec!["the numbers of country \"ZZ\" are not known"]),
        (format!("holdout = {{ share = 1 }}\n{columns}"), vec!["nobody or everybody"]),
        (format!("against = \"yesterday\"\n{columns}"), vec!["\"yesterday\" is not a run's id"]),
        (
            format!("against = \"2025-01-01-0123456789ab\"\n{columns}"),
            vec!["run 2025-01-01-0123456789ab has not written it"],
        ),
        (format!("format = \"parquet\"\nmax_bytes = 5000\n{columns}"), vec!["how large Parquet becomes is not known"]),
        (format!("key = \"monetary > 5\"\n{columns}"), vec!["the key gives"]),
    ];
    for (export, said) in wrong {
        workspace.failing(&workspace.job(&job_with(&format!("name = \"list\"\n{export}"))), 2).says(&said);
    }
}

#[test]
fn a_list_on_s3_is_that_on_a_disk() {
    let (s3, workspace) = (S3::shared(), workspace(&PEOPLE));
    let job = workspace.job(&job_with(CONTACTS));
    let on_disk = Written::of(&workspace, "mail", &workspace.committed(&job));
    let on_s3 = workspace.job(&job_with(CONTACTS).replace("@OUT@", &s3.uri("out")));
    let export = || Program::segmenter(&["export", on_s3.to_str().unwrap()]).envs(&s3.environment).go();
    workspace.run(&on_s3).envs(&s3.environment).go().succeeded().says(&["export mail: 4 rows, all of them new"]);
    let folder = export().succeeded().says(&["written before"]).run_folder().to_owned();
    let name = folder.strip_prefix(&s3.uri("")).unwrap();
    let full = s3.get(&format!("{name}/full/part-00001.csv"), None).unwrap().0;
    assert_eq!(full, fs::read(&on_disk.files("full")[0]).unwrap());
    let mut listed = s3.list(name);
    listed.sort();
    let files = ["added", "changed", "full", "removed"].map(|folder| format!("{folder}/part-00001.csv"));
    let mut expected: Vec<String> =
        files.into_iter().chain(["begun.json", "manifest.json"].map(str::to_owned)).collect();
    expected.sort();
    assert_eq!(listed, expected);
}

#[test]
fn what_is_recommended_is_handed_over_too() {
    let workspace = Workspace::new();
    let mut orders = String::from("id,order,at,sku\n");
    for number in 0..40 {
        orders.push_str(&format!("C{number:02},{number},2025-10-01,a\n"));
        if number < 20 {
            orders.push_str(&format!("C{number:02},{number},2025-10-01,b\n"));
        }
    }
    for number in 0..100 {
        orders.push_str(&format!("Z{number:02},Z{number},2025-10-01,z\n"));
    }
    workspace.write("in/orders.csv", orders);
    let job = workspace.job(&job_of(
        "[[source]]\nname = \"orders\"\nkind = \"transactions\"\nuri = \"@IN@/orders.csv\"\ntypes = { at = \"date(%Y-%m-%d)\" }\n\
         [source.columns]\ncustomer_id = \"id\"\norder_id = \"\\\"order\\\"\"\ntime = \"at\"\nproduct_id = \"sku\"\namount = \"cast(10 as decimal(18, 2))\"\n\
         [features]\npresets = [\"rfm\"]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n[[affinity]]\nname = \"tastes\"\nwithin = \"customer\"\n\
         [recommendations]\naffinity = \"tastes\"\ntop = 1\n\
         [[export]]\nname = \"next\"\ncolumns = { Id = \"customer_id\", Item = \"upper(recommendation(1))\" }\nwhere = \"recommendation(1) is not null\"\n",
    ));
    let run = workspace.committed(&job);
    let rows = Written::of(&workspace, "next", &run).csv("full");
    assert_eq!(rows.len(), 20);
    assert!(rows.iter().all(|row| row[0].as_str() >= "C20" && row[0].starts_with('C') && row[1] == "B"), "{rows:?}");
}

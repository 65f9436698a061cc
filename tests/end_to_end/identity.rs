//! Ids that are one person's: rows of all sources go to one id, which stays what it is from run to run, and who is left out by one of them is left out.

use crate::harness::*;
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

const SECTIONS: &str = r#"
#POPULATION
[[source]]
name  = "customers"
kind  = "customers"
uri   = "@IN@/customers.csv"
types = { age = "int", out = "bool", changed = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
city        = "city"
age         = "age"
opted_out   = "out"
updated_at  = "changed"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
order_id    = "no"
[[source]]
name  = "consents"
kind  = "consents"
uri   = "@IN@/consents.csv"
types = { yes = "bool", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
channel     = "channel"
granted     = "yes"
time        = "at"
[[source]]
name  = "pairs"
kind  = "identities"
uri   = "@IN@/pairs.csv"
types = { same = "bool", sure = "double" }
[source.columns]
id         = "one"
other_id   = "other"
same       = "coalesce(same, true)"
confidence = "coalesce(sure, 1)"
reason     = "why"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "adults"
when = "age >= 18"
[[segmentation.rule]]
name = "in_town"
when = "city = 'Kraków'"
"#;

const CUSTOMERS: &str = "id,city,age,out,changed\nB,Kraków,,no,2025-06-01\nA,Łódź,30,no,2025-05-01\nC,,17,no,2025-07-01\nD,Kraków,,no,2025-01-01\n\
                         E,Kraków,,no,2025-01-01\n";
const ORDERS: &str = "id,at,gross,no\nA,2025-12-01,1.00,1\nB,2025-12-01,2.00,1\nC,2025-12-02,4.00,2\nD,2025-12-03,8.00,3\nE,2025-12-04,16.00,4\n";
const CONSENTS: &str =
    "id,channel,yes,at\nA,email,false,2025-01-01\nB,email,true,2025-06-01\nD,email,true,2025-01-01\n";
const PAIRS: &str = "one,other,same,sure,why\nC,B,,,e-mail\nB,A,,,telephone\nD,E,,0.5,name\n";

fn workspace(pairs: &str) -> Workspace {
    let workspace = Workspace::new();
    for (name, text) in [("customers", CUSTOMERS), ("orders", ORDERS), ("consents", CONSENTS), ("pairs", pairs)] {
        workspace.write(&format!("in/{name}.csv"), text);
    }
    workspace
}

fn job(population: &str, more: &str) -> String {
    job_of(&format!("{}{more}", SECTIONS.replace("#POPULATION", population)))
}

/// Each id of a pair with that of its person.
fn persons(run: &CommittedRun) -> BTreeMap<String, String> {
    let table = run.table("identity").lookup("id", "canonical_id");
    table.into_iter().map(|(id, canonical)| (id, canonical.unwrap())).collect()
}

fn told(run: &CommittedRun) -> Value {
    run.json("run.json")["identity"].clone()
}

#[test]
fn rows_of_all_sources_go_to_the_person() {
    let workspace = workspace(PAIRS);
    let run = workspace.committed(&workspace.job(&job("", "")));
    let money: Vec<(String, Option<String>)> = run.feature("monetary").into_iter().collect();
    let of = |id: &str, money: &str| (id.to_owned(), Some(money.to_owned()));
    assert_eq!(money, [of("A", "7.0000"), of("D", "8.0000"), of("E", "16.0000")]);
    // The order with one number of two ids is one person's, and so one order.
    assert_eq!(run.feature("frequency")["A"].as_deref(), Some("2"));
    let table = run.table("identity");
    assert_eq!(table.described(), ["id Utf8!", "canonical_id Utf8!", "reason Utf8", "status Utf8!"]);
    let rows: Vec<Vec<&str>> =
        table.rows.iter().map(|row| row.iter().map(|value| value.as_deref().unwrap_or("null")).collect()).collect();
    assert_eq!(
        rows,
        [["A", "A", "telephone", "linked"], ["B", "A", "e-mail", "linked"], ["C", "A", "e-mail", "linked"]]
    );
    let told = told(&run);
    for (name, count) in
        [("linking_pairs", 2), ("unsure_pairs", 1), ("ids", 3), ("persons", 1), ("largest_component", 3)]
    {
        assert_eq!(told[name], count, "{name}");
    }
    assert_eq!((&told["earlier"], &run.json("run.json")["rows"]["pairs"]["used"]), (&Value::Null, &3.into()));
    // Of each column the newest that is no null: the city of B, the age of C, who is no adult.
    assert_eq!(run.keys("targets")["A"], "in_town");
}

#[test]
fn of_the_attributes_of_a_person_the_newest_count_column_by_column() {
    let workspace = workspace(PAIRS);
    let sql = "[[features.sql]]\nname = \"who\"\nquery = \"select customer_id, max(city) as town, max(age) as years from customers group by customer_id\"\n";
    let text = job("", "").replace("[[segmentation]]", &format!("{sql}[[segmentation]]"));
    let run = workspace.committed(&workspace.job(&text));
    assert_eq!(
        (run.feature("town")["A"].as_deref(), run.feature("years")["A"].as_deref()),
        (Some("Kraków"), Some("17"))
    );
    let fates = &run.json("run.json")["rows"]["customers"];
    assert_eq!((&fates["used"], &fates["duplicate"]), (&5.into(), &0.into()));
    // One id with two rows is what it was: an error, unless the job says which one counts.
    workspace.write("in/customers.csv", format!("{CUSTOMERS}A,Gdynia,31,no,2025-08-01\n"));
    let failed = workspace.failing(&workspace.job(&text), 3);
    assert!(failed.stderr.contains("source customers: 1 row repeats a customer_id"), "{failed}");
}

#[test]
fn who_opts_out_under_one_id_is_left_out_under_all() {
    for (population, more) in [
        ("[population]\nfrom = \"customers\"\nexclude = \"opted_out\"", ""),
        ("[population]\nexclude_list = { uri = \"@IN@/list.csv\", customer_id = \"id\" }", "id\nC\n"),
        ("[population]\nexclude_list = { uri = \"@IN@/list.csv\", customer_id = \"id\" }", "id\n C\n"),
    ] {
        let workspace = workspace(PAIRS);
        workspace.write("in/list.csv", more);
        // The oldest row says it, and newer ones do not.
        workspace.write("in/customers.csv", CUSTOMERS.replace("A,Łódź,30,no", "A,Łódź,30,yes"));
        let run = workspace.committed(&workspace.job(&job(population, "")));
        assert_eq!(run.feature("monetary").into_keys().collect::<Vec<_>>(), ["D", "E"], "{population} {more}");
        assert_eq!(run.json("run.json")["rows"]["orders"]["excluded"], 3);
    }
}

#[test]
fn a_consent_that_one_id_withdrew_is_withdrawn_for_the_person() {
    let reached = |pairs: &str| {
        let workspace = workspace(pairs);
        let job = workspace.job(&job("[privacy]\nmin_cell = 1", ""));
        let quality = workspace.committed(&job).table("quality.parquet");
        let row = quality.only(&[("check_name", "reachable_share"), ("column_name", "email")]);
        let size = Program::segmenter(&["size", job.to_str().unwrap(), "--output", "json"])
            .args(&["--scratch", &workspace.uri("scratch")])
            .go()
            .succeeded();
        let size: Value = serde_json::from_str(&size.stdout).unwrap();
        (row["rows_failed"].clone().unwrap(), size["segmentations"][0]["segments"].to_string())
    };
    let (alone, size_alone) = reached("one,other,same,sure,why\nX,Y,,,\n");
    let (linked, size_linked) = reached(PAIRS);
    assert_eq!((alone.as_str(), linked.as_str()), ("2", "1"), "B gave later what A withdrew");
    assert_ne!(size_alone, size_linked);
}

#[test]
fn ids_that_are_apart_and_components_that_are_too_large_stay_as_they_are_and_are_told() {
    let workspace = workspace("one,other,same,sure,why\nA,B,,,\nB,C,,,\nC,A,no,0.1,\nD,E,,,\nE,F,,,\n");
    let run = workspace.committed(&workspace.job(&job("[identity]\nmax_ids = 2", "")));
    assert!(persons(&run).iter().all(|(id, canonical)| id == canonical));
    let status = run.table("identity").lookup("id", "status");
    assert_eq!((status["B"].as_deref(), status["E"].as_deref()), (Some("kept_apart"), Some("too_many_ids")));
    assert_eq!(run.feature("monetary").len(), 5);
    let told = told(&run);
    for (name, count) in
        [("kept_apart_ids", 3), ("kept_apart_components", 1), ("too_many_ids", 3), ("too_large_components", 1)]
    {
        assert_eq!(told[name], count, "{name}");
    }
    for word in [
        "3 of 6 ids are linked to more ids than max_ids",
        "3 of 6 ids are linked to two ids that a pair with same = false",
    ] {
        assert!(run.warnings().iter().any(|warning| warning.contains(word)), "{:?}", run.warnings());
    }
    let quality = run.table("quality.parquet");
    assert_eq!(quality.only(&[("check_name", "too_many_ids_share")])["value"].as_deref(), Some("0.5"));
}

#[test]
fn a_pair_that_may_keep_two_ids_apart_and_cannot_be_read_stops_the_run() {
    let workspace = workspace("one,other,same,sure,why\nA,B,maybe,,\n");
    let failed = workspace.failing(&workspace.job(&job("", "")), 3);
    assert!(
        failed.stderr.contains("source pairs: row 1 of") && failed.stderr.contains("may keep two ids apart"),
        "{failed}"
    );
    // What only says how sure it is, or lacks an id, is counted and links nobody.
    workspace.write("in/pairs.csv", "one,other,same,sure,why\nA,B,,surely,\nA,,no,,\nB,C,,,\n");
    let run = workspace.committed(&workspace.job(&job("", "").replace("coalesce(sure, 1)", "sure")));
    let told = told(&run);
    assert_eq!((&told["linking_pairs"], &told["unsure_pairs"]), (&0.into(), &2.into()));
    assert_eq!(run.json("run.json")["rows"]["pairs"]["quarantined"], 1);
    // Not with everybody else whose other id is not there.
    workspace.write("in/pairs.csv", "one,other,same,sure,why\nA,,true,1,\nB,,true,1,\nC,C,true,1,\nD,D,true,1,\n");
    let run = workspace.committed(&workspace.job(&job("", "")));
    assert_eq!(run.json("run.json")["rows"]["pairs"]["quarantined"], 2);
    assert_eq!(run.json("run.json")["identity"]["persons"], 0);
    assert!(persons(&run).is_empty());
}

#[test]
fn rows_of_every_column_have_no_other_id() {
    let workspace = workspace(PAIRS);
    let sql = "[[features.sql]]\nname = \"all\"\nquery = \"select customer_id, count(*) as said from (select * from consents) group by customer_id\"\n";
    let text = job("", "").replace("[[segmentation]]\nname", &format!("{sql}[[segmentation]]\nname"));
    let run = workspace.committed(&workspace.job(&text));
    assert_eq!(run.feature("said")["A"].as_deref(), Some("2"));
    let sql = text.replace(
        "select customer_id, count(*) as said from (select * from consents) group by customer_id",
        "select * from customers",
    );
    let failed = workspace.run(&workspace.job(&sql)).go();
    assert!(!failed.stderr.contains("own_id"), "{failed}");
}

#[test]
fn who_was_a_customer_keeps_the_id_whatever_smaller_one_is_linked_later() {
    let workspace = workspace("one,other,same,sure,why\nB,C,,,\n");
    let text = job("", "");
    let first = workspace.committed(&workspace.job(&text));
    assert_eq!(persons(&first)["C"], "B");
    // A new id that is smaller, on the same day and the next; one that had no link is a customer of the first run too.
    workspace.write("in/pairs.csv", "one,other,same,sure,why\nB,C,,,\n0,C,,,\n1,D,,,\n");
    for day in ["2026-01-01", "2026-01-02"] {
        let job = workspace.job(&text.replace("2026-01-01", day));
        let run = workspace.committed(&job);
        let persons = persons(&run);
        assert_eq!([&persons["0"], &persons["B"], &persons["C"]], ["B"; 3], "{day}");
        assert_eq!([&persons["1"], &persons["D"]], ["D"; 2], "{day}");
        assert_eq!(told(&run)["kept_persons"], 2);
        let again = workspace.run(&job).go().succeeded();
        assert_eq!(again.run_folder(), run.folder, "the same work is the same run, whatever was committed since");
    }
    // Unless it is not to be compared with any run.
    let text = text.replace("[output]", "[output]\nprevious = \"none\"");
    assert_eq!(persons(&workspace.committed(&workspace.job(&text)))["B"], "0");
}

#[test]
fn a_score_and_an_evaluation_know_the_persons_of_their_run() {
    let workspace = workspace("one,other,same,sure,why\nB,C,,,\n");
    let job = workspace.job(&job("", "[effectiveness]\noutcome = \"1d\"\n"));
    let run = workspace.committed(&job);
    let name = run.folder.rsplit('/').next().unwrap();
    workspace.write("in/pairs.csv", "one,other,same,sure,why\nB,C,,,\n0,C,,,\n");
    for arguments in [["score", "--model"], ["evaluate", "--run"]] {
        let [command, flag] = arguments;
        let ran = Program::segmenter(&[command, job.to_str().unwrap(), flag, name])
            .args(&["--scratch", &workspace.uri("scratch")])
            .go()
            .succeeded();
        let scored = CommittedRun::of(&ran);
        assert_eq!((persons(&scored)["0"].as_str(), told(&scored)["earlier"].as_str()), ("B", Some(name)), "{command}");
    }
}

/// Many ids with chains, stars and pairs that are apart, and orders of all of them.
pub fn many() -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    let mut pairs = "one,other,same,sure,why\n".to_owned();
    let mut orders = "id,at,gross,no\n".to_owned();
    let mut people = "id,city,age,out,changed\n".to_owned();
    let mut random = Rng(5);
    for id in 0..3_000_u64 {
        writeln!(orders, "u{id},2025-{:02}-{:02},{}.50,{}", id % 12 + 1, id % 28 + 1, id % 90, id / 2).unwrap();
        writeln!(people, "u{id},Kraków,{},no,2025-{:02}-01", id % 80, id % 12 + 1).unwrap();
        // A long chain, and else what chance gives.
        match id {
            0..400 => writeln!(pairs, "u{},u{id},,,chain", (id + 1).min(399)).unwrap(),
            2_000..2_060 => {
                let same = if id % 6 == 2 { "no" } else { "" };
                writeln!(pairs, "u{id},u{},{same},,near", id / 6 * 6 + (id + 1) % 6).unwrap();
            }
            400..1_000 => {
                let (one, other) = (400 + random.below(1_600), 400 + random.below(1_600));
                let same = if random.below(50) == 0 { "no" } else { "" };
                writeln!(pairs, "u{one},u{other},{same},0.9{},chance", random.below(10)).unwrap();
            }
            _ => {}
        }
    }
    for (name, text) in [("customers", people), ("orders", orders), ("pairs", pairs), ("consents", CONSENTS.to_owned())]
    {
        workspace.write(&format!("in/{name}.csv"), text);
    }
    let job = workspace.job(&job("[identity]\nmax_ids = 500", ""));
    (workspace, job)
}

#[test]
fn the_answer_is_the_same_for_any_shards_threads_memory_and_workers() {
    let (workspace, job) = many();
    let run = |shards: &str, threads: &str, memory: &str| {
        workspace.forget_results();
        let program = workspace.run(&job).args(&["--shards", shards, "--threads", threads, "--memory", memory]);
        CommittedRun::of(&program.go().succeeded())
    };
    let expected = run("8", "1", "256M");
    let told = told(&expected);
    assert!(told["persons"].as_u64() > Some(100) && told["kept_apart_components"].as_u64() > Some(0), "{told}");
    assert!(told["rounds"].as_u64() > Some(3) && told["rounds"].as_u64() <= Some(20), "{told}");
    assert_eq!(expected.byte_digest(), run("8", "4", "2G").byte_digest());
    for shards in ["1", "3"] {
        assert_eq!(persons(&expected), persons(&run(shards, "2", "512M")), "{shards} shards");
        assert_eq!(expected.logical_digest(), run(shards, "2", "512M").logical_digest(), "{shards} shards");
    }
    for count in [1, 4] {
        workspace.forget_results();
        let coordinator = Coordinator::start(workspace.coordinator(&job, count));
        let workers: Vec<Running> = (0..count).map(|_| workspace.worker(coordinator.url()).start()).collect();
        let ran = coordinator.wait().succeeded();
        assert_eq!(CommittedRun::of(&ran).byte_digest(), expected.byte_digest(), "{count} workers");
        workers.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    }
}

//! Rules that all count: a customer is in the segment of every rule that holds.

use crate::harness::*;
use std::path::{Path, PathBuf};

const SOURCES: &str = r#"[population]
from = "customers"
exclude_list = { uri = "@IN@/left_out.csv", customer_id = "id" }
[[source]]
name = "customers"
kind = "customers"
uri  = "@IN@/customers.csv"
types = { age = "int" }
[source.columns]
customer_id = "id"
age         = "age"
city        = "city"
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
presets = [{ name = "rfm" }]
[[features.custom]]
name       = "spent"
expression = "sum(amount)"
default    = 0
"#;

const RULES: &str = r#"
[[segmentation]]
name   = "targets"
method = "rules"
match  = "all"
[[segmentation.rule]]
name  = "old"
title = "From fifty on"
when  = "age >= 50"
[[segmentation.rule]]
name  = "in_x"
when  = "city = 'X'"
[[segmentation.rule]]
name  = "spender"
when  = "spent >= 40"
[[segmentation.rule]]
name  = "never"
when  = "age > 200"
[[segmentation]]
name   = "second"
method = "rules"
[[segmentation.rule]]
name  = "of_old"
when  = "targets = 'old'"
[[segmentation.rule]]
name  = "of_spender"
when  = "spent >= 40"
"#;

/// C9 is left out.
const CUSTOMERS: &str = "id,city,age\nC1,X,30\nC2,X,\nC3,Y,50\nC4,Y,60\nC5,X,70\nC6,,20\nC9,X,99\n";
const ORDERS: &str = "id,at,gross\nC1,2025-12-01,10.00\nC2,2025-12-01,20.00\nC3,2025-12-01,40.00\nC4,2025-12-01,80.00\nC9,2025-12-01,1000.00\n";

fn workspace(sections: &str) -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", CUSTOMERS);
    workspace.write("in/orders.csv", ORDERS);
    workspace.write("in/left_out.csv", "id\nC9\n");
    let job = workspace.job(&job_of(&format!("{SOURCES}{sections}")));
    (workspace, job)
}

/// Customers and keys of `membership/`, in its order.
fn members(run: &CommittedRun) -> Vec<(String, String)> {
    let table = run.table("membership/targets");
    let pairs = table.column("customer_id").into_iter().zip(table.column("segment_key"));
    pairs.map(|(id, key)| (id.unwrap().to_owned(), key.unwrap().to_owned())).collect()
}

/// By hand.
const MEMBERS: [(&str, &str); 8] = [
    ("C1", "in_x"),
    ("C2", "in_x"),
    ("C3", "old"),
    ("C3", "spender"),
    ("C4", "old"),
    ("C4", "spender"),
    ("C5", "in_x"),
    ("C5", "old"),
];

fn by_hand() -> Vec<(String, String)> {
    MEMBERS.map(|(id, key)| (id.to_owned(), key.to_owned())).to_vec()
}

#[test]
fn who_meets_several_rules_is_in_each_and_assigned_to_the_first() {
    let (workspace, job) = workspace(RULES);
    let run = CommittedRun::of(&workspace.run(&job).args(&["--shards", "1"]).go().succeeded());
    assert_eq!(members(&run), by_hand());
    let keys = run.keys("targets");
    let keys: Vec<(&str, &str)> = keys.iter().map(|(id, key)| (id.as_str(), key.as_str())).collect();
    let first = [("C1", "in_x"), ("C2", "in_x"), ("C3", "old"), ("C4", "old"), ("C5", "old"), ("C6", "other")];
    assert_eq!(keys, first);
    let names = run.table("membership/targets").counts("segment_name");
    assert_eq!((names["From fifty on"], names["in_x"]), (3, 3));
    // A segmentation below sees the first.
    assert_eq!(run.table("assignments/second").counts("segment_key")["of_old"], 3);

    let segments = run.table("segments.parquet");
    for (key, customers, share) in
        [("in_x", 3, 0.5), ("never", 0, 0.0), ("old", 3, 0.5), ("other", 1, 1.0 / 6.0), ("spender", 2, 2.0 / 6.0)]
    {
        let row = segments.only(&[("segmentation", "targets"), ("segment_key", key)]);
        assert_eq!(row["customers"], Some(customers.to_string()), "{key}");
        assert_eq!(row["share"].as_ref().unwrap().parse::<f64>().unwrap(), share, "{key}");
    }
    // In the first that holds none is left for the second, which says so.
    run.warned_of(&["segmentation second: rule `of_spender` has no customers, and 2 who meet it: rules above take"]);
    run.warned_of(&["segmentation targets: rule `never` has no customers: nobody meets the condition"]);
    // A rule is asked about all.
    for (rule, undecided) in [("old", 1), ("in_x", 1), ("spender", 0), ("never", 1)] {
        let quality = run.table("quality.parquet");
        let wanted = [("source", "targets"), ("check_name", "when_null_share"), ("column_name", rule)];
        let row = quality.only(&wanted);
        assert_eq!(
            (row["rows_failed"].clone(), row["rows_checked"].as_deref()),
            (Some(undecided.to_string()), Some("6"))
        );
    }
}

#[test]
fn every_pair_of_rules_says_who_is_in_both() {
    let (workspace, job) = workspace(RULES);
    let run = workspace.committed(&job);
    let overlaps = run.table("overlaps.parquet");
    let expected = [
        ("in_x", "never", "0", Some(0.0), None, Some(0.0)),
        ("in_x", "old", "1", Some(1.0 / 3.0), Some(1.0 / 3.0), Some(0.2)),
        ("in_x", "spender", "0", Some(0.0), Some(0.0), Some(0.0)),
        ("never", "old", "0", None, Some(0.0), Some(0.0)),
        ("never", "spender", "0", None, Some(0.0), Some(0.0)),
        ("old", "spender", "2", Some(2.0 / 3.0), Some(1.0), Some(2.0 / 3.0)),
    ];
    assert_eq!(overlaps.rows.len(), expected.len(), "the other segmentation has no overlaps");
    for (row, (one, other, customers, share, other_share, jaccard)) in overlaps.rows.iter().zip(expected) {
        let number = |at: usize| row[at].as_ref().map(|value| value.parse::<f64>().unwrap());
        assert_eq!((row[1].as_deref(), row[2].as_deref()), (Some(one), Some(other)));
        assert_eq!((row[3].as_deref(), number(4)), (Some(customers), share), "{row:?}");
        assert_eq!((number(5), number(6)), (other_share, jaccard), "{row:?}");
    }
}

#[test]
fn measures_stand_beside_who_is_not_in_the_segment() {
    let (workspace, job) = workspace(RULES);
    let run = workspace.committed(&job);
    let effectiveness = run.table("effectiveness.parquet");
    for (key, value, rest) in
        [("in_x", 30.0, 120.0), ("old", 120.0, 30.0), ("spender", 120.0, 30.0), ("other", 0.0, 150.0)]
    {
        let wanted = [("segmentation", "targets"), ("segment_key", key), ("metric", "revenue")];
        let row = effectiveness.only(&wanted);
        let cell = |name: &str| row[name].as_ref().unwrap().parse::<f64>().unwrap();
        assert_eq!((cell("value"), cell("rest_value"), cell("population_value")), (value, rest, 150.0), "{key}");
    }
    // 0, 40 and 80 of 10, 20, 40, 80, 0 and 0: SS total 4750, between those in and out 3·15² + 3·15².
    let wanted = [("segmentation", "targets"), ("segment_key", "old"), ("feature", "spent")];
    let row = run.table("profiles.parquet").only(&wanted);
    let cell = |name: &str| row[name].as_ref().unwrap().parse::<f64>().unwrap();
    assert_eq!((cell("n"), cell("mean"), cell("population_mean")), (3.0, 40.0, 25.0));
    assert_eq!((cell("p25"), cell("p50"), cell("p75")), (0.0, 40.0, 80.0));
    assert!((cell("eta_squared") - 1350.0 / 4750.0).abs() < 1e-12, "{row:?}");
    assert!((cell("z_score") - 15.0 / (4750.0_f64 / 5.0).sqrt()).abs() < 1e-12, "{row:?}");
}

#[test]
fn a_run_without_such_rules_has_no_such_tables() {
    let (workspace, job) = workspace(&RULES.replace("match  = \"all\"", "match  = \"first\""));
    let run = workspace.committed(&job);
    assert!(run.files.keys().all(|path| !path.starts_with("membership/") && path != "overlaps.parquet"));
    let (plain, same) = self::workspace(&RULES.replace("match  = \"all\"", ""));
    assert_eq!(plain.committed(&same).byte_digest(), run.byte_digest(), "first is what is meant without");
}

#[test]
fn a_score_has_the_members_too_and_the_prompt_sees_them() {
    let (workspace, job) = workspace(RULES);
    let run = workspace.committed(&job);
    let name = job.to_str().unwrap();
    let scratch = workspace.uri("scratch");
    let scored = Program::segmenter(&["score", name, "--model", "latest", "--scratch", &scratch]).go().succeeded();
    let scored = CommittedRun::of(&scored);
    assert_eq!(members(&scored), by_hand());
    assert_eq!(scored.table("overlaps.parquet").rows, run.table("overlaps.parquet").rows);
    assert_eq!(Program::segmenter(&["verify", name]).go().succeeded().run_folder(), run.folder);

    let ask = |query: &str| Program::segmenter(&["sql", name, query, "--format", "csv"]).go().succeeded().stdout;
    let counted = ask(
        "select segmentation, segment_key, count(*) as n from membership group by segmentation, segment_key order by 2",
    );
    assert_eq!(counted, "segmentation,segment_key,n\ntargets,in_x,3\ntargets,old,3\ntargets,spender,2\n");
    assert_eq!(ask("select count(*) as n from membership.targets"), "n\n8\n");
    assert_eq!(ask("select segment_key from overlaps where customers = 2"), "segment_key\nold\n");

    // Another match is another model.
    let first = workspace.job(&job_of(&format!("{SOURCES}{}", RULES.replace("\"all\"", "\"first\""))));
    let refused = Program::segmenter(&["score", first.to_str().unwrap(), "--model", "latest"]).go().failed_with(2);
    refused.says(&["segmentation targets", "match"]);
}

#[test]
fn more_rules_than_pairs_are_counted_of_are_refused() {
    let rules = |count: usize| -> String {
        let rules = (0..count).map(|at| format!("[[segmentation.rule]]\nname = \"r{at}\"\nwhen = \"spent > {at}\"\n"));
        "[[segmentation]]\nname = \"many\"\nmethod = \"rules\"\nmatch = \"all\"\n".to_owned()
            + &rules.collect::<String>()
    };
    let (workspace, job) = workspace(&rules(201));
    workspace.failing(&job, 2).says(&["`match = \"all\"` has 201 rules", "at most 200"]);
    let (workspace, job) = self::workspace(&rules(200));
    let run = workspace.committed(&job);
    assert_eq!(run.table("overlaps.parquet").rows.len(), 19_900);
}

const CONSENTS: &str = r#"
[privacy]
min_cell = 1
[[source]]
name  = "permissions"
kind  = "consents"
uri   = "@IN@/permissions.csv"
types = { granted = "bool", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
channel     = "channel"
granted     = "granted"
time        = "at"
"#;

/// C1 withdraws; C2 withdraws sms after `as_of`; C3 comes back; C4 says both at once; C5 says nothing; C9 is left out.
const PERMISSIONS: &str = "id,channel,granted,at\nC1,email,true,2025-01-01\nC1,email,false,2025-06-01\nC2,email,true,2025-06-01\n\
    C2,sms,true,2025-06-01\nC2,sms,false,2026-02-01\nC3,email,false,2025-01-01\nC3,email,true,2025-03-01\n\
    C4,email,true,2025-05-01\nC4,email,false,2025-05-01\nC5,sms,,2025-05-01\nC9,email,true,2025-05-01\n";

fn size(workspace: &Workspace, job: &Path, args: &[&str]) -> Ran {
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    Program::segmenter(&["size", job.to_str().unwrap(), "--scratch", &scratch]).args(args).go()
}

fn sized(workspace: &Workspace, job: &Path, args: &[&str]) -> serde_json::Value {
    let mut all = vec!["--output", "json"];
    all.extend(args);
    serde_json::from_str(&size(workspace, job, &all).succeeded().stdout).unwrap()
}

#[test]
fn sizes_are_told_with_nothing_written() {
    let clusters = "[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nfeatures = [\"spent\"]\nk = 2\n\
        [[segmentation]]\nname = \"of_groups\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"g\"\nwhen = \"groups = 'c01'\"\n";
    let (workspace, job) = workspace(&format!("{RULES}{clusters}{CONSENTS}"));
    workspace.write("in/permissions.csv", PERMISSIONS);
    let told = sized(&workspace, &job, &[]);
    assert_eq!((&told["format_version"], &told["job"], &told["customers"]), (&1.into(), &"trial".into(), &6.into()));
    assert_eq!(told["reached"], serde_json::json!({ "email": 2, "sms": 1 }));
    let targets = &told["segmentations"][0];
    assert_eq!((&targets["segmentation"], &targets["match"]), (&"targets".into(), &"all".into()));
    for (at, (key, customers, undecided, email, sms)) in [
        ("in_x", 3, 1, 1, 1),
        ("never", 0, 1, 0, 0),
        ("old", 3, 1, 1, 0),
        ("other", 1, 0, 0, 0),
        ("spender", 2, 0, 1, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let segment = &targets["segments"][at];
        assert_eq!((&segment["segment_key"], &segment["customers"]), (&key.into(), &customers.into()), "{segment}");
        assert_eq!(segment["reached"], serde_json::json!({ "email": email, "sms": sms }), "{key}");
        match key {
            "other" => assert!(segment.get("undecided").is_none(), "{segment}"),
            _ => assert_eq!(segment["undecided"], undecided, "{segment}"),
        }
    }
    assert_eq!(targets["overlaps"].as_array().unwrap().len(), 6);
    assert_eq!(
        targets["overlaps"][5],
        serde_json::json!({
            "segment_key": "old", "other_segment_key": "spender", "customers": 2,
            "share": 2.0 / 3.0, "other_share": 1.0, "jaccard": 2.0 / 3.0,
        })
    );
    let second = &told["segmentations"][1];
    assert_eq!((&second["segmentation"], &second["segments"][0]["customers"]), (&"second".into(), &3.into()));
    assert!(second.get("overlaps").is_none());
    let left_out: Vec<&str> =
        told["left_out"].as_array().unwrap().iter().map(|one| one["segmentation"].as_str().unwrap()).collect();
    assert_eq!(left_out, ["groups", "of_groups"]);
    assert!(told["warnings"].to_string().contains("rule `never` has no customers"), "{told}");

    // However it is cut.
    assert_eq!(sized(&workspace, &job, &["--shards", "5", "--threads", "1"]), told);
    let text = size(&workspace, &job, &[]).succeeded();
    for line in ["in_x", "old", "email", "sms", "jaccard", "groups"] {
        assert!(text.stdout.contains(line), "{line}: {text}");
    }
    assert!(!workspace.path("out").exists(), "the output is not touched");
    let left: Vec<_> =
        std::fs::read_dir(workspace.path("scratch")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");

    // They are those of the run.
    let run = workspace.committed(&job);
    let segments = run.table("segments.parquet");
    for segment in targets["segments"].as_array().unwrap() {
        let row =
            segments.only(&[("segmentation", "targets"), ("segment_key", segment["segment_key"].as_str().unwrap())]);
        assert_eq!(row["customers"], Some(segment["customers"].to_string()));
    }
}

#[test]
fn a_channel_of_few_customers_is_not_named() {
    let (workspace, job) = workspace(&format!("{RULES}{}", CONSENTS.replace("min_cell = 1", "min_cell = 2")));
    workspace.write("in/permissions.csv", PERMISSIONS);
    let told = sized(&workspace, &job, &[]);
    assert_eq!(told["reached"], serde_json::json!({ "email": 2 }), "sms reaches one");
    assert!(!told.to_string().contains("sms"), "{told}");
}

#[test]
fn of_consents_whose_order_is_not_known_all_must_be_given() {
    let sections = format!("{RULES}{CONSENTS}");
    let (workspace, job) = workspace(&sections);
    let some =
        "C1,email,false,2025-01-01\nC1,email,true,2025-01-02\nC2,email,true,2025-01-01\nC3,it's,true,2025-01-01\n";
    workspace.write("in/permissions.csv", format!("id,channel,granted,at\n{some}"));
    assert_eq!(sized(&workspace, &job, &[])["reached"], serde_json::json!({ "email": 2, "it's": 1 }));
    let untimed = CONSENTS.replace("time        = \"at\"\n", "");
    let job = workspace.job(&job_of(&format!("{SOURCES}{RULES}{untimed}")));
    assert_eq!(sized(&workspace, &job, &[])["reached"], serde_json::json!({ "email": 1, "it's": 1 }));

    let many: String = (0..101).map(|at| format!("C1,channel {at},true,2025-01-01\n")).collect();
    workspace.write("in/permissions.csv", format!("id,channel,granted,at\n{many}"));
    size(&workspace, &job, &[]).failed_with(3).says(&["permissions has consents for more than 100 channels"]);
}

#[test]
fn sizes_of_scores_and_tiers_are_those_of_a_run() {
    let more = "[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n\
        [[segmentation]]\nname = \"levels\"\nmethod = \"tiers\"\nby = \"spent\"\nshares = [0.5]\nnames = [\"top\", \"rest\"]\n";
    let (workspace, job) = workspace(more);
    let (told, run) = (sized(&workspace, &job, &[]), workspace.committed(&job));
    let segments = run.table("segments.parquet");
    let mut seen = 0;
    for segmentation in told["segmentations"].as_array().unwrap() {
        for segment in segmentation["segments"].as_array().unwrap() {
            let name = segmentation["segmentation"].as_str().unwrap();
            let row =
                segments.only(&[("segmentation", name), ("segment_key", segment["segment_key"].as_str().unwrap())]);
            assert_eq!(row["customers"], Some(segment["customers"].to_string()), "{segment}");
            seen += 1;
        }
    }
    assert_eq!(seen, segments.rows.len());
    assert!(told.get("reached").is_none(), "nobody was asked: {told}");
}

#[test]
fn a_job_of_clusters_alone_has_no_sizes_yet() {
    let (workspace, job) =
        workspace("[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nfeatures = [\"spent\"]\nk = 2\n");
    size(&workspace, &job, &[]).failed_with(2).says(&["no segmentation", "segmenter run"]);
}

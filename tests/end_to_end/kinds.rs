//! Kinds of sources beside transactions and customers: rows of customers that queries make features of.

use crate::harness::*;

const SECTIONS: &str = r#"
[[source]]
name = "web"
kind = "events"
uri  = "@IN@/web.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)", seconds = "int" }
[source.columns]
customer_id        = "id"
time               = "at"
event              = "what"
session_id         = "visit"
engagement_seconds = "seconds"
[[source]]
name = "app"
kind = "events"
uri  = "@IN@/app.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M:%S)" }
[source.columns]
customer_id = "id"
time        = "at"
event       = "'tap'"
[[source]]
name = "wishes"
kind = "wishes"
uri  = "@IN@/wishes.csv"
types = { added = "date(%Y-%m-%d)", gone = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "added"
product_id  = "product"
removed_at  = "gone"
[[source]]
name = "club"
kind = "members"
uri  = "@IN@/club.csv"
[source.columns]
customer_id = "id"
tier        = "tier"
[features]
[[features.sql]]
name  = "web"
query = """
select customer_id, count(distinct session_id) as visits, sum(engagement_seconds) as seconds,
       count(*) filter (where source = 'app') as taps
from events group by customer_id"""
[[features.sql]]
name  = "wishes"
query = """
select customer_id, count(*) as wished, count(removed_at) as removed from wishes group by customer_id"""
[[features.sql]]
name  = "club"
query = "select customer_id, max(tier) as tier from members group by customer_id"
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "visitors"
when = "visits > 1 or tier = 'gold'"
"#;

const WEB: &str = "id,at,what,visit,seconds\n\
    C1,2025-12-30 10:00:00,page_view,a,10\nC1,2025-12-30 10:01:00,page_view,a,5\nC1,2025-12-31 23:59:59,add_to_cart,b,7\n\
    C1,2026-01-01 00:00:00,page_view,c,1000\nC2,2025-06-01 09:00:00,page_view,d,3\nC2,2025-06-01 09:00:00,,e,3\n,2025-06-01 09:00:00,page_view,f,3\n";
const APP: &str = "id,at\nC1,2025-12-01 00:00:00\nC3,2025-12-01 00:00:00\n";
const WISHES: &str = "id,added,product,gone\nC1,2025-11-01,p1,2025-12-31\nC1,2025-11-01,p2,2026-01-01\nC1,2025-11-02,p3,\nC2,2026-03-01,p4,\n";
const CLUB: &str = "id,tier\nC2,gold\nC3,silver\n";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (name, text) in [("web", WEB), ("app", APP), ("wishes", WISHES), ("club", CLUB)] {
        workspace.write(&format!("in/{name}.csv"), text);
    }
    workspace
}

fn values(run: &CommittedRun, feature: &str) -> Vec<Option<String>> {
    run.feature(feature).into_values().collect()
}

#[test]
fn each_kind_is_a_table_of_all_its_sources() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job_of(SECTIONS)));
    let some = |values: [&str; 3]| values.map(|value| (!value.is_empty()).then(|| value.to_owned())).to_vec();
    assert_eq!(values(&run, "visits"), some(["2", "1", "0"]));
    assert_eq!(values(&run, "seconds"), some(["22", "3", ""]));
    assert_eq!(values(&run, "taps"), some(["1", "0", "1"]));
    assert_eq!(values(&run, "tier"), some(["", "gold", "silver"]));
    assert_eq!(run.keys("targets").into_values().collect::<Vec<_>>(), ["visitors", "visitors", "other"]);
}

#[test]
fn rows_are_judged_as_those_of_transactions() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job_of(SECTIONS)));
    let web = run.fates("web");
    assert_eq!((web.read, web.used, web.not_before_as_of, web.quarantined, web.anonymous), (7, 4, 1, 1, 1));
    assert_eq!(run.fates("club").used, 2, "a kind without times has no row that comes too late");
    let wishes = run.fates("wishes");
    assert_eq!((wishes.used, wishes.not_before_as_of), (3, 1));
}

#[test]
fn what_was_not_known_before_as_of_is_null() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job_of(SECTIONS)));
    assert_eq!(values(&run, "wished")[0].as_deref(), Some("3"));
    assert_eq!(values(&run, "removed")[0].as_deref(), Some("1"), "one was taken away on the day of as_of");
    workspace.write("in/wishes.csv", WISHES.replace("2026-01-01", "").replace("C2,2026-03-01,p4,\n", ""));
    let earlier = workspace.committed(&workspace.job(&job_of(SECTIONS)));
    assert_eq!(earlier.parts("features"), run.parts("features"), "as if it had been run on that day");
}

#[test]
fn threads_and_shards_change_nothing() {
    let workspace = workspace();
    let job = workspace.job(&job_of(SECTIONS));
    let one = workspace.committed(&job);
    let features =
        |run: &CommittedRun| ["visits", "seconds", "taps", "wished", "removed", "tier"].map(|name| values(run, name));
    for shards in ["1", "5"] {
        let out = Workspace::new();
        for (name, text) in [("web", WEB), ("app", APP), ("wishes", WISHES), ("club", CLUB)] {
            out.write(&format!("in/{name}.csv"), text);
        }
        let job = out.job(&job_of(SECTIONS));
        let ran =
            Program::segmenter(&["run", job.to_str().unwrap(), "--shards", shards, "--threads", "3"]).go().succeeded();
        assert_eq!(features(&CommittedRun::of(&ran)), features(&one), "{shards} shards");
    }
}

#[test]
fn mistakes_are_told_by_kind() {
    let workspace = workspace();
    for (from, to, exit, says) in [
        ("event              = \"what\"\n", "", 2, "missing column `event` of a source of kind events"),
        (
            "engagement_seconds = \"seconds\"",
            "engagement_seconds = \"what\"",
            3,
            "engagement_seconds has type text, expected a number",
        ),
        (
            "removed_at  = \"gone\"",
            "removed_at  = \"product\"",
            3,
            "removed_at has type text, expected a date or a timestamp",
        ),
        ("kind = \"wishes\"", "kind = \"wish\"", 2, "did you mean \"wishes\"?"),
        (
            "name = \"club\"\nkind = \"members\"",
            "name = \"club\"\nkind = \"members\"\nkey = \"tier\"",
            2,
            "which this source does not map",
        ),
        (
            "name = \"web\"\nkind = \"events\"",
            "name = \"events\"\nkind = \"events\"",
            2,
            "in queries `events` means all sources of the kind events",
        ),
        ("from members group", "from members where points > 1 group", 2, "there is no name `points`"),
    ] {
        assert!(SECTIONS.contains(from), "{from}");
        workspace.failing(&workspace.job(&job_of(&SECTIONS.replacen(from, to, 1))), exit).says(&[says]);
    }
}

#[test]
fn clusters_of_visits_need_no_orders() {
    let workspace = workspace();
    let clusters =
        "[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nfeatures = [\"visits\", \"taps\"]\nk = 2\n";
    let run = workspace.committed(&workspace.job(&job_of(&format!("{SECTIONS}{clusters}"))));
    assert!(run.keys("groups").values().all(|key| key.starts_with('c')), "{:?}", run.keys("groups"));
}

#[test]
fn a_source_of_another_kind_may_have_the_name_of_a_kind_that_no_source_is_of() {
    let workspace = workspace();
    let named = SECTIONS.replace("name = \"club\"", "name = \"points\"");
    let run = workspace.committed(&workspace.job(&job_of(&named)));
    assert_eq!(values(&run, "tier")[1].as_deref(), Some("gold"));
}

#[test]
fn rows_that_stay_in_the_work_folder_and_rows_of_one_key_are_judged_alike() {
    let workspace = workspace();
    // Every second customer enrols on the day of as_of.
    let since = |row: u32| if row.is_multiple_of(2) { "2025-12-31" } else { "2026-01-01" };
    let rows: String =
        (0..40_000).map(|row| format!("C{:05},tier{},{}\n", row % 20_000, row % 7, since(row))).collect();
    workspace.write("in/club.csv", format!("id,tier,since\n{rows}"));
    let of_club = "kind = \"members\"\nuri  = \"@IN@/club.csv\"\n";
    let enrolled = SECTIONS
        .replace(of_club, &format!("{of_club}types = {{ since = \"date(%Y-%m-%d)\" }}\n"))
        .replace("tier        = \"tier\"\n", "tier        = \"tier\"\nenrolled_at = \"since\"\n");
    let keyed = enrolled.replace(
        "kind = \"members\"",
        "kind = \"members\"\nkey = \"customer_id\"\nduplicates = { keep = \"last\", by = \"tier\" }",
    );
    for (sections, used, duplicate) in [(&enrolled, 20_000, 0), (&keyed, 10_000, 10_000)] {
        let job = workspace.job(&job_of(sections));
        let tiers = ["96M", "1G"].map(|memory| {
            let ran =
                Program::segmenter(&["run", job.to_str().unwrap(), "--new-run", "--shards", "1", "--memory", memory])
                    .args(&["--threads", "1"])
                    .go()
                    .succeeded();
            let run = CommittedRun::of(&ran);
            let club = run.fates("club");
            assert_eq!((club.used, club.duplicate, club.not_before_as_of), (used, duplicate, 20_000));
            values(&run, "tier")
        });
        assert_eq!(tiers[0], tiers[1]);
    }
}

#[test]
fn freshness_gates_and_questions_know_them() {
    let workspace = workspace();
    let gate = "[[quality.gate]]\nsource = \"web\"\ncheck = \"freshness_hours\"\nmax = 1\n";
    let stopped = SECTIONS.replacen("\n[[source]]", &format!("\n{gate}[[source]]"), 1);
    assert_eq!(
        workspace.committed(&workspace.job(&job_of(&stopped))).fates("web").used,
        4,
        "a second is less than an hour"
    );
    let gate = gate.replace("\"web\"", "\"club\"");
    let refused = SECTIONS.replacen("\n[[source]]", &format!("\n{gate}[[source]]"), 1);
    workspace.failing(&workspace.job(&job_of(&refused)), 2).says(&["has no times to go by"]);
    let job = workspace.job(&job_of(SECTIONS));
    workspace.committed(&job);
    let query = "select count(*) as n from source.wishes where removed_at is null";
    let asked = Program::segmenter(&["sql", job.to_str().unwrap(), query, "--format", "csv"]).go().succeeded();
    assert_eq!(
        asked.stdout.trim(),
        "n\n3",
        "one was not taken away when it was known, one stands there, one comes later"
    );
}

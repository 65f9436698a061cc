//! Conditions that are null or fail are told apart from those that are false, and a column that cannot be read takes no customer away.

use crate::harness::*;

const SECTIONS: &str = r#"[population]
from = "customers"
[[source]]
name = "customers"
kind = "customers"
uri  = "@IN@/customers.csv"
types = { age = "int" }
#SOURCE
[source.columns]
customer_id = "id"
age         = "age"
known_age   = "coalesce(age, -1)"
city        = "city"
points      = "cast(points as int)"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
channel     = "channel"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name   = "targets"
method = "rules"
#RULES
"#;

const CUSTOMERS: &str = "id,age,city,points\nC1,30,X,1\nC2,n/a,X,2\nC3,50,,3\nC4,60,Y,many\nC5,,Y,0\n";
const ORDERS: &str = "id,at,gross,channel\nC1,2025-12-01,1.00,web\nC2,2025-12-01,2.00,\nC3,2025-12-01,3.00,shop\n";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", CUSTOMERS);
    workspace.write("in/orders.csv", ORDERS);
    workspace
}

fn rule(name: &str, when: &str) -> String {
    format!("[[segmentation.rule]]\nname = \"{name}\"\nwhen = \"{when}\"\n")
}

fn job(source: &str, rules: &str) -> String {
    job_of(&SECTIONS.replace("#SOURCE", source).replace("#RULES", rules))
}

fn key(run: &CommittedRun, id: &str) -> String {
    run.keys("targets")[id].clone()
}

#[test]
fn a_column_that_cannot_be_read_is_null_and_the_customer_stays() {
    let workspace = workspace();
    let rules = rule("old", "age >= 50") + &rule("unknown", "age is null") + &rule("point", "points > 0");
    let run = workspace.committed(&workspace.job(&job("", &rules)));
    assert_eq!(run.keys("targets").into_keys().collect::<Vec<_>>(), ["C1", "C2", "C3", "C4", "C5"]);
    assert_eq!((run.fates("customers").used, run.fates("customers").quarantined), (5, 0));
    assert_eq!((key(&run, "C2"), key(&run, "C4"), key(&run, "C5")), ("unknown".into(), "old".into(), "unknown".into()));
    assert_eq!((run.noted_of("unreadable_share", "age"), run.noted_of("unreadable_share", "points")), ((1, 5), (1, 5)));
    assert_eq!(run.noted_of("null_share", "age"), (2, 5), "one cannot be read, one is not there");
    let told = run.warnings();
    let of_age =
        told.iter().find(|told| told.starts_with("source customers: age could not be read in 1 of 5 rows")).unwrap();
    assert!(of_age.contains("first: row 2 of") && of_age.ends_with("customers.csv)"), "{of_age}");
}

#[test]
fn an_expression_over_a_value_that_cannot_be_read_does_not_make_one_up() {
    let workspace = workspace();
    let rules = rule("minus", "known_age = -1") + &rule("nothing", "known_age is null");
    let run = workspace.committed(&workspace.job(&job("", &rules)));
    assert_eq!((key(&run, "C5"), key(&run, "C2"), key(&run, "C1")), ("minus".into(), "nothing".into(), "other".into()));
}

#[test]
fn a_where_that_needs_what_cannot_be_read_quarantines() {
    let workspace = workspace();
    let run = workspace.committed(&workspace.job(&job("where = \"age >= 18\"", &rule("x", "city = 'X'"))));
    let fates = run.fates("customers");
    assert_eq!((fates.used, fates.quarantined, fates.filtered), (3, 1, 1));
    assert_eq!(run.table("quarantine").only(&[("source", "customers")])["row_number"].as_deref(), Some("2"));
    let text = job("where = \"cast(city as int) > 0\"", &rule("x", "age > 1"));
    let text = text.replace("[population]", "[quality]\nmax_quarantined_share = 1.0\n[population]");
    let run = workspace.committed(&workspace.job(&text.replace("from = \"customers\"", "from = \"all\"")));
    assert_eq!((run.fates("customers").quarantined, run.fates("customers").filtered), (4, 1));
    assert_eq!((run.noted("where_failed_share"), run.noted("where_null_share")), ((4, 5), (1, 5)));
}

#[test]
fn rules_say_on_how_many_they_are_null_or_fail() {
    let workspace = workspace();
    let rules = rule("first", "city = 'X'") + &rule("second", "age > 55") + &rule("third", "cast(city as int) = 1");
    let run = workspace.committed(&workspace.job(&job("", &rules)));
    assert_eq!(run.noted_of("when_null_share", "first"), (1, 5));
    // C1 and C2 are decided.
    assert_eq!(run.noted_of("when_null_share", "second"), (1, 3));
    // C4 as well: C3 has no city, C5 one that is no number.
    assert_eq!(
        (run.noted_of("when_null_share", "third"), run.noted_of("when_failed_share", "third")),
        ((1, 2), (1, 2))
    );
    let told = run.warnings().join("\n");
    for words in [
        "segmentation targets: when of rule second is null on 1 of 3 customers",
        "segmentation targets: when of rule third is null on 1 of 2 customers",
        "segmentation targets: when of rule third fails on 1 of 2 customers",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!told.contains("rule first"), "a fifth is not many: {told}");
}

#[test]
fn the_where_of_clusters_says_on_how_many_it_is_null() {
    let workspace = workspace();
    let clusters = "[[segmentation.rule]]\nname = \"x\"\nwhen = \"city = 'Y'\"\n[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\n\
                    where = \"recency_days < 1000\"\nfeatures = [\"monetary\"]\nk = 2\n";
    let run = workspace.committed(&workspace.job(&job("", clusters)));
    let row = run.table("quality.parquet").only(&[("check_name", "scope_null_share")]);
    assert_eq!((row["source"].as_deref(), row["rows_failed"].as_deref()), (Some("groups"), Some("2")));
    let told = run.warnings().join("\n");
    assert!(told.contains("segmentation groups: where is null on 2 of 5 customers, who are out of scope"), "{told}");
    let gate = "[[quality.gate]]\nsource = \"groups\"\ncheck = \"scope_null_share\"\nmax = 0.1\n[population]";
    let strict = workspace.job(&job("", clusters).replace("[population]", gate));
    workspace.failing(&strict, 3).says(&["segmentation groups: scope_null_share is 40 %"]);
}

#[test]
fn the_filter_of_a_feature_says_on_how_many_rows_it_is_null() {
    let workspace = workspace();
    let feature = "[[features.custom]]\nname = \"web\"\nexpression = \"sum(amount) filter (where channel = 'web')\"\n\
                   [[segmentation]]\nname   = \"targets\"";
    let text = job("", &rule("x", "city = 'X'")).replace("[[segmentation]]\nname   = \"targets\"", feature);
    let run = workspace.committed(&workspace.job(&text));
    assert_eq!(run.noted_of("filter_null_share", "web"), (1, 3));
    assert_eq!(run.feature("web")["C1"].as_deref(), Some("1.0000"));
    assert_eq!(
        run.warnings().iter().filter(|told| told.contains("the filter of web is null on 1 of 3 rows")).count(),
        1
    );
    let said = text.replace("channel = 'web')", "coalesce(channel = 'web', false))");
    assert_eq!(
        workspace.committed(&workspace.job(&said)).noted_of("filter_null_share", "web"),
        (0, 3),
        "the hint helps"
    );
}

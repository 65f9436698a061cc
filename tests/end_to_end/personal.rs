//! Personal columns: what functions make of them is used, they themselves stand in no result, and few customers have no name.

use crate::harness::*;

const SECTIONS: &str = r#"[population]
from    = "customers"
exclude = "birth_date > date '2008-01-01'"
[privacy]
min_cell = 3
#PRIVACY
[[source]]
name  = "customers"
kind  = "customers"
uri   = "@IN@/customers.csv"
types = { born = "date(%Y-%m-%d)", income = "int" }
sensitive = ["club"]
[source.columns]
customer_id = "id"
birth_date  = "born"
postal_code = "zip"
income      = "income"
city        = "city"
club        = "club"
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
[[features.sql]]
name  = "regions"
query = "select c.customer_id, max(region_of(c.postal_code)) as region from customers c group by c.customer_id"
[[features.derived]]
name       = "band"
expression = "age_band(birth_date)"
#FEATURES
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "young"
when = "age_band(birth_date) = '18-24' and city is not null"
[[segmentation.rule]]
name = "near"
when = "region_of(postal_code) = '30'"
#RULES
"#;

const CUSTOMERS: &str = "id,born,zip,city,income,club\nC1,2001-01-02,30-001,Kraków,100,a\nC2,2001-01-01,30-002,Kraków,200,a\n\
                         C3,2009-05-05,30-003,Kraków,,b\nC4,,00-950,Radom,400,b\nC5,1950-12-31,,Kraków,500,b\nC6,1990-02-03,30-9,Nisko,600,b\n";
const ORDERS: &str = "id,at,gross\nC1,2025-12-01,1.00\nC2,2025-12-01,2.00\nC4,2025-12-01,3.00\n";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", CUSTOMERS);
    workspace.write("in/orders.csv", ORDERS);
    workspace
}

fn job(privacy: &str, features: &str, rules: &str) -> String {
    job_of(&SECTIONS.replace("#PRIVACY", privacy).replace("#FEATURES", features).replace("#RULES", rules))
}

fn columns(run: &CommittedRun) -> Vec<String> {
    run.table("features").described().into_iter().map(|column| column.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn what_is_made_of_personal_columns_is_used_and_they_are_in_no_result() {
    let workspace = workspace();
    let job = workspace.job(&job("", "", ""));
    let run = workspace.committed(&job);
    let some = |text: &str| Some(text.to_owned());
    let of = |name: &str| run.feature(name).into_values().collect::<Vec<_>>();
    // C3 is not of age, and excluded by the day itself.
    assert_eq!(of("band"), [some("18-24"), some("25-34"), None, some("75+"), some("35-44")]);
    assert_eq!(of("region"), [some("30"), some("30"), some("00"), None, some("30")]);
    let keys: Vec<String> = run.keys("targets").into_values().collect();
    assert_eq!(keys, ["young", "near", "other", "other", "near"]);
    let names = columns(&run);
    assert!(names.contains(&"city".to_owned()) && names.contains(&"band".to_owned()), "{names:?}");
    let profiled = run.table("profiles.parquet").counts("feature");
    for personal in ["birth_date", "postal_code"] {
        assert!(!names.contains(&personal.to_owned()) && !profiled.contains_key(personal), "{personal}");
    }
    // The same by the model of the run, and in more shards.
    let scored = workspace.run(&job).args(&["--new-run", "--shards", "4", "--threads", "2"]).go().succeeded();
    assert_eq!(CommittedRun::of(&scored).logical_digest(), run.logical_digest());
}

#[test]
fn a_job_that_allows_it_uses_a_personal_column_like_any_other() {
    let workspace = workspace();
    let rule = "[[segmentation.rule]]\nname = \"rich\"\nwhen = \"income >= 400 and club = 'b'\"";
    let refused = workspace.failing(&workspace.job(&job("", "", rule)), 2);
    drop(refused.says(&["`income` of source customers is personal", "`club` of source customers is sensitive"]));
    let half = workspace.failing(&workspace.job(&job("allow = [\"income\"]", "", rule)), 2);
    assert!(!half.stderr.contains("`income`"), "{half}");
    let run = workspace.committed(&workspace.job(&job("allow = [\"income\", \"club\"]", "", rule)));
    assert_eq!(run.keys("targets")["C4"], "rich");
    assert_eq!(run.feature("income")["C4"].as_deref(), Some("400"));
}

#[test]
fn every_way_to_a_personal_column_is_closed() {
    let workspace = workspace();
    let query = |sql: &str| format!("[[features.sql]]\nname = \"own\"\nquery = \"{sql}\"");
    let derived = |sql: &str| format!("[[features.derived]]\nname = \"own\"\nexpression = \"{sql}\"");
    let constant =
        "[[features.constant]]\nname = \"mean_income\"\nfrom = \"customers\"\nexpression = \"avg(income)\"".to_owned();
    for (features, words) in [
        (query("select customer_id, max(income) as m from customers group by customer_id"), "income"),
        (query("select customer_id, max(c.club) as m from customers c group by customer_id"), "club"),
        (query("select customer_id, city as town from (select * from customers)"), "`*` takes all columns"),
        (
            query(
                "select o.customer_id, count(*) as n from orders o join customers c on c.customer_id = o.customer_id and c.income > 300 group by o.customer_id",
            ),
            "income",
        ),
        (query("select customer_id, max(region_of(club)) as m from customers group by customer_id"), "club"),
        (derived("population_bin(income, 2)"), "income"),
        (derived("age_band(case when income > 300 then birth_date end)"), "income"),
        (derived("case when birth_date is null then 1 end"), "birth_date"),
        (constant, "income"),
    ] {
        let ran = workspace.failing(&workspace.job(&job("", &features, "")), 2);
        assert!(ran.stderr.contains(words) && ran.stderr.contains("of source customers is"), "{features}: {ran}");
    }
    let clusters = "[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nfeatures = [\"city\", \"income\"]\nk = 2";
    drop(
        workspace
            .failing(&workspace.job(&job("", "", clusters)), 2)
            .says(&["`income` of source customers is personal"]),
    );
    let tiers = "[[segmentation]]\nname = \"groups\"\nmethod = \"tiers\"\nby = \"income\"\ncuts = [100]";
    drop(workspace.failing(&workspace.job(&job("", "", tiers)), 2).says(&["`income` of source customers is personal"]));
    let scope = "[[segmentation]]\nname = \"groups\"\nmethod = \"kmeans\"\nwhere = \"income > 1\"\nfeatures = [\"city\"]\nk = 2";
    drop(workspace.failing(&workspace.job(&job("", "", scope)), 2).says(&["`income` of source customers is personal"]));
    // A preset is a query like others.
    let orders = job("", "", "").replace("types = { gross", "sensitive = [\"amount\"]\ntypes = { gross");
    let words = ["the preset rfm uses `amount` of source orders, which is sensitive"];
    drop(workspace.failing(&workspace.job(&orders), 2).says(&words));
}

#[test]
fn levels_of_few_customers_are_told_as_others() {
    let workspace = workspace();
    let rules = "[[segmentation.rule]]\nname = \"x\"\nwhen = \"1 = 2\"";
    let run = workspace.committed(&workspace.job(&job("", "", rules)));
    let levels = |run: &CommittedRun| {
        let table = run.table("profiles.parquet");
        let (feature, level) = (table.column("feature"), table.column("level"));
        let cities =
            feature.iter().zip(level).filter(|(feature, _)| **feature == Some("city")).filter_map(|(_, level)| level);
        cities.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    // Three of five are from Kraków, in three segments.
    let told: Vec<String> = levels(&run).into_iter().collect();
    assert_eq!(told, ["Kraków", "other levels"]);
    let text = job("", "", rules).replace("min_cell = 3", "min_cell = 1");
    let told: Vec<String> = levels(&workspace.committed(&workspace.job(&text))).into_iter().collect();
    assert_eq!(told, ["Kraków", "Nisko", "Radom"]);
    let ran = workspace.run(&workspace.job(&job("", "", ""))).args(&["--new-run"]).go().succeeded();
    assert!(ran.stdout.contains("fewer than 3 customers") || ran.stderr.contains("fewer than 3 customers"), "{ran}");
}

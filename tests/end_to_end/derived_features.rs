//! Derived features: expressions over features, in any order of the file, like any other feature afterwards.

use crate::harness::*;
use std::path::PathBuf;

const SECTIONS: &str = r#"
[features]
presets = ["rfm"]
[[features.custom]]
name       = "web_orders"
expression = "count(*) filter (where channel = 'web')"
default    = 0
[[features.derived]]                 # made of one that stands below
name       = "twice_the_mean"
expression = "mean_order * 2"
[[features.derived]]
name       = "mean_order"
expression = "monetary / frequency"
[[features.derived]]
name       = "stage"
expression = "case when recency_days <= 30 then 'new' when recency_days <= 200 then 'known' else 'old' end"
[[features.derived]]
name       = "too_large"
expression = "case when frequency > 3 then 9223372036854775807 else 1 end + web_orders"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["mean_order", "stage"]
k        = 3
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "twice_the_mean > 100 and stage <> 'old'"
"#;

fn workspace(sections: &str) -> (Workspace, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(300, 3));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    (workspace, job)
}

#[test]
fn expressions_over_features_have_the_values_of_a_plain_program() {
    let (workspace, job) = workspace(SECTIONS);
    let run = workspace.committed(&job);
    let (features, keys) = (run.table("features"), run.keys("targets"));
    let number =
        |column: &str| features.column(column).into_iter().map(|text| text.map(|text| text.parse::<f64>().unwrap()));
    let (means, twice) = (number("mean_order"), number("twice_the_mean"));
    let (monetary, frequency) = (number("monetary"), number("frequency"));
    let (recency, stages, ids) = (number("recency_days"), features.column("stage"), features.column("customer_id"));
    let too_large: Vec<Option<f64>> = number("too_large").collect();
    let mut lost = 0;
    for (row, (((mean, twice), monetary), frequency)) in means.zip(twice).zip(monetary).zip(frequency).enumerate() {
        let (recency, orders) = (recency.clone().nth(row).unwrap(), frequency.unwrap());
        let expected = (orders > 0.0).then(|| monetary.unwrap() / orders);
        assert_eq!(mean.is_some(), expected.is_some());
        assert!((mean.unwrap_or_default() - expected.unwrap_or_default()).abs() < 1e-9);
        assert_eq!(twice, mean.map(|mean| mean * 2.0));
        let stage = match recency {
            Some(days) if days <= 30.0 => "new",
            Some(days) if days <= 200.0 => "known",
            _ => "old",
        };
        assert_eq!(stages[row], Some(stage));
        let is_big = twice.is_some_and(|twice| twice > 100.0) && stage != "old";
        assert_eq!(keys[ids[row].unwrap()], if is_big { "big" } else { "other" });
        lost += u64::from(too_large[row].is_none());
    }
    // What cannot be computed is null, counted, and warned of.
    assert!(lost > 10);
    let customers = features.column("customer_id").len() as u64;
    assert_eq!(run.noted_of("overflow_share", "too_large"), (lost, customers));
    run.warned_of(&["too_large"]);
    let profiles = run.table("profiles.parquet");
    assert!(profiles.counts("feature").contains_key("mean_order"));
    assert!(run.json("model.json").get("population").is_none(), "nothing is known of the population");
}

#[test]
fn what_is_wrong_with_one_is_told_at_its_place() {
    let derived = |name: &str, expression: &str| {
        format!("[[features.derived]]\nname = \"{name}\"\nexpression = \"{expression}\"\n")
    };
    let refused = |more: &str, words: &[&str]| {
        let (workspace, job) = workspace(&format!("{ONLY_RFM}{more}"));
        workspace.failing(&job, 2).says(words);
    };
    refused(&derived("x", "monetry + 1"), &["there is no name `monetry`", "did you mean `monetary`?", "expression"]);
    refused(&derived("monetary", "1 + 1"), &["two features are named `monetary`"]);
    let cycle = format!("{}{}", derived("a", "b + 1"), derived("b", "a + 1"));
    refused(&cycle, &["feature a is made of itself: a cycle, a → b → a"]);
    refused(&derived("x", "sum(monetary)"), &["sum"]);
    refused(&derived("x", "value"), &["there is no name `value`"]);
    let nested = derived("x", "population_bin(population_zscore(monetary), 10)");
    refused(&nested, &["functions of the population stand within each other", "a derived feature of its own"]);
    refused(&derived("x", "population_bin(monetary, 1)"), &["a whole number from 2 to 1000"]);
    refused(&derived("x", "is_top(monetary, 5)"), &["a share between 0 and 1"]);
    refused(&derived("x", "top_values(monetary, 5)"), &["expects text, found"]);
    refused(&derived("x", "population_bim(monetary, 5)"), &["there is no function", "population_bin"]);
    let rule = "[[segmentation]]\nname = \"t\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"r\"\nwhen = \"population_bin(monetary, 4) = 4\"\n";
    refused(rule, &["`population_bin` knows all customers", "[[features.derived]]"]);
    let query = "[[features.sql]]\nname = \"q\"\nquery = \"select customer_id, population_bin(sum(amount), 4) as x from orders group by customer_id\"\n";
    refused(query, &["`population_bin` knows all customers"]);
    let custom = "[[features.custom]]\nname = \"c\"\nexpression = \"population_zscore(sum(amount))\"\n";
    refused(custom, &["`population_zscore` knows all customers"]);
}

#[test]
fn those_in_scope_are_those_of_the_features_that_it_is_made_of() {
    let sections = r#"
[features]
presets = [{ name = "rfm", window = "90d", suffix = "_90d" }, "rfm"]
[[features.derived]]
name       = "mean_90d"
expression = "monetary_90d / frequency_90d"
[[segmentation]]
name     = "derived"
method   = "kmeans"
features = ["mean_90d"]
k        = 2
[[segmentation]]
name     = "plain"
method   = "kmeans"
features = ["monetary_90d"]
k        = 2
"#;
    let (workspace, job) = workspace(sections);
    let run = workspace.committed(&job);
    let out = |segmentation: &str| {
        let keys = run.keys(segmentation).into_iter();
        keys.filter(|(_, key)| key == "no_purchases").map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert!(out("plain").len() > 10);
    assert_eq!(out("derived"), out("plain"));
}

//! Amounts in several currencies become the job's, each at the last rate at or before its day.

use crate::harness::*;

const SOURCES: &str = r#"
[[source]]
name = "orders"
kind = "transactions"
uri = "@IN@/orders.csv"
types = { at = "timestamp(%Y-%m-%d %H:%M)" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "cast(paid as decimal(18, 2))"
cost        = "cast(cost as double)"
currency    = "nullif(code, '')"
[[source]]
name = "rates"
kind = "reference"
uri  = "@IN@/rates.csv"
key  = ["currency", "date"]
types = { day = "date(%Y-%m-%d)", rate = "decimal(18,6)" }
columns = { currency = "code", date = "day", rate = "rate" }
"#;
const SECTIONS: &str = r#"
[fx]
base  = "EUR"
rates = "rates"
[features]
presets = ["rfm"]
[[features.custom]]
name = "costs"
expression = "sum(cost)"
[[features.sql]]
name = "largest"
query = "select customer_id, max(amount) as largest from orders group by customer_id"
[effectiveness]
outcome = "30d"
[[segmentation]]
name = "value"
method = "tiers"
by = "monetary"
cuts = [50]
"#;

const ORDERS: &str = "id,at,paid,cost,code\n\
    A,2025-03-01 00:30,100.00,10,USD\nA,2025-03-09 12:00,100.00,20,USD\nA,2025-03-10 12:00,100.00,1,PLN\nA,2025-03-10 12:00,1.00,1,EUR\n\
    B,2025-04-01 12:00,7.00,2,\nB,2026-01-02 12:00,50.00,3,USD\nB,2026-01-31 12:00,50.00,3,EUR\n";
/// Of dollars from the 1st and the 9th of March on; a row before all others counts for nobody.
const RATES: &str = "code,day,rate\nUSD,2024-01-01,9.0\nUSD,2025-03-01,0.9\nUSD,2025-03-09,0.85\nPLN,2025-01-01,0.234567\nUSD,2026-01-03,5.0\n";

fn shop(orders: &str, rates: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/orders.csv", orders);
    workspace.write("in/rates.csv", rates);
    workspace
}

fn text() -> String {
    job_of(&format!("{SOURCES}{SECTIONS}")).replace("currency = \"EUR\"\nseed", "seed")
}

#[test]
fn amounts_are_converted_at_the_last_rate_at_or_before_their_day() {
    let workspace = shop(ORDERS, RATES);
    let job = workspace.job(&text());
    let run = workspace.committed(&job);
    let feature = |name: &str| run.feature(name);
    let of = |name: &str, id: &str| feature(name)[id].as_ref().unwrap().parse::<f64>().unwrap();
    // 90 + 85 + 23.4567 + 1, and 7.
    assert_eq!((of("monetary", "A"), of("monetary", "B")), (199.4567, 7.0));
    assert_eq!((of("largest", "A"), of("largest", "B")), (90.0, 7.0));
    // 9 + 17 + 0.234567 + 1, as doubles.
    assert!((of("costs", "A") - 27.234567).abs() < 1e-12);
    // The window's dollars too, at the rate of the 9th of March.
    let row =
        run.table("effectiveness.parquet").only(&[("segment_key", "t02"), ("metric", "revenue"), ("basis", "outcome")]);
    assert_eq!((row["value"].as_deref(), row["currency"].as_deref()), (Some("42.5"), Some("EUR")));
    for args in [["--threads", "1", "--shards", "1"], ["--threads", "2", "--shards", "4"]] {
        let ran = workspace.run(&job).args(&["--new-run"]).args(&args).go().succeeded();
        assert_eq!(CommittedRun::of(&ran).logical_digest(), run.logical_digest());
    }
}

#[test]
fn an_amount_without_a_rate_stops_the_run() {
    let workspace = shop(ORDERS, &RATES.replace("PLN,2025-01-01", "PLN,2025-03-11"));
    let error = workspace.failing(&workspace.job(&text()), 3).stderr;
    assert!(error.contains("amount of source orders of 2025-03-10 is in PLN"), "{error}");
    assert!(
        error.contains("source rates has no rate of it") && error.contains("coalesce(currency, 'EUR') <> 'PLN'"),
        "{error}"
    );
    // The hint: without such rows.
    let without = "where = \"coalesce(currency, 'EUR') <> 'PLN'\"\ntypes = { at =";
    workspace.committed(&workspace.job(&text().replace("types = { at =", without)));
}

#[test]
fn without_rates_another_currency_stops_the_run() {
    let workspace = shop(ORDERS, RATES);
    let sections = SECTIONS.replace("[fx]\nbase  = \"EUR\"\nrates = \"rates\"\n", "");
    let error = workspace.failing(&workspace.job(&job_of(&format!("{SOURCES}{sections}"))), 3).stderr;
    assert!(error.contains("expected the job's EUR") && error.contains("have amounts converted by [fx]"), "{error}");
}

#[test]
fn rates_that_are_none_are_named() {
    for (rates, told) in [
        (RATES.replace("0.9\n", "0\n"), "is not above 0"),
        (format!("{RATES}USD,2025-03-01,0.91\n"), "currency, date of another"),
    ] {
        let workspace = shop(ORDERS, &rates);
        let error = workspace.failing(&workspace.job(&text()), 3).stderr;
        assert!(error.contains("source rates") && error.contains(told), "{error}");
    }
}

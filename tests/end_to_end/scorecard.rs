//! What speaks for a segmentation: the same for any shards, and right where the truth is known.

use crate::harness::*;
use std::collections::BTreeMap;

const SECTIONS: &str = r#"
[effectiveness]
outcome = "30d"
[features]
presets = ["rfm"]
[[features.custom]]
name       = "dearest"
expression = "max(amount)"
[[segmentation]]
name   = "told"
method = "rules"
[[segmentation.rule]]
name = "regulars"
when = "dearest > 50"
[[segmentation]]
name     = "clusters"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = 3
[[segmentation]]
name   = "audiences"
method = "rules"
match  = "all"
[[segmentation.rule]]
name = "dear"
when = "dearest > 50"
[[segmentation.rule]]
name = "many"
when = "frequency > 1"
"#;

/// Customers whose price of a piece, and not what they spent of late, says what they will spend.
fn orders() -> Vec<Order> {
    let mut rng = Rng(3);
    let mut orders = Vec::new();
    for customer in 0..400 {
        let id = format!("C{customer:05}");
        let dear = customer % 4 == 0;
        let price = |rng: &mut Rng| format!("{}.00", if dear { 80 + rng.below(20) } else { 10 + rng.below(20) });
        let first = format!("2025-0{}-1{} 12:00:00", 1 + rng.below(9), rng.below(9));
        orders.push(Order::new(&id, &format!("A{customer}"), &first, &price(&mut rng)));
        for number in 0..rng.below(3) {
            let day = format!("2025-12-{:02} 12:00:00", 2 + rng.below(29));
            orders.push(Order::new(&id, &format!("B{customer}-{number}"), &day, "5.00"));
        }
        let day = format!("2026-01-{:02} 12:00:00", 1 + rng.below(30));
        orders.push(Order::new(&id, &format!("D{customer}"), &day, &price(&mut rng)));
    }
    orders.push(Order::new("C00000", "last", "2026-01-30 23:00:00", "20.00"));
    orders
}

fn row(run: &CommittedRun, segmentation: &str, measure: &str, comparison: &str) -> BTreeMap<String, Option<String>> {
    let table = run.table("scorecard.parquet");
    let wanted = [("segmentation", segmentation), ("measure", measure), ("comparison", comparison)];
    table.only(&wanted)
}

fn number(row: &BTreeMap<String, Option<String>>, column: &str) -> f64 {
    row[column].as_ref().unwrap_or_else(|| panic!("{column} of {row:?}")).parse().unwrap()
}

#[test]
fn segments_that_tell_the_future_are_better_than_past_spending() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", SECTIONS));
    let run = CommittedRun::of(&workspace.run(&job).args(&["--shards", "1"]).go().succeeded());
    let told = row(&run, "told", "r_squared", "past_value");
    assert_eq!((told["verdict"].as_deref(), told["basis"].as_deref()), (Some("better"), Some("outcome")));
    assert!(number(&told, "value") > 0.8 && number(&told, "comparison_value") < 0.2, "{told:?}");
    assert!(number(&told, "ci_low") > 0.0 && number(&told, "ci_low") < number(&told, "difference"));
    assert_eq!(number(&told, "n"), 400.0);
    let random = row(&run, "told", "r_squared", "random_groups");
    assert!(number(&random, "comparison_value") < 0.02 && random["verdict"].as_deref() == Some("better"));
    // Of rules that overlap the first one that holds counts.
    let audiences = row(&run, "audiences", "r_squared", "past_value");
    assert!(
        number(&audiences, "value") > 0.8 && audiences["sentence"].as_ref().unwrap().contains("first that applies")
    );
    // The share by hand.
    let (keys, net) = (run.keys("told"), {
        let mut net: BTreeMap<String, f64> = BTreeMap::new();
        let in_window = |order: &&Order| order.ordered_at >= timestamp("2026-01-01 00:00:00");
        for order in orders().iter().filter(in_window) {
            *net.entry(order.client_no.clone().unwrap()).or_default() += order.cents as f64 / 100.0;
        }
        net
    });
    let mut values: Vec<f64> = net.values().copied().collect();
    values.sort_by(f64::total_cmp);
    let cap = values[399];
    let spread = |of: &[f64]| {
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        of.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let of = |key: Option<&str>| -> Vec<f64> {
        let own = net.iter().filter(|(id, _)| key.is_none_or(|key| keys[*id] == key));
        own.map(|(_, value)| value.min(cap)).collect()
    };
    let within = spread(&of(Some("regulars"))) + spread(&of(Some("other")));
    assert!((number(&told, "value") - (1.0 - within / spread(&of(None)))).abs() < 1e-12);

    let four = CommittedRun::of(&workspace.run(&job).args(&["--shards", "4", "--new-run"]).go().succeeded());
    let digests = (run.logical_digest(), four.logical_digest());
    assert!(digests.0.contains_key("scorecard.parquet"));
    assert_eq!(digests.0, digests.1);
}

#[test]
fn what_cannot_be_known_is_null_with_its_reason() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders());
    let sections = SECTIONS.replace("outcome = \"30d\"", "outcome = \"60d\"\nconfidence = 0.9");
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let table = run.table("scorecard.parquet");
    let power = table.only(&[("segmentation", "told"), ("measure", "r_squared")]);
    assert_eq!((&power["value"], &power["verdict"]), (&None, &None));
    assert!(power["reason"].as_ref().unwrap().contains("the window ends before 2026-03-02"), "{power:?}");
    let reach = table.only(&[("segmentation", "told"), ("measure", "reachable_share")]);
    assert!(reach["reason"].as_ref().unwrap().contains("no source of kind consents"));
    let stable = table.only(&[("segmentation", "clusters"), ("measure", "jaccard")]);
    assert!(stable["value"].is_some() && stable["segment_key"].is_some(), "{stable:?}");
    let (value, reason) = (table.position("value"), table.position("reason"));
    assert!(table.rows.iter().all(|row| row[value].is_some() != row[reason].is_some()));
}

#[test]
fn who_can_be_reached_is_counted_by_segment() {
    let workspace = Workspace::new();
    let people: Vec<Order> = (0..60)
        .map(|customer| {
            // Several prices, since three clusters need them.
            let price = if customer % 2 == 0 { 100 } else { 10 } + customer / 20;
            Order::new(
                &format!("C{customer:02}"),
                &format!("O{customer}"),
                "2025-12-01 12:00:00",
                &format!("{price}.00"),
            )
        })
        .collect();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &people);
    // Of those of even numbers a third, of the others two thirds; one who took it back.
    let mut consents = "id,channel,granted,time\n".to_owned();
    for customer in 0..60 {
        let given = if customer % 2 == 0 { customer % 6 == 0 } else { customer % 6 != 1 };
        consents.push_str(&format!("C{customer:02},mail,{given},2025-11-01\n"));
    }
    consents.push_str("C00,mail,false,2025-11-02\nC02,post,true,2025-11-02\n");
    workspace.write("in/consents.csv", consents.as_bytes());
    let sections = format!(
        "[[source]]\nname = \"consents\"\nkind = \"consents\"\nuri = \"@IN@/consents.csv\"\ntypes = {{ granted = \"bool\", time = \
         \"date(%Y-%m-%d)\" }}\n[source.columns]\ncustomer_id = \"id\"\nchannel = \"channel\"\ngranted = \"granted\"\ntime = \"cast(time as timestamp)\"\n{}",
        SECTIONS.replace("[effectiveness]\noutcome = \"30d\"\n", "")
    );
    let run = workspace.committed(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections)));
    let table = run.table("scorecard.parquet");
    let all = table.only(&[("segmentation", "told"), ("measure", "reachable_share")]);
    assert_eq!(all["value"].as_deref(), Some("0.5"));
    let least = table.only(&[("segmentation", "told"), ("measure", "least_reachable_share")]);
    assert_eq!((least["segment_key"].as_deref(), least["n"].as_deref()), (Some("regulars"), Some("30")));
    assert!((number(&least, "value") - 1.0 / 3.0).abs() < 1e-12, "{least:?}");
}

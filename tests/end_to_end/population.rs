//! Who is segmented, and that everybody is, once.

use crate::harness::*;

const SECTIONS: &str = r#"[population]
from = "customers"
[[source]]
name = "customers"
kind = "customers"
uri  = "@IN@/customers.csv"
[source.columns]
customer_id = "client_no"
city        = "city"
updated_at  = "updated_at"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.parquet"
[source.columns]
customer_id = "client_no"
order_id    = "order_no"
time        = "ordered_at"
amount      = "gross"
[[segmentation]]
name   = "where_they_live"
method = "rules"
[[segmentation.rule]]
name = "cracow"
when = "city = 'Kraków'"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["monetary"]
k        = 2
[[segmentation]]
name     = "buyers"
method   = "kmeans"
where    = "frequency >= 1"
features = ["monetary"]
k        = 2
"#;

fn everybody() -> String {
    let (sources, segmentations) = SECTIONS.split_at(SECTIONS.find("[[segmentation]]").unwrap());
    job_of(&format!("{sources}{ONLY_RFM}{segmentations}"))
}

fn workspace(customers: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", customers);
    let orders = [
        Order::new("C1", "O1", "2025-12-01 10:00:00", "10.00"),
        Order::new("C2", "O2", "2025-12-02 10:00:00", "12.00"),
        Order::new("C3", "O3", "2025-12-03 10:00:00", "900.00"),
    ];
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    workspace
}

#[test]
fn everybody_is_in_every_segmentation_once() {
    let workspace = workspace("client_no,city,updated_at\nC1,Kraków,1\nC2,Gdańsk,1\nC3,Kraków,1\nC4,Kraków,1\nC5,,1\n");
    let run = workspace.committed(&workspace.job(&everybody()));
    let key = |segmentation: &str, id: &str| run.keys(segmentation)[id].clone();
    for segmentation in ["value", "where_they_live", "behaviour", "buyers"] {
        assert_eq!(run.keys(segmentation).into_keys().collect::<Vec<_>>(), ["C1", "C2", "C3", "C4", "C5"]);
    }
    assert_eq!(key("value", "C4"), "no_purchases");
    assert_eq!((key("where_they_live", "C4"), key("where_they_live", "C5")), ("cracow".into(), "other".into()));
    assert_eq!((key("behaviour", "C4"), key("behaviour", "C1")), ("no_purchases".into(), "c01".into()));
    assert_eq!((key("buyers", "C5"), key("buyers", "C3")), ("out_of_scope".into(), "c02".into()));
    let features = run.table("features").only(&[("customer_id", "C4")]);
    assert_eq!((features["frequency"].as_deref(), features["monetary"].as_deref()), (Some("0"), Some("0.0000")));
    assert_eq!((&features["recency_days"], &features["average_order_value"]), (&None, &None));
}

#[test]
fn two_rows_of_one_customer_stop_the_run_unless_one_is_chosen() {
    let workspace = workspace("client_no,city,updated_at\nC1,Gdańsk,2\nC1,Kraków,3\nC1,Łódź,1\nC2,Łódź,1\n");
    let ran = workspace.failing(&workspace.job(&everybody()), 3).says(&["source customers", "2 rows"]);
    assert!(!ran.stderr.contains("C1"), "messages hold no value of a customer: {ran}");
    let choosing = everybody()
        .replace("customers.csv\"", "customers.csv\"\nduplicates = { keep = \"last\", by = \"updated_at\" }");
    let run = workspace.committed(&workspace.job(&choosing));
    assert_eq!(run.keys("where_they_live")["C1"], "cracow");
    assert_eq!(run.fates("customers").duplicate, 2);
}

#[test]
fn numbers_are_ids_as_digits() {
    use arrow::array::{Float64Array, Int64Array};
    use std::sync::Arc;
    let workspace = Workspace::new();
    let files: [(&str, arrow::array::ArrayRef); 2] = [
        ("whole", Arc::new(Float64Array::from(vec![Some(17_850.0), None, Some(12.0)]))),
        ("int", Arc::new(Int64Array::from(vec![Some(17_850), None, Some(12)]))),
    ];
    let orders = [Order::new("", "O1", "2025-12-01 10:00:00", "1.00")];
    for (name, ids) in files {
        let times = arrow::array::TimestampMicrosecondArray::from(vec![orders[0].ordered_at; 3]).with_timezone("UTC");
        let amounts = Int64Array::from(vec![5; 3]);
        let columns: Vec<(&str, arrow::array::ArrayRef)> =
            vec![("client_no", ids), ("ordered_at", Arc::new(times)), ("gross", Arc::new(amounts))];
        write_columns(&workspace.path(&format!("in/{name}.parquet")), columns);
        let source = "[[source]]\nname = \"orders\"\nkind = \"transactions\"\nuri = \"@IN@/FILE.parquet\"\n\
                      columns = { customer_id = \"client_no\", time = \"ordered_at\", amount = \"gross\" }\n\
                      [quality]\nmax_anonymous_share = 1.0\n";
        let text = job_of(&format!("{source}{ONLY_RFM}"));
        let run = workspace.committed(&workspace.job(&text.replace("FILE", name)));
        assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["12", "17850"], "{name}");
        assert_eq!(run.fates("orders").anonymous, 1);
    }
}

/// A day, a time of the clock and a text: the last says nothing of a beginning.
#[test]
fn who_signs_up_at_or_after_as_of_is_no_customer_yet() {
    for (declared, days) in [
        ("date(%Y-%m-%d)", ["2025-12-31", "2026-01-01", ""]),
        ("timestamp(%Y-%m-%d %H:%M)", ["2025-12-31 23:59", "2026-01-01 00:00", ""]),
    ] {
        let workspace = Workspace::new();
        let [early, late, none] = days;
        workspace.write("in/people.csv", format!("id,since\nA,{early}\nB,{late}\nC,{none}\nD,{early}\n"));
        workspace.write("in/orders.csv", "id,day,total\nA,2025-12-01,1\nB,2025-12-02,2\n");
        let people = |from: &str| {
            job_of(&format!(
                "[population]\nfrom = \"{from}\"\n[[source]]\nname = \"people\"\nkind = \"customers\"\n\
                 uri = \"@IN@/people.csv\"\ntypes = {{ since = \"{declared}\" }}\n[source.columns]\ncustomer_id = \"id\"\n\
                 signed_up = \"since\"\n[[source]]\nname = \"orders\"\nkind = \"transactions\"\nuri = \"@IN@/orders.csv\"\n\
                 types = {{ day = \"date(%Y-%m-%d)\", total = \"decimal(18,2)\" }}\n[source.columns]\ncustomer_id = \"id\"\n\
                 time = \"day\"\namount = \"total\"\n[features]\npresets = [\"rfm\"]\n[[segmentation]]\nname = \"targets\"\n\
                 method = \"rules\"\n[[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n"
            ))
        };
        let run = workspace.committed(&workspace.job(&people("people")));
        assert_eq!(run.feature("frequency").into_keys().collect::<Vec<_>>(), ["A", "C", "D"], "{declared}");
        let (of_people, of_orders) = (run.fates("people"), run.fates("orders"));
        assert_eq!((of_people.used, of_people.not_before_as_of, of_people.unknown_customer), (3, 1, 0));
        assert_eq!((of_orders.used, of_orders.unknown_customer), (1, 1));
        // Two rows of one customer: what comes at or after as_of takes nothing back of what was known.
        let two = people("people")
            .replace("signed_up = \"since\"\n", "signed_up = \"since\"\nplan = \"plan\"\nnumber = \"n\"\n");
        let two = two.replace(
            "kind = \"customers\"\n",
            "kind = \"customers\"\nduplicates = { keep = \"last\", by = \"number\" }\n",
        );
        let two = two.replace("when = \"true\"", "when = \"plan = 'pro'\"").replace("people.csv", "two.csv");
        workspace.write("in/two.csv", format!("id,since,plan,n\nA,{early},pro,1\nA,{late},free,2\nB,{late},pro,3\n"));
        let run = workspace.committed(&workspace.job_named("two.toml", &two));
        assert_eq!(run.keys("targets").into_iter().collect::<Vec<_>>(), [("A".to_owned(), "all".to_owned())]);
        let fates = run.fates("people");
        assert_eq!((fates.used, fates.not_before_as_of, fates.duplicate), (1, 2, 0));
        // Who has an order is somebody, whatever the table says.
        let run = workspace.committed(&workspace.job_named("all.toml", &people("all")));
        assert_eq!(run.feature("frequency").into_keys().collect::<Vec<_>>(), ["A", "B", "C", "D"]);
        assert_eq!(run.fates("people").not_before_as_of, 1);
    }
}

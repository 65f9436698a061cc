//! Every row that is read has exactly one fate, the first that applies, and the counts say so.

use crate::harness::*;

const SECTIONS: &str = r#"[population]
from         = "customers"
exclude      = "is_staff"
exclude_list = { uri = "@IN@/erased.csv", customer_id = "client_no" }

[quality]
max_quarantined_share = 1.0
max_anonymous_share   = 1.0

[[source]]
name  = "customers"
kind  = "customers"
uri   = "@IN@/customers.csv"
[source.columns]
customer_id = "client_no"
is_staff    = "staff = 'Y'"

[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", ordered_at = "timestamp(%Y-%m-%d %H:%M)" }
key   = ["order_id"]
where = "status <> 'cancelled'"
[source.columns]
customer_id = "client_no"
order_id    = "order_no"
time        = "ordered_at"
amount      = "gross"
status      = "status"
"#;

fn job() -> String {
    job_of(&format!("{SECTIONS}{ONLY_RFM}"))
}

const CUSTOMERS: &str = "client_no,staff\nC1,N\nC2,N\nC3,N\nC8,N\nC9,Y\n,N\n";

const ORDERS: &str = "\
client_no,order_no,ordered_at,gross,status
C1,O01,2025-12-01 10:00,10.00,paid
C1,O02,2025-12-02 10:00,20.00,paid
C2,O03,2025-12-03 10:00,30.00,paid
C1,O01,2025-12-01 10:00,10.00,paid
C1,O04,2025-12-04 10:00,1.00,cancelled
,O05,2025-12-04 10:00,1.00,cancelled
C1,O06,2025-12-04 10:00,1.00,
C1,O07,2025-12-04 10:00,abc,cancelled
C1,O08,04.12.2025,1.00,paid
C1,O09,2025-12-04 10:00,,paid
,O10,2025-12-04 10:00,1.00,paid
,O11,2026-02-01 10:00,1.00,paid
C9,O12,2025-12-04 10:00,1.00,paid
C9,O13,2026-02-01 10:00,1.00,paid
C8,O14,2025-12-04 10:00,1.00,paid
C7,O15,2025-12-04 10:00,1.00,paid
C7,O16,2026-02-01 10:00,1.00,paid
C1,O17,2026-01-01 00:00,1.00,paid
C1,O17,2026-01-01 00:00,1.00,paid
";

fn run_with(quarantine: &str) -> (Workspace, CommittedRun) {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", CUSTOMERS);
    workspace.write("in/orders.csv", ORDERS);
    workspace.write("in/erased.csv", "client_no\nC8\nC0\n");
    let job = job().replace("uri = \"@OUT@\"", &format!("uri = \"@OUT@\"\nquarantine = \"{quarantine}\""));
    let run = workspace.committed(&workspace.job(&job));
    (workspace, run)
}

#[test]
fn each_fate_has_its_rows() {
    let (_workspace, run) = run_with("keys");
    let expected = Fates {
        read: 19,
        used: 3,             // O01, O02, O03
        filtered: 3,         // O04, O05 (before it is anonymous), O06: null is not true
        anonymous: 2,        // O10, O11 (before it is of the future)
        excluded: 3,         // O12 and O13 of the staff, O14 erased
        unknown_customer: 2, // O15, O16
        not_before_as_of: 2, // O17 twice (before it is a duplicate)
        duplicate: 1,        // O01 again
        quarantined: 3,      // O07 (before it is filtered), O08, O09
    };
    assert_eq!(run.fates("orders"), expected);
    let customers = run.fates("customers");
    assert_eq!((customers.read, customers.used, customers.anonymous, customers.excluded), (6, 3, 1, 2));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["C1", "C2", "C3"]);
    assert_eq!(run.feature("monetary")["C1"].as_deref(), Some("30.0000"));
}

#[test]
fn quarantine_says_which_row_and_why() {
    let (_workspace, run) = run_with("keys");
    let quarantine = run.table("quarantine");
    assert_eq!(quarantine.rows.len(), 3);
    for row in ["8", "9", "10"] {
        let row = quarantine.only(&[("source", "orders"), ("row_number", row)]);
        assert!(row["file"].as_ref().unwrap().ends_with("orders.csv"), "{row:?}");
        assert!(row["reason"].is_some() && row["reason_code"].is_some(), "{row:?}");
        assert_eq!(row["raw"], None, "personal data only with quarantine = \"full\"");
    }
    assert!(quarantine.only(&[("row_number", "8")])["reason"].as_ref().unwrap().contains("decimal(18,2)"));
}

#[test]
fn quarantine_shows_the_raw_row_only_when_asked() {
    let (_workspace, run) = run_with("full");
    let row = run.table("quarantine").only(&[("row_number", "8")])["raw"].clone().unwrap();
    assert!(row.contains("abc") && row.contains("O07"), "{row}");

    let (_workspace, run) = run_with("counts");
    assert!(run.parts("quarantine").iter().all(|(_, part)| part.rows.is_empty()));
    assert_eq!(run.fates("orders").quarantined, 3);
}

#[test]
fn quality_counts_what_it_checked() {
    let (_workspace, run) = run_with("keys");
    let quality = run.table("quality.parquet");
    assert!(quality.rows.iter().any(|row| row[quality.position("source")].as_deref() == Some("orders")));
    let (checked, failed) = (quality.numbers("rows_checked"), quality.numbers("rows_failed"));
    assert!(checked.iter().zip(&failed).all(|(checked, failed)| failed <= checked), "{checked:?} {failed:?}");
}

#[test]
fn too_many_bad_rows_stop_the_run() {
    let workspace = Workspace::new();
    workspace.write("in/customers.csv", CUSTOMERS);
    workspace.write("in/orders.csv", ORDERS);
    workspace.write("in/erased.csv", "client_no\n");
    for (limit, stricter) in [("max_quarantined_share", "0.15"), ("max_anonymous_share", "0.1")] {
        let job = workspace.job(&job().replace(&format!("{limit:<21} = 1.0"), &format!("{limit} = {stricter}")));
        workspace.failing(&job, 3).says(&["orders", stricter]);
        assert!(!workspace.has_commit());
    }
}

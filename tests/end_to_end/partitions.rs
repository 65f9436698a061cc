//! Pruning by `k=v` folders.

use crate::harness::*;

fn order(id: &str, day: &str) -> Vec<Order> {
    vec![Order::new(id, &format!("O-{id}"), &format!("{day} 10:00:00"), "10.00")]
}

#[test]
fn only_the_days_in_the_range_are_opened() {
    let workspace = Workspace::new();
    for (folder, id, day) in [
        ("2025-12-21", "too old", "2025-12-21"),
        ("2025-12-22", "first day", "2025-12-22"),
        ("2025-12-31", "last day", "2025-12-31"),
        ("2026-01-02", "late", "2025-12-30"),
    ] {
        write_orders_parquet(&workspace.path(&format!("in/orders/dt={folder}/0.parquet")), &order(id, day));
    }
    // These would stop the run if they were opened.
    workspace.write("in/orders/dt=2025-12-01/0.parquet", "not Parquet");
    workspace.write("in/orders/dt=2026-01-03/0.parquet", "not Parquet");
    let source = "uri = \"@IN@/orders/\"\npartitions = { column = \"dt\", from = \"-10d\", to = \"+1d\" }";
    let run = workspace.committed(&workspace.job(&job(source, ONLY_RFM)));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["first day", "last day", "late"]);
}

#[test]
fn the_newest_snapshot_up_to_as_of_is_taken() {
    let workspace = Workspace::new();
    for (folder, id) in [("20251201", "old"), ("20251231", "newest"), ("20260102", "of the future")] {
        write_orders_parquet(
            &workspace.path(&format!("in/orders/snapshot={folder}/0.parquet")),
            &order(id, "2025-12-01"),
        );
    }
    let source = "uri = \"@IN@/orders/\"\npartitions = { column = \"snapshot\", take = \"last\" }";
    let run = workspace.committed(&workspace.job(&job(source, ONLY_RFM)));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["newest"]);
}

#[test]
fn parts_of_the_path_are_columns_and_hidden_names_are_skipped() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders/country=PL/0.parquet"), &order("C1", "2025-12-01"));
    write_orders_parquet(&workspace.path("in/orders/country=DE/0.parquet"), &order("C2", "2025-12-01"));
    workspace.write("in/orders/_temporary/0.parquet", "not Parquet");
    workspace.write("in/orders/country=PL/.0.parquet.crc", "not Parquet");
    workspace.write("in/orders/_SUCCESS", "");
    let source = "uri = \"@IN@/orders/\"\nwhere = \"country = 'PL'\"";
    let text = job(source, ONLY_RFM).replace("[source.columns]", "[source.columns]\ncountry = \"country\"");
    let run = workspace.committed(&workspace.job(&text));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["C1"]);
    assert_eq!((run.fates("orders").read, run.fates("orders").filtered), (2, 1));
}

#[test]
fn a_table_format_is_refused() {
    for metadata in ["_delta_log/00000000000000000000.json", "metadata/v1.metadata.json"] {
        let workspace = Workspace::new();
        write_orders_parquet(&workspace.path("in/orders/0.parquet"), &order("C1", "2025-12-01"));
        workspace.write(&format!("in/orders/{metadata}"), "{}");
        let job = workspace.job(&job("uri = \"@IN@/orders/\"", ONLY_RFM));
        let ran = workspace.run(&job).go();
        assert!(matches!(ran.code(), Some(2 | 3)), "{ran}");
        ran.says(&["orders"]);
    }
}

//! Files of many columns.

use crate::harness::*;

/// A job over a file of so many columns, all of which it maps.
fn workspace(columns: usize) -> (Workspace, String) {
    let workspace = Workspace::new();
    let names: Vec<String> = (0..columns).map(|column| format!("col_{column}")).collect();
    let header = format!("id,day,total,{}", names.join(","));
    let row = |id: usize| format!("C{id},2025-12-0{id},{id}.00,{}", vec!["x"; columns].join(","));
    workspace.write("in/orders.csv", format!("{header}\n{}\n{}\n", row(1), row(2)));
    let mapped: String = names.iter().map(|name| format!("{name} = \"{name}\"\n")).collect();
    let source = format!(
        "[[source]]\nname = \"orders\"\nkind = \"transactions\"\nuri = \"@IN@/orders.csv\"\n\
         types = {{ day = \"date(%Y-%m-%d)\", total = \"decimal(18,2)\" }}\n\
         [source.columns]\ncustomer_id = \"id\"\ntime = \"day\"\namount = \"total\"\n{mapped}"
    );
    let job = job_of(&format!("{source}{ONLY_RFM}"));
    (workspace, job)
}

#[test]
fn every_column_of_a_wide_file_can_be_used() {
    let (workspace, job) = workspace(3_000);
    let feature = "[[features.custom]]\nname = \"last\"\nexpression = \"max(col_2999)\"\n[[segmentation]]";
    let run = workspace.committed(&workspace.job(&job.replace("[[segmentation]]", feature)));
    assert_eq!(run.feature("last")["C2"].as_deref(), Some("x"));
    assert_eq!(run.feature("monetary")["C2"].as_deref(), Some("2.0000"));
    let misspelt = job.replace("col_2999 = \"col_2999\"", "col_2999 = \"col_2999x\"");
    let ran = workspace.run(&workspace.job(&misspelt)).go().failed_with(2);
    ran.says(&["there is no name `col_2999x`", "did you mean `col_2999`"]);
}
